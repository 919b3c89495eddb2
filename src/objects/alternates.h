/* alternates.h: the object folders a repository borrows from (gitrepository-layout, objects/info/alternates). */
#ifndef KH_OBJECTS_ALTERNATES_H
#define KH_OBJECTS_ALTERNATES_H

#include "objects/store.h"
#include "util/buf.h"

/* `objects_dir` first, then those of GIT_ALTERNATE_OBJECT_DIRECTORIES (with `env`) and of all alternates files, each once.
 * One that is missing becomes a warning. The caller frees the strings and the array. */
size_t alternates_find(char ***dirs, const char *objects_dir, bool env, struct skips *warnings);

/* Take the next path off `*rest`: up to `separator`, or quoted as in C; empty for a comment or nothing. False at the end. */
bool alternates_next(struct bytes *rest, char separator, struct buf *path);

#endif
