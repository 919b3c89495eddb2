#include "findings/treegraph.h"

#include <stdlib.h>

#include "util/alloc.h"

#define ARENA_BLOCK (256u << 10)
#define LONG_LIST 48u /* entries; shorter ones are always kept whole */

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	max_align_t data[];
};

/* What the visitor keeps for a tree while its delta children come: all its entries' places, and the list. */
struct tree_state {
	struct tree_list *list;
	uint32_t n, m;               /* entries; entries of interest */
	uint32_t *start;             /* n + 1 */
	uint32_t *position;          /* m: index of each entry of interest among all */
	struct graph_entry *entries; /* m */
};

struct tree_worker {
	struct treegraph *graph;
	struct arena_block *arena;
	struct name_set cache;
	struct tree_reader reader;
	const struct tree_state *base;
	/* the tree at hand */
	uint32_t *position;
	struct graph_entry *entries;
	size_t m, position_cap, entries_cap;
	struct list_piece *pieces;   /* `fresh` is not NULL for fresh ones; it is set for good when stored */
	size_t npieces, pieces_cap;
	struct tree_record *records;
	size_t nrecords, records_cap;
	struct skips skips;
};

static void *arena_get(struct tree_worker *w, size_t size)
{
	size = (size + 7) & ~(size_t)7;
	struct arena_block *b = w->arena;
	if (!b || b->size - b->used < size) {
		size_t want = size > ARENA_BLOCK ? size : ARENA_BLOCK;
		b = xmalloc(sizeof *b + want);
		*b = (struct arena_block){ .next = w->arena, .size = want };
		w->arena = b;
	}
	void *p = (char *)b->data + b->used;
	b->used += size;
	return p;
}

static uint32_t slot_of(const struct targets *t, const uint8_t *raw)
{
	uint64_t word[2];
	memcpy(word, raw, sizeof word);
	return (uint32_t)((word[0] * t->key[0] + word[1] * t->key[1]) >> 32) & (t->table_size - 1);
}

void targets_init(struct targets *t, const struct store *s, const uint32_t *objects, size_t n)
{
	*t = (struct targets){ .oid_len = s->oid_len, .len = (uint32_t)n, .table_size = 64 };
	random_key(t->key);
	t->key[0] |= 1;
	t->key[1] |= 1;
	while (t->table_size < n * 4)
		t->table_size *= 2;
	t->table = xcalloc(t->table_size, sizeof *t->table);
	t->objects = xcalloc(n + 1, sizeof *t->objects);
	t->oids = xcalloc(n + 1, sizeof *t->oids);
	for (uint32_t i = 0; i < n; i++) {
		t->objects[i] = objects[i];
		t->oids[i] = store_oid(s, objects[i]);
		uint32_t slot = slot_of(t, t->oids[i].id);
		while (t->table[slot])
			slot = (slot + 1) & (t->table_size - 1);
		t->table[slot] = i + 1;
	}
}

void targets_release(struct targets *t)
{
	free(t->table);
	free(t->objects);
	free(t->oids);
}

uint32_t targets_find(const struct targets *t, const uint8_t *raw_oid)
{
	uint32_t slot = slot_of(t, raw_oid);
	for (; t->table[slot]; slot = (slot + 1) & (t->table_size - 1))
		if (!memcmp(t->oids[t->table[slot] - 1].id, raw_oid, t->oid_len))
			return t->objects[t->table[slot] - 1];
	return NO_OBJECT;
}

uint32_t canonical_number(const struct store *s, const struct object *o)
{
	if (s->npacks <= 1 && o->number < s->first_loose)
		return o->number;
	struct oid oid = store_oid(s, o->number);
	uint32_t number = store_find(s, &oid);
	return number == NO_OBJECT ? o->number : number;
}

