#include "match/window.h"

#include <stdlib.h>

#include "util/alloc.h"

static void add(struct windows *w, uint64_t lo, uint64_t hi)
{
	struct window *last = w->len ? &w->list[w->len - 1] : NULL;
	if (last && lo <= last->at + last->len) {
		if (hi > last->at + last->len) {
			w->total += hi - last->at - last->len;
			last->len = hi - last->at;
		}
		return;
	}
	ALLOC_GROW(w->list, w->len + 1, w->cap);
	w->list[w->len++] = (struct window){ lo, hi - lo };
	w->total += hi - lo;
}

static void clear(struct windows *w)
{
	w->len = 0;
	w->total = 0;
}

static void add_all(struct windows *out, const struct edit *edits, size_t n, uint64_t size, uint64_t reach)
{
	for (size_t i = 0; i < n; i++) {
		const struct edit *e = &edits[i];
		uint64_t end = e->fresh ? e->at + e->len : e->at;
		if (!e->fresh && (i == 0 || edits[i - 1].fresh))
			continue; /* the seam before it is the fresh one's */
		uint64_t lo = e->at > reach ? e->at - reach : 0;
		uint64_t hi = end + reach < size ? end + reach : size;
		if (hi > lo)
			add(out, lo, hi);
	}
}

void windows_of(struct windows *out, const struct edit *edits, size_t n, uint64_t size, uint64_t reach)
{
	clear(out);
	add_all(out, edits, n, size, reach);
}

void windows_with_ends(struct windows *out, const struct edit *edits, size_t n, uint64_t size, uint64_t reach, uint64_t base_size)
{
	clear(out);
	if (!n)
		return;
	const struct edit *last = edits + n - 1;
	if (!edits->fresh && edits->from)
		add(out, 0, reach < size ? reach : size);
	add_all(out, edits, n, size, reach);
	if (!last->fresh && last->from + last->len != base_size)
		add(out, reach < size ? size - reach : 0, size);
}

void windows_whole(struct windows *out, uint64_t size)
{
	clear(out);
	add(out, 0, size);
}

void windows_release(struct windows *w)
{
	free(w->list);
	*w = (struct windows){ 0 };
}
