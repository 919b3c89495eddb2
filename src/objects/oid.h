/* oid.h: object names. SHA-1 (20 bytes) or SHA-256 (32): a repository has one length, kept in its store; shorter
 * names are padded with zeros, so comparing all 32 bytes is right for both. A name is its own hash. */
#ifndef KH_OBJECTS_OID_H
#define KH_OBJECTS_OID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define OID_MAX 32
#define OID_HEX_MAX (2 * OID_MAX)

struct oid {
	uint8_t id[OID_MAX];
};

/* Types as packs number them (gitformat-pack). */
enum object_type { OBJ_NONE = 0, OBJ_COMMIT = 1, OBJ_TREE = 2, OBJ_BLOB = 3, OBJ_TAG = 4, OBJ_OFS_DELTA = 6, OBJ_REF_DELTA = 7 };

static inline struct oid oid_from(const uint8_t *raw, unsigned oid_len)
{
	struct oid o = { { 0 } };
	memcpy(o.id, raw, oid_len);
	return o;
}

static inline bool oid_eq(const struct oid *a, const struct oid *b)
{
	return !memcmp(a->id, b->id, OID_MAX);
}

static inline int oid_cmp(const struct oid *a, const struct oid *b)
{
	return memcmp(a->id, b->id, OID_MAX);
}

/* Sort names, each once; how many there are then. And the place of one in such a list, or NULL. */
size_t oids_sort(struct oid *list, size_t n);
const struct oid *oids_find(const struct oid *list, size_t n, const struct oid *o);

bool oid_parse(struct oid *out, const char *hex, unsigned oid_len); /* exactly 2*oid_len hex digits at `hex` */
void oid_hex(char *out, const struct oid *o, unsigned oid_len);     /* 2*oid_len digits and a NUL */
const char *object_type_name(enum object_type t);                   /* "commit", ... */
enum object_type object_type_parse(const char *name, size_t len);   /* OBJ_NONE if unknown */

#endif
