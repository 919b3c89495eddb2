#include "objects/indexfile.h"

#include <stdio.h>
#include <stdlib.h>

#include "objects/files.h"
#include "objects/mapped.h"
#include "objects/verify.h"
#include "util/alloc.h"

#define INDEX_MAX (2ul << 30)
#define PATHS_MAX (1ul << 30) /* bytes of all paths: version 4 could make gigabytes of a small file */
#define HEADER 12
#define STAT 40 /* ctime mtime dev ino mode uid gid size */
#define MODE_AT 24

enum { FLAG_EXTENDED = 0x4000, FLAG_NAME = 0x0fff };

struct parser {
	struct bytes rest; /* not read yet; ends before the checksum */
	unsigned version, oid_len;
	struct buf path;   /* of the entry before: version 4 builds on it */
	size_t paths, paths_max;
};

static void advance(struct parser *p, size_t n)
{
	p->rest = bytes_of(p->rest.ptr + n, p->rest.len - n);
}

/* git's varint of offsets: each further byte also adds one. */
static bool read_cut(struct parser *p, size_t *cut)
{
	size_t value = 0;
	for (size_t i = 0; i < p->rest.len && i < 5; i++) {
		uint8_t c = p->rest.ptr[i];
		value = (i ? value + 1 : 0) << 7 | (c & 0x7f);
		if (!(c & 0x80)) {
			*cut = value;
			advance(p, i + 1);
			return true;
		}
	}
	return false;
}

/* The path behind `fixed` bytes of entry, and the NULs that fill it up to a multiple of eight (not in version 4). */
static enum status read_path(struct parser *p, size_t fixed, unsigned flags)
{
	size_t cut = p->path.len;
	if (p->version == 4 && (!read_cut(p, &cut) || cut > p->path.len))
		return KH_CORRUPT;
	const uint8_t *nul = p->rest.len ? memchr(p->rest.ptr, 0, p->rest.len) : NULL;
	if (!nul)
		return KH_CORRUPT;
	size_t len = (size_t)(nul - p->rest.ptr);
	size_t whole = p->path.len - cut + len;
	if ((flags & FLAG_NAME) != (whole < FLAG_NAME ? whole : FLAG_NAME))
		return KH_CORRUPT;
	p->paths += whole + 1;
	if (p->paths > p->paths_max)
		return KH_TOOBIG;
	p->path.len -= cut;
	buf_add(&p->path, p->rest.ptr, len);
	size_t padded = p->version == 4 ? len + 1 : ((fixed + len + 8) & ~(size_t)7) - fixed;
	if (padded > p->rest.len)
		return KH_CORRUPT;
	advance(p, padded);
	return KH_OK;
}

static enum status read_entry(struct parser *p, struct index_entry *e)
{
	size_t fixed = STAT + p->oid_len + 2;
	if (p->rest.len < fixed + 2)
		return KH_CORRUPT;
	const uint8_t *at = p->rest.ptr;
	unsigned flags = (unsigned)at[fixed - 2] << 8 | at[fixed - 1];
	e->mode = load_be32(at + MODE_AT);
	e->oid = oid_from(at + STAT, p->oid_len);
	e->stage = flags >> 12 & 3;
	if (flags & FLAG_EXTENDED) {
		if (p->version < 3)
			return KH_CORRUPT;
		fixed += 2;
	}
	advance(p, fixed);
	enum status st = read_path(p, fixed, flags);
	if (st == KH_OK)
		e->path = xmemdupz(buf_str(&p->path), p->path.len);
	return st;
}

