#include "objects/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "objects/delta.h"
#include "objects/files.h"
#include "objects/inflate.h"
#include "objects/verify.h"
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

/* One object being read, and how far the search for other copies may go. */
struct reading {
	const struct store *s;
	uint64_t limit, *steps;
	enum object_type *type;
	uint8_t **data;
	size_t *len;
	unsigned depth; /* of packs that lead to one another */
};
#define DEPTH_MAX 8
#define DEPTH_SEARCHED 2 /* so deep, copies of bases are looked for */

static bool is_damage(enum status st)
{
	return st == KH_CORRUPT || st == KH_MISSING || st == KH_IO;
}

static void spend(const struct reading *r, uint64_t n)
{
	*r->steps -= n < *r->steps ? n : *r->steps;
}

/* Down to the undeltified base at `*offset`, noting the way; `*foreign` is the number of a base outside the pack, or NO_OBJECT. */
static enum status descend(const struct store *s, const struct pack *p, uint64_t *offset, struct chain *c, struct pack_entry *e, uint32_t *foreign)
{
	*foreign = NO_OBJECT;
	for (;;) {
		uint32_t pos;
		uint64_t base = 0;
		enum status st = pack_entry_at(p, *offset, e);
		if (st != KH_OK || e->type <= OBJ_TAG)
			return st;
		if (c->len > p->count) {
			c->len = 0;
			return KH_CORRUPT; /* a cycle */
		}
		if (e->type == OBJ_OFS_DELTA)
			base = e->base_offset;
		else if (pack_find(p, &e->base, &pos))
			base = pack_offset(p, pos);
		else if ((*foreign = store_find(s, &e->base)) == NO_OBJECT)
			return KH_MISSING;
		ALLOC_GROW(c->offset, c->len + 1, c->cap);
		c->offset[c->len++] = *offset;
		if (*foreign != NO_OBJECT)
			return KH_OK;
		*offset = base;
	}
}

static enum status read_number(struct reading *r, uint32_t object);
static enum status read_others(struct reading *r, const struct oid *oid, const struct pack *not_pack, uint32_t not_dir);

/* Another copy of the entry at this offset, which could not be read. */
static enum status read_instead(struct reading *r, const struct pack *p, uint64_t offset)
{
	uint32_t pos = 0;
	free(*r->data);
	*r->data = NULL;
	if (!*r->steps)
		return KH_CORRUPT;
	spend(r, 1 + p->count / 16);
	while (pos < p->count && pack_offset(p, pos) != offset)
		pos++;
	if (pos == p->count)
		return KH_CORRUPT;
	struct oid oid = oid_from(pack_name(p, pos), p->oid_len);
	return read_others(r, &oid, p, NO_OBJECT);
}

/* Up a chain from its base. What cannot be read on the way is taken from elsewhere; for the last one the caller looks. */
static enum status read_packed(struct reading *r, const struct pack *p, uint32_t pos)
{
	struct chain c = { 0 };
	struct pack_entry e;
	uint32_t foreign;
	uint64_t offset = pack_offset(p, pos);
	struct inflater *z = r->depth <= DEPTH_MAX ? inflater_new() : NULL;
	enum status st = z ? descend(r->s, p, &offset, &c, &e, &foreign) : r->depth > DEPTH_MAX ? KH_CORRUPT : KH_NOMEM;
	bool search = r->depth < DEPTH_SEARCHED;
	r->depth++;
	spend(r, 1 + c.len);
	if (st == KH_OK && foreign != NO_OBJECT) {
		st = read_number(r, foreign);
		if (st != KH_OK)
			offset = c.offset[--c.len];
	} else if (st == KH_OK) {
		*r->type = e.type;
		*r->len = (size_t)e.size;
		st = inflate_entry(p, z, &e, r->limit, r->data);
	}
	while (c.len) {
		if (is_damage(st) && search)
			st = read_instead(r, p, offset);
		offset = c.offset[--c.len];
		if (st == KH_OK)
			st = apply_entry(p, z, offset, r->limit, r->data, r->len);
	}
	r->depth--;
	if (st != KH_OK) {
		free(*r->data);
		*r->data = NULL;
	}
	inflater_free(z);
	free(c.offset);
	return st;
}

/* Anybody can write any content into a loose object's file, so one that is to stand for another copy must be what its name says. */
static enum status read_loose_copy(struct reading *r, const struct oid *oid, uint32_t dir)
{
	enum status st = loose_read(r->s->dirs[dir], oid, r->s->oid_len, r->limit, r->type, r->data, r->len);
	if (st != KH_OK || verify_name(oid, r->s->oid_len, *r->type, bytes_of(*r->data, *r->len)))
		return st;
	free(*r->data);
	*r->data = NULL;
	return KH_CORRUPT;
}

/* The object from any place but these. KH_OK, or what the last copy had. */
static enum status read_others(struct reading *r, const struct oid *oid, const struct pack *not_pack, uint32_t not_dir)
{
	enum status st = KH_MISSING;
	uint32_t pos;
	for (size_t i = 0; i < r->s->npacks && st != KH_OK && *r->steps; i++)
		if (r->s->packs[i] != not_pack && pack_find(r->s->packs[i], oid, &pos))
			st = read_packed(r, r->s->packs[i], pos);
	for (uint32_t d = 0; d < r->s->ndirs && st != KH_OK && *r->steps; d++) {
		enum status loose = d == not_dir ? KH_MISSING : read_loose_copy(r, oid, d);
		st = loose == KH_MISSING ? st : loose;
	}
	return st;
}

static enum status read_number(struct reading *r, uint32_t object)
{
	uint32_t pos = 0;
	const struct loose *l = loose_of(r->s, object);
	const struct pack *p = l ? NULL : pack_of(r->s, object, &pos);
	if (!l && !p)
		return KH_MISSING;
	enum status st = l ? loose_read(r->s->dirs[l->dir], &l->oid, r->s->oid_len, r->limit, r->type, r->data, r->len) : read_packed(r, p, pos);
	if (!is_damage(st) || r->depth > DEPTH_SEARCHED)
		return st;
	struct oid oid = store_oid(r->s, object);
	return read_others(r, &oid, p, l ? l->dir : NO_OBJECT) == KH_OK ? KH_OK : st;
}

enum status store_read(const struct store *s, uint32_t object, uint64_t limit, enum object_type *type, uint8_t **data, size_t *len)
{
	uint64_t steps = STORE_STEPS;
	struct reading r = { s, limit, &steps, type, data, len, 0 };
	*data = NULL;
	return read_number(&r, object);
}

enum status store_read_other(const struct store *s, uint32_t object, uint64_t limit, enum object_type *type, uint8_t **data, size_t *len, uint64_t *steps)
{
	struct reading r = { s, limit, steps, type, data, len, 0 };
	uint32_t pos = 0;
	struct oid oid = store_oid(s, object);
	const struct loose *l = loose_of(s, object);
	*data = NULL;
	return read_others(&r, &oid, l ? NULL : pack_of(s, object, &pos), l ? l->dir : NO_OBJECT);
}
