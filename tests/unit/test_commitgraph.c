/* Commits: their headers, their order, who reaches them, and which refs contain them. */
#include "historybox.h"

#include "findings/commitgraph.h"
#include "findings/commitparse.h"

static struct ident parse(const char *s)
{
	return ident_parse(bytes_str(s));
}

static void assert_bytes(struct bytes b, const char *expected)
{
	assert_int_equal(b.len, strlen(expected));
	assert_memory_equal(b.ptr, expected, b.len);
}

static void test_ident(void **state)
{
	(void)state;
	struct ident id = parse("A U Thor <a@example.com> 1700000000 -0330");
	assert_bytes(id.name, "A U Thor");
	assert_bytes(id.email, "a@example.com");
	assert_int_equal(id.date, 1700000000);
	assert_int_equal(id.tz, -210);
	id = parse("Odd <a> b@c> 12 +0100"); /* the date follows the last '>' */
	assert_bytes(id.email, "a");
	assert_int_equal(id.date, 12);
	id = parse("nobody");
	assert_bytes(id.name, "nobody");
	assert_bytes(id.email, "");
	assert_int_equal(parse("A <a> 99999999999999999999999999 +0000").date, 0);
	assert_int_equal(parse("A <a> 5 +9999999999999999999999").tz, 0);
	assert_int_equal(parse("A <a> -5 +0000").date, 0);
	assert_int_equal(parse("> A < 5").date, 0);
	assert_int_equal(parse("").name.len, 0);
	assert_int_equal(parse("<>").date, 0);
	assert_int_equal(parse("A <a> 5").tz, 0);
}

#define HEX1 "0123456789abcdef0123456789abcdef01234567"
#define HEX2 "89abcdef0123456789abcdef0123456789abcdef"

static void test_commit_headers(void **state)
{
	(void)state;
	static const char text[] = "tree " HEX1 "\nparent " HEX2 "\nparent " HEX1 "\nauthor A <a> 1 +0000\ncommitter C <c> 2 +0000\n"
				   "gpgsig x\n author B <b> 3 +0000\n\ncommitter D <d> 4 +0000\n";
	struct commit_header h;
	struct oid oid;
	assert_true(commit_parse(&h, bytes_str(text), 20));
	assert_int_equal(ident_parse(h.author).date, 1);
	assert_int_equal(ident_parse(h.committer).date, 2);
	assert_true(commit_next_parent(&h, &oid, 20));
	assert_int_equal(oid.id[0], 0x89);
	assert_true(commit_next_parent(&h, &oid, 20));
	assert_false(commit_next_parent(&h, &oid, 20));
	for (size_t len = 0; len < sizeof text; len++) { /* any cut: no byte past the end is read */
		KH_CLEANUP(free_ptr) char *cut = xmalloc(len + !len);
		memcpy(cut, text, len);
		if (commit_parse(&h, bytes_of(cut, len), 20))
			while (commit_next_parent(&h, &oid, 20))
				ident_parse(h.committer);
		else
			assert_true(len < 46);
	}
	assert_false(commit_parse(&h, bytes_str("parent " HEX1 "\n"), 20));
	assert_false(tag_target(&oid, bytes_str("object 0123\n"), 20));
	assert_true(tag_target(&oid, bytes_str("object " HEX2 "\ntype commit\n"), 20));
}

struct graph_box {
	struct history h;
	struct commitgraph g;
};

static void *visit(void *payload, unsigned worker, struct object *o)
{
	if (object_load(o) == KH_OK)
		commitgraph_visit(payload, worker, o);
	return NULL;
}

static void graph_open(struct graph_box *b, const char *path, unsigned threads)
{
	history_open(&b->h, path);
	commitgraph_init(&b->g, b->h.store, threads);
	struct visitor v = { .types = 1u << OBJ_COMMIT | 1u << OBJ_TAG, .lazy = true, .visit = visit, .payload = &b->g };
	struct walk_options o = history_options(threads);
	walk_store(b->h.store, &v, &o, NULL, &b->h.skips);
	commitgraph_finish(&b->g, b->h.repo, &b->h.skips);
}

static void graph_close(struct graph_box *b)
{
	commitgraph_release(&b->g);
	history_close(&b->h);
}

static uint32_t rank_of(const struct graph_box *b, const char *revision)
{
	return commitgraph_rank(&b->g, history_object(&b->h, revision));
}

