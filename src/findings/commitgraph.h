/* commitgraph.h: every commit and tag of a store, in order, and who can see them.
 *
 * Filled by a walk's visitor on many workers; commitgraph_finish puts the commits in their final order and numbers them
 * by it (the rank): first those that a reference reaches, then the others; each part oldest first, parents before
 * children. A parent's rank is below its child's, so a pass over the array is a pass over the history. */
#ifndef KH_FINDINGS_COMMITGRAPH_H
#define KH_FINDINGS_COMMITGRAPH_H

#include "objects/repo.h"
#include "objects/walk.h"

#define NO_RANK UINT32_MAX

enum reach {
	REACH_ANY = 1,    /* from a ref, HEAD, another pseudo ref (or an index: for places) */
	REACH_PUSHED = 2, /* from a remote-tracking ref */
	REACH_NOTES = 4,  /* from refs/notes/ */
	REACH_OTHER = 8,  /* from anything but refs/notes/ */
	REACH_INDEX = 16  /* for places: an index names it */
};

struct commit {
	uint32_t object, tree; /* numbers; the tree may be NO_OBJECT */
	int64_t date;          /* committer's, seconds since the epoch */
	int tz;                /* minutes east of UTC */
	uint32_t parents, nparents; /* in commitgraph.parents: ranks; those the store lacks are left out */
	uint8_t reach;
};

struct tag {
	uint32_t object, number, target; /* canonical; as walked; canonical or NO_OBJECT */
	uint8_t reach;
};

/* What a reference points to in the end, when it is neither a commit nor missing: a tree or a blob. */
struct bare_root {
	uint32_t object;
	uint8_t reach;
};

struct commitgraph {
	const struct store *store;
	struct commit_worker *workers;
	unsigned nworkers;
	struct commit *list; /* by rank */
	size_t len;
	uint32_t *parents;
	uint32_t *oldest;    /* ranks by committer date alone, oldest first */
	uint32_t *newest;    /* ranks: reachable ones first, each part by committer date, newest first */
	uint32_t *ranks;     /* by object number */
	struct tag *tags;    /* by object number */
	size_t ntags;
	uint32_t *ref_rank;  /* of each of the repo's refs, tags peeled; NO_RANK: not a commit */
	struct bare_root *roots;
	size_t nroots, roots_cap;
};

void commitgraph_init(struct commitgraph *g, const struct store *s, unsigned nworkers);
void commitgraph_visit(struct commitgraph *g, unsigned worker, const struct object *o); /* a commit or a tag */
void commitgraph_finish(struct commitgraph *g, const struct repo *r, struct skips *skips);
void commitgraph_release(struct commitgraph *g);

uint32_t commitgraph_rank(const struct commitgraph *g, uint32_t object); /* or NO_RANK */
const struct tag *commitgraph_tag(const struct commitgraph *g, uint32_t object); /* or NULL */

/* Which refs contain a commit. */
#define REFS_SHOWN 10
struct containing_refs {
	uint32_t rank;             /* in */
	uint32_t shown[REFS_SHOWN]; /* out: the first of them, by the repo's order */
	uint32_t nshown;
	uint64_t total;
};
void commitgraph_refs(const struct commitgraph *g, size_t nrefs, struct containing_refs *list, size_t n); /* sorted by rank */

#endif
