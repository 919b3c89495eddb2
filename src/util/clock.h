/* clock.h: what time it is, for whatever is judged by it. */
#ifndef KH_UTIL_CLOCK_H
#define KH_UTIL_CLOCK_H

#include <stdint.h>

/* Seconds since the epoch: SOURCE_DATE_EPOCH of the environment where that is set to a number, so that a run can be
 * repeated exactly; else the system's clock. Reads the environment: call it before threads start. */
int64_t clock_now(void);

#endif
