/* opening.c: finds archives from a signature in their midst or at their beginning.
 *
 *   #!/bin/sh ...  [members][directory PK\1\2 ...][PK\5\6 sizes]      begins where the sizes say, whatever stands before
 *   data: H4sIAAAA...                                                 base64 of 1f 8b 08: the whole run is decoded
 *
 * A zip ends with its signature, so of several the last holds those before it: they are gone through backwards. What lies
 * in an archive that was opened is seen as its member only. Damage is no news here: what looks like an archive may be none. */
#include "patterns/opening.h"

#include <stdlib.h>

#include "patterns/shape.h"
#include "patterns/view.h"
#include "util/alloc.h"
#include "util/buf.h"

#define FOUND_MAX 4096           /* archives within texts, in all */
#define ENCODED_MAX (16u << 20)  /* base64 digits of one */
#define ENCODED_DEPTH 3          /* how often one may be encoded */
#define ZIP_END 22               /* bytes of the record that a zip ends with, without its comment */
#define GZIP_HEAD 10
#define ENCODED_HEAD 16          /* digits that hold a head */

static bool is_gzip(const uint8_t *p)
{
	return p[0] == 0x1f && p[1] == 0x8b && p[2] == 8 && p[3] < 32 && (p[8] == 0 || p[8] == 2 || p[8] == 4) && (p[9] <= 13 || p[9] == 255);
}

/* By its method, stored or deflated, and a version that there is. */
static bool is_zip(const uint8_t *p)
{
	return !memcmp(p, "PK\3\4", 4) && p[4] <= 63 && (p[8] == 0 || p[8] == 8) && p[9] == 0;
}

/* Base64 whose first digits are an archive's head, encoded once or more often? */
static bool near_encoded(const uint8_t *p, size_t len)
{
	uint8_t text[256], head[192];
	size_t n = len < sizeof text ? len : sizeof text;
	memcpy(text, p, n);
	for (unsigned turn = 0; turn < ENCODED_DEPTH && n >= ENCODED_HEAD; turn++) {
		n = base64_text(head, text, n, 0);
		if (n >= GZIP_HEAD && (is_gzip(head) || is_zip(head)))
			return true;
		memcpy(text, head, n);
	}
	return false;
}

bool opening_near(const struct anchor *a, const uint8_t *p, size_t len, size_t at)
{
	const uint8_t *begin = p + at - a->len;
	size_t left = len - at + a->len;
	if (a->encoding == ENC_BASE64)
		return boundary_before(p, at - a->len) && near_encoded(begin, left);
	if (*begin == 'P') /* one disk, all its members here */
		return left >= ZIP_END && !load_le32(begin + 4) && load_le16(begin + 8) && load_le16(begin + 8) == load_le16(begin + 10);
	return left >= 18 && is_gzip(begin);
}

static void open_member(void *payload, const char *path, struct bytes content)
{
	struct opening *o = payload;
	KH_CLEANUP(buf_release) struct buf name = { 0 };
	buf_addf(&name, "%s%s%s", o->outer, *o->outer && *path ? "!" : "", path);
	o->text(o, buf_str(&name), content);
}

/* `used`: how many of its bytes were read. */
static enum status open_archive(struct opening *o, struct bytes data, const char *outer, size_t at, size_t *used)
{
	const char *was = o->outer, *why = NULL;
	size_t was_at = o->at;
	if (o->depth == ARCHIVE_DEPTH) {
		o->st = KH_TOOBIG;
		o->why = "archives nested too deep";
		return KH_TOOBIG;
	}
	o->depth++;
	o->outer = outer;
	o->at = at;
	enum status st = archive_walk(data, &o->budget, open_member, o, &why, used);
	if (st && o->st != KH_TOOBIG && (at == NOT_WITHIN || st == KH_TOOBIG)) {
		o->st = st;
		o->why = why;
	}
	o->outer = was;
	o->at = was_at;
	o->depth--;
	return st;
}

static bool may_find(struct opening *o)
{
	if (o->found++ < FOUND_MAX)
		return true;
	o->st = KH_TOOBIG;
	o->why = "more archives within one file than the limit";
	return false;
}

/* An archive of the outermost text reaches beyond the part of it that is at hand. */
static void note_cut(struct opening *o, bool cut)
{
	if (cut && !o->depth)
		o->st = KH_STOPPED;
}