static void push_entry(struct tree_worker *w, uint32_t position, struct graph_entry e)
{
	ALLOC_GROW(w->position, w->m + 1, w->position_cap);
	ALLOC_GROW(w->entries, w->m + 1, w->entries_cap);
	w->position[w->m] = position;
	w->entries[w->m++] = e;
}

/* `from` counts in the base's list; fresh entries have none. Neighbours are joined. */
static void push_piece(struct tree_worker *w, uint32_t at, uint32_t from, bool fresh)
{
	static const struct graph_entry mark;
	struct list_piece *last = w->npieces ? &w->pieces[w->npieces - 1] : NULL;
	if (last && fresh && last->fresh)
		return;
	if (last && !fresh && !last->fresh && from - last->from == at - last->at)
		return;
	ALLOC_GROW(w->pieces, w->npieces + 1, w->pieces_cap);
	w->pieces[w->npieces++] = (struct list_piece){ at, from, fresh ? &mark : NULL };
}

static void on_fresh(void *payload, uint32_t index, const struct tree_entry *e)
{
	struct tree_worker *w = payload;
	struct treegraph *g = w->graph;
	uint32_t object = NO_OBJECT;
	if (e->kind == ENTRY_TREE) {
		struct oid oid = oid_from(e->oid, g->store->oid_len);
		object = store_find(g->store, &oid);
	} else if (e->kind != ENTRY_GITLINK) {
		object = targets_find(g->targets, e->oid);
	}
	if (object == NO_OBJECT)
		return;
	uint32_t name = names_intern(g->names, &w->cache, e->name)->id;
	push_piece(w, (uint32_t)w->m, 0, true);
	push_entry(w, index, (struct graph_entry){ object, name & ((1u << 30) - 1), (unsigned)e->kind & 3 });
}

static uint32_t lower_bound(const uint32_t *list, uint32_t n, uint32_t key)
{
	uint32_t lo = 0;
	while (lo < n) {
		uint32_t mid = lo + (n - lo) / 2;
		if (list[mid] < key)
			lo = mid + 1;
		else
			n = mid;
	}
	return lo;
}

static void on_copied(void *payload, uint32_t index, uint32_t from, uint32_t n)
{
	struct tree_worker *w = payload;
	const struct tree_state *b = w->base;
	uint32_t i = lower_bound(b->position, b->m, from), end = from + n;
	if (i < b->m && b->position[i] < end)
		push_piece(w, (uint32_t)w->m, i, false);
	for (; i < b->m && b->position[i] < end; i++)
		push_entry(w, b->position[i] - from + index, b->entries[i]);
}

static void *keep(struct tree_worker *w, const void *ptr, size_t size)
{
	void *p = arena_get(w, size);
	if (size)
		memcpy(p, ptr, size);
	return p;
}

/* Pieces of the base's list instead of the whole, where that is much smaller. */
static void store_pieces(struct tree_worker *w, struct tree_list *l)
{
	for (size_t i = 0; i < w->npieces; i++) {
		struct list_piece *p = &w->pieces[i];
		size_t end = i + 1 < w->npieces ? p[1].at : l->len;
		if (p->fresh)
			p->fresh = keep(w, w->entries + p->at, (end - p->at) * sizeof *w->entries);
	}
	l->base = w->base->list;
	l->npieces = (uint32_t)w->npieces;
	l->pieces = keep(w, w->pieces, w->npieces * sizeof *w->pieces);
}

static struct tree_list *make_list(struct tree_worker *w, bool self, uint32_t object)
{
	const struct tree_state *b = w->base;
	if (!w->m && !self)
		return &w->graph->empty;
	if (b && !self && !b->list->self && w->npieces == 1 && !w->pieces[0].fresh && !w->pieces[0].from && w->m == b->m)
		return b->list;
	if (self) {
		push_piece(w, (uint32_t)w->m, 0, true);
		push_entry(w, UINT32_MAX, (struct graph_entry){ object, NAME_NONE, ENTRY_BLOB });
	}
	struct tree_list *l = arena_get(w, sizeof *l);
	*l = (struct tree_list){ .len = (uint32_t)w->m, .self = self, .node = UINT32_MAX };
	if (b && w->m > LONG_LIST && w->npieces * 8 < w->m)
		store_pieces(w, l);
	else
		l->entries = keep(w, w->entries, w->m * sizeof *w->entries);
	if (self)
		w->m--; /* children copy real entries only */
	return l;
}

