/* missing.c: the connectivity of a partial or shallow clone: what is named and not there.
 *
 * Every commit, tree and tag of the store is visited once; of a tree only the entries that its delta base does not have
 * are looked up, since the base's were when it was visited. */
#include <stdlib.h>

#include "findings/attribute.h"
#include "findings/commitparse.h"
#include "findings/treeparse.h"
#include "util/alloc.h"

#define COMPACT_MIN 65536u

struct missing_worker {
	struct missing *shared;
	struct tree_reader reader;
	struct oid *list;    /* missing names, with repetitions until compacted */
	size_t len, cap, compact_at;
};

struct missing {
	const struct repo *r;
	const struct store *s;
	struct oid *shallow; /* sorted */
	struct missing_worker *workers;
};

static int cmp_oid(const void *a, const void *b)
{
	return oid_cmp(a, b);
}

static size_t sort_unique(struct oid *list, size_t n)
{
	size_t kept = 0;
	if (n)
		qsort(list, n, sizeof *list, cmp_oid);
	for (size_t i = 0; i < n; i++)
		if (!kept || !oid_eq(&list[i], &list[kept - 1]))
			list[kept++] = list[i];
	return kept;
}

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

static void check(struct missing_worker *w, const struct oid *oid)
{
	static const struct oid zero;
	const struct store *s = w->shared->s;
	if (store_find(s, oid) != NO_OBJECT || oid_eq(oid, &zero) || is_well_known(oid, s->oid_len))
		return;
	if (w->len >= w->compact_at) {
		w->len = sort_unique(w->list, w->len);
		w->compact_at = w->len * 2 > COMPACT_MIN ? w->len * 2 : COMPACT_MIN;
	}
	ALLOC_GROW(w->list, w->len + 1, w->cap);
	w->list[w->len++] = *oid;
}

static void on_fresh(void *payload, uint32_t index, const struct tree_entry *e)
{
	struct missing_worker *w = payload;
	(void)index;
	if (e->kind == ENTRY_GITLINK)
		return;
	struct oid oid = oid_from(e->oid, w->shared->s->oid_len);
	check(w, &oid);
}

static void on_copied(void *payload, uint32_t index, uint32_t from, uint32_t n)
{
	(void)payload;
	(void)index;
	(void)from;
	(void)n;
}

static struct entry_starts *visit_tree(struct missing_worker *w, const struct object *o)
{
	const struct entry_starts *base = o->edits ? o->base_state : NULL;
	if (o->offset || o->more)
		return NULL; /* larger than the memory budget: the scan has said so */
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
	if (o->offset || !commit_parse(&h, o->data, m->s->oid_len))
		return;
	check(w, &h.tree);
	struct oid oid = store_oid(m->s, o->number);
	if (m->r->nshallow && bsearch(&oid, m->shallow, m->r->nshallow, sizeof *m->shallow, cmp_oid))
		return;
	for (struct oid parent; commit_next_parent(&h, &parent, m->s->oid_len);)
		check(w, &parent);
}

static void *visit(void *payload, unsigned worker, struct object *o)
{
	struct missing *m = payload;
	struct missing_worker *w = &m->workers[worker];
	struct oid target;
	if (o->type == OBJ_TREE)
		return visit_tree(w, o);
	if (object_load(o) != KH_OK)
		return NULL; /* the scan has said so */
	if (o->type == OBJ_COMMIT)
		visit_commit(w, o);
	else if (!o->offset && tag_target(&target, o->data, m->s->oid_len))
		check(w, &target);
	return NULL;
}

static void drop(void *payload, unsigned worker, void *state)
{
	(void)payload;
	(void)worker;
	free(state);
}

/* What names objects from outside the store. Of the pseudo refs only HEAD keeps its object alive. */
static void check_names(struct missing_worker *w)
{
	const struct repo *r = w->shared->r;
	for (size_t i = 0; i < r->nrefs; i++)
		check(w, &r->refs[i].oid);
	for (size_t i = 0; i < r->nheads; i++)
		if (ref_is_head(&r->heads[i]))
			check(w, &r->heads[i].oid);
	for (size_t i = 0; i < r->nreflog; i++)
		check(w, &r->reflog[i]);
	for (size_t i = 0; i < r->nindex; i++)
		if ((r->index[i].mode & 0170000u) != 0160000u)
			check(w, &r->index[i].oid);
}

static uint64_t join(struct missing *m, unsigned threads, struct skips *skips)
{
	struct missing_worker *all = &m->workers[0];
	for (unsigned i = 1; i < threads; i++) {
		struct missing_worker *w = &m->workers[i];
		ALLOC_GROW(all->list, all->len + w->len, all->cap);
		if (w->len)
			memcpy(all->list + all->len, w->list, w->len * sizeof *w->list);
		all->len += w->len;
		free(w->list);
		w->list = NULL;
	}
	all->len = sort_unique(all->list, all->len);
	for (size_t i = 0; i < all->len; i++) {
		char hex[OID_HEX_MAX + 1];
		if (i >= SKIPS_MAX) {
			skips->total += all->len - i;
			break;
		}
		oid_hex(hex, &all->list[i], m->s->oid_len);
		skips_add(skips, hex, NULL, "missing");
	}
	return all->len;
}

uint64_t missing_objects(const struct repo *r, const struct store *s, const struct walk_options *o, struct skips *skips)
{
	unsigned threads = o->threads ? o->threads : 1;
	struct walk_options options = *o;
	struct missing m = { .r = r, .s = s };
	struct skips known = { 0 }; /* the scan has met and recorded them */
	struct visitor v = { .types = 1u << OBJ_COMMIT | 1u << OBJ_TREE | 1u << OBJ_TAG, .lazy = true, .visit = visit, .drop = drop, .payload = &m };
	m.shallow = xmalloc((r->nshallow + 1) * sizeof *m.shallow);
	if (r->nshallow)
		memcpy(m.shallow, r->shallow_commits, r->nshallow * sizeof *m.shallow);
	if (r->nshallow)
		qsort(m.shallow, r->nshallow, sizeof *m.shallow, cmp_oid);
	m.workers = xcalloc(threads, sizeof *m.workers);
	for (unsigned i = 0; i < threads; i++) {
		struct missing_worker *w = &m.workers[i];
		*w = (struct missing_worker){ .shared = &m, .compact_at = COMPACT_MIN };
		w->reader = (struct tree_reader){ .fresh = on_fresh, .copied = on_copied, .payload = w };
	}
	options.threads = threads;
	options.first_pack = 0;
	options.loose = true;
	walk_store(s, &v, &options, NULL, &known);
	check_names(&m.workers[0]);
	uint64_t n = join(&m, threads, skips);
	for (unsigned i = 0; i < threads; i++) {
		tree_reader_release(&m.workers[i].reader);
		free(m.workers[i].list);
	}
	skips_release(&known);
	free(m.workers);
	free(m.shallow);
	return n;
}
