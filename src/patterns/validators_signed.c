/* validators_signed.c: requests signed in the query, and the forms and cookies that carry the same parts.
 *
 *   https://bucket/key?X-Amz-Credential=ID/date/region/service/aws4_request&X-Amz-Date=..&X-Amz-Expires=..&X-Amz-Signature=..
 *   https://bucket/key?AWSAccessKeyId=ID&Expires=..&Signature=..          https://host/path?Expires=..&Signature=..&Key-Pair-Id=..
 *
 * The parts come in any order. Those of one URL are taken from that URL; where they are fields of a form, a table or a
 * list of headers, the nearest ones. */
#include "patterns/validators.h"

#include <time.h>

#include "patterns/known.h"
#include "patterns/shape.h"

#define FORM 2500           /* how far apart the fields of a form may be */
#define LONGEST (7 * 86400) /* no SigV4 signature holds longer */

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static bool is_scope(uint8_t c) { return shape_is_alnum(c) || c == '-'; }
static bool is_safe_base64(uint8_t c) { return shape_base64_value[c] < 62 || c == '-' || c == '_' || c == '~'; }

static int64_t digits_at(const uint8_t *p, size_t n)
{
	int64_t v = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(p[i]))
			return NO_TIME;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

static int64_t make_time(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute, int64_t second)
{
	if (year < 2000 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return NO_TIME;
	struct tm t = { .tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day, .tm_hour = (int)hour, .tm_min = (int)minute, .tm_sec = (int)second };
	return timegm(&t);
}

/* 20261121T083220Z */
static int64_t basic_time(const uint8_t *p, size_t len)
{
	if (len < 16 || p[8] != 'T')
		return NO_TIME;
	return make_time(digits_at(p, 4), digits_at(p + 4, 2), digits_at(p + 6, 2), digits_at(p + 9, 2), digits_at(p + 11, 2), digits_at(p + 13, 2));
}

/* 2026-11-21T08:32:20 */
static int64_t long_time(const uint8_t *p, size_t len)
{
	if (len < 19 || p[4] != '-' || p[7] != '-' || p[10] != 'T')
		return NO_TIME;
	return make_time(digits_at(p, 4), digits_at(p + 5, 2), digits_at(p + 8, 2), digits_at(p + 11, 2), digits_at(p + 14, 2), digits_at(p + 17, 2));
}

/* Where the parts of one credential are looked for. */
struct reach {
	const struct sight *s;
	size_t i;         /* the part that is known */
	size_t lo, hi;    /* the URL's bounds */
	size_t far_lo, far_hi;
};

static struct reach reach_of(const struct sight *s, size_t i)
{
	struct reach r = { s, i, 0, 0, i > FORM ? i - FORM : 0, s->len - i > FORM ? i + FORM : s->len };
	sight_run(s, i, &r.lo, &r.hi);
	return r;
}

/* The value of the parameter `name` and how much text there is behind its beginning; NULL: there is none. */
static const uint8_t *part(const struct reach *r, const char *name, bool in_url, size_t *left)
{
	size_t lo = in_url ? r->lo : r->far_lo, hi = in_url ? r->hi : r->far_hi;
	size_t at = sight_name(r->s, name, r->i, lo, hi);
	if (at == NOWHERE)
		return NULL;
	at = sight_value(r->s, at + strlen(name), hi);
	*left = hi - at;
	return *left ? r->s->text + at : NULL;
}

static void widen(struct sight *s, const struct reach *r, bool in_url, const uint8_t *p, size_t n)
{
	size_t at = sight_index(s, p);
	s->begin = at < s->begin ? at : s->begin;
	s->end = at + n > s->end ? at + n : s->end;
	if (in_url) {
		s->begin = r->lo < s->begin ? r->lo : s->begin;
		s->end = r->hi > s->end ? r->hi : s->end;
	}
}

void validator_expiry(struct credential *c, int64_t ends, int64_t now)
{
	if (ends != NO_TIME && ends < now) {
		c->severity = LEVEL_LOW;
		validator_says(c, "expired");
	}
}

/* Seconds in a number of at most 10 digits at `p`, or NO_TIME. */
static int64_t seconds_at(const uint8_t *p, size_t left)
{
	size_t n = 0;
	while (p && n < left && n < 11 && is_digit(p[n]))
		n++;
	return n && n < 11 ? digits_at(p, n) : NO_TIME;
}

/* When the policy of a POST form or of CloudFront, base64 of JSON, ends. */
static int64_t policy_end(const uint8_t *p, size_t left)
{
	static const char *const names[] = { "\"expiration\"", "\"AWS:EpochTime\"" };
	uint8_t plain[1536];
	size_t n = p ? decode_base64(plain, sizeof plain, bytes_of(p, left)) : 0;
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *at = n ? memmem(plain, n, names[i], strlen(names[i])) : NULL;
		if (!at)
			continue;
		at += strlen(names[i]);
		while (at < plain + n && (*at == ':' || *at == ' ' || *at == '"'))
			at++;
		return i ? seconds_at(at, (size_t)(plain + n - at)) : long_time(at, (size_t)(plain + n - at));
	}
	return NO_TIME;
}

