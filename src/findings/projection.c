#include "findings/projection.h"

#include <stdlib.h>

#include "util/alloc.h"

#define NODE_UNKNOWN UINT32_MAX
#define NODE_BUSY (UINT32_MAX - 1) /* being projected: a tree inside itself, in a store that lies about names */
#define PART_MIN 4u
#define PART_MAX 64u
#define PART_MASK 15u

struct projection_frame {
	struct tree_list *list;
	size_t at;           /* of its entries in buf */
	uint32_t next, kept; /* entries looked at; those that stay, at the front */
};

void projection_init(struct projection *p, const struct treegraph *g)
{
	uint64_t key[2];
	random_key(key);
	*p = (struct projection){ .graph = g, .table_size = 1024, .key = key[0] };
	p->table = xcalloc(p->table_size, sizeof *p->table);
	ALLOC_GROW(p->nodes, 1, p->nodes_cap);
	p->nodes[p->nnodes++] = (struct node){ 0 };
}

void projection_release(struct projection *p)
{
	free(p->entries);
	free(p->nodes);
	free(p->table);
	free(p->buf.ptr);
	free(p->frames);
}

static uint32_t mix(uint32_t h, uint32_t v)
{
	uint64_t x = (h ^ (uint64_t)v << 32 ^ v) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(x ^ x >> 32);
}

/* Where a list may be cut depends on the entry before the cut, and for parts on their last entry: the same everywhere. */
static uint32_t edge_of(const struct projection *p, const struct graph_entry *e)
{
	if (e->name == NAME_NONE && e->kind == ENTRY_TREE)
		return p->nodes[e->object].edge;
	return p->graph->names->list[e->name]->mark;
}

static uint32_t hash_list(const struct projection *p, const struct graph_entry *e, size_t n)
{
	uint64_t h = p->key ^ n;
	for (size_t i = 0; i < n; i++) {
		h = (h ^ ((uint64_t)e[i].object << 32 | (uint64_t)e[i].kind << 30 | e[i].name)) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	return (uint32_t)(h ^ h >> 32);
}

static bool same_list(const struct graph_entry *a, const struct graph_entry *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].object != b[i].object || a[i].name != b[i].name || a[i].kind != b[i].kind)
			return false;
	return true;
}

static void grow_table(struct projection *p)
{
	free(p->table);
	p->table_size *= 2;
	p->table = xcalloc(p->table_size, sizeof *p->table);
	for (uint32_t id = 1; id < p->nnodes; id++) {
		size_t i = p->nodes[id].hash & (p->table_size - 1);
		while (p->table[i])
			i = (i + 1) & (p->table_size - 1);
		p->table[i] = id;
	}
}

static uint32_t intern_short(struct projection *p, const struct graph_entry *e, size_t n)
{
	uint32_t hash = hash_list(p, e, n), id;
	size_t i = hash & (p->table_size - 1);
	for (; (id = p->table[i]); i = (i + 1) & (p->table_size - 1)) {
		const struct node *node = &p->nodes[id];
		if (node->hash == hash && node->len == n && same_list(p->entries + node->at, e, n))
			return id;
	}
	id = (uint32_t)p->nnodes;
	p->table[i] = id;
	ALLOC_GROW(p->entries, p->nentries + n, p->entries_cap);
	memcpy(p->entries + p->nentries, e, n * sizeof *e);
	ALLOC_GROW(p->nodes, p->nnodes + 1, p->nodes_cap);
	p->nodes[p->nnodes++] = (struct node){ p->nentries, (uint32_t)n, hash, edge_of(p, &e[n - 1]) };
	p->nentries += n;
	if (p->nnodes * 2 > p->table_size)
		grow_table(p);
	return id;
}

/* Overwrites `e`: parts replace the entries they hold, until the list is short. */
static uint32_t intern_list(struct projection *p, struct graph_entry *e, size_t n)
{
	for (unsigned level = 0; n > PART_MAX; level++) {
		size_t parts = 0, from = 0;
		for (size_t i = 0; i < n; i++) {
			size_t len = i + 1 - from;
			bool cut = len >= PART_MIN && !(mix(edge_of(p, &e[i]), level) & PART_MASK);
			if (i + 1 < n && len < PART_MAX && !cut)
				continue;
			uint32_t node = intern_short(p, e + from, len);
			e[parts++] = (struct graph_entry){ node, NAME_NONE, ENTRY_TREE };
			from = i + 1;
		}
		n = parts;
	}
	return n ? intern_short(p, e, n) : NODE_EMPTY;
}

static void push_frame(struct projection *p, struct tree_list *l, size_t at)
{
	ALLOC_GROW(p->frames, p->depth + 1, p->frames_cap);
	p->frames[p->depth++] = (struct projection_frame){ .list = l, .at = at };
	l->node = NODE_BUSY;
	tree_list_expand(l, &p->buf, at);
}

/* Go on with the frame until it needs a tree that is not known yet: returns that tree's list, or NULL when all is done. */
static struct tree_list *advance(struct projection *p, struct projection_frame *f)
{
	struct graph_entry *e = p->buf.ptr + f->at;
	for (; f->next < f->list->len; f->next++) {
		struct graph_entry x = e[f->next];
		if (x.kind == ENTRY_TREE) {
			struct tree_list *l = p->graph->lists[x.object];
			if (l && l->node == NODE_UNKNOWN)
				return l;
			if (!l || l->node == NODE_EMPTY || l->node == NODE_BUSY)
				continue;
			x.object = l->node;
		}
		e[f->kept++] = x;
	}
	return NULL;
}

uint32_t projection_node(struct projection *p, uint32_t tree)
{
	struct tree_list *top = tree < p->graph->store->count ? p->graph->lists[tree] : NULL;
	if (!top)
		return NODE_EMPTY;
	if (top->node == NODE_UNKNOWN)
		push_frame(p, top, 0);
	while (p->depth) {
		struct projection_frame *f = &p->frames[p->depth - 1];
		struct tree_list *need = advance(p, f);
		if (need) {
			push_frame(p, need, f->at + f->list->len);
		} else {
			f->list->node = intern_list(p, p->buf.ptr + f->at, f->kept);
			p->depth--;
		}
	}
	return top->node;
}
