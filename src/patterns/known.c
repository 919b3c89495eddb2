/* known.c: tables. */
#include "patterns/known.h"

#include <stdlib.h>

#include "patterns/shape.h"

/* canarytokens.org and its imitators, as published by those who study them. */
static const char *const canaries[] = {
	"044858866125", "052310077262", "171436882533", "251535659677", "266735846894", "344043088457", "351906852752",
	"390477818340", "426127672474", "427150556519", "439872796651", "445142720921", "465867158099", "534261010715",
	"595918472158", "637958123769", "693412236332", "717712589309", "730335385048", "732624840810", "735421457923",
	"819147034852", "893192397702", "959235150393", "982842642351", "992382622183",
};

static const char *const test_accounts[] = { "000000000000", "111111111111", "111122223333", "123456789012", "444455556666", "777788889999" };

/* Key IDs of keys that worked once, in pages that everybody copies from. */
static const char *const example_ids[] = {
	/* the AWS CLI's reference: ecr get-download-url-for-layer, ssm get-deployable-patch-snapshot-for-instance, rds generate-auth-token */
	"AKIA32P3D2JDNMVAJLGF", "AKIAJ5C56P35AEBRX2QQ", "AKIAJI6YDVV7XJKZL7ZA", "AKIAIESZCNJ3O4KG2KUA",
	/* Vault's documentation of its AWS secrets engine, and its "Getting started" */
	"AKIAJWVN5Z4FOFT7NLNA", "AKIAIOMYUTSLGJOGLHTQ", "AKIAJZ5YRPHFH3QHRRRQ", "AKIAI4SGLQPBX6CSENIQ", "AKIAJFN42DVCQWDHQYHQ",
	"AKIAIOWQXTLW36DV7IEA", "AKIAJELUDIANQGRXCTZQ",
	"AKIAJCTNQIOBWAYXKGZA", /* go-getter's tests: "we're purposely exposing it"; a copy is vendored in many projects */
	"ASIAQNZGKIQY56JQ7WML", /* Tal Be'ery, "A short note on AWS key ID" */
	"AKIAIMNOJVGFDXXXE4OA", /* gitleaks' README */
	"0PN5J17HBGZHT7JJ3X82", "1B5JYHPQCXW13GWKHAG2", /* S3's pages of 2006, and the manual of Tim Kay's aws */
};

static const char *const example_secrets[] = {
	"zuf+tfteSlswRu7BJ86wekitnifILbZam1KYY3TG", /* MinIO's public playground */
	"MOJRH0mkL1IPauahWITSVvyDrQbEEIwljvmxdq03", /* what MinIO's first pages show a server print; rclone's manual has it too */
	/* Vault's documentation, and go-getter's tests (see above) */
	"R4nm063hgMVo4BTT5xOs5nHLeLXA6lar7ZJ3Nt0i", "BK9++oBABaBvRKcT5KEF69xQGcH7ZpPRF3oqVEv7", "vS61xxXgwwX/V4qZMUv8O8wd2RLqngXz6WmN04uW",
	"z1Pdn06b3TnpG+9Gwj3ppPSOlAsu08Qw99PUW+eB", "lkWB2CfULm9P+AqLtylnu988iPJ3vk7R2nIpY4dz", "jcQOTYdXNzU5MO5ExqbE1U995dIfKCKQtiVobMvr",
	"iASuXNKcWKFtbO8Ef0vOcgtiL6knR20EJkJTH8WI", "WWeSnj00W+hHoHJMCR7ETNTCqZmKesEUmk/8FyTg", "vCtSM8ZUEQ3mOFVlYPBQkf2sO6F/W7a5TVzrl3Oj",
	/* S3's pages on signing of 2006, since copied into the tests of many SDKs */
	"OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV", "uV3F3YluFJax1cknvbcGwgjvx4QpvB+leU8dUj2o",
	"xdDowwlK7TJajV1Y7EoOZrmuPEJlHYcNP2k4j49T", /* the README of Docker's first registry */
	"2GAHKWG3+1wxcqyhpj5b1Ggqc0TIxj21DKkidjfz", /* Tim Kay's aws, Hive's tutorials */
};

