#include "gitbox.h"

#include <zlib.h>

#include "objects/loose.h"

#define DIR "r/.git/objects"

static void make_repo(const char *format)
{
	struct buf b = { 0 };
	buf_addf(&b, "rm -rf r; git init -q --object-format=%s r; cd r; echo hello > a; : > empty; head -c 300000 /dev/zero > big;"
		     "git add .; git commit -qm one; git tag -am words v1", format);
	sh(b.ptr);
	buf_release(&b);
}

/* Every object that git lists: the same type, size and bytes. */
static void compare_with_git(unsigned oid_len)
{
	char *list = sh_out("git -C r cat-file --batch-all-objects --batch-check");
	size_t seen = 0;
	for (char *line = strtok(list, "\n"); line; line = strtok(NULL, "\n"), seen++) {
		struct oid oid;
		char type_name[16], cmd[256];
		unsigned long size;
		enum object_type type;
		uint8_t *data;
		size_t len;
		assert_true(oid_parse(&oid, line, oid_len));
		assert_int_equal(sscanf(line + 2 * oid_len, "%15s %lu", type_name, &size), 2);
		assert_int_equal(loose_read(DIR, &oid, oid_len, UINT64_MAX, &type, &data, &len), KH_OK);
		assert_string_equal(object_type_name(type), type_name);
		assert_int_equal(len, size);
		snprintf(cmd, sizeof cmd, "git -C r cat-file %s %.*s", type_name, (int)(2 * oid_len), line);
		FILE *f = popen(cmd, "r");
		char *expected = xmalloc(size + 2);
		assert_int_equal(fread(expected, 1, size + 1, f), size);
		pclose(f);
		assert_memory_equal(expected, data, size);
		free(expected);
		free(data);
	}
	free(list);
	struct loose *found = NULL;
	size_t n = 0, cap = 0;
	struct skips skips = { 0 };
	assert_int_equal(loose_list(DIR, oid_len, 7, &found, &n, &cap, &skips), seen);
	assert_int_equal(n, seen);
	assert_int_equal(found[0].dir, 7);
	assert_int_equal(skips.total, 0);
	free(found);
}

static void test_loose__every_object_is_read_as_git_reads_it(void **state)
{
	(void)state;
	make_repo("sha1");
	compare_with_git(20);
	make_repo("sha256");
	compare_with_git(32);
}

static void test_loose__what_is_gone_or_too_big_says_so(void **state)
{
	(void)state;
	struct oid oid = { { 1, 2, 3 } };
	enum object_type type;
	uint8_t *data;
	size_t len;
	make_repo("sha1");
	assert_int_equal(loose_read(DIR, &oid, 20, 100, &type, &data, &len), KH_MISSING);
	char *hex = sh_out("git -C r rev-parse HEAD:big");
	assert_true(oid_parse(&oid, hex, 20));
	free(hex);
	assert_int_equal(loose_read(DIR, &oid, 20, 299999, &type, &data, &len), KH_TOOBIG);
	assert_int_equal(type, OBJ_BLOB);
	assert_int_equal(loose_read(DIR, &oid, 20, 300000, &type, &data, &len), KH_OK);
	free(data);
}

static void test_loose__listing_leaves_out_what_is_no_object(void **state)
{
	(void)state;
	struct loose *found = NULL;
	size_t n = 0, cap = 0;
	struct skips skips = { 0 };
	sh("rm -rf o; mkdir -p o/ab o/zz o/pack o/AB; cd o; touch ab/tmp_obj_x ab/0123 zz/00000000000000000000000000000000000000;"
	   "touch ab/cdef012345678901234567890123456789abcd ab/CDEF012345678901234567890123456789abcd AB/00000000000000000000000000000000000000");
	assert_int_equal(loose_list("o", 20, 0, &found, &n, &cap, &skips), 1);
	assert_int_equal(loose_list("nowhere", 20, 0, &found, &n, &cap, &skips), 0);
	assert_int_equal(skips.total, 1);
	skips_release(&skips);
	free(found);
}

static struct bytes deflated(const void *data, size_t len)
{
	uLongf n = compressBound(len);
	uint8_t *out = xmalloc(n + 16);
	assert_int_equal(compress2(out, &n, data, len, 9), Z_OK);
	return bytes_of(out, n);
}

static enum status decode(struct bytes file, uint64_t limit)
{
	enum object_type type;
	uint8_t *data;
	size_t len;
	/* a copy of exact size, for the sanitizer to watch its ends */
	uint8_t *copy = xmalloc(file.len);
	if (file.len)
		memcpy(copy, file.ptr, file.len);
	enum status st = loose_decode(bytes_of(copy, file.len), limit, &type, &data, &len);
	if (st == KH_OK)
		free(data);
	free(copy);
	return st;
}

