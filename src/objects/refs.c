#include "objects/refs.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <dirent.h>

#include "objects/files.h"
#include "objects/mapped.h"
#include "util/alloc.h"

#define PACKED_REFS_MAX (1ul << 30)
#define REF_FILE_MAX (64u << 10)
#define HEAD_FILE_MAX (64u << 20) /* FETCH_HEAD has a line for each ref */
#define SYMREF_DEPTH 5            /* git's own */

/* A ref as found, before symbolic ones are followed. */
struct found {
	char *name;
	struct oid oid;
	char *target;       /* of a symbolic ref, else NULL */
	const char *prefix; /* of the worktree it was found in */
	bool loose;
};

struct found_list {
	struct found *list;
	size_t len, cap;
};

struct reader {
	struct found_list refs, heads;
	const struct worktree *worktree; /* being read */
	unsigned oid_len;
	struct skips *warnings;
};

static bool is_zero(const struct oid *oid)
{
	static const struct oid zero;
	return oid_eq(oid, &zero);
}

static char *concat(const char *prefix, const void *name, size_t len)
{
	struct buf b = { 0 };
	buf_addstr(&b, prefix);
	buf_add(&b, name, len);
	return b.ptr;
}

static void append(struct found_list *l, struct found f)
{
	ALLOC_GROW(l->list, l->len + 1, l->cap);
	l->list[l->len++] = f;
}

/* ---- packed-refs ---- */

bool packed_ref_parse(struct bytes line, unsigned oid_len, struct oid *oid, struct bytes *name, bool *damaged)
{
	size_t hex = 2 * (size_t)oid_len;
	*damaged = false;
	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	if (!line.len || line.ptr[0] == '#')
		return false;
	if (line.ptr[0] == '^') {
		*damaged = line.len != hex + 1 || !oid_parse(oid, (const char *)line.ptr + 1, oid_len);
		return false;
	}
	if (line.len < hex + 2 || !oid_parse(oid, (const char *)line.ptr, oid_len) || !isspace(line.ptr[hex]) || memchr(line.ptr, 0, line.len)) {
		*damaged = true;
		return false;
	}
	*name = bytes_of(line.ptr + hex + 1, line.len - hex - 1);
	return true;
}

static void read_packed(struct reader *r, const char *common_dir)
{
	KH_CLEANUP(free_ptr) char *path = path_join(common_dir, "packed-refs");
	KH_CLEANUP(mapped_close) struct bytes file = { 0 };
	enum status st = file_map(&file, path, PACKED_REFS_MAX);
	if (st != KH_OK) {
		if (st != KH_MISSING)
			warn_status(r->warnings, path, st);
		return;
	}
	struct bytes rest = file, line, name;
	bool ended = true, damaged, any_damaged = false;
	while (bytes_line(&rest, &line, &ended)) {
		struct oid oid;
		if (packed_ref_parse(line, r->oid_len, &oid, &name, &damaged))
			append(&r->refs, (struct found){ .name = xmemdupz(name.ptr, name.len), .oid = oid, .prefix = "" });
		any_damaged |= damaged;
	}
	if (any_damaged)
		skips_add(r->warnings, NULL, path, "damaged lines were left out");
	else if (!ended)
		skips_add(r->warnings, NULL, path, "the last line is cut short");
}

/* ---- loose refs ---- */

enum status loose_ref_parse(struct bytes text, unsigned oid_len, struct oid *oid, struct bytes *target)
{
	size_t hex = 2 * (size_t)oid_len;
	*target = bytes_of(NULL, 0);
	while (text.len && isspace(text.ptr[text.len - 1]))
		text.len--;
	if (text.len > 4 && !memcmp(text.ptr, "ref:", 4)) {
		size_t i = 4;
		while (i < text.len && isspace(text.ptr[i]))
			i++;
		*target = bytes_of(text.ptr + i, text.len - i);
		return target->len && !memchr(target->ptr, 0, target->len) ? KH_OK : KH_CORRUPT;
	}
	if (text.len < hex || (text.len > hex && !isspace(text.ptr[hex])) || !oid_parse(oid, (const char *)text.ptr, oid_len))
		return KH_CORRUPT;
	return KH_OK;
}

/* Before there were symbolic refs there were symbolic links, and git still reads them: HEAD -> refs/heads/master. */
static char *link_target(const char *path)
{
	char target[4096];
	ssize_t n = readlink(path, target, sizeof target);
	return n > 5 && n < (ssize_t)sizeof target && !memcmp(target, "refs/", 5) ? xmemdupz(target, (size_t)n) : NULL;
}

