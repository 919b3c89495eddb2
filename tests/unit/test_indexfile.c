#include "gitbox.h"

#include "objects/indexfile.h"

static void make_repo(const char *format)
{
	struct buf b = { 0 };
	buf_addf(&b, "rm -rf r; git init -q --object-format=%s r; cd r; mkdir -p dir/sub; for i in 1 2 3 4 5 6 7; do echo $i > dir/sub/file$i; done;"
		     "echo a > a; ln -s a link; echo x > 'dir/odd name\t\"'; git add .; git commit -qm one", format);
	sh(b.ptr);
	buf_release(&b);
}

/* "mode oid stage\tpath" NUL for each, as git ls-files -s -z prints it. */
static void compare_with_git(unsigned oid_len)
{
	struct index_list index;
	struct buf ours = { 0 };
	assert_int_equal(indexfile_read(&index, "r/.git/index", "r/.git", oid_len), KH_OK);
	for (size_t i = 0; i < index.len; i++) {
		char hex[OID_HEX_MAX + 1];
		oid_hex(hex, &index.list[i].oid, oid_len);
		buf_addf(&ours, "%06o %s %u\t%s\n", index.list[i].mode, hex, index.list[i].stage, index.list[i].path);
	}
	index_list_release(&index);
	char *git = sh_out("git -C r ls-files -s -z | tr '\\000' '\\n'");
	assert_string_equal(git, ours.ptr);
	free(git);
	buf_release(&ours);
}

static void test_indexfile__all_versions_and_hashes_read_as_git_reads_them(void **state)
{
	(void)state;
	static const char *const formats[] = { "sha1", "sha256" };
	for (unsigned f = 0; f < 2; f++) {
		make_repo(formats[f]);
		for (char v = '2'; v <= '4'; v++) {
			char lines[200];
			snprintf(lines, sizeof lines, "cd r; echo new > new; git update-index --index-version %c; git add -N new; echo $((%c+1)) > a; git add a", v, v);
			sh(lines);
			compare_with_git(f ? 32 : 20);
		}
	}
}

static void test_indexfile__split_indexes_are_joined(void **state)
{
	(void)state;
	static const char *const formats[] = { "sha1", "sha256" };
	for (unsigned f = 0; f < 2; f++) {
		make_repo(formats[f]);
		sh("cd r; git config splitIndex.maxPercentChange 100; git update-index --split-index; ls .git/sharedindex.*");
		compare_with_git(f ? 32 : 20);
		sh("cd r; echo b > a; git add a; git rm -q --cached dir/sub/file3 dir/sub/file7; echo z > dir/sub/file35; git add dir/sub/file35;"
		   "grep -q link .git/index");
		compare_with_git(f ? 32 : 20);
		sh("cd r; for i in $(seq 1 300); do echo $i > n$i; done; git add .; git update-index --index-version 4; git update-index --split-index;"
		   "git rm -q --cached n1*; for i in $(seq 1 7 300); do echo x$i > n$i; done; git add n5* n29*; grep -q link .git/index");
		compare_with_git(f ? 32 : 20);
	}
	struct index_list index;
	sh("cd r; git update-index --split-index; git rm -q --cached a; echo own > own; git add own; rm .git/sharedindex.*");
	assert_int_equal(indexfile_read(&index, "r/.git/index", "r/.git", 32), KH_CORRUPT);
	assert_true(index.len > 0);
	index_list_release(&index);
}

static void test_indexfile__conflicts_keep_their_stages(void **state)
{
	(void)state;
	make_repo("sha1");
	sh("cd r; git checkout -qb x; echo x > a; git commit -qam x; git checkout -q -; echo y > a; git commit -qam y; git merge x || true");
	compare_with_git(20);
}

static void test_indexfile__sparse_indexes_name_folders(void **state)
{
	(void)state;
	struct index_list index;
	make_repo("sha1");
	sh("cd r; git sparse-checkout init --cone --sparse-index; git sparse-checkout set nothing");
	assert_int_equal(indexfile_read(&index, "r/.git/index", "r/.git", 20), KH_OK);
	size_t folders = 0;
	for (size_t i = 0; i < index.len; i++)
		folders += index.list[i].mode == 040000;
	assert_int_equal(folders, 1);
	index_list_release(&index);
}

static enum status parse_copy(const void *data, size_t len)
{
	struct index_list list = { 0 };
	struct index_link link;
	uint8_t *copy = xmalloc(len); /* of exact size, for the sanitizer to watch its ends */
	memcpy(copy, data, len);
	enum status st = indexfile_parse(&list, &link, bytes_of(copy, len), 20);
	index_list_release(&list);
	free(copy);
	return st;
}

static void test_indexfile__damage_anywhere_is_no_harm(void **state)
{
	(void)state;
	static const char *const versions[] = { "2", "3", "4" };
	for (unsigned v = 0; v < 3; v++) {
		char lines[200];
		static uint8_t data[1 << 16];
		make_repo("sha1");
		snprintf(lines, sizeof lines, "cd r; echo n > n; git add -N n; git update-index --index-version %s", versions[v]);
		sh(lines);
		FILE *f = fopen("r/.git/index", "rb");
		size_t len = fread(data, 1, sizeof data, f);
		fclose(f);
		assert_int_equal(parse_copy(data, len), KH_OK);
		size_t accepted = 0;
		for (size_t n = 0; n < len; n++)
			accepted += parse_copy(data, n) == KH_OK;
		assert_true(accepted <= 3); /* cut at an extension's end, what comes before may pass for the checksum */
		for (size_t i = 0; i < len - 20; i++) {
			uint8_t kept = data[i];
			for (unsigned bit = 0; bit < 8; bit++) {
				data[i] = (uint8_t)(kept ^ 1u << bit);
				parse_copy(data, len);
			}
			data[i] = kept;
		}
	}
}

