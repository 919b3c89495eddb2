/* refs.h: references as files (gitrepository-layout): loose ones, packed ones, and HEAD with its like.
 *
 *     .git/HEAD                "ref: refs/heads/main"        FETCH_HEAD: one line for each ref fetched
 *     .git/refs/heads/main     "<hex>"                       over
 *     .git/packed-refs         "<hex> refs/heads/main"       and "^<hex>", a tag's target
 *     .git/worktrees/x/HEAD, .git/worktrees/x/refs/bisect/...                                              */
#ifndef KH_OBJECTS_REFS_H
#define KH_OBJECTS_REFS_H

#include "objects/repo.h"
#include "objects/settings.h"
#include "objects/store.h"
#include "objects/worktrees.h"

struct refs {
	struct ref *refs;  /* sorted by name, each once */
	size_t nrefs;
	struct ref *heads; /* HEAD, ORIG_HEAD...; a file with several lines gives several of one name */
	size_t nheads;
	struct oid head;   /* of the worktree we are in */
	bool has_head;
};

/* What is damaged becomes a warning; a ref to nothing (unborn, dangling, all zeros) is left out without one. */
void refs_read(struct refs *out, const struct worktree *worktrees, size_t nworktrees, unsigned oid_len, const struct settings *settings,
	       struct skips *warnings);
void refs_release(struct refs *r);

/* One line of packed-refs: the name and what it points to. Returns false for comments, peeled lines and empty ones;
 * *damaged is set when it is none of these either. */
bool packed_ref_parse(struct bytes line, unsigned oid_len, struct oid *oid, struct bytes *name, bool *damaged);

/* What a loose ref holds: KH_OK with *oid, or with *target (its name inside `text`) when symbolic; KH_CORRUPT. */
enum status loose_ref_parse(struct bytes text, unsigned oid_len, struct oid *oid, struct bytes *target);

#endif