/* Two roots, a merge, a clock that ran back, and a commit that only the reflog of the past knows. */
static const char history[] =
	"rm -rf r; git init -q -b main r; cd r\n"
	"c() { export GIT_COMMITTER_DATE=\"17000000$1 +0000\"; git commit -q --allow-empty -m $2; git tag $2; }\n"
	"c 10 a; c 30 b; c 05 skewed; git checkout -q --orphan other; c 20 root\n"
	"git checkout -q main; export GIT_COMMITTER_DATE='1700000040 +0000'; git merge -q --allow-unrelated-histories -m m other; git tag m\n"
	"git checkout -q --detach a; c 12 lost; git rev-parse HEAD > ../lost; git checkout -q main; git tag -d lost\n"
	"git update-ref refs/remotes/origin/x b; git tag -a -m t annotated skewed; git tag -a -m t twice annotated; git reflog expire --expire=all --all\n";

static void test_order_and_reach(void **state)
{
	(void)state;
	sh(history);
	KH_CLEANUP(free_ptr) char *lost = sh_out("tr -d '\\n' < lost");
	for (unsigned threads = 1; threads <= 2; threads++) {
		struct graph_box b;
		const char *order[] = { "a", "root", "b", "skewed", "m", lost };
		graph_open(&b, "r", threads);
		assert_int_equal(b.g.len, 6);
		for (uint32_t i = 0; i < 6; i++)
			assert_int_equal(rank_of(&b, order[i]), i);
		static const uint32_t newest[] = { 4, 2, 1, 0, 3, 5 };
		assert_memory_equal(b.g.newest, newest, sizeof newest);
		static const uint32_t oldest[] = { 3, 0, 5, 1, 2, 4 }; /* dates alone count: the skewed and the lost one too */
		assert_memory_equal(b.g.oldest, oldest, sizeof oldest);
		assert_true(b.g.list[2].reach & REACH_PUSHED);
		assert_false(b.g.list[3].reach & REACH_PUSHED);
		assert_int_equal(b.g.list[5].reach, 0);
		assert_true(commitgraph_tag(&b.g, history_object(&b.h, "twice"))->reach & REACH_ANY);
		assert_null(commitgraph_tag(&b.g, history_object(&b.h, "a")));
		graph_close(&b);
	}
}

static void test_refs_that_contain(void **state)
{
	(void)state;
	struct graph_box b;
	sh("cd r; for i in $(seq 100 114); do git update-ref refs/heads/z$i m; done");
	graph_open(&b, "r", 1);
	struct containing_refs l[6] = { 0 };
	for (uint32_t i = 0; i < 6; i++)
		l[i].rank = i;
	commitgraph_refs(&b.g, b.h.repo->nrefs, l, 6);
	/* skewed: main, 15 z, m, skewed and two tags; not other, root, a, b, origin/x */
	assert_int_equal(l[3].total, 20);
	assert_int_equal(l[3].nshown, REFS_SHOWN);
	assert_string_equal(b.h.repo->refs[l[3].shown[0]].name, "refs/heads/main");
	assert_string_equal(b.h.repo->refs[l[3].shown[9]].name, "refs/heads/z108");
	assert_int_equal(l[4].total, 17);
	assert_int_equal(l[5].total, 0);
	graph_close(&b);
	sh("rm -rf r");
}

/* More than one batch of 64. */
static void test_refs_in_batches(void **state)
{
	(void)state;
	struct graph_box b;
	struct containing_refs l[150] = { 0 };
	sh("rm -rf r; git init -q -b main r; cd r; for i in $(seq 150); do echo \"commit refs/heads/main\ncommitter C <c@x> $((1600000000 + i)) +0000\ndata 0\n\"; done | git fast-import --quiet\n"
	   "git branch early main~100");
	graph_open(&b, "r", 2);
	for (uint32_t i = 0; i < 150; i++)
		l[i].rank = i;
	commitgraph_refs(&b.g, b.h.repo->nrefs, l, 150);
	for (uint32_t i = 0; i < 150; i++)
		assert_int_equal(l[i].total, i < 50 ? 2 : 1);
	graph_close(&b);
	sh("rm -rf r");
}

static void test_copies_count_once(void **state)
{
	(void)state;
	struct graph_box b;
	sh(history);
	sh("cd r; git repack -qadk; git rev-list --all | git pack-objects -q .git/objects/pack/pack; git rev-list --max-count=2 --all | git pack-objects -q .git/objects/pack/pack");
	graph_open(&b, "r", 2);
	assert_true(b.h.store->npacks >= 2);
	assert_int_equal(b.g.len, 6);
	assert_int_equal(b.g.ntags, 2);
	assert_int_equal(rank_of(&b, "m"), 4);
	graph_close(&b);
	sh("rm -rf r");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ident),
		cmocka_unit_test(test_commit_headers),
		cmocka_unit_test(test_order_and_reach),
		cmocka_unit_test(test_refs_that_contain),
		cmocka_unit_test(test_refs_in_batches),
		cmocka_unit_test(test_copies_count_once),
	};
	return cmocka_run_group_tests(tests, box_enter, box_leave);
}
