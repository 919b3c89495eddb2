/* test_proof.c: what a proof changes in a ledger, in any order of its parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "findings/proof.h"
#include "util/alloc.h"

struct row {
	char id[32], secret[64], text[4096];
};

static struct row row_named(const char *name)
{
	struct row r;
	char line[8192], found[64], what[16];
	FILE *f = fopen(KH_SOURCE_DIR "/tests/unit/signed.tsv", "re");
	assert_non_null(f);
	do {
		assert_non_null(fgets(line, sizeof line, f));
		assert_int_equal(sscanf(line, "%63[^\t]\t%15[^\t]\t%31[^\t]\t%63[^\t]\t%4095[^\n]", found, what, r.id, r.secret, r.text), 5);
	} while (strcmp(found, name));
	fclose(f);
	return r;
}

static void add(struct ledger *l, const char *kind, const char *id, const char *secret)
{
	struct credential c = { .kind = kind, .pattern = "p", .severity = LEVEL_HIGH, .confidence = LEVEL_MEDIUM, .secret = bytes_str(secret) };
	memcpy(c.key_id, id, strlen(id));
	ledger_add(l, &c, (uint32_t)l->nsightings, SOURCE_BLOB, 1, 1, NULL);
}

static void add_url(struct signed_set *s, const char *url)
{
	struct view v = { (const uint8_t *)url, strlen(url), NULL, ENC_PLAIN };
	signed_begin(s);
	signed_read(s, &v, (size_t)(strstr(url, "X-Amz-Signature") - url), bytes_str(""));
}

static bool verified(const struct ledger_credential *c)
{
	return c->nevidence && !strcmp(c->evidence[c->nevidence - 1], EVIDENCE_SIGNATURE) && c->confidence == LEVEL_HIGH;
}

static const char *other(char secret[64])
{
	secret[10] = secret[10] == 'x' ? 'y' : 'x';
	return secret;
}

static void test_proof__ses_passwords(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct row r = row_named(i % 2 ? "ses-v2" : "ses-v4");
		struct ledger l, allowed;
		struct signed_set set = { 0 };
		ledger_init(&l);
		ledger_init(&allowed);
		add(&l, "ses-smtp-password", r.id, r.text);
		add(i < 2 ? &l : &allowed, "secret-access-key", "", r.secret);
		struct proof_stats stats = proof_apply(&l, &allowed, &set);
		assert_int_equal(stats.proven, 1);
		assert_true(verified(&l.credentials[0]));
		const struct ledger_credential *secret = i < 2 ? &l.credentials[1] : &allowed.credentials[0];
		assert_true(verified(secret));
		assert_string_equal(secret->proven_id, r.id);
		assert_int_equal(secret->severity, LEVEL_CRITICAL);
		ledger_release(&l);
		ledger_release(&allowed);
	}
}

static void test_proof__only_what_belongs_together(void **state)
{
	struct row r = row_named("s3-virtual"), s = row_named("s3-put");
	char wrong[64];
	struct ledger l, allowed;
	struct signed_set set = { 0 };
	(void)state;
	memcpy(wrong, r.secret, sizeof wrong);
	ledger_init(&l);
	ledger_init(&allowed);
	add(&l, "access-key-pair", r.id, other(wrong)); /* the nearest secret was not the right one */
	add(&l, "access-key-pair", s.id, r.secret);
	add(&l, "secret-access-key", "", r.secret);
	add(&l, "secret-access-key", "", s.secret);
	add(&l, "access-key-id", r.id, "");
	add_url(&set, r.text);
	add_url(&set, r.text);
	struct proof_stats stats = proof_apply(&l, &allowed, &set);
	assert_int_equal(stats.requests, 1);
	assert_int_equal(stats.proven, 1);
	assert_false(stats.more);
	assert_int_equal(l.credentials[0].nevidence, 0);
	assert_string_equal(l.credentials[1].evidence[0], EVIDENCE_OTHER_ID);
	assert_int_equal(l.credentials[1].confidence, LEVEL_MEDIUM);
	assert_true(verified(&l.credentials[2]));
	assert_string_equal(l.credentials[2].proven_id, r.id);
	assert_int_equal(l.credentials[3].nevidence, 0);
	assert_true(verified(&l.credentials[4]));
	ledger_release(&l);
	ledger_release(&allowed);
	signed_release(&set);
}

/* However the requests come, the same ones are kept. */
static void test_proof__a_crowd_of_requests(void **state)
{
	struct signed_set a = { 0 }, b = { 0 };
	char url[256];
	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		for (unsigned k = 0; k < 2; k++) {
			unsigned n = k ? 19999 - i : i;
			snprintf(url, sizeof url, "https://b/k?X-Amz-Credential=AKIA%u%%2F&X-Amz-Signature=%064u", 100 + n % (n < 10000 ? 2 : 5000), n);
			add_url(k ? &b : &a, url);
		}
	}
	signed_settle(&a);
	signed_settle(&b);
	assert_true(a.more && b.more);
	assert_int_equal(a.len, SIGNED_MAX);
	assert_int_equal(a.len, b.len);
	for (size_t i = 0; i < a.len; i++)
		assert_string_equal(a.list[i].text, b.list[i].text);
	signed_release(&a);
	signed_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proof__ses_passwords),
		cmocka_unit_test(test_proof__only_what_belongs_together),
		cmocka_unit_test(test_proof__a_crowd_of_requests),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
