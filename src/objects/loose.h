/* loose.h: more ways to read a loose object than store.h needs. */
#ifndef KH_OBJECTS_LOOSE_H
#define KH_OBJECTS_LOOSE_H

#include "objects/store.h"

/* The bytes of a loose object's file. `*type` is given as soon as it is known, even when the rest is refused. */
enum status loose_decode(struct bytes file, uint64_t limit, enum object_type *type, uint8_t **data, size_t *len);

/* As loose_read, for content too large for memory: part by part as inflate_parts gives them (offsets count content only). */
enum status loose_parts(const char *dir, const struct oid *oid, unsigned oid_len, size_t room, size_t overlap, enum object_type *type,
			enum status (*part)(void *payload, struct bytes data, uint64_t offset, int more), void *payload);

#endif
