#include "objects/delta.h"

#include <stdlib.h>

#include "util/alloc.h"

void edits_release(struct edits *e)
{
	free(e->list);
	*e = (struct edits){ 0 };
}

static enum status varint(struct bytes b, size_t *at, uint64_t *out)
{
	*out = 0;
	for (unsigned shift = 0; shift <= 56; shift += 7) {
		if (*at >= b.len)
			return KH_CORRUPT;
		uint8_t c = b.ptr[(*at)++];
		*out |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return KH_OK;
	}
	return KH_CORRUPT;
}

enum status delta_sizes(struct bytes delta, uint64_t *base_size, uint64_t *result_size, size_t *used)
{
	*used = 0;
	enum status st = varint(delta, used, base_size);
	return st == KH_OK ? varint(delta, used, result_size) : st;
}

static void edits_add(struct edits *e, uint64_t at, uint64_t len, uint64_t from, bool fresh)
{
	struct edit *last = e->len ? &e->list[e->len - 1] : NULL;
	if (last && last->fresh == fresh && (fresh || last->from + last->len == from)) {
		last->len += len;
		return;
	}
	ALLOC_GROW(e->list, e->len + 1, e->cap);
	e->list[e->len++] = (struct edit){ .at = at, .len = len, .from = from, .fresh = fresh };
}

/* The operands of a copy: which of up to seven bytes are there is said by the bits of `op`. Returns how many were
 * read; `p` has at least 7 readable bytes, or `left` says fewer and -1 is returned when they do not suffice. */
static int copy_operands(uint8_t op, const uint8_t *p, size_t left, uint64_t *from, uint64_t *len)
{
	uint32_t offset = 0, size = 0;
	size_t n = 0;
	if ((size_t)__builtin_popcount(op & 0x7fu) > left)
		return -1;
	for (unsigned i = 0; i < 4; i++)
		if (op & 1u << i)
			offset |= (uint32_t)p[n++] << 8 * i;
	for (unsigned i = 0; i < 3; i++)
		if (op & 16u << i)
			size |= (uint32_t)p[n++] << 8 * i;
	*from = offset;
	*len = size ? size : 0x10000;
	return (int)n;
}

enum status delta_apply(uint8_t *out, uint64_t out_len, struct edits *edits, struct bytes base, struct bytes delta)
{
	uint64_t base_size, result_size, at = 0;
	size_t pos;
	if (delta_sizes(delta, &base_size, &result_size, &pos) != KH_OK || base_size != base.len || result_size != out_len)
		return KH_CORRUPT;
	if (edits)
		edits_clear(edits);
	while (pos < delta.len) {
		uint8_t op = delta.ptr[pos++];
		uint64_t from = 0, len = op;
		if (op & 0x80) {
			int n = copy_operands(op, delta.ptr + pos, delta.len - pos, &from, &len);
			if (n < 0 || from > base.len || len > base.len - from || len > out_len - at)
				return KH_CORRUPT;
			pos += (size_t)n;
			memcpy(out + at, base.ptr + from, len);
		} else {
			if (!op || len > delta.len - pos || len > out_len - at)
				return KH_CORRUPT;
			memcpy(out + at, delta.ptr + pos, len);
			pos += len;
		}
		if (edits)
			edits_add(edits, at, len, from, !(op & 0x80));
		at += len;
	}
	return at == out_len ? KH_OK : KH_CORRUPT;
}
