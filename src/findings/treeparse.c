#include "findings/treeparse.h"

#include <stdlib.h>

#include "util/alloc.h"

static enum entry_kind kind_of_mode(unsigned mode)
{
	switch (mode & 0170000u) {
	case 0040000: return ENTRY_TREE;
	case 0120000: return ENTRY_LINK;
	case 0160000: return ENTRY_GITLINK;
	default: return ENTRY_BLOB;
	}
}

/* One entry: octal mode, space, name, NUL, raw object name. Returns its length, 0 when it is none. */
static size_t parse_entry(struct tree_entry *e, struct bytes data, unsigned oid_len)
{
	unsigned mode = 0;
	size_t i = 0;
	for (; i < data.len && i < 8 && data.ptr[i] >= '0' && data.ptr[i] <= '7'; i++)
		mode = mode << 3 | (unsigned)(data.ptr[i] - '0');
	if (!i || i >= data.len || data.ptr[i] != ' ')
		return 0;
	const uint8_t *name = data.ptr + i + 1;
	const uint8_t *nul = memchr(name, '\0', data.len - i - 1);
	if (!nul || nul == name || data.len - (size_t)(nul + 1 - data.ptr) < oid_len)
		return 0;
	*e = (struct tree_entry){ .kind = kind_of_mode(mode), .name = bytes_of(name, (size_t)(nul - name)), .oid = nul + 1 };
	return (size_t)(nul + 1 - data.ptr) + oid_len;
}

/* Largest i with start[i] <= offset, looked for from `hint` on by doubling steps: copies mostly run forward. */
static uint32_t find_start(const struct entry_starts *b, uint32_t hint, uint64_t offset)
{
	uint32_t lo = hint <= b->n && b->start[hint] <= offset ? hint : 0, step = 1;
	while (step < b->n - lo && b->start[lo + step] <= offset) {
		lo += step;
		step *= 2;
	}
	uint32_t hi = step < b->n - lo ? lo + step : b->n + 1;
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (b->start[mid] <= offset)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static void push_start(struct tree_reader *r, uint32_t start)
{
	ALLOC_GROW(r->start, (size_t)r->n + 2, r->cap);
	r->start[r->n++] = start;
}

/* Take over the base's whole entries between `from` and `to` (offsets in the base) for position `at`. Returns how many
 * bytes that is: 0 when `from` is no entry's start or no whole entry fits. */
static uint32_t copy_entries(struct tree_reader *r, const struct entry_starts *b, uint32_t *hint, uint64_t from, uint64_t to, uint32_t at)
{
	uint32_t i = find_start(b, *hint, from);
	*hint = i;
	if (b->start[i] != from || i == b->n)
		return 0;
	uint32_t j = find_start(b, i, to), n = j - i;
	if (!n)
		return 0;
	ALLOC_GROW(r->start, (size_t)r->n + n + 1, r->cap);
	uint32_t shift = at - b->start[i]; /* may wrap: so does the sum */
	for (uint32_t k = 0; k < n; k++)
		r->start[r->n + k] = b->start[i + k] + shift;
	r->copied(r->payload, r->n, i, n);
	r->n += n;
	*hint = j;
	return b->start[j] - b->start[i];
}

enum status tree_parse(struct tree_reader *r, const struct object *o, unsigned oid_len, const struct entry_starts *base)
{
	uint32_t p = 0, hint = 0;
	size_t k = 0, nedits = base ? o->nedits : 0;
	enum status st = o->data.len < UINT32_MAX ? KH_OK : KH_TOOBIG;
	r->n = 0;
	while (st == KH_OK && p < o->data.len) {
		while (k < nedits && o->edits[k].at + o->edits[k].len <= p)
			k++;
		if (k < nedits && !o->edits[k].fresh && p >= o->edits[k].at) {
			const struct edit *e = &o->edits[k];
			uint32_t len = copy_entries(r, base, &hint, e->from + (p - e->at), e->from + e->len, p);
			p += len;
			if (len)
				continue;
		}
		struct tree_entry entry;
		size_t len = parse_entry(&entry, bytes_of(o->data.ptr + p, o->data.len - p), oid_len);
		if (!len) {
			st = KH_CORRUPT;
		} else {
			r->fresh(r->payload, r->n, &entry);
			push_start(r, p);
			p += (uint32_t)len;
		}
	}
	ALLOC_GROW(r->start, (size_t)r->n + 1, r->cap);
	r->start[r->n] = p;
	return st;
}

void tree_reader_release(struct tree_reader *r)
{
	free(r->start);
}