/* In the common folder these belong to the main worktree alone. */
static bool is_per_worktree(const char *name)
{
	return !strncmp(name, "refs/bisect/", 12) || !strncmp(name, "refs/worktree/", 14) || !strncmp(name, "refs/rewritten/", 15);
}

static void on_loose_ref(void *payload, const char *path, const char *name)
{
	struct reader *r = payload;
	const char *prefix = r->worktree->common && !is_per_worktree(name) ? "" : r->worktree->prefix;
	struct found f = { .prefix = prefix, .loose = true, .target = link_target(path) };
	KH_CLEANUP(buf_release) struct buf text = { 0 };
	struct bytes target;
	if (!f.target) {
		enum status st = file_read(&text, path, REF_FILE_MAX);
		if (st == KH_MISSING) /* deleted or packed this moment, or a link to nothing */
			return;
		if (st != KH_OK) {
			warn_status(r->warnings, path, st);
			return;
		}
		if (loose_ref_parse(buf_bytes(&text), r->oid_len, &f.oid, &target) != KH_OK) {
			skips_add(r->warnings, NULL, path, text.len ? "damaged reference" : "empty reference");
			return;
		}
		if (target.len)
			f.target = xmemdupz(target.ptr, target.len);
	}
	f.name = concat(prefix, name, strlen(name));
	append(&r->refs, f);
}

/* ---- HEAD and its like ---- */

/* git's rule for pseudo refs at the top of a git folder: capitals ending in _HEAD, and a few more. */
static bool is_head_name(const char *name)
{
	static const char *const more[] = { "HEAD", "AUTO_MERGE", "BISECT_EXPECTED_REV", "MERGE_AUTOSTASH", "NOTES_MERGE_PARTIAL", "NOTES_MERGE_REF" };
	size_t n = strlen(name);
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		if (!strcmp(name, more[i]))
			return true;
	return n > 5 && !strcmp(name + n - 5, "_HEAD") && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == n;
}

/* "<hex>", "ref: NAME", or FETCH_HEAD's "<hex>\t[not-for-merge]\t..." on each line. */
static bool add_head_line(struct reader *r, const char *name, struct bytes line)
{
	struct found f = { .prefix = r->worktree->prefix, .loose = true };
	struct bytes target;
	if (loose_ref_parse(line, r->oid_len, &f.oid, &target) != KH_OK)
		return false;
	f.name = concat(f.prefix, name, strlen(name));
	if (target.len)
		f.target = xmemdupz(target.ptr, target.len);
	append(&r->heads, f);
	return true;
}

static void read_head(struct reader *r, const char *name)
{
	KH_CLEANUP(free_ptr) char *path = path_join(r->worktree->git_dir, name);
	KH_CLEANUP(free_ptr) char *linked = link_target(path);
	if (linked) {
		append(&r->heads, (struct found){ concat(r->worktree->prefix, name, strlen(name)), { { 0 } }, xstrdup(linked), r->worktree->prefix, true });
		return;
	}
	KH_CLEANUP(buf_release) struct buf text = { 0 };
	enum status st = file_read(&text, path, HEAD_FILE_MAX);
	if (st != KH_OK) {
		if (st != KH_MISSING)
			warn_status(r->warnings, path, st);
		return;
	}
	struct bytes rest = buf_bytes(&text), line;
	bool ended, damaged = !text.len && !strcmp(name, "HEAD"); /* FETCH_HEAD is often empty */
	while (bytes_line(&rest, &line, &ended))
		if (line.len && !add_head_line(r, name, line))
			damaged = true;
	if (damaged)
		skips_add(r->warnings, NULL, path, text.len ? "damaged reference" : "empty reference");
}

static void read_heads(struct reader *r)
{
	/* a rebase in progress holds on to these; git keeps them from being pruned */
	static const char *const rebase[] = { "rebase-apply/autostash", "rebase-apply/orig-head", "rebase-merge/autostash", "rebase-merge/orig-head" };
	DIR *d = opendir(r->worktree->git_dir);
	if (!d) {
		warn_status(r->warnings, r->worktree->git_dir, KH_IO);
		return;
	}
	for (struct dirent *e; (e = readdir(d));)
		if (is_head_name(e->d_name))
			read_head(r, e->d_name);
	closedir(d);
	for (size_t i = 0; i < sizeof rebase / sizeof *rebase; i++)
		read_head(r, rebase[i]);
}

/* ---- following symbolic refs, and the lists that come of it ---- */

