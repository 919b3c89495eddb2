/* The walk against libgit2's object database, the second reader: every object once, the same type and bytes. */
#include "gitbox.h"

#include <git2.h>
#include <stdatomic.h>

#include "objects/walk.h"
#include "util/alloc.h"

struct seen {
	struct store *store;
	git_odb *odb;
	uint64_t count[2], by_type[8];
	atomic_bool failed;
};

static void *check(void *payload, unsigned worker, struct object *o)
{
	struct seen *s = payload;
	git_odb_object *other;
	git_oid oid;
	struct oid own = store_oid(s->store, o->number);
	memcpy(oid.id, own.id, 20);
	if (object_load(o) != KH_OK || git_odb_read(&other, s->odb, &oid)) {
		s->failed = true;
		return NULL;
	}
	if (git_odb_object_size(other) != o->data.len || (int)git_odb_object_type(other) != (int)o->type ||
	    memcmp(git_odb_object_data(other), o->data.ptr, o->data.len))
		s->failed = true;
	git_odb_object_free(other);
	__atomic_add_fetch(&s->count[worker], 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->by_type[o->type], 1, __ATOMIC_RELAXED);
	return NULL;
}

static int count_one(const git_oid *id, void *payload)
{
	(void)id;
	++*(uint64_t *)payload;
	return 0;
}

static void walk_and_compare(unsigned threads, uint64_t memory, bool lazy)
{
	static char dir[] = "r/.git/objects";
	char *dirs[] = { dir };
	struct skips skips = { 0 };
	struct seen s = { 0 };
	struct walk_stats stats = { 0 };
	uint64_t expected = 0;
	git_libgit2_init();
	assert_int_equal(git_odb_open(&s.odb, dir), 0);
	git_odb_foreach(s.odb, count_one, &expected);
	s.store = store_open(dirs, 1, 20, &skips);
	struct visitor v = { .types = 0x1e, .lazy = lazy, .visit = check, .payload = &s };
	struct walk_options o = { .threads = threads, .memory = memory, .loose = true };
	walk_store(s.store, &v, &o, &stats, &skips);
	assert_int_equal(skips.total, 0);
	assert_false(s.failed);
	assert_int_equal(s.count[0] + s.count[1], expected);
	assert_int_equal(stats.objects, expected);
	assert_true(s.by_type[OBJ_COMMIT] && s.by_type[OBJ_TREE] && s.by_type[OBJ_BLOB] && s.by_type[OBJ_TAG]);
	store_free(s.store);
	git_odb_free(s.odb);
	git_libgit2_shutdown();
}

static void make_history(void)
{
	sh("rm -rf r; git init -q r; cd r; for i in $(seq 1 40); do seq $i 400 > f; echo $i >> g; mkdir -p d; cp f d/f$((i % 7)); git add .; git commit -qm \"c $i\"; done;"
	   "git tag -am words v1");
}

static void test_walk__loose_objects(void **state)
{
	(void)state;
	make_history();
	walk_and_compare(1, 1u << 30, false);
	walk_and_compare(2, 1u << 30, true);
}

static void test_walk__packs_of_every_make(void **state)
{
	static const char *const repacks[] = {
		"git -C r repack -qadf --depth=50", "git -C r repack -qadf --depth=0", "git -C r -c repack.useDeltaBaseOffset=false repack -qadf --depth=200 --window=50",
		"git -C r -c pack.indexVersion=1 repack -qadf", "git -C r repack -qadf --write-midx",
		"cd r; echo new > h; git add h; git commit -qm new; git repack -qd; echo newer > h; git commit -qam newer",
	};
	(void)state;
	make_history();
	for (size_t i = 0; i < sizeof repacks / sizeof *repacks; i++) {
		sh(repacks[i]);
		walk_and_compare(1, 1u << 30, true);
		walk_and_compare(2, 1u << 30, false);
	}
}

static void test_walk__little_memory_drops_and_rebuilds(void **state)
{
	(void)state;
	sh("rm -rf r; git init -q r; cd r; for i in $(seq 1 60); do seq 1 20000 | sed \"$((i * 300))s/.*/line $i/;$((i * 7))s/.*/x $i/\" > f; git add f; git commit -qm $i; done;"
	   "git tag -am words v1; git repack -qadf --depth=50 --window=20");
	walk_and_compare(2, 1u << 20, true); /* each version is 108 kB: a few fit at once */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk__loose_objects),
		cmocka_unit_test(test_walk__packs_of_every_make),
		cmocka_unit_test(test_walk__little_memory_drops_and_rebuilds),
	};
	return cmocka_run_group_tests(tests, box_enter, box_leave);
}
