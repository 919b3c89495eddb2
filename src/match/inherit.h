/* inherit.h: a base's hits in its child: those that lie whole inside a copied run, at their new place. */
#ifndef KH_MATCH_INHERIT_H
#define KH_MATCH_INHERIT_H

#include "match/hit.h"
#include "objects/walk.h"

/* How much is known of an inherited hit's near look. */
enum near_look { NEAR_COPIED, NEAR_UNKNOWN };

struct inherited {
	struct hit hit;
	enum near_look look; /* NEAR_COPIED: hit.maybe still holds, all it depends on was copied with it */
};

/* Append to `*out` (room for `*cap`, grown) the hits of the base that survive; in order of `end`. Returns how many. */
size_t inherit_hits(struct inherited **out, size_t *cap, const struct hit *base, size_t n, const struct literal *literals,
		    const struct edit *edits, size_t nedits, uint64_t base_len, uint64_t child_len);

#endif
