/* Trees: parsed from edits as when parsed whole, lists as pieces as when whole, paths, long lists, equal trees as one. */
#include "historybox.h"

#include "findings/projection.h"

struct listing {
	struct buf text;       /* "index kind name oid\n" of every entry, copies told apart from fresh ones by `copied` only */
	struct buf base_text;
	uint32_t copied;
};

static const char *line_at(const struct buf *b, uint32_t index, size_t *len)
{
	const char *at = b->ptr;
	while (index--)
		at = strchr(at, '\n') + 1;
	*len = (size_t)(strchr(at, '\n') + 1 - at);
	return at;
}

static void on_fresh(void *payload, uint32_t index, const struct tree_entry *e)
{
	struct listing *l = payload;
	(void)index;
	buf_addf(&l->text, "%d %.*s %02x%02x\n", (int)e->kind, (int)e->name.len, (const char *)e->name.ptr, e->oid[0], e->oid[19]);
}

static void on_copied(void *payload, uint32_t index, uint32_t from, uint32_t n)
{
	struct listing *l = payload;
	(void)index;
	l->copied += n;
	for (uint32_t i = 0; i < n; i++) {
		size_t len;
		const char *line = line_at(&l->base_text, from + i, &len);
		buf_add(&l->text, line, len);
	}
}

/* A made-up tree: names and object names from the dice. */
static void make_tree(struct buf *tree, unsigned seed, unsigned n)
{
	static const char *const modes[] = { "100644", "100755", "40000", "120000", "160000" };
	for (unsigned i = 0; i < n; i++) {
		unsigned r = (seed + i) * 2654435761u;
		uint8_t id[20];
		char name[80];
		for (unsigned k = 0; k < 20; k++)
			id[k] = (uint8_t)(r >> (k % 4 * 8) ^ k * r);
		snprintf(name, sizeof name, "%04u%.*s", i, (int)(r % 60), "a-name-that-may-be-long-enough-to-span-several-of-the-runs-here");
		tree_add(tree, modes[r % 5], name, id);
	}
}

/* Edits that turn `base` into something with the same bytes in places: random runs, cut anywhere. */
static void random_edits(struct buf *child, struct edit **edits, size_t *n, const struct buf *base, const struct buf *other)
{
	size_t cap = 0, at = 0;
	*edits = NULL;
	*n = 0;
	while (at < base->len) {
		size_t len = 1 + (size_t)rand() % 500;
		bool fresh = rand() % 4 == 0;
		len = len < base->len - at ? len : base->len - at;
		ALLOC_GROW(*edits, *n + 1, cap);
		(*edits)[(*n)++] = (struct edit){ .at = child->len, .len = len, .from = at, .fresh = fresh };
		buf_add(child, (fresh && rand() % 8 == 0 && at + len < other->len ? other : base)->ptr + at, len);
		at += len;
		at -= rand() % 20 == 0 && at > 200 ? 100 : 0; /* a run copied again */
		if (child->len > 20000)
			break;
	}
	for (size_t i = 0; i < *n; i++)
		(*edits)[i].src = (const uint8_t *)child->ptr + (*edits)[i].at;
}

/* With edits, with edits only, and whole: the same entries, and the same verdict. */
static void test_edits_parse_like_the_whole(void **state)
{
	(void)state;
	uint32_t copied = 0;
	for (unsigned seed = 0; seed < 400; seed++) {
		struct buf base = { 0 }, other = { 0 }, child = { 0 };
		struct edit *edits;
		size_t n;
		srand(seed);
		make_tree(&base, seed, 1 + (unsigned)rand() % 60);
		make_tree(&other, seed % 3 ? seed : seed + 7, 1 + (unsigned)rand() % 60);
		random_edits(&child, &edits, &n, &base, &other);
		struct listing told[4] = { 0 };
		enum status st[4];
		struct tree_reader readers[4] = { 0 };
		struct object objects[4] = { { .data = buf_bytes(&base) }, { .data = buf_bytes(&child) },
			{ .data = buf_bytes(&child), .edits = edits, .nedits = n }, { .data = { NULL, child.len }, .edits = edits, .nedits = n } };
		for (int i = 0; i < 4; i++) {
			readers[i] = (struct tree_reader){ .fresh = on_fresh, .copied = on_copied, .payload = &told[i] };
			told[i].base_text = told[0].text;
			struct entry_starts starts = { readers[0].start, readers[0].n };
			st[i] = tree_parse(&readers[i], &objects[i], 20, i > 1 ? &starts : NULL);
		}
		for (int i = 2; i < 4; i++) {
			assert_int_equal(st[i], st[1]);
			assert_string_equal(buf_str(&told[i].text), buf_str(&told[1].text));
			assert_int_equal(readers[i].n, readers[1].n);
		}
		assert_memory_equal(readers[2].start, readers[1].start, ((size_t)readers[1].n + 1) * sizeof(uint32_t));
		copied += told[3].copied;
		for (int i = 0; i < 4; i++) {
			tree_reader_release(&readers[i]);
			buf_release(&told[i].text);
		}
		buf_release(&base);
		buf_release(&other);
		buf_release(&child);
		free(edits);
	}
	assert_true(copied > 1000);
}

