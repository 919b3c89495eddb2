/* attribute.c: from sightings in objects to findings in a history.
 *
 *     walk        commits, tags, and of the trees what leads to a sighted object       treegraph, commitgraph
 *     project     every commit's tree to a node; equal reduced trees are one           projection
 *     sweep       reachable and oldest first, by date both ways, and for each reach    places
 *     settle      one finding per credential and path                                  settle
 */
#include "findings/attribute.h"

#include <stdlib.h>

#include "findings/commitgraph.h"
#include "findings/places.h"
#include "findings/settle.h"
#include "util/alloc.h"

#define NOTE_PATH_LIMIT 4096u

struct attribution {
	const struct repo *r;
	const struct store *s;
	const struct ledger *ledger;
	struct skips *skips;
	uint32_t *by_object;  /* sightings with an object, by its number */
	size_t nby_object;
	struct targets targets;
	struct names names;
	struct treegraph trees;
	struct commitgraph commits;
	struct projection projection;
	struct paths paths;
	struct places places;
	uint32_t *oldest_at, *newest_at; /* rank to index in commits.oldest and .newest */
	uint8_t *placed;      /* a bit for each object that has a place */
	uint8_t *at_head;     /* by sighting */
	struct rows rows;
};

void findings_release(struct findings *f)
{
	for (size_t i = 0; i < f->len; i++)
		finding_release(&f->list[i]);
	free(f->list);
	*f = (struct findings){ 0 };
}

struct finding *findings_push(struct findings *f)
{
	ALLOC_GROW(f->list, f->len + 1, f->cap);
	struct finding *made = &f->list[f->len++];
	memset(made, 0, sizeof *made);
	return made;
}

/* Does the sighting's object lie in trees (or is it one)? */
static bool in_trees(enum source s)
{
	return s != SOURCE_COMMIT_MESSAGE && s != SOURCE_TAG_MESSAGE && s != SOURCE_IDENTITY && s != SOURCE_REF && s != SOURCE_CONFIG;
}

static int cmp_by_object(const void *a, const void *b, void *payload)
{
	const struct sighting *list = payload;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	if (list[i].object != list[k].object)
		return list[i].object < list[k].object ? -1 : 1;
	return (i > k) - (i < k);
}

/* Sort the sightings by object; the objects that lie in trees are the walk's targets. */
static void find_targets(struct attribution *a)
{
	const struct ledger *l = a->ledger;
	KH_CLEANUP(free_ptr) uint32_t *objects = xmalloc((l->nsightings + 1) * sizeof *objects);
	size_t n = 0;
	a->by_object = xmalloc((l->nsightings + 1) * sizeof *a->by_object);
	for (size_t i = 0; i < l->nsightings; i++)
		if (l->sightings[i].object != NO_OBJECT)
			a->by_object[a->nby_object++] = (uint32_t)i;
	qsort_r(a->by_object, a->nby_object, sizeof *a->by_object, cmp_by_object, l->sightings);
	for (size_t i = 0; i < a->nby_object; i++) {
		const struct sighting *x = &l->sightings[a->by_object[i]];
		if (in_trees(x->source) && (!n || objects[n - 1] != x->object))
			objects[n++] = x->object;
	}
	targets_init(&a->targets, a->s, objects, n);
}

/* The first of the object's sightings in by_object; nby_object or another object's when it has none. */
static size_t sightings_of(const struct attribution *a, uint32_t object)
{
	size_t lo = 0, hi = a->nby_object;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (a->ledger->sightings[a->by_object[mid]].object < object)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void *visit(void *payload, unsigned worker, struct object *o)
{
	struct attribution *a = payload;
	if (o->type == OBJ_TREE)
		return treegraph_visit(&a->trees, worker, o);
	if (object_load(o) == KH_OK)
		commitgraph_visit(&a->commits, worker, o);
	return NULL;
}

static void drop(void *payload, unsigned worker, void *state)
{
	(void)payload;
	(void)worker;
	treegraph_drop(state);
}

static int cmp_skip(const void *a, const void *b)
{
	const struct skip *x = a, *y = b;
	return strcmp(x->object ? x->object : "", y->object ? y->object : "");
}

static size_t count_gone(const struct store *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->nloose; i++)
		n += s->loose[i].gone;
	return n;
}

