/* test_detect.c: texts in, credentials out: every encoding, several pairs, placeholders, allows, archives and bombs. The
 * literals are found by a plain search, so that nothing but this room is tested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <zlib.h>
#include <cmocka.h>

#include "patterns/detect.h"
#include "util/alloc.h"
#include "util/buf.h"

#define ID "AKIAY34FZKBOKMUTVV7A"
#define ID2 "AKIAUPOPUVSUA2BUF3XJ"
#define SECRET "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"
#define SECRET2 "+FJxogIUf7qbg5GvgxE3FN5S7UFVIvLCFMhdmlN/"

static struct detector *detector;
static struct detect *worker;
static struct buf seen; /* "kind id secret confidence[ flag]\n" for each credential */

static size_t find(void *payload, struct bytes data, struct hit **out)
{
	const struct literal *l;
	size_t n = 0, cap = 0, total = detector_literals(detector, &l);
	(void)payload;
	*out = NULL;
	for (size_t end = 1; end <= data.len; end++) {
		for (size_t k = 0; k < total; k++) {
			struct hit h = { (uint32_t)end, (uint16_t)k, 1 };
			if (l[k].len > end || (l[k].ptr[0] && !data.ptr[end - l[k].len]))
				continue;
			const char *at = (const char *)data.ptr + end - l[k].len;
			if (l[k].caseless && l[k].ptr[0] && l[k].ptr[1] ? strncasecmp(at, l[k].ptr, l[k].len) : memcmp(at, l[k].ptr, l[k].len))
				continue;
			if (!detect_maybe(worker, data, &h))
				continue;
			ALLOC_GROW(*out, n + 1, cap);
			(*out)[n++] = h;
		}
	}
	return n;
}

static void emit(void *payload, const struct credential *c)
{
	(void)payload;
	buf_addf(&seen, "%s %s %.*s %s%s%s%s%s\n", c->kind, *c->key_id ? c->key_id : "-", c->secret.len ? (int)c->secret.len : 1,
		 c->secret.len ? (const char *)c->secret.ptr : "-", level_name(c->confidence), c->canary ? " canary" : "", c->allowed ? " allowed" : "",
		 c->inner_path ? " in " : "", c->inner_path ? c->inner_path : "");
}

static enum status run(const void *ptr, size_t len, const char **why)
{
	struct hit *hits;
	uint8_t *copy = xmalloc(len + 1); /* so that a byte read too far is seen */
	memcpy(copy, ptr, len);
	size_t n = find(NULL, bytes_of(copy, len), &hits);
	buf_clear(&seen);
	enum status st = detect_run(worker, bytes_of(copy, len), hits, n, find, NULL, emit, NULL, why);
	free(hits);
	free(copy);
	return st;
}

static void expect(const char *text, const char *what)
{
	const char *why;
	assert_int_equal(run(text, strlen(text), &why), KH_OK);
	assert_string_equal(buf_str(&seen), what);
}

#define PAIR "access-key-pair " ID " " SECRET " high\n"
#define PAIR2 "access-key-pair " ID2 " " SECRET2 " high\n"

static void test_detect__rows_of_a_database(void **state)
{
	/* size, row ID, header: 6 bytes, texts of 6, 20, 40 and 9 bytes, an integer; then the columns */
	static const char row[] = "\x52\x07\x06\x19\x35\x5d\x1f\x01" "backup" ID SECRET "eu-west-1" "\x05";
	char wrong[sizeof row];
	const char *why;
	(void)state;
	assert_int_equal(run(row, sizeof row - 1, &why), KH_OK);
	assert_string_equal(buf_str(&seen), PAIR);
	for (unsigned i = 0; i < 6; i++) { /* another size, another header: letters that run on */
		memcpy(wrong, row, sizeof row);
		wrong[i == 1 ? 0 : i]++;
		assert_int_equal(run(wrong, sizeof row - 1, &why), KH_OK);
		assert_string_equal(buf_str(&seen), "");
	}
	/* "\n" may be a header of ten bytes; here it is the end of a line, and ten blanks add up by chance */
	expect("end\n         access = 'x" ID SECRET "'\n", "");
}

/* `text` in UTF-16. */
static void add_wide(struct buf *b, const char *text, bool big_endian)
{
	for (; *text; text++) {
		buf_addch(b, big_endian ? '\0' : *text);
		buf_addch(b, big_endian ? *text : '\0');
	}
}

