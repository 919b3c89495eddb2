#include "findings/missing.h"

#include <stdlib.h>

#include "findings/commitparse.h"
#include "findings/reach.h"
#include "findings/treeparse.h"
#include "util/alloc.h"
#include "util/buf.h"

#define COMPACT_MIN 65536u
#define SEEN (1u << 13)   /* names that a worker remembers: trees name the same objects again and again */
#define BATCH (1u << 15)  /* names that are looked up together, in the index's order */
#define DIGIT_BITS 12     /* they are sorted by two such digits */

struct missing_worker {
	struct missing *shared;
	struct tree_reader reader;
	uint64_t *seen;
	struct oid *wanted;
	uint64_t *order, *spare; /* leading bits of a wanted name, then its place in `wanted` */
	uint32_t nwanted;
	struct oid *list;    /* missing names, with repetitions until compacted */
	size_t len, cap, compact_at;
};

struct missing {
	const struct repo *r;
	const struct store *s;
	const struct pack *largest;
	struct missing_worker *workers;
	unsigned threads;
};

/* git has these two at hand in every repository, stored or not. */
static bool is_well_known(const struct oid *oid, unsigned oid_len)
{
	static const char *const names[] = {
		"4b825dc642cb6eb9a060e54bf8d69288fbee4904", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
		"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
		"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
	};
	struct oid known;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == 2 * (size_t)oid_len && oid_parse(&known, names[i], oid_len) && oid_eq(&known, oid))
			return true;
	return false;
}

static void note(struct missing_worker *w, const struct oid *oid)
{
	static const struct oid zero;
	if (oid_eq(oid, &zero) || is_well_known(oid, w->shared->s->oid_len))
		return;
	if (w->len >= w->compact_at) {
		w->len = oids_sort(w->list, w->len);
		w->compact_at = w->len * 2 > COMPACT_MIN ? w->len * 2 : COMPACT_MIN;
	}
	ALLOC_GROW(w->list, w->len + 1, w->cap);
	w->list[w->len++] = *oid;
}

static void sort_wanted(struct missing_worker *w)
{
	uint64_t *from = w->order, *to = w->spare;
	for (uint32_t i = 0; i < w->nwanted; i++)
		from[i] = load_be64(w->wanted[i].id) >> (64 - 2 * DIGIT_BITS) << 32 | i;
	for (unsigned shift = 32; shift < 32 + 2 * DIGIT_BITS; shift += DIGIT_BITS) {
		uint32_t count[(1u << DIGIT_BITS) + 1] = { 0 };
		for (uint32_t i = 0; i < w->nwanted; i++)
			count[(from[i] >> shift & ((1u << DIGIT_BITS) - 1)) + 1]++;
		for (unsigned i = 0; i < 1u << DIGIT_BITS; i++)
			count[i + 1] += count[i];
		for (uint32_t i = 0; i < w->nwanted; i++)
			to[count[from[i] >> shift & ((1u << DIGIT_BITS) - 1)]++] = from[i];
		uint64_t *t = from;
		from = to;
		to = t;
	}
}

/* One after the other each lookup would wait for memory several times; in order they read the index as a stream. */
static void look_up(struct missing_worker *w)
{
	const struct missing *m = w->shared;
	uint32_t from = 0;
	sort_wanted(w);
	for (uint32_t i = 0; i < w->nwanted; i++) {
		const struct oid *oid = &w->wanted[(uint32_t)w->order[i]];
		if (!(m->largest && pack_find_next(m->largest, oid, &from)) && store_find(m->s, oid) == NO_OBJECT)
			note(w, oid);
	}
	w->nwanted = 0;
}

static void make_worker(struct missing_worker *w)
{
	w->seen = xcalloc(SEEN, sizeof *w->seen);
	w->wanted = xcalloc(BATCH, sizeof *w->wanted);
	w->order = xcalloc(BATCH, sizeof *w->order);
	w->spare = xcalloc(BATCH, sizeof *w->spare);
}

/* `name`: oid_len raw bytes. Remembered are 64 bits that depend on 160: chance does not make two names of a repository agree in them. */
static inline void check(struct missing_worker *w, const uint8_t *name)
{
	uint64_t head, middle;
	uint32_t end;
	memcpy(&head, name, 8);
	memcpy(&middle, name + 8, 8);
	memcpy(&end, name + 16, 4);
	uint64_t mark = head ^ middle * 0x9e3779b97f4a7c15u ^ (uint64_t)end << 32;
	if (!w->seen)
		make_worker(w);
	if (w->seen[head & (SEEN - 1)] == mark)
		return;
	w->seen[head & (SEEN - 1)] = mark;
	w->wanted[w->nwanted++] = oid_from(name, w->shared->s->oid_len);
	if (w->nwanted == BATCH)
		look_up(w);
}

static void on_fresh(void *payload, uint32_t index, const struct tree_entry *e)
{
	struct missing_worker *w = payload;
	(void)index;
	if (e->kind == ENTRY_GITLINK)
		return;
	check(w, e->oid);
}

