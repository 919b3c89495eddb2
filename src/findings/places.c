#include "findings/places.h"

#include <stdlib.h>

#include "util/alloc.h"

struct place_step {
	struct graph_entry entry;
	uint32_t parent; /* path of the tree that has the entry */
};

void places_init(struct places *p, const struct projection *projection, struct paths *paths)
{
	*p = (struct places){ .projection = projection, .paths = paths, .table_size = 1024 };
	p->table = xcalloc(p->table_size, sizeof *p->table);
}

void places_release(struct places *p)
{
	free(p->list);
	free(p->table);
	free(p->todo);
}

static uint32_t *find_slot(const struct places *p, uint8_t kind, uint32_t id, uint32_t path)
{
	uint64_t h = (((uint64_t)id << 32 | path) ^ (uint64_t)kind << 62) * 0x9e3779b97f4a7c15u;
	size_t i = (h >> 32) & (p->table_size - 1);
	for (;; i = (i + 1) & (p->table_size - 1)) {
		uint32_t at = p->table[i];
		if (!at || (p->list[at - 1].id == id && p->list[at - 1].path == path && p->list[at - 1].kind == kind))
			return &p->table[i];
	}
}

static void grow_table(struct places *p)
{
	free(p->table);
	p->table_size *= 2;
	p->table = xcalloc(p->table_size, sizeof *p->table);
	for (uint32_t i = 0; i < p->len; i++)
		*find_slot(p, p->list[i].kind, p->list[i].id, p->list[i].path) = i + 1;
}

uint32_t places_add(struct places *p, enum entry_kind kind, uint32_t id, uint32_t path)
{
	uint32_t *slot = find_slot(p, (uint8_t)kind, id, path);
	if (*slot)
		return *slot - 1;
	if (p->len >= PLACES_MAX)
		return NO_PLACE;
	ALLOC_GROW(p->list, p->len + 1, p->cap);
	p->list[p->len++] = (struct place){ id, path, UINT32_MAX, UINT32_MAX, UINT32_MAX, (uint8_t)kind, 0 };
	*slot = (uint32_t)p->len;
	if (p->len * 2 > p->table_size)
		grow_table(p);
	return (uint32_t)p->len - 1;
}

static bool take_first(uint32_t *at, uint32_t value)
{
	bool none = *at == UINT32_MAX;
	if (none)
		*at = value;
	return none;
}

/* Does the sweep bring this place anything? Then what lies below it must be told too. */
static bool take(struct place *x, enum sweep what, uint32_t value, bool is_new)
{
	switch (what) {
	case SWEEP_FIRST:
		return take_first(&x->first, value);
	case SWEEP_OLDEST:
		return take_first(&x->oldest, value);
	case SWEEP_LAST:
		return take_first(&x->last, value);
	case SWEEP_REACH:
		if ((x->reach | value) == x->reach)
			return is_new;
		x->reach |= (uint8_t)value;
		return true;
	case SWEEP_NEW:
		return is_new;
	}
	return false;
}

static bool wanted(const struct places *p, const struct graph_entry *e)
{
	return e->kind == ENTRY_TREE || !p->unwanted || !(p->unwanted[e->object >> 3] >> (e->object & 7) & 1);
}

static void push(struct places *p, struct graph_entry e, uint32_t parent)
{
	ALLOC_GROW(p->todo, p->todo_len + 1, p->todo_cap);
	p->todo[p->todo_len++] = (struct place_step){ e, parent };
}

void places_sweep(struct places *p, uint32_t root, enum sweep what, uint32_t value)
{
	if (root == NODE_EMPTY)
		return;
	push(p, (struct graph_entry){ root, NAME_NONE, ENTRY_TREE }, PATH_ROOT);
	while (p->todo_len) {
		struct place_step step = p->todo[--p->todo_len];
		struct graph_entry e = step.entry;
		if (what == SWEEP_NEW && !wanted(p, &e))
			continue;
		size_t before = p->len;
		bool full = before >= PLACES_MAX; /* then paths that no place has are not made any more either */
		uint32_t path = step.parent;
		if (e.name != NAME_NONE)
			path = (full ? paths_find : paths_intern)(p->paths, step.parent, e.name);
		uint32_t at = path == NO_PATH ? NO_PLACE : places_add(p, (enum entry_kind)e.kind, e.object, path);
		p->overflow |= at == NO_PLACE;
		if (at == NO_PLACE || !take(&p->list[at], what, value, p->len > before) || e.kind != ENTRY_TREE)
			continue;
		const struct node *n = &p->projection->nodes[e.object];
		for (uint32_t i = n->len; i-- > 0;) /* in the tree's order */
			push(p, p->projection->entries[n->at + i], path);
	}
}
