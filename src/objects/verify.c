#include "objects/verify.h"

#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <stdio.h>

bool verify_name(const struct oid *oid, unsigned oid_len, enum object_type type, struct bytes data)
{
	char head[48];
	struct oid own = { { 0 } };
	size_t len = (size_t)snprintf(head, sizeof head, "%s %zu", object_type_name(type), data.len) + 1;
	if (oid_len == SHA1_DIGEST_SIZE) {
		struct sha1_ctx c;
		sha1_init(&c);
		sha1_update(&c, len, (const uint8_t *)head);
		sha1_update(&c, data.len, data.ptr);
		sha1_digest(&c, SHA1_DIGEST_SIZE, own.id);
	} else {
		struct sha256_ctx c;
		sha256_init(&c);
		sha256_update(&c, len, (const uint8_t *)head);
		sha256_update(&c, data.len, data.ptr);
		sha256_digest(&c, SHA256_DIGEST_SIZE, own.id);
	}
	return oid_eq(&own, oid);
}
