#include "objects/verify.h"

#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <stdio.h>

/* The hash of both, one after the other. */
static struct oid hash(unsigned oid_len, struct bytes head, struct bytes data)
{
	struct oid out = { { 0 } };
	if (oid_len == SHA1_DIGEST_SIZE) {
		struct sha1_ctx c;
		sha1_init(&c);
		sha1_update(&c, head.len, head.ptr);
		sha1_update(&c, data.len, data.ptr);
		sha1_digest(&c, SHA1_DIGEST_SIZE, out.id);
	} else {
		struct sha256_ctx c;
		sha256_init(&c);
		sha256_update(&c, head.len, head.ptr);
		sha256_update(&c, data.len, data.ptr);
		sha256_digest(&c, SHA256_DIGEST_SIZE, out.id);
	}
	return out;
}

bool verify_name(const struct oid *oid, unsigned oid_len, enum object_type type, struct bytes data)
{
	char head[48];
	size_t len = (size_t)snprintf(head, sizeof head, "%s %zu", object_type_name(type), data.len) + 1;
	struct oid own = hash(oid_len, bytes_of((const uint8_t *)head, len), data);
	return oid_eq(&own, oid);
}

bool verify_trailer(struct bytes file, unsigned oid_len)
{
	if (file.len < oid_len)
		return false;
	struct oid own = hash(oid_len, bytes_of(NULL, 0), bytes_of(file.ptr, file.len - oid_len));
	return !memcmp(own.id, file.ptr + file.len - oid_len, oid_len);
}
