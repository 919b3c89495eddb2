/* sign.c: chains of HMACs. Keys that a secret was turned into are wiped as secrets are. */
#include "patterns/sign.h"

#include <nettle/hmac.h>
#include <nettle/sha2.h>

#include "patterns/shape.h"

static void hmac_sha256(uint8_t out[32], struct bytes key, struct bytes text)
{
	struct hmac_sha256_ctx ctx;
	hmac_sha256_set_key(&ctx, key.len, key.ptr);
	hmac_sha256_update(&ctx, text.len, text.ptr);
	hmac_sha256_digest(&ctx, 32, out);
	explicit_bzero(&ctx, sizeof ctx);
}

static void hmac_sha1(uint8_t out[20], struct bytes key, struct bytes text)
{
	struct hmac_sha1_ctx ctx;
	hmac_sha1_set_key(&ctx, key.len, key.ptr);
	hmac_sha1_update(&ctx, text.len, text.ptr);
	hmac_sha1_digest(&ctx, 20, out);
	explicit_bzero(&ctx, sizeof ctx);
}

void sign_sha256(uint8_t out[32], struct bytes text)
{
	struct sha256_ctx ctx;
	sha256_init(&ctx);
	sha256_update(&ctx, text.len, text.ptr);
	sha256_digest(&ctx, 32, out);
}

/* "AWS4" + secret, then one HMAC for each part of the scope and the last word. */
void sign_v4_key(uint8_t out[SIGNATURE_MAX], struct bytes secret, struct bytes scope)
{
	uint8_t key[4 + 128] = "AWS4";
	size_t len = secret.len < sizeof key - 4 ? secret.len : sizeof key - 4, at = 0;
	memcpy(key + 4, secret.ptr, len);
	len += 4;
	while (at <= scope.len) {
		const uint8_t *slash = at < scope.len ? memchr(scope.ptr + at, '/', scope.len - at) : NULL;
		size_t end = slash ? (size_t)(slash - scope.ptr) : scope.len;
		hmac_sha256(key, bytes_of(key, len), bytes_of(scope.ptr + at, end - at));
		len = 32;
		at = end + 1;
	}
	hmac_sha256(out, bytes_of(key, len), bytes_str("aws4_request"));
	explicit_bzero(key, sizeof key);
}

void sign_v4_text(uint8_t out[SIGNATURE_MAX], const uint8_t key[SIGNATURE_MAX], struct bytes text)
{
	hmac_sha256(out, bytes_of(key, SIGNATURE_MAX), text);
}

void sign_v4(uint8_t out[SIGNATURE_MAX], struct bytes secret, struct bytes scope, struct bytes text)
{
	uint8_t key[SIGNATURE_MAX];
	sign_v4_key(key, secret, scope);
	sign_v4_text(out, key, text);
	explicit_bzero(key, sizeof key);
}

void sign_v2(uint8_t *out, size_t len, struct bytes secret, struct bytes text)
{
	if (len == 20)
		hmac_sha1(out, secret, text);
	else
		hmac_sha256(out, secret, text);
}

/* Regions with an SMTP endpoint (AWS General Reference, "Amazon Simple Email Service endpoints and quotas"), those with the most
 * senders first. */
static const char *const ses_regions[] = {
	"us-east-1", "eu-west-1", "us-west-2", "eu-central-1", "us-east-2", "ap-southeast-1", "ap-southeast-2", "ap-south-1", "eu-west-2",
	"ap-northeast-1", "sa-east-1", "ca-central-1", "us-west-1", "eu-west-3", "eu-north-1", "eu-south-1", "ap-northeast-2", "ap-northeast-3",
	"ap-southeast-3", "ap-southeast-5", "ap-south-2", "me-south-1", "me-central-1", "il-central-1", "af-south-1", "ca-west-1", "eu-central-2",
	"us-gov-west-1", "us-gov-east-1",
};

bool sign_made_ses_password(struct bytes secret, struct bytes password, uint64_t *tries)
{
	static const char message[] = "SendRawEmail", date[] = "11111111/";
	uint8_t raw[36], made[SIGNATURE_MAX];
	if (password.len != 44 || shape_base64_decode(raw, password.ptr, password.len) != 33)
		return false;
	if (raw[0] == 2) {
		++*tries;
		sign_v2(made, 32, secret, bytes_str(message));
		return !memcmp(made, raw + 1, 32);
	}
	for (size_t i = 0; raw[0] == 4 && i < sizeof ses_regions / sizeof *ses_regions; i++) {
		char scope[64];
		size_t n = sizeof date - 1, len = strlen(ses_regions[i]);
		memcpy(scope, date, n);
		memcpy(scope + n, ses_regions[i], len);
		memcpy(scope + n + len, "/ses", 4);
		++*tries;
		sign_v4(made, secret, bytes_of(scope, n + len + 4), bytes_str(message));
		if (!memcmp(made, raw + 1, 32))
			return true;
	}
	return false;
}