static void *visit_tree(struct missing_worker *w, const struct object *o)
{
	const struct entry_starts *base = o->edits ? o->base_state : NULL;
	(void)tree_parse(&w->reader, o, w->shared->s->oid_len, base);
	if (!o->data.ptr)
		return NULL; /* nothing is built on it */
	size_t size = ((size_t)w->reader.n + 1) * sizeof(uint32_t);
	struct entry_starts *state = xmalloc(sizeof *state + size);
	*state = (struct entry_starts){ (const uint32_t *)(state + 1), w->reader.n };
	memcpy(state + 1, w->reader.start, size);
	return state;
}

static void visit_commit(struct missing_worker *w, const struct object *o)
{
	const struct missing *m = w->shared;
	struct commit_header h;
	if (!commit_parse(&h, o->data, m->s->oid_len))
		return;
	check(w, h.tree.id);
	if (m->r->nshallow) { /* an object's name is far away in memory */
		struct oid oid = store_oid(m->s, o->number);
		if (oids_find(m->r->shallow_commits, m->r->nshallow, &oid))
			return;
	}
	for (struct oid parent; commit_next_parent(&h, &parent, m->s->oid_len);)
		check(w, parent.id);
}

void *missing_visit(struct missing *m, unsigned worker, struct object *o)
{
	struct missing_worker *w = &m->workers[worker];
	struct oid target;
	if (o->type == OBJ_TREE)
		return visit_tree(w, o);
	if (o->type == OBJ_BLOB || object_load(o) != KH_OK)
		return NULL;
	if (o->type == OBJ_COMMIT)
		visit_commit(w, o);
	else if (tag_target(&target, o->data, m->s->oid_len))
		check(w, target.id);
	return NULL;
}

void missing_drop(void *state)
{
	free(state);
}

struct missing *missing_new(const struct repo *r, const struct store *s, unsigned threads)
{
	struct missing *m = xcalloc(1, sizeof *m);
	m->r = r;
	m->s = s;
	m->threads = threads;
	for (size_t i = 0; i < s->npacks; i++)
		if (!m->largest || s->packs[i]->count > m->largest->count)
			m->largest = s->packs[i];
	m->workers = xcalloc(threads, sizeof *m->workers);
	for (unsigned i = 0; i < threads; i++) {
		struct missing_worker *w = &m->workers[i];
		*w = (struct missing_worker){ .shared = m, .compact_at = COMPACT_MIN };
		w->reader = (struct tree_reader){ .fresh = on_fresh, .payload = w };
	}
	return m;
}

void missing_free(struct missing *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < m->threads; i++) {
		struct missing_worker *w = &m->workers[i];
		tree_reader_release(&w->reader);
		free(w->seen);
		free(w->wanted);
		free(w->order);
		free(w->spare);
		free(w->list);
	}
	free(m->workers);
	free(m);
}

static void check_root(void *payload, const struct oid *oid)
{
	check(payload, oid->id);
}

/* All workers' names in the first one's list, each once; what has come meanwhile (git gc moves objects) is not missing. */
static void join(struct missing *m)
{
	struct missing_worker *all = &m->workers[0];
	size_t kept = 0;
	reach_roots(m->r, check_root, all);
	for (unsigned i = 0; i < m->threads; i++) {
		struct missing_worker *w = &m->workers[i];
		look_up(w);
		if (!i || !w->len)
			continue;
		ALLOC_GROW(all->list, all->len + w->len, all->cap);
		memcpy(all->list + all->len, w->list, w->len * sizeof *w->list);
		all->len += w->len;
	}
	all->len = oids_sort(all->list, all->len);
	for (size_t i = 0; i < all->len; i++)
		if (store_find(m->s, &all->list[i]) == NO_OBJECT)
			all->list[kept++] = all->list[i];
	all->len = kept;
}

/* The reference or HEAD that names it, or NULL. */
static const char *name_of_tip(const struct repo *r, const struct oid *oid)
{
	for (size_t i = 0; i < r->nrefs; i++)
		if (oid_eq(&r->refs[i].oid, oid))
			return r->refs[i].name;
	for (size_t i = 0; i < r->nheads; i++)
		if (ref_is_head(&r->heads[i]) && oid_eq(&r->heads[i].oid, oid))
			return r->heads[i].name;
	return NULL;
}

uint64_t missing_finish(struct missing *m, struct skips *skips)
{
	struct missing_worker *all = &m->workers[0];
	bool partial = m->r->partial || m->s->promisor;
	join(m);
	if (all->len && !partial)
		all->len = reach_filter(all->list, all->len, m->r, m->s);
	for (size_t i = 0; i < all->len; i++) {
		char hex[OID_HEX_MAX + 1];
		if (i >= SKIPS_MAX) {
			skips->total += all->len - i;
			break;
		}
		const char *tip = partial ? NULL : name_of_tip(m->r, &all->list[i]);
		KH_CLEANUP(buf_release) struct buf name = { 0 };
		oid_hex(hex, &all->list[i], m->s->oid_len);
		if (tip)
			buf_add_safe(&name, tip, strlen(tip));
		skips_add(skips, hex, tip ? name.ptr : NULL, tip ? "a reference leads to it, and it is not there" : "missing");
	}
	return all->len;
}
