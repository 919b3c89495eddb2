#include "policy/since.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define NOW 1759759439 /* 2025-10-06T14:03:59Z, a Monday */

static void test_since__dates(void **state)
{
	(void)state;
	static const struct { const char *text; int64_t is; } cases[] = {
		{ "2025-10-06", 1759708800 }, { "2025-10-06T14:03:59Z", NOW }, { "2025-10-06 14:03:59", NOW }, { "2025-10-06T14:03", NOW - 59 },
		{ "2025-10-06T16:03:59+02:00", NOW }, { "2025-10-06T06:33:59-0730", NOW }, { "2024-02-29", 1709164800 }, { "1970-01-01", 0 },
		{ "@0", 0 }, { "@1759759439", NOW }, { "1759759439", NOW }, { "now", NOW }, { "Today", 1759708800 }, { "yesterday", 1759622400 },
		{ "1 second ago", NOW - 1 }, { "90 minutes ago", NOW - 5400 }, { "2 weeks ago", NOW - 1209600 }, { "2.weeks.ago", NOW - 1209600 }, { "3-days", NOW - 259200 },
		{ "1 day", NOW - 86400 }, { "24 Hours Ago", NOW - 86400 }, { "1 month ago", 1757167439 }, { "10 months ago", 1733493839 }, { "1 year ago", 1728223439 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t got = -1;
		if (!since_parse(&got, cases[i].text, NOW) || got != cases[i].is)
			fail_msg("'%s' is %lld", cases[i].text, (long long)got);
	}
}

static void test_since__nonsense(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"", " ", "soon", "tomorrow", "2025", "2025-13-01", "2025-02-29", "2025-00-10", "2025-10-06T", "2025-10-06T24:00", "2025-10-06T14:60", "2025-10-06T14:03:59+25:00",
		"2025-10-06T14:03:59Zx", "2025-10-06x", "1969-12-31", "99999-01-01", "@", "@-1", "@12x", "12345", "@1234567890123", "weeks ago", "2 fortnights ago",
		"2 weeks later", "999999 days ago", "51 years ago", "-1 days ago", "2 weeks agoo",
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t got;
		if (since_parse(&got, cases[i], NOW))
			fail_msg("'%s' is taken as %lld", cases[i], (long long)got);
	}
}

static void test_since__local_time_where_nothing_else_is_said(void **state)
{
	(void)state;
	int64_t got;
	setenv("TZ", "EST5", 1);
	tzset();
	assert_true(since_parse(&got, "2025-10-06", NOW));
	assert_true(got == 1759708800 + 5 * 3600);
	assert_true(since_parse(&got, "2025-10-06T00:00Z", NOW));
	assert_true(got == 1759708800);
	setenv("TZ", "UTC", 1);
	tzset();
}

int main(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_since__dates),
		cmocka_unit_test(test_since__nonsense),
		cmocka_unit_test(test_since__local_time_where_nothing_else_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