/* By name, a loose one before the packed one that it hides. */
static int by_name(const void *va, const void *vb)
{
	const struct found *a = va, *b = vb;
	int c = strcmp(a->name, b->name);
	if (!c)
		c = b->loose - a->loose;
	return c ? c : oid_cmp(&a->oid, &b->oid);
}

static int name_is(const void *key, const void *element)
{
	return strcmp(key, ((const struct found *)element)->name);
}

static const struct found *lookup_name(const struct found_list *l, const char *prefix, const char *name)
{
	KH_CLEANUP(free_ptr) char *full = concat(prefix, name, strlen(name));
	return l->len ? bsearch(full, l->list, l->len, sizeof *l->list, name_is) : NULL;
}

/* A worktree's own refs come before the shared ones; heads are there for symbolic refs to HEAD. */
static const struct found *lookup(const struct reader *r, const char *prefix, const char *name)
{
	const struct found *f = *prefix ? lookup_name(&r->refs, prefix, name) : NULL;
	if (!f)
		f = lookup_name(&r->refs, "", name);
	if (!f && strncmp(name, "refs/", 5))
		f = lookup_name(&r->heads, prefix, name);
	return f;
}

/* KH_MISSING: it leads to nothing, which is no damage. KH_CORRUPT: it leads in circles. */
static enum status resolve(const struct reader *r, const struct found *f, struct oid *out)
{
	for (int depth = 0; f && f->target; depth++) {
		if (depth == SYMREF_DEPTH)
			return KH_CORRUPT;
		f = lookup(r, f->prefix, f->target);
	}
	if (!f || is_zero(&f->oid))
		return KH_MISSING;
	*out = f->oid;
	return KH_OK;
}

static struct ref *resolve_all(struct reader *r, const struct found_list *l, bool unique, const struct settings *s, size_t *len)
{
	struct ref *out = xcalloc(l->len, sizeof *out);
	*len = 0;
	for (size_t i = 0; i < l->len; i++) {
		const struct found *f = &l->list[i];
		struct oid oid;
		if (i && unique && !strcmp(f->name, l->list[i - 1].name))
			continue;
		enum status st = resolve(r, f, &oid);
		if (st == KH_CORRUPT)
			skips_add(r->warnings, NULL, f->name, "symbolic reference leads in circles or too far");
		if (st != KH_OK)
			continue;
		bool remote = unique && (!strncmp(f->name, "refs/remotes/", 13) || settings_is_fetched(s, f->name));
		out[(*len)++] = (struct ref){ xstrdup(f->name), oid, remote };
	}
	return out;
}

static void found_release(struct found_list *l)
{
	for (size_t i = 0; i < l->len; i++) {
		free(l->list[i].name);
		free(l->list[i].target);
	}
	free(l->list);
}

static void sort(struct found_list *l)
{
	if (l->len)
		qsort(l->list, l->len, sizeof *l->list, by_name);
}

void refs_read(struct refs *out, const struct worktree *worktrees, size_t nworktrees, unsigned oid_len, const struct settings *settings,
	       struct skips *warnings)
{
	struct reader r = { .oid_len = oid_len, .warnings = warnings };
	*out = (struct refs){ 0 };
	for (size_t i = 0; i < nworktrees; i++) {
		r.worktree = &worktrees[i];
		/* loose ones first: one that is packed meanwhile is then found in the file, as git does it */
		files_walk(r.worktree->git_dir, "refs", on_loose_ref, &r, warnings);
		read_heads(&r);
		if (r.worktree->common)
			read_packed(&r, r.worktree->git_dir);
	}
	sort(&r.refs);
	sort(&r.heads);
	out->refs = resolve_all(&r, &r.refs, true, settings, &out->nrefs);
	out->heads = resolve_all(&r, &r.heads, false, settings, &out->nheads);
	for (size_t i = 0; i < out->nheads; i++) {
		if (!out->has_head && !strcmp(out->heads[i].name, "HEAD")) {
			out->head = out->heads[i].oid;
			out->has_head = true;
		}
	}
	found_release(&r.refs);
	found_release(&r.heads);
}

static void free_refs(struct ref *list, size_t len)
{
	for (size_t i = 0; i < len; i++)
		free(list[i].name);
	free(list);
}

void refs_release(struct refs *r)
{
	free_refs(r->refs, r->nrefs);
	free_refs(r->heads, r->nheads);
	*r = (struct refs){ 0 };
}

bool ref_is_head(const struct ref *r)
{
	const char *slash = strrchr(r->name, '/');
	return !strcmp(slash ? slash + 1 : r->name, "HEAD");
}
