#include "commands/roots.h"

#include <stdlib.h>
#include <string.h>

#include "objects/files.h"
#include "objects/repo.h"
#include "util/alloc.h"

/* Folders asked about, with their top. */
struct known_folder {
	char *folder, *top;
};

struct roots {
	char **bases; /* scanned folders, absolute */
	size_t nbases;
	struct known_folder *known;
	size_t len, cap;
};

struct roots *roots_new(char *const *paths, size_t n)
{
	struct roots *r = xcalloc(1, sizeof *r);
	r->bases = xcalloc(n + 1, sizeof *r->bases);
	for (size_t i = 0; i < n || !i; i++) {
		char *real = path_real(n ? paths[i] : ".");
		if (real && path_is_dir(real))
			r->bases[r->nbases++] = real;
		else
			free(real);
	}
	return r;
}

void roots_free(struct roots *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->nbases; i++)
		free(r->bases[i]);
	for (size_t i = 0; i < r->len; i++) {
		free(r->known[i].folder);
		free(r->known[i].top);
	}
	free(r->bases);
	free(r->known);
	free(r);
}

static char *find_top(const struct roots *r, const char *folder)
{
	char *top = repo_find_work_tree(folder);
	if (top)
		return top;
	for (size_t i = 0; i < r->nbases; i++)
		if (path_within(folder, r->bases[i]))
			return xstrdup(r->bases[i]);
	return NULL;
}

/* Findings of one folder mostly come together, so the last answer is the first to look at. */
static const struct known_folder *ask(struct roots *r, const char *folder)
{
	for (size_t i = r->len; i > 0; i--)
		if (!strcmp(r->known[i - 1].folder, folder))
			return &r->known[i - 1];
	ALLOC_GROW(r->known, r->len + 1, r->cap);
	r->known[r->len] = (struct known_folder){ xstrdup(folder), find_top(r, folder) };
	return &r->known[r->len++];
}

const char *roots_find(struct roots *r, const char *path, char **inside)
{
	KH_CLEANUP(free_ptr) char *parent = strchr(path, '/') ? path_parent(path) : xstrdup(".");
	KH_CLEANUP(free_ptr) char *folder = path_real(*parent ? parent : "/");
	const struct known_folder *k = folder && strcmp(path, "-") ? ask(r, folder) : NULL;
	size_t skip = k && k->top ? strlen(k->top) : 0;
	if (!skip || !path_within(folder, k->top)) {
		*inside = xstrdup(path);
		return NULL;
	}
	while (skip > 1 && k->top[skip - 1] == '/')
		skip--;
	const char *rest = folder + skip;
	rest += *rest == '/';
	*inside = *rest ? path_join(rest, path_base(path)) : xstrdup(path_base(path));
	return k->top;
}
