/* Attribution: which commit, since when, until when, who can see it; the same for any packing and number of threads. */
#include "historybox.h"

#include "findings/missing.h"

#define ID1 "AKIAQYLPMN5HMADEUP01"
#define ID2 "AKIAQYLPMN5HMADEUP02"
#define SECRET "made/up/secret/made/up/secret/made/up/00"

/* k comes with c2, moves with c3, goes with c4, comes back with c6 on a branch that was amended before. */
static const char story[] =
	"rm -rf r; git init -q -b main r; cd r\n"
	"at() { export GIT_COMMITTER_DATE=\"17000000$1 +0130\"; }\n"
	"at 10; echo a > a; git add .; git commit -qm c1\n"
	"at 20; mkdir -p d; echo key > d/k; git add .; git commit -qm c2; git tag c2\n"
	"at 30; git mv d/k k2; git commit -qm c3; git tag c3; git update-ref refs/remotes/origin/main HEAD\n"
	"at 40; git rm -q k2; git commit -qm c4; git tag c4\n"
	"git checkout -qb side; at 50; mkdir -p d; echo key > d/k; git add .; git commit -qm c5; at 60; git commit -q --amend -m c6; git tag c6\n"
	"git checkout -q main; ln -s key l; printf key | git hash-object -w --stdin; at 70; git add l; git commit -qm link; git tag c7\n"
	"echo new > staged; git add staged\n"
	"at 80; git notes add -m noted c2\n";

static void see_story(struct history *h)
{
	history_open(h, "r");
	see(h, ID1, "c2:d/k", SOURCE_BLOB, 1, NULL);
	see(h, ID1, "c7:l", SOURCE_BLOB, 1, NULL);
	see(h, ID2, ":staged", SOURCE_BLOB, 3, NULL);
	see(h, ID2, "c3", SOURCE_COMMIT_MESSAGE, 1, NULL);
	see(h, ID2, "c4", SOURCE_COMMIT_MESSAGE, 2, NULL);
	struct buf note = { 0 };
	KH_CLEANUP(free_ptr) char *c2 = sh_out("git -C r rev-parse c2 | tr -d '\\n'");
	buf_addf(&note, "refs/notes/commits:%s", c2);
	see(h, ID1, note.ptr, SOURCE_BLOB, 1, NULL);
	buf_release(&note);
}

static void check_commit(const struct history *h, const struct finding *f, const char *revision)
{
	struct oid oid;
	assert_true(oid_parse(&oid, f->commit, 20));
	assert_int_equal(store_find(h->store, &oid), history_object(h, revision));
}

static void test_story(void **state)
{
	(void)state;
	struct history h;
	sh(story);
	see_story(&h);
	struct findings f = history_findings(&h, 2);
	assert_int_equal(f.len, 6);
	assert_int_equal(h.skips.total, 0);
	const struct finding *dk = finding_at(&f, ID1, "d/k"), *k2 = finding_at(&f, ID1, "k2"), *l = finding_at(&f, ID1, "l");
	check_commit(&h, dk, "c2");
	assert_int_equal(dk->first_seen, 1700000020);
	assert_int_equal(dk->last_seen, 1700000060); /* the amended commit counts for nothing: nobody reaches it */
	assert_int_equal(dk->committed_tz, 90);
	assert_string_equal(dk->author_name, "A");
	assert_string_equal(dk->author_email, "a@example.com");
	assert_int_equal(dk->reachable, TRI_TRUE);
	assert_int_equal(dk->pushed, TRI_TRUE);
	assert_int_equal(dk->at_head, TRI_TRUE); /* in l */
	assert_int_equal(dk->refs_total, 8);
	assert_string_equal(dk->refs[0], "refs/heads/main");
	assert_int_equal(dk->occurrences, 1);
	check_commit(&h, k2, "c3");
	assert_int_equal(k2->last_seen, 1700000030);
	assert_int_equal(l->source, SOURCE_SYMLINK);
	assert_int_equal(l->pushed, TRI_FALSE);
	const struct finding *staged = finding_at(&f, ID2, "staged"), *message = finding_at(&f, ID2, "COMMIT_EDITMSG");
	assert_int_equal(staged->source, SOURCE_INDEX);
	assert_string_equal(staged->commit, "");
	assert_int_equal(staged->reachable, TRI_TRUE);
	assert_int_equal(staged->at_head, TRI_FALSE);
	assert_int_equal(staged->line, 3);
	check_commit(&h, message, "c3");
	assert_int_equal(message->occurrences, 2);
	assert_int_equal(message->last_seen, 1700000040);
	KH_CLEANUP(free_ptr) char *c2 = sh_out("git -C r rev-parse c2 | tr -d '\\n'");
	assert_int_equal(finding_at(&f, ID1, c2)->source, SOURCE_NOTE);
	findings_release(&f);
	history_close(&h);
	sh("rm -rf r");
}

