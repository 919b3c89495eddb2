/* scan.h: the visitor that turns objects into hits: fresh bytes are matched, hits in copied runs are inherited. */
#ifndef KH_MATCH_SCAN_H
#define KH_MATCH_SCAN_H

#include "match/hit.h"
#include "objects/walk.h"

struct matcher;

#define ARCHIVE_HEAD 32

/* What is done with hits. Called on worker `worker` alone. */
struct scan_sink {
	/* The near look: bytes [end-HIT_REACH, end+HIT_REACH) of `data`, clipped; pure. */
	bool (*maybe)(void *payload, unsigned worker, struct bytes data, const struct hit *hit);
	/* An object with at least one hit that may be something, in order of `end`; or one whose first bytes say that it is
	 * an archive (then n may be 0). */
	void (*decide)(void *payload, unsigned worker, const struct object *o, const struct hit *hits, size_t n);
	/* Do these first bytes (ARCHIVE_HEAD of them, or all there are) begin a container (gzip, zip) that `decide` opens? */
	bool (*archive)(struct bytes data);
	void *payload;
};

struct scan;
/* The `n` literals are those the matcher was made of; they, the matcher and the sink outlive the scan. */
struct scan *scan_new(const struct matcher *m, const struct literal *literals, size_t n, const struct scan_sink *sink, unsigned threads);
void scan_free(struct scan *s);
struct visitor scan_visitor(struct scan *s, bool whole, unsigned types);
uint64_t scan_matched_bytes(const struct scan *s); /* bytes given to the matcher, all workers; after the walk */

/* Match a span of bytes that is no object of a store: hits worth deciding, malloced into `*hits` (caller frees). */
size_t scan_bytes(struct scan *s, unsigned worker, struct bytes data, struct hit **hits);

/* The same for a part of something large: o->data, o->offset and o->more count. */
size_t scan_part(struct scan *s, unsigned worker, struct object *o, struct hit **hits);

#endif
