/* expiry.h: until when credentials are good, where the text beside them says so. Pure; any thread. */
#ifndef KH_PATTERNS_EXPIRY_H
#define KH_PATTERNS_EXPIRY_H

#include "util/bytes.h"

/* The time (seconds since the epoch) behind a name such as `Expiration`, `expires_at` or `aws_expiration` that stands in
 * the record of `data` of which [from, to) is part: between its braces or blank lines, at most 256 bytes away. As AWS
 * writes it: ISO 8601, or seconds or milliseconds since the epoch. 0: nothing says. */
int64_t expiry_of(struct bytes data, uint64_t from, uint64_t to);

#endif
