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

static bool is_sound(const struct literal *literals, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!literals[i].len || memchr(literals[i].ptr, MATCHER_SEPARATOR, literals[i].len))
			return false;
	return true;
}

static enum status compile(hs_database_t **out, const struct literal *literals, size_t n, const hs_platform_info_t *platform)
{
	KH_CLEANUP(free_ptr) const char **text = xcalloc(n, sizeof *text);
	KH_CLEANUP(free_ptr) unsigned *flags = xcalloc(n, sizeof *flags);
	KH_CLEANUP(free_ptr) unsigned *ids = xcalloc(n, sizeof *ids);
	KH_CLEANUP(free_ptr) size_t *lens = xcalloc(n, sizeof *lens);
	hs_compile_error_t *error = NULL;
	for (size_t i = 0; i < n; i++) {
		text[i] = literals[i].ptr;
		lens[i] = literals[i].len;
		flags[i] = literals[i].caseless ? HS_FLAG_CASELESS : 0;
		ids[i] = (unsigned)i;
	}
	bool ok = hs_compile_lit_multi(text, flags, ids, lens, (unsigned)n, HS_MODE_BLOCK, platform, out, &error) == HS_SUCCESS;
	hs_free_compile_error(error);
	return ok ? KH_OK : KH_NOMEM;
}

/* Whose database it is: FNV-1a over all that it was compiled from. */
static uint64_t hash_literals(const struct literal *literals, size_t n)
{
	uint64_t h = 14695981039346656037u;
	for (size_t i = 0; i < n; i++) {
		h = (h ^ (literals[i].len << 1 | literals[i].caseless)) * 1099511628211u;
		for (uint32_t k = 0; k < literals[i].len; k++)
			h = (h ^ (uint8_t)literals[i].ptr[k]) * 1099511628211u;
	}
	return h;
}

enum status matcher_prepare(struct buf *out, const struct literal *literals, size_t n)
{
	const hs_platform_info_t any = { 0 };
	n = literals_without_run(literals, n);
	uint64_t hash = hash_literals(literals, n);
	hs_database_t *db = NULL;
	char *data = NULL;
	size_t len;
	enum status st = is_sound(literals, n) ? compile(&db, literals, n, &any) : KH_USAGE;
	if (st == KH_OK && hs_serialize_database(db, &data, &len) != HS_SUCCESS)
		st = KH_NOMEM;
	if (st == KH_OK) {
		buf_add(out, &hash, sizeof hash);
		buf_add(out, data, len);
	}
	free(data);
	hs_free_database(db);
	return st;
}

static bool load(hs_database_t **out, const struct literal *literals, size_t n, struct bytes prepared)
{
	uint64_t hash;
	if (prepared.len <= sizeof hash)
		return false;
	memcpy(&hash, prepared.ptr, sizeof hash);
	return hash == hash_literals(literals, n) &&
	       hs_deserialize_database((const char *)prepared.ptr + sizeof hash, prepared.len - sizeof hash, out) == HS_SUCCESS;
}

enum status matcher_new(struct matcher **out, const struct literal *literals, size_t n, struct bytes prepared)
{
	n = literals_without_run(literals, n);
	if (!is_sound(literals, n))
		return KH_USAGE;
	struct matcher *m = xcalloc(1, sizeof *m);
	for (size_t i = 0; i < n; i++)
		if (literals[i].len > m->longest)
			m->longest = literals[i].len;
	enum status st = load(&m->db, literals, n, prepared) ? KH_OK : compile(&m->db, literals, n, NULL);
	if (st == KH_OK && hs_alloc_scratch(m->db, &m->first) != HS_SUCCESS)
		st = KH_NOMEM;
	if (st != KH_OK) {
		matcher_free(m);
		return st;
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
