#include "report_samples.h"

#include "findings/ledger.h"
#include "findings/siphash.h"

static struct credential made_up(const char *id, const char *secret, const char *token)
{
	struct credential c = { .kind = "access-key-pair", .pattern = "p", .severity = LEVEL_LOW, .confidence = LEVEL_LOW,
				.secret = bytes_str(secret), .token = bytes_str(token), .example = true,
				.evidence = { "b" }, .nevidence = 1 };
	strcpy(c.key_id, id);
	return c;
}

static void test_siphash__is_siphash_1_3(void **state)
{
	(void)state;
	/* The reference's key 00..0f and inputs 00 01 02 ...; lengths around a word's edges must all differ. */
	const uint64_t key[2] = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
	uint8_t in[64];
	uint64_t seen[64];
	for (size_t i = 0; i < 64; i++) {
		in[i] = (uint8_t)i;
		seen[i] = siphash(key, in, i);
		for (size_t j = 0; j < i; j++)
			assert_true(seen[i] != seen[j]);
	}
	assert_true(seen[0] == 0xabac0158050fc4dc); /* rust-lang/rust, tests of SipHasher13 */
	assert_true(seen[1] == 0xc9f49bf37d57ca93);
}

static void test_add__interns_a_credential_once(void **state)
{
	(void)state;
	struct ledger l;
	ledger_init(&l);
	struct credential c = made_up("AKIA1", "secret", ""), other = made_up("AKIA1", "secreT", ""), tok = made_up("AKIA1", "secret", "t");
	for (uint32_t i = 0; i < 1000; i++)
		ledger_add(&l, &c, i, SOURCE_BLOB, 1, 1, NULL);
	ledger_add(&l, &other, 1, SOURCE_BLOB, 1, 1, NULL);
	ledger_add(&l, &tok, 1, SOURCE_BLOB, 1, 1, NULL);
	c.kind = "access-key-id";
	ledger_add(&l, &c, 1, SOURCE_BLOB, 1, 1, NULL);
	assert_int_equal(l.ncredentials, 4);
	assert_int_equal(l.nsightings, 1003);
	assert_int_equal(sizeof(struct sighting), 32);
	char hex[65];
	sha256_hex(hex, "secret", 6);
	assert_string_equal(l.credentials[0].secret_sha256, hex);
	assert_string_equal(l.credentials[0].secret, "secret");
	assert_null(l.credentials[0].token);
	ledger_release(&l);
}

static void test_drop__keeps_what_was_asked_for(void **state)
{
	(void)state;
	struct ledger l;
	ledger_init(&l);
	struct credential low = made_up("A", "b", ""), asked = made_up("C", "d", ""), high = made_up("E", "f", "");
	low.example = asked.example = high.example = false;
	asked.evidence[0] = EVIDENCE_RANDOM;
	high.confidence = LEVEL_HIGH;
	ledger_add(&l, &low, 1, SOURCE_BLOB, 1, 1, NULL);
	ledger_add(&l, &asked, 2, SOURCE_BLOB, 1, 1, NULL);
	ledger_add(&l, &high, 3, SOURCE_BLOB, 1, 1, NULL);
	ledger_drop(&l, LEVEL_MEDIUM, EVIDENCE_RANDOM);
	assert_int_equal(l.nsightings, 2);
	assert_int_equal(l.sightings[0].object, 2);
	ledger_drop(&l, LEVEL_MEDIUM, NULL);
	assert_int_equal(l.nsightings, 1);
	assert_int_equal(l.sightings[0].object, 3);
	ledger_release(&l);
}

static void test_add__parts_do_not_run_into_each_other(void **state)
{
	(void)state;
	struct ledger l;
	ledger_init(&l);
	struct credential a = made_up("A", "bc", "d"), b = made_up("A", "b", "cd"), c = made_up("Ab", "c", "d"), nul = made_up("A", "bc", "d");
	nul.secret = bytes_of("bc\0", 3);
	const struct credential *all[] = { &a, &b, &c, &nul };
	for (size_t i = 0; i < 4; i++)
		ledger_add(&l, all[i], 0, SOURCE_BLOB, 1, 1, NULL);
	assert_int_equal(l.ncredentials, 4);
	ledger_release(&l);
}

static void test_add__survives_many(void **state)
{
	(void)state;
	struct ledger l;
	ledger_init(&l);
	for (int round = 0; round < 2; round++)
		for (unsigned i = 0; i < 20000; i++) {
			char id[32], name[32];
			snprintf(id, sizeof id, "AKIA%u", i);
			snprintf(name, sizeof name, "member %u", i % 100);
			struct credential c = made_up(id, "", "");
			ledger_add(&l, &c, i, SOURCE_ARCHIVE, 1, 1, name);
		}
	assert_int_equal(l.ncredentials, 20000);
	assert_int_equal(l.nnames, 100);
	assert_string_equal(l.credentials[0].secret_sha256, "");
	ledger_finish(&l);
	assert_int_equal(l.nsightings, 20000);
	ledger_release(&l);
}