static struct tree_state *make_state(const struct tree_worker *w, struct tree_list *list)
{
	size_t n = w->reader.n, m = w->m;
	size_t entries_at = (sizeof(struct tree_state) + 7) & ~(size_t)7;
	size_t start_at = entries_at + m * sizeof(struct graph_entry), position_at = start_at + (n + 1) * sizeof(uint32_t);
	char *raw = xmalloc(position_at + m * sizeof(uint32_t));
	struct tree_state *s = (void *)raw;
	*s = (struct tree_state){ .list = list, .n = (uint32_t)n, .m = (uint32_t)m };
	s->entries = (void *)(raw + entries_at);
	s->start = (void *)(raw + start_at);
	s->position = (void *)(raw + position_at);
	memcpy(s->start, w->reader.start, (n + 1) * sizeof(uint32_t));
	if (m) {
		memcpy(s->position, w->position, m * sizeof(uint32_t));
		memcpy(s->entries, w->entries, m * sizeof *w->entries);
	}
	return s;
}

void treegraph_init(struct treegraph *g, const struct store *s, const struct targets *t, struct names *names, unsigned nworkers)
{
	*g = (struct treegraph){ .store = s, .targets = t, .names = names, .nworkers = nworkers, .empty = { .node = 0 } };
	g->workers = xcalloc(nworkers, sizeof *g->workers);
	for (unsigned i = 0; i < nworkers; i++) {
		struct tree_worker *w = &g->workers[i];
		w->graph = g;
		w->reader = (struct tree_reader){ .fresh = on_fresh, .copied = on_copied, .payload = w };
	}
}

static void skip_tree(struct tree_worker *w, const struct object *o, const char *why)
{
	char hex[OID_HEX_MAX + 1];
	struct oid oid = store_oid(w->graph->store, o->number);
	oid_hex(hex, &oid, w->graph->store->oid_len);
	skips_add(&w->skips, hex, NULL, why);
}

void *treegraph_visit(struct treegraph *g, unsigned worker, const struct object *o)
{
	struct tree_worker *w = &g->workers[worker];
	w->base = o->edits ? o->base_state : NULL;
	w->m = w->npieces = 0;
	struct entry_starts starts = { 0 };
	if (w->base)
		starts = (struct entry_starts){ w->base->start, w->base->n };
	if (tree_parse(&w->reader, o, g->store->oid_len, w->base ? &starts : NULL) != KH_OK)
		skip_tree(w, o, "damaged tree");
	uint32_t object = canonical_number(g->store, o);
	struct oid oid = store_oid(g->store, o->number);
	struct tree_list *list = make_list(w, targets_find(g->targets, oid.id) != NO_OBJECT, object);
	ALLOC_GROW(w->records, w->nrecords + 1, w->records_cap);
	w->records[w->nrecords++] = (struct tree_record){ object, o->number, list };
	return o->data.ptr ? make_state(w, list) : NULL; /* without content nothing is built on it */
}

void treegraph_drop(void *state)
{
	free(state);
}

