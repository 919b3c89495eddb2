/* roots.h: which repository a scanned file belongs to, and its path from there: what fingerprints and allow entries go by,
 * so that they are the same from wherever keyhunt is run. One thread. */
#ifndef KH_COMMANDS_ROOTS_H
#define KH_COMMANDS_ROOTS_H

#include <stddef.h>

struct roots;

/* `paths`: what is scanned. A file in no repository belongs to the first of these folders that holds it. */
struct roots *roots_new(char *const *paths, size_t n);
void roots_free(struct roots *r);

/* The top that `path` lies below (the roots', absolute), NULL when there is none; `*inside` (caller frees) is the path from
 * there, or as it is given. */
const char *roots_find(struct roots *r, const char *path, char **inside);

#endif
