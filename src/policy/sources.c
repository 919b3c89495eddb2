#include "policy/sources.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "findings/commitparse.h"
#include "objects/files.h"
#include "policy/inner.h"
#include "util/alloc.h"

static const struct {
	const char *name;
	void (*add)(struct policy *p, const char *file, struct bytes text); /* NULL: our own */
} files[] = {
	{ OWN_FILE, NULL },
	{ ".gitleaksignore", policy_add_gitleaks },
	{ ".secrets.baseline", policy_add_detect_secrets },
	{ ".gitallowed", policy_add_git_secrets },
};
#define NFILES (sizeof files / sizeof *files)

enum status source_file(struct buf *out, const char *root, const char *name, const char **why)
{
	KH_CLEANUP(free_ptr) char *path = path_join(root, name);
	struct stat st;
	if (lstat(path, &st))
		return KH_MISSING;
	if (!S_ISREG(st.st_mode)) {
		*why = "a link, a folder or a device, which is not read";
		return KH_UNSUPPORTED;
	}
	enum status status = file_read(out, path, POLICY_FILE_MAX);
	*why = status == KH_IO ? strerror(errno) : status == KH_TOOBIG ? "larger than 16 MiB" : status_words(status);
	return status;
}

static enum status add_text(struct policy *p, size_t i, const char *before, struct bytes text, char **err)
{
	KH_CLEANUP(buf_release) struct buf name = { 0 };
	buf_add_safe(&name, before, strlen(before));
	buf_addstr(&name, files[i].name);
	if (!files[i].add)
		return policy_add_own(p, name.ptr, text, err);
	files[i].add(p, name.ptr, text);
	return KH_OK;
}

/* Ours must be readable; of the others it is said that they were not read. */
static enum status unreadable(struct policy *p, size_t i, const char *before, const char *why, char **err)
{
	struct buf b = { 0 };
	buf_add_safe(&b, before, strlen(before));
	buf_addstr(&b, files[i].name);
	if (files[i].add) {
		policy_note(p, b.ptr, 0, why);
		buf_release(&b);
		return KH_OK;
	}
	buf_addf(&b, ": %s; make it a readable file or take it away", why);
	*err = b.ptr;
	return KH_USAGE;
}

enum status sources_folder(struct policy *p, const char *root, const char *before, bool own, char **err)
{
	enum status st = KH_OK;
	*err = NULL;
	for (size_t i = !own; !st && i < NFILES; i++) {
		KH_CLEANUP(buf_release) struct buf text = { 0 };
		const char *why = NULL;
		enum status got = source_file(&text, root, files[i].name, &why);
		if (got == KH_OK)
			st = add_text(p, i, before, buf_bytes(&text), err);
		else if (got != KH_MISSING)
			st = unreadable(p, i, before, why, err);
	}
	return st;
}

/* Entries at the top of HEAD's tree: which object each file is, and whether it is a plain file. */
static enum status find_files(uint32_t *found, const struct repo *r, const struct store *s)
{
	uint8_t *data = NULL;
	size_t len = 0;
	enum object_type type;
	struct commit_header h;
	uint32_t commit = store_find(s, &r->head);
	enum status st = commit == NO_OBJECT ? KH_MISSING : store_read(s, commit, POLICY_FILE_MAX, &type, &data, &len);
	if (st == KH_OK && (type != OBJ_COMMIT || !commit_parse(&h, bytes_of(data, len), s->oid_len)))
		st = KH_CORRUPT;
	free(data);
	uint32_t tree = st == KH_OK ? store_find(s, &h.tree) : NO_OBJECT;
	if (st == KH_OK)
		st = tree == NO_OBJECT ? KH_MISSING : store_read(s, tree, POLICY_FILE_MAX, &type, &data, &len);
	if (st != KH_OK || type != OBJ_TREE) {
		if (st == KH_OK)
			free(data);
		return st == KH_OK ? KH_CORRUPT : st;
	}
	for (size_t at = 0; at < len;) {
		const uint8_t *nul = memchr(data + at, '\0', len - at);
		if (!nul || (size_t)(data + len - nul) < 1 + s->oid_len)
			break;
		for (size_t i = 0; i < NFILES; i++) {
			const char *name = strchr((const char *)data + at, ' ');
			if (!name || strcmp(name + 1, files[i].name) != 0 || strncmp((const char *)data + at, "100", 3) != 0)
				continue;
			struct oid oid = oid_from(nul + 1, s->oid_len);
			found[i] = store_find(s, &oid);
		}
		at = (size_t)(nul + 1 - data) + s->oid_len;
	}
	free(data);
	return KH_OK;
}

enum status sources_tree(struct policy *p, const struct repo *r, const struct store *s, const char *before, bool own, char **err)
{
	uint32_t found[NFILES];
	enum status st = KH_OK;
	*err = NULL;
	for (size_t i = 0; i < NFILES; i++)
		found[i] = NO_OBJECT;
	if (!r->has_head || find_files(found, r, s) != KH_OK)
		return KH_OK;
	for (size_t i = !own; !st && i < NFILES; i++) {
		uint8_t *data = NULL;
		size_t len = 0;
		enum object_type type;
		if (found[i] == NO_OBJECT)
			continue;
		enum status got = store_read(s, found[i], POLICY_FILE_MAX, &type, &data, &len);
		if (got == KH_OK)
			st = add_text(p, i, before, bytes_of(data, len), err);
		else
			st = unreadable(p, i, before, status_words(got), err);
		free(data);
	}
	return st;
}