static void walk(struct attribution *a, const struct walk_options *o)
{
	struct walk_options options = *o;
	struct skips skips = { 0 };
	struct visitor v = { .types = 1u << OBJ_COMMIT | 1u << OBJ_TAG, .lazy = true, .visit = visit, .drop = drop, .payload = a };
	if (a->targets.len)
		v.types |= 1u << OBJ_TREE;
	options.threads = o->threads ? o->threads : 1;
	options.first_pack = 0;
	options.loose = true;
	treegraph_init(&a->trees, a->s, &a->targets, &a->names, options.threads);
	commitgraph_init(&a->commits, a->s, options.threads);
	size_t gone = count_gone(a->s);
	if (a->nby_object)
		walk_store(a->s, &v, &options, NULL, &skips);
	if (count_gone(a->s) != gone)
		skips_add(&skips, NULL, NULL, "git gc moved objects while findings were attributed: some may lack their commit, scan again");
	treegraph_finish(&a->trees, &skips);
	commitgraph_finish(&a->commits, a->r, &skips);
	if (skips.len)
		qsort(skips.list, skips.len, sizeof *skips.list, cmp_skip);
	skips_merge_new(a->skips, &skips); /* the scan has met the same damage before */
}

static void sweep_commits(struct attribution *a)
{
	const struct commitgraph *g = &a->commits;
	KH_CLEANUP(free_ptr) uint32_t *node = xmalloc((g->len + 1) * sizeof *node);
	for (uint32_t i = 0; i < g->len; i++)
		node[i] = projection_node(&a->projection, g->list[i].tree);
	for (uint32_t i = 0; i < g->len; i++)
		places_sweep(&a->places, node[i], SWEEP_FIRST, i);
	for (uint32_t i = 0; i < g->len; i++)
		places_sweep(&a->places, node[g->oldest[i]], SWEEP_OLDEST, i);
	for (uint32_t i = 0; i < g->len; i++)
		places_sweep(&a->places, node[g->newest[i]], SWEEP_LAST, i);
	for (uint32_t i = 0; i < g->len; i++)
		places_sweep(&a->places, node[i], SWEEP_REACH, g->list[i].reach);
}

static void set_bit(uint8_t *bits, uint32_t i)
{
	bits[i >> 3] |= (uint8_t)(1u << (i & 7));
}

static bool get_bit(const uint8_t *bits, uint32_t i)
{
	return bits[i >> 3] >> (i & 7) & 1;
}

static void sweep_index(struct attribution *a)
{
	for (size_t i = 0; i < a->r->nindex; i++) {
		const struct index_entry *e = &a->r->index[i];
		uint32_t object = targets_find(&a->targets, e->oid.id);
		if (object == NO_OBJECT)
			continue;
		enum entry_kind kind = (e->mode & 0170000u) == 0120000u ? ENTRY_LINK : ENTRY_BLOB;
		uint32_t at = places_add(&a->places, kind, object, paths_intern_string(&a->paths, e->path));
		if (at == NO_PLACE)
			a->places.overflow = true;
		else
			a->places.list[at].reach |= REACH_ANY | REACH_OTHER | REACH_INDEX;
	}
}

static void note_placed(struct attribution *a)
{
	for (uint32_t i = 0; i < a->places.len; i++)
		if (a->places.list[i].kind != ENTRY_TREE)
			set_bit(a->placed, a->places.list[i].id);
}

struct dangling {
	uint32_t tree;
	struct oid oid;
};

static int cmp_dangling(const void *a, const void *b)
{
	return oid_cmp(&((const struct dangling *)a)->oid, &((const struct dangling *)b)->oid);
}

/* Objects no commit and no index has may still lie in trees that nothing else contains: git add and a merge that
 * stopped leave such. Their paths are relative to that tree. */
static void sweep_dangling(struct attribution *a)
{
	uint32_t left = 0;
	for (uint32_t i = 0; i < a->targets.len; i++)
		left += !get_bit(a->placed, a->targets.objects[i]);
	if (!left)
		return;
	KH_CLEANUP(free_ptr) uint8_t *inside = treegraph_contained(&a->trees);
	struct dangling *list = NULL;
	size_t n = 0, cap = 0;
	for (size_t i = 0; i < a->commits.len; i++)
		if (a->commits.list[i].tree != NO_OBJECT)
			set_bit(inside, a->commits.list[i].tree);
	for (uint32_t i = 0; i < a->s->count; i++)
		if (a->trees.lists[i] && !get_bit(inside, i) && projection_node(&a->projection, i) != NODE_EMPTY) {
			ALLOC_GROW(list, n + 1, cap);
			list[n++] = (struct dangling){ i, store_oid(a->s, i) };
		}
	if (n)
		qsort(list, n, sizeof *list, cmp_dangling);
	a->places.unwanted = a->placed;
	for (size_t i = 0; i < n; i++)
		places_sweep(&a->places, projection_node(&a->projection, list[i].tree), SWEEP_NEW, 0);
	a->places.unwanted = NULL;
	free(list);
	KH_CLEANUP(free_ptr) uint8_t *before = a->placed;
	a->placed = xcalloc(((size_t)a->s->count >> 3) + 1, 1);
	memcpy(a->placed, before, ((size_t)a->s->count >> 3) + 1);
	note_placed(a);
}

