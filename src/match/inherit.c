#include "match/inherit.h"

#include "match/run.h"
#include "util/alloc.h"

/* First hit that ends after `at`. */
static size_t first_after(const struct hit *hits, size_t n, uint64_t at)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (hits[mid].end <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Were the bytes around the hit's end copied with it, and are the ends of the object as far away as before where they are nearer? */
static bool copied(const struct hit *h, const struct edit *e, uint64_t before, uint64_t behind, uint64_t base_len, uint64_t child_len)
{
	bool start = h->end >= before ? h->end - before >= e->from : e->from == 0 && e->at == 0;
	bool end = h->end + behind <= e->from + e->len || (e->from + e->len == base_len && e->at + e->len == child_len);
	return start && end;
}

/* A literal is itself. A run is what stands right before and behind it, too. */
static bool survives(const struct hit *h, const struct literal *l, const struct edit *e, uint64_t base_len, uint64_t child_len)
{
	return l->ptr ? copied(h, e, l->len, 0, base_len, child_len) : copied(h, e, RUN_MAX + 1, 1, base_len, child_len);
}

size_t inherit_hits(struct inherited **out, size_t *cap, const struct hit *base, size_t n, const struct literal *literals,
		    const struct edit *edits, size_t nedits, uint64_t base_len, uint64_t child_len)
{
	size_t len = 0;
	for (size_t i = 0; i < nedits; i++) {
		const struct edit *e = &edits[i];
		if (e->fresh)
			continue;
		for (size_t k = first_after(base, n, e->from); k < n && base[k].end <= e->from + e->len; k++) {
			const struct hit *h = &base[k];
			if (!survives(h, &literals[h->literal], e, base_len, child_len))
				continue; /* cut by the seam */
			ALLOC_GROW(*out, len + 1, *cap);
			(*out)[len].hit = *h;
			(*out)[len].hit.end = (uint32_t)(h->end - e->from + e->at);
			(*out)[len++].look = copied(h, e, HIT_REACH, HIT_REACH, base_len, child_len) ? NEAR_COPIED : NEAR_UNKNOWN;
		}
	}
	return len;
}
