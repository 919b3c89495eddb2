#include "objects/alternates.h"

#include <stdlib.h>

#include "objects/discover.h"
#include "objects/files.h"
#include "util/alloc.h"

#define ALTERNATES_MAX (16u << 20) /* bytes of a file */
#define DEPTH_MAX 5                /* git's own */
#define DIRS_MAX 1000

/* One escape behind a backslash; returns the bytes it took, 0 when it is none. */
static size_t unescape(const uint8_t *p, size_t len, char *out)
{
	static const char from[] = "abfnrtv\\\"", to[] = "\a\b\f\n\r\t\v\\\"";
	const char *at = len && *p ? strchr(from, *p) : NULL;
	if (at) {
		*out = to[at - from];
		return 1;
	}
	if (len < 3 || p[0] < '0' || p[0] > '3' || p[1] < '0' || p[1] > '7' || p[2] < '0' || p[2] > '7')
		return 0;
	*out = (char)((p[0] - '0') << 6 | (p[1] - '0') << 3 | (p[2] - '0'));
	return 3;
}

/* "..." as git quotes paths. Returns the bytes it took, 0 when it is not one. */
static size_t unquote(struct bytes in, struct buf *path)
{
	buf_clear(path);
	if (!in.len || in.ptr[0] != '"')
		return 0;
	for (size_t i = 1; i < in.len; i++) {
		char c = (char)in.ptr[i];
		if (c == '"')
			return i + 1;
		if (c == '\\') {
			size_t n = unescape(in.ptr + i + 1, in.len - i - 1, &c);
			if (!n)
				return 0;
			i += n;
		}
		buf_addch(path, c);
	}
	return 0;
}

bool alternates_next(struct bytes *rest, char separator, struct buf *path)
{
	if (!rest->len)
		return false;
	size_t used = unquote(*rest, path);
	if (!used) {
		const uint8_t *end = memchr(rest->ptr, separator, rest->len);
		used = end ? (size_t)(end - rest->ptr) : rest->len;
		buf_clear(path);
		if (rest->ptr[0] != '#')
			buf_add(path, rest->ptr, used);
	}
	if (used < rest->len)
		used++; /* the separator; git takes whatever stands there too */
	*rest = bytes_of(rest->ptr + used, rest->len - used);
	return true;
}

struct finding_dirs {
	char **list;
	unsigned *depth;
	size_t len;
	struct skips *warnings;
};

static void append(struct finding_dirs *f, char *dir, unsigned depth)
{
	f->list = xrealloc(f->list, f->len + 1, sizeof *f->list);
	f->depth = xrealloc(f->depth, f->len + 1, sizeof *f->depth);
	f->list[f->len] = dir;
	f->depth[f->len++] = depth;
}

static void add_dir(struct finding_dirs *f, const char *named, unsigned depth)
{
	char *real = path_real(named);
	bool known = false;
	if (!real || !path_is_dir(real)) {
		skips_add(f->warnings, NULL, named, "alternate object folder is missing");
		free(real);
		return;
	}
	for (size_t i = 0; i < f->len && !known; i++)
		known = !strcmp(f->list[i], real);
	if (!known && f->len >= DIRS_MAX) {
		skips_add(f->warnings, NULL, named, "too many alternate object folders");
		known = true;
	}
	if (known)
		free(real);
	else
		append(f, real, depth);
}

static void add_listed(struct finding_dirs *f, struct bytes text, char separator, const char *base, unsigned depth)
{
	KH_CLEANUP(buf_release) struct buf path = { 0 };
	while (alternates_next(&text, separator, &path)) {
		if (!path.len)
			continue;
		KH_CLEANUP(free_ptr) char *named = path_join(base, path.ptr);
		add_dir(f, named, depth);
	}
}

static void read_alternates(struct finding_dirs *f, size_t i)
{
	KH_CLEANUP(free_ptr) char *file = path_join(f->list[i], "info/alternates");
	KH_CLEANUP(buf_release) struct buf text = { 0 };
	enum status st = file_read(&text, file, ALTERNATES_MAX);
	if (st == KH_MISSING)
		return;
	if (st != KH_OK)
		warn_status(f->warnings, file, st);
	else if (f->depth[i] > DEPTH_MAX && text.len)
		skips_add(f->warnings, NULL, file, "alternates are nested too deep");
	else
		add_listed(f, buf_bytes(&text), '\n', f->list[i], f->depth[i] + 1);
}

size_t alternates_find(char ***dirs, const char *objects_dir, bool env, struct skips *warnings)
{
	struct finding_dirs f = { .warnings = warnings };
	const char *listed = env ? env_value("GIT_ALTERNATE_OBJECT_DIRECTORIES") : NULL;
	char *real = path_real(objects_dir);
	append(&f, real ? real : xstrdup(objects_dir), 0);
	if (listed)
		add_listed(&f, bytes_str(listed), ':', ".", 1);
	for (size_t i = 0; i < f.len; i++) /* grows meanwhile */
		read_alternates(&f, i);
	free(f.depth);
	*dirs = f.list;
	return f.len;
}
