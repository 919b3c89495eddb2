#include "objects/discover.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "objects/files.h"
#include "util/alloc.h"

#define GITFILE_MAX (1u << 20) /* git's own limit */

const char *env_value(const char *name)
{
	const char *v = getenv(name);
	return v && *v ? v : NULL;
}

void discovered_release(struct discovered *d)
{
	free(d->git_dir);
	free(d->common_dir);
	free(d->work_tree);
	*d = (struct discovered){ 0 };
}

/* A file of one path: without the newline, and absolute as seen from the file's folder. */
static enum status read_path_file(char **out, const char *file, const char *prefix)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	enum status st = file_read(&b, file, GITFILE_MAX);
	if (st != KH_OK)
		return st;
	while (b.len && (b.ptr[b.len - 1] == '\n' || b.ptr[b.len - 1] == '\r'))
		b.ptr[--b.len] = '\0';
	size_t n = strlen(prefix);
	if (b.len <= n || strncmp(b.ptr, prefix, n) || memchr(b.ptr, 0, b.len))
		return KH_CORRUPT;
	KH_CLEANUP(free_ptr) char *dir = path_parent(file);
	*out = path_join(dir, b.ptr + n);
	return KH_OK;
}

enum status gitfile_read(char **out, const char *path)
{
	return read_path_file(out, path, "gitdir: ");
}

static char *read_common_dir(const char *git_dir)
{
	KH_CLEANUP(free_ptr) char *file = path_join(git_dir, "commondir");
	KH_CLEANUP(free_ptr) char *named = NULL;
	char *real = read_path_file(&named, file, "") == KH_OK ? path_real(named) : NULL;
	return real ? real : xstrdup(git_dir);
}

/* HEAD names a ref or an object. Git asks this of every repository. */
static bool has_valid_head(const char *dir)
{
	KH_CLEANUP(free_ptr) char *head = path_join(dir, "HEAD");
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	char target[8];
	ssize_t n = readlink(head, target, sizeof target);
	if (n > 5 && !memcmp(target, "refs/", 5))
		return true;
	if (file_read(&b, head, GITFILE_MAX) != KH_OK)
		return false;
	if (!strncmp(b.ptr, "ref:", 4)) {
		const char *p = b.ptr + 4;
		while (isspace((unsigned char)*p))
			p++;
		return !strncmp(p, "refs/", 5);
	}
	struct oid oid;
	return b.len >= 40 && oid_parse(&oid, b.ptr, 20);
}

/* Is `dir` a repository's folder? One that is called .git, or that something points to, may have lost its HEAD or refs to a
 * crash: its objects are still worth a scan (`strict` off). */
static bool is_git_dir(const char *dir, bool strict, bool env)
{
	KH_CLEANUP(free_ptr) char *common = env && env_value("GIT_COMMON_DIR") ? xstrdup(env_value("GIT_COMMON_DIR")) : read_common_dir(dir);
	KH_CLEANUP(free_ptr) char *objects = path_join(common, "objects");
	KH_CLEANUP(free_ptr) char *refs = path_join(common, "refs");
	if (!path_is_dir(env && env_value("GIT_OBJECT_DIRECTORY") ? env_value("GIT_OBJECT_DIRECTORY") : objects))
		return false;
	return !strict || (path_is_dir(refs) && has_valid_head(dir));
}

static void say(struct buf *err, const char *before, const char *name, const char *after)
{
	buf_addstr(err, before);
	buf_add_safe(err, name, strlen(name));
	buf_addstr(err, after);
}

/* Follow `.git` files to the folder they name. */
static enum status follow_gitfile(char **git_dir, const char *file, bool env, struct buf *err)
{
	KH_CLEANUP(free_ptr) char *named = NULL;
	enum status st = gitfile_read(&named, file);
	if (st != KH_OK) {
		say(err, "", file, ": not a git file (\"gitdir: PATH\")");
		return st;
	}
	*git_dir = path_real(named);
	if (*git_dir && is_git_dir(*git_dir, false, env))
		return KH_OK;
	free(*git_dir);
	*git_dir = NULL;
	say(err, "", file, " points to ");
	say(err, "", named, ", which is not a git repository");
	return KH_MISSING;
}

/* The longest of the folders in GIT_CEILING_DIRECTORIES that `dir` lies below: it is not looked at, nor what is above.
 * After an empty element links are not resolved any more (git(1)). */
static size_t ceiling_length(const char *dir)
{
	const char *list = env_value("GIT_CEILING_DIRECTORIES");
	size_t longest = 0;
	bool resolve = true;
	while (list && *list) {
		size_t n = strcspn(list, ":");
		KH_CLEANUP(free_ptr) char *item = xmemdupz(list, n);
		KH_CLEANUP(free_ptr) char *real = resolve && *item == '/' ? path_real(item) : NULL;
		list += n + (list[n] == ':');
		if (!*item)
			resolve = false;
		if (*item != '/')
			continue;
		const char *c = real ? real : item;
		n = strlen(c);
		while (n > 1 && c[n - 1] == '/')
			n--;
		if (n > longest && path_within(dir, c) && dir[n] && (n == 1 || dir[n + 1]))
			longest = n;
	}
	return longest;
}

