#include "objects/repo.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "objects/alternates.h"
#include "objects/discover.h"
#include "objects/files.h"
#include "objects/indexfile.h"
#include "objects/reflog.h"
#include "objects/refs.h"
#include "objects/settings.h"
#include "objects/worktrees.h"
#include "util/alloc.h"

#define SHALLOW_MAX (256u << 20)

/* What repo_open has in hand. */
struct opening {
	struct repo *repo;
	struct discovered found;
	struct settings settings;
	struct worktree *worktrees;
	size_t nworktrees;
	struct skips warnings;
	struct buf err;
};

/* GIT_WORK_TREE, then core.worktree, then core.bare, then where the folders lie (git(1), git-config(1)). */
static char *choose_work_tree(const struct opening *o)
{
	const char *named = o->found.env ? env_value("GIT_WORK_TREE") : NULL;
	if (named)
		return path_real(named);
	if (o->settings.bare == 1)
		return NULL;
	if (o->settings.work_tree) {
		KH_CLEANUP(free_ptr) char *path = path_join(o->found.git_dir, o->settings.work_tree);
		return path_real(path);
	}
	return o->found.work_tree ? xstrdup(o->found.work_tree) : NULL;
}

static enum status find_objects(struct opening *o)
{
	struct repo *r = o->repo;
	const char *named = o->found.env ? env_value("GIT_OBJECT_DIRECTORY") : NULL;
	KH_CLEANUP(free_ptr) char *path = named ? xstrdup(named) : path_join(r->common_dir, "objects");
	r->objects_dir = path_real(path);
	if (!r->objects_dir || !path_is_dir(r->objects_dir)) {
		buf_add_safe(&o->err, path, strlen(path));
		buf_addstr(&o->err, ": no such object folder");
		return KH_MISSING;
	}
	r->nobject_dirs = alternates_find(&r->object_dirs, r->objects_dir, o->found.env, &o->warnings);
	return KH_OK;
}

static bool has_promisor_pack(const char *objects_dir)
{
	KH_CLEANUP(free_ptr) char *path = path_join(objects_dir, "pack");
	DIR *d = opendir(path);
	bool found = false;
	for (struct dirent *e; d && !found && (e = readdir(d));) {
		size_t n = strlen(e->d_name);
		found = n > 9 && !strcmp(e->d_name + n - 9, ".promisor");
	}
	if (d)
		closedir(d);
	return found;
}

static void read_shallow(struct opening *o)
{
	struct repo *r = o->repo;
	KH_CLEANUP(free_ptr) char *path = path_join(r->common_dir, "shallow");
	KH_CLEANUP(buf_release) struct buf text = { 0 };
	enum status st = file_read(&text, path, SHALLOW_MAX);
	size_t cap = 0, hex = 2 * (size_t)r->oid_len;
	struct bytes rest = buf_bytes(&text), line;
	bool ended, damaged = false;
	if (st != KH_OK && st != KH_MISSING)
		warn_status(&o->warnings, path, st);
	while (st == KH_OK && bytes_line(&rest, &line, &ended)) {
		ALLOC_GROW(r->shallow_commits, r->nshallow + 1, cap);
		if (line.len >= hex && oid_parse(&r->shallow_commits[r->nshallow], (const char *)line.ptr, r->oid_len))
			r->nshallow++;
		else if (line.len)
			damaged = true;
	}
	if (damaged)
		skips_add(&o->warnings, NULL, path, "damaged lines were left out");
	r->nshallow = oids_sort(r->shallow_commits, r->nshallow);
	r->shallow = r->nshallow || damaged;
}

/* git runs at the top of the work tree, and GIT_INDEX_FILE is relative to that; so hooks have it. */
static char *index_path(const struct opening *o, const struct worktree *w)
{
	const char *named = o->found.env && !*w->prefix ? env_value("GIT_INDEX_FILE") : NULL;
	if (!named)
		return path_join(w->git_dir, "index");
	KH_CLEANUP(free_ptr) char *cwd = path_real(".");
	const char *top = o->repo->work_tree;
	return path_join(top && cwd && path_within(cwd, top) ? top : ".", named);
}

static void read_indexes(struct opening *o)
{
	struct index_list all = { 0 };
	for (size_t i = 0; i < o->nworktrees; i++) {
		struct index_list own;
		const struct worktree *w = &o->worktrees[i];
		KH_CLEANUP(free_ptr) char *path = index_path(o, w);
		enum status st = indexfile_read(&own, path, w->git_dir, o->repo->oid_len);
		if (st != KH_OK && st != KH_MISSING)
			warn_status(&o->warnings, path, st);
		if (own.len) {
			ALLOC_GROW(all.list, all.len + own.len, all.cap);
			memcpy(all.list + all.len, own.list, own.len * sizeof *own.list);
			all.len += own.len;
		}
		free(own.list); /* the paths have moved over */
	}
	o->repo->index = all.list;
	o->repo->nindex = all.len;
}

/* What is there beyond what we know: the rest is read, and the scan is incomplete. */
static void note_extensions(struct opening *o)
{
	KH_CLEANUP(free_ptr) char *path = path_join(o->repo->common_dir, "config");
	for (size_t i = 0; i < o->settings.nunknown; i++) {
		KH_CLEANUP(buf_release) struct buf b = { 0 };
		buf_addf(&b, "%s is not known here, and what it changes may not have been seen", o->settings.unknown[i]);
		skips_add(&o->warnings, NULL, path, b.ptr);
	}
	if (o->settings.reftable)
		skips_add(&o->warnings, NULL, path, "extensions.refStorage: references and reflogs were not read, only those in files can be");
}