/* A key ID of AWS at `p`: not MinIO's, not Google's. */
static bool take_id(struct credential *c, const uint8_t *p, size_t left)
{
	if (left < KEY_ID_LEN || p[0] != 'A' || (p[1] != 'K' && p[1] != 'S') || p[2] != 'I' || p[3] != 'A' || (left > KEY_ID_LEN && shape_is_alnum(p[KEY_ID_LEN])))
		return false;
	memcpy(c->key_id, p, KEY_ID_LEN);
	c->key_id[KEY_ID_LEN] = '\0';
	return true;
}

/* ID/20261121/eu-west-1/s3/aws4_request: sets `*service` and its length. */
static bool take_scope(struct credential *c, const uint8_t *p, size_t left, const uint8_t **service, size_t *len)
{
	size_t i = KEY_ID_LEN;
	if (!take_id(c, p, left) || left < 30 || p[i] != '/' || digits_at(p + i + 1, 8) == NO_TIME || p[i + 9] != '/')
		return false;
	for (i += 10; i < left && is_scope(p[i]);)
		i++;
	if (i >= left || p[i] != '/')
		return false;
	*service = p + ++i;
	while (i < left && is_scope(p[i]))
		i++;
	*len = (size_t)(p + i - *service);
	return left - i >= 13 && !memcmp(p + i, "/aws4_request", 13);
}

static bool is_service(const uint8_t *p, size_t len, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == len && !memcmp(p, *list, len))
			return true;
	return false;
}

/* Services whose signed requests are passwords, not URLs. */
static const char *const logins[] = { "rds-db", "kafka-cluster", "dsql", "elasticache", "memorydb", "redshift", NULL };

static bool hex_signature(struct bytes b)
{
	return b.len == 64 && shape_entropy(b.ptr, b.len) >= 2.9;
}

static int64_t sigv4_end(const struct reach *r, bool in_url)
{
	size_t left;
	const uint8_t *date = part(r, "x-amz-date", in_url, &left);
	int64_t begins = date ? basic_time(date, left) : NO_TIME;
	if (begins == NO_TIME)
		return NO_TIME;
	const uint8_t *p = part(r, "x-amz-expires", in_url, &left);
	int64_t lasts = seconds_at(p, left);
	if (lasts == NO_TIME) {
		int64_t end = (p = part(r, "policy", in_url, &left)) ? policy_end(p, left) : NO_TIME;
		return end == NO_TIME ? begins + LONGEST : end;
	}
	return begins + (lasts < LONGEST ? lasts : LONGEST);
}

/* The captured secret is the signature. What is signed decides whether it is a URL or a login. */
bool validate_sigv4(struct credential *c, struct sight *s)
{
	struct reach r = reach_of(s, sight_index(s, c->secret.ptr));
	const uint8_t *p, *service;
	size_t left, len;
	bool in_url = (p = part(&r, "x-amz-credential", true, &left)) != NULL;
	if (!p)
		p = part(&r, "x-amz-credential", false, &left);
	if (!p || !hex_signature(c->secret) || !take_scope(c, p, left, &service, &len))
		return false;
	bool bearer = known_has(s->text + r.lo, r.hi - r.lo, "CallWithBearerToken");
	if (is_service(service, len, logins))
		c->kind = "rds-auth-token";
	else if (bearer)
		c->kind = is_service(service, len, (const char *const[]){ "bedrock", NULL }) ? "bedrock-short-term-key" : "claude-platform-api-key";
	else if (in_url && known_has(s->text + r.lo, r.hi - r.lo, "x-k8s-aws-id"))
		c->kind = "eks-token";
	widen(s, &r, in_url, p, KEY_ID_LEN);
	validator_expiry(c, sigv4_end(&r, in_url), s->now);
	return true;
}

