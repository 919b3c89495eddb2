#include "match/scan.h"

#include <stdlib.h>

#include "match/inherit.h"
#include "match/matcher.h"
#include "match/window.h"
#include "util/alloc.h"
#include "util/buf.h"

/* What a base keeps for its children. */
struct kept {
	size_t n;
	struct hit hits[];
};

struct scan_worker {
	struct matcher_scratch *scratch;
	struct windows windows;
	struct buf gathered;     /* windows in a row, separators between them */
	struct hit *fresh;       /* what the matcher said, `maybe` not known */
	size_t nfresh, fresh_cap;
	struct inherited *old;
	size_t old_cap;
	struct hit *all, *good;  /* all hits of the object; those worth deciding */
	size_t nall, all_cap, good_cap;
	uint64_t matched;
};

struct scan {
	const struct matcher *matcher;
	const struct literal *literals;
	const struct scan_sink *sink;
	unsigned threads;
	struct scan_worker *workers;
};

struct scan *scan_new(const struct matcher *m, const struct literal *literals, const struct scan_sink *sink, unsigned threads)
{
	struct scan *s = xcalloc(1, sizeof *s);
	s->matcher = m;
	s->literals = literals;
	s->sink = sink;
	s->threads = threads;
	s->workers = xcalloc(threads, sizeof *s->workers);
	for (unsigned i = 0; i < threads; i++)
		s->workers[i].scratch = matcher_scratch_new(m);
	return s;
}

void scan_free(struct scan *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->threads; i++) {
		struct scan_worker *w = &s->workers[i];
		matcher_scratch_free(w->scratch);
		windows_release(&w->windows);
		buf_release(&w->gathered);
		free(w->fresh);
		free(w->old);
		free(w->all);
		free(w->good);
	}
	free(s->workers);
	free(s);
}

uint64_t scan_matched_bytes(const struct scan *s)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < s->threads; i++)
		n += s->workers[i].matched;
	return n;
}

static void on_hit(void *payload, uint32_t literal, uint32_t end)
{
	struct scan_worker *w = payload;
	ALLOC_GROW(w->fresh, w->nfresh + 1, w->fresh_cap);
	w->fresh[w->nfresh++] = (struct hit){ .end = end, .literal = (uint16_t)literal };
}

static int by_place(const struct hit *a, const struct hit *b)
{
	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	return a->literal < b->literal ? -1 : a->literal > b->literal;
}

static int by_place_v(const void *a, const void *b)
{
	return by_place(a, b);
}

/* The matcher reports in order of `end` but for ties. */
static void sort_fresh(struct scan_worker *w)
{
	for (size_t i = 1; i < w->nfresh; i++)
		if (by_place(&w->fresh[i - 1], &w->fresh[i]) > 0) {
			qsort(w->fresh, w->nfresh, sizeof *w->fresh, by_place_v);
			return;
		}
}

static void match_all(const struct scan *s, struct scan_worker *w, struct bytes data)
{
	w->nfresh = 0;
	w->matched += data.len;
	matcher_run(s->matcher, w->scratch, data, on_hit, w);
}

/* Match the windows in one go and move the hits from their place in the row to their place in the object. */
static void match_windows(const struct scan *s, struct scan_worker *w, struct bytes data)
{
	const struct windows *v = &w->windows;
	w->nfresh = 0;
	w->matched += v->total;
	if (v->len == 1) {
		matcher_run(s->matcher, w->scratch, bytes_of(data.ptr + v->list[0].at, v->list[0].len), on_hit, w);
		for (size_t i = 0; i < w->nfresh; i++)
			w->fresh[i].end += (uint32_t)v->list[0].at;
		return;
	}
	buf_clear(&w->gathered);
	buf_grow(&w->gathered, v->total + v->len);
	char *to = w->gathered.ptr;
	for (size_t i = 0; i < v->len; i++) {
		memcpy(to, data.ptr + v->list[i].at, v->list[i].len);
		to += v->list[i].len;
		*to++ = (char)MATCHER_SEPARATOR;
	}
	w->gathered.len = (size_t)(to - w->gathered.ptr);
	matcher_run(s->matcher, w->scratch, buf_bytes(&w->gathered), on_hit, w);
	uint64_t begin = 0;
	for (size_t i = 0, k = 0; i < w->nfresh; i++) {
		while (w->fresh[i].end > begin + v->list[k].len)
			begin += v->list[k++].len + 1;
		w->fresh[i].end = (uint32_t)(w->fresh[i].end - begin + v->list[k].at);
	}
}