/* Appended, joined: each begins where the one before ended, even or odd, in this or the other byte order. */
static void test_detect__texts_of_utf16_behind_each_other(void **state)
{
	static const char *const firsts[] = { "id=" ID "\nsecret=" SECRET "\n", "see " ID2 " there" };
	static const char *const gaps[] = { "", "\n", "some text between" };
	const char *why;
	(void)state;
	for (unsigned i = 0; i < 2 * 3 * 2 * 2; i++) {
		struct buf b = { 0 };
		add_wide(&b, firsts[i % 2], i / 12 % 2);
		buf_addstr(&b, gaps[i / 2 % 3]);
		add_wide(&b, i % 2 ? firsts[0] : "id=" ID2 "\nsecret=" SECRET2 "\n", i / 6 % 2);
		assert_int_equal(run(b.ptr, b.len, &why), KH_OK);
		assert_non_null(strstr(buf_str(&seen), PAIR));
		assert_int_equal(!strstr(buf_str(&seen), PAIR2), i % 2);
		buf_release(&b);
	}
}

static void note_place(void *payload, const struct credential *c)
{
	*(uint64_t *)payload = c->offset;
}

/* What is spread over lines begins at the first of its parts. */
static void test_detect__place_of_a_form(void **state)
{
	static const char form[] = "<form>\n<input name=\"X-Amz-Credential\" value=\"" ID "/20261122/us-east-1/s3/aws4_request\">\n"
		"<input name=\"X-Amz-Date\" value=\"20261122T000000Z\">\n<input name=\"Policy\" value=\"eyJleHBpcmF0aW9uIjoiMjAyNi0xMS0yNlQwMDowMDowMFoifQ==\">\n"
		"<input name=\"X-Amz-Signature\" value=\"9865eb4b33a97f9c0d178d1d3e392a0eca9d2caaa7d3ef2aa3c9fbf339d1284c\">\n";
	struct hit *hits;
	const char *why;
	uint64_t offset = 0;
	(void)state;
	size_t n = find(NULL, bytes_str(form), &hits);
	assert_int_equal(detect_run(worker, bytes_str(form), hits, n, NULL, NULL, note_place, &offset, &why), KH_OK);
	assert_int_equal(offset, strstr(form, ID) - form);
	free(hits);
}

static void test_detect__one_pair_in_many_spellings(void **state)
{
	static const char *const texts[] = {
		"aws_access_key_id = " ID "\naws_secret_access_key = " SECRET "\n",
		ID ":" SECRET,
		"S3Connection('" ID "', '" SECRET "')",
		"\"creds:\\n" ID "\\n" SECRET "\\n\"",
		"s3a://" ID ":vVn9UD0PsPI8NYm%2BWV%2BoajsTzPE0NTM3s5iGrC%2F2@b/",
		"u=key%253D" ID "%2526s%253DvVn9UD0PsPI8NYm%252BWV%252BoajsTzPE0NTM3s5iGrC%252F2",
		"{\"key\":\"" ID "\",\"secret\":\"vVn9UD0PsPI8NYm+WV+oajsTzPE0NTM3s5iGrC\\/2\"}",
		"{\"q\":\"\\u003d" ID "\\u0026vVn9UD0PsPI8NYm\\u002bWV+oajsTzPE0NTM3s5iGrC\\u002F2\"}",
		"k=" ID "&amp;s=vVn9UD0PsPI8NYm&#43;WV&#x2B;oajsTzPE0NTM3s5iGrC&#x2F;2",
		"\033[32m" ID "\033[0m \033[31m" SECRET "\033[0m",
		"id=3D" ID "\nkey=3D" SECRET "\n",
		"a = \"" ID "\"\nb = (\"vVn9UD0PsPI8NYm+WV\"\n     \"+oajsTzPE0NTM3s5iGrC/2\")\n",
		"a = '" ID "'\nb = 'vVn9UD0PsPI8NYm+WV' + '+oajsTzPE0NTM3s5iGrC/2'\n",
		"+" ID "\n+" SECRET "\n",
		"access: QUtJQVkzNEZaS0JPS01VVFZWN0E=\nsecret: dlZuOVVEMFBzUEk4TlltK1dWK29hanNUelBFME5UTTNzNWlHckMvMg==\n",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect(texts[i], PAIR);
}

static void test_detect__utf16_in_both_orders_with_and_without_mark(void **state)
{
	static const char text[] = "$id = \"" ID "\"\n$secret = \"" SECRET "\"\n";
	const char *why;
	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		for (unsigned mark = 0; mark < 2; mark++) {
			char wide[2 * sizeof text + 2];
			size_t n = 0;
			if (mark) {
				wide[n++] = big ? '\xfe' : '\xff';
				wide[n++] = big ? '\xff' : '\xfe';
			}
			for (size_t i = 0; i + 1 < sizeof text; i++) {
				wide[n++] = big ? 0 : text[i];
				wide[n++] = big ? text[i] : 0;
			}
			assert_int_equal(run(wide, n, &why), KH_OK);
			assert_string_equal(buf_str(&seen), PAIR);
		}
	}
}