/* 28 digits of SHA-1 or 44 of SHA-256, with their padding. */
static size_t signature_at(const uint8_t *p, size_t left)
{
	size_t n = 0;
	while (n < left && n < 46 && shape_is_base64(p[n]))
		n++;
	if (n < left && (n == 27 || n == 43) && p[n] == '=')
		return n + 1;
	return 0;
}

/* The captured ID is the signer. */
bool validate_sigv2(struct credential *c, struct sight *s)
{
	struct reach r = reach_of(s, s->begin);
	size_t left, n = 0;
	bool in_url = true;
	const uint8_t *p = part(&r, "signature", true, &left);
	if (!p || !(n = signature_at(p, left))) {
		in_url = false;
		p = part(&r, "signature", false, &left);
		if (!p || !(n = signature_at(p, left)))
			return false;
		const uint8_t *policy = part(&r, "policy", false, &left);
		if (policy_end(policy, left) == NO_TIME)
			return false;
	}
	c->secret = bytes_of(p, n);
	if (shape_entropy(p, n) < 3.5)
		return false;
	widen(s, &r, in_url, p, n);
	p = part(&r, "expires", in_url, &left);
	int64_t end = seconds_at(p, p ? left : 0);
	if (end == NO_TIME && p)
		end = long_time(p, left);
	if (end == NO_TIME && (p = part(&r, "policy", in_url, &left)))
		end = policy_end(p, left);
	if (end == NO_TIME && (p = part(&r, "timestamp", in_url, &left)) && (end = long_time(p, left)) != NO_TIME)
		end += 900;
	validator_expiry(c, end, s->now);
	return true;
}

/* The expression found the name of a key pair ID; its signature is near. */
bool validate_cloudfront(struct credential *c, struct sight *s)
{
	static const char *const names[2][3] = { { "signature", "policy", "expires" }, { "cloudfront-signature", "cloudfront-policy", "cloudfront-expires" } };
	size_t left, n = 0;
	for (unsigned turn = 0; turn < 4; turn++) {
		struct reach r = reach_of(s, s->begin);
		const char *const *name = names[turn % 2];
		bool in_url = turn < 2;
		const uint8_t *p = part(&r, name[0], in_url, &left);
		if (!p || (n = sight_span(s, sight_index(s, p), sight_index(s, p) + left, is_safe_base64)) < 80)
			continue;
		const uint8_t *policy = part(&r, name[1], in_url, &left);
		int64_t end = policy ? policy_end(policy, left) : NO_TIME;
		const uint8_t *expires = part(&r, name[2], in_url, &left);
		if (!policy && !expires)
			continue;
		if (!policy)
			end = seconds_at(expires, left);
		if (shape_entropy(p, n) < 4.5)
			return false;
		c->secret = bytes_of(p, n);
		widen(s, &r, in_url, p, n);
		validator_expiry(c, end, s->now);
		return true;
	}
	return false;
}

bool signed_request(struct credential *c, struct sight *outer, struct bytes text)
{
	const struct view v = { text.ptr, text.len, NULL, ENC_PLAIN };
	struct sight s = { .now = outer->now };
	const uint8_t *p, *service;
	size_t left, len;
	sight_read(&s, outer->spare, &v, 0, 0, 0, text.len < SIGHT_SIDE ? text.len : SIGHT_SIDE, false, false);
	struct reach r = { &s, 0, 0, s.len, 0, s.len };
	p = part(&r, "x-amz-credential", true, &left);
	if (!p || !take_scope(c, p, left, &service, &len) || !part(&r, "x-amz-signature", true, &left))
		return false;
	validator_expiry(c, sigv4_end(&r, true), s.now);
	return true;
}

/* A prefix, and base64 of a signed request: k8s-aws-v1., bedrock-api-key-, ... */
bool validate_wrapped_request(struct credential *c, struct sight *s)
{
	struct bytes t = c->secret;
	for (size_t i = 0; i < t.len && i < 40; i++) { /* a prefix has such signs itself: each may be its last */
		if (i && t.ptr[i - 1] != '-' && t.ptr[i - 1] != '.')
			continue;
		size_t n = decode_base64(s->room, ROOM_MAX, bytes_of(t.ptr + i, t.len - i));
		if (n > 100 && known_has(s->room, n, "X-Amz-Credential") && signed_request(c, s, bytes_of(s->room, n)))
			return true;
	}
	return false;
}