/* What is sighted in HEAD's tree, at any path. */
static void look_at_head(struct attribution *a)
{
	a->at_head = xcalloc(a->ledger->nsightings + 1, 1);
	uint32_t rank = a->r->has_head ? commitgraph_rank(&a->commits, store_find(a->s, &a->r->head)) : NO_RANK;
	struct projection *p = &a->projection;
	uint32_t root = rank != NO_RANK ? projection_node(p, a->commits.list[rank].tree) : NODE_EMPTY;
	KH_CLEANUP(free_ptr) uint8_t *seen = xcalloc(p->nnodes + 1, 1);
	uint32_t *todo = NULL;
	size_t n = 0, cap = 0;
	seen[root] = 1;
	ALLOC_GROW(todo, 1, cap);
	todo[n++] = root;
	while (n) {
		const struct node *node = &p->nodes[todo[--n]];
		for (uint32_t i = 0; i < node->len; i++) {
			struct graph_entry e = p->entries[node->at + i];
			if (e.kind == ENTRY_TREE && !seen[e.object]) {
				seen[e.object] = 1;
				ALLOC_GROW(todo, n + 1, cap);
				todo[n++] = e.object;
			}
			for (size_t k = e.kind == ENTRY_TREE ? a->nby_object : sightings_of(a, e.object);
			     k < a->nby_object && a->ledger->sightings[a->by_object[k]].object == e.object; k++)
				a->at_head[a->by_object[k]] = 1;
		}
	}
	free(todo);
}

/* refs/notes/ keeps the note of an object under the object's name, with slashes once there are many. */
static uint32_t note_path(struct attribution *a, uint32_t path)
{
	int cut;
	KH_CLEANUP(free_ptr) char *s = paths_string(&a->paths, path, NOTE_PATH_LIMIT, &cut);
	size_t n = 0;
	struct oid oid;
	for (const char *c = s; *c; c++)
		if (*c != '/')
			s[n++] = *c;
	s[n] = '\0';
	if (cut || n != 2 * (size_t)a->s->oid_len || !oid_parse(&oid, s, a->s->oid_len))
		return path;
	return paths_intern_string(&a->paths, s);
}

static void row_at_place(struct attribution *a, const struct place *x, const struct sighting *g)
{
	struct row row = { g, x->id, x->path, x->first, x->oldest, x->last, g->source, x->reach };
	if (g->source == SOURCE_PATH && g->name)
		row.path = paths_intern(&a->paths, x->path, paths_name(&a->paths, g->name));
	else if (x->reach & REACH_NOTES && !(x->reach & REACH_OTHER)) {
		row.source = SOURCE_NOTE;
		row.path = note_path(a, x->path);
	} else if (x->kind == ENTRY_LINK && g->source == SOURCE_BLOB)
		row.source = SOURCE_SYMLINK;
	rows_add(&a->rows, row);
}

static void add_place_rows(struct attribution *a)
{
	const struct sighting *list = a->ledger->sightings;
	for (uint32_t i = 0; i < a->places.len; i++) {
		const struct place *x = &a->places.list[i];
		if (x->kind == ENTRY_TREE)
			continue;
		for (size_t k = sightings_of(a, x->id); k < a->nby_object && list[a->by_object[k]].object == x->id; k++)
			if (in_trees(list[a->by_object[k]].source))
				row_at_place(a, x, &list[a->by_object[k]]);
	}
}

static uint8_t reach_of_root(const struct attribution *a, uint32_t object)
{
	uint8_t reach = 0;
	for (size_t i = 0; i < a->commits.nroots; i++)
		if (a->commits.roots[i].object == object)
			reach |= a->commits.roots[i].reach;
	return reach;
}

/* A tag's path is the name of the first ref that points to it. */
static const char *tag_path(const struct attribution *a, uint32_t object)
{
	struct oid oid = store_oid(a->s, object);
	for (size_t i = 0; i < a->r->nrefs; i++)
		if (oid_eq(&a->r->refs[i].oid, &oid))
			return a->r->refs[i].name;
	return "TAG_EDITMSG";
}

