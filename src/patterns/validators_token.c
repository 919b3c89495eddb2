/* validators_token.c: what is inside tokens and passwords that hold more than random bytes.
 *
 *   ABSK | base64 of  user+1-at-123456789012:<60 base64>        B.. | base64 of 0x04 and 32 bytes (SES)
 *   AWS: | base64 of {"payload":..,"datakey":..,"expiration":..}   eyJ2ZXIiOjEs | {"ver":1,..}.a.b.c.d (CodeArtifact) */
#include "patterns/validators.h"

#include "patterns/known.h"
#include "patterns/shape.h"

static bool is_user(uint8_t c)
{
	return shape_is_alnum(c) || (c && strchr("+=,.@-_", c));
}

/* The number behind the name, which is in quotes, in JSON; NO_TIME: none. */
static int64_t json_number(struct bytes text, const char *name)
{
	const uint8_t *p = memmem(text.ptr, text.len, name, strlen(name)), *end = text.ptr + text.len;
	int64_t n = 0;
	if (!p)
		return NO_TIME;
	for (p += strlen(name); p < end && (*p == ':' || *p == ' ');)
		p++;
	if (p == end || *p < '0' || *p > '9')
		return NO_TIME;
	for (unsigned i = 0; i < 12 && p < end && *p >= '0' && *p <= '9'; i++)
		n = n * 10 + (*p++ - '0');
	return n;
}

/* user-at-123456789012:password. Sets the account. */
static bool is_service_user(struct credential *c, struct bytes t)
{
	const uint8_t *at = memmem(t.ptr, t.len, "-at-", 4);
	size_t i = at ? (size_t)(at - t.ptr) : 0;
	if (!i || i > 72 || t.len < i + 4 + ACCOUNT_LEN + 1 + 20 || t.ptr[i + 4 + ACCOUNT_LEN] != ':')
		return false;
	for (size_t k = 0; k < i; k++)
		if (!is_user(t.ptr[k]))
			return false;
	for (size_t k = 0; k < ACCOUNT_LEN; k++)
		if (t.ptr[i + 4 + k] < '0' || t.ptr[i + 4 + k] > '9')
			return false;
	memcpy(c->account_id, t.ptr + i + 4, ACCOUNT_LEN);
	validator_says(c, "account-id");
	i += 4 + ACCOUNT_LEN + 1;
	return shape_entropy(t.ptr + i, t.len - i) >= 3.8;
}

/* A prefix of four and base64 of user and password. */
bool validate_service_key(struct credential *c, struct sight *s)
{
	if (c->secret.len < 40)
		return false;
	size_t n = decode_base64(s->room, ROOM_MAX, bytes_of(c->secret.ptr + 4, c->secret.len - 4));
	return is_service_user(c, bytes_of(s->room, n));
}

static size_t encode_base64(uint8_t *out, struct bytes in)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;
	for (size_t i = 0; i < in.len; i += 3) {
		uint32_t bits = (uint32_t)in.ptr[i] << 16 | (i + 1 < in.len ? (uint32_t)in.ptr[i + 1] << 8 : 0) | (i + 2 < in.len ? in.ptr[i + 2] : 0);
		for (unsigned k = 0; k < 4; k++)
			out[n++] = i + k > in.len ? '=' : (uint8_t)digits[bits >> (18 - 6 * k) & 63];
	}
	return n;
}

static bool begins(struct bytes b, const char *word)
{
	return b.len >= strlen(word) && !memcmp(b.ptr, word, strlen(word));
}

/* `token` is the user name with its account, `secret` the password beside it. Bearer keys written so are the same keys as
 * their usual form, and are reported in it. */
