#include "util/team.h"

#include <pthread.h>
#include <sched.h>

#include "util/alloc.h"

struct member {
	pthread_t thread;
	void (*fn)(void *, unsigned);
	void *payload;
	unsigned worker;
	int started;
};

static void *member_main(void *arg)
{
	struct member *m = arg;
	m->fn(m->payload, m->worker);
	return NULL;
}

void team_run(unsigned n, void (*fn)(void *payload, unsigned worker), void *payload)
{
	KH_CLEANUP(free_ptr) struct member *m = xcalloc(n ? n : 1, sizeof *m);
	for (unsigned i = 1; i < n; i++) {
		m[i] = (struct member){ .fn = fn, .payload = payload, .worker = i };
		m[i].started = !pthread_create(&m[i].thread, NULL, member_main, &m[i]);
	}
	fn(payload, 0);
	for (unsigned i = 1; i < n; i++)
		if (m[i].started)
			pthread_join(m[i].thread, NULL);
		else
			fn(payload, i);
}

unsigned team_cpus(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set))
		return 1;
	int n = CPU_COUNT(&set);
	return n > 0 ? (unsigned)n : 1;
}
