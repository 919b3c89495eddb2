/* Compiled literals that were stored: used where they fit, ignored where they do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "commands/prepared.h"
#include "match/matcher.h"
#include "patterns/detect.h"

static const struct literal two[] = { { "AKIA", 4, false }, { "secret", 6, true } };
static const struct literal other[] = { { "AKIA", 4, false }, { "secret", 6, false } };

static void note(void *payload, uint32_t literal, uint32_t end)
{
	char *at = payload;
	sprintf(at + strlen(at), "%u@%u ", literal, end);
}

/* What a matcher finds in a text that both lists find different things in. */
static const char *hits(const struct literal *literals, size_t n, struct bytes prepared)
{
	static char said[64];
	struct matcher *m;
	said[0] = '\0';
	assert_int_equal(matcher_new(&m, literals, n, prepared), KH_OK);
	struct matcher_scratch *s = matcher_scratch_new(m);
	matcher_run(m, s, bytes_str("a SECRET, secret AKIA"), note, said);
	matcher_scratch_free(s);
	matcher_free(m);
	return said;
}

static void test_matcher__prepared_finds_the_same(void **state)
{
	struct buf b = { 0 };
	(void)state;
	assert_int_equal(matcher_prepare(&b, two, 2), KH_OK);
	assert_string_equal(hits(two, 2, bytes_of(NULL, 0)), "1@8 1@16 0@21 ");
	assert_string_equal(hits(two, 2, buf_bytes(&b)), "1@8 1@16 0@21 ");
	buf_release(&b);
}

static void test_matcher__prepared_for_other_literals_or_damaged_is_ignored(void **state)
{
	struct buf b = { 0 };
	(void)state;
	assert_int_equal(matcher_prepare(&b, two, 2), KH_OK);
	assert_string_equal(hits(other, 2, buf_bytes(&b)), "1@16 0@21 ");
	for (size_t len = 0; len < b.len; len += 1 + len / 7)
		assert_string_equal(hits(two, 2, bytes_of(b.ptr, len)), "1@8 1@16 0@21 ");
	buf_release(&b);
}

static void test_matcher__literals_that_cannot_be(void **state)
{
	const struct literal empty = { "", 0, false }, separator = { "a\xff", 2, false };
	struct matcher *m;
	struct buf b = { 0 };
	(void)state;
	assert_int_equal(matcher_new(&m, &empty, 1, bytes_of(NULL, 0)), KH_USAGE);
	assert_int_equal(matcher_new(&m, &separator, 1, bytes_of(NULL, 0)), KH_USAGE);
	assert_int_equal(matcher_prepare(&b, &separator, 1), KH_USAGE);
}

/* Else each start compiles them again, and nobody would notice but by the clock. */
static void test_matcher__the_program_holds_the_built_in_literals(void **state)
{
	(void)state;
	for (unsigned turn = 0; turn < 2; turn++) { /* runs, which come last, are not the matcher's */
		struct detector *d;
		struct buf b = { 0 };
		const struct literal *literals;
		char *err = NULL;
		assert_int_equal(detector_new(&d, &(struct detector_options){ .entropy = turn }, &err), KH_OK);
		size_t n = detector_literals(d, &literals);
		assert_int_equal(matcher_prepare(&b, literals, n), KH_OK);
		struct bytes held = prepared_matcher();
		assert_int_equal(held.len, b.len);
		assert_memory_equal(held.ptr, b.ptr, sizeof(uint64_t));
		buf_release(&b);
		detector_free(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matcher__prepared_finds_the_same),
		cmocka_unit_test(test_matcher__prepared_for_other_literals_or_damaged_is_ignored),
		cmocka_unit_test(test_matcher__literals_that_cannot_be),
		cmocka_unit_test(test_matcher__the_program_holds_the_built_in_literals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