static bool among(const char *const *list, size_t n, const char *s, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (!memcmp(list[i], s, len))
			return true;
	return false;
}

bool known_canary(const char *account)
{
	return among(canaries, sizeof canaries / sizeof *canaries, account, 12);
}

bool known_test_account(const char *account)
{
	return among(test_accounts, sizeof test_accounts / sizeof *test_accounts, account, 12);
}

bool known_localstack_id(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i + 20 <= len; i++) {
		size_t n = 4;
		if (p[i] != 'L' || (p[i + 1] != 'K' && p[i + 1] != 'S') || p[i + 2] != 'I' || p[i + 3] != 'A')
			continue;
		while (n < 20 && ((p[i + n] >= 'A' && p[i + n] <= 'Z') || (p[i + n] >= '2' && p[i + n] <= '7')))
			n++;
		if (n == 20)
			return true;
	}
	return false;
}

bool known_example_token(const uint8_t *p, size_t len)
{
	/* the STS pages (AssumeRole, GetFederationToken and others), in several lengths and endings */
	static const char *const begins[] = { "AQoXdzELDDY//////////wEaoAK1wvx", "AQoDYXdzEPT//////////wEXAMPLE", "AQoDYXdzEJr" };
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (len >= strlen(begins[i]) && !memcmp(p, begins[i], strlen(begins[i])))
			return true;
	return false;
}

bool known_example_id(const uint8_t *id)
{
	/* Who makes up an ID from the documentation's changes its end or its beginning. */
	return known_has(id + 4, 16, "EXAMPL") || !memcmp(id + 4, "IOSFODNN", 8) ||
	       among(example_ids, sizeof example_ids / sizeof *example_ids, (const char *)id, 20);
}

#define PIECE 8 /* characters that no two secrets have in common by chance */

bool known_example_secret(const uint8_t *secret)
{
	/* The documentation's, without their ends in "EXAMPLEKEY". A piece of them is enough: many have put another end to it. */
	static const char *const published[] = { "wJalrXUtnFEMI/K7MDENG/bPxRfiCY", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvb" };
	for (size_t i = 0; i + PIECE <= 40; i++)
		for (size_t k = 0; k < 2; k++)
			if (memmem(published[k], strlen(published[k]), secret + i, PIECE))
				return true;
	return known_has(secret, 40, "EXAMPLEKEY") || among(example_secrets, sizeof example_secrets / sizeof *example_secrets, (const char *)secret, 40);
}

bool known_has(const uint8_t *p, size_t len, const char *word)
{
	return len && memmem(p, len, word, strlen(word)) != NULL;
}

static bool starts_caseless(const uint8_t *p, size_t len, const char *word, size_t n)
{
	if (n > len)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 32 : p[i]) != (uint8_t)word[i])
			return false;
	return true;
}

bool known_has_caseless(const uint8_t *p, size_t len, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= len; i++)
		if ((p[i] | 32) == (word[0] | 32) && starts_caseless(p + i, len - i, word, n))
			return true;
	return false;
}

/* Made up at random by somebody who did not know the rules; one that a few characters cover is not, nor one that begins as those of
 * the old generation do: it was misread, 0 for O and 1 for I. */
static bool invented_id(const uint8_t *id, bool *real)
{
	if ((id[4] == 'I' || id[4] == 'J') && !known_words(id + 4, KEY_ID_LEN - 4) && shape_key_id(id) == ID_NOT)
		return false;
	uint64_t seen = 0;
	for (unsigned i = 4; i < KEY_ID_LEN; i++) {
		if (!((id[i] >= 'A' && id[i] <= 'Z') || (id[i] >= '0' && id[i] <= '9')))
			return false;
		seen |= 1ull << (id[i] & 63);
	}
	enum id_shape shape = shape_key_id(id);
	bool invented = shape == ID_NOT || shape == ID_INVENTED;
	*real |= !invented;
	return invented && __builtin_popcountll(seen) >= 5;
}