/* In lower case: an extension that must be understood (gitformat-index). */
static enum status read_extensions(struct parser *p, struct index_link *link)
{
	while (p->rest.len) {
		if (p->rest.len < 8 || load_be32(p->rest.ptr + 4) > p->rest.len - 8)
			return KH_CORRUPT;
		const uint8_t *name = p->rest.ptr;
		struct bytes body = bytes_of(name + 8, load_be32(name + 4));
		if (!memcmp(name, "link", 4)) {
			static const struct oid none;
			if (body.len < p->oid_len)
				return KH_CORRUPT;
			link->base = oid_from(body.ptr, p->oid_len);
			link->present = !oid_eq(&link->base, &none);
			link->bitmaps = bytes_of(body.ptr + p->oid_len, body.len - p->oid_len);
		} else if (memcmp(name, "sdir", 4) && (name[0] < 'A' || name[0] > 'Z')) {
			return KH_UNSUPPORTED;
		}
		advance(p, 8 + body.len);
	}
	return KH_OK;
}

static enum status parse(struct parser *p, struct index_list *out, struct index_link *link, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct index_entry e = { 0 };
		enum status st = read_entry(p, &e);
		if (st != KH_OK)
			return st;
		ALLOC_GROW(out->list, out->len + 1, out->cap);
		out->list[out->len++] = e;
	}
	return read_extensions(p, link);
}

/* git writes zeros with index.skipHash. */
static bool is_hashed_right(struct bytes file, unsigned oid_len)
{
	static const struct oid none;
	return !memcmp(file.ptr + file.len - oid_len, none.id, oid_len) || verify_trailer(file, oid_len);
}

enum status indexfile_parse(struct index_list *out, struct index_link *link, struct bytes file, unsigned oid_len)
{
	*link = (struct index_link){ 0 };
	if (file.len < HEADER + oid_len || memcmp(file.ptr, "DIRC", 4))
		return KH_CORRUPT;
	unsigned version = load_be32(file.ptr + 4);
	size_t count = load_be32(file.ptr + 8);
	if (version < 2 || version > 4)
		return KH_UNSUPPORTED;
	struct parser p = { .rest = bytes_of(file.ptr + HEADER, file.len - HEADER - oid_len), .version = version, .oid_len = oid_len };
	if (count > p.rest.len / (STAT + oid_len + 4))
		return KH_CORRUPT;
	p.paths_max = file.len < PATHS_MAX / 16 ? 16 * file.len : PATHS_MAX;
	enum status st = parse(&p, out, link, count);
	buf_release(&p.path);
	return st == KH_OK && !is_hashed_right(file, oid_len) ? KH_CORRUPT : st;
}

/* EWAH: bit count, word count, words, position of the last marker. A marker word says: so many words all of one bit,
 * then so many words as they stand. */
static enum status ewah_words(uint8_t *bits, size_t nbits, const uint8_t *words, size_t count)
{
	uint64_t bit = 0;
	for (size_t i = 0; i < count;) {
		uint64_t marker = load_be64(words + 8 * i++);
		uint64_t run = (marker >> 1 & UINT32_MAX) * 64, literal = marker >> 33;
		if (literal > count - i)
			return KH_CORRUPT;
		if (marker & 1 && run) {
			if (bit > nbits || run > nbits - bit + 63) /* the last word may be fuller than the bits are */
				return KH_CORRUPT;
			memset(bits + bit, 1, run < nbits - bit ? run : nbits - bit);
		}
		bit += run;
		for (; literal; literal--, i++, bit += 64) {
			uint64_t word = load_be64(words + 8 * i);
			for (unsigned b = 0; b < 64; b++) {
				if (!(word >> b & 1))
					continue;
				if (bit + b >= nbits)
					return KH_CORRUPT;
				bits[bit + b] = 1;
			}
		}
		if (bit > UINT32_MAX + 64ull) /* a bitmap counts its bits in 32 bits */
			return KH_CORRUPT;
	}
	return KH_OK;
}

enum status ewah_parse(uint8_t *bits, size_t nbits, struct bytes in, size_t *used)
{
	if (in.len < 12)
		return KH_CORRUPT;
	size_t count = load_be32(in.ptr + 4);
	if (count > (in.len - 12) / 8)
		return KH_CORRUPT;
	*used = 12 + 8 * count;
	return ewah_words(bits, nbits, in.ptr + 8, count);
}

