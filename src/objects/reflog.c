#include "objects/reflog.h"

#include <stdlib.h>

#include "objects/files.h"
#include "objects/mapped.h"
#include "util/alloc.h"

#define REFLOG_MAX (1ul << 30)

struct names {
	struct oid *list;
	size_t len, cap;
};

struct reader {
	struct names all, stash;
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

static void add(struct names *l, const struct oid *oid)
{
	static const struct oid zero;
	if (oid_eq(oid, &zero) || (l->len && oid_eq(oid, &l->list[l->len - 1]))) /* each line's old is the last one's new */
		return;
	ALLOC_GROW(l->list, l->len + 1, l->cap);
	l->list[l->len++] = *oid;
}

static void on_log(void *payload, const char *path, const char *name)
{
	struct reader *r = payload;
	KH_CLEANUP(mapped_close) struct bytes file = { 0 };
	enum status st = file_map(&file, path, REFLOG_MAX);
	bool stash = !strcmp(name, "logs/refs/stash");
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
			add(&r->all, &from);
			add(&r->all, &to);
			if (stash)
				add(&r->stash, &to);
		} else if (line.len) {
			damaged = true;
		}
	}
	if (damaged)
		skips_add(r->warnings, NULL, path, "damaged lines were left out");
}

struct reflog reflog_read(const struct worktree *worktrees, size_t nworktrees, unsigned oid_len, struct skips *warnings)
{
	struct reader r = { .oid_len = oid_len, .warnings = warnings };
	for (size_t i = 0; i < nworktrees; i++)
		files_walk(worktrees[i].git_dir, "logs", on_log, &r, warnings);
	r.all.len = oids_sort(r.all.list, r.all.len);
	r.stash.len = oids_sort(r.stash.list, r.stash.len);
	return (struct reflog){ .all = r.all.list, .stash = r.stash.list, .nall = r.all.len, .nstash = r.stash.len };
}
