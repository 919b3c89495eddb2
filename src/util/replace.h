/* replace.h: a file that is written whole or not at all: to a temporary one beside it, which then takes its place. What is
 * no regular file (a device, a pipe) is written to, not replaced; of a link, what it leads to is replaced. One owner. */
#ifndef KH_UTIL_REPLACE_H
#define KH_UTIL_REPLACE_H

#include <stdbool.h>
#include <stdio.h>

struct replacement {
	FILE *out;        /* to be written to */
	char *path;       /* that it becomes */
	char *temporary;  /* NULL: written through */
};

/* False with errno when it cannot be written. `shared`: the mode is the replaced file's, or what the umask leaves of 0666
 * for a new one; otherwise only its owner may read it. */
bool replace_begin(struct replacement *r, const char *path, bool shared);
/* `ok` false: what was there stays. False with errno when that is so, asked for or not. */
bool replace_end(struct replacement *r, bool ok);

#endif
