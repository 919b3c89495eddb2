#include "objects/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "objects/delta.h"
#include "objects/inflate.h"
#include "util/alloc.h"
#include "util/buf.h"

static void skip_path(struct skips *skips, const char *path, const char *reason)
{
	struct buf b = { 0 };
	buf_add_safe(&b, path, strlen(path));
	skips_add(skips, buf_str(&b), buf_str(&b), reason);
	buf_release(&b);
}

static bool is_open(const struct store *s, const char *idx_path)
{
	size_t len = strlen(idx_path) - 4;
	for (size_t i = 0; i < s->npacks; i++)
		if (!strncmp(s->packs[i]->path, idx_path, len) && !strcmp(s->packs[i]->path + len, ".pack"))
			return true;
	return false;
}

static bool has_sibling(const char *idx_path, const char *ending)
{
	struct stat st;
	struct buf b = { 0 };
	buf_add(&b, idx_path, strlen(idx_path) - 4);
	buf_addstr(&b, ending);
	bool there = !stat(b.ptr, &st);
	buf_release(&b);
	return there;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_with(const char *s, const char *ending)
{
	size_t n = strlen(s), m = strlen(ending);
	return n > m && !strcmp(s + n - m, ending);
}

/* Paths of the folder's .idx files, sorted; packs without an index are skips: git cannot read them either, but we must not be silent. */
static size_t list_indexes(const char *dir, char ***out, struct skips *skips)
{
	struct buf path = { 0 };
	size_t n = 0, cap = 0;
	buf_addf(&path, "%s/pack", dir);
	DIR *d = opendir(path.ptr);
	if (!d && errno != ENOENT)
		skip_path(skips, path.ptr, "cannot list the folder of packs");
	for (struct dirent *e; d && (e = readdir(d));) {
		buf_clear(&path);
		buf_addf(&path, "%s/pack/%s", dir, e->d_name);
		if (ends_with(e->d_name, ".idx")) {
			ALLOC_GROW(*out, n + 1, cap);
			(*out)[n++] = xstrdup(path.ptr);
		} else if (!strncmp(e->d_name, "pack-", 5) && ends_with(e->d_name, ".pack")) {
			path.ptr[path.len - 5] = '\0';
			buf_addstr(&path, "");
			struct buf idx = { 0 };
			buf_addf(&idx, "%s.idx", path.ptr);
			struct stat st;
			if (stat(idx.ptr, &st))
				skip_path(skips, path.ptr, "pack without an index (git index-pack makes one)");
			buf_release(&idx);
		}
	}
	if (d)
		closedir(d);
	buf_release(&path);
	if (n)
		qsort(*out, n, sizeof **out, by_text);
	return n;
}

/* Open what is not open yet. KH_MISSING is not told: a pack that git gc just replaced comes back under another name. */
static size_t open_packs(struct store *s, struct skips *skips)
{
	size_t came = 0;
	for (size_t d = 0; d < s->ndirs; d++) {
		char **paths = NULL;
		size_t n = list_indexes(s->dirs[d], &paths, skips);
		for (size_t i = 0; i < n; i++) {
			struct pack *p = NULL;
			enum status st = is_open(s, paths[i]) ? KH_OK : pack_open(&p, paths[i], s->oid_len);
			if (p && (uint64_t)s->count + p->count >= NO_OBJECT) {
				pack_free(p);
				p = NULL;
				st = KH_TOOBIG;
			}
			if (p) {
				p->promisor = has_sibling(paths[i], ".promisor");
				s->promisor |= p->promisor;
				ALLOC_GROW(s->packs, s->npacks + 1, s->packs_cap);
				s->first = xrealloc(s->first, s->npacks + 1, sizeof *s->first);
				s->first[s->npacks] = s->count;
				s->packs[s->npacks++] = p;
				s->count += p->count;
				came++;
			} else if (st == KH_MISSING && has_sibling(paths[i], ".idx")) {
				skip_path(skips, paths[i], "index without its pack");
			} else if (st != KH_OK && st != KH_MISSING) {
				skip_path(skips, paths[i], st == KH_CORRUPT ? "damaged pack or index" : status_words(st));
			}
			free(paths[i]);
		}
		free(paths);
	}
	return came;
}

static bool in_packs(const struct store *s, const struct oid *oid, size_t from, uint32_t *number)
{
	uint32_t pos;
	for (size_t i = from; i < s->npacks; i++)
		if (pack_find(s->packs[i], oid, &pos)) {
			*number = s->first[i] + pos;
			return true;
		}
	return false;
}

static int by_name(const void *a, const void *b)
{
	const struct loose *x = a, *y = b;
	int c = oid_cmp(&x->oid, &y->oid);
	return c ? c : x->dir < y->dir ? -1 : x->dir > y->dir;
}

static void list_loose(struct store *s, struct skips *skips)
{
	size_t n = 0;
	uint32_t number;
	for (uint32_t d = 0; d < s->ndirs; d++)
		loose_list(s->dirs[d], s->oid_len, d, &s->loose, &s->nloose, &s->loose_cap, skips);
	if (s->nloose)
		qsort(s->loose, s->nloose, sizeof *s->loose, by_name);
	for (size_t i = 0; i < s->nloose; i++) {
		bool again = n && oid_eq(&s->loose[n - 1].oid, &s->loose[i].oid);
		if (!again && !in_packs(s, &s->loose[i].oid, 0, &number))
			s->loose[n++] = s->loose[i];
	}
	s->nloose = n;
}

struct store *store_open(char **dirs, size_t ndirs, unsigned oid_len, struct skips *skips)
{
	struct store *s = xcalloc(1, sizeof *s);
	s->oid_len = oid_len;
	s->dirs = dirs;
	s->ndirs = ndirs;
	open_packs(s, skips);
	list_loose(s, skips);
	s->first_loose = s->count;
	s->count += (uint32_t)s->nloose;
	return s;
}

/* Loose objects that were not there when they were listed: a pack they came from may never have been seen. */
static void skip_newcomers(const struct store *s, struct skips *skips)
{
	struct loose *now = NULL;
	size_t n = 0, cap = 0;
	struct skips known = { 0 };
	for (uint32_t d = 0; d < s->ndirs; d++)
		loose_list(s->dirs[d], s->oid_len, d, &now, &n, &cap, &known);
	skips_release(&known);
	for (size_t i = 0; i < n; i++)
		if (store_find(s, &now[i].oid) == NO_OBJECT) {
			char hex[OID_HEX_MAX + 1];
			oid_hex(hex, &now[i].oid, s->oid_len);
			skips_add(skips, hex, NULL, "object came while scanning");
		}
	free(now);
}

size_t store_refresh(struct store *s, struct skips *skips)
{
	uint32_t number;
	struct skips again = { 0 }; /* what was damaged before is known already */
	size_t came = open_packs(s, &again);
	skips_release(&again);
	for (size_t i = 0; !came && i < s->nloose; i++) /* when more packs have come, there is a next time */
		if (s->loose[i].gone && !in_packs(s, &s->loose[i].oid, 0, &number)) {
			char hex[OID_HEX_MAX + 1];
			oid_hex(hex, &s->loose[i].oid, s->oid_len);
			skips_add(skips, hex, NULL, "object vanished while scanning");
		}
	if (!came)
		skip_newcomers(s, skips);
	return came;
}

void store_free(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->npacks; i++)
		pack_free(s->packs[i]);
	free(s->packs);
	free(s->first);
	free(s->loose);
	free(s);
}

