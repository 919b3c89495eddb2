/* The store while others work in the repository: what moves keeps its number, what comes is listed once, what is lost is named. */
#include "gitbox.h"

#include "objects/walk.h"
#include "util/alloc.h"

static char dir[] = "r/.git/objects";
static char *dirs[] = { dir };

static struct oid name_of(const char *rev)
{
	struct buf line = { 0 };
	struct oid oid;
	buf_addf(&line, "git -C r rev-parse %s", rev);
	char *hex = sh_out(line.ptr);
	hex[40] = '\0';
	assert_true(oid_parse(&oid, hex, 20));
	free(hex);
	buf_release(&line);
	return oid;
}

/* Three loose objects: a blob "one", its tree, a commit. */
static struct store *open_three(struct skips *skips)
{
	sh("rm -rf r; git init -q r; cd r; printf one >f; git add f; git commit -qm c");
	struct store *s = store_open(dirs, 1, 20, skips);
	assert_int_equal(s->count, 3);
	assert_int_equal(skips->total, 0);
	return s;
}

static void close_all(struct store *s, struct skips *skips)
{
	store_free(s);
	skips_release(skips);
}

static void assert_content(const struct store *s, uint32_t number, const char *content)
{
	enum object_type type;
	uint8_t *data;
	size_t len;
	assert_int_equal(store_read(s, number, 100, &type, &data, &len), KH_OK);
	assert_int_equal(type, OBJ_BLOB);
	assert_int_equal(len, strlen(content));
	assert_memory_equal(data, content, len);
	free(data);
}

static void *count(void *payload, unsigned worker, struct object *o)
{
	(void)worker;
	(void)o;
	++*(unsigned *)payload;
	return NULL;
}

static unsigned walk(const struct store *s, size_t first_pack, size_t first_loose, struct skips *skips)
{
	unsigned n = 0;
	struct visitor v = { .types = 0x1e, .visit = count, .payload = &n };
	struct walk_options o = { .threads = 1, .memory = 1 << 24, .loose = true, .first_pack = first_pack, .first_loose = first_loose };
	walk_store(s, &v, &o, NULL, skips);
	return n;
}

static void test_store__lists_newcomers_behind_all_others(void **state)
{
	struct skips skips = { 0 };
	struct store *s = open_three(&skips);
	(void)state;
	assert_int_equal(walk(s, 0, 0, &skips), 3);
	sh("cd r; printf two >f; git add f");
	size_t nloose = s->nloose;
	assert_int_equal(store_refresh(s, &skips), 1);
	assert_int_equal(walk(s, s->npacks, nloose, &skips), 1);
	struct oid one = name_of("HEAD:f"), two = name_of(":f"), got;
	assert_true(store_find(s, &one) < 3);
	assert_int_equal(store_find(s, &two), 3);
	got = store_oid(s, 3);
	assert_true(oid_eq(&got, &two));
	assert_content(s, 3, "two");
	assert_int_equal(store_refresh(s, &skips), 0);
	assert_int_equal(walk(s, 0, 0, &skips), 4);
	assert_int_equal(skips.total, 0);
	close_all(s, &skips);
}

static void test_store__reads_what_was_packed_under_its_old_number(void **state)
{
	struct skips skips = { 0 };
	struct store *s = open_three(&skips);
	struct oid one = name_of("HEAD:f");
	uint32_t number = store_find(s, &one);
	(void)state;
	sh("cd r; git repack -qad; git prune-packed");
	assert_int_equal(walk(s, 0, 0, &skips), 0);
	assert_int_equal(store_refresh(s, &skips), 1);
	assert_int_equal(walk(s, 0, s->nloose, &skips), 3);
	assert_int_equal(store_find(s, &one), number);
	assert_content(s, number, "one");
	sh("cd r; printf two >f; git add f");
	assert_int_equal(store_refresh(s, &skips), 1);
	struct oid two = name_of(":f");
	assert_int_equal(store_find(s, &two), 6);
	assert_content(s, 6, "two");
	assert_int_equal(skips.total, 0);
	close_all(s, &skips);
}

