/* ignored.h: does git leave this path out? Asked of libgit2, whose rules are git's (.gitignore, info/exclude,
 * core.excludesFile). One thread. */
#ifndef KH_COMMANDS_IGNORED_H
#define KH_COMMANDS_IGNORED_H

#include <stdbool.h>

struct ignored;

/* For the folder `dir`; NULL when no work tree holds it: then nothing is ignored. A tracked file is never ignored. */
struct ignored *ignored_open(const char *dir);
bool ignored_path(const struct ignored *ig, const char *path, bool folder);
void ignored_close(struct ignored *ig);

#endif