static uint32_t find_loose(const struct store *s, const struct oid *oid)
{
	size_t lo = 0, hi = s->nloose;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = oid_cmp(oid, &s->loose[mid].oid);
		if (!c)
			return s->loose[mid].gone ? NO_OBJECT : s->first_loose + (uint32_t)mid;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NO_OBJECT;
}

uint32_t store_find(const struct store *s, const struct oid *oid)
{
	uint32_t number, loose;
	bool packed = in_packs(s, oid, 0, &number);
	if (packed && number < s->first_loose)
		return number;
	loose = find_loose(s, oid);
	return loose != NO_OBJECT ? loose : packed ? number : NO_OBJECT;
}

static bool is_loose(const struct store *s, uint32_t object)
{
	return object >= s->first_loose && object - s->first_loose < s->nloose;
}

static const struct pack *pack_of(const struct store *s, uint32_t object, uint32_t *pos)
{
	size_t i = s->npacks;
	while (i-- > 0)
		if (object >= s->first[i] && object - s->first[i] < s->packs[i]->count) {
			*pos = object - s->first[i];
			return s->packs[i];
		}
	return NULL;
}

struct oid store_oid(const struct store *s, uint32_t object)
{
	uint32_t pos = 0;
	if (is_loose(s, object))
		return s->loose[object - s->first_loose].oid;
	const struct pack *p = pack_of(s, object, &pos);
	return p ? oid_from(pack_name(p, pos), s->oid_len) : (struct oid){ { 0 } };
}

/* The way down a delta chain: entries still to be applied, innermost last. */
struct chain {
	uint64_t *offset;
	size_t len, cap;
};