static void test_indexfile__hostile_headers_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		enum status st;
	} cases[] = {
#define ZEROS20 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define CASE(s, st) { s, sizeof s - 1, st }
		CASE("DIRC\0\0\0\2\0\0\0\0" ZEROS20, KH_OK),
		CASE("DIRC\0\0\0\2\377\377\377\377" ZEROS20, KH_CORRUPT),
		CASE("DIRC\0\0\0\5\0\0\0\0" ZEROS20, KH_UNSUPPORTED),
		CASE("DIRC\0\0\0\1\0\0\0\0" ZEROS20, KH_UNSUPPORTED),
		CASE("DIRK\0\0\0\2\0\0\0\0" ZEROS20, KH_CORRUPT),
		CASE("DIRC\0\0\0\2\0\0\0\0" "FSMN\377\377\377\377" ZEROS20, KH_CORRUPT),
		CASE("DIRC\0\0\0\2\0\0\0\0" "what\0\0\0\0" ZEROS20, KH_UNSUPPORTED),
		CASE("DIRC\0\0\0\2\0\0\0\0" "WHAT\0\0\0\0" ZEROS20, KH_OK),
		CASE("DIRC\0\0\0\2\0\0\0\0" "link\0\0\0\4abcd" ZEROS20, KH_CORRUPT),
		CASE("DIRC", KH_CORRUPT),
		CASE("x", KH_CORRUPT),
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(parse_copy(cases[i].bytes, cases[i].len), cases[i].st);
}

/* Version 4: each entry repeats a long path for the price of a few bytes. */
static void test_indexfile__a_path_bomb_is_bounded(void **state)
{
	(void)state;
	struct buf b = { 0 };
	unsigned count = 20000;
	uint8_t head[12] = { 'D', 'I', 'R', 'C', 0, 0, 0, 4, 0, 0, (uint8_t)(count >> 8), (uint8_t)count };
	buf_add(&b, head, sizeof head);
	for (unsigned i = 0; i < count; i++) {
		static const uint8_t fixed[60];
		buf_add(&b, fixed, 60);
		buf_add(&b, "\x0f\xff\0", 3); /* flags: a long name; cut nothing */
		if (!i)
			for (unsigned k = 0; k < 100000; k++)
				buf_addch(&b, 'a');
		buf_add(&b, "b\0", 2);
	}
	buf_add(&b, ZEROS20, 20);
	assert_int_equal(parse_copy(b.ptr, b.len), KH_TOOBIG);
	buf_release(&b);
}

static void put64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

static void test_indexfile__bitmaps_stay_within_their_bits(void **state)
{
	(void)state;
	uint8_t bits[100], map[64] = { 0, 0, 0, 100, 0, 0, 0, 2 };
	size_t used;
	static const struct {
		uint64_t first, second;
		size_t set;
		enum status st;
	} cases[] = {
		{ 1 | 1ull << 1, 0, 64, KH_OK },                 /* one word of ones; then an empty marker */
		{ 1ull << 33, 5, 2, KH_OK },                     /* one literal word */
		{ 1ull << 1 | 1ull << 33, 1ull << 35, 1, KH_OK }, /* a word of zeros, then bit 99 */
		{ 1ull << 1 | 1ull << 33, 1ull << 36, 0, KH_CORRUPT },
		{ 1 | 2ull << 1, 0, 100, KH_OK },                /* the last word is fuller than there are bits */
		{ 1 | 3ull << 1, 0, 0, KH_CORRUPT },
		{ 1 | 0xffffffffull << 1, 0, 0, KH_CORRUPT },
		{ 0xffffffffull << 1, 0, 0, KH_CORRUPT },
		{ 7ull << 33, 0, 0, KH_CORRUPT },                /* more literals than words */
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t set = 0;
		memset(bits, 0, sizeof bits);
		put64(map + 8, cases[i].first);
		put64(map + 16, cases[i].second);
		assert_int_equal(ewah_parse(bits, sizeof bits, bytes_of(map, 28), &used), cases[i].st);
		for (size_t k = 0; k < sizeof bits; k++)
			set += bits[k];
		if (cases[i].st == KH_OK)
			assert_int_equal(set, cases[i].set);
		assert_int_equal(ewah_parse(bits, sizeof bits, bytes_of(map, 27), &used), KH_CORRUPT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_indexfile__all_versions_and_hashes_read_as_git_reads_them),
		cmocka_unit_test(test_indexfile__split_indexes_are_joined),
		cmocka_unit_test(test_indexfile__conflicts_keep_their_stages),
		cmocka_unit_test(test_indexfile__sparse_indexes_name_folders),
		cmocka_unit_test(test_indexfile__damage_anywhere_is_no_harm),
		cmocka_unit_test(test_indexfile__hostile_headers_are_refused),
		cmocka_unit_test(test_indexfile__a_path_bomb_is_bounded),
		cmocka_unit_test(test_indexfile__bitmaps_stay_within_their_bits),
	};
	return cmocka_run_group_tests(tests, box_enter, box_leave);
}