static void test_paths(void **state)
{
	(void)state;
	struct names names;
	struct paths paths;
	struct name_set cache = { 0 };
	int cut;
	names_init(&names);
	paths_init(&paths, &names);
	uint32_t a = names_intern(&names, &cache, bytes_str("a"))->id;
	assert_int_equal(names_intern(&names, NULL, bytes_str("a"))->id, a);
	uint32_t deep = PATH_ROOT;
	for (int i = 0; i < 3000; i++)
		deep = paths_intern(&paths, deep, a);
	assert_int_equal(paths.len, 3001);
	KH_CLEANUP(free_ptr) char *s = paths_string(&paths, deep, 100000, &cut);
	assert_int_equal(strlen(s), 5999);
	assert_false(cut);
	KH_CLEANUP(free_ptr) char *end = paths_string(&paths, deep, 4, &cut);
	assert_string_equal(end, "/a/a");
	assert_true(cut);
	uint32_t bc = paths_intern_string(&paths, "b/c");
	KH_CLEANUP(free_ptr) char *t = paths_string(&paths, bc, 100, &cut);
	assert_string_equal(t, "b/c");
	assert_int_equal(paths_find(&paths, paths_find(&paths, PATH_ROOT, paths_name(&paths, "b")), paths_name(&paths, "c")), bc);
	assert_int_equal(paths_find(&paths, bc, a), NO_PATH);
	paths_release(&paths);
	names_release(&names);
	name_set_release(&cache);
}

struct graph_box {
	struct history h;
	struct names names;
	struct targets targets;
	struct treegraph g;
};

static void *visit(void *payload, unsigned worker, struct object *o)
{
	return treegraph_visit(payload, worker, o);
}

static void drop(void *payload, unsigned worker, void *state)
{
	(void)payload;
	(void)worker;
	treegraph_drop(state);
}

static void graph_open(struct graph_box *b, const uint32_t *objects, size_t n, bool whole)
{
	names_init(&b->names);
	targets_init(&b->targets, b->h.store, objects, n);
	treegraph_init(&b->g, b->h.store, &b->targets, &b->names, 2);
	struct visitor v = { .types = 1u << OBJ_TREE, .lazy = !whole, .whole = whole, .visit = visit, .drop = drop, .payload = &b->g };
	struct walk_options o = history_options(2);
	walk_store(b->h.store, &v, &o, NULL, &b->h.skips);
	treegraph_finish(&b->g, &b->h.skips);
	assert_int_equal(b->h.skips.total, 0);
}

static void graph_close(struct graph_box *b)
{
	treegraph_release(&b->g);
	targets_release(&b->targets);
	names_release(&b->names);
}

/* Every list, by names, whatever the numbers of the names. */
static char *told(const struct graph_box *b)
{
	struct buf out = { 0 };
	struct entry_buf entries = { 0 };
	for (uint32_t i = 0; i < b->h.store->count; i++) {
		if (!b->g.lists[i])
			continue;
		tree_list_expand(b->g.lists[i], &entries, 0);
		buf_addf(&out, "%u:", i);
		for (uint32_t k = 0; k < b->g.lists[i]->len; k++) {
			const struct name *n = b->names.list[entries.ptr[k].name];
			buf_addf(&out, " %u.%u.%.*s", entries.ptr[k].object, (unsigned)entries.ptr[k].kind, (int)n->len, (const char *)n->bytes);
		}
		buf_addch(&out, '\n');
	}
	free(entries.ptr);
	return out.ptr;
}

