/* worktrees.h: the git folders that share one object store: the main one and every linked worktree's. */
#ifndef KH_OBJECTS_WORKTREES_H
#define KH_OBJECTS_WORKTREES_H

#include "objects/store.h"

struct worktree {
	char *git_dir;
	char *prefix; /* of its own refs' names: "" for the one we are in, else "worktrees/NAME/" or "main-worktree/" */
	bool common;  /* its folder is the common one, with the shared refs too */
};

size_t worktrees_find(struct worktree **out, const char *git_dir, const char *common_dir, struct skips *warnings);
void worktrees_free(struct worktree *list, size_t len);

#endif