static char *told(const struct findings *f)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < f->len; i++) {
		const struct finding *x = &f->list[i];
		buf_addf(&b, "%s %s:%u %d %s %s %s %lld %lld %d%d%d %llu %llu %s\n", x->key_id, x->path, x->line, (int)x->source, x->commit,
			 x->blob, x->author_name ? x->author_name : "", (long long)x->first_seen, (long long)x->last_seen, (int)x->reachable,
			 (int)x->at_head, (int)x->pushed, (unsigned long long)x->refs_total, (unsigned long long)x->occurrences, x->fingerprint);
	}
	return b.ptr;
}

static void test_same_for_any_packing(void **state)
{
	(void)state;
	static const char *const packings[] = { "true", "git -C r repack -q", "git -C r repack -qadfk --depth=50",
		"cd r; git rev-list --objects --all | git pack-objects -q .git/objects/pack/pack", "git -C r unpack-objects -q </dev/null || true" };
	char *first = NULL;
	sh(story);
	for (size_t i = 0; i < sizeof packings / sizeof *packings; i++)
		for (unsigned threads = 1; threads <= 3; threads += 2) {
			struct history h;
			if (threads == 1)
				sh(packings[i]);
			see_story(&h);
			struct findings f = history_findings(&h, threads);
			char *now = told(&f);
			if (first)
				assert_string_equal(first, now);
			else
				first = xstrdup(now);
			free(now);
			findings_release(&f);
			history_close(&h);
		}
	free(first);
	sh("rm -rf r");
}

static void test_halves_of_what_is_whole_are_dropped(void **state)
{
	(void)state;
	struct history h;
	sh("rm -rf r; git init -q r; cd r; echo a > a; git add .; git commit -qm 1; echo b > a; git add .; git commit -qm 2");
	history_open(&h, "r");
	struct credential half = made_up("access-key-id", ID1, ""), other = made_up("access-key-id", ID2, "");
	struct credential pair = made_up("access-key-pair", ID1, SECRET), secret = made_up("secret-access-key", "", SECRET);
	ledger_add(&h.ledger, &half, history_object(&h, "HEAD^:a"), SOURCE_BLOB, 1, 1, NULL);
	ledger_add(&h.ledger, &pair, history_object(&h, "HEAD:a"), SOURCE_BLOB, 1, 1, NULL);
	ledger_add(&h.ledger, &secret, history_object(&h, "HEAD:a"), SOURCE_BLOB, 2, 1, NULL);
	ledger_add(&h.ledger, &other, history_object(&h, "HEAD:a"), SOURCE_BLOB, 3, 1, NULL);
	ledger_add(&h.ledger, &half, history_object(&h, "HEAD:a"), SOURCE_ARCHIVE, 1, 1, "inner");
	struct findings f = history_findings(&h, 1);
	assert_int_equal(f.len, 3);
	assert_string_equal(f.list[0].kind, "access-key-pair");
	assert_string_equal(f.list[1].kind, "access-key-id"); /* of the archive's member: another place */
	assert_string_equal(f.list[1].inner_path, "inner");
	assert_string_equal(f.list[2].key_id, ID2);
	findings_release(&f);
	history_close(&h);
	sh("rm -rf r");
}