/* 200 versions of a folder with 300 files and 100 folders, in long delta chains; all its blobs sighted, then half. */
static void test_pieces_are_as_good_as_the_whole(void **state)
{
	(void)state;
	struct graph_box b;
	size_t pieces = 0;
	sh("rm -rf r; git init -q -b main r; cd r; { for v in $(seq 200); do echo \"commit refs/heads/main\ncommitter C <c@x> $((1600000000 + v)) +0000\ndata 0\n\"\n"
	   "if [ $v = 1 ]; then for i in $(seq 300); do printf \"M 100644 inline f$i\\ndata 4\\n%4d\\n\" $i; done; for i in $(seq 100); do printf \"M 100644 inline d$i/x\\ndata 4\\n%4d\\n\" $i; done; fi\n"
	   "for k in 1 2; do printf \"M 100644 inline f$((v * 37 * k % 300))\\ndata 5\\n%5d\\n\" $((v + k)); printf \"M 100644 inline d$((v * 7 % 100))/x\\ndata 5\\n%5d\\n\" $v; done\n"
	   "done; } | git fast-import --quiet; git repack -qadf --depth=200 --window=20");
	history_open(&b.h, "r");
	KH_CLEANUP(free_ptr) uint32_t *objects = xmalloc(b.h.store->count * sizeof *objects);
	for (uint32_t step = 1; step <= 2; step++) {
		size_t n = 0;
		for (uint32_t i = 0; i < b.h.store->count; i += step)
			objects[n++] = i;
		graph_open(&b, objects, n, true);
		KH_CLEANUP(free_ptr) char *whole = told(&b);
		graph_close(&b);
		graph_open(&b, objects, n, false);
		KH_CLEANUP(free_ptr) char *edited = told(&b);
		assert_string_equal(whole, edited);
		for (uint32_t i = 0; i < b.h.store->count; i++)
			pieces += b.g.lists[i] && b.g.lists[i]->npieces;
		KH_CLEANUP(free_ptr) uint8_t *inside = treegraph_contained(&b.g);
		for (uint32_t i = 0; i < b.h.store->count; i++)
			if (b.g.lists[i])
				assert_int_equal(inside[i >> 3] >> (i & 7) & 1, b.g.lists[i]->len < 20);
		graph_close(&b);
	}
	assert_true(pieces > 100);
	history_close(&b.h);
}

/* All blobs sighted: a change in one of 300 makes a few short nodes, not a list of 300. */
static void test_projection(void **state)
{
	(void)state;
	struct graph_box b;
	struct projection p;
	history_open(&b.h, "r");
	KH_CLEANUP(free_ptr) uint32_t *objects = xmalloc(b.h.store->count * sizeof *objects);
	for (uint32_t i = 0; i < b.h.store->count; i++)
		objects[i] = i;
	graph_open(&b, objects, 1, false);
	projection_init(&p, &b.g);
	assert_int_equal(projection_node(&p, NO_OBJECT), NODE_EMPTY);
	for (uint32_t i = 1; i < b.h.store->count; i++) /* sighted: object 0 only */
		if (b.g.lists[i])
			projection_node(&p, i);
	assert_true(p.nnodes <= 200);
	projection_release(&p);
	graph_close(&b);
	size_t n = 0;
	for (uint32_t i = 0; i < b.h.store->count; i++) {
		enum object_type type;
		uint8_t *data;
		size_t len;
		assert_int_equal(store_read(b.h.store, i, 1u << 20, &type, &data, &len), KH_OK);
		free(data);
		if (type == OBJ_BLOB)
			objects[n++] = i;
	}
	graph_open(&b, objects, n, false);
	projection_init(&p, &b.g);
	uint32_t head = projection_node(&p, history_object(&b.h, "HEAD^{tree}")), before = projection_node(&p, history_object(&b.h, "HEAD^^{tree}"));
	assert_int_not_equal(head, NODE_EMPTY);
	assert_int_not_equal(head, before);
	assert_int_equal(head, projection_node(&p, history_object(&b.h, "HEAD^{tree}")));
	for (uint32_t i = 0; i < b.h.store->count; i++)
		projection_node(&p, i);
	assert_true(p.nentries < 200u * 400 / 2);
	for (uint32_t i = 1; i < p.nnodes; i++)
		assert_in_range(p.nodes[i].len, 1, 64);
	projection_release(&p);
	graph_close(&b);
	history_close(&b.h);
	sh("rm -rf r");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edits_parse_like_the_whole),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_pieces_are_as_good_as_the_whole),
		cmocka_unit_test(test_projection),
	};
	return cmocka_run_group_tests(tests, box_enter, box_leave);
}
