#include "packmake.h"

#include <nettle/sha1.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "util/alloc.h"

uint8_t take8(struct reader *r)
{
	return r->p < r->end ? *r->p++ : 0;
}

uint32_t take16(struct reader *r)
{
	uint32_t high = take8(r);
	return high << 8 | take8(r);
}

uint32_t take_below(struct reader *r, uint32_t n)
{
	if (!n)
		return 0;
	return (n > 256 ? take16(r) : take8(r)) % n;
}

struct bytes take(struct reader *r, size_t most)
{
	size_t left = (size_t)(r->end - r->p);
	struct bytes b = bytes_of(r->p, left < most ? left : most);
	r->p += b.len;
	return b;
}

void packmake_init(struct packmake *m)
{
	memset(m, 0, sizeof *m);
	strcpy(m->dir, access("/dev/shm", W_OK) ? "/tmp/keyhunt-fuzz-XXXXXX" : "/dev/shm/keyhunt-fuzz-XXXXXX");
	char path[128];
	if (!mkdtemp(m->dir))
		differ("no folder for the pack");
	snprintf(path, sizeof path, "%s/pack", m->dir);
	if (mkdir(path, 0700))
		differ("no folder for the pack");
}

void packmake_release(struct packmake *m)
{
	static const char *const names[] = { "pack/pack-x.idx", "pack/pack-x.pack", "pack" };
	char path[128];
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", m->dir, names[i]);
		remove(path);
	}
	rmdir(m->dir);
	buf_release(&m->body);
	free(m->offsets);
}

void packmake_begin(struct packmake *m)
{
	ALLOC_GROW(m->offsets, m->count + 1u, m->cap);
	m->offsets[m->count++] = 12 + m->body.len;
}

void packmake_header(struct packmake *m, unsigned type, uint64_t size)
{
	unsigned c = type << 4 | (size & 15);
	for (size >>= 4; size; size >>= 7) {
		buf_addch(&m->body, (char)(c | 0x80));
		c = size & 0x7f;
	}
	buf_addch(&m->body, (char)c);
}

void packmake_ofs(struct packmake *m, uint64_t back)
{
	char digits[16];
	size_t at = sizeof digits;
	digits[--at] = (char)(back & 0x7f);
	while (back >>= 7) {
		back--;
		digits[--at] = (char)(0x80 | (back & 0x7f));
	}
	buf_add(&m->body, digits + at, sizeof digits - at);
}

static void put_be32(struct buf *b, uint32_t n)
{
	char c[4] = { (char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n };
	buf_add(b, c, 4);
}

static void put_name(struct buf *b, uint32_t n)
{
	static const char zeros[16];
	put_be32(b, n);
	buf_add(b, zeros, sizeof zeros);
}

void packmake_ref(struct packmake *m, uint32_t object)
{
	put_name(&m->body, object);
}

void packmake_deflated(struct packmake *m, struct bytes content)
{
	uLongf len = compressBound((uLong)content.len);
	buf_grow(&m->body, len);
	compress2((Bytef *)m->body.ptr + m->body.len, &len, content.ptr ? content.ptr : (const Bytef *)"", (uLong)content.len, 1);
	m->body.len += len;
}

static void save(const struct packmake *m, const char *name, const struct buf *b)
{
	char path[128];
	snprintf(path, sizeof path, "%s/pack/%s", m->dir, name);
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(b->ptr, 1, b->len, f) != b->len || fclose(f))
		differ("the pack cannot be written");
}

void packmake_write(const struct packmake *m)
{
	static const char trailer[20];
	KH_CLEANUP(buf_release) struct buf pack = { 0 };
	KH_CLEANUP(buf_release) struct buf idx = { 0 };
	buf_add(&pack, "PACK\0\0\0\2", 8);
	put_be32(&pack, m->count);
	buf_add(&pack, m->body.ptr, m->body.len);
	buf_add(&pack, trailer, sizeof trailer);
	buf_add(&idx, "\377tOc\0\0\0\2", 8);
	for (unsigned i = 0; i < 256; i++) /* all names begin with a zero byte */
		put_be32(&idx, m->count);
	for (uint32_t i = 0; i < m->count; i++)
		put_name(&idx, i);
	for (uint32_t i = 0; i < m->count; i++)
		put_be32(&idx, 0);
	for (uint32_t i = 0; i < m->count; i++)
		put_be32(&idx, (uint32_t)m->offsets[i]);
	buf_add(&idx, trailer, sizeof trailer);
	uint8_t hash[SHA1_DIGEST_SIZE];
	struct sha1_ctx c;
	sha1_init(&c);
	sha1_update(&c, idx.len, (const uint8_t *)idx.ptr);
	sha1_digest(&c, sizeof hash, hash);
	buf_add(&idx, hash, sizeof hash);
	save(m, "pack-x.pack", &pack);
	save(m, "pack-x.idx", &idx);
}

void delta_varint(struct buf *b, uint64_t n)
{
	for (; n > 0x7f; n >>= 7)
		buf_addch(b, (char)(0x80 | (n & 0x7f)));
	buf_addch(b, (char)n);
}

void delta_copy(struct buf *b, uint32_t from, uint32_t len)
{
	char op[8];
	unsigned n = 1, bits = 0x80;
	for (unsigned i = 0; i < 4; i++)
		if (from >> (8 * i) & 0xff) {
			bits |= 1u << i;
			op[n++] = (char)(from >> (8 * i));
		}
	for (unsigned i = 0; i < 2; i++)
		if (len >> (8 * i) & 0xff) {
			bits |= 0x10u << i;
			op[n++] = (char)(len >> (8 * i));
		}
	op[0] = (char)bits;
	buf_add(b, op, n);
}

void delta_insert(struct buf *b, struct bytes data)
{
	while (data.len) {
		size_t n = data.len < 127 ? data.len : 127;
		buf_addch(b, (char)n);
		buf_add(b, data.ptr, n);
		data = bytes_of(data.ptr + n, data.len - n);
	}
}

void differ(const char *what)
{
	fprintf(stderr, "%s\n", what);
	abort();
}
