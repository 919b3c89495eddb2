#include "objects/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "objects/delta.h"
#include "objects/files.h"
#include "objects/inflate.h"
#include "util/alloc.h"
#include "util/buf.h"

#define LISTINGS_MAX 100u /* a listing takes milliseconds; git gc at work in an endless loop is no reason to wait for ever */

static void skip_path(struct skips *skips, const char *path, const char *reason)
{
	struct buf b = { 0 };
	buf_add_safe(&b, path, strlen(path));
	skips_add(skips, buf_str(&b), buf_str(&b), reason);
	buf_release(&b);
}

static const struct pack *opened(const struct store *s, const char *idx_path)
{
	size_t len = strlen(idx_path) - 4;
	for (size_t i = s->npacks; i-- > 0;)
		if (!strncmp(s->packs[i]->path, idx_path, len) && !strcmp(s->packs[i]->path + len, ".pack"))
			return s->packs[i];
	return NULL;
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

static void append_pack(struct store *s, struct pack *p, const char *idx_path, struct skips *skips)
{
	p->promisor = has_sibling(idx_path, ".promisor");
	s->promisor |= p->promisor;
	ALLOC_GROW(s->packs, s->npacks + 1, s->packs_cap);
	s->first = xrealloc(s->first, s->npacks + 1, sizeof *s->first);
	s->first[s->npacks] = s->count;
	s->packs[s->npacks++] = p;
	s->count += p->count;
	if (p->damage)
		skip_path(skips, p->path, p->damage);
}

/* Open the pack unless that is done; another one that took the name of one is news. KH_MISSING: vanished just now. */
static enum status open_pack(struct store *s, const char *idx_path, struct skips *damaged)
{
	const struct pack *old = opened(s, idx_path);
	struct pack *p = NULL;
	if (old && pack_has_index(old, idx_path))
		return KH_OK;
	enum status st = pack_open(&p, idx_path, s->oid_len);
	if (st != KH_OK)
		return st;
	if ((uint64_t)s->count + p->count >= NO_OBJECT) {
		pack_free(p);
		return KH_TOOBIG;
	}
	append_pack(s, p, idx_path, damaged);
	return KH_OK;
}

/* Returns how many came. `refused`: packs that cannot be opened, as of now; `damaged`: some of those that came. */
static size_t open_packs(struct store *s, struct skips *refused, struct skips *damaged)
{
	size_t before = s->npacks;
	for (size_t d = 0; d < s->ndirs; d++) {
		char **paths = NULL;
		size_t n = list_indexes(s->dirs[d], &paths, refused);
		for (size_t i = 0; i < n; i++) {
			enum status st = open_pack(s, paths[i], damaged);
			if (st == KH_MISSING && has_sibling(paths[i], ".idx"))
				skip_path(refused, paths[i], "index without its pack");
			else if (st != KH_OK && st != KH_MISSING)
				skip_path(refused, paths[i], st == KH_CORRUPT ? "damaged pack or index" : status_words(st));
			free(paths[i]);
		}
		free(paths);
	}
	return s->npacks - before;
}

static bool in_packs(const struct store *s, const struct oid *oid, uint32_t *number)
{
	uint32_t pos;
	for (size_t i = 0; i < s->npacks; i++)
		if (pack_find(s->packs[i], oid, &pos)) {
			*number = s->first[i] + pos;
			return true;
		}
	return false;
}

bool store_packed(const struct store *s, const struct oid *oid)
{
	uint32_t number;
	return in_packs(s, oid, &number);
}

static int by_name(const void *a, const void *b)
{
	const struct loose *x = a, *y = b;
	int c = oid_cmp(&x->oid, &y->oid);
	return c ? c : x->dir < y->dir ? -1 : x->dir > y->dir;
}

static uint32_t find_loose(const struct store *s, const struct oid *oid, bool there)
{
	for (size_t r = 0; r < s->nruns; r++) {
		uint32_t lo = s->runs[r].at, hi = lo + s->runs[r].len;
		while (lo < hi) {
			uint32_t mid = lo + (hi - lo) / 2;
			int c = oid_cmp(oid, &s->loose[mid].oid);
			if (!c && there && s->loose[mid].gone)
				break;
			if (!c)
				return s->runs[r].first + (mid - s->runs[r].at);
			if (c < 0)
				hi = mid;
			else
				lo = mid + 1;
		}
	}
	return NO_OBJECT;
}

/* Neither in a pack nor a loose file that is still to be read. */
static bool is_lost(const struct store *s, const struct oid *oid)
{
	return !store_packed(s, oid) && find_loose(s, oid, true) == NO_OBJECT;
}

/* A run of those that are not known yet. Returns how many. */
static size_t list_loose(struct store *s, struct skips *refused)
{
	size_t before = s->nloose, n = before;
	struct loose *now = NULL;
	size_t len = 0, cap = 0;
	for (uint32_t d = 0; d < s->ndirs; d++)
		loose_list(s->dirs[d], s->oid_len, d, &now, &len, &cap, refused);
	if (len)
		qsort(now, len, sizeof *now, by_name);
	for (size_t i = 0; i < len; i++) {
		bool again = n > before && oid_eq(&s->loose[n - 1].oid, &now[i].oid);
		if (again || !is_lost(s, &now[i].oid) || (uint64_t)s->count + (n - before) + 1 >= NO_OBJECT)
			continue;
		ALLOC_GROW(s->loose, n + 1, s->loose_cap);
		s->loose[n++] = now[i];
	}
	s->nloose = n;
	free(now);
	return n - before;
}

static void append_run(struct store *s, size_t n)
{
	s->runs = xrealloc(s->runs, s->nruns + 1, sizeof *s->runs);
	s->runs[s->nruns++] = (struct loose_run){ s->count, (uint32_t)(s->nloose - n), (uint32_t)n };
	s->count += (uint32_t)n;
}

/* What tells that a pack came or went: the folder's own times, and the names and inodes in it. */
struct folder {
	bool there;
	struct timespec changed;
	uint64_t sum;
};

static struct folder look_at_folder(const char *dir)
{
	KH_CLEANUP(free_ptr) char *path = path_join(dir, "pack");
	struct folder f = { 0 };
	struct stat st;
	DIR *d = opendir(path);
	if (!d)
		return f;
	f.there = true;
	if (!fstat(dirfd(d), &st))
		f.changed = st.st_mtim;
	for (struct dirent *e; (e = readdir(d));) {
		uint64_t h = 14695981039346656037u; /* FNV-1a */
		for (const char *c = e->d_name; *c; c++)
			h = (h ^ (unsigned char)*c) * 1099511628211u;
		f.sum += h * (2 * (uint64_t)e->d_ino + 1);
	}
	closedir(d);
	return f;
}

static bool same_folder(const struct folder *a, const struct folder *b)
{
	return a->there == b->there && a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec && a->sum == b->sum;
}

static void look_at_folders(const struct store *s, struct folder *list)
{
	for (size_t d = 0; d < s->ndirs; d++)
		list[d] = look_at_folder(s->dirs[d]);
}

static bool same_folders(const struct store *s, const struct folder *list)
{
	for (size_t d = 0; d < s->ndirs; d++) {
		struct folder now = look_at_folder(s->dirs[d]);
		if (!same_folder(&list[d], &now))
			return false;
	}
	return true;
}

/* Packs, then loose objects, until no pack came or went meanwhile. Returns how many came. */
static size_t list_all(struct store *s, struct skips *skips)
{
	struct folder *before = xcalloc(s->ndirs + 1, sizeof *before);
	struct skips damaged = { 0 }, refused = { 0 };
	size_t packs = 0, loose = 0;
	bool steady = false;
	for (unsigned i = 0; i < LISTINGS_MAX && !steady; i++) {
		skips_release(&refused); /* what cannot be opened counts as of the last time */
		s->nloose -= loose;
		look_at_folders(s, before);
		packs += open_packs(s, &refused, &damaged);
		loose = list_loose(s, &refused);
		steady = same_folders(s, before);
	}
	append_run(s, loose);
	skips_merge_new(skips, &refused);
	skips_merge(skips, &damaged);
	if (!steady)
		skips_add(skips, NULL, NULL, "packs came and went all the while objects were listed: some may have been overlooked, scan again");
	free(before);
	return packs + loose;
}

struct store *store_open(char **dirs, size_t ndirs, unsigned oid_len, struct skips *skips)
{
	struct store *s = xcalloc(1, sizeof *s);
	s->oid_len = oid_len;
	s->dirs = dirs;
	s->ndirs = ndirs;
	list_all(s, skips);
	s->first_loose = s->runs[0].first;
	return s;
}

size_t store_refresh(struct store *s, struct skips *skips)
{
	size_t came = list_all(s, skips);
	for (size_t i = 0; !came && i < s->nloose; i++) /* when more has come, there is a next time */
		if (s->loose[i].gone && is_lost(s, &s->loose[i].oid)) {
			char hex[OID_HEX_MAX + 1];
			oid_hex(hex, &s->loose[i].oid, s->oid_len);
			skips_add(skips, hex, NULL, "object vanished while scanning");
		}
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
	free(s->runs);
	free(s);
}

uint32_t store_find(const struct store *s, const struct oid *oid)
{
	uint32_t number = NO_OBJECT;
	if (in_packs(s, oid, &number) && number < s->first_loose)
		return number;
	uint32_t loose = find_loose(s, oid, false);
	return loose < number ? loose : number;
}

static const struct loose *loose_of(const struct store *s, uint32_t object)
{
	for (size_t r = 0; r < s->nruns; r++)
		if (object >= s->runs[r].first && object - s->runs[r].first < s->runs[r].len)
			return &s->loose[s->runs[r].at + (object - s->runs[r].first)];
	return NULL;
}

uint32_t store_loose_number(const struct store *s, size_t i)
{
	size_t r = s->nruns - 1;
	while (i < s->runs[r].at)
		r--;
	return s->runs[r].first + (uint32_t)(i - s->runs[r].at);
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
	const struct loose *l = loose_of(s, object);
	if (l)
		return l->oid;
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
	struct bytes in = bytes_of(p->pack.ptr + e->data, p->end - e->data);
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
	const struct loose *l = loose_of(s, object);
	*data = NULL;
	if (l) {
		enum status st = loose_read(s->dirs[l->dir], &l->oid, s->oid_len, limit, type, data, len);
		if (st != KH_MISSING || !in_packs(s, &l->oid, &object))
			return st;
	}
	const struct pack *p = pack_of(s, object, &pos);
	return p ? read_packed(s, p, pos, limit, type, data, len, 0) : KH_MISSING;
}
