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

/* Take over the base's whole entries between `from` and `to` (offsets in the base) for position `at`. Returns how many
 * bytes that is: 0 when `from` is no entry's start or no whole entry fits. */
static uint32_t copy_entries(struct tree_reader *r, const struct entry_starts *b, uint32_t *hint, uint64_t from, uint64_t to, uint32_t at, bool keep)
{
	uint32_t i = find_start(b, *hint, from);
	*hint = i;
	if (b->start[i] != from || i == b->n)
		return 0;
	uint32_t j = find_start(b, i, to), n = j - i;
	if (!n)
		return 0;
	if (keep) {
		ALLOC_GROW(r->start, (size_t)r->n + n + 1, r->cap);
		uint32_t shift = at - b->start[i], *out = r->start + r->n; /* may wrap: so does the sum */
		for (uint32_t k = 0; k < n; k++)
			out[k] = b->start[i + k] + shift;
	}
	if (r->copied)
		r->copied(r->payload, r->n, i, n);
	r->n += n;
	*hint = j;
	return b->start[j] - b->start[i];
}

/* Parse the entry at `p` of a tree whose content is not there: it lies in runs[0] and may go on in the ones behind it,
 * then its bytes are joined. */
static size_t parse_in_runs(struct tree_reader *r, struct tree_entry *e, const struct edit *runs, size_t nruns, uint64_t p, unsigned oid_len)
{
	uint64_t skip = p - runs[0].at;
	struct bytes here = bytes_of(runs[0].src + skip, (size_t)(runs[0].len - skip));
	size_t len = parse_entry(e, here, oid_len), have = 0;
	for (size_t k = 0, want = 256; !len && nruns > 1 && k < nruns; want *= 2) {
		ALLOC_GROW(r->joined, want, r->joined_cap);
		while (k < nruns && have < want) {
			size_t left = (size_t)(runs[k].len - skip), more = left < want - have ? left : want - have;
			memcpy(r->joined + have, runs[k].src + skip, more);
			have += more;
			skip = more < left ? skip + more : 0;
			k += more == left;
		}
		len = parse_entry(e, bytes_of(r->joined, have), oid_len);
	}
	return len;
}

enum status tree_parse(struct tree_reader *r, const struct object *o, unsigned oid_len, const struct entry_starts *base)
{
	const struct edit *runs = o->edits;
	size_t k = 0, nruns = o->edits ? o->nedits : 0;
	bool keep = o->data.ptr != NULL;
	uint32_t p = 0, hint = 0;
	r->n = 0;
	if (o->data.len >= UINT32_MAX)
		return KH_TOOBIG;
	while (p < o->data.len) {
		while (k < nruns && runs[k].at + runs[k].len <= p)
			k++;
		uint32_t len = 0;
		if (base && k < nruns && !runs[k].fresh)
			len = copy_entries(r, base, &hint, runs[k].from + (p - runs[k].at), runs[k].from + runs[k].len, p, keep);
		if (!len) {
			struct tree_entry entry;
			if (keep)
				len = (uint32_t)parse_entry(&entry, bytes_of(o->data.ptr + p, o->data.len - p), oid_len);
			else if (k < nruns)
				len = (uint32_t)parse_in_runs(r, &entry, runs + k, nruns - k, p, oid_len);
			if (!len)
				break;
			r->fresh(r->payload, r->n, &entry);
			ALLOC_GROW(r->start, (size_t)r->n + 2, r->cap);
			r->start[r->n++] = p;
		}
		p += len;
	}
	ALLOC_GROW(r->start, (size_t)r->n + 1, r->cap);
	r->start[r->n] = p;
	return p == o->data.len ? KH_OK : KH_CORRUPT;
}

void tree_reader_release(struct tree_reader *r)
{
	free(r->start);
	free(r->joined);
}