static void test_loose__damaged_headers_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		enum status st;
	} cases[] = {
#define CASE(s, st) { s, sizeof s - 1, st }
		CASE("blob 3\0abc", KH_OK),
		CASE("blob 0\0", KH_OK),
		CASE("blob 3\0ab", KH_CORRUPT),
		CASE("blob 3\0abcd", KH_CORRUPT),
		CASE("blob 03\0abc", KH_CORRUPT),
		CASE("blob -3\0abc", KH_CORRUPT),
		CASE("blob \0abc", KH_CORRUPT),
		CASE("blob3\0abc", KH_CORRUPT),
		CASE("blob 3", KH_CORRUPT),
		CASE("blub 3\0abc", KH_CORRUPT),
		CASE(" 3\0abc", KH_CORRUPT),
		CASE("blob 99999999999\0abc", KH_TOOBIG),
		CASE("blob 9223372036854775807\0abc", KH_TOOBIG),
		CASE("blob 18446744073709551616\0abc", KH_CORRUPT),
		CASE("blob 99999999999999999999999\0abc", KH_CORRUPT),
		CASE("blob 0000000000000000000000000000000000000000003\0abc", KH_CORRUPT),
		CASE("", KH_CORRUPT),
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bytes file = deflated(cases[i].bytes, cases[i].len);
		assert_int_equal(decode(file, 1000), cases[i].st);
		free((void *)(uintptr_t)file.ptr);
	}
}

static void test_loose__cut_flipped_or_longer_streams_are_refused(void **state)
{
	(void)state;
	char content[5000] = "blob 4990";
	for (size_t i = 10; i < sizeof content; i++)
		content[i] = (char)(i * i >> 3);
	struct bytes file = deflated(content, sizeof content);
	uint8_t *raw = (uint8_t *)(uintptr_t)file.ptr;
	assert_int_equal(decode(file, 4990), KH_OK);
	for (size_t n = 0; n < file.len; n++)
		assert_int_not_equal(decode(bytes_of(raw, n), 4990), KH_OK);
	size_t accepted = 0;
	for (size_t i = 0; i < file.len; i++) {
		raw[i] ^= 0x10;
		accepted += decode(file, 4990) == KH_OK;
		raw[i] ^= 0x10;
	}
	assert_true(accepted <= 2); /* window size and the bits that fill up the last byte; Adler sees all else */
	raw[file.len] = 'x';
	assert_int_equal(decode(bytes_of(raw, file.len + 1), 4990), KH_CORRUPT);
	free(raw);
}

static void test_loose__a_bomb_stops_at_its_declared_size(void **state)
{
	(void)state;
	size_t n = 64u << 20;
	char *zeros = xcalloc(n, 1);
	memcpy(zeros, "blob 10", 7);
	struct bytes file = deflated(zeros, n);
	assert_int_equal(decode(file, 1u << 30), KH_CORRUPT);
	free(zeros);
	free((void *)(uintptr_t)file.ptr);
}

struct gathered {
	struct buf all;
	size_t overlap;
	int ended;
};

static enum status gather(void *payload, struct bytes data, uint64_t offset, int more)
{
	struct gathered *g = payload;
	assert_int_equal(offset, g->all.len ? g->all.len - g->overlap : 0);
	size_t skip = g->all.len - offset;
	buf_add(&g->all, data.ptr + skip, data.len - skip);
	g->ended = !more;
	return KH_OK;
}

static void test_loose__parts_join_to_the_whole(void **state)
{
	(void)state;
	struct oid oid;
	struct gathered g = { .overlap = 100 };
	enum object_type type;
	make_repo("sha1");
	sh("cd r; seq 1 100000 > seq; git hash-object -w seq > id");
	char *hex = sh_out("cat r/id"), *expected = sh_out("cat r/seq");
	assert_true(oid_parse(&oid, hex, 20));
	assert_int_equal(loose_parts(DIR, &oid, 20, 4096, 100, &type, gather, &g), KH_OK);
	assert_int_equal(type, OBJ_BLOB);
	assert_true(g.ended);
	assert_string_equal(g.all.ptr, expected);
	free(hex);
	free(expected);
	buf_release(&g.all);
}

static void test_skips__are_capped_counted_and_safe(void **state)
{
	(void)state;
	struct skips a = { 0 }, b = { 0 };
	skips_add(&a, NULL, "bad\033[31m\nname", "why");
	assert_null(a.list[0].object);
	assert_string_equal(a.list[0].path, "bad\\x1b[31m\\x0aname");
	for (int i = 0; i < SKIPS_MAX + 5; i++)
		skips_add(&b, "o", "p", "r");
	assert_int_equal(b.len, SKIPS_MAX);
	skips_merge(&a, &b);
	assert_int_equal(a.total, SKIPS_MAX + 6);
	assert_int_equal(a.len, SKIPS_MAX);
	assert_int_equal(b.len, 0);
	skips_release(&a);
	assert_null(a.list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loose__every_object_is_read_as_git_reads_it),
		cmocka_unit_test(test_loose__what_is_gone_or_too_big_says_so),
		cmocka_unit_test(test_loose__listing_leaves_out_what_is_no_object),
		cmocka_unit_test(test_loose__damaged_headers_are_refused),
		cmocka_unit_test(test_loose__cut_flipped_or_longer_streams_are_refused),
		cmocka_unit_test(test_loose__a_bomb_stops_at_its_declared_size),
		cmocka_unit_test(test_loose__parts_join_to_the_whole),
		cmocka_unit_test(test_skips__are_capped_counted_and_safe),
	};
	return cmocka_run_group_tests(tests, box_enter, box_leave);
}
