/* Secrets that nothing speaks for: what is found with entropy asked for, and what is not; the rest of the room stays as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "match/matcher.h"
#include "match/scan.h"
#include "patterns/detect.h"
#include "util/alloc.h"
#include "util/buf.h"

#define ID "AKIAY34FZKBOKMUTVV7A"
#define S "vVn9UD0PsPI8NYm+WV+oajsTzPE0NTM3s5iGrC/2"
#define LINE "MIIEowIBAAKCAQEA7Zr3mEQ2Xv5u8bGqT1cYp0Kf9LwRzJdN4sHyUoCiVtWx6Ag3" /* 64 digits */
#define BARE "secret-access-key - low random-looking\n"

static struct detector *detector;
static struct detect *worker;
static struct matcher *matcher;
static struct scan *scan;

static bool maybe(void *payload, unsigned n, struct bytes data, const struct hit *hit)
{
	(void)payload;
	(void)n;
	return detect_maybe(worker, data, hit);
}

static size_t rescan(void *payload, struct bytes data, struct hit **out)
{
	(void)payload;
	return scan_bytes(scan, 0, data, out);
}

/* "kind id confidence last-evidence\n" for each credential. */
static void note(void *payload, const struct credential *c)
{
	buf_addf(payload, "%s %s %s %s\n", c->kind, *c->key_id ? c->key_id : "-", level_name(c->confidence), c->nevidence ? c->evidence[c->nevidence - 1] : "");
	if (!strcmp(c->kind, "secret-access-key") && (c->secret.len != 40 || memcmp(c->secret.ptr, S, 40)))
		buf_addf(payload, "not the secret: %.*s\n", (int)c->secret.len, (const char *)c->secret.ptr);
}

static void expect(const char *text, const char *what)
{
	KH_CLEANUP(buf_release) struct buf seen = { 0 };
	struct bytes data = bytes_str(text);
	struct hit *hits;
	const char *why;
	size_t n = rescan(NULL, data, &hits);
	assert_int_equal(detect_run(worker, data, hits, n, rescan, NULL, note, &seen, &why), KH_OK);
	if (strcmp(buf_str(&seen), what))
		print_message("in: %s\n", text);
	assert_string_equal(buf_str(&seen), what);
	free(hits);
}

