/* test_chance.c: what is lost by chance. Random secrets under their name and alone, random key IDs of the new generation in their
 * place and pairs of both, one text each, through the near look and the decision; KEYHUNT_CHANCE of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "patterns/detect.h"
#include "patterns/shape.h"

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static struct detector *detector;
static struct detect *worker;
static uint64_t state_of_chance = 88172645463325252ull;

static uint64_t chance(void)
{
	state_of_chance ^= state_of_chance << 13, state_of_chance ^= state_of_chance >> 7, state_of_chance ^= state_of_chance << 17;
	return state_of_chance * 2685821657736338717ull >> 24;
}

static uint16_t literal_index(const char *text)
{
	const struct literal *l;
	size_t n = detector_literals(detector, &l);
	for (size_t i = 0; i < n; i++)
		if (l[i].len == strlen(text) && !memcmp(l[i].ptr, text, l[i].len))
			return (uint16_t)i;
	fail();
	return 0;
}

/* The kind reported last at medium confidence or above, or of a bare secret. */
static void note(void *payload, const struct credential *c)
{
	if (c->confidence >= LEVEL_MEDIUM || !strcmp(c->pattern, "aws-bare-secret"))
		*(const char **)payload = c->kind;
}

/* Is a credential of that kind found in the text, where the literal ends at `end`? */
static bool finds(const char *text, uint16_t literal, uint32_t end, const char *kind)
{
	struct hit hit = { end, literal, 1 };
	const char *got = "", *why;
	struct bytes data = bytes_str(text);
	if (detect_maybe(worker, data, &hit))
		detect_run(worker, data, &hit, 1, NULL, NULL, note, &got, &why);
	return !strcmp(got, kind);
}

/* The 16 characters behind a prefix: of any account that can exist. */
static void draw_id(char *id)
{
	uint64_t head = 1ull << 47 | (chance() * chance() % 1000000000000ull) << 7 | (chance() & 127);
	for (unsigned i = 0; i < 9; i++)
		id[4 + i] = base32[head >> (43 - 5 * i) & 31];
	id[13] = base32[(head & 7) << 2 | (chance() & 3)];
	for (unsigned i = 10; i < 16; i++)
		id[4 + i] = base32[chance() % 32];
}

static void test_chance__secrets_under_their_name(void **state)
{
	char text[] = "AWS_SECRET_ACCESS_KEY=0123456789012345678901234567890123456789\n";
	uint16_t literal = literal_index("secret");
	unsigned lost = 0;
	(void)state;
	for (unsigned n = 0; n < KEYHUNT_CHANCE; n++) {
		for (unsigned i = 0; i < SECRET_LEN; i++)
			text[22 + i] = base64[chance() % 64];
		if (!finds(text, literal, 10, "secret-access-key"))
			lost++;
	}
	print_message("%u of %u lost\n", lost, KEYHUNT_CHANCE);
	assert_true(lost <= KEYHUNT_CHANCE / 2000);
}

static void test_chance__secrets_without_a_name(void **state)
{
	char text[] = "so 0123456789012345678901234567890123456789\n";
	const struct literal *l;
	uint16_t run = (uint16_t)(detector_literals(detector, &l) - 1);
	unsigned lost = 0;
	(void)state;
	for (unsigned n = 0; n < KEYHUNT_CHANCE; n++) {
		for (unsigned i = 0; i < SECRET_LEN; i++)
			text[3 + i] = base64[chance() % 64];
		if (!finds(text, run, 3 + SECRET_LEN, "secret-access-key"))
			lost++;
	}
	print_message("%u of %u lost\n", lost, KEYHUNT_CHANCE);
	assert_true(lost <= KEYHUNT_CHANCE / 200);
}

static void test_chance__key_ids_in_their_place(void **state)
{
	char text[] = "aws_access_key_id = AKIA0123456789012345\n";
	uint16_t literal = literal_index("AKIA");
	unsigned lost = 0;
	(void)state;
	for (unsigned n = 0; n < KEYHUNT_CHANCE; n++) {
		draw_id(text + 20);
		if (!finds(text, literal, 24, "access-key-id"))
			lost++;
	}
	print_message("%u of %u lost\n", lost, KEYHUNT_CHANCE);
	assert_int_equal(lost, 0);
}

/* A pair in one of many idioms: the ID is never lost, and hardly a secret. */
static void test_chance__pairs_in_every_idiom(void **state)
{
	static const char *const idioms[] = {
		"aws_access_key_id = %s\naws_secret_access_key = %s\n", "boto3.client('s3', '%s', '%s')", "{\"accessKeyId\":\"%s\",\"secretAccessKey\":\"%s\"}",
		"%s:%s\n", "deploy,%s,%s\r\n", "<k>%s</k><s>%s</s>", "| %s | %s |", "new BasicAWSCredentials(\"%s\",\n\t\"%s\")", "--id %s --key %s x",
		"S3(key => '%s', secret => '%s')", "key: %s\nsecret: %s\n", "%s\n%s", "#define ID \"%s\"\n#define SECRET \"%s\"\n", "?AccessKeyId=%s&SecretKey=%s&",
	};
	uint16_t literal = literal_index("AKIA");
	unsigned lost = 0, total = sizeof idioms / sizeof *idioms;
	(void)state;
	for (unsigned n = 0; n < KEYHUNT_CHANCE; n++) {
		char id[KEY_ID_LEN + 1] = "AKIA", secret[SECRET_LEN + 1] = "", text[256];
		draw_id(id);
		for (unsigned i = 0; i < SECRET_LEN; i++)
			secret[i] = base64[chance() % 64];
		snprintf(text, sizeof text, idioms[n % total], id, secret);
		if (!finds(text, literal, (uint32_t)(strstr(text, id) - text) + 4, "access-key-pair"))
			lost++;
	}
	print_message("%u of %u lost\n", lost, KEYHUNT_CHANCE);
	assert_true(lost <= KEYHUNT_CHANCE / 2000);
}

static int setup(void **state)
{
	struct detector_options o = { .entropy = true, .archive_limit = 1u << 20 };
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
	detect_free(worker);
	detector_free(detector);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chance__secrets_under_their_name), cmocka_unit_test(test_chance__secrets_without_a_name),
		cmocka_unit_test(test_chance__key_ids_in_their_place),
		cmocka_unit_test(test_chance__pairs_in_every_idiom),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