static int by_path(const void *va, const void *vb)
{
	const struct index_entry *a = va, *b = vb;
	int c = strcmp(a->path, b->path);
	return c ? c : (a->stage > b->stage) - (a->stage < b->stage);
}

/* Take the deleted out of `base`, put the replacements (nameless, first in `own`, in the base's order) in, add the rest. */
static enum status merge(struct index_list *own, struct index_list *base, const uint8_t *deleted, const uint8_t *replaced)
{
	size_t next = 0, kept = 0;
	enum status st = KH_OK;
	for (size_t i = 0; i < base->len; i++) {
		struct index_entry *e = &base->list[i];
		if (replaced[i] && next < own->len && !*own->list[next].path) {
			struct index_entry *r = &own->list[next++];
			e->oid = r->oid;
			e->mode = r->mode;
			e->stage = r->stage;
		} else if (replaced[i]) {
			st = KH_CORRUPT;
		}
		if (deleted[i])
			free(e->path);
		else
			base->list[kept++] = *e;
	}
	base->len = kept;
	for (size_t i = 0; i < next; i++)
		free(own->list[i].path);
	for (; next < own->len; next++) {
		ALLOC_GROW(base->list, base->len + 1, base->cap);
		base->list[base->len++] = own->list[next];
	}
	if (base->len)
		qsort(base->list, base->len, sizeof *base->list, by_path);
	free(own->list);
	*own = *base;
	*base = (struct index_list){ 0 };
	return st;
}

static enum status add_base(struct index_list *own, const struct index_link *link, const char *git_dir, unsigned oid_len)
{
	char hex[OID_HEX_MAX + 1], name[OID_HEX_MAX + 16];
	oid_hex(hex, &link->base, oid_len);
	snprintf(name, sizeof name, "sharedindex.%s", hex);
	KH_CLEANUP(free_ptr) char *path = path_join(git_dir, name);
	KH_CLEANUP(mapped_close) struct bytes file = { 0 };
	enum status st = file_map(&file, path, INDEX_MAX);
	if (st != KH_OK)
		return st == KH_MISSING ? KH_CORRUPT : st; /* missing would mean: no index */
	struct index_list base = { 0 };
	struct index_link none;
	st = indexfile_parse(&base, &none, file, oid_len);
	KH_CLEANUP(free_ptr) uint8_t *deleted = xcalloc(base.len, 1);
	KH_CLEANUP(free_ptr) uint8_t *replaced = xcalloc(base.len, 1);
	size_t used;
	struct bytes bits = link->bitmaps;
	if (st == KH_OK && bits.len) /* git leaves both out when nothing differs */
		st = ewah_parse(deleted, base.len, bits, &used);
	if (st == KH_OK && bits.len)
		st = ewah_parse(replaced, base.len, bytes_of(bits.ptr + used, bits.len - used), &used);
	enum status merged = merge(own, &base, deleted, replaced);
	index_list_release(&base);
	return st == KH_OK ? merged : st;
}

enum status indexfile_read(struct index_list *out, const char *path, const char *git_dir, unsigned oid_len)
{
	KH_CLEANUP(mapped_close) struct bytes file = { 0 };
	struct index_link link;
	*out = (struct index_list){ 0 };
	enum status st = file_map(&file, path, INDEX_MAX);
	if (st != KH_OK)
		return st;
	st = indexfile_parse(out, &link, file, oid_len);
	if (link.present) {
		enum status joined = add_base(out, &link, git_dir, oid_len);
		st = st == KH_OK ? joined : st;
	}
	return st;
}

void index_list_release(struct index_list *l)
{
	for (size_t i = 0; i < l->len; i++)
		free(l->list[i].path);
	free(l->list);
	*l = (struct index_list){ 0 };
}
