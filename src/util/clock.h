/* clock.h: what time it is, for whatever is judged by it, and how long something took. */
#ifndef KH_UTIL_CLOCK_H
#define KH_UTIL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Seconds since the epoch: SOURCE_DATE_EPOCH of the environment where that is set to a number, so that a run can be
 * repeated exactly; else the system's clock. Reads the environment: call it before threads start. */
int64_t clock_date(void);

#define CLOCK_SECOND INT64_C(1000000000)

/* Nanoseconds on the monotonic clock. Any thread. */
static inline int64_t clock_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec;
}

/* Seconds since `start`, which clock_now gave. Any thread. */
static inline double clock_since(int64_t start)
{
	return (double)(clock_now() - start) / (double)CLOCK_SECOND;
}

#endif
