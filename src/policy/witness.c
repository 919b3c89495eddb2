#include "policy/witness.h"

#include <git2.h>
#include <stdlib.h>

#include "util/alloc.h"

#define LOOKS_MAX 200000u        /* commits that are looked at in all, for all entries */
#define BYTES_MAX 2000000000ull  /* and of the files of ignores in them */

struct witness {
	char *root;
	git_repository *repo;
	bool tried;
	unsigned looks;
	uint64_t bytes;
	git_oid last;      /* the file of ignores that was looked at last, */
	bool last_listed;  /* and whether the entry at hand is in it */
};

struct witness *witness_new(const char *root)
{
	struct witness *w = xcalloc(1, sizeof *w);
	w->root = xstrdup(root);
	return w;
}

void witness_free(struct witness *w)
{
	if (!w)
		return;
	git_repository_free(w->repo);
	free(w->root);
	free(w);
}

/* Reads only, and nothing that the repository configures is run: who owns it does not matter. */
static bool opened(struct witness *w)
{
	if (!w->tried && git_libgit2_init() > 0) {
		git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
		if (git_repository_open_ext(&w->repo, w->root, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL))
			w->repo = NULL;
	}
	w->tried = true;
	return w->repo != NULL;
}

static bool id_at(git_oid *out, const git_commit *c, const char *path)
{
	git_tree *tree = NULL;
	git_tree_entry *entry = NULL;
	bool found = !git_commit_tree(&tree, c) && !git_tree_entry_bypath(&entry, tree, path) && git_tree_entry_type(entry) == GIT_OBJECT_BLOB;
	if (found)
		git_oid_cpy(out, git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	git_tree_free(tree);
	return found;
}

static git_blob *blob_at(const git_commit *c, const char *path)
{
	git_oid id;
	git_blob *blob = NULL;
	return id_at(&id, c, path) && !git_blob_lookup(&blob, git_commit_owner(c), &id) ? blob : NULL;
}

static struct bytes content(const git_blob *b)
{
	return b ? bytes_of(git_blob_rawcontent(b), (size_t)git_blob_rawsize(b)) : bytes_of("", 0);
}

/* Line `n` of a text, from 1; empty past its end. */
static struct bytes nth_line(struct bytes text, uint32_t n)
{
	const uint8_t *p = text.ptr, *end = text.ptr + text.len, *nl;
	while (--n && (nl = memchr(p, '\n', (size_t)(end - p))))
		p = nl + 1;
	nl = n ? NULL : memchr(p, '\n', (size_t)(end - p));
	return n ? bytes_of("", 0) : bytes_of(p, (size_t)((nl ? nl : end) - p));
}

static bool has(struct bytes text, const char *word)
{
	return word && *word && memmem(text.ptr, text.len, word, strlen(word));
}

/* Does the text hold the entry, on a line of its own? */
static bool has_line(struct bytes text, const char *entry)
{
	size_t len = strlen(entry);
	for (const uint8_t *p = text.ptr, *end = text.ptr + text.len; (size_t)(end - p) >= len;) {
		const uint8_t *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		const uint8_t *at = memmem(p, (size_t)(stop - p), entry, len);
		if (at && (at == p || at[-1] == ' ' || at[-1] == '\t') && (at + len == stop || strchr(" \t\r", at[len])))
			return true;
		if (!nl)
			break;
		p = nl + 1;
	}
	return false;
}

/* Does the commit's file of ignores have the entry? Most commits have the file that their child has. */
static bool lists(struct witness *w, const git_commit *c, const char *file, const char *entry)
{
	git_oid id;
	git_blob *blob = NULL;
	if (!id_at(&id, c, file))
		return false;
	if (git_oid_equal(&id, &w->last))
		return w->last_listed;
	if (git_blob_lookup(&blob, w->repo, &id))
		return false;
	w->bytes += content(blob).len;
	w->last = id;
	w->last_listed = has_line(content(blob), entry);
	git_blob_free(blob);
	return w->last_listed;
}

/* The commit that brought the entry; NULL: git cannot tell. `*fresh`: HEAD does not have it at all. */
static git_commit *brought(struct witness *w, const char *file, const char *entry, bool *fresh)
{
	git_object *head = NULL;
	git_commit *c = NULL, *parent = NULL;
	memset(&w->last, 0, sizeof w->last);
	*fresh = git_repository_head_unborn(w->repo) == 1;
	if (*fresh || git_revparse_single(&head, w->repo, "HEAD^{commit}"))
		return NULL;
	c = (git_commit *)head;
	*fresh = !lists(w, c, file, entry);
	while (!*fresh && git_commit_parentcount(c)) {
		if (w->looks++ > LOOKS_MAX || w->bytes > BYTES_MAX || git_commit_parent(&parent, c, 0)) {
			git_commit_free(c);
			return NULL;
		}
		if (!lists(w, parent, file, entry)) {
			git_commit_free(parent);
			break;
		}
		git_commit_free(c);
		c = parent;
	}
	if (!*fresh)
		return c;
	git_commit_free(c);
	return NULL;
}

bool witness_asked(void *payload, const char *file, const char *entry, const char *path, uint32_t line, const struct finding *f)
{
	struct witness *w = payload;
	bool fresh = false, stood = false;
	const char *name = strrchr(file, '/');
	if (!opened(w))
		return false;
	git_commit *c = brought(w, name ? name + 1 : file, entry, &fresh);
	if (fresh)
		return f->line == line && (!f->commit[0] || f->at_head == TRI_TRUE);
	if (!c)
		return false;
	git_blob *blob = blob_at(c, path);
	struct bytes text = content(blob), there = nth_line(text, line);
	stood = has(there, f->key_id) || has(there, f->secret) || has(there, f->token);
	stood = stood && (!f->key_id[0] || has(text, f->key_id)) && (!f->secret || has(text, f->secret));
	git_blob_free(blob);
	git_commit_free(c);
	return stood;
}