static void test_detect__several_pairs_nearest_first(void **state)
{
	(void)state;
	expect("a:\n  id: " ID "\n  key: " SECRET "\nb:\n  id: " ID2 "\n  key: " SECRET2 "\n", PAIR PAIR2);
	expect("key: " SECRET "\nid: " ID "\nkey: " SECRET2 "\nid: " ID2 "\n", PAIR PAIR2);
	expect("x:" ID ":" SECRET "\ny:" ID2 ":" SECRET2 "\n", PAIR PAIR2);
	expect(ID ":" SECRET "\nagain " ID " and " ID ":" SECRET "\n", PAIR);
}

static void test_detect__stems_columns_and_lists_outweigh_distance(void **state)
{
	(void)state;
	expect("FOO_KEY_ID=" ID "\nBAR_SECRET=" SECRET2 "\nBAR_KEY_ID=" ID2 "\nFOO_SECRET=" SECRET "\n", PAIR PAIR2);
	expect("prodKeyId: " ID ", devKeyId: " ID2 "\ndev-secret-key: " SECRET2 "\nprod_secret: " SECRET "\n", PAIR PAIR2);
	expect("user,key id,nonce,secret\nx," ID "," SECRET2 "," SECRET "\n", PAIR);
	expect("ids = [" ID ", " ID2 "]\nsecrets = [\"" SECRET "\", \"" SECRET2 "\"]\n", PAIR PAIR2);
	expect("PROD_KEY_ID=" ID "\nDEV_SECRET=" SECRET "\n", "access-key-pair " ID " " SECRET " medium\n");
}

static void test_detect__halves_alone(void **state)
{
	(void)state;
	expect("AWS_SECRET_ACCESS_KEY=" SECRET "\n", "secret-access-key - " SECRET " medium\n");
	expect("variable \"aws_secret_key\" {\n  type = string\n  default = \"" SECRET "\"\n}\n", "secret-access-key - " SECRET " medium\n");
	expect("AWS_ACCESS_KEY_ID=" ID "\n", "access-key-id " ID " - medium\n");
	expect("Credential=" ID "/20261118/eu-west-1/s3/aws4_request\n", "key-id-mention " ID " - low\n");
	expect("GET /aws/secret-keys?cursor=" SECRET " 200\n", "");
	expect("secret_key = \"" SECRET "\"\n", "");
	expect("aws_client_id = 1\nJWT_SECRET=" SECRET "\n", "");
}

/* The user and password inside a key are no second credential, whatever literal follows. */
static void test_detect__a_key_is_one_credential(void **state)
{
	static const char key[] = "ACWLb3RlbC1hdC02MjYyNDYyOTIyMDI6Z2FabGUySTZsZk41U2dHUER2NVlZY1pkcWFROExJWHdhSE5pSkNsbTRDY3piS2dzTU93b05vdmpQck1j";
	char text[512], what[512];
	(void)state;
	snprintf(text, sizeof text, "curl -H \"Authorization: Bearer %s\" \"https://logs.us-east-1.amazonaws.com/\"\n", key);
	snprintf(what, sizeof what, "cloudwatch-logs-api-key - %s high\n", key);
	expect(text, what);
}