static void read_refs(struct opening *o)
{
	struct repo *r = o->repo;
	struct refs refs;
	r->has_remote = o->settings.has_remote;
	r->refs_unread = o->settings.reftable;
	if (r->refs_unread)
		return;
	refs_read(&refs, o->worktrees, o->nworktrees, r->oid_len, &o->settings, &o->warnings);
	r->refs = refs.refs;
	r->nrefs = refs.nrefs;
	r->heads = refs.heads;
	r->nheads = refs.nheads;
	r->head = refs.head;
	r->has_head = refs.has_head;
	for (size_t i = 0; i < r->nrefs && !r->has_remote; i++)
		r->has_remote = r->refs[i].remote;
	struct reflog log = reflog_read(o->worktrees, o->nworktrees, r->oid_len, &o->warnings);
	r->reflog = log.all;
	r->nreflog = log.nall;
	r->stash = log.stash;
	r->nstash = log.nstash;
}

/* "path: reason" */
static void keep_warnings(struct repo *r, const struct skips *s)
{
	bool more = s->total > s->len;
	r->warnings = xcalloc(s->len + more, sizeof *r->warnings);
	for (size_t i = 0; i < s->len + more; i++) {
		struct buf b = { 0 };
		if (i < s->len)
			buf_addf(&b, "%s: %s", s->list[i].path, s->list[i].reason);
		else
			buf_addf(&b, "%llu more like these", (unsigned long long)(s->total - s->len));
		r->warnings[r->nwarnings++] = b.ptr;
	}
}

static enum status open_found(struct opening *o)
{
	struct repo *r = o->repo;
	const struct discovered *d = &o->found;
	enum status st = settings_read(&o->settings, d->common_dir, d->git_dir, d->linked, &o->err);
	if (st != KH_OK)
		return st;
	r->git_dir = xstrdup(d->git_dir);
	r->common_dir = xstrdup(d->common_dir);
	r->work_tree = choose_work_tree(o);
	r->bare = !r->work_tree;
	r->oid_len = o->settings.oid_len;
	st = find_objects(o);
	if (st != KH_OK)
		return st;
	r->partial = o->settings.partial;
	for (size_t i = 0; i < r->nobject_dirs && !r->partial; i++)
		r->partial = has_promisor_pack(r->object_dirs[i]);
	note_extensions(o);
	read_shallow(o);
	o->nworktrees = worktrees_find(&o->worktrees, r->git_dir, r->common_dir, &o->warnings);
	read_refs(o);
	read_indexes(o);
	keep_warnings(r, &o->warnings);
	return KH_OK;
}

enum status repo_open(struct repo **out, const char *path, bool from_env, char **err)
{
	struct opening o = { 0 };
	*out = NULL;
	*err = NULL;
	enum status st = discover(&o.found, path, from_env, &o.err);
	if (st == KH_OK) {
		o.repo = xcalloc(1, sizeof *o.repo);
		st = open_found(&o);
	}
	if (st == KH_OK) {
		*out = o.repo;
		buf_release(&o.err);
	} else {
		repo_free(o.repo);
		*err = o.err.ptr ? o.err.ptr : xstrdup(status_words(st));
	}
	worktrees_free(o.worktrees, o.nworktrees);
	skips_release(&o.warnings);
	settings_release(&o.settings);
	discovered_release(&o.found);
	return st;
}

static void free_strings(char **list, size_t len)
{
	for (size_t i = 0; i < len; i++)
		free(list[i]);
	free(list);
}

void repo_free(struct repo *r)
{
	if (!r)
		return;
	struct refs refs = { .refs = r->refs, .nrefs = r->nrefs, .heads = r->heads, .nheads = r->nheads };
	struct index_list index = { .list = r->index, .len = r->nindex };
	refs_release(&refs);
	index_list_release(&index);
	free_strings(r->object_dirs, r->nobject_dirs);
	free_strings(r->warnings, r->nwarnings);
	free(r->git_dir);
	free(r->common_dir);
	free(r->work_tree);
	free(r->objects_dir);
	free(r->shallow_commits);
	free(r->reflog);
	free(r->stash);
	free(r);
}

char *repo_find_work_tree(const char *path)
{
	struct opening o = { 0 };
	KH_CLEANUP(free_ptr) char *real = path_real(path);
	KH_CLEANUP(free_ptr) char *folder = real && !path_is_dir(real) ? path_parent(real) : NULL;
	char *top = NULL;
	if (real && discover(&o.found, folder ? folder : real, false, &o.err) == KH_OK) {
		/* a configuration that we cannot use says nothing about where the files are */
		settings_read(&o.settings, o.found.common_dir, o.found.git_dir, o.found.linked, &o.err);
		top = choose_work_tree(&o);
	}
	settings_release(&o.settings);
	discovered_release(&o.found);
	buf_release(&o.err);
	return top;
}

char *repo_find_common_dir(const char *path)
{
	struct discovered found;
	KH_CLEANUP(buf_release) struct buf err = { 0 };
	if (discover(&found, path, false, &err) != KH_OK)
		return NULL;
	char *common = xstrdup(found.common_dir);
	discovered_release(&found);
	return common;
}

size_t repo_config_files(const struct repo *r, char ***out)
{
	struct worktree *list;
	struct skips ignored = { 0 };
	size_t n = worktrees_find(&list, r->git_dir, r->common_dir, &ignored), len = 0;
	*out = xcalloc(n + 1, sizeof **out);
	for (size_t i = 0; i < n + 1; i++) {
		char *path = i ? path_join(list[i - 1].git_dir, "config.worktree") : path_join(r->common_dir, "config");
		if (path_is_file(path))
			(*out)[len++] = path;
		else
			free(path);
	}
	worktrees_free(list, n);
	skips_release(&ignored);
	return len;
}