static enum status inflate_entry(const struct pack *p, struct inflater *z, const struct pack_entry *e, uint64_t limit, uint8_t **out)
{
	*out = NULL;
	if (e->size > limit)
		return KH_TOOBIG;
	KH_CLEANUP(free_ptr) uint8_t *buf = try_alloc((size_t)e->size + INFLATE_SLACK);
	if (!buf)
		return KH_NOMEM;
	struct bytes in = bytes_of(p->pack.ptr + e->data, p->pack.len - p->oid_len - e->data);
	enum status st = inflate_exact(z, in, buf, (size_t)e->size);
	if (st == KH_OK) {
		*out = buf;
		buf = NULL;
	}
	return st;
}

static enum status apply_entry(const struct pack *p, struct inflater *z, uint64_t offset, uint64_t limit, uint8_t **data, size_t *len)
{
	struct pack_entry e;
	KH_CLEANUP(free_ptr) uint8_t *delta = NULL;
	uint64_t base_size, size;
	size_t used;
	enum status st = pack_entry_at(p, offset, &e);
	if (st == KH_OK)
		st = inflate_entry(p, z, &e, limit, &delta);
	if (st == KH_OK)
		st = delta_sizes(bytes_of(delta, (size_t)e.size), &base_size, &size, &used);
	if (st == KH_OK && size > limit)
		st = KH_TOOBIG;
	if (st != KH_OK)
		return st;
	KH_CLEANUP(free_ptr) uint8_t *out = try_alloc((size_t)size);
	if (!out)
		return KH_NOMEM;
	st = delta_apply(out, size, NULL, bytes_of(*data, *len), bytes_of(delta, (size_t)e.size));
	if (st != KH_OK)
		return st;
	free(*data);
	*data = out;
	*len = (size_t)size;
	out = NULL;
	return KH_OK;
}

/* Down to the undeltified base, noting the way; `*foreign` is the number of a base outside the pack, or NO_OBJECT. */
static enum status descend(const struct store *s, const struct pack *p, uint64_t offset, struct chain *c, struct pack_entry *e, uint32_t *foreign)
{
	*foreign = NO_OBJECT;
	for (;;) {
		uint32_t pos;
		enum status st = pack_entry_at(p, offset, e);
		if (st != KH_OK || e->type <= OBJ_TAG)
			return st;
		if (c->len > p->count)
			return KH_CORRUPT; /* a cycle */
		ALLOC_GROW(c->offset, c->len + 1, c->cap);
		c->offset[c->len++] = offset;
		if (e->type == OBJ_OFS_DELTA) {
			offset = e->base_offset;
		} else if (pack_find(p, &e->base, &pos)) {
			offset = pack_offset(p, pos);
		} else {
			*foreign = store_find(s, &e->base);
			return *foreign == NO_OBJECT ? KH_MISSING : KH_OK;
		}
	}
}

static enum status read_packed(const struct store *s, const struct pack *p, uint32_t pos, uint64_t limit,
			       enum object_type *type, uint8_t **data, size_t *len, unsigned depth)
{
	struct chain c = { 0 };
	struct pack_entry e;
	uint32_t foreign, at = 0;
	struct inflater *z = inflater_new();
	enum status st = z ? descend(s, p, pack_offset(p, pos), &c, &e, &foreign) : KH_NOMEM;
	if (st == KH_OK && foreign != NO_OBJECT) {
		const struct pack *q = pack_of(s, foreign, &at);
		if (depth > 8)
			st = KH_CORRUPT;
		else if (q)
			st = read_packed(s, q, at, limit, type, data, len, depth + 1);
		else
			st = store_read(s, foreign, limit, type, data, len);
	} else if (st == KH_OK) {
		*type = e.type;
		*len = (size_t)e.size;
		st = inflate_entry(p, z, &e, limit, data);
	}
	while (st == KH_OK && c.len)
		st = apply_entry(p, z, c.offset[--c.len], limit, data, len);
	if (st != KH_OK) {
		free(*data);
		*data = NULL;
	}
	inflater_free(z);
	free(c.offset);
	return st;
}

enum status store_read(const struct store *s, uint32_t object, uint64_t limit, enum object_type *type, uint8_t **data, size_t *len)
{
	uint32_t pos = 0;
	*data = NULL;
	if (is_loose(s, object)) {
		const struct loose *l = &s->loose[object - s->first_loose];
		return loose_read(s->dirs[l->dir], &l->oid, s->oid_len, limit, type, data, len);
	}
	const struct pack *p = pack_of(s, object, &pos);
	return p ? read_packed(s, p, pos, limit, type, data, len, 0) : KH_MISSING;
}
