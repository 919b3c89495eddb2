/* Loose objects: one zlib stream in a file named after the object.
 *
 *     objects/ab/cdef...:  zlib( "blob 1234" NUL content )
 *
 * The header says how much will come, so memory is bounded before the content is inflated. */
#include "objects/loose.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "objects/files.h"
#include "objects/inflate.h"
#include "objects/mapped.h"
#include "util/alloc.h"

#define HEADER_MAX 32 /* as git has it: the longest type, a space, 20 digits, NUL */

struct header {
	enum object_type type;
	uint64_t size;
	size_t len; /* of the header, its NUL included */
};

/* "type size" NUL at the start of `data`. */
static enum status parse_header(struct header *h, struct bytes data)
{
	size_t max = data.len < HEADER_MAX ? data.len : HEADER_MAX;
	const uint8_t *nul = max ? memchr(data.ptr, 0, max) : NULL;
	const uint8_t *space = nul ? memchr(data.ptr, ' ', (size_t)(nul - data.ptr)) : NULL;
	if (!space || space + 1 == nul || (space[1] == '0' && space + 2 != nul))
		return KH_CORRUPT;
	h->type = object_type_parse((const char *)data.ptr, (size_t)(space - data.ptr));
	h->size = 0;
	for (const uint8_t *p = space + 1; p < nul; p++) {
		if (*p < '0' || *p > '9' || h->size > (UINT64_MAX - 9) / 10)
			return KH_CORRUPT;
		h->size = h->size * 10 + (*p - '0');
	}
	h->len = (size_t)(nul - data.ptr) + 1;
	return h->type == OBJ_NONE ? KH_CORRUPT : KH_OK;
}

/* zlib counts in 32 bits; both sides are given to it in parts. Z_OK when `out` is full, Z_STREAM_END at the end. */
static int inflate_some(z_stream *z, struct bytes *in, uint8_t *out, size_t room, size_t *got)
{
	const size_t part = 1u << 30;
	int r = Z_OK;
	*got = 0;
	while (r == Z_OK && *got < room) {
		size_t give = in->len < part ? in->len : part;
		size_t take = room - *got < part ? room - *got : part;
		z->next_in = (Bytef *)(uintptr_t)in->ptr;
		z->avail_in = (uInt)give;
		z->next_out = out + *got;
		z->avail_out = (uInt)take;
		r = inflate(z, Z_NO_FLUSH); /* no progress is Z_BUF_ERROR: the stream is cut short */
		size_t used = give - z->avail_in;
		*in = bytes_of(in->ptr + used, in->len - used);
		*got += take - z->avail_out;
	}
	return r;
}

/* After the declared size nothing may come but the checksum, and after that nothing at all. */
static enum status inflate_content(z_stream *z, struct bytes in, bool at_end, uint8_t *out, size_t size, size_t have)
{
	uint8_t extra;
	size_t got = 0;
	int r = at_end ? Z_STREAM_END : Z_OK;
	if (r == Z_OK && have < size)
		r = inflate_some(z, &in, out + have, size - have, &got);
	if (have + got != size)
		return KH_CORRUPT;
	if (r == Z_OK) {
		r = inflate_some(z, &in, &extra, 1, &got);
		if (got)
			return KH_CORRUPT;
	}
	return r == Z_STREAM_END && !in.len ? KH_OK : KH_CORRUPT;
}

static enum status decode(z_stream *z, struct bytes in, uint64_t limit, struct header *h, uint8_t **data)
{
	uint8_t head[256]; /* room for the header, and for all of many a small object */
	size_t got;
	int r = inflate_some(z, &in, head, sizeof head, &got);
	enum status st = parse_header(h, bytes_of(head, got));
	if (st != KH_OK)
		return st;
	if (h->size > limit || h->size > SIZE_MAX - 1)
		return KH_TOOBIG;
	size_t have = got - h->len;
	if (have > h->size)
		return KH_CORRUPT;
	KH_CLEANUP(free_ptr) uint8_t *out = try_alloc((size_t)h->size + 1);
	if (!out)
		return KH_NOMEM;
	memcpy(out, head + h->len, have);
	st = inflate_content(z, in, r == Z_STREAM_END, out, (size_t)h->size, have);
	if (st == KH_OK) {
		*data = out;
		out = NULL;
	}
	return st;
}

enum status loose_decode(struct bytes file, uint64_t limit, enum object_type *type, uint8_t **data, size_t *len)
{
	z_stream z = { 0 };
	struct header h = { OBJ_NONE, 0, 0 };
	if (inflateInit(&z) != Z_OK)
		return KH_NOMEM;
	enum status st = decode(&z, file, limit, &h, data);
	inflateEnd(&z);
	*type = h.type;
	*len = st == KH_OK ? (size_t)h.size : 0;
	return st;
}

