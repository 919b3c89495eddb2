/* test_expiry.c: times as AWS and its tools write them, and whose record they belong to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "patterns/expiry.h"

/* The credential is the `K` in the text. */
static int64_t expiry(const char *text)
{
	uint64_t at = (uint64_t)(strchr(text, 'K') - text);
	return expiry_of(bytes_str(text), at, at + 1);
}

static void test_expiry__times_in_all_spellings(void **state)
{
	static const struct { const char *text; int64_t time; } table[] = {
		{ "{\"k\": \"K\", \"Expiration\": \"2026-11-23T10:11:12Z\"}", 1795428672 },
		{ "{\"expiration\":1795428672000,\"k\":\"K\"}", 1795428672 },
		{ "K\\\",\\\"Expiration\\\":\\\"2026-11-23T11:11:12.345+01:00\\\"", 1795428672 },
		{ "<E>K</E><Expiration>2026-11-23T10:11:12.000Z</Expiration>", 1795428672 },
		{ "k = K\naws_expiration = 2026-11-23 10:11:12\n", 1795428672 },
		{ "expires_at: 1795428672\nk: K\n", 1795428672 },
		{ "K, Expires: 1970-01-01T00:00:01Z", 1 },
		{ "K Expiration: 2024-02-29T00:00:00Z", 1709164800 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(expiry(table[i].text), table[i].time);
}

static void test_expiry__nothing_said(void **state)
{
	static const char *const texts[] = {
		"K", "{\"k\": \"K\"}, {\"Expiration\": \"2026-11-23T10:11:12Z\"}", "{\"Expiration\": \"2026-11-23T10:11:12Z\"} K",
		"K expires_in: 3600", "K Expiration: 2026-13-23T10:11:12Z", "K Expiration: 2026-11-23", "K Expiration: 2026-11-23T10:1", "K Expiration",
		"[a]\nk = K\n[b]\nexpiration = 2026-11-23T10:11:12Z\n", "k = K\n\nexpiration = 2026-11-23T10:11:12Z\n",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(expiry(texts[i]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expiry__times_in_all_spellings), cmocka_unit_test(test_expiry__nothing_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