bool known_invented_id(const uint8_t *p, size_t len)
{
	bool invented = false, real = false;
	for (size_t i = 0; i + KEY_ID_LEN <= len; i++) {
		bool bound = (!i || !shape_is_alnum(p[i - 1])) && (i + KEY_ID_LEN == len || !shape_is_alnum(p[i + KEY_ID_LEN]));
		if (bound && (!memcmp(p + i, "AKIA", 4) || !memcmp(p + i, "ASIA", 4)))
			invented |= invented_id(p + i, &real);
	}
	return invented && !real;
}

/* MinIO, Ceph and their like give out JSON web tokens as session tokens; AWS never does. */
static bool has_jwt_session(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i + 24 <= len; i++)
		if ((p[i] | 32) == 's' && starts_caseless(p + i, len - i, "sessiontoken", 12))
			return memmem(p + i + 12, 12, "eyJ", 3) != NULL;
	return false;
}

#define FOREIGN_NAME 40 /* bytes before the ID in which its name stands */

bool known_foreign_id(const uint8_t *p, size_t len)
{
	if (has_jwt_session(p, len))
		return true;
	for (size_t i = 0, j; i < len; i = j + 1) {
		unsigned letters = 0, digits = 0;
		for (j = i; j < len && ((p[j] >= 'A' && p[j] <= 'Z') || (p[j] >= '0' && p[j] <= '9')); j++) {
			digits += p[j] <= '9';
			letters += p[j] >= 'A';
		}
		if ((j - i == 24 || j - i == 61) && !memcmp(p + i, "GOOG", 4))
			return true;
		bool bound = (!i || !((p[i - 1] | 32) >= 'a' && (p[i - 1] | 32) <= 'z')) && (j == len || !((p[j] | 32) >= 'a' && (p[j] | 32) <= 'z'));
		if (j - i != 20 || !bound || !digits || letters < 6 || known_words(p + i, 20) || shape_first_id(p + i) || !memcmp(p + i + 1, "KIA", 3) || !memcmp(p + i + 1, "SIA", 3))
			continue;
		size_t before = i > FOREIGN_NAME ? i - FOREIGN_NAME : 0;
		if (known_has_caseless(p + before, i - before, "access"))
			return true;
	}
	return false;
}

/* Longer ones first where one begins with another. */
static const char *const words[] = {
	"accesskeyid", "accesskey", "access", "example", "secret", "sample", "session", "dummy", "invalid", "placeholder", "redacted",
	"replace", "changeme", "credential", "password", "default", "testing", "testkey", "localstack", "your", "fakevalue", "fake", "test", "mock",
	"stub", "demo", "bogus", "nothing", "hidden", "removed", "insert", "foobar", "deadbeef", "qwerty", "abcdef", "keyid", "notreal",
	"hardcoded", "token", "iam", "aws", "key", "for", "not", "real", "xxx",
};

unsigned known_words(const uint8_t *p, size_t len)
{
	unsigned covered = 0, longest = 0;
	for (size_t i = 0; i < len;) {
		size_t n = 0;
		for (size_t w = 0; w < sizeof words / sizeof *words && !n; w++)
			if ((p[i] | 32) == words[w][0] && starts_caseless(p + i, len - i, words[w], strlen(words[w])))
				n = strlen(words[w]);
		covered += (unsigned)n;
		longest = n > longest ? (unsigned)n : longest;
		i += n ? n : 1;
	}
	/* Short words alone come up by chance; one of six letters, or several, do not. */
	return longest >= 6 || covered >= 11 || (longest >= 4 && covered >= 7) ? covered : 0;
}
