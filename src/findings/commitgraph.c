#include "findings/commitgraph.h"

#include <stdlib.h>

#include "findings/commitparse.h"
#include "findings/treegraph.h"
#include "util/alloc.h"

struct commit_record {
	struct commit c;  /* parents: in the worker's pool, object numbers */
	uint32_t number;  /* as walked */
	unsigned worker;
};

struct commit_worker {
	struct commit_record *records;
	size_t nrecords, records_cap;
	uint32_t *parents;
	size_t nparents, parents_cap;
	struct tag *tags;
	size_t ntags, tags_cap;
	struct skips skips;
};

void commitgraph_init(struct commitgraph *g, const struct store *s, unsigned nworkers)
{
	*g = (struct commitgraph){ .store = s, .nworkers = nworkers };
	g->workers = xcalloc(nworkers, sizeof *g->workers);
}

static void skip_object(struct commitgraph *g, unsigned worker, const struct object *o, const char *why)
{
	char hex[OID_HEX_MAX + 1];
	struct oid oid = store_oid(g->store, o->number);
	oid_hex(hex, &oid, g->store->oid_len);
	skips_add(&g->workers[worker].skips, hex, NULL, why);
}

static void visit_tag(struct commitgraph *g, unsigned worker, const struct object *o)
{
	struct commit_worker *w = &g->workers[worker];
	struct oid target;
	if (!tag_target(&target, o->data, g->store->oid_len)) {
		skip_object(g, worker, o, "damaged tag");
		return;
	}
	ALLOC_GROW(w->tags, w->ntags + 1, w->tags_cap);
	w->tags[w->ntags++] = (struct tag){ canonical_number(g->store, o), o->number, store_find(g->store, &target), 0 };
}

void commitgraph_visit(struct commitgraph *g, unsigned worker, const struct object *o)
{
	struct commit_worker *w = &g->workers[worker];
	struct commit_header h;
	if (o->type == OBJ_TAG) {
		visit_tag(g, worker, o);
		return;
	}
	if (!commit_parse(&h, o->data, g->store->oid_len)) {
		skip_object(g, worker, o, "damaged commit");
		return;
	}
	struct ident committer = ident_parse(h.committer);
	struct commit_record r = { .number = o->number, .worker = worker };
	r.c = (struct commit){ .object = canonical_number(g->store, o), .tree = store_find(g->store, &h.tree),
			       .date = committer.date, .tz = committer.tz, .parents = (uint32_t)w->nparents };
	for (struct oid oid; commit_next_parent(&h, &oid, g->store->oid_len);) {
		uint32_t parent = store_find(g->store, &oid);
		if (parent == NO_OBJECT)
			continue;
		ALLOC_GROW(w->parents, w->nparents + 1, w->parents_cap);
		w->parents[w->nparents++] = parent;
		r.c.nparents++;
	}
	ALLOC_GROW(w->records, w->nrecords + 1, w->records_cap);
	w->records[w->nrecords++] = r;
}

