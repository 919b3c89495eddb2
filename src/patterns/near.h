/* near.h: the near look at a literal hit: is it worth deciding? Pure, and much cheaper than deciding. */
#ifndef KH_PATTERNS_NEAR_H
#define KH_PATTERNS_NEAR_H

#include "patterns/catalog.h"

/* Looks at [end - HIT_REACH, end + HIT_REACH) of `data`, clipped, and nowhere else. */
bool near_look(const struct anchor *a, struct bytes data, uint32_t end);

#endif
