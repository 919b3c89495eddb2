/* validators.c: the table, and the checks that any pattern may use. A new one is a function and a row. */
#include "patterns/validators.h"

#include <stdlib.h>

#include "patterns/known.h"
#include "patterns/shape.h"

void validator_says(struct credential *c, const char *evidence)
{
	if (c->nevidence < EVIDENCE_MAX)
		c->evidence[c->nevidence++] = evidence;
}

size_t decode_base64(uint8_t *out, size_t max, struct bytes in)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;
	for (size_t i = 0; i < in.len && shape_base64_value[in.ptr[i]] < 64; i++) {
		bits = bits << 6 | shape_base64_value[in.ptr[i]];
		have += 6;
		if (have >= 8) {
			if (n == max)
				break;
			have -= 8;
			out[n++] = (uint8_t)(bits >> have);
		}
	}
	return n;
}

/* Digits and letters as random bytes would give them. */
static bool random_looking(struct credential *c, struct sight *s)
{
	(void)s;
	return c->secret.len >= 16 && shape_entropy(c->secret.ptr, c->secret.len) >= 3.0;
}

/* Long base64: nearly all of its 64 digits come up. */
static bool random_base64(struct credential *c, struct sight *s)
{
	(void)s;
	return c->secret.len >= 32 && shape_entropy(c->secret.ptr, c->secret.len) >= (c->secret.len >= 100 ? 4.6 : 4.0);
}

static bool no_placeholder(struct credential *c, struct sight *s)
{
	(void)s;
	return known_words(c->secret.ptr, c->secret.len) < 5 && !known_has_caseless(c->secret.ptr, c->secret.len, "xxxx");
}

/* UUIDs of which the version digit is right are not made up as 00000000-.... */
static bool not_uniform(struct credential *c, struct sight *s)
{
	unsigned count[256] = { 0 }, most = 0;
	struct bytes t = c->secret;
	(void)s;
	for (size_t i = 0; i < t.len; i++)
		if (t.ptr[i] != '-' && t.ptr[i] != '.' && ++count[t.ptr[i]] > most)
			most = count[t.ptr[i]];
	return most * 2 < t.len;
}

/* No long walk along the alphabet or the digits, no repeats of a short piece. */
static bool no_sequence(struct credential *c, struct sight *s)
{
	struct bytes t = c->secret;
	size_t steps = 0;
	(void)s;
	for (size_t i = 1; i < t.len; i++)
		steps += t.ptr[i] == t.ptr[i - 1] + 1 || t.ptr[i] == t.ptr[i - 1];
	for (size_t period = 1; period <= 8 && period * 3 < t.len; period++) {
		size_t same = 0;
		for (size_t i = period; i < t.len; i++)
			same += t.ptr[i] == t.ptr[i - period];
		if (same * 10 > (t.len - period) * 7)
			return false;
	}
	return steps * 3 < t.len;
}

/* Lower-case letters and digits at random: words of the dictionary have no digit and many vowels, made-up ones
 * few different letters. */
static bool random_base32(struct credential *c, struct sight *s)
{
	uint32_t seen = 0;
	unsigned digits = 0, vowels = 0;
	struct bytes t = c->secret;
	(void)s;
	for (size_t i = t.len > 26 ? t.len - 26 : 0; i < t.len; i++) {
		seen |= 1u << (t.ptr[i] & 31);
		digits += t.ptr[i] <= '9';
		vowels += strchr("aeiouy", t.ptr[i]) != NULL;
	}
	return __builtin_popcount(seen) >= 9 && (digits > 0 || vowels <= 9);
}

/* As people and consoles make them: three classes of characters, and no template of something that fills it in. */
static bool is_password(struct credential *c, struct sight *s)
{
	struct bytes t = c->secret;
	bool upper = false, lower = false, digit = false, other = false;
	(void)s;
	for (size_t i = 0; i < t.len; i++) {
		upper |= t.ptr[i] >= 'A' && t.ptr[i] <= 'Z';
		lower |= t.ptr[i] >= 'a' && t.ptr[i] <= 'z';
		digit |= t.ptr[i] >= '0' && t.ptr[i] <= '9';
		other |= !shape_is_alnum(t.ptr[i]) && t.ptr[i] != '.' && t.ptr[i] != '_';
	}
	if (t.len < 6 || upper + lower + digit + other < 3 || shape_entropy(t.ptr, t.len) < 2.5)
		return false;
	return !strchr("<[{(", t.ptr[0]) && !known_has(t.ptr, t.len, "${") && !known_has(t.ptr, t.len, "{{") && !known_has(t.ptr, t.len, "$(");
}

static const struct {
	const char *name;
	validator *check;
	bool finds; /* the secret itself, which no group need capture */
} validators[] = {
	{ "random-looking", random_looking, false },
	{ "random-base64", random_base64, false },
	{ "random-base32", random_base32, false },
	{ "no-placeholder", no_placeholder, false },
	{ "no-sequence", no_sequence, false },
	{ "password", is_password, false },
	{ "not-uniform", not_uniform, false },
	{ "sigv4", validate_sigv4, false },
	{ "sigv2", validate_sigv2, true },
	{ "cloudfront-signature", validate_cloudfront, true },
	{ "wrapped-request", validate_wrapped_request, true },
	{ "service-key", validate_service_key, false },
	{ "service-password", validate_service_password, false },
	{ "ses-password", validate_ses_password, false },
	{ "ecr-password", validate_ecr_password, false },
	{ "codeartifact-header", validate_codeartifact, false },
	{ "private-key", validate_private_key, true },
};

validator *validator_named(const char *name, bool *finds)
{
	for (size_t i = 0; i < sizeof validators / sizeof *validators; i++)
		if (!strcmp(validators[i].name, name)) {
			*finds |= validators[i].finds;
			return validators[i].check;
		}
	return NULL;
}