static void test_what_no_commit_has(void **state)
{
	(void)state;
	struct history h;
	sh("rm -rf r; git init -q -b main r; cd r; git commit -q --allow-empty -m 1\n"
	   "echo loose | git hash-object -w --stdin; echo held > f; git tag held $(git hash-object -w f)\n"
	   "x=$(echo dangling | git hash-object -w --stdin); t=$(printf '100644 blob %s\\tin\\n' $x | git mktree); printf '040000 tree %s\\tsub\\n' $t | git mktree\n"
	   "git tag loose $(echo loose | git hash-object --stdin); git tag -d loose; git tag -a -m text annotated\n"
	   "echo loose | git hash-object --stdin > ../loose; echo dangling | git hash-object --stdin > ../dangling");
	history_open(&h, "r");
	KH_CLEANUP(free_ptr) char *loose = sh_out("tr -d '\\n' < loose");
	KH_CLEANUP(free_ptr) char *dangling = sh_out("tr -d '\\n' < dangling");
	KH_CLEANUP(free_ptr) char *held = sh_out("git -C r rev-parse held | tr -d '\\n'");
	see(&h, ID1, loose, SOURCE_BLOB, 1, NULL);
	see(&h, ID1, dangling, SOURCE_BLOB, 1, NULL);
	see(&h, ID1, "held", SOURCE_BLOB, 1, NULL);
	see(&h, ID1, "annotated", SOURCE_TAG_MESSAGE, 1, NULL);
	struct credential c = made_up("access-key-id", ID2, "");
	ledger_add(&h.ledger, &c, NO_OBJECT, SOURCE_REF, 1, 1, "refs/tags/held");
	ledger_add(&h.ledger, &c, NO_OBJECT, SOURCE_CONFIG, 7, 2, "config");
	struct findings f = history_findings(&h, 2);
	assert_int_equal(f.len, 6);
	assert_int_equal(finding_at(&f, ID1, loose)->reachable, TRI_FALSE);
	assert_int_equal(finding_at(&f, ID1, "sub/in")->reachable, TRI_FALSE);
	assert_int_equal(finding_at(&f, ID1, held)->reachable, TRI_TRUE);
	assert_int_equal(finding_at(&f, ID1, "refs/tags/annotated")->reachable, TRI_TRUE);
	assert_int_equal(finding_at(&f, ID2, "refs/tags/held")->reachable, TRI_TRUE);
	assert_int_equal(finding_at(&f, ID2, "config")->line, 7);
	for (size_t i = 0; i < f.len; i++) {
		assert_false(f.list[i].has_dates);
		assert_int_equal(f.list[i].pushed, TRI_NULL);
	}
	findings_release(&f);
	history_close(&h);
	sh("rm -rf r");
}

/* A tree of our own making, begun with the file k; its blob is the one that holds the key. */
static void begin_tree(struct buf *tree, uint8_t blob[20])
{
	sh("rm -rf r; git init -q -b main r");
	write_loose("r/.git/objects", "blob", "key", 3, blob);
	tree_add(tree, "100644", "k", blob);
}

/* Written, committed, and the key seen. */
static void end_tree(struct history *h, struct buf *tree, const uint8_t blob[20])
{
	struct credential c = made_up("access-key-id", ID1, "");
	struct oid oid = oid_from(blob, 20);
	uint8_t id[20];
	write_loose("r/.git/objects", "tree", tree->ptr, tree->len, id);
	buf_release(tree);
	write_commit("r/.git", id);
	history_open(h, "r");
	ledger_add(&h->ledger, &c, store_find(h->store, &oid), SOURCE_BLOB, 1, 1, NULL);
}

static void test_trees_ten_thousand_deep(void **state)
{
	(void)state;
	struct history h;
	struct buf tree = { 0 };
	uint8_t blob[20], id[20];
	begin_tree(&tree, blob);
	for (int depth = 0; depth < 9999; depth++) {
		write_loose("r/.git/objects", "tree", tree.ptr, tree.len, id);
		buf_clear(&tree);
		tree_add(&tree, "40000", "d", id);
	}
	end_tree(&h, &tree, blob);
	struct findings f = history_findings(&h, 2);
	assert_int_equal(f.len, 1);
	assert_int_equal(strlen(f.list[0].path), 2 * 9999 + 1);
	assert_int_equal(f.list[0].first_seen, 1700000001);
	assert_int_equal(h.skips.total, 0);
	findings_release(&f);
	history_close(&h);
	sh("rm -rf r");
}

