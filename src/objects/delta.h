/* delta.h: git's copy/insert programs (gitformat-pack, "Deltified representation").
 *
 *   delta:  base size | result size | (1ooo ssss offset.. size.. : copy)* or (0nnnnnnn n bytes : insert)*
 */
#ifndef KH_OBJECTS_DELTA_H
#define KH_OBJECTS_DELTA_H

#include "objects/walk.h"

struct edits {
	struct edit *list;
	size_t len, cap;
};
static inline void edits_clear(struct edits *e) { e->len = 0; }
void edits_release(struct edits *e);

/* The two sizes a delta begins with; `*used` is how many bytes they took. */
enum status delta_sizes(struct bytes delta, uint64_t *base_size, uint64_t *result_size, size_t *used);

/* Rebuild the child of `base` into `out`, whose length must be the delta's result size (`out` NULL: only check the delta), and
 * give its edits (cleared first; NULL when they are not wanted), whose `src` point into `base` and `delta`. KH_CORRUPT
 * when the delta breaks a rule; `out` then holds rubbish. No shared state. */
enum status delta_apply(uint8_t *out, uint64_t out_len, struct edits *edits, struct bytes base, struct bytes delta);

/* The bytes [at, at+len) of what the edits describe, copied to `out`; `*hint` is the edit to begin looking at (0 at first)
 * and moves on, for spans asked for in order. `out` has room for EDITS_SLACK bytes more, which may be
 * written, and as many may be read behind the base and the delta (a pool's buffers have them). */
#define EDITS_SLACK 32u
void edits_copy(uint8_t *out, const struct edit *edits, size_t n, size_t *hint, uint64_t at, uint64_t len);

#endif
