/* matcher.h: literals in one Hyperscan database, shared; one scratch per worker. Knows Hyperscan, nothing else does. */
#ifndef KH_MATCH_MATCHER_H
#define KH_MATCH_MATCHER_H

#include <stddef.h>

#include "match/hit.h"
#include "util/buf.h"
#include "util/bytes.h"
#include "util/status.h"

struct matcher;
struct matcher_scratch;

/* A byte that no literal may hold: between spans that are matched in one go, nothing matches across it. */
#define MATCHER_SEPARATOR 0xff

/* KH_USAGE for an empty literal or one with the separator in it. The literals may go afterwards. `prepared` is what
 * matcher_prepare made, or nothing: of the same literals and for the library at hand it saves compiling them, else it is ignored. */
enum status matcher_new(struct matcher **out, const struct literal *literals, size_t n, struct bytes prepared);
/* The compiled literals, to be stored; they serve every CPU of this architecture. */
enum status matcher_prepare(struct buf *out, const struct literal *literals, size_t n);
void matcher_free(struct matcher *m);
uint32_t matcher_longest(const struct matcher *m); /* length of the longest literal */
struct matcher_scratch *matcher_scratch_new(const struct matcher *m); /* dies without memory */
void matcher_scratch_free(struct matcher_scratch *s);

/* Every literal at every place in `data` (any length up to 4 GiB - 1), in order of its end. `on_hit` must not scan. */
void matcher_run(const struct matcher *m, struct matcher_scratch *s, struct bytes data,
		 void (*on_hit)(void *payload, uint32_t literal, uint32_t end), void *payload);

#endif
