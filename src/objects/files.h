/* files.h: the small files of a repository: paths, whole-file reads, and a walk over a folder of them. Whatever lies
 * where a file is expected (a pipe, a device, a loop of links) is an error, never a hang. Any thread. */
#ifndef KH_OBJECTS_FILES_H
#define KH_OBJECTS_FILES_H

#include <stdbool.h>

#include "objects/store.h"
#include "util/buf.h"
#include "util/status.h"

char *path_join(const char *dir, const char *name); /* dir/name, or `name` alone when it is absolute */
char *path_parent(const char *path);                /* what is before the last slash; "/" at the top */
const char *path_base(const char *path);            /* what is behind it, inside `path` */
char *path_real(const char *path);                  /* absolute and free of links, or NULL with errno */
bool path_is_dir(const char *path);
bool path_is_file(const char *path);
bool path_within(const char *path, const char *dir); /* the same, or below it; both absolute */

/* A whole regular file, at most `limit` bytes of it, replacing `out`'s contents. KH_MISSING, KH_IO (errno), KH_TOOBIG. */
enum status file_read(struct buf *out, const char *path, size_t limit);

/* The same, mapped: for the larger ones. Close with mapped_close. */
enum status file_map(struct bytes *out, const char *path, size_t limit);

/* Take the next line off `*rest`, without its newline; *ended: it had one. False when nothing is left. */
bool bytes_line(struct bytes *rest, struct bytes *line, bool *ended);

/* "path: cannot read: Permission denied" as a warning. Call before errno is lost. */
void warn_status(struct skips *warnings, const char *path, enum status st);

/* Every file below root/name, in any order. `visit` gets its path and its name from `root` on ("refs/heads/main").
 * Links to folders are not followed but warned of: they could lead anywhere, in circles too. (root/name itself may be one:
 * git-new-workdir does that.) Hidden files and *.lock are left out as git leaves them out. No recursion. */
void files_walk(const char *root, const char *name, void (*visit)(void *payload, const char *path, const char *name), void *payload,
		struct skips *warnings);

#endif
