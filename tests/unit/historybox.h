/* historybox.h: repositories with sightings in them, for the tests of attribution. */
#ifndef KH_TESTS_HISTORYBOX_H
#define KH_TESTS_HISTORYBOX_H

#include "gitbox.h"

#include <nettle/sha1.h>
#include <sys/stat.h>
#include <zlib.h>

#include "findings/attribute.h"

struct history {
	struct repo *repo;
	struct store *store;
	struct ledger ledger;
	struct skips skips;
};

static inline void history_open(struct history *h, const char *path)
{
	char *err = NULL;
	*h = (struct history){ 0 };
	if (repo_open(&h->repo, path, false, &err) != KH_OK)
		fail_msg("%s", err);
	h->store = store_open(h->repo->object_dirs, h->repo->nobject_dirs, h->repo->oid_len, &h->skips);
	ledger_init(&h->ledger);
}

static inline void history_close(struct history *h)
{
	skips_release(&h->skips);
	ledger_release(&h->ledger);
	store_free(h->store);
	repo_free(h->repo);
}

static inline uint32_t history_object(const struct history *h, const char *revision)
{
	struct buf line = { 0 };
	struct oid oid;
	buf_addf(&line, "git -C '%s' rev-parse '%s'", h->repo->git_dir, revision);
	KH_CLEANUP(free_ptr) char *hex = sh_out(line.ptr);
	buf_release(&line);
	assert_true(oid_parse(&oid, hex, h->repo->oid_len));
	uint32_t object = store_find(h->store, &oid);
	assert_int_not_equal(object, NO_OBJECT);
	return object;
}

/* A made-up credential: its kind, key ID and secret are what tells it apart. */
static inline struct credential made_up(const char *kind, const char *key_id, const char *secret)
{
	struct credential c = { .kind = kind, .pattern = "test", .severity = LEVEL_HIGH, .confidence = LEVEL_HIGH };
	snprintf(c.key_id, sizeof c.key_id, "%s", key_id);
	c.secret = bytes_str(secret);
	return c;
}

static inline void see(struct history *h, const char *key_id, const char *revision, enum source source, uint32_t line, const char *name)
{
	struct credential c = made_up("access-key-id", key_id, "");
	ledger_add(&h->ledger, &c, history_object(h, revision), source, line, 1, name);
}

static inline struct walk_options history_options(unsigned threads)
{
	return (struct walk_options){ .threads = threads, .memory = 64u << 20, .loose = true };
}

static inline struct findings history_findings(struct history *h, unsigned threads)
{
	struct findings f = { 0 };
	struct walk_options o = history_options(threads);
	ledger_finish(&h->ledger);
	attribute_history(&f, h->repo, h->store, &h->ledger, &o, &h->skips);
	return f;
}

static inline const struct finding *finding_at(const struct findings *f, const char *key_id, const char *path)
{
	for (size_t i = 0; i < f->len; i++)
		if (!strcmp(f->list[i].key_id, key_id) && !strcmp(f->list[i].path, path))
			return &f->list[i];
	fail_msg("no finding of %s at %s", key_id, path);
	return NULL;
}

/* Write a loose object below `objects`, which git would take too long to make thousands of. */
static inline void write_loose(const char *objects, const char *type, const void *data, size_t len, uint8_t id[20])
{
	struct buf b = { 0 }, path = { 0 };
	struct sha1_ctx ctx;
	struct oid oid = { { 0 } };
	char hex[OID_HEX_MAX + 1];
	buf_addf(&b, "%s %zu", type, len);
	buf_add(&b, "", 1);
	buf_add(&b, data, len);
	sha1_init(&ctx);
	sha1_update(&ctx, b.len, (const uint8_t *)b.ptr);
	sha1_digest(&ctx, 20, id);
	memcpy(oid.id, id, 20);
	oid_hex(hex, &oid, 20);
	uLongf packed = compressBound(b.len);
	KH_CLEANUP(free_ptr) uint8_t *out = xmalloc(packed);
	assert_int_equal(compress2(out, &packed, (const Bytef *)b.ptr, b.len, 1), Z_OK);
	buf_addf(&path, "%s/%.2s", objects, hex);
	mkdir(path.ptr, 0777);
	buf_addf(&path, "/%s", hex + 2);
	write_file(path.ptr, out, packed);
	buf_release(&path);
	buf_release(&b);
}

static inline void tree_add(struct buf *tree, const char *mode, const char *name, const uint8_t id[20])
{
	buf_addf(tree, "%s %s", mode, name);
	buf_add(tree, "", 1);
	buf_add(tree, id, 20);
}

/* A commit of the tree, written loose, with refs/heads/main on it. */
static inline void write_commit(const char *git_dir, const uint8_t tree[20])
{
	struct buf b = { 0 }, path = { 0 };
	struct oid oid = { { 0 } };
	uint8_t id[20];
	char hex[OID_HEX_MAX + 1];
	memcpy(oid.id, tree, 20);
	oid_hex(hex, &oid, 20);
	buf_addf(&b, "tree %s\nauthor A <a@example.com> 1700000000 +0100\ncommitter C <c@example.com> 1700000001 +0100\n\nmessage\n", hex);
	buf_addf(&path, "%s/objects", git_dir);
	write_loose(path.ptr, "commit", b.ptr, b.len, id);
	memcpy(oid.id, id, 20);
	oid_hex(hex, &oid, 20);
	buf_clear(&path);
	buf_addf(&path, "%s/refs/heads/main", git_dir);
	write_file(path.ptr, hex, 40);
	buf_release(&path);
	buf_release(&b);
}

#endif
