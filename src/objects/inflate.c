#include "objects/inflate.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <zlib.h>

#include "util/alloc.h"

/* libdeflate keeps the decoding tables of the fixed Huffman code as long as no block with a code of its own comes along.
 * Most deltas are so short that they use the fixed one; with a decompressor to themselves they never build a table. */
struct inflater {
	struct libdeflate_decompressor *fixed, *dynamic;
};

#define IS_FIXED(in) ((in).len > 2 && ((in).ptr[2] >> 1 & 3) == 1) /* BTYPE of the first block, behind two bytes of zlib header: RFC 1951, 3.2.3 */

struct inflater *inflater_new(void)
{
	struct inflater *z = xmalloc(sizeof *z);
	z->fixed = libdeflate_alloc_decompressor();
	z->dynamic = libdeflate_alloc_decompressor();
	if (!z->fixed || !z->dynamic) {
		inflater_free(z);
		return NULL;
	}
	return z;
}

void inflater_free(struct inflater *z)
{
	if (!z)
		return;
	libdeflate_free_decompressor(z->fixed);
	libdeflate_free_decompressor(z->dynamic);
	free(z);
}

enum status inflate_exact(struct inflater *z, struct bytes in, uint8_t *out, size_t out_len)
{
	size_t used, got;
	struct libdeflate_decompressor *d = IS_FIXED(in) ? z->fixed : z->dynamic;
	enum libdeflate_result r = libdeflate_zlib_decompress_ex(d, in.ptr, in.len, out, out_len + INFLATE_SLACK, &used, &got);
	return r == LIBDEFLATE_SUCCESS && got == out_len ? KH_OK : KH_CORRUPT;
}

/* Fill [keep, room) of `buf` from the stream; *got counts all bytes so far. */
static int fill(z_stream *s, struct bytes *in, uint8_t *buf, size_t keep, size_t room)
{
	int r = Z_OK;
	s->next_out = buf + keep;
	s->avail_out = (uInt)(room - keep);
	while (s->avail_out && r == Z_OK) {
		if (!s->avail_in) {
			size_t n = in->len > 1u << 30 ? 1u << 30 : in->len;
			s->next_in = (Bytef *)(uintptr_t)in->ptr;
			s->avail_in = (uInt)n;
			*in = bytes_of(in->ptr + n, in->len - n);
		}
		r = inflate(s, Z_NO_FLUSH);
	}
	return r;
}

enum status inflate_parts(struct bytes in, uint64_t total, size_t room, size_t overlap,
			  enum status (*part)(void *payload, struct bytes data, uint64_t offset, int more), void *payload)
{
	KH_CLEANUP(free_ptr) uint8_t *buf = try_alloc(room);
	z_stream s = { 0 };
	if (!buf || inflateInit(&s) != Z_OK)
		return KH_NOMEM;
	uint64_t offset = 0;
	size_t keep = 0;
	enum status st = KH_OK;
	for (int more = 1; more && st == KH_OK;) {
		int r = fill(&s, &in, buf, keep, room);
		size_t len = room - s.avail_out;
		more = r == Z_OK;
		if ((r != Z_OK && r != Z_STREAM_END) || offset + len > total || (!more && offset + len != total)) {
			st = KH_CORRUPT;
			break;
		}
		st = part(payload, bytes_of(buf, len), offset, more);
		if (more) {
			memmove(buf, buf + len - overlap, overlap);
			offset += len - overlap;
			keep = overlap;
		}
	}
	inflateEnd(&s);
	return st;
}
