#include "objects/oid.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool oid_parse(struct oid *out, const char *hex, unsigned oid_len)
{
	struct oid o = { { 0 } };
	for (unsigned i = 0; i < oid_len; i++) {
		int hi = hex_digit(hex[2 * i]);
		int lo = hi < 0 ? -1 : hex_digit(hex[2 * i + 1]);
		if (lo < 0)
			return false;
		o.id[i] = (uint8_t)(hi << 4 | lo);
	}
	*out = o;
	return true;
}

void oid_hex(char *out, const struct oid *o, unsigned oid_len)
{
	static const char digits[] = "0123456789abcdef";
	for (unsigned i = 0; i < oid_len; i++) {
		out[2 * i] = digits[o->id[i] >> 4];
		out[2 * i + 1] = digits[o->id[i] & 15];
	}
	out[2 * oid_len] = '\0';
}

const char *object_type_name(enum object_type t)
{
	switch (t) {
	case OBJ_COMMIT: return "commit";
	case OBJ_TREE: return "tree";
	case OBJ_BLOB: return "blob";
	case OBJ_TAG: return "tag";
	default: return "object";
	}
}

enum object_type object_type_parse(const char *name, size_t len)
{
	static const enum object_type all[] = { OBJ_COMMIT, OBJ_TREE, OBJ_BLOB, OBJ_TAG };
	for (unsigned i = 0; i < 4; i++) {
		const char *n = object_type_name(all[i]);
		if (strlen(n) == len && !memcmp(n, name, len))
			return all[i];
	}
	return OBJ_NONE;
}
