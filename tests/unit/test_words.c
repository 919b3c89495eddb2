#include "report_samples.h"

#include "report/words.h"

static struct buf b;

static const char *said(void)
{
	static char copy[256];
	assert_true(b.len < sizeof copy);
	memcpy(copy, buf_str(&b), b.len + 1);
	buf_release(&b);
	return copy;
}

static void test_iso__has_an_offset_and_survives_any_number(void **state)
{
	(void)state;
	static const struct { int64_t time; int tz; const char *out; } t[] = {
		{ 0, 0, "1970-01-01T00:00:00+00:00" },
		{ SAMPLE_DAY, 120, "2023-11-15T00:13:20+02:00" },
		{ SAMPLE_DAY, -210, "2023-11-14T18:43:20-03:30" },
		{ -1, 0, "1969-12-31T23:59:59+00:00" },
		{ SAMPLE_DAY, 9999, "2023-11-14T22:13:20+00:00" }, /* no such offset: the moment is kept, in UTC */
		{ INT64_MAX, 1439, "9999-12-30T23:58:59+23:59" },
		{ INT64_MIN, -1439, "0001-01-02T00:01:00-23:59" },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		words_iso(&b, t[i].time, t[i].tz);
		assert_string_equal(said(), t[i].out);
	}
	words_utc(&b, SAMPLE_DAY);
	assert_string_equal(said(), "2023-11-14T22:13:20Z");
	words_date(&b, SAMPLE_DAY, 120);
	assert_string_equal(said(), "2023-11-15");
}

static void test_ago__counts_days(void **state)
{
	(void)state;
	static const struct { int64_t then; const char *out; } t[] = {
		{ SAMPLE_NOW, "today" },
		{ SAMPLE_NOW - 86399, "today" },
		{ SAMPLE_NOW - 86400, "yesterday" },
		{ SAMPLE_DAY, "412 days ago" },
		{ 0, "20,087 days ago" },
		{ SAMPLE_NOW + 3600, "today" }, /* clocks differ */
		{ SAMPLE_NOW + 864000, "on 2025-01-09, which is in the future" },
		{ INT64_MAX, "on 9999-12-29, which is in the future" },
		{ INT64_MIN, "106,751,991,187,388 days ago" },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		words_ago(&b, SAMPLE_NOW, t[i].then);
		assert_string_equal(said(), t[i].out);
	}
}

static void test_numbers__read_well(void **state)
{
	(void)state;
	words_count(&b, 1, "blob", "blobs");
	assert_string_equal(said(), "1 blob");
	words_count(&b, 262343, "blob", "blobs");
	assert_string_equal(said(), "262,343 blobs");
	words_number(&b, UINT64_MAX);
	assert_string_equal(said(), "18,446,744,073,709,551,615");
	static const struct { uint64_t n; const char *out; } size[] = {
		{ 0, "0 bytes" }, { 1, "1 byte" }, { 999, "999 bytes" }, { 1000, "1.0 kB" }, { 999999, "999.9 kB" },
		{ 8123456789, "8.1 GB" }, { UINT64_MAX, "18.4 EB" },
	};
	for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
		words_size(&b, size[i].n);
		assert_string_equal(said(), size[i].out);
	}
	static const struct { double s; const char *out; } time[] = {
		{ 0, "0 ms" }, { -3, "0 ms" }, { 0.0121, "12 ms" }, { 1.25, "1.2 s" }, { 200, "3 min 20 s" }, { 7300, "2 h 1 min" }, { 1e300, "0 ms" },
	};
	for (size_t i = 0; i < sizeof time / sizeof *time; i++) {
		words_seconds(&b, time[i].s);
		assert_string_equal(said(), time[i].out);
	}
}

static void test_redacted__never_shows_more_than_a_quarter(void **state)
{
	(void)state;
	static const char *const t[][2] = {
		{ SAMPLE_SECRET, "made\xe2\x80\xa6 (40)" },
		{ "", "\xe2\x80\xa6 (0)" },
		{ "abc", "\xe2\x80\xa6 (3)" },
		{ "password", "pa\xe2\x80\xa6 (8)" },
		{ "\x1b[2J............", "\\x1b[2J\xe2\x80\xa6 (16)" },
		{ "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", "\xc3\xbc\xc3\xbc\xe2\x80\xa6 (8)" },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		words_redacted(&b, t[i][0]);
		assert_string_equal(said(), t[i][1]);
	}
}

static void test_exposure__says_who_can_see_it(void **state)
{
	(void)state;
	static const struct { enum tristate pushed, reachable, at_head; const char *out; } t[] = {
		{ TRI_TRUE, TRI_TRUE, TRI_TRUE, "pushed 412 days ago, still at HEAD" },
		{ TRI_TRUE, TRI_TRUE, TRI_FALSE, "pushed 412 days ago, not at HEAD, still in history (last seen 2023-11-15)" },
		{ TRI_FALSE, TRI_TRUE, TRI_TRUE, "committed 412 days ago, not pushed, still at HEAD" },
		{ TRI_NULL, TRI_TRUE, TRI_FALSE, "committed 412 days ago, not at HEAD, still in history (last seen 2023-11-15)" },
		{ TRI_FALSE, TRI_FALSE, TRI_FALSE, "committed 412 days ago, only in unreachable objects" },
		{ TRI_NULL, TRI_NULL, TRI_NULL, "committed 412 days ago" },
	};
	struct finding f;
	sample_fill(&f);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		f.pushed = t[i].pushed;
		f.reachable = t[i].reachable;
		f.at_head = t[i].at_head;
		words_exposure(&b, &f, SAMPLE_NOW);
		assert_string_equal(said(), t[i].out);
	}
	f.source = SOURCE_COMMIT_MESSAGE; /* no tree has it, HEAD's neither */
	f.pushed = TRI_TRUE;
	f.reachable = TRI_TRUE;
	f.at_head = TRI_FALSE;
	words_exposure(&b, &f, SAMPLE_NOW);
	assert_string_equal(said(), "pushed 412 days ago");
	f.source = SOURCE_BLOB;
	f.commit[0] = '\0';
	f.has_dates = false;
	f.at_head = TRI_FALSE;
	f.pushed = f.reachable = TRI_FALSE;
	words_exposure(&b, &f, SAMPLE_NOW);
	assert_string_equal(said(), "only in unreachable objects");
	f.source = SOURCE_CONFIG;
	words_exposure(&b, &f, SAMPLE_NOW);
	assert_string_equal(said(), "");
	finding_release(&f);

	sample_bare(&f);
	words_exposure(&b, &f, SAMPLE_NOW);
	assert_string_equal(said(), "");
	f.source = SOURCE_INDEX;
	words_exposure(&b, &f, SAMPLE_NOW);
	assert_string_equal(said(), "staged, not committed yet");
	finding_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iso__has_an_offset_and_survives_any_number),
		cmocka_unit_test(test_ago__counts_days),
		cmocka_unit_test(test_numbers__read_well),
		cmocka_unit_test(test_redacted__never_shows_more_than_a_quarter),
		cmocka_unit_test(test_exposure__says_who_can_see_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
