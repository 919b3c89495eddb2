/* Windows and inheritance: what a delta forces us to look at again, and what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "match/inherit.h"
#include "match/run.h"
#include "match/window.h"

static const struct literal literals[] = { { "AKIA", 4, false }, { NULL, 0, false } /* runs */ };

static void test_window__covers_fresh_bytes_and_seams(void **state)
{
	/* copied 0..100 | fresh 100..110 | copied 110..300, then copied from elsewhere 300..400 */
	const struct edit edits[] = {
		{ .at = 0, .len = 100, .from = 0 },
		{ .at = 100, .len = 10, .fresh = true },
		{ .at = 110, .len = 190, .from = 100 },
		{ .at = 300, .len = 100, .from = 900 },
	};
	struct windows w = { 0 };
	(void)state;
	windows_of(&w, edits, 4, 400, 3);
	assert_int_equal(w.len, 2);
	assert_true(w.list[0].at == 97 && w.list[0].len == 16);
	assert_true(w.list[1].at == 297 && w.list[1].len == 6);
	assert_int_equal(w.total, 22);
	windows_of(&w, edits, 4, 400, 250); /* a long reach joins and clips them */
	assert_int_equal(w.len, 1);
	assert_true(w.list[0].at == 0 && w.list[0].len == 400);
	windows_release(&w);
}

static void test_window__nothing_fresh_needs_none(void **state)
{
	const struct edit whole[] = { { .at = 0, .len = 50, .from = 7 } };
	struct windows w = { 0 };
	(void)state;
	windows_of(&w, whole, 1, 50, 31);
	assert_int_equal(w.len, 0);
	windows_of(&w, NULL, 0, 0, 31);
	assert_int_equal(w.len, 0);
	windows_release(&w);
}

static void test_window__ends_where_the_base_goes_on(void **state)
{
	/* bytes 7 to 57 of a base of 60: something else begins and ends what was inside */
	const struct edit inner[] = { { .at = 0, .len = 50, .from = 7 } }, whole[] = { { .at = 0, .len = 50, .from = 0 } };
	struct windows w = { 0 };
	(void)state;
	windows_with_ends(&w, inner, 1, 50, 3, 60);
	assert_int_equal(w.len, 2);
	assert_true(w.list[0].at == 0 && w.list[0].len == 3);
	assert_true(w.list[1].at == 47 && w.list[1].len == 3);
	windows_with_ends(&w, whole, 1, 50, 3, 60);
	assert_int_equal(w.len, 1);
	assert_int_equal(w.list[0].at, 47);
	windows_with_ends(&w, whole, 1, 50, 3, 50);
	assert_int_equal(w.len, 0);
	windows_with_ends(&w, inner, 1, 50, 80, 60);
	assert_int_equal(w.len, 1);
	assert_int_equal(w.total, 50);
	windows_with_ends(&w, NULL, 0, 0, 3, 60);
	assert_int_equal(w.len, 0);
	windows_release(&w);
}

/* A run is what stands beside it, too: copied without that it may have grown. */
static void test_inherit__runs_with_their_neighbours(void **state)
{
	const uint64_t end = 300, before = RUN_MAX + 1;
	const struct hit base[] = { { (uint32_t)end, 1, 1 } };
	struct { uint64_t from, len, hits; } cases[] = {
		{ end - before, before + 1, 1 }, { end - before + 1, before, 0 }, { end - before, before, 0 }, { 0, 1000, 1 },
	};
	struct inherited *out = NULL;
	size_t cap = 0;
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		const struct edit e[] = { { .at = 0, .len = 5, .fresh = true }, { .at = 5, .len = cases[i].len, .from = cases[i].from },
					  { .at = 5 + cases[i].len, .len = 5, .fresh = true } };
		assert_int_equal(inherit_hits(&out, &cap, base, 1, literals, e, 3, 4000, cases[i].len + 10), cases[i].hits);
	}
	/* at the ends of the object there is no neighbour: where they stay, it stays */
	const struct hit edge[] = { { 40, 1, 1 } };
	const struct edit same[] = { { .at = 0, .len = 40, .from = 0 } }, later[] = { { .at = 0, .len = 1, .fresh = true }, { .at = 1, .len = 40, .from = 0 } };
	assert_int_equal(inherit_hits(&out, &cap, edge, 1, literals, same, 1, 40, 40), 1);
	assert_int_equal(inherit_hits(&out, &cap, edge, 1, literals, same, 1, 50, 40), 0);
	assert_int_equal(inherit_hits(&out, &cap, edge, 1, literals, later, 2, 40, 41), 0);
	free(out);
}