/* Sighting `i` of a fixed list, with facts that differ from place to place. */
static void add_nth(struct ledger *l, unsigned i)
{
	static const char *const ids[] = { "AKIA3", "AKIA1", "AKIA2" }, *const evidence[] = { "d", "a", "c" };
	struct credential c = made_up(ids[i % 3], i % 2 ? "x" : "y", "");
	c.confidence = (enum level)(1 + i * 7 % 3);
	c.severity = (enum level)(1 + i * 5 % 4);
	c.canary = i == 17;
	c.example = i % 5 != 0;
	c.pattern = i % 4 ? "p" : "q";
	c.evidence[0] = evidence[i * 11 % 3];
	c.evidence[1] = "z";
	c.nevidence = 1 + i % 2;
	if (i % 7 == 0)
		strcpy(c.account_id, "123456789012");
	ledger_add(l, &c, i * 13 % 8, i % 2 ? SOURCE_BLOB : SOURCE_ARCHIVE, 1 + i % 3, 1, i % 3 ? "name" : NULL);
}

/* The same sightings split over `workers` in some order. */
static void build(struct ledger *l, unsigned workers, bool backwards)
{
	struct ledger part[4];
	ledger_init(l);
	for (unsigned w = 0; w < workers; w++)
		ledger_init(&part[w]);
	for (unsigned i = 0; i < 120; i++)
		add_nth(&part[i / 3 % workers], backwards ? 119 - i : i);
	for (unsigned w = 0; w < workers; w++) {
		struct ledger *p = &part[backwards ? workers - 1 - w : w];
		ledger_merge(l, p);
		assert_int_equal(p->nsightings + p->ncredentials, 0);
	}
	for (unsigned w = 0; w < workers; w++)
		ledger_release(&part[w]);
	ledger_finish(l);
}

static void assert_same(const struct ledger *a, const struct ledger *b)
{
	assert_int_equal(a->ncredentials, b->ncredentials);
	assert_int_equal(a->nsightings, b->nsightings);
	for (size_t i = 0; i < a->ncredentials; i++) {
		const struct ledger_credential *x = &a->credentials[i], *y = &b->credentials[i];
		assert_string_equal(x->key_id, y->key_id);
		assert_string_equal(x->secret, y->secret);
		assert_string_equal(x->account_id, y->account_id);
		assert_string_equal(x->pattern, y->pattern);
		assert_int_equal(x->confidence, y->confidence);
		assert_int_equal(x->severity, y->severity);
		assert_int_equal(x->canary, y->canary);
		assert_int_equal(x->example, y->example);
		assert_int_equal(x->nevidence, y->nevidence);
		for (unsigned e = 0; e < x->nevidence; e++)
			assert_string_equal(x->evidence[e], y->evidence[e]);
	}
	for (size_t i = 0; i < a->nsightings; i++) {
		const struct sighting *x = &a->sightings[i], *y = &b->sightings[i];
		assert_int_equal(x->credential, y->credential);
		assert_int_equal(x->object, y->object);
		assert_int_equal(x->line, y->line);
		assert_int_equal(x->source, y->source);
		assert_int_equal(x->name != NULL, y->name != NULL);
		assert_string_equal(x->name ? x->name : "", y->name ? y->name : "");
	}
}

static void test_finish__does_not_depend_on_threads_or_order(void **state)
{
	(void)state;
	struct ledger one, other;
	build(&one, 1, false);
	for (unsigned workers = 1; workers <= 4; workers++)
		for (int backwards = 0; backwards < 2; backwards++) {
			build(&other, workers, backwards);
			assert_same(&one, &other);
			ledger_release(&other);
		}
	ledger_release(&one);
}

static void test_finish__sorts_numbers_and_drops_duplicates(void **state)
{
	(void)state;
	struct ledger l;
	ledger_init(&l);
	struct credential b = made_up("B", "s", ""), a = made_up("A", "s", "");
	ledger_add(&l, &b, 2, SOURCE_BLOB, 1, 1, NULL);
	ledger_add(&l, &a, 3, SOURCE_ARCHIVE, 1, 1, "n");
	ledger_add(&l, &b, 2, SOURCE_BLOB, 1, 1, NULL);
	ledger_add(&l, &b, 1, SOURCE_BLOB, 9, 9, NULL);
	ledger_finish(&l);
	assert_int_equal(l.nsightings, 3);
	assert_string_equal(l.credentials[0].key_id, "A");
	assert_int_equal(l.sightings[0].object, 3);
	assert_int_equal(l.sightings[0].credential, 0);
	assert_int_equal(l.sightings[1].object, 1);
	assert_int_equal(l.sightings[2].object, 2);
	ledger_add(&l, &b, 7, SOURCE_BLOB, 1, 1, NULL); /* a second pass finds them again by their new numbers */
	assert_int_equal(l.ncredentials, 2);
	assert_int_equal(l.sightings[3].credential, 1);
	ledger_release(&l);
}

static void test_finish__an_empty_ledger_is_fine(void **state)
{
	(void)state;
	struct ledger l, m;
	ledger_init(&l);
	ledger_init(&m);
	ledger_merge(&l, &m);
	ledger_finish(&l);
	assert_int_equal(l.nsightings, 0);
	ledger_release(&l);
	ledger_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siphash__is_siphash_1_3),
		cmocka_unit_test(test_add__interns_a_credential_once),
		cmocka_unit_test(test_drop__keeps_what_was_asked_for), cmocka_unit_test(test_add__parts_do_not_run_into_each_other),
		cmocka_unit_test(test_add__survives_many),
		cmocka_unit_test(test_finish__does_not_depend_on_threads_or_order),
		cmocka_unit_test(test_finish__sorts_numbers_and_drops_duplicates),
		cmocka_unit_test(test_finish__an_empty_ledger_is_fine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
