/* sources.h: where a repository says what it allows: four files at its top, in the work tree or, where there is none, in
 * the tree of HEAD. A link in their place is not followed: it could lead anywhere. One thread. */
#ifndef KH_POLICY_SOURCES_H
#define KH_POLICY_SOURCES_H

#include "objects/repo.h"
#include "objects/store.h"
#include "policy/policy.h"
#include "util/buf.h"

/* One file, as a text; KH_MISSING when there is none; `*why` (static) with every other failure. */
enum status source_file(struct buf *out, const char *root, const char *name, const char **why);

/* Everything at the top of `root`. `before` is put before the files' names in messages ("" or "repo/"). Without `own`,
 * .keyhunt is left out. KH_USAGE with `*err` (caller frees) when .keyhunt is wrong. */
enum status sources_folder(struct policy *p, const char *root, const char *before, bool own, char **err);
/* The same from HEAD's tree. No HEAD, no files; what cannot be read there is noted. */
enum status sources_tree(struct policy *p, const struct repo *r, const struct store *s, const char *before, bool own, char **err);

#endif
