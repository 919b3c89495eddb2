#include "commands/ignored.h"

#include <git2.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/buf.h"
#include "util/message.h"

struct ignored {
	git_repository *repo;
	git_index *index;
	char *root;      /* the work tree, absolute, with a slash at the end */
	char *dir, *real; /* the folder as the user names it, and as it is */
};

struct ignored *ignored_open(const char *dir)
{
	char real[PATH_MAX];
	struct ignored *ig = xcalloc(1, sizeof *ig);
	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0); /* we read rules, and run nothing */
	if (!realpath(*dir ? dir : ".", real) || git_repository_open_ext(&ig->repo, real, 0, NULL) || !git_repository_workdir(ig->repo)) {
		ignored_close(ig);
		return NULL;
	}
	if (git_repository_index(&ig->index, ig->repo))
		ig->index = NULL;
	ig->root = xstrdup(git_repository_workdir(ig->repo));
	ig->dir = xstrdup(strcmp(dir, ".") ? dir : "");
	ig->real = xstrdup(real);
	return ig;
}

void ignored_close(struct ignored *ig)
{
	if (!ig)
		return;
	git_index_free(ig->index);
	git_repository_free(ig->repo);
	free(ig->root);
	free(ig->dir);
	free(ig->real);
	free(ig);
	git_libgit2_shutdown();
}

/* Does the index hold the file, or something below the folder? */
static bool is_tracked(const struct ignored *ig, const char *path, bool folder)
{
	size_t at;
	struct buf prefix = { 0 };
	if (!ig->index)
		return false;
	if (!folder)
		return !git_index_find(&at, ig->index, path);
	buf_addf(&prefix, "%s/", path);
	bool found = !git_index_find_prefix(&at, ig->index, prefix.ptr);
	buf_release(&prefix);
	return found;
}

bool ignored_path(const struct ignored *ig, const char *path, bool folder)
{
	int is = 0;
	struct buf full = { 0 };
	if (!ig)
		return false;
	size_t skip = strlen(ig->dir);
	buf_addf(&full, "%s/%s", ig->real, path + skip + (path[skip] == '/'));
	size_t root = strlen(ig->root);
	const char *inside = !strncmp(full.ptr, ig->root, root) ? full.ptr + root : NULL;
	if (inside) {
		struct buf name = { 0 };
		buf_addf(&name, "%s%s", inside, folder ? "/" : "");
		if (git_ignore_path_is_ignored(&is, ig->repo, name.ptr))
			is = 0;
		is = is && !is_tracked(ig, inside, folder);
		buf_release(&name);
	}
	buf_release(&full);
	return is;
}
