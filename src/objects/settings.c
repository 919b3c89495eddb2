#include "objects/settings.h"

#include <errno.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "objects/files.h"
#include "util/alloc.h"

#define CONFIG_MAX (64u << 20)
#define VERSION_MAX 1
#define NAME_MAX_SHOWN 24

/* One file being read: what it may set depends on which it is. */
struct reading {
	struct settings *out;
	struct buf *err;
	enum status st;
	const char *path;
	bool format;          /* extensions, version and remotes count */
	bool placement;       /* core.bare and core.worktree count */
	int version;
	bool worktree_config; /* extensions.worktreeConfig */
};

static int refuse(struct reading *r, enum status st, const char *what, const char *value)
{
	r->st = st;
	buf_add_safe(r->err, r->path, strlen(r->path));
	buf_addf(r->err, ": %s", what);
	if (value) {
		buf_addstr(r->err, " ");
		buf_add_safe(r->err, value, strlen(value));
	}
	return GIT_EUSER;
}

static int refuse_format(struct reading *r, const char *value)
{
	KH_CLEANUP(buf_release) struct buf shown = { 0 };
	buf_add_value(&shown, value);
	return refuse(r, KH_UNSUPPORTED, "unknown extensions.objectFormat", shown.ptr);
}

static bool is_true(const char *value)
{
	int v = 0;
	return !git_config_parse_bool(&v, value) && v;
}

/* These change nothing about where objects and refs are and how they are written. */
static bool is_harmless(const char *ext)
{
	static const char *const known[] = { "noop", "noop-v1", "preciousobjects", "relativeworktrees", "compatobjectformat", "submodulepathconfig" };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(ext, known[i]))
			return true;
	return false;
}

/* A name as long as a secret may be one, and who wants to know it finds it in the file. */
static void add_unknown(struct settings *s, const char *ext)
{
	struct buf b = { 0 };
	buf_addf(&b, strlen(ext) > NAME_MAX_SHOWN ? "extensions.%.*s..." : "extensions.%.*s", NAME_MAX_SHOWN, ext);
	s->unknown = xrealloc(s->unknown, s->nunknown + 1, sizeof *s->unknown);
	s->unknown[s->nunknown++] = b.ptr;
}

static void forget_unknown(struct settings *s)
{
	while (s->nunknown)
		free(s->unknown[--s->nunknown]);
	free(s->unknown);
	s->unknown = NULL;
}

static int on_extension(struct reading *r, const char *ext, const char *value)
{
	if (!strcmp(ext, "objectformat")) {
		if (value && !strcmp(value, "sha256"))
			r->out->oid_len = 32;
		else if (value && !strcmp(value, "sha1"))
			r->out->oid_len = 20;
		else
			return refuse_format(r, value ? value : "");
	} else if (!strcmp(ext, "refstorage")) {
		r->out->reftable = !value || strcmp(value, "files");
	} else if (!strcmp(ext, "partialclone")) {
		r->out->partial = true;
	} else if (!strcmp(ext, "worktreeconfig")) {
		r->worktree_config = is_true(value);
	} else if (!is_harmless(ext)) {
		add_unknown(r->out, ext);
	}
	return 0;
}

static void add_fetch(struct settings *s, const char *refspec)
{
	const char *dst = refspec && *refspec != '^' ? strchr(refspec, ':') : NULL;
	if (!dst || !dst[1])
		return;
	s->fetch_dst = xrealloc(s->fetch_dst, s->nfetch_dst + 1, sizeof *s->fetch_dst);
	s->fetch_dst[s->nfetch_dst++] = xstrdup(dst + 1);
}

static void on_remote(struct settings *s, const char *name, const char *value)
{
	const char *key = strrchr(name, '.');
	if (!key || key == name + strlen("remote"))
		return; /* remote.pushDefault */
	if (!strcmp(key, ".url") || !strcmp(key, ".pushurl"))
		s->has_remote = true;
	else if (!strcmp(key, ".fetch"))
		add_fetch(s, value);
	else if (!strcmp(key, ".promisor") && is_true(value))
		s->partial = true;
	else if (!strcmp(key, ".partialclonefilter"))
		s->partial = true;
}

static int on_entry(const git_config_entry *e, void *payload)
{
	struct reading *r = payload;
	if (r->placement && !strcmp(e->name, "core.bare")) {
		r->out->bare = is_true(e->value);
	} else if (r->placement && !strcmp(e->name, "core.worktree") && e->value) {
		free(r->out->work_tree);
		r->out->work_tree = xstrdup(e->value);
	}
	if (!r->format)
		return 0;
	if (!strcmp(e->name, "core.repositoryformatversion")) {
		int32_t v;
		if (git_config_parse_int32(&v, e->value))
			return refuse(r, KH_CORRUPT, "core.repositoryFormatVersion is not a number", NULL);
		r->version = v;
	} else if (!strncmp(e->name, "extensions.", 11)) {
		return on_extension(r, e->name + 11, e->value);
	} else if (!strncmp(e->name, "remote.", 7)) {
		on_remote(r->out, e->name, e->value);
	}
	return 0;
}