static char *loose_path(const char *dir, const struct oid *oid, unsigned oid_len)
{
	char hex[OID_HEX_MAX + 1];
	struct buf b = { 0 };
	oid_hex(hex, oid, oid_len);
	buf_addf(&b, "%s/%.2s/%s", dir, hex, hex + 2);
	return b.ptr;
}

enum status loose_read(const char *dir, const struct oid *oid, unsigned oid_len, uint64_t limit, enum object_type *type, uint8_t **data, size_t *len)
{
	KH_CLEANUP(free_ptr) char *path = loose_path(dir, oid, oid_len);
	KH_CLEANUP(mapped_close) struct bytes file = { 0 };
	enum status st = mapped_open(&file, path);
	return st == KH_OK ? loose_decode(file, limit, type, data, len) : st;
}

/* Between inflate_parts, which knows nothing of headers, and a caller who wants content alone. */
struct parts {
	size_t skip; /* the header's length */
	enum status (*part)(void *payload, struct bytes data, uint64_t offset, int more);
	void *payload;
};

static enum status pass_part(void *payload, struct bytes data, uint64_t offset, int more)
{
	const struct parts *p = payload;
	if (offset)
		return p->part(p->payload, data, offset - p->skip, more);
	return p->part(p->payload, bytes_of(data.ptr + p->skip, data.len - p->skip), 0, more);
}

enum status loose_parts(const char *dir, const struct oid *oid, unsigned oid_len, size_t room, size_t overlap, enum object_type *type,
			enum status (*part)(void *payload, struct bytes data, uint64_t offset, int more), void *payload)
{
	KH_CLEANUP(free_ptr) char *path = loose_path(dir, oid, oid_len);
	KH_CLEANUP(mapped_close) struct bytes file = { 0 };
	enum status st = mapped_open(&file, path);
	if (st != KH_OK)
		return st;
	uint8_t head[HEADER_MAX];
	size_t got;
	z_stream z = { 0 };
	struct header h = { OBJ_NONE, 0, 0 };
	struct bytes in = file;
	if (inflateInit(&z) != Z_OK)
		return KH_NOMEM;
	inflate_some(&z, &in, head, sizeof head, &got);
	inflateEnd(&z);
	st = parse_header(&h, bytes_of(head, got));
	*type = h.type;
	if (st != KH_OK || room <= 2 * overlap || room < 2 * HEADER_MAX || h.size > UINT64_MAX - h.len)
		return st != KH_OK ? st : KH_USAGE;
	struct parts p = { h.len, part, payload };
	return inflate_parts(file, h.size + h.len, room, overlap, pass_part, &p);
}

/* objects/ab: names of 2*oid_len-2 lower-case digits; all else there (tmp_obj_...) is no object. */
static void list_fanout(const char *dir, const char *fan, unsigned oid_len, uint32_t dirno, struct loose **list, size_t *len, size_t *cap, struct skips *skips)
{
	KH_CLEANUP(free_ptr) char *path = path_join(dir, fan);
	DIR *d = opendir(path);
	if (!d) {
		if (errno != ENOENT) /* git gc removes empty ones */
			warn_status(skips, path, KH_IO);
		return;
	}
	for (struct dirent *e; (e = readdir(d));) {
		char hex[OID_HEX_MAX + 1], again[OID_HEX_MAX + 1];
		struct oid oid;
		if (strlen(e->d_name) != 2 * oid_len - 2)
			continue;
		snprintf(hex, sizeof hex, "%.2s%.62s", fan, e->d_name);
		if (!oid_parse(&oid, hex, oid_len))
			continue;
		oid_hex(again, &oid, oid_len);
		if (strcmp(hex, again))
			continue;
		ALLOC_GROW(*list, *len + 1, *cap);
		(*list)[(*len)++] = (struct loose){ .oid = oid, .dir = dirno };
	}
	closedir(d);
}

size_t loose_list(const char *dir, unsigned oid_len, uint32_t dirno, struct loose **list, size_t *len, size_t *cap, struct skips *skips)
{
	size_t before = *len;
	DIR *d = opendir(dir);
	if (!d) {
		warn_status(skips, dir, KH_IO);
		return 0;
	}
	for (struct dirent *e; (e = readdir(d));)
		if (strlen(e->d_name) == 2 && strspn(e->d_name, "0123456789abcdef") == 2)
			list_fanout(dir, e->d_name, oid_len, dirno, list, len, cap, skips);
	closedir(d);
	return *len - before;
}