static void add_message_row(struct attribution *a, const struct sighting *g)
{
	struct row row = { g, g->object, PATH_ROOT, NO_RANK, NO_RANK, NO_RANK, g->source, 0 };
	uint32_t rank = commitgraph_rank(&a->commits, g->object);
	const struct tag *tag = commitgraph_tag(&a->commits, g->object);
	const char *path = g->source == SOURCE_TAG_MESSAGE ? tag_path(a, g->object) : "COMMIT_EDITMSG";
	row.path = paths_intern_string(&a->paths, g->source == SOURCE_IDENTITY ? "author" : path);
	if (rank != NO_RANK) {
		row.first = rank;
		row.oldest = a->oldest_at[rank];
		row.last = a->newest_at[rank];
		row.reach = a->commits.list[rank].reach;
	} else if (tag) {
		row.reach = tag->reach;
	}
	rows_add(&a->rows, row);
}

/* A ref's name or the repository's configuration: no object holds it. */
static void add_name_row(struct attribution *a, const struct sighting *g)
{
	struct row row = { g, NO_OBJECT, PATH_ROOT, NO_RANK, NO_RANK, NO_RANK, g->source, 0 };
	row.path = paths_intern_string(&a->paths, g->name ? g->name : "");
	for (size_t i = 0; g->source == SOURCE_REF && i < a->r->nrefs; i++)
		if (g->name && !strcmp(a->r->refs[i].name, g->name))
			row.reach |= a->r->refs[i].remote ? REACH_ANY | REACH_PUSHED : REACH_ANY;
	rows_add(&a->rows, row);
}

/* Nothing that could be read has it in a tree: its name is all there is. */
static void add_orphan_row(struct attribution *a, const struct sighting *g)
{
	char hex[OID_HEX_MAX + 1];
	struct oid oid = store_oid(a->s, g->object);
	oid_hex(hex, &oid, a->s->oid_len);
	struct row row = { g, g->object, PATH_ROOT, NO_RANK, NO_RANK, NO_RANK, g->source, reach_of_root(a, g->object) };
	row.path = paths_intern_string(&a->paths, g->source == SOURCE_PATH && g->name ? g->name : hex);
	rows_add(&a->rows, row);
}

static void add_other_rows(struct attribution *a)
{
	for (size_t i = 0; i < a->ledger->nsightings; i++) {
		const struct sighting *g = &a->ledger->sightings[i];
		if (g->object == NO_OBJECT)
			add_name_row(a, g);
		else if (!in_trees(g->source))
			add_message_row(a, g);
		else if (!get_bit(a->placed, g->object))
			add_orphan_row(a, g);
	}
}

static void place_all(struct attribution *a)
{
	sweep_commits(a);
	for (size_t i = 0; i < a->commits.nroots; i++)
		places_sweep(&a->places, projection_node(&a->projection, a->commits.roots[i].object), SWEEP_REACH, a->commits.roots[i].reach);
	sweep_index(a);
	a->placed = xcalloc(((size_t)a->s->count >> 3) + 1, 1);
	note_placed(a);
	sweep_dangling(a);
	look_at_head(a);
	a->oldest_at = xmalloc((a->commits.len + 1) * sizeof *a->oldest_at);
	a->newest_at = xmalloc((a->commits.len + 1) * sizeof *a->newest_at);
	for (uint32_t i = 0; i < a->commits.len; i++) {
		a->oldest_at[a->commits.oldest[i]] = i;
		a->newest_at[a->commits.newest[i]] = i;
	}
	add_place_rows(a);
	add_other_rows(a);
	if (a->places.overflow || a->rows.overflow)
		skips_add(a->skips, NULL, NULL, "too many paths lead to the same objects: not all places of the findings are listed");
}

static void release(struct attribution *a)
{
	free(a->by_object);
	free(a->oldest_at);
	free(a->newest_at);
	free(a->placed);
	free(a->at_head);
	rows_release(&a->rows);
	places_release(&a->places);
	paths_release(&a->paths);
	projection_release(&a->projection);
	treegraph_release(&a->trees);
	commitgraph_release(&a->commits);
	targets_release(&a->targets);
	names_release(&a->names);
}

void attribute_history(struct findings *out, const struct repo *r, const struct store *s, const struct ledger *ledger,
		       const struct walk_options *o, struct skips *skips)
{
	struct attribution a = { .r = r, .s = s, .ledger = ledger, .skips = skips };
	if (!ledger->nsightings)
		return;
	names_init(&a.names);
	find_targets(&a);
	walk(&a, o);
	projection_init(&a.projection, &a.trees);
	paths_init(&a.paths, &a.names);
	places_init(&a.places, &a.projection, &a.paths);
	place_all(&a);
	struct settling settling = { r, s, ledger, &a.commits, &a.paths, a.at_head, skips };
	settle_rows(out, &settling, &a.rows);
	if (out->len)
		qsort(out->list, out->len, sizeof *out->list, finding_cmp);
	release(&a);
}