/* Ten names for the same subtree, ten levels deep: 10^10 paths. */
static void test_multiplying_trees_are_bounded(void **state)
{
	(void)state;
	struct history h;
	struct buf tree = { 0 };
	uint8_t blob[20], id[20];
	char name[2] = "0";
	begin_tree(&tree, blob);
	for (int depth = 0; depth < 10; depth++) {
		write_loose("r/.git/objects", "tree", tree.ptr, tree.len, id);
		buf_clear(&tree);
		for (name[0] = '0'; name[0] <= '9'; name[0]++)
			tree_add(&tree, "40000", name, id);
	}
	end_tree(&h, &tree, blob);
	struct findings f = history_findings(&h, 2);
	assert_true(f.len > 0);
	assert_true(h.skips.total > 0);
	findings_release(&f);
	history_close(&h);
	sh("rm -rf r");
}

static void test_damaged_tree_is_a_skip(void **state)
{
	(void)state;
	struct history h;
	struct buf tree = { 0 };
	uint8_t blob[20];
	begin_tree(&tree, blob);
	tree_add(&tree, "9x", "broken", blob);
	end_tree(&h, &tree, blob);
	struct findings f = history_findings(&h, 1);
	assert_int_equal(f.len, 1);
	assert_string_equal(f.list[0].path, "k"); /* what came before the damage stands */
	assert_int_equal(h.skips.total, 1);
	assert_string_equal(h.skips.list[0].reason, "damaged tree");
	findings_release(&f);
	history_close(&h);
	sh("rm -rf r");
}

/* An amended commit is in the reflog only, and yet the credential was out since then. */
static void test_first_seen_is_the_oldest_commit_of_all(void **state)
{
	(void)state;
	struct history h;
	sh("rm -rf r; git init -q -b main r; cd r; at() { export GIT_COMMITTER_DATE=\"17000000$1 +0000\"; }\n"
	   "at 10; echo a > a; git add .; git commit -qm a; at 20; echo key > k; git add .; git commit -qm 1; at 30; git commit -q --amend -m 2; git tag kept");
	history_open(&h, "r");
	see(&h, ID1, "kept:k", SOURCE_BLOB, 1, NULL);
	struct findings f = history_findings(&h, 1);
	assert_int_equal(f.len, 1);
	check_commit(&h, &f.list[0], "kept");
	assert_int_equal(f.list[0].committed_at, 1700000030);
	assert_int_equal(f.list[0].first_seen, 1700000020);
	assert_int_equal(f.list[0].last_seen, 1700000030);
	findings_release(&f);
	history_close(&h);
	sh("rm -rf r");
}

static void test_every_stash_entry_reaches(void **state)
{
	(void)state;
	struct history h;
	sh("rm -rf r; git init -q -b main r; cd r; echo a > a; git add .; git commit -qm a\n"
	   "echo key > a; git stash -q; echo other > a; git stash -q");
	history_open(&h, "r");
	see(&h, ID1, "stash@{1}:a", SOURCE_BLOB, 1, NULL);
	struct findings f = history_findings(&h, 1);
	assert_int_equal(f.len, 1);
	assert_int_equal(f.list[0].reachable, TRI_TRUE);
	findings_release(&f);
	history_close(&h);
	sh("rm -rf r");
}

static void *visit_names(void *payload, unsigned worker, struct object *o)
{
	return missing_visit(payload, worker, o);
}

static void drop_names(void *payload, unsigned worker, void *state)
{
	(void)payload;
	(void)worker;
	missing_drop(state);
}

static uint64_t count_missing(struct history *h)
{
	struct missing *m = missing_new(h->repo, h->store, 2);
	struct visitor v = { .types = 0x1e, .lazy = true, .visit = visit_names, .drop = drop_names, .payload = m };
	struct walk_options o = history_options(2);
	walk_store(h->store, &v, &o, NULL, &h->skips);
	uint64_t n = missing_finish(m, &h->skips);
	missing_free(m);
	return n;
}

static uint64_t missing_after(const char *script)
{
	struct history h;
	char text[2048];
	snprintf(text, sizeof text, "rm -rf r; git init -q -b main r; cd r; gone() { h=$(git rev-parse $1); rm -f .git/objects/${h%%${h#??}}/${h#??}; }\n"
		 "for i in 1 2 3; do mkdir -p d; echo $i >f; echo d$i >d/g; git add .; git commit -qm $i; done\n%s", script);
	sh(text);
	history_open(&h, "r");
	uint64_t n = count_missing(&h);
	history_close(&h);
	return n;
}

