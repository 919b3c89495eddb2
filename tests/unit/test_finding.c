#include "report_samples.h"

static void test_source_name__has_a_word_for_each(void **state)
{
	(void)state;
	for (int s = SOURCE_BLOB; s <= SOURCE_CONFIG; s++)
		assert_string_not_equal(source_name((enum source)s), "unknown");
	assert_string_equal(source_name(SOURCE_COMMIT_MESSAGE), "commit-message");
}

static void test_sha256_hex__is_sha256(void **state)
{
	(void)state;
	char hex[65];
	sha256_hex(hex, "abc", 3); /* FIPS 180-2, B.1 */
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_fingerprint__does_not_move_with_lines_commits_or_kinds(void **state)
{
	(void)state;
	struct finding a, b;
	sample_fill(&a);
	sample_fill(&b);
	b.line = 900;
	b.column = 1;
	b.kind = "access-key-id";
	b.pattern = "other";
	b.source = SOURCE_FILE;
	b.confidence = LEVEL_LOW;
	strcpy(b.commit, "ffff");
	strcpy(b.blob, "eeee");
	finding_fingerprint(&b);
	assert_string_equal(a.fingerprint, b.fingerprint);
	assert_int_equal(strlen(a.fingerprint), 64);
	finding_release(&a);
	finding_release(&b);
}

static void test_fingerprint__is_a_promise(void **state)
{
	(void)state;
	struct finding f;
	sample_fill(&f);
	/* printf 'keyhunt finding 1\000ID\000SHA\000content\000config/prod.env\000\000' | sha256sum: changing it orphans every baseline */
	assert_string_equal(f.fingerprint, "2ac79e6e17a859c899d38a91a0713e399b0e4a1d4c36da8ea04249d6c3a42796");
	finding_release(&f);
}

static void test_fingerprint__tells_places_and_parts_apart(void **state)
{
	(void)state;
	struct finding f;
	char seen[6][65];
	sample_fill(&f);
	strcpy(seen[0], f.fingerprint);
	f.source = SOURCE_PATH;
	finding_fingerprint(&f);
	strcpy(seen[1], f.fingerprint);
	f.source = SOURCE_BLOB;
	f.inner_path = xstrdup("x");
	finding_fingerprint(&f);
	strcpy(seen[2], f.fingerprint);
	sample_string(&f.path, "config/prod.envx"); /* the same bytes, parted elsewhere */
	sample_string(&f.inner_path, NULL);
	finding_fingerprint(&f);
	strcpy(seen[3], f.fingerprint);
	f.key_id[19] = 'Z';
	finding_fingerprint(&f);
	strcpy(seen[4], f.fingerprint);
	f.key_id[0] = f.secret_sha256[0] = '\0';
	f.token = xstrdup("made-up-token");
	finding_fingerprint(&f);
	strcpy(seen[5], f.fingerprint);
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(seen[i], seen[j]);
	finding_release(&f);
}

static void test_cmp__orders_by_path_line_column_then_the_rest(void **state)
{
	(void)state;
	struct finding a, b;
	sample_fill(&a);
	sample_fill(&b);
	assert_int_equal(finding_cmp(&a, &b), 0);
	b.blob[0] = 'a';
	assert_true(finding_cmp(&a, &b) < 0 && finding_cmp(&b, &a) > 0);
	a.column = 20;
	assert_true(finding_cmp(&a, &b) > 0);
	b.line = 13;
	assert_true(finding_cmp(&a, &b) < 0);
	sample_string(&a.path, "z");
	assert_true(finding_cmp(&a, &b) > 0);
	sample_string(&b.path, "\xff");
	assert_true(finding_cmp(&a, &b) < 0);
	sample_string(&a.path, NULL);
	assert_true(finding_cmp(&a, &b) < 0);
	finding_release(&a);
	finding_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_source_name__has_a_word_for_each),
		cmocka_unit_test(test_sha256_hex__is_sha256),
		cmocka_unit_test(test_fingerprint__does_not_move_with_lines_commits_or_kinds),
		cmocka_unit_test(test_fingerprint__is_a_promise),
		cmocka_unit_test(test_fingerprint__tells_places_and_parts_apart),
		cmocka_unit_test(test_cmp__orders_by_path_line_column_then_the_rest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