static void keep(struct scan_worker *w, struct hit h)
{
	ALLOC_GROW(w->all, w->nall + 1, w->all_cap);
	w->all[w->nall++] = h;
}

static void look(const struct scan *s, unsigned worker, struct bytes data, struct hit *h)
{
	h->maybe = s->sink->maybe(s->sink->payload, worker, data, h);
}

/* Fresh and inherited hits in one row, each once, each with its near look. */
static void merge(const struct scan *s, unsigned worker, struct bytes data, size_t nold)
{
	struct scan_worker *w = &s->workers[worker];
	size_t i = 0, k = 0;
	w->nall = 0;
	while (i < w->nfresh || k < nold) {
		int c = i == w->nfresh ? 1 : k == nold ? -1 : by_place(&w->fresh[i], &w->old[k].hit);
		struct hit h = c < 0 ? w->fresh[i] : w->old[k].hit;
		if (c < 0 || w->old[k].look == NEAR_UNKNOWN)
			look(s, worker, data, &h);
		i += c <= 0;
		k += c >= 0;
		keep(w, h);
	}
}

static size_t find_hits(const struct scan *s, unsigned worker, const struct object *o)
{
	struct scan_worker *w = &s->workers[worker];
	const struct kept *kept = o->base_state;
	size_t nold = 0;
	if (!o->edits) {
		match_all(s, w, o->data);
	} else {
		windows_of(&w->windows, o->edits, o->nedits, o->data.len, matcher_longest(s->matcher) - 1);
		match_windows(s, w, o->data);
		if (kept)
			nold = inherit_hits(&w->old, &w->old_cap, kept->hits, kept->n, s->literals, o->edits, o->nedits, o->base.len, o->data.len);
	}
	sort_fresh(w);
	merge(s, worker, o->data, nold);
	return w->nall;
}

/* Hits worth deciding. In a part of a large object those nearer to the cut than half the overlap are the other part's. */
static size_t pick_good(struct scan_worker *w, const struct object *o)
{
	uint64_t lo = o->offset ? WALK_OVERLAP / 2 : 0;
	uint64_t hi = o->more ? o->data.len - WALK_OVERLAP / 2 : o->data.len;
	size_t n = 0;
	for (size_t i = 0; i < w->nall; i++)
		if (w->all[i].maybe && w->all[i].end > lo && w->all[i].end <= hi) {
			ALLOC_GROW(w->good, n + 1, w->good_cap);
			w->good[n++] = w->all[i];
		}
	return n;
}

static struct kept *keep_all(const struct scan_worker *w)
{
	struct kept *k = w->nall ? xmalloc(sizeof *k + w->nall * sizeof *k->hits) : NULL;
	if (k) {
		k->n = w->nall;
		memcpy(k->hits, w->all, w->nall * sizeof *k->hits);
	}
	return k;
}

static void *visit(void *payload, unsigned worker, const struct object *o)
{
	struct scan *s = payload;
	struct scan_worker *w = &s->workers[worker];
	size_t n = find_hits(s, worker, o);
	bool archive = o->type == OBJ_BLOB && !o->offset && s->sink->archive && s->sink->archive(o->data);
	if (!n && !archive)
		return NULL;
	size_t good = pick_good(w, o);
	struct kept *k = keep_all(w);
	if (good || archive) {
		/* deciding may scan again (members of archives): its hits are set aside */
		struct hit *mine = w->good;
		w->good = NULL;
		w->good_cap = 0;
		s->sink->decide(s->sink->payload, worker, o, mine, good);
		free(mine);
	}
	return k;
}

static void drop(void *payload, unsigned worker, void *state)
{
	(void)payload;
	(void)worker;
	free(state);
}

struct visitor scan_visitor(struct scan *s, bool whole, unsigned types)
{
	return (struct visitor){ .types = types, .whole = whole, .visit = visit, .drop = drop, .payload = s };
}

size_t scan_bytes(struct scan *s, unsigned worker, struct bytes data, struct hit **hits)
{
	struct scan_worker *w = &s->workers[worker];
	struct object o = { .type = OBJ_BLOB, .data = data };
	find_hits(s, worker, &o);
	size_t n = pick_good(w, &o);
	*hits = n ? xmalloc(n * sizeof **hits) : NULL;
	if (n)
		memcpy(*hits, w->good, n * sizeof **hits);
	return n;
}
