/* discover.h: which folders make up the repository, before its configuration is read. Nothing here looks at who owns
 * them. GIT_NAMESPACE is left alone on purpose: it narrows what a server shows, while a scan wants everything. */
#ifndef KH_OBJECTS_DISCOVER_H
#define KH_OBJECTS_DISCOVER_H

#include <stdbool.h>

#include "util/buf.h"
#include "util/status.h"

struct discovered {
	char *git_dir, *common_dir; /* absolute, free of links */
	char *work_tree; /* where it would be by the folders alone (core.bare and core.worktree come on top), or NULL */
	bool linked;     /* a linked worktree's: the shared core.bare and core.worktree are not about it */
	bool env;        /* the GIT_* variables speak of this repository */
};

/* Arguments as repo_open has them. On failure words go to `err`. */
enum status discover(struct discovered *out, const char *path, bool from_env, struct buf *err);
void discovered_release(struct discovered *d);

/* The target of a `.git` file ("gitdir: PATH"), as an absolute path: KH_MISSING when `path` is no file, KH_CORRUPT when
 * it is no such file. */
enum status gitfile_read(char **out, const char *path);

/* A variable's value, NULL when it is unset or empty. */
const char *env_value(const char *name);

#endif
