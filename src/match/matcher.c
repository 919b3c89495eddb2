#include "match/matcher.h"

#include <hs/hs.h>
#include <stdlib.h>

#include "util/alloc.h"

struct matcher {
	hs_database_t *db;
	hs_scratch_t *first; /* prototype of every worker's scratch */
	uint32_t longest;
};

struct matcher_scratch {
	hs_scratch_t *scratch;
};

enum status matcher_new(struct matcher **out, const struct literal *literals, size_t n)
{
	KH_CLEANUP(free_ptr) const char **text = xcalloc(n, sizeof *text);
	KH_CLEANUP(free_ptr) unsigned *flags = xcalloc(n, sizeof *flags);
	KH_CLEANUP(free_ptr) unsigned *ids = xcalloc(n, sizeof *ids);
	KH_CLEANUP(free_ptr) size_t *lens = xcalloc(n, sizeof *lens);
	struct matcher *m = xcalloc(1, sizeof *m);
	hs_compile_error_t *error = NULL;
	for (size_t i = 0; i < n; i++) {
		text[i] = literals[i].ptr;
		lens[i] = literals[i].len;
		flags[i] = literals[i].caseless ? HS_FLAG_CASELESS : 0;
		ids[i] = (unsigned)i;
		if (literals[i].len > m->longest)
			m->longest = literals[i].len;
		if (!lens[i] || memchr(text[i], MATCHER_SEPARATOR, lens[i])) {
			free(m);
			return KH_USAGE;
		}
	}
	if (hs_compile_lit_multi(text, flags, ids, lens, (unsigned)n, HS_MODE_BLOCK, NULL, &m->db, &error) != HS_SUCCESS ||
	    hs_alloc_scratch(m->db, &m->first) != HS_SUCCESS) {
		hs_free_compile_error(error);
		matcher_free(m);
		return KH_NOMEM;
	}
	*out = m;
	return KH_OK;
}

void matcher_free(struct matcher *m)
{
	if (!m)
		return;
	hs_free_scratch(m->first);
	hs_free_database(m->db);
	free(m);
}

uint32_t matcher_longest(const struct matcher *m)
{
	return m->longest;
}

struct matcher_scratch *matcher_scratch_new(const struct matcher *m)
{
	struct matcher_scratch *s = xcalloc(1, sizeof *s);
	if (hs_clone_scratch(m->first, &s->scratch) != HS_SUCCESS)
		free(xrealloc(NULL, SIZE_MAX, 1)); /* says that memory is out, and ends */
	return s;
}

void matcher_scratch_free(struct matcher_scratch *s)
{
	if (s)
		hs_free_scratch(s->scratch);
	free(s);
}

struct relay {
	void (*on_hit)(void *payload, uint32_t literal, uint32_t end);
	void *payload;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
	const struct relay *r = context;
	(void)from;
	(void)flags;
	r->on_hit(r->payload, id, (uint32_t)to);
	return 0;
}

void matcher_run(const struct matcher *m, struct matcher_scratch *s, struct bytes data,
		 void (*on_hit)(void *payload, uint32_t literal, uint32_t end), void *payload)
{
	struct relay r = { on_hit, payload };
	if (!data.len) /* an empty object may come without an address, which Hyperscan takes for a mistake */
		return;
	if (hs_scan(m->db, (const char *)data.ptr, (unsigned)data.len, 0, s->scratch, on_match, &r) != HS_SUCCESS)
		abort(); /* the database and scratch are ours: only a programming error can make this fail */
}
