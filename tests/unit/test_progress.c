#include "util/progress.h"
#include "util/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SECOND CLOCK_SECOND

static void test_progress__line_says_how_far_and_how_long(void **state)
{
	(void)state;
	static const struct {
		uint64_t done, total;
		int64_t elapsed;
		const char *line;
	} cases[] = {
		{ 1204331, 2408662, 2 * SECOND, "Scanning  50%  1,204,331 objects  602k/s  2 s left" },
		{ 0, 10, SECOND, "Scanning  0%  0 objects  0.0/s  " },
		{ 0, 0, 0, "Scanning  0%  0 objects  0.0/s  " },
		{ 5, 3, SECOND, "Scanning  100%  5 objects  5.0/s  " },
		{ 1000, 301000, SECOND, "Scanning  0%  1,000 objects  1000/s  5 min left" },
		{ 999, 36000000, SECOND, "Scanning  0%  999 objects  999/s  10 h left" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char line[128];
		progress_line(line, sizeof line, 100, "Scanning", cases[i].done, cases[i].total, cases[i].elapsed);
		assert_string_equal(line, cases[i].line);
	}
}

static void test_progress__line_keeps_to_its_width(void **state)
{
	(void)state;
	char line[64];
	progress_line(line, sizeof line, 10, "Scanning", UINT64_MAX, UINT64_MAX, 1);
	assert_string_equal(line, "Scanning  ");
	progress_line(line, sizeof line, 500, "Scanning", UINT64_MAX, UINT64_MAX, 1);
	assert_true(strlen(line) < sizeof line);
}

static void test_progress__silent_where_nobody_wants_it(void **state)
{
	(void)state;
	struct progress p;
	progress_start(&p, "Scanning", false);
	int64_t last = p.last -= 2 * SECOND; /* long enough ago for a bar */
	progress_update(&p, 1, 2);
	assert_int_equal(p.last, last);
	progress_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_progress__line_says_how_far_and_how_long),
		cmocka_unit_test(test_progress__line_keeps_to_its_width),
		cmocka_unit_test(test_progress__silent_where_nobody_wants_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