/* Look at `dir` itself: dir/.git, a file or a folder, or `dir` being one. KH_MISSING without words: look further up. */
static enum status look_at(struct discovered *out, const char *dir, bool env, struct buf *err)
{
	KH_CLEANUP(free_ptr) char *dot_git = path_join(dir, ".git");
	if (path_is_file(dot_git)) {
		enum status st = follow_gitfile(&out->git_dir, dot_git, env, err);
		if (st == KH_OK)
			out->work_tree = xstrdup(dir);
		return st;
	}
	if (path_is_dir(dot_git) && is_git_dir(dot_git, false, env)) {
		out->git_dir = path_real(dot_git);
		out->work_tree = xstrdup(dir);
		return out->git_dir ? KH_OK : KH_IO;
	}
	if (!is_git_dir(dir, strcmp(path_base(dir), ".git"), env))
		return KH_MISSING;
	out->git_dir = xstrdup(dir);
	return KH_OK;
}

static enum status search_upwards(struct discovered *out, const char *start, bool from_env, struct buf *err)
{
	KH_CLEANUP(free_ptr) char *dir = xstrdup(start);
	size_t ceiling = from_env ? ceiling_length(start) : 0;
	for (;;) {
		enum status st = look_at(out, dir, from_env, err);
		if (st != KH_MISSING || err->len)
			return st;
		char *up = path_parent(dir);
		bool top = !strcmp(dir, "/") || (ceiling && strlen(up) <= ceiling);
		free(dir);
		dir = up;
		if (top)
			break;
	}
	say(err, "", start, ": not a git repository (nor any folder above it)");
	return KH_MISSING;
}

/* The work tree of a git folder that was named itself: beside ".git", or where a linked worktree's `gitdir` file points. */
static char *work_tree_of(const char *git_dir)
{
	KH_CLEANUP(free_ptr) char *file = path_join(git_dir, "gitdir");
	KH_CLEANUP(free_ptr) char *dot_git = NULL;
	if (read_path_file(&dot_git, file, "") == KH_OK) {
		KH_CLEANUP(free_ptr) char *dir = path_parent(dot_git);
		return path_real(dir);
	}
	return strcmp(path_base(git_dir), ".git") ? NULL : path_parent(git_dir);
}

/* GIT_DIR: no search; the current folder is the work tree, as git has it, unless it is inside the git folder (a hook's). */
static enum status from_git_dir(struct discovered *out, const char *git_dir, struct buf *err)
{
	if (path_is_file(git_dir)) {
		enum status st = follow_gitfile(&out->git_dir, git_dir, true, err);
		if (st != KH_OK)
			return st;
	} else {
		out->git_dir = path_real(git_dir);
	}
	if (!out->git_dir || !is_git_dir(out->git_dir, false, true)) {
		say(err, "GIT_DIR ", git_dir, ": not a git repository");
		return KH_MISSING;
	}
	KH_CLEANUP(free_ptr) char *cwd = path_real(".");
	if (cwd && !path_within(cwd, out->git_dir))
		out->work_tree = xstrdup(cwd);
	return KH_OK;
}

/* Inside one repository's hook another one may be asked for: then GIT_DIR and its companions are not about that one. */
static bool env_is_about(const char *git_dir)
{
	const char *named = env_value("GIT_DIR");
	if (!named)
		return true;
	KH_CLEANUP(free_ptr) char *from_file = NULL;
	if (path_is_file(named) && gitfile_read(&from_file, named) == KH_OK)
		named = from_file;
	KH_CLEANUP(free_ptr) char *real = path_real(named);
	return real && !strcmp(real, git_dir);
}

static enum status from_path(struct discovered *out, const char *path, bool from_env, struct buf *err)
{
	KH_CLEANUP(free_ptr) char *start = path_real(path);
	if (!start) {
		say(err, "", path, ": ");
		buf_addstr(err, strerror(errno));
		return errno == ENOENT || errno == ENOTDIR ? KH_MISSING : KH_IO;
	}
	if (path_is_dir(start))
		return search_upwards(out, start, from_env, err);
	if (!path_is_file(start) || strcmp(path_base(start), ".git")) {
		say(err, "", path, ": neither a folder nor a .git file");
		return KH_MISSING;
	}
	enum status st = follow_gitfile(&out->git_dir, start, from_env, err);
	if (st == KH_OK)
		out->work_tree = path_parent(start);
	return st;
}

enum status discover(struct discovered *out, const char *path, bool from_env, struct buf *err)
{
	const char *git_dir = from_env && !path ? env_value("GIT_DIR") : NULL;
	*out = (struct discovered){ 0 };
	/* which variables count is known only once the folder is: a first search without them, unless they name it */
	bool env = from_env && (!path || !env_value("GIT_DIR"));
	enum status st = git_dir ? from_git_dir(out, git_dir, err) : from_path(out, path ? path : ".", env, err);
	if (st != KH_OK) {
		discovered_release(out);
		return st;
	}
	out->env = from_env && (git_dir || env_is_about(out->git_dir));
	KH_CLEANUP(free_ptr) char *file = path_join(out->git_dir, "commondir");
	const char *common = out->env ? env_value("GIT_COMMON_DIR") : NULL;
	out->linked = common || path_is_file(file);
	out->common_dir = common ? path_real(common) : read_common_dir(out->git_dir);
	if (!out->common_dir) {
		say(err, "GIT_COMMON_DIR ", common ? common : "", ": no such folder");
		discovered_release(out);
		return KH_MISSING;
	}
	if (!out->work_tree)
		out->work_tree = work_tree_of(out->git_dir);
	return KH_OK;
}
