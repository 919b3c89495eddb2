/* Deltas: every rule of the format, and the edits they leave behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "objects/delta.h"

#define COPY(offset, size) 0x91, offset, size /* one byte of each */

struct rule {
	const char *says;
	const char *base;
	uint8_t delta[32];
	size_t len;
	const char *result; /* NULL: damaged */
};

static const struct rule rules[] = {
	{ "an insert", "", { 0, 3, 3, 'a', 'b', 'c' }, 6, "abc" },
	{ "a copy", "0123456789", { 10, 4, COPY(3, 4) }, 5, "3456" },
	{ "copy, insert, copy", "0123456789", { 10, 7, COPY(0, 3), 1, 'x', COPY(7, 3) }, 10, "012x789" },
	{ "a copy without offset begins at 0", "0123", { 4, 2, 0x90, 2 }, 4, "01" },
	{ "an empty result", "0123", { 4, 0 }, 2, "" },
	{ "opcode 0 is reserved", "", { 0, 1, 0, 'a' }, 4, NULL },
	{ "the base has another size", "0123", { 5, 1, COPY(0, 1) }, 5, NULL },
	{ "a copy beyond the base", "0123", { 4, 4, COPY(2, 4) }, 5, NULL },
	{ "a copy that begins beyond the base", "0123", { 4, 1, COPY(200, 1) }, 5, NULL },
	{ "a copy of size 0 means 65536", "0123", { 4, 4, 0x81, 0 }, 4, NULL },
	{ "more than announced", "0123", { 4, 2, COPY(0, 4) }, 5, NULL },
	{ "less than announced", "0123", { 4, 5, COPY(0, 4) }, 5, NULL },
	{ "an insert cut short", "", { 0, 3, 3, 'a' }, 4, NULL },
	{ "operands cut short", "0123", { 4, 1, 0x91, 0 }, 4, NULL },
	{ "sizes cut short", "", { 0x80 }, 1, NULL },
	{ "nothing at all", "", { 0 }, 0, NULL },
	{ "a size of more than 64 bits", "", { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0 }, 12, NULL },
};

static void test_delta__keeps_every_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		const struct rule *r = &rules[i];
		uint8_t out[16];
		size_t len = r->result ? strlen(r->result) : r->len > 1 ? r->delta[1] & 15 : 0;
		enum status st = delta_apply(out, len, NULL, bytes_str(r->base), bytes_of(r->delta, r->len));
		if (st != (r->result ? KH_OK : KH_CORRUPT))
			fail_msg("%s", r->says);
		if (r->result)
			assert_memory_equal(out, r->result, len);
	}
}

static void test_delta__edits_join_neighbours(void **state)
{
	static const uint8_t delta[] = { 10, 9, COPY(2, 2), COPY(4, 2), 1, 'x', COPY(8, 2), COPY(0, 2) };
	struct edits e = { 0 };
	uint8_t out[9];
	(void)state;
	assert_int_equal(delta_apply(out, 9, &e, bytes_str("0123456789"), bytes_of(delta, sizeof delta)), KH_OK);
	assert_memory_equal(out, "2345x8901", 9);
	assert_int_equal(e.len, 4); /* 2..5 in one, x, 8..9, 0..1 */
	assert_true(e.list[0].len == 4 && e.list[0].from == 2 && !e.list[0].fresh);
	assert_true(e.list[1].at == 4 && e.list[1].len == 1 && e.list[1].fresh);
	assert_true(e.list[3].at == 7 && e.list[3].from == 0);
	edits_release(&e);
}

static void test_delta__spans_are_copied_from_edits(void **state)
{
	static const char base[10 + EDITS_SLACK] = "0123456789";
	static const uint8_t delta[10 + EDITS_SLACK] = { 10, 7, COPY(0, 3), 1, 'x', COPY(7, 3) };
	struct edits e = { 0 };
	(void)state;
	assert_int_equal(delta_apply(NULL, 7, &e, bytes_str(base), bytes_of(delta, 10)), KH_OK);
	for (size_t at = 0; at < 7; at++)
		for (size_t len = 0; at + len <= 7; len++) {
			uint8_t out[7 + EDITS_SLACK] = "";
			size_t hint = 0;
			edits_copy(out, e.list, e.len, &hint, at, len);
			assert_memory_equal(out, &"012x789"[at], len);
		}
	edits_release(&e);
}

/* Around the lengths at which a copy of fixed size becomes one of the run's own. */
static void test_delta__long_and_short_spans_are_copied_alike(void **state)
{
	char base[200 + EDITS_SLACK], whole[200], out[200 + EDITS_SLACK];
	(void)state;
	memset(base, '#', sizeof base);
	for (size_t i = 0; i < 200; i++)
		base[i] = (char)('!' + i % 90);
	for (uint8_t len = 1; len < 200; len++) {
		const uint8_t delta[] = { 200, 1, 200, 1, COPY(0, len), COPY(0, (uint8_t)(200 - len)) }; /* sizes take two bytes each */
		uint8_t padded[sizeof delta + EDITS_SLACK] = { 0 };
		struct edits e = { 0 };
		size_t hint = 0;
		memcpy(padded, delta, sizeof delta);
		assert_int_equal(delta_apply((uint8_t *)whole, 200, &e, bytes_of(base, 200), bytes_of(padded, sizeof delta)), KH_OK);
		assert_memory_equal(whole, base, len);
		assert_memory_equal(whole + len, base, 200u - len);
		edits_copy((uint8_t *)out, e.list, e.len, &hint, 0, 200);
		assert_memory_equal(out, whole, 200);
		edits_release(&e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delta__keeps_every_rule),
		cmocka_unit_test(test_delta__edits_join_neighbours),
		cmocka_unit_test(test_delta__spans_are_copied_from_edits),
		cmocka_unit_test(test_delta__long_and_short_spans_are_copied_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
