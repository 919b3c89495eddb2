/* Runs of base64 digits against a search that looks at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "match/run.h"
#include "util/alloc.h"
#include "util/buf.h"

static void note(void *payload, uint64_t from, uint64_t end)
{
	buf_addf(payload, "%llu-%llu ", (unsigned long long)from, (unsigned long long)end);
}

static void naive(struct buf *out, struct bytes data)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0, n = 0; i <= data.len; i++) {
		if (i < data.len && memchr(digits, data.ptr[i], 64)) {
			n++;
			continue;
		}
		if (n >= RUN_MIN && n <= RUN_MAX)
			note(out, i - n, i);
		n = 0;
	}
}

/* In memory of its own, so that a byte read too far is seen. */
static void expect_same(const uint8_t *p, size_t len)
{
	KH_CLEANUP(buf_release) struct buf got = { 0 }, want = { 0 };
	uint8_t *copy = xmalloc(len + 1), *text = copy + 1;
	memcpy(text, p, len);
	run_find(bytes_of(text, len), note, &got);
	naive(&want, bytes_of(text, len));
	assert_string_equal(buf_str(&got), buf_str(&want));
	free(copy);
}

static void test_run__every_length_at_every_place(void **state)
{
	uint8_t text[200];
	(void)state;
	for (size_t len = 0; len < 60; len++) {
		for (size_t at = 0; at + len <= 90; at++) {
			memset(text, ' ', sizeof text);
			memset(text + at, 'x', len);
			expect_same(text, 90);
			expect_same(text, at + len); /* at the very end */
			expect_same(text + at, len); /* and alone */
			memset(text + at + len + 1, 'y', 45); /* another, a byte behind it */
			expect_same(text, at + len + 46);
		}
	}
}

static void test_run__every_byte_ends_one_or_does_not(void **state)
{
	uint8_t text[100];
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		for (size_t at = 0; at < sizeof text; at++) {
			memset(text, 'Q', sizeof text);
			text[45] = '-';
			text[at] = (uint8_t)c;
			expect_same(text, sizeof text);
		}
	}
}

static void test_run__random_texts(void **state)
{
	static const char some[] = "aZ09+/mQ";
	uint8_t text[2000];
	(void)state;
	srand(1);
	for (unsigned n = 0; n < 3000; n++) {
		size_t len = (size_t)rand() % sizeof text;
		int rare = 8 + rand() % 100;
		for (size_t i = 0; i < len; i++)
			text[i] = (uint8_t)(rand() % rare ? some[rand() % 8] : "\n\"=-_.\xff\0@["[rand() % 10]);
		expect_same(text, len);
	}
}

static void test_run__length_is_counted_backwards(void **state)
{
	char text[101];
	(void)state;
	memset(text, 'a', 100);
	assert_int_equal(run_length(bytes_of(text, 100), 40), 40);
	assert_int_equal(run_length(bytes_of(text, 100), 90), RUN_MAX + 1);
	text[80] = ' ';
	assert_int_equal(run_length(bytes_of(text, 100), 80), RUN_MAX + 1);
	assert_int_equal(run_length(bytes_of(text, 100), 81), 0);
	assert_int_equal(run_length(bytes_of(text, 100), 99), 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run__every_length_at_every_place), cmocka_unit_test(test_run__every_byte_ends_one_or_does_not),
		cmocka_unit_test(test_run__random_texts), cmocka_unit_test(test_run__length_is_counted_backwards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