/* Of several copies the one with the lowest number counts, whoever met it. */
void treegraph_finish(struct treegraph *g, struct skips *skips)
{
	KH_CLEANUP(free_ptr) uint32_t *from = xmalloc(((size_t)g->store->count + 1) * sizeof *from);
	g->lists = xcalloc((size_t)g->store->count + 1, sizeof *g->lists);
	for (unsigned i = 0; i < g->nworkers; i++) {
		struct tree_worker *w = &g->workers[i];
		for (size_t k = 0; k < w->nrecords; k++) {
			const struct tree_record *r = &w->records[k];
			if (g->lists[r->object] && from[r->object] <= r->number)
				continue;
			g->lists[r->object] = r->list;
			from[r->object] = r->number;
		}
		skips_merge(skips, &w->skips);
		free(w->position);
		free(w->entries);
		free(w->pieces);
		w->position = NULL;
		w->entries = NULL;
		w->pieces = NULL;
		name_set_release(&w->cache);
		tree_reader_release(&w->reader);
		w->reader.start = NULL;
	}
}

void treegraph_release(struct treegraph *g)
{
	for (unsigned i = 0; i < g->nworkers; i++) {
		struct tree_worker *w = &g->workers[i];
		while (w->arena) {
			struct arena_block *next = w->arena->next;
			free(w->arena);
			w->arena = next;
		}
		free(w->records);
	}
	free(g->workers);
	free(g->lists);
}

struct range {
	const struct tree_list *list;
	uint32_t from, to;
};

struct ranges {
	struct range *list;
	size_t len, cap;
};

static void push_range(struct ranges *s, struct range r)
{
	ALLOC_GROW(s->list, s->len + 1, s->cap);
	s->list[s->len++] = r;
}

/* The pieces of `r` that are whole entries go out, the others' ranges in the base wait on the stack, last first. */
static size_t expand_range(struct ranges *todo, struct range r, struct graph_entry *out)
{
	const struct tree_list *l = r.list;
	if (!l->npieces) {
		memcpy(out, l->entries + r.from, (r.to - r.from) * sizeof *out);
		return r.to - r.from;
	}
	uint32_t lo = 0, hi = l->npieces;
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (l->pieces[mid].at <= r.from)
			lo = mid;
		else
			hi = mid;
	}
	const struct list_piece *p = &l->pieces[lo];
	uint32_t end = lo + 1 < l->npieces ? p[1].at : l->len, to = end < r.to ? end : r.to;
	if (to < r.to)
		push_range(todo, (struct range){ l, to, r.to });
	if (p->fresh) {
		memcpy(out, p->fresh + (r.from - p->at), (to - r.from) * sizeof *out);
		return to - r.from;
	}
	push_range(todo, (struct range){ l->base, r.from - p->at + p->from, to - p->at + p->from });
	return 0;
}

void tree_list_expand(const struct tree_list *l, struct entry_buf *out, size_t at)
{
	struct ranges todo = { 0 };
	ALLOC_GROW(out->ptr, at + l->len, out->cap);
	if (l->len)
		push_range(&todo, (struct range){ l, 0, l->len });
	while (todo.len)
		at += expand_range(&todo, todo.list[--todo.len], out->ptr + at);
	free(todo.list);
}

static void note_entries(uint8_t *bits, const struct graph_entry *e, size_t n, bool self)
{
	for (size_t i = 0; i + self < n; i++)
		bits[e[i].object >> 3] |= (uint8_t)(1u << (e[i].object & 7));
}

uint8_t *treegraph_contained(const struct treegraph *g)
{
	uint8_t *bits = xcalloc(((size_t)g->store->count >> 3) + 1, 1);
	for (unsigned i = 0; i < g->nworkers; i++)
		for (size_t k = 0; k < g->workers[i].nrecords; k++) {
			const struct tree_list *l = g->workers[i].records[k].list;
			if (!l->npieces)
				note_entries(bits, l->entries, l->len, l->self);
			for (uint32_t p = 0; p < l->npieces; p++) {
				uint32_t end = p + 1 < l->npieces ? l->pieces[p + 1].at : l->len;
				if (l->pieces[p].fresh)
					note_entries(bits, l->pieces[p].fresh, end - l->pieces[p].at, l->self && end == l->len);
			}
		}
	return bits;
}
