#include "objects/oid.h"

#include <stdlib.h>

/* Value of a hexadecimal digit plus one; 0 for all else. */
static const uint8_t digit_value[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
	['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static int cmp(const void *a, const void *b)
{
	return oid_cmp(a, b);
}

size_t oids_sort(struct oid *list, size_t n)
{
	size_t kept = 0;
	if (n)
		qsort(list, n, sizeof *list, cmp);
	for (size_t i = 0; i < n; i++)
		if (!kept || !oid_eq(&list[i], &list[kept - 1]))
			list[kept++] = list[i];
	return kept;
}

const struct oid *oids_find(const struct oid *list, size_t n, const struct oid *o)
{
	return n ? bsearch(o, list, n, sizeof *list, cmp) : NULL;
}

bool oid_parse(struct oid *out, const char *hex, unsigned oid_len)
{
	struct oid o = { { 0 } };
	for (unsigned i = 0; i < oid_len; i++) {
		unsigned hi = digit_value[(uint8_t)hex[2 * i]];
		unsigned lo = hi ? digit_value[(uint8_t)hex[2 * i + 1]] : 0;
		if (!lo)
			return false;
		o.id[i] = (uint8_t)((hi - 1) << 4 | (lo - 1));
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
