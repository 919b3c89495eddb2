/* verify.h: is this content what its name says? A name is the hash of "type size NUL content". */
#ifndef KH_OBJECTS_VERIFY_H
#define KH_OBJECTS_VERIFY_H

#include "objects/oid.h"
#include "util/bytes.h"

bool verify_name(const struct oid *oid, unsigned oid_len, enum object_type type, struct bytes data);

#endif
