/* reflog.h: every object that a reflog names; the stash's entries but the last are there alone.
 *
 *     .git/logs/refs/stash:  <old> <new> NAME <EMAIL> SECONDS ZONE \t MESSAGE                           */
#ifndef KH_OBJECTS_REFLOG_H
#define KH_OBJECTS_REFLOG_H

#include "objects/store.h"
#include "objects/worktrees.h"

/* Both sorted, each once, zeros left out; the caller frees them. */
struct reflog {
	struct oid *all, *stash; /* of all logs; the stash's entries, without the names that its lines begin with */
	size_t nall, nstash;
};
struct reflog reflog_read(const struct worktree *worktrees, size_t nworktrees, unsigned oid_len, struct skips *warnings);

/* The two names a line begins with. */
bool reflog_parse(struct bytes line, unsigned oid_len, struct oid *from, struct oid *to);

#endif
