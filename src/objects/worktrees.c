#include "objects/worktrees.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "objects/files.h"
#include "util/alloc.h"

static void append(struct worktree **list, size_t *len, char *git_dir, const char *prefix, bool common)
{
	*list = xrealloc(*list, *len + 1, sizeof **list);
	(*list)[(*len)++] = (struct worktree){ git_dir, xstrdup(prefix), common };
}

static int by_prefix(const void *a, const void *b)
{
	return strcmp(((const struct worktree *)a)->prefix, ((const struct worktree *)b)->prefix);
}

size_t worktrees_find(struct worktree **out, const char *git_dir, const char *common_dir, struct skips *warnings)
{
	size_t len = 0;
	bool in_main = !strcmp(git_dir, common_dir);
	KH_CLEANUP(free_ptr) char *folder = path_join(common_dir, "worktrees");
	*out = NULL;
	append(out, &len, xstrdup(common_dir), in_main ? "" : "main-worktree/", true);
	if (!in_main)
		append(out, &len, xstrdup(git_dir), "", false);
	DIR *d = opendir(folder);
	if (!d && errno != ENOENT)
		warn_status(warnings, folder, KH_IO);
	for (struct dirent *e; d && (e = readdir(d));) {
		KH_CLEANUP(free_ptr) char *path = path_join(folder, e->d_name);
		char *real = e->d_name[0] == '.' || !path_is_dir(path) ? NULL : path_real(path);
		if (!real || !strcmp(real, git_dir)) {
			free(real);
			continue;
		}
		KH_CLEANUP(buf_release) struct buf prefix = { 0 };
		buf_addf(&prefix, "worktrees/%s/", e->d_name);
		append(out, &len, real, prefix.ptr, false);
	}
	if (d)
		closedir(d);
	qsort(*out, len, sizeof **out, by_prefix);
	return len;
}

void worktrees_free(struct worktree *list, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(list[i].git_dir);
		free(list[i].prefix);
	}
	free(list);
}
