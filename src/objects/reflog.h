/* reflog.h: every object that a reflog names; the stash's entries but the last are there alone.
 *
 *     .git/logs/refs/stash:  <old> <new> NAME <EMAIL> SECONDS ZONE \t MESSAGE                           */
#ifndef KH_OBJECTS_REFLOG_H
#define KH_OBJECTS_REFLOG_H

#include "objects/store.h"
#include "objects/worktrees.h"

/* Sorted, each once; zeros left out. The caller frees the array. */
size_t reflog_read(struct oid **out, const struct worktree *worktrees, size_t nworktrees, unsigned oid_len, struct skips *warnings);

/* The two names a line begins with. */
bool reflog_parse(struct bytes line, unsigned oid_len, struct oid *from, struct oid *to);

#endif
