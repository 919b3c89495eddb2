#include "findings/reach.h"

#include <stdlib.h>

#include "findings/commitparse.h"
#include "findings/treeparse.h"
#include "util/alloc.h"

#define OBJECT_MAX (1ull << 30) /* of a commit, tree or tag that is read */

struct reach {
	const struct repo *r;
	const struct store *s;
	const struct oid *wanted; /* sorted */
	size_t nwanted;
	uint8_t *met;        /* of the wanted */
	uint8_t *seen;       /* a bit for each object of the store */
	uint32_t *todo;
	size_t len, cap;
	struct tree_reader reader;
};

static void reach_name(void *payload, const struct oid *oid)
{
	struct reach *w = payload;
	const struct oid *found = oids_find(w->wanted, w->nwanted, oid);
	uint32_t number = found ? NO_OBJECT : store_find(w->s, oid);
	if (found)
		w->met[found - w->wanted] = 1;
	if (number == NO_OBJECT || w->seen[number >> 3] & 1u << (number & 7))
		return;
	w->seen[number >> 3] |= (uint8_t)(1u << (number & 7));
	ALLOC_GROW(w->todo, w->len + 1, w->cap);
	w->todo[w->len++] = number;
}

static void on_fresh(void *payload, uint32_t index, const struct tree_entry *e)
{
	struct reach *w = payload;
	(void)index;
	if (e->kind == ENTRY_GITLINK)
		return;
	struct oid oid = oid_from(e->oid, w->s->oid_len);
	if (e->kind == ENTRY_TREE)
		reach_name(w, &oid);
	else if (oids_find(w->wanted, w->nwanted, &oid)) /* blobs lead nowhere */
		reach_name(w, &oid);
}

static void follow_commit(struct reach *w, uint32_t number, struct bytes data)
{
	struct commit_header h;
	struct oid oid = store_oid(w->s, number), parent;
	if (!commit_parse(&h, data, w->s->oid_len))
		return;
	reach_name(w, &h.tree);
	if (oids_find(w->r->shallow_commits, w->r->nshallow, &oid))
		return;
	while (commit_next_parent(&h, &parent, w->s->oid_len))
		reach_name(w, &parent);
}

/* What cannot be read the scan has said. */
static void follow(struct reach *w, uint32_t number)
{
	enum object_type type;
	KH_CLEANUP(free_ptr) uint8_t *data = NULL;
	struct object o = { .number = number };
	struct oid target;
	size_t len;
	if (store_read(w->s, number, OBJECT_MAX, &type, &data, &len) != KH_OK)
		return;
	o.data = bytes_of(data, len);
	if (type == OBJ_COMMIT)
		follow_commit(w, number, o.data);
	else if (type == OBJ_TREE)
		(void)tree_parse(&w->reader, &o, w->s->oid_len, NULL);
	else if (type == OBJ_TAG && tag_target(&target, o.data, w->s->oid_len))
		reach_name(w, &target);
}

void reach_roots(const struct repo *r, void (*each)(void *payload, const struct oid *oid), void *payload)
{
	for (size_t i = 0; i < r->nrefs; i++)
		each(payload, &r->refs[i].oid);
	for (size_t i = 0; i < r->nheads; i++)
		if (ref_is_head(&r->heads[i])) /* of the pseudo refs only HEAD keeps its object alive */
			each(payload, &r->heads[i].oid);
	for (size_t i = 0; i < r->nreflog; i++)
		each(payload, &r->reflog[i]);
	for (size_t i = 0; i < r->nindex; i++)
		if ((r->index[i].mode & 0170000u) != 0160000u)
			each(payload, &r->index[i].oid);
}

size_t reach_filter(struct oid *list, size_t n, const struct repo *r, const struct store *s)
{
	struct reach w = { .r = r, .s = s, .wanted = list, .nwanted = n };
	size_t kept = 0;
	w.reader = (struct tree_reader){ .fresh = on_fresh, .payload = &w };
	w.met = xcalloc(n, 1);
	w.seen = xcalloc(((size_t)s->count >> 3) + 1, 1);
	reach_roots(r, reach_name, &w);
	while (w.len)
		follow(&w, w.todo[--w.len]);
	for (size_t i = 0; i < n; i++)
		if (w.met[i])
			list[kept++] = list[i];
	tree_reader_release(&w.reader);
	free(w.met);
	free(w.seen);
	free(w.todo);
	return kept;
}