static void test_bare__found_wherever_it_stands(void **state)
{
	static const char *const texts[] = {
		S, "\n" S "\n", "a line\n" S "\nanother\n", "\"" S "\"", "'" S "',", "x = " S ";", "- " S "\n", "(" S ")", "It is " S ".\n", "<td>" S "</td>",
		"one,two," S ",three\n", "\t" S "\r\n", "pick:" S, "`" S "`", "| " S " |", "${VALUE:-" S "}", "\xe2\x80\x9c" S "\xe2\x80\x9d", "[\"" S "\"]",
		"some text\\n" S "\\nmore", "some text\\r\\n" S "\\r\\n", "a%3D" S "&b", "a%253D" S "&b", "a=3D" S "\n", "\"a\\u003d" S "\"", "\x1b[1;32m" S "\x1b[0m",
		"+" S "\n", "-" S "\n", "mine:" S "@host", "a_ " S, "data:\n  there: dlZuOVVEMFBzUEk4TlltK1dWK29hanNUelBFME5UTTNzNWlHckMvMg==\n",
		"dlZuOVVEMFBzUEk4TlltK1dWK29hanNUelBFME5UTTNzNWlHckMvMgo=",
		/* hashes in the line before are no body */
		"d6f644b19812e97b5d871658d6d3400ecd4787faeb9b8990c1e7608288664be7\n" S "\n", S "\n" S "\n",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect(texts[i], BARE);
}

static void test_bare__not_a_part_of_something_else(void **state)
{
	static const char *const texts[] = {
		"x" S, S "x", "/" S, S "+", S "=", S "==", S "-x", S "_x", "_" S, "x-" S, "x." S, S ".x", S "%3D", "\\n" "Vn9UD0PsPI8NYm+WV+oajsTzPE0NTM3s5iGrC/2",
		"<CA+EOSBncr=" S "@mail.example.com>", S "@example.com",
		/* the last line of a body, in each way that bodies are wrapped */
		LINE "\n" S "\n", LINE "\r\n" S "\r\n-----END CERTIFICATE-----", "key: |\n    " LINE "\n    " S "\n", "\"" LINE "\\n" S "\\n\"", "# " LINE "\n# " S "\n",
		"\"" LINE "\" +\n  \"" S "\"", "\"" LINE "\\r\\n\"\n\"" S "\"", "> " LINE "\n> " S "\n", "-----BEGIN X-----\n" S "\n-----END X-----\n",
		"\"-----BEGIN X-----\\n" S "\\n-----END X-----\\n\"",
		/* a name that says what it is */
		"sha1: " S, "nonce=" S, "?cursor=" S "&", "etag: \"" S "\"", "client_secret: " S,
		/* somebody else's */
		"AccessKey: Q3AM3UQ867SPQQA43P2F\nsomething: " S "\n", "LKIAQAAAAAAAGMKEM7X5 " S,
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect(texts[i], "");
}

static void test_bare__not_what_words_and_programs_write(void **state)
{
	static const char *const texts[] = {
		"30f984fdd2f7c27db176cb32333b994a72e0b742", "30F984FDD2F7C27DB176CB32333B994A72E0B742", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/ab", "usr/local/lib/python3/dist/Packages/abcd",
		"GetMaxNumFilesToCompactBasedOnMaxReadAmp", "getElementsByTagNameAndClass2AndSomething", "5parse8CALLSITE4META17h0f38c613235bf870E",
		"pages/Service/5d23c4e682bb8a00ba311f23Ab", "Ab3dEf7hIj0kLm2nOp4qRs6tUv8wXy1zAb3cDe5f", "6LdQ89YrAAAAAFqtR7wZb2XyKc9mUe4JhNs5VdPg", "ConfigServiceRESTApConfigServiceE52F9E36", "RouteLinkMacSecCipherGCMAesXpnExpress128",
		"VGhpcyBpcyBub3RoaW5nIGJ1dCBhIHRleHQuIEhl", "hOeRTXmPJpOJQmVemZLqFNFpvCDuxGDswcCbrHpM", "0000000000000000000000000000000000000000",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect(texts[i], "");
}

/* What is found without it stays as it is, and is not said again. */
static void test_bare__adds_and_changes_nothing(void **state)
{
	KH_CLEANUP(buf_release) struct buf far = { 0 };
	(void)state;
	expect(ID ":" S, "access-key-pair " ID " high near-secret\n");
	expect("AWS_SECRET_ACCESS_KEY=" S "\n\n\n" S "\n", "secret-access-key - medium named-secret\n");
	expect("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "example-key - low random-looking\n");
	buf_addstr(&far, "aws_access_key_id = " ID "\n");
	for (unsigned i = 0; i < 800; i++)
		buf_addstr(&far, "and so on\n");
	buf_addstr(&far, S "\n");
	expect(buf_str(&far), "access-key-pair " ID " medium only-candidate\n");
}

static int setup(void **state)
{
	static const struct scan_sink sink = { .maybe = maybe };
	struct detector_options o = { .entropy = true, .archive_limit = 1u << 20 };
	const struct literal *literals;
	char *err;
	(void)state;
	if (detector_new(&detector, &o, &err))
		return -1;
	size_t n = detector_literals(detector, &literals);
	worker = detect_new(detector);
	if (matcher_new(&matcher, literals, n, bytes_of(NULL, 0)))
		return -1;
	scan = scan_new(matcher, literals, n, &sink, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scan_free(scan);
	matcher_free(matcher);
	detect_free(worker);
	detector_free(detector);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bare__found_wherever_it_stands), cmocka_unit_test(test_bare__not_a_part_of_something_else),
		cmocka_unit_test(test_bare__not_what_words_and_programs_write), cmocka_unit_test(test_bare__adds_and_changes_nothing),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