static void test_store__finds_again_what_was_packed_and_unpacked(void **state)
{
	struct skips skips = { 0 };
	struct store *s = open_three(&skips);
	struct oid one = name_of("HEAD:f");
	uint32_t number = store_find(s, &one);
	(void)state;
	sh("mv r/.git/objects o; mkdir -p r/.git/objects/pack");
	assert_int_equal(walk(s, 0, 0, &skips), 0);
	sh("rm -r r/.git/objects; mv o r/.git/objects");
	assert_int_equal(store_refresh(s, &skips), 3);
	assert_int_equal(store_find(s, &one), number);
	assert_int_equal(walk(s, 0, 3, &skips), 3);
	assert_int_equal(walk(s, 0, 0, &skips), 3);
	assert_int_equal(store_refresh(s, &skips), 0);
	assert_int_equal(skips.total, 0);
	close_all(s, &skips);
}

static void test_store__names_what_is_nowhere(void **state)
{
	struct skips skips = { 0 };
	struct store *s = open_three(&skips);
	(void)state;
	sh("cd r; h=$(git rev-parse HEAD:f); rm -f .git/objects/$(echo $h | cut -c1-2)/$(echo $h | cut -c3-)");
	assert_int_equal(walk(s, 0, 0, &skips), 2);
	assert_int_equal(store_refresh(s, &skips), 0);
	assert_int_equal(skips.total, 1);
	assert_string_equal(skips.list[0].object, "43dd47ea691c90a5fa7827892c70241913351963"); /* blob "one" */
	close_all(s, &skips);
}

/* Names of packs need not tell their bytes. */
static void test_store__opens_another_pack_of_the_same_name(void **state)
{
	struct skips skips = { 0 };
	(void)state;
	sh("rm -rf r; git init -q r; cd r; printf one >f; git add f; git commit -qm c; git repack -qad; git prune-packed;"
	   "cd .git/objects/pack; for e in pack idx; do mv pack-*.$e pack-x.$e; done");
	struct store *s = store_open(dirs, 1, 20, &skips);
	assert_int_equal(s->npacks, 1);
	sh("cd r; printf two >f; git commit -qam d; git repack -qadf; git prune-packed; cd .git/objects/pack; rm -f pack-x.*; for e in pack idx; do mv pack-*.$e pack-x.$e; done");
	assert_int_equal(store_refresh(s, &skips), 1);
	assert_int_equal(store_refresh(s, &skips), 0);
	struct oid one = name_of("HEAD~:f"), two = name_of("HEAD:f");
	assert_content(s, store_find(s, &one), "one");
	assert_content(s, store_find(s, &two), "two");
	assert_int_equal(skips.total, 0);
	close_all(s, &skips);
}

static void test_store__says_once_what_is_damaged(void **state)
{
	struct skips skips = { 0 };
	(void)state;
	sh("rm -rf r; git init -q r; cd r; printf one >f; git add f; git commit -qm c; git repack -qad; git prune-packed;"
	   "cd .git/objects/pack; chmod u+w *; printf x >>$(ls *.pack); printf nonsense >pack-y.idx; cp pack-y.idx pack-y.pack");
	struct store *s = store_open(dirs, 1, 20, &skips);
	assert_int_equal(s->npacks, 1);
	assert_int_equal(walk(s, 0, 0, &skips), 3);
	assert_int_equal(skips.total, 2);
	assert_int_equal(store_refresh(s, &skips), 0);
	assert_int_equal(skips.total, 2);
	close_all(s, &skips);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store__lists_newcomers_behind_all_others),
		cmocka_unit_test(test_store__reads_what_was_packed_under_its_old_number),
		cmocka_unit_test(test_store__finds_again_what_was_packed_and_unpacked),
		cmocka_unit_test(test_store__names_what_is_nowhere),
		cmocka_unit_test(test_store__opens_another_pack_of_the_same_name),
		cmocka_unit_test(test_store__says_once_what_is_damaged),
	};
	return cmocka_run_group_tests(tests, box_enter, box_leave);
}
