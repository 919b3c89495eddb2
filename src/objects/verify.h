/* verify.h: is this content what its name says, and this file what it was when it was written? Any thread. */
#ifndef KH_OBJECTS_VERIFY_H
#define KH_OBJECTS_VERIFY_H

#include "objects/oid.h"
#include "util/bytes.h"

/* A name is the hash of "type size NUL content". */
bool verify_name(const struct oid *oid, unsigned oid_len, enum object_type type, struct bytes data);

/* git's indexes end in the hash of all that is before. About 1 ms for each megabyte (SHA-1, with the processor's help). */
bool verify_trailer(struct bytes file, unsigned oid_len);

#endif