static void test_only_what_is_reached_is_missing(void **state)
{
	(void)state;
	static const struct { const char *script; uint64_t n; } cases[] = {
		{ "true", 0 },
		{ "gone HEAD~1:f", 1 }, /* a blob below HEAD */
		{ "gone HEAD~1:d/g; gone HEAD~1:d", 1 }, /* what only a missing tree names nobody knows */
		{ "gone HEAD^{tree}", 1 },
		{ "gone HEAD~1", 1 }, /* a parent */
		{ "git repack -qad; echo 9 >f; git commit -qam 9; gone HEAD:f; gone HEAD^{tree}", 2 }, /* the index names the blob */
		/* nothing reaches the commit that was amended away, so it may lack anything */
		{ "echo x >f; git commit -qam x; gone HEAD:f; git update-ref refs/heads/main HEAD~1; git read-tree HEAD; rm -rf .git/logs", 0 },
		{ "echo x >f; git commit -qam x; t=$(git rev-parse HEAD); gone HEAD:f; git update-ref refs/heads/main HEAD~1; git read-tree HEAD; rm -rf .git/logs; git tag -m t t $t", 1 },
		{ "echo x >f; git commit -qam x; gone HEAD:f; git update-ref -m back refs/heads/main HEAD~1; git read-tree HEAD", 1 }, /* a reflog */
		{ "echo x >f; git add f; gone :f", 1 }, /* the index */
		{ "echo x >f; git stash -q; gone stash@{0}:f", 1 },
		{ "h=$(git rev-parse HEAD~1); git replace --graft HEAD; gone $h", 1 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t n = missing_after(cases[i].script);
		if (n != cases[i].n)
			fail_msg("%s: %llu", cases[i].script, (unsigned long long)n);
	}
	sh("rm -rf r");
}

static void test_missing_objects(void **state)
{
	(void)state;
	struct history h;
	sh("rm -rf r; git init -q -b main r; cd r; mkdir d; echo a > d/a; echo b > b; echo b > b2; git add .; git commit -qm 1; echo c > b; git add .; git commit -qm 2\n"
	   "git update-index --add --cacheinfo 160000,0123456789012345678901234567890123456789,module; git commit -qm 3\n"
	   "echo empty > e; git add -N e\n"
	   "gone() { h=$(git rev-parse $1); rm -f .git/objects/${h%${h#??}}/${h#??}; }\n"
	   "gone HEAD~2:b; gone HEAD:d; gone HEAD:b");
	history_open(&h, "r");
	assert_int_equal(count_missing(&h), 3);
	assert_int_equal(h.skips.total, 3);
	assert_string_equal(h.skips.list[0].reason, "missing");
	history_close(&h);
	sh("rm -rf r");
}

static void test_shallow_parents_are_not_missing(void **state)
{
	(void)state;
	struct history h;
	sh("rm -rf r; git init -q -b main o; cd o; for i in 1 2 3; do echo $i > f; git add f; git commit -qm $i; done; cd ..\n"
	   "git clone -q --depth 1 file://$PWD/o r");
	history_open(&h, "r");
	assert_int_equal(count_missing(&h), 0);
	see(&h, ID1, "HEAD:f", SOURCE_BLOB, 1, NULL);
	struct findings f = history_findings(&h, 1);
	assert_int_equal(f.len, 1);
	check_commit(&h, &f.list[0], "HEAD");
	findings_release(&f);
	history_close(&h);
	sh("rm -rf o r");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_story),
		cmocka_unit_test(test_same_for_any_packing),
		cmocka_unit_test(test_halves_of_what_is_whole_are_dropped),
		cmocka_unit_test(test_what_no_commit_has),
		cmocka_unit_test(test_trees_ten_thousand_deep),
		cmocka_unit_test(test_multiplying_trees_are_bounded),
		cmocka_unit_test(test_damaged_tree_is_a_skip),
		cmocka_unit_test(test_first_seen_is_the_oldest_commit_of_all),
		cmocka_unit_test(test_every_stash_entry_reaches),
		cmocka_unit_test(test_missing_objects),
		cmocka_unit_test(test_only_what_is_reached_is_missing),
		cmocka_unit_test(test_shallow_parents_are_not_missing),
	};
	return cmocka_run_group_tests(tests, box_enter, box_leave);
}