/* libgit2 follows `[include` wherever it leads. A copy in memory, with those sections under another name, does not. */
static bool rename_includes(struct buf *text)
{
	bool any = false;
	for (size_t i = 0; i + 8 <= text->len; i++) {
		if (strncasecmp(text->ptr + i, "[include", 8))
			continue;
		memcpy(text->ptr + i, "[ignored", 8);
		any = true;
	}
	return any;
}

static int memory_file(const struct buf *text)
{
	int fd = memfd_create("config", MFD_CLOEXEC);
	size_t done = 0;
	while (fd >= 0 && done < text->len) {
		ssize_t n = write(fd, text->ptr + done, text->len - done);
		if (n <= 0) {
			close(fd);
			return -1;
		}
		done += (size_t)n;
	}
	return fd;
}

static enum status parse_with_libgit2(struct reading *r, const char *path)
{
	git_config *cfg = NULL;
	if (git_libgit2_init() < 0) {
		refuse(r, KH_NOMEM, "libgit2 does not start", NULL);
		return r->st;
	}
	int e = git_config_open_ondisk(&cfg, path);
	if (!e)
		e = git_config_foreach(cfg, on_entry, r);
	if (e && r->st == KH_OK) {
		const git_error *why = git_error_last();
		refuse(r, KH_CORRUPT, why && why->message ? "not a valid configuration file:" : "not a valid configuration file", why ? why->message : NULL);
	}
	git_config_free(cfg); /* libgit2 itself stays up: starting it takes 3 ms, and the next repository may want it */
	return r->st;
}

static enum status read_config(struct reading *r)
{
	KH_CLEANUP(buf_release) struct buf text = { 0 };
	enum status st = file_read(&text, r->path, CONFIG_MAX);
	if (st == KH_MISSING)
		return KH_OK;
	if (st != KH_OK) {
		int why = errno;
		refuse(r, st, status_words(st), st == KH_IO ? strerror(why) : NULL);
		return st;
	}
	const char *nul = text.len ? memchr(text.ptr, 0, text.len) : NULL;
	if (nul) { /* libgit2 takes it for the end of the file */
		KH_CLEANUP(buf_release) struct buf line = { 0 };
		size_t n = 1;
		for (const char *c = text.ptr; c < nul; c++)
			n += *c == '\n';
		buf_addf(&line, "%zu", n);
		refuse(r, KH_CORRUPT, "not a valid configuration file: a NUL byte in line", line.ptr);
		return r->st;
	}
	if (!rename_includes(&text))
		return parse_with_libgit2(r, r->path);
	int fd = memory_file(&text);
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (fd < 0 || access(path, R_OK)) {
		refuse(r, KH_IO, "cannot be copied into memory (it has includes; /proc is needed to leave them out)", NULL);
		st = KH_IO;
	} else {
		st = parse_with_libgit2(r, path);
	}
	if (fd >= 0)
		close(fd);
	return st;
}

static enum status check_format(struct reading *r)
{
	KH_CLEANUP(buf_release) struct buf text = { 0 };
	if (r->version > VERSION_MAX) {
		buf_addf(&text, "%d (keyhunt knows 0 and 1)", r->version);
		refuse(r, KH_UNSUPPORTED, "unknown core.repositoryFormatVersion", text.ptr);
	} else if (r->version < 1) {
		forget_unknown(r->out); /* git does not look at them either */
	}
	return r->st;
}

static enum status read_both(struct reading *shared, struct reading *own)
{
	enum status st = read_config(shared);
	if (st == KH_OK)
		st = check_format(shared);
	return st == KH_OK && shared->worktree_config ? read_config(own) : st;
}

enum status settings_read(struct settings *out, const char *common_dir, const char *git_dir, bool linked, struct buf *err)
{
	KH_CLEANUP(free_ptr) char *config = path_join(common_dir, "config");
	KH_CLEANUP(free_ptr) char *worktree = path_join(git_dir, "config.worktree");
	*out = (struct settings){ .oid_len = 20, .bare = -1 };
	struct reading shared = { .out = out, .err = err, .path = config, .format = true, .placement = !linked };
	struct reading own = { .out = out, .err = err, .path = worktree, .placement = true };
	enum status st = read_both(&shared, &own);
	if (st != KH_OK)
		settings_release(out);
	return st;
}

void settings_release(struct settings *s)
{
	for (size_t i = 0; i < s->nfetch_dst; i++)
		free(s->fetch_dst[i]);
	free(s->fetch_dst);
	free(s->work_tree);
	forget_unknown(s);
	*s = (struct settings){ .oid_len = s->oid_len, .bare = -1 };
}

static bool glob_matches(const char *glob, const char *name)
{
	const char *star = strchr(glob, '*');
	if (!star)
		return !strcmp(glob, name);
	size_t before = (size_t)(star - glob), after = strlen(star + 1), len = strlen(name);
	return len >= before + after && !strncmp(name, glob, before) && !strcmp(name + len - after, star + 1);
}

bool settings_is_fetched(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->nfetch_dst; i++)
		if (glob_matches(s->fetch_dst[i], name))
			return true;
	return false;
}
