/* allow.h: inline allows: somebody looked at this line and said that it is no leak. */
#ifndef KH_PATTERNS_ALLOW_H
#define KH_PATTERNS_ALLOW_H

#include <stdbool.h>

#include "util/bytes.h"

/* Is there a mark on the line that holds `at`, or on the one above? Pure; any thread. */
bool allow_marks(struct bytes data, uint64_t at);
/* May there be a mark at all? One fast look at the whole text saves looking at every line. */
bool allow_anywhere(struct bytes data);

#endif