static void test_detect__placeholders_are_silent_and_examples_low(void **state)
{
	(void)state;
	expect("aws_access_key_id = AKIAXXXXXXXXXXXXXXXX\naws_secret_access_key = xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", "");
	expect("aws_access_key_id = <your-access-key-id>\naws_secret_access_key = <your-secret-access-key>\n", "");
	expect("AWS_SECRET_ACCESS_KEY: ${AWS_SECRET_ACCESS_KEY:?missing}\n", "");
	expect("id AKIAIOSFODNN7EXAMPLE\nkey wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
	       "example-key AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY low\n");
}

static void test_detect__inline_allows(void **state)
{
	(void)state;
	expect("key = \"" ID "\" # gitleaks:allow\nsecret = \"" SECRET "\"\n", "access-key-pair " ID " " SECRET " high allowed\n");
	expect("# pragma: allowlist secret\nAWS_SECRET_ACCESS_KEY=" SECRET "\n", "secret-access-key - " SECRET " medium allowed\n");
	expect("# keyhunt:allow\n\nAWS_SECRET_ACCESS_KEY=" SECRET "\n", "secret-access-key - " SECRET " medium\n");
}

/* gzip of `len` bytes; malloced. */
static uint8_t *gzip(const void *ptr, size_t len, size_t *out_len)
{
	z_stream z = { 0 };
	uint8_t *out = xmalloc(len + 1024);
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)ptr;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = (uInt)(len + 1024);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	*out_len = z.total_out;
	deflateEnd(&z);
	return out;
}

static void test_detect__gzip_is_opened_three_deep(void **state)
{
	static const char text[] = ID ":" SECRET "\n";
	size_t len = sizeof text - 1;
	uint8_t *data = (uint8_t *)xmemdupz(text, len);
	const char *why;
	(void)state;
	for (unsigned depth = 1; depth <= 4; depth++) {
		size_t n;
		uint8_t *packed = gzip(data, len, &n);
		free(data);
		data = packed;
		len = n;
		enum status st = run(data, len, &why);
		assert_int_equal(st, depth <= 3 ? KH_OK : KH_TOOBIG);
		assert_string_equal(buf_str(&seen), depth <= 3 ? "access-key-pair " ID " " SECRET " high in \n" : "");
	}
	assert_non_null(why);
	free(data);
}

static void test_detect__bombs_and_damage_are_said(void **state)
{
	size_t len = 8u << 20, n;
	uint8_t *zeros = xcalloc(len, 1), *packed = gzip(zeros, len, &n);
	const char *why;
	(void)state;
	assert_int_equal(run(packed, n, &why), KH_TOOBIG);
	assert_non_null(why);
	assert_int_equal(run(packed, n / 2, &why), KH_TOOBIG);
	uint8_t *small = gzip("nothing here at all, only a text", 32, &n);
	assert_int_equal(run(small, n - 12, &why), KH_CORRUPT);
	assert_non_null(why);
	free(small);
	free(packed);
	free(zeros);
}

static void print(void *payload, const char *line)
{
	(void)payload;
	fprintf(stderr, "%s\n", line);
}

static void test_detect__pattern_examples_hold(void **state)
{
	size_t total;
	(void)state;
	assert_int_equal(detector_test(detector, print, NULL, &total), 0);
	assert_true(total >= 10);
}

static int setup(void **state)
{
	struct detector_options o = { .archive_limit = 1u << 20 };
	char *err;
	(void)state;
	if (detector_new(&detector, &o, &err))
		return -1;
	worker = detect_new(detector);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_release(&seen);
	detect_free(worker);
	detector_free(detector);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_detect__one_pair_in_many_spellings), cmocka_unit_test(test_detect__rows_of_a_database),
		cmocka_unit_test(test_detect__place_of_a_form), cmocka_unit_test(test_detect__utf16_in_both_orders_with_and_without_mark),
		cmocka_unit_test(test_detect__stems_columns_and_lists_outweigh_distance), cmocka_unit_test(test_detect__several_pairs_nearest_first), cmocka_unit_test(test_detect__halves_alone),
		cmocka_unit_test(test_detect__a_key_is_one_credential),
		cmocka_unit_test(test_detect__placeholders_are_silent_and_examples_low), cmocka_unit_test(test_detect__inline_allows),
		cmocka_unit_test(test_detect__texts_of_utf16_behind_each_other),
		cmocka_unit_test(test_detect__gzip_is_opened_three_deep), cmocka_unit_test(test_detect__bombs_and_damage_are_said),
		cmocka_unit_test(test_detect__pattern_examples_hold),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
