#include "objects/reflog.h"

#include <stdlib.h>

#include "objects/files.h"
#include "objects/mapped.h"
#include "util/alloc.h"

#define REFLOG_MAX (1ul << 30)

struct reader {
	struct oid *list;
	size_t len, cap;
	unsigned oid_len;
	struct skips *warnings;
};

bool reflog_parse(struct bytes line, unsigned oid_len, struct oid *from, struct oid *to)
{
	size_t hex = 2 * (size_t)oid_len;
	const char *p = (const char *)line.ptr;
	return line.len > 2 * hex + 1 && p[hex] == ' ' && (p[2 * hex + 1] == ' ' || p[2 * hex + 1] == '\t') &&
	       oid_parse(from, p, oid_len) && oid_parse(to, p + hex + 1, oid_len);
}

static void add(struct reader *r, const struct oid *oid)
{
	static const struct oid zero;
	if (oid_eq(oid, &zero) || (r->len && oid_eq(oid, &r->list[r->len - 1]))) /* each line's old is the last one's new */
		return;
	ALLOC_GROW(r->list, r->len + 1, r->cap);
	r->list[r->len++] = *oid;
}

static void on_log(void *payload, const char *path, const char *name)
{
	struct reader *r = payload;
	KH_CLEANUP(mapped_close) struct bytes file = { 0 };
	enum status st = file_map(&file, path, REFLOG_MAX);
	(void)name;
	if (st != KH_OK) {
		if (st != KH_MISSING)
			warn_status(r->warnings, path, st);
		return;
	}
	struct bytes rest = file, line;
	bool ended, damaged = false;
	while (bytes_line(&rest, &line, &ended)) {
		struct oid from, to;
		if (reflog_parse(line, r->oid_len, &from, &to)) {
			add(r, &from);
			add(r, &to);
		} else if (line.len) {
			damaged = true;
		}
	}
	if (damaged)
		skips_add(r->warnings, NULL, path, "damaged lines were left out");
}

static int by_oid(const void *a, const void *b)
{
	return oid_cmp(a, b);
}

size_t reflog_read(struct oid **out, const struct worktree *worktrees, size_t nworktrees, unsigned oid_len, struct skips *warnings)
{
	struct reader r = { .oid_len = oid_len, .warnings = warnings };
	for (size_t i = 0; i < nworktrees; i++)
		files_walk(worktrees[i].git_dir, "logs", on_log, &r, warnings);
	if (r.len)
		qsort(r.list, r.len, sizeof *r.list, by_oid);
	size_t n = 0;
	for (size_t i = 0; i < r.len; i++)
		if (!n || !oid_eq(&r.list[i], &r.list[n - 1]))
			r.list[n++] = r.list[i];
	*out = r.list;
	return n;
}
