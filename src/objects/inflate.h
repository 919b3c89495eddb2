/* inflate.h: deflated bytes of known size into a buffer of exactly that size (libdeflate), or in parts (zlib). */
#ifndef KH_OBJECTS_INFLATE_H
#define KH_OBJECTS_INFLATE_H

#include "util/bytes.h"
#include "util/status.h"

struct inflater; /* one worker's */
struct inflater *inflater_new(void);
void inflater_free(struct inflater *z);

/* `in` may run on past the stream's end. KH_CORRUPT unless exactly `out_len` bytes come out and the checksum holds. `out` has
 * room for INFLATE_SLACK bytes more, which may be written: libdeflate's fast loop stops some 300 bytes short of the end of
 * its output and some 30 short of its input's, and most entries are smaller than that. */
#define INFLATE_SLACK 320u
enum status inflate_exact(struct inflater *z, struct bytes in, uint8_t *out, size_t out_len);

/* Inflate `in`, whose content must be exactly `total` bytes, part by part: each call of `part` gets a span that begins
 * `overlap` bytes before the end of the one before. `room` bytes at a time, `room` > 2 * `overlap`. A status other than
 * KH_OK from `part` ends it. */
enum status inflate_parts(struct bytes in, uint64_t total, size_t room, size_t overlap,
			  enum status (*part)(void *payload, struct bytes data, uint64_t offset, int more), void *payload);

#endif
