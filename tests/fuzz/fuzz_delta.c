/* A delta's instructions on a base: applied, and its edits must rebuild the same bytes. Input: base length (2), base, delta. */
#include <stdlib.h>

#include "objects/delta.h"
#include "packmake.h"
#include "util/alloc.h"

static void check_edits(const struct edits *e, const uint8_t *out, size_t len, struct bytes base)
{
	uint64_t at = 0;
	size_t hint = 0;
	for (size_t i = 0; i < e->len; i++) {
		const struct edit *x = &e->list[i];
		if (x->at != at || !x->len || at + x->len > len)
			differ("edits leave a gap");
		if (!x->fresh && (x->from > base.len || base.len - x->from < x->len || memcmp(out + at, base.ptr + x->from, x->len)))
			differ("a copied run is not what it says");
		at += x->len;
	}
	if (at != len)
		differ("edits end early");
	KH_CLEANUP(free_ptr) uint8_t *again = xmalloc(len + EDITS_SLACK);
	edits_copy(again, e->list, e->len, &hint, 0, len);
	if (len && memcmp(again, out, len))
		differ("edits rebuild other bytes");
}

/* A copy that edits_copy may read behind. delta_apply itself is given exactly what there is. */
static struct bytes with_slack(struct bytes b)
{
	uint8_t *copy = xmalloc(b.len + EDITS_SLACK);
	if (b.len)
		memcpy(copy, b.ptr, b.len);
	memset(copy + b.len, 0, EDITS_SLACK);
	return bytes_of(copy, b.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = { data, data + size };
	uint64_t base_size, result;
	size_t used;
	size_t want = take16(&r);
	struct bytes base = take(&r, want), delta = take(&r, SIZE_MAX);
	if (delta_sizes(delta, &base_size, &result, &used) != KH_OK || result > 1 << 20)
		return 0;
	struct edits edits = { 0 };
	uint8_t *out = malloc((size_t)result + !result);
	enum status bare = delta_apply(NULL, result, NULL, base, delta);
	enum status st = delta_apply(out, result, NULL, base, delta);
	struct bytes wide_base = with_slack(base), wide_delta = with_slack(delta);
	if (bare != st)
		differ("checked and applied differ");
	if (st == KH_OK && delta_apply(NULL, result, &edits, wide_base, wide_delta) == KH_OK)
		check_edits(&edits, out, (size_t)result, base);
	free(out);
	free((void *)(uintptr_t)wide_base.ptr);
	free((void *)(uintptr_t)wide_delta.ptr);
	edits_release(&edits);
	return 0;
}
