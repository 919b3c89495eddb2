/* mapped.h: a file's bytes, mapped read-only. */
#ifndef KH_OBJECTS_MAPPED_H
#define KH_OBJECTS_MAPPED_H

#include "util/bytes.h"
#include "util/status.h"

/* KH_MISSING when there is no such file, KH_IO otherwise; an empty file gives an empty span. */
enum status mapped_open(struct bytes *out, const char *path);
void mapped_close(struct bytes *b);

#endif
