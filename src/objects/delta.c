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

static inline void edits_add(struct edits *e, struct edit run)
{
	struct edit *last = e->len ? &e->list[e->len - 1] : NULL;
	if (last && last->src + last->len == run.src && last->fresh == run.fresh) {
		last->len += run.len;
		return;
	}
	ALLOC_GROW(e->list, e->len + 1, e->cap);
	e->list[e->len++] = run;
}

void edits_copy(uint8_t *out, const struct edit *edits, size_t n, size_t *hint, uint64_t at, uint64_t len)
{
	size_t i = *hint;
	while (i < n && edits[i].at + edits[i].len <= at)
		i++;
	*hint = i;
	for (; len && i < n; i++) {
		uint64_t skip = at - edits[i].at, part = edits[i].len - skip;
		if (part > len)
			part = len;
		/* parts of windows are short: a copy of fixed size is no call */
		if (part <= EDITS_SLACK)
			memcpy(out, edits[i].src + skip, EDITS_SLACK);
		else
			memcpy(out, edits[i].src + skip, part);
		out += part;
		at += part;
		len -= part;
	}
}

/* The operands of a copy: which of up to seven bytes are there is said by the bits of `op`. Returns how many were
 * read; false when `left` bytes do not suffice. */
static inline bool copy_operands(uint8_t op, const uint8_t *p, size_t left, size_t *used, uint64_t *from, uint64_t *len)
{
	uint32_t offset = 0, size = 0;
	const uint8_t *start = p;
	if (left < 7) {
		size_t need = 0;
		for (unsigned bits = op & 0x7fu; bits; bits &= bits - 1)
			need++;
		if (need > left)
			return false;
	}
	if (op & 1)
		offset = *p++;
	if (op & 2)
		offset |= (uint32_t)*p++ << 8;
	if (op & 4)
		offset |= (uint32_t)*p++ << 16;
	if (op & 8)
		offset |= (uint32_t)*p++ << 24;
	if (op & 16)
		size = *p++;
	if (op & 32)
		size |= (uint32_t)*p++ << 8;
	if (op & 64)
		size |= (uint32_t)*p++ << 16;
	*used = (size_t)(p - start);
	*from = offset;
	*len = size ? size : 0x10000;
	return true;
}

/* Most runs are short: SHORT_RUN bytes at once, where both sides have so many, beat a call. */
#define SHORT_RUN 64
static inline void copy_run(uint8_t *out, uint64_t out_room, const uint8_t *src, uint64_t src_room, uint64_t len)
{
	if (len <= SHORT_RUN && out_room >= SHORT_RUN && src_room >= SHORT_RUN)
		memcpy(out, src, SHORT_RUN);
	else
		memcpy(out, src, len);
}

enum status delta_apply(uint8_t *out, uint64_t out_len, struct edits *edits, struct bytes base, struct bytes delta)
{
	uint64_t base_size, result_size, at = 0;
	size_t pos, used;
	if (delta_sizes(delta, &base_size, &result_size, &pos) != KH_OK || base_size != base.len || result_size != out_len)
		return KH_CORRUPT;
	if (edits)
		edits_clear(edits);
	while (pos < delta.len) {
		uint8_t op = delta.ptr[pos++];
		uint64_t from = 0, len = op;
		const uint8_t *src = delta.ptr + pos;
		uint64_t room = delta.len - pos;
		if (op & 0x80) {
			if (!copy_operands(op, src, delta.len - pos, &used, &from, &len))
				return KH_CORRUPT;
			pos += used;
			if (from > base.len || len > base.len - from)
				return KH_CORRUPT;
			src = base.ptr + from;
			room = base.len - from;
		} else {
			if (!op || len > room)
				return KH_CORRUPT;
			pos += len;
		}
		if (len > out_len - at)
			return KH_CORRUPT;
		if (out)
			copy_run(out + at, out_len - at, src, room, len);
		if (edits)
			edits_add(edits, (struct edit){ .at = at, .len = len, .from = from, .src = src, .fresh = !(op & 0x80) });
		at += len;
	}
	return at == out_len ? KH_OK : KH_CORRUPT;
}
