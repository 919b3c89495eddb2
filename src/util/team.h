/* team.h: N pthreads on one function. */
#ifndef KH_UTIL_TEAM_H
#define KH_UTIL_TEAM_H

/* Run `fn(payload, 0..n-1)` on n threads (the caller's own is worker 0) and wait for all. A worker for
 * whom no thread could be made runs on the caller's afterwards, so every share is done. */
void team_run(unsigned n, void (*fn)(void *payload, unsigned worker), void *payload);

/* CPUs this process may use (sched_getaffinity), at least 1. */
unsigned team_cpus(void);

#endif
