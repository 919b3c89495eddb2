#include "objects/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "objects/mapped.h"
#include "util/alloc.h"

char *path_join(const char *dir, const char *name)
{
	struct buf b = { 0 };
	if (name[0] != '/') {
		buf_addstr(&b, dir);
		if (b.len && b.ptr[b.len - 1] != '/')
			buf_addch(&b, '/');
	}
	buf_addstr(&b, name);
	return b.ptr;
}

char *path_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return xstrdup(".");
	return xmemdupz(path, slash == path ? 1 : (size_t)(slash - path));
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

char *path_real(const char *path)
{
	return realpath(path, NULL);
}

bool path_is_dir(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

bool path_is_file(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISREG(st.st_mode);
}

bool path_within(const char *path, const char *dir)
{
	size_t n = strlen(dir);
	while (n && dir[n - 1] == '/')
		n--;
	return !strncmp(path, dir, n) && (!path[n] || path[n] == '/');
}

/* Without O_NONBLOCK a pipe put in a file's place would keep us waiting for its writer. */
static enum status open_regular(int *fd, const char *path, size_t limit)
{
	struct stat st;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? KH_MISSING : KH_IO;
	enum status result = KH_OK;
	if (fstat(*fd, &st)) {
		result = KH_IO;
	} else if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		result = KH_IO;
	} else if ((uint64_t)st.st_size > limit) {
		result = KH_TOOBIG;
	}
	if (result != KH_OK) {
		int kept = errno;
		close(*fd);
		errno = kept;
	}
	return result;
}

enum status file_read(struct buf *out, const char *path, size_t limit)
{
	int fd;
	buf_clear(out);
	enum status st = open_regular(&fd, path, limit);
	if (st != KH_OK)
		return st;
	for (ssize_t n = 1; n && st == KH_OK;) {
		buf_grow(out, 4096);
		n = read(fd, out->ptr + out->len, 4096);
		if (n < 0 && errno != EINTR)
			st = KH_IO;
		if (n > 0)
			out->len += (size_t)n;
		if (out->len > limit)
			st = KH_TOOBIG;
	}
	out->ptr[out->len] = '\0';
	int kept = errno;
	close(fd);
	errno = kept;
	return st;
}

enum status file_map(struct bytes *out, const char *path, size_t limit)
{
	int fd;
	*out = bytes_of(NULL, 0);
	enum status st = open_regular(&fd, path, limit);
	if (st != KH_OK)
		return st;
	close(fd);
	st = mapped_open(out, path);
	if (st == KH_OK && out->len > limit) {
		mapped_close(out);
		return KH_TOOBIG;
	}
	return st;
}

bool bytes_line(struct bytes *rest, struct bytes *line, bool *ended)
{
	if (!rest->len)
		return false;
	const uint8_t *nl = memchr(rest->ptr, '\n', rest->len);
	size_t len = nl ? (size_t)(nl - rest->ptr) : rest->len;
	*line = bytes_of(rest->ptr, len);
	*ended = nl != NULL;
	*rest = bytes_of(rest->ptr + len + (nl != NULL), rest->len - len - (nl != NULL));
	return true;
}

void warn_status(struct skips *warnings, const char *path, enum status st)
{
	const char *why = st == KH_IO ? strerror(errno) : NULL;
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	buf_addstr(&b, status_words(st));
	if (why)
		buf_addf(&b, ": %s", why);
	skips_add(warnings, NULL, path, b.ptr);
}

struct folders {
	char **list; /* names still to be read */
	size_t len, cap;
};

static bool is_left_out(const char *name)
{
	size_t n = strlen(name);
	return name[0] == '.' || (n > 5 && !strcmp(name + n - 5, ".lock"));
}

static void read_folder(const char *root, const char *name, struct folders *todo, void (*visit)(void *, const char *, const char *),
			void *payload, struct skips *warnings)
{
	KH_CLEANUP(free_ptr) char *dir = path_join(root, name);
	DIR *d = opendir(dir);
	if (!d) {
		if (errno != ENOENT)
			warn_status(warnings, dir, KH_IO);
		return;
	}
	for (struct dirent *e; (e = readdir(d));) {
		struct stat st;
		if (is_left_out(e->d_name))
			continue;
		KH_CLEANUP(free_ptr) char *path = path_join(dir, e->d_name);
		char *child = path_join(name, e->d_name);
		bool link = e->d_type == DT_LNK;
		bool folder = e->d_type == DT_DIR;
		if (e->d_type == DT_UNKNOWN && !lstat(path, &st)) {
			link = S_ISLNK(st.st_mode);
			folder = S_ISDIR(st.st_mode);
		}
		if (folder) {
			ALLOC_GROW(todo->list, todo->len + 1, todo->cap);
			todo->list[todo->len++] = child;
			continue;
		}
		if (link && path_is_dir(path))
			skips_add(warnings, NULL, path, "a link to a folder is not followed here");
		else
			visit(payload, path, child);
		free(child);
	}
	closedir(d);
}

void files_walk(const char *root, const char *name, void (*visit)(void *, const char *, const char *), void *payload,
		struct skips *warnings)
{
	struct folders todo = { 0 };
	read_folder(root, name, &todo, visit, payload, warnings);
	while (todo.len) {
		KH_CLEANUP(free_ptr) char *next = todo.list[--todo.len];
		read_folder(root, next, &todo, visit, payload, warnings);
	}
	free(todo.list);
}