bool validate_service_password(struct credential *c, struct sight *s)
{
	static const struct { const char *user, *kind, *prefix; } keys[] = { { "BedrockAPIKey-", "bedrock-api-key", "ABSK" },
		{ "CloudWatchLogsAPIKey-", "cloudwatch-logs-api-key", "ACWL" }, { "AeaApiKey-", "claude-platform-api-key", "AEAA" }, { "", "bedrock-api-key", "ABSK" } };
	struct bytes user = c->token, password = c->secret;
	c->token.len = 0;
	memcpy(c->account_id, user.ptr + user.len - ACCOUNT_LEN, ACCOUNT_LEN);
	if (shape_entropy(password.ptr, password.len) < 4.0 || user.len > 100 || password.len > 200)
		return false;
	for (unsigned i = 0; i < 4; i++) {
		if (!begins(user, keys[i].user) || (!*keys[i].user && password.len < 56))
			continue;
		uint8_t text[320];
		memcpy(text, user.ptr, user.len);
		text[user.len] = ':';
		memcpy(text + user.len + 1, password.ptr, password.len);
		memcpy(s->room, keys[i].prefix, 4);
		c->kind = keys[i].kind;
		c->secret = bytes_of(s->room, 4 + encode_base64(s->room + 4, bytes_of(text, user.len + 1 + password.len)));
		explicit_bzero(text, sizeof text);
		break;
	}
	return true;
}

/* 33 bytes, of which the first is a version; all of it in base64 once more, as Kubernetes keeps it. */
bool validate_ses_password(struct credential *c, struct sight *s)
{
	uint8_t raw[36];
	bool upper = false, lower = false, digit = false;
	if (c->secret.len == 60) {
		size_t len = decode_base64(s->room, ROOM_MAX, c->secret);
		c->secret = bytes_of(s->room, len == 45 && s->room[44] == '\n' ? 44 : len);
	}
	if (c->secret.len != 44)
		return false;
	for (size_t i = 0; i < 44; i++) {
		upper |= c->secret.ptr[i] >= 'A' && c->secret.ptr[i] <= 'Z';
		lower |= c->secret.ptr[i] >= 'a';
		digit |= c->secret.ptr[i] <= '9';
	}
	size_t n = decode_base64(raw, sizeof raw, c->secret);
	bool is = n == 33 && (raw[0] == 4 || raw[0] == 2) && upper && lower && digit && shape_entropy(c->secret.ptr, 44) >= 4.2;
	explicit_bzero(raw, sizeof raw);
	return is;
}

bool validate_ecr_password(struct credential *c, struct sight *s)
{
	uint8_t *json = s->spare->text;
	if (begins(c->secret, "QVdT")) { /* AWS:password, as docker writes it */
		size_t n = decode_base64(s->room, ROOM_MAX, c->secret);
		if (n < 5)
			return false;
		c->secret = bytes_of(s->room + 4, n - 4);
	}
	size_t n = decode_base64(json, SIGHT_MAX, c->secret);
	if (!known_has(json, n, "\"payload\"") || (!known_has(json, n, "\"datakey\"") && !known_has(json, n, "DATA_KEY") && !known_has(json, n, "\"expiration\"")))
		return false;
	validator_expiry(c, json_number(bytes_of(json, n), "\"expiration\""), s->now);
	return true;
}

bool validate_codeartifact(struct credential *c, struct sight *s)
{
	size_t n = decode_base64(s->room, ROOM_MAX, c->secret);
	if (!known_has(s->room, n, "\"enc\"") || !known_has(s->room, n, "\"isu\""))
		return false;
	validator_expiry(c, json_number(bytes_of(s->room, n), "\"exp\""), s->now);
	return true;
}

/* The length that DER says is that of what is there: neither cut nor encrypted nor invented. */
static bool is_der(const uint8_t *p, size_t len)
{
	size_t head = 2, body;
	if (len < 64 || p[0] != 0x30)
		return false;
	body = p[1];
	if (p[1] & 0x80) {
		unsigned n = p[1] & 0x7f;
		if (n < 1 || n > 2)
			return false;
		head += n;
		body = n == 1 ? p[2] : (size_t)p[2] << 8 | p[3];
	}
	return head + body == len;
}

/* The secret becomes the key's digits without the breaks between them, the same however the PEM is indented or quoted. */
bool validate_private_key(struct credential *c, struct sight *s)
{
	size_t n = 0;
	for (size_t i = 0; i < c->secret.len && n < ROOM_MAX; i++)
		if (shape_is_base64(c->secret.ptr[i]) || c->secret.ptr[i] == '=')
			s->room[n++] = c->secret.ptr[i];
	c->secret = bytes_of(s->room, n);
	return is_der(s->spare->text, decode_base64(s->spare->text, SIGHT_MAX, c->secret));
}