/* The zip whose last record begins at `end`: its directory must stand before it. */
static bool zip_at(struct opening *o, struct bytes data, size_t end, struct bytes *zip)
{
	const uint8_t *p = data.ptr + end;
	if (data.len - end < ZIP_END)
		return false;
	uint64_t size = load_le32(p + 12), offset = load_le32(p + 16), comment = load_le16(p + 20);
	if (size < 46 || (size <= end && memcmp(p - size, "PK\1\2", 4) != 0))
		return false;
	if (size + offset > end) {
		note_cut(o, o->cut_before);
		return false;
	}
	size_t begin = end - (size_t)(size + offset), behind = end + ZIP_END + comment < data.len ? (size_t)(end + ZIP_END + comment) : data.len;
	*zip = bytes_of(data.ptr + begin, behind - begin);
	return true;
}

/* Decode until there is an archive. Malloced, or ptr NULL. */
static struct bytes decode_archive(struct bytes data)
{
	uint8_t *was = NULL;
	for (unsigned turn = 0; turn < ENCODED_DEPTH; turn++) {
		uint8_t *out = try_alloc(data.len);
		size_t n = out ? base64_text(out, data.ptr, data.len, 0) : 0;
		free(was);
		if (archive_begins(bytes_of(out, n)))
			return bytes_of(out, n);
		data = bytes_of(out, n);
		was = out;
	}
	free(was);
	return bytes_of(NULL, 0);
}

static size_t open_encoded(struct opening *o, struct bytes data, size_t at, const char *name)
{
	size_t used, digits = 0;
	while (digits < data.len - at && digits < ENCODED_MAX) {
		size_t i = at + digits;
		size_t wrap = shape_base64_value[data.ptr[i]] < 64 ? 1 : wrap_at(data.ptr + i, data.len - i);
		if (!wrap)
			break;
		digits += wrap;
	}
	struct bytes packed = decode_archive(bytes_of(data.ptr + at, digits));
	if (packed.ptr)
		open_archive(o, packed, name, at, &used);
	free((void *)(uintptr_t)packed.ptr);
	if (digits >= ENCODED_MAX) {
		o->st = KH_TOOBIG;
		o->why = "archive in base64 is longer than the limit";
	}
	return digits;
}

void opening_run(struct opening *o, struct bytes data, const struct hit *hits, size_t n, const char *name)
{
	struct bytes zips[FOUND_MAX], zip;
	size_t nzips = 0, used, low = data.len, done = 0;
	if (archive_begins(data)) {
		open_archive(o, data, name, NOT_WITHIN, &used);
		note_cut(o, o->cut_behind);
		return;
	}
	for (size_t i = n; i-- > 0 && nzips < FOUND_MAX;) {
		const struct anchor *a = &o->anchors[hits[i].literal];
		if (!hits[i].maybe || a->pattern->role != ROLE_ARCHIVE || a->encoding || a->text[0] != 'P' || hits[i].end > low || !zip_at(o, data, hits[i].end - a->len, &zip))
			continue;
		low = (size_t)(zip.ptr - data.ptr);
		zips[nzips++] = zip;
	}
	for (size_t i = 0; i < n; i++) {
		const struct anchor *a = &o->anchors[hits[i].literal];
		size_t at = hits[i].end - a->len;
		for (; nzips && data.ptr + at >= zips[nzips - 1].ptr; nzips--) {
			zip = zips[nzips - 1];
			size_t begin = (size_t)(zip.ptr - data.ptr);
			if (begin + zip.len > done && may_find(o))
				open_archive(o, zip, name, begin, &used);
			done = begin + zip.len > done ? begin + zip.len : done;
		}
		if (!hits[i].maybe || a->pattern->role != ROLE_ARCHIVE || at < done || a->text[0] == 'P' || !may_find(o))
			continue;
		if (a->encoding == ENC_BASE64)
			done = at + open_encoded(o, data, at, name);
		else if (open_archive(o, bytes_of(data.ptr + at, data.len - at), name, at, &used) == KH_OK)
			done = at + used;
		else
			note_cut(o, o->cut_behind); /* damage may be no more than the end of the part */
		if (a->encoding == ENC_BASE64 && done == data.len)
			note_cut(o, o->cut_behind);
	}
}