static int cmp_u32(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int cmp_tag(const void *a, const void *b)
{
	const struct tag *x = a, *y = b;
	return x->object != y->object ? cmp_u32(x->object, y->object) : cmp_u32(x->number, y->number);
}

/* The workers' records into one array; of several copies the one with the lowest number. Sets ranks to indexes. */
static struct commit_record *join_commits(struct commitgraph *g)
{
	size_t n = 0;
	for (unsigned i = 0; i < g->nworkers; i++)
		n += g->workers[i].nrecords;
	struct commit_record *all = xmalloc((n + 1) * sizeof *all);
	for (unsigned i = 0; i < g->nworkers; i++) {
		struct commit_worker *w = &g->workers[i];
		for (size_t k = 0; k < w->nrecords; k++) {
			uint32_t *at = &g->ranks[w->records[k].c.object];
			if (*at == NO_RANK)
				*at = (uint32_t)g->len++;
			else if (all[*at].number < w->records[k].number)
				continue;
			all[*at] = w->records[k];
		}
		free(w->records);
		w->records = NULL;
	}
	return all;
}

static void join_tags(struct commitgraph *g)
{
	size_t n = 0, kept = 0;
	for (unsigned i = 0; i < g->nworkers; i++)
		n += g->workers[i].ntags;
	g->tags = xmalloc((n + 1) * sizeof *g->tags);
	n = 0;
	for (unsigned i = 0; i < g->nworkers; i++) {
		struct commit_worker *w = &g->workers[i];
		if (w->ntags)
			memcpy(g->tags + n, w->tags, w->ntags * sizeof *g->tags);
		n += w->ntags;
		free(w->tags);
		w->tags = NULL;
	}
	qsort(g->tags, n, sizeof *g->tags, cmp_tag);
	for (size_t i = 0; i < n; i++)
		if (!kept || g->tags[i].object != g->tags[kept - 1].object)
			g->tags[kept++] = g->tags[i];
	g->ntags = kept;
}

/* Commits before they are ranked: in the order they were met. */
struct raw_graph {
	struct commit *list;
	size_t len;
	uint32_t *parents;                  /* indexes */
	uint32_t *children, *first_child;   /* first_child[i]..first_child[i+1) */
};

static void link_parents(struct raw_graph *raw, struct commitgraph *g, struct commit_record *all)
{
	size_t total = 0, at = 0;
	for (size_t i = 0; i < g->len; i++)
		total += all[i].c.nparents;
	*raw = (struct raw_graph){ .len = g->len };
	raw->list = xmalloc((g->len + 1) * sizeof *raw->list);
	raw->parents = xmalloc((total + 1) * sizeof *raw->parents);
	raw->children = xmalloc((total + 1) * sizeof *raw->children);
	raw->first_child = xcalloc(g->len + 2, sizeof *raw->first_child);
	for (size_t i = 0; i < g->len; i++) {
		struct commit *c = &raw->list[i];
		const uint32_t *from = g->workers[all[i].worker].parents + all[i].c.parents;
		*c = all[i].c;
		c->parents = (uint32_t)at;
		c->nparents = 0;
		for (uint32_t k = 0; k < all[i].c.nparents; k++) {
			uint32_t p = g->ranks[from[k]];
			if (p == NO_RANK)
				continue; /* unreadable, or not a commit */
			raw->parents[at++] = p;
			raw->first_child[p + 2]++;
			c->nparents++;
		}
	}
	for (size_t i = 2; i < g->len + 2; i++)
		raw->first_child[i] += raw->first_child[i - 1];
	for (size_t i = 0; i < g->len; i++)
		for (uint32_t k = 0; k < raw->list[i].nparents; k++)
			raw->children[raw->first_child[raw->parents[raw->list[i].parents + k] + 1]++] = (uint32_t)i;
}

/* Reachable ones first, then older ones; of the same second, by name: the same for every packing. */
static bool comes_first(const struct commitgraph *g, const struct commit *x, const struct commit *y)
{
	if ((x->reach ^ y->reach) & REACH_ANY)
		return x->reach & REACH_ANY;
	if (x->date != y->date)
		return x->date < y->date;
	struct oid a = store_oid(g->store, x->object), b = store_oid(g->store, y->object);
	return oid_cmp(&a, &b) < 0;
}

struct heap {
	const struct commitgraph *g;
	const struct commit *list;
	uint32_t *at;
	size_t len;
};

static bool before(const struct heap *h, uint32_t a, uint32_t b)
{
	return comes_first(h->g, &h->list[a], &h->list[b]);
}

static void heap_push(struct heap *h, uint32_t v)
{
	size_t i = h->len++;
	for (; i && before(h, v, h->at[(i - 1) / 2]); i = (i - 1) / 2)
		h->at[i] = h->at[(i - 1) / 2];
	h->at[i] = v;
}

static uint32_t heap_pop(struct heap *h)
{
	uint32_t top = h->at[0], v = h->at[--h->len];
	size_t i = 0;
	for (size_t c = 1; c < h->len; c = 2 * i + 1) {
		if (c + 1 < h->len && before(h, h->at[c + 1], h->at[c]))
			c++;
		if (!before(h, h->at[c], v))
			break;
		h->at[i] = h->at[c];
		i = c;
	}
	h->at[i] = v;
	return top;
}

/* Parents before children, else as comes_first says. Commits in a cycle (a store that lies about names) come last. */
static void sort_topologically(const struct commitgraph *g, const struct raw_graph *raw, uint32_t *order)
{
	KH_CLEANUP(free_ptr) uint32_t *waiting = xmalloc((raw->len + 1) * sizeof *waiting);
	KH_CLEANUP(free_ptr) uint32_t *room = xmalloc((raw->len + 1) * sizeof *room);
	struct heap h = { g, raw->list, room, 0 };
	size_t n = 0;
	for (uint32_t i = 0; i < raw->len; i++)
		if (!(waiting[i] = raw->list[i].nparents))
			heap_push(&h, i);
	while (h.len) {
		uint32_t i = heap_pop(&h);
		order[n++] = i;
		for (uint32_t k = raw->first_child[i]; k < raw->first_child[i + 1]; k++)
			if (!--waiting[raw->children[k]])
				heap_push(&h, raw->children[k]);
	}
	for (uint32_t i = 0; i < raw->len && n < raw->len; i++)
		if (waiting[i])
			order[n++] = i;
}

static struct tag *find_tag(const struct commitgraph *g, uint32_t object)
{
	struct tag key = { .object = object };
	size_t lo = 0, hi = g->ntags;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (g->tags[mid].object < key.object)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < g->ntags && g->tags[lo].object == object ? &g->tags[lo] : NULL;
}

/* Give the object that `oid` names, and the tags on the way to it, their reach. Returns the commit's index or NO_RANK. */
static uint32_t seed(struct commitgraph *g, struct raw_graph *raw, const struct oid *oid, uint8_t reach)
{
	uint32_t object = store_find(g->store, oid);
	struct tag *t;
	for (size_t steps = 0; object != NO_OBJECT && (t = find_tag(g, object)) && steps <= g->ntags; steps++) {
		t->reach |= reach;
		object = t->target;
	}
	if (object == NO_OBJECT)
		return NO_RANK;
	uint32_t i = g->ranks[object];
	if (i != NO_RANK) {
		raw->list[i].reach |= reach;
	} else {
		ALLOC_GROW(g->roots, g->nroots + 1, g->roots_cap);
		g->roots[g->nroots++] = (struct bare_root){ object, reach };
	}
	return i;
}

static uint8_t reach_of(const struct ref *r)
{
	unsigned reach = REACH_ANY | (r->remote ? REACH_PUSHED : 0);
	return (uint8_t)(reach | (strncmp(r->name, "refs/notes/", 11) ? REACH_OTHER : REACH_NOTES));
}

static void seed_all(struct commitgraph *g, struct raw_graph *raw, const struct repo *r)
{
	g->ref_rank = xmalloc((r->nrefs + 1) * sizeof *g->ref_rank);
	for (size_t i = 0; i < r->nrefs; i++)
		g->ref_rank[i] = seed(g, raw, &r->refs[i].oid, reach_of(&r->refs[i]));
	for (size_t i = 0; i < r->nheads; i++)
		if (ref_is_head(&r->heads[i]))
			seed(g, raw, &r->heads[i].oid, reach_of(&r->heads[i]));
	for (size_t i = 0; i < r->nstash; i++)
		seed(g, raw, &r->stash[i], REACH_ANY | REACH_OTHER);
	if (r->has_head)
		seed(g, raw, &r->head, REACH_ANY | REACH_OTHER);
}

/* What a commit is reached from, its parents are too. */
static void spread_reach(struct raw_graph *raw)
{
	uint32_t *todo = NULL;
	size_t n = 0, cap = 0;
	for (uint32_t i = 0; i < raw->len; i++)
		if (raw->list[i].reach) {
			ALLOC_GROW(todo, n + 1, cap);
			todo[n++] = i;
		}
	while (n) {
		const struct commit *c = &raw->list[todo[--n]];
		for (uint32_t k = 0; k < c->nparents; k++) {
			struct commit *p = &raw->list[raw->parents[c->parents + k]];
			if ((p->reach | c->reach) == p->reach)
				continue;
			p->reach |= c->reach;
			ALLOC_GROW(todo, n + 1, cap);
			todo[n++] = raw->parents[c->parents + k];
		}
	}
	free(todo);
}

/* From indexes to ranks. */
static void rank_commits(struct commitgraph *g, struct raw_graph *raw, const uint32_t *order)
{
	KH_CLEANUP(free_ptr) uint32_t *rank = xmalloc((raw->len + 1) * sizeof *rank);
	for (uint32_t i = 0; i < raw->len; i++)
		rank[order[i]] = i;
	g->list = xmalloc((raw->len + 1) * sizeof *g->list);
	g->oldest = xmalloc((raw->len + 1) * sizeof *g->oldest);
	g->newest = xmalloc((raw->len + 1) * sizeof *g->newest);
	for (uint32_t i = 0; i < raw->len; i++) {
		struct commit *c = &raw->list[i];
		for (uint32_t k = 0; k < c->nparents; k++)
			raw->parents[c->parents + k] = rank[raw->parents[c->parents + k]];
		g->list[rank[i]] = *c;
		g->ranks[c->object] = rank[i];
		g->oldest[i] = g->newest[i] = i;
	}
	g->parents = raw->parents;
}

static int cmp_oldest(const void *a, const void *b, void *payload)
{
	const struct commitgraph *g = payload;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	if (g->list[i].date != g->list[k].date)
		return g->list[i].date < g->list[k].date ? -1 : 1;
	return cmp_u32(i, k);
}

static int cmp_newest(const void *a, const void *b, void *payload)
{
	const struct commitgraph *g = payload;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	const struct commit *x = &g->list[i], *y = &g->list[k];
	if (i == k)
		return 0;
	bool first = comes_first(g, x, y);
	return ((x->reach ^ y->reach) & REACH_ANY ? first : !first) ? -1 : 1;
}

void commitgraph_finish(struct commitgraph *g, const struct repo *r, struct skips *skips)
{
	g->ranks = xmalloc(((size_t)g->store->count + 1) * sizeof *g->ranks);
	memset(g->ranks, 0xff, ((size_t)g->store->count + 1) * sizeof *g->ranks);
	struct commit_record *all = join_commits(g);
	struct raw_graph raw;
	link_parents(&raw, g, all);
	free(all);
	join_tags(g);
	for (unsigned i = 0; i < g->nworkers; i++) {
		free(g->workers[i].parents);
		skips_merge(skips, &g->workers[i].skips);
	}
	KH_CLEANUP(free_ptr) uint32_t *order = xmalloc((raw.len + 1) * sizeof *order);
	seed_all(g, &raw, r);
	spread_reach(&raw);
	sort_topologically(g, &raw, order);
	rank_commits(g, &raw, order);
	for (size_t i = 0; i < r->nrefs; i++)
		if (g->ref_rank[i] != NO_RANK)
			g->ref_rank[i] = g->ranks[raw.list[g->ref_rank[i]].object];
	qsort_r(g->oldest, g->len, sizeof *g->oldest, cmp_oldest, g);
	qsort_r(g->newest, g->len, sizeof *g->newest, cmp_newest, g);
	free(raw.list);
	free(raw.children);
	free(raw.first_child);
}

void commitgraph_release(struct commitgraph *g)
{
	free(g->workers);
	free(g->list);
	free(g->parents);
	free(g->oldest);
	free(g->newest);
	free(g->ranks);
	free(g->tags);
	free(g->ref_rank);
	free(g->roots);
}

uint32_t commitgraph_rank(const struct commitgraph *g, uint32_t object)
{
	return object < g->store->count ? g->ranks[object] : NO_RANK;
}

const struct tag *commitgraph_tag(const struct commitgraph *g, uint32_t object)
{
	return find_tag(g, object);
}

/* One bit for each of up to 64 commits, carried from parents to children. */
static void refs_of_batch(const struct commitgraph *g, size_t nrefs, struct containing_refs *list, size_t n, uint64_t *bits)
{
	uint32_t first = list[0].rank;
	memset(bits + first, 0, (g->len - first) * sizeof *bits);
	for (size_t i = 0; i < n; i++)
		bits[list[i].rank] |= (uint64_t)1 << i;
	for (size_t r = first; r < g->len; r++) {
		const struct commit *c = &g->list[r];
		uint64_t b = bits[r];
		for (uint32_t k = 0; k < c->nparents; k++)
			if (g->parents[c->parents + k] >= first)
				b |= bits[g->parents[c->parents + k]];
		bits[r] = b;
	}
	for (uint32_t ref = 0; ref < nrefs; ref++) {
		uint32_t rank = g->ref_rank[ref];
		for (uint64_t b = rank != NO_RANK && rank >= first ? bits[rank] : 0; b; b &= b - 1) {
			struct containing_refs *l = &list[__builtin_ctzll(b)];
			if (l->nshown < REFS_SHOWN)
				l->shown[l->nshown++] = ref;
			l->total++;
		}
	}
}

void commitgraph_refs(const struct commitgraph *g, size_t nrefs, struct containing_refs *list, size_t n)
{
	KH_CLEANUP(free_ptr) uint64_t *bits = xmalloc((g->len + 1) * sizeof *bits);
	for (size_t i = 0; i < n; i += 64)
		refs_of_batch(g, nrefs, list + i, n - i < 64 ? n - i : 64, bits);
}
