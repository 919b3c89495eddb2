/* clock.h: how long something took. Any thread. */
#ifndef KH_UTIL_CLOCK_H
#define KH_UTIL_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_SECOND INT64_C(1000000000)

/* Nanoseconds on the monotonic clock. */
static inline int64_t clock_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec;
}

/* Seconds since `start`, which clock_now gave. */
static inline double clock_since(int64_t start)
{
	return (double)(clock_now() - start) / (double)CLOCK_SECOND;
}

#endif