static void test_inherit__moves_what_was_copied_whole(void **state)
{
	const struct hit base[] = { { 4, 0, 1 }, { 50, 0, 1 }, { 104, 0, 0 } };
	/* the run 48..110 begins inside the second hit (46..50) and holds the third (100..104) */
	const struct edit edits[] = { { .at = 0, .len = 10, .fresh = true }, { .at = 10, .len = 62, .from = 48 } };
	struct inherited *out = NULL;
	size_t cap = 0;
	(void)state;
	assert_int_equal(inherit_hits(&out, &cap, base, 3, literals, edits, 2, 110, 72), 1);
	assert_int_equal(out[0].hit.end, 104 - 48 + 10);
	assert_int_equal(out[0].look, NEAR_UNKNOWN);
	free(out);
}

static void test_inherit__near_look_needs_all_it_saw(void **state)
{
	const struct hit base[] = { { 1000, 0, 1 } };
	struct inherited *out = NULL;
	size_t cap = 0;
	(void)state;
	struct { uint64_t from, len; enum near_look look; } cases[] = {
		{ 1000 - HIT_REACH, 2 * HIT_REACH, NEAR_COPIED },
		{ 1001 - HIT_REACH, 2 * HIT_REACH, NEAR_UNKNOWN },
		{ 1000 - HIT_REACH, 2 * HIT_REACH - 1, NEAR_UNKNOWN },
	};
	for (unsigned i = 0; i < 3; i++) {
		const struct edit e[] = { { .at = 0, .len = 5, .fresh = true }, { .at = 5, .len = cases[i].len, .from = cases[i].from },
					  { .at = 5 + cases[i].len, .len = 5, .fresh = true } };
		assert_int_equal(inherit_hits(&out, &cap, base, 1, literals, e, 3, 4000, cases[i].len + 10), 1);
		assert_int_equal(out[0].look, cases[i].look);
	}
	free(out);
}

static void test_inherit__ends_of_the_object_are_part_of_the_look(void **state)
{
	const struct hit base[] = { { 20, 0, 1 } }; /* near both ends of a base of 60 bytes */
	struct inherited *out = NULL;
	size_t cap = 0;
	(void)state;
	const struct edit same[] = { { .at = 0, .len = 60, .from = 0 } };
	assert_int_equal(inherit_hits(&out, &cap, base, 1, literals, same, 1, 60, 60), 1);
	assert_int_equal(out[0].look, NEAR_COPIED);
	const struct edit longer[] = { { .at = 0, .len = 60, .from = 0 }, { .at = 60, .len = 1, .fresh = true } };
	assert_int_equal(inherit_hits(&out, &cap, base, 1, literals, longer, 2, 60, 61), 1);
	assert_int_equal(out[0].look, NEAR_UNKNOWN);
	const struct edit later[] = { { .at = 0, .len = 1, .fresh = true }, { .at = 1, .len = 60, .from = 0 } };
	assert_int_equal(inherit_hits(&out, &cap, base, 1, literals, later, 2, 60, 61), 1);
	assert_int_equal(out[0].look, NEAR_UNKNOWN);
	const struct edit shorter[] = { { .at = 0, .len = 59, .from = 0 } };
	assert_int_equal(inherit_hits(&out, &cap, base, 1, literals, shorter, 1, 60, 59), 1);
	assert_int_equal(out[0].look, NEAR_UNKNOWN);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window__covers_fresh_bytes_and_seams),
		cmocka_unit_test(test_window__nothing_fresh_needs_none),
		cmocka_unit_test(test_window__ends_where_the_base_goes_on),
		cmocka_unit_test(test_inherit__runs_with_their_neighbours),
		cmocka_unit_test(test_inherit__moves_what_was_copied_whole),
		cmocka_unit_test(test_inherit__near_look_needs_all_it_saw),
		cmocka_unit_test(test_inherit__ends_of_the_object_are_part_of_the_look),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
