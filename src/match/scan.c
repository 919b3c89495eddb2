#include "match/scan.h"

#include <stdlib.h>

#include "match/inherit.h"
#include "match/matcher.h"
#include "match/run.h"
#include "match/window.h"
#include "objects/delta.h"
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
	int32_t run; /* index of the literal that stands for runs, or -1 */
	const struct scan_sink *sink;
	unsigned threads;
	struct scan_worker *workers;
};

struct scan *scan_new(const struct matcher *m, const struct literal *literals, size_t n, const struct scan_sink *sink, unsigned threads)
{
	struct scan *s = xcalloc(1, sizeof *s);
	s->matcher = m;
	s->literals = literals;
	s->run = literals_without_run(literals, n) < n ? (int32_t)(n - 1) : -1;
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

/* Put the windows in a row, from the content if it is there, else from where its edits say. */
static void gather(struct scan_worker *w, const struct object *o)
{
	const struct windows *v = &w->windows;
	size_t hint = 0;
	buf_clear(&w->gathered);
	buf_grow(&w->gathered, v->total + v->len + EDITS_SLACK);
	char *to = w->gathered.ptr;
	for (size_t i = 0; i < v->len; i++) {
		if (o->data.ptr)
			memcpy(to, o->data.ptr + v->list[i].at, v->list[i].len);
		else
			edits_copy((uint8_t *)to, o->edits, o->nedits, &hint, v->list[i].at, v->list[i].len);
		to += v->list[i].len;
		*to++ = (char)MATCHER_SEPARATOR;
	}
	w->gathered.len = (size_t)(to - w->gathered.ptr);
}

/* Runs in the row of windows, at their place in the object. */
struct run_sink {
	struct scan_worker *w;
	uint64_t begin, size; /* of window `k` in the row; of the object */
	size_t k;
	uint16_t literal;
};

static void on_run(void *payload, uint64_t from, uint64_t end)
{
	struct run_sink *r = payload;
	const struct window *v = &r->w->windows.list[r->k];
	for (; end > r->begin + v->len; v = &r->w->windows.list[++r->k])
		r->begin += v->len + 1;
	/* What goes on beyond its window touches nothing fresh: if it is a run, the base had it. */
	if ((from == r->begin && v->at) || (end == r->begin + v->len && v->at + v->len < r->size))
		return;
	on_hit(r->w, r->literal, (uint32_t)(end - r->begin + v->at));
}

/* Match the windows in one go and move the hits from their place in the row to their place in the object. */
static void match_windows(const struct scan *s, struct scan_worker *w, const struct object *o)
{
	const struct windows *v = &w->windows;
	struct bytes row = { NULL, 0 };
	uint64_t begin = 0;
	w->nfresh = 0;
	w->matched += v->total;
	if (v->len == 1 && o->data.ptr) {
		row = bytes_of(o->data.ptr + v->list[0].at, v->list[0].len);
	} else if (v->len) {
		gather(w, o);
		row = buf_bytes(&w->gathered);
	}
	matcher_run(s->matcher, w->scratch, row, on_hit, w);
	for (size_t i = 0, k = 0; i < w->nfresh; i++) {
		while (w->fresh[i].end > begin + v->list[k].len)
			begin += v->list[k++].len + 1;
		w->fresh[i].end = (uint32_t)(w->fresh[i].end - begin + v->list[k].at);
	}
	if (s->run >= 0)
		run_find(row, on_run, &(struct run_sink){ w, 0, o->data.len, 0, (uint16_t)s->run });
}

static void choose_windows(const struct scan *s, struct windows *w, const struct object *o)
{
	uint64_t reach = matcher_longest(s->matcher) - 1;
	if (!o->edits)
		windows_whole(w, o->data.len);
	else if (s->run < 0)
		windows_of(w, o->edits, o->nedits, o->data.len, reach);
	else
		windows_with_ends(w, o->edits, o->nedits, o->data.len, reach > RUN_MAX + 1 ? reach : RUN_MAX + 1, o->base.len);
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

static bool must_look(const struct scan_worker *w, size_t nold)
{
	for (size_t k = 0; k < nold; k++)
		if (w->old[k].look == NEAR_UNKNOWN)
			return true;
	return w->nfresh > 0;
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

static enum status find_hits(const struct scan *s, unsigned worker, struct object *o)
{
	struct scan_worker *w = &s->workers[worker];
	const struct kept *kept = o->base_state;
	size_t nold = 0;
	w->nall = 0;
	choose_windows(s, &w->windows, o);
	match_windows(s, w, o);
	if (o->edits && kept)
		nold = inherit_hits(&w->old, &w->old_cap, kept->hits, kept->n, s->literals, o->edits, o->nedits, o->base.len, o->data.len);
	if (must_look(w, nold) && object_load(o) != KH_OK)
		return KH_NOMEM; /* the walk knows and records it */
	sort_fresh(w);
	merge(s, worker, o->data, nold);
	return KH_OK;
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

static bool is_archive(const struct scan *s, const struct object *o)
{
	uint8_t first[ARCHIVE_HEAD + EDITS_SLACK];
	size_t hint = 0, n = o->data.len < ARCHIVE_HEAD ? o->data.len : ARCHIVE_HEAD;
	if (o->type != OBJ_BLOB || o->offset || !s->sink->archive)
		return false;
	if (o->data.ptr)
		return s->sink->archive(bytes_of(o->data.ptr, n));
	edits_copy(first, o->edits, o->nedits, &hint, 0, n);
	return s->sink->archive(bytes_of(first, n));
}

static void *visit(void *payload, unsigned worker, struct object *o)
{
	struct scan *s = payload;
	struct scan_worker *w = &s->workers[worker];
	enum status st = find_hits(s, worker, o);
	bool archive = is_archive(s, o);
	if (st != KH_OK || (!w->nall && !archive))
		return NULL;
	size_t good = pick_good(w, o);
	struct kept *k = keep_all(w);
	if ((good || archive) && object_load(o) == KH_OK) {
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
	return (struct visitor){ .types = types, .whole = whole, .lazy = true, .visit = visit, .drop = drop, .payload = s };
}

size_t scan_part(struct scan *s, unsigned worker, struct object *o, struct hit **hits)
{
	struct scan_worker *w = &s->workers[worker];
	*hits = NULL;
	find_hits(s, worker, o);
	size_t n = pick_good(w, o);
	if (n) {
		*hits = xmalloc(n * sizeof **hits);
		memcpy(*hits, w->good, n * sizeof **hits);
	}
	return n;
}

size_t scan_bytes(struct scan *s, unsigned worker, struct bytes data, struct hit **hits)
{
	struct object o = { .type = OBJ_BLOB, .data = data };
	return scan_part(s, worker, &o, hits);
}
