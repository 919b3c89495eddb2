/* team.h: N pthreads on one function. */
#ifndef KH_UTIL_TEAM_H
#define KH_UTIL_TEAM_H

/* Run `fn(payload, 0..n-1)` on n threads (the caller's own is worker 0) and wait for all. If threads cannot be
 * made, the workers that exist do the work: `fn` must take its work from a shared queue. */
void team_run(unsigned n, void (*fn)(void *payload, unsigned worker), void *payload);

/* CPUs this process may use (sched_getaffinity), at least 1. */
unsigned team_cpus(void);

#endif
