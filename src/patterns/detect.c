/* detect.c: the door of the room. A text's hits become windows, windows become atoms (atoms.c), atoms pairs (pair.c),
 * pairs and what is left alone become credentials (verdict.c); archives are opened and their members treated alike.
 *
 *   hits    . .     .               .
 *   windows [-----------]      [--------]      read once, left to right; base64 inside is decoded where it stands */
#include "patterns/detect.h"

#include <stdlib.h>
#include <time.h>

#include "patterns/bare.h"
#include "patterns/near.h"
#include "patterns/opening.h"
#include "patterns/record.h"
#include "patterns/signed.h"
#include "patterns/verdict.h"
#include "patterns/wholes.h"
#include "util/alloc.h"

#define WINDOW_MAX (1u << 20)    /* windows grow together up to here */
#define WIDE (16u << 10)         /* how far a lone ID's secret is looked for */
#define MEMBERS_MAX 20000
#define ENCODED_VALUE 32
#define BASE64_BACK (16u << 10)
#define BASE64_AHEAD (64u << 10)

struct detector {
	struct catalog *catalog;
	struct detector_options options;
	struct archive_memory *memory; /* the only thing here that workers change, under its lock */
};

struct detect {
	const struct detector *d;
	struct atoms atoms;
	struct pairing pairing;
	struct view_space wide, narrow, deep; /* of UTF-16 windows, of base64 inside text, and of what is encoded in either */
	struct confirm *confirm;
	struct wholes wholes, advice; /* what only advises changes nothing of what is found */
	struct verdict verdict;
	struct signed_set signed_texts;
	bool saw_name;
	bool cut_before, cut_behind;
};

const char *level_name(enum level l)
{
	static const char *const names[] = { "none", "low", "medium", "high", "critical" };
	return (unsigned)l <= LEVEL_CRITICAL ? names[l] : "none";
}

enum status detector_new(struct detector **out, const struct detector_options *o, char **err)
{
	struct detector *d = xcalloc(1, sizeof *d);
	enum status st = catalog_new(&d->catalog, o->patterns_dir, o->advice, err);
	*out = NULL;
	if (st) {
		free(d);
		return st;
	}
	d->options = *o;
	d->memory = xcalloc(1, sizeof *d->memory);
	pthread_mutex_init(&d->memory->lock, NULL);
	d->memory->large = o->archive_memory ? o->archive_memory : UINT64_MAX;
	d->memory->small = d->memory->large / (o->threads ? o->threads : 1);
	if (!d->options.now)
		d->options.now = time(NULL);
	*out = d;
	return KH_OK;
}

void detector_free(struct detector *d)
{
	if (!d)
		return;
	catalog_free(d->catalog);
	pthread_mutex_destroy(&d->memory->lock);
	free(d->memory);
	free(d);
}

size_t detector_literals(const struct detector *d, const struct literal **out)
{
	*out = d->catalog->literals;
	return d->catalog->nliterals - !d->options.entropy; /* the last stands for runs */
}

bool detector_pattern(const struct detector *d, size_t i, const char **id, const char **kind, const char **description)
{
	if (i >= d->catalog->npatterns)
		return false;
	*id = d->catalog->patterns[i]->id;
	*kind = d->catalog->patterns[i]->kind;
	*description = d->catalog->patterns[i]->description;
	return true;
}

const char *detector_pattern_file(const struct detector *d, size_t i)
{
	return i < d->catalog->nbuiltin ? NULL : d->catalog->patterns[i]->file;
}

struct detect *detect_new(const struct detector *d)
{
	struct detect *w = xcalloc(1, sizeof *w);
	w->d = d;
	w->confirm = confirm_new();
	w->verdict.now = d->options.now;
	return w;
}

void detect_free(struct detect *w)
{
	if (!w)
		return;
	atoms_release(&w->atoms);
	pairing_release(&w->pairing);
	view_space_release(&w->wide);
	view_space_release(&w->narrow);
	view_space_release(&w->deep);
	confirm_free(w->confirm);
	wholes_release(&w->wholes);
	wholes_release(&w->advice);
	verdict_release(&w->verdict);
	signed_release(&w->signed_texts);
	free(w);
}

bool detect_maybe(struct detect *w, struct bytes data, const struct hit *hit)
{
	return near_look(&w->d->catalog->anchors[hit->literal], data, hit->end);
}

bool detect_is_archive(struct bytes data)
{
	return archive_begins(data);
}

/* One text being decided. */
struct text {
	struct detect *w;
	struct bytes data;
	const struct hit *hits;
	size_t n;
};

static const struct anchor *anchor_of(const struct text *t, const struct hit *h)
{
	return &t->w->d->catalog->anchors[h->literal];
}

static bool is_half(const struct anchor *a)
{
	return a->pattern->role == ROLE_KEY_ID || a->pattern->role == ROLE_SECRET || a->pattern->role == ROLE_SESSION_TOKEN;
}

static bool wide_encoding(enum encoding e)
{
	return e == ENC_UTF16LE || e == ENC_UTF16BE;
}

/* Bytes worth reading around a hit. */
static void window_of(const struct text *t, const struct hit *h, size_t *from, size_t *to)
{
	static const struct { size_t back, ahead; } reach[] = {
		[ROLE_CREDENTIAL] = { 0, 0 }, [ROLE_KEY_ID] = { 4096, 4096 }, [ROLE_SECRET] = { 512, 640 }, [ROLE_SESSION_TOKEN] = { 512, 2560 } };
	const struct anchor *a = anchor_of(t, h);
	size_t factor = wide_encoding(a->encoding) ? 2 : 1;
	size_t back = factor * reach[a->pattern->role].back + a->len, ahead = factor * reach[a->pattern->role].ahead;
	*from = h->end > back ? h->end - back : 0;
	*to = t->data.len - h->end > ahead ? h->end + ahead : t->data.len;
}

/* A value that is encoded alone has its name outside. */
static void set_place(struct atom *t, const struct view *v, size_t from, size_t to)
{
	t->place = name_of_id(v, from, to);
	t->stem = name_stem(v, from);
}

/* Where in `v`, the base64 it stands in, what a hit stands for begins: digit 2 holds nothing of the first byte's beginning, but that of
 * the second one. */
static size_t decoded_place(const struct view *v, const struct anchor *a, size_t start)
{
	return view_index(v, start - (v->map && a->encoding == ENC_BASE64 && a->digit == 2));
}

/* The encoded text that a hit stands in, from `pos` on, and its bounds in `base`; false: the hit is none of an encoding that `base`,
 * the text itself or decoded from it, may hold. */
static bool inner_view(const struct text *t, const struct hit *h, const struct view *base, size_t pos, struct view *v, size_t *begin, size_t *end)
{
	const struct anchor *a = anchor_of(t, h);
	size_t at = decoded_place(base, a, h->end - a->len), back = at - pos < BASE64_BACK ? at - pos : BASE64_BACK;
	struct record row;
	if (at < pos || at >= base->len)
		return false;
	if (base->map) {
		if (a->inner != ENC_BASE64 || a->encoding != base->encoding)
			return false;
		*v = view_base64_in(&t->w->deep, base, at, a->inner_digit, back, BASE64_AHEAD, begin, end);
	} else if (a->encoding == ENC_BASE64) {
		*v = view_base64(&t->w->narrow, t->data, at, a->digit, back, BASE64_AHEAD, begin, end);
		if (a->inner == ENC_UTF16LE) {
			struct view narrow = *v;
			*v = view_utf16_in(&t->w->deep, &narrow, decoded_place(&narrow, a, at));
		}
	} else if (a->encoding == ENC_PLAIN && record_at(t->data.ptr, t->data.len, at, &row)) {
		*v = view_record(&t->w->narrow, t->data, &row);
		*begin = row.header;
		*end = row.end < t->data.len ? row.end : t->data.len;
	} else {
		return false;
	}
	return *begin >= pos && *end > *begin;
}

/* Hits [first, last) may lie in [from, to) of `base`: read it, with what is encoded in it, base64 and the rows of databases. Returns
 * where reading ended. */
static size_t read_view(const struct text *t, const struct view *base, size_t first, size_t last, size_t from, size_t to)
{
	size_t pos = from;
	for (size_t i = first; i < last; i++) {
		const struct anchor *a = anchor_of(t, &t->hits[i]);
		size_t begin, end;
		struct view v;
		if (t->hits[i].end - a->len >= view_source(base, base->len))
			break;
		if (!is_half(a) || !t->hits[i].maybe || t->hits[i].end - a->len < view_source(base, pos) || !inner_view(t, &t->hits[i], base, pos, &v, &begin, &end))
			continue;
		atoms_read(&t->w->atoms, base, pos, begin);
		size_t had = t->w->atoms.len;
		if (base->map || a->inner == ENC_UTF16LE)
			atoms_read(&t->w->atoms, &v, 0, v.len);
		else
			read_view(t, &v, i, last, 0, v.len);
		if (v.encoding == ENC_BASE64 && v.len < ENCODED_VALUE && t->w->atoms.len == had + 1)
			set_place(&t->w->atoms.list[had], base, begin, end);
		pos = end;
	}
	if (pos < to)
		atoms_read(&t->w->atoms, base, pos, to);
	return pos > to ? pos : to;
}

/* The low bytes of a hit's units lie at even or at odd places. Both byte orders read alike there, but for what is beyond Latin-1. */
static unsigned low_bytes(const struct text *t, const struct hit *h)
{
	const struct anchor *a = anchor_of(t, h);
	return (h->end - a->len + (a->encoding == ENC_UTF16BE)) % 2;
}

static bool in_utf16(const struct text *t, size_t i)
{
	return t->hits[i].maybe && wide_encoding(anchor_of(t, &t->hits[i])->encoding) && is_half(anchor_of(t, &t->hits[i]));
}

/* Read all of it as UTF-16 with low bytes at such places, if a hit is. Texts that begin at other places (appended, joined) are
 * nothing but characters beyond Latin-1 then. A hit at an even place tells the byte order. */
static void read_utf16_as(const struct text *t, size_t first, size_t last, size_t from, size_t to, unsigned low)
{
	const struct hit *best = NULL;
	for (size_t i = first; i < last; i++) {
		size_t begin = t->hits[i].end - anchor_of(t, &t->hits[i])->len;
		if (!in_utf16(t, i) || low_bytes(t, &t->hits[i]) != low)
			continue;
		if (!best || ((best->end - anchor_of(t, best)->len) % 2 && begin % 2 == 0))
			best = &t->hits[i];
	}
	if (!best)
		return;
	const struct anchor *a = anchor_of(t, best);
	from += (from ^ (best->end - a->len)) & 1;
	struct view v = view_utf16(&t->w->wide, t->data, from, to, a->encoding == ENC_UTF16BE);
	read_view(t, &v, first, last, 0, v.len);
}

/* What comes first is read first: lines are counted from one to the other. */
static void read_utf16(const struct text *t, size_t first, size_t last, size_t from, size_t to)
{
	while (first < last && !in_utf16(t, first))
		first++;
	if (first == last)
		return;
	unsigned low = low_bytes(t, &t->hits[first]);
	read_utf16_as(t, first, last, from, to, low);
	read_utf16_as(t, first, last, from, to, !low);
}

/* Atoms of all windows. Hits of whole credentials have none here. */
static void read_windows(const struct text *t)
{
	struct view plain = { t->data.ptr, t->data.len, NULL, ENC_PLAIN };
	size_t done = 0, i = 0;
	atoms_clear(&t->w->atoms);
	while (i < t->n) {
		size_t from, to, first = i;
		if (!t->hits[i].maybe || !is_half(anchor_of(t, &t->hits[i]))) {
			i++;
			continue;
		}
		window_of(t, &t->hits[i++], &from, &to);
		for (; i < t->n; i++) {
			size_t next_from, next_to;
			if (!t->hits[i].maybe || !is_half(anchor_of(t, &t->hits[i])))
				continue;
			window_of(t, &t->hits[i], &next_from, &next_to);
			if (next_from > to || (to > from && to - from > WINDOW_MAX))
				break;
			from = next_from < from ? next_from : from;
			to = next_to > to ? next_to : to;
		}
		if (from > done)
			atoms_break(&t->w->atoms);
		from = from > done ? from : done;
		if (to <= from)
			continue;
		size_t last = i; /* a window that grew too large ends among hits of the next one: what they lead to may begin here */
		while (last < t->n && t->hits[last].end - anchor_of(t, &t->hits[last])->len < to)
			last++;
		read_utf16(t, first, last, from, to);
		done = read_view(t, &plain, first, last, from, to);
	}
}

/* The only ID in the text has no secret and no named secret is there either: place of that ID, or false. */
static bool lone_id(const struct atoms *a, size_t *at, enum encoding *encoding)
{
	const struct atom *one = NULL;
	for (size_t i = 0; i < a->len; i++) {
		const struct atom *t = &a->list[i];
		if (t->type == ATOM_SECRET)
			return false;
		if (t->type != ATOM_ID || t->example || t->place != ID_IN_PLACE)
			continue;
		if (one && memcmp(atom_text(a, one), atom_text(a, t), KEY_ID_LEN))
			return false;
		one = one ? one : t;
	}
	*at = one ? one->from : 0;
	*encoding = one ? one->encoding : ENC_PLAIN;
	return one && one->encoding != ENC_BASE64 && one->encoding != ENC_ROW;
}

static void read_wide(const struct text *t, size_t at, enum encoding encoding)
{
	size_t wide = wide_encoding(encoding) ? 2 * WIDE : WIDE;
	size_t from = at > wide ? at - wide : at % 2, to = t->data.len - at > wide ? at + wide : t->data.len;
	struct view v = { t->data.ptr, t->data.len, NULL, ENC_PLAIN };
	atoms_clear(&t->w->atoms);
	if (wide_encoding(encoding)) {
		v = view_utf16(&t->w->wide, t->data, from, to, encoding == ENC_UTF16BE);
		from = 0;
		to = v.len;
	}
	atoms_read(&t->w->atoms, &v, from, to);
}

/* The text that a hit of role credential or signed-request stands in, and where the literal is in it. */
static bool view_of(const struct text *t, const struct hit *h, struct view *v, size_t *from, size_t *to)
{
	const struct anchor *a = anchor_of(t, h);
	size_t begin, end, back = a->pattern->role == ROLE_SIGNED ? 8192 : 2048;
	struct record row;
	*from = h->end - a->len;
	*to = h->end;
	*v = (struct view){ t->data.ptr, t->data.len, NULL, ENC_PLAIN };
	if (a->encoding == ENC_PLAIN && record_at(t->data.ptr, t->data.len, *from, &row)) {
		*v = view_record(&t->w->narrow, t->data, &row);
	} else if (a->encoding == ENC_BASE64) {
		*v = view_base64(&t->w->narrow, t->data, *from, a->digit, back, 8192, &begin, &end);
	} else if (wide_encoding(a->encoding)) {
		size_t low = *from > back ? *from - back : *from % 2;
		low += (low ^ *from) & 1;
		*v = view_utf16(&t->w->wide, t->data, low, t->data.len - *to > 16384 ? *to + 16384 : t->data.len, a->encoding == ENC_UTF16BE);
	}
	if (v->map) {
		size_t n = 0;
		while (n < v->len && v->map[n] < *from)
			n++;
		*from = n;
		*to = n < v->len ? n + 1 : n;
	}
	return *from < v->len;
}

static void confirm_hits(const struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct anchor *a = anchor_of(t, &t->hits[i]);
		struct whole one;
		struct view v;
		size_t from, to;
		t->w->saw_name |= a->of_name;
		if (!t->hits[i].maybe || a->of_name || a->pattern->role != ROLE_CREDENTIAL || !view_of(t, &t->hits[i], &v, &from, &to))
			continue;
		if (confirm_at(t->w->confirm, a->pattern, t->data, &v, from, to, t->w->d->options.now, &one))
			wholes_add(a->pattern->advice ? &t->w->advice : &t->w->wholes, &one);
	}
	wholes_settle(&t->w->wholes);
	wholes_settle(&t->w->advice);
}

static bool leads_to_bare(const struct text *t, size_t i)
{
	return t->hits[i].maybe && anchor_of(t, &t->hits[i])->pattern->role == ROLE_BARE;
}

static void read_bare(const struct text *t)
{
	struct view plain = { t->data.ptr, t->data.len, NULL, ENC_PLAIN };
	size_t runs = 0;
	for (size_t i = 0; i < t->n; i++)
		runs += leads_to_bare(t, i);
	for (size_t i = 0; runs <= BARE_MAX && i < t->n; i++)
		if (leads_to_bare(t, i))
			bare_read(&t->w->atoms, &plain, t->hits[i].end, &t->w->wholes);
}

#define AROUND 2048 /* bytes either side of a token in which the name of its cluster is looked for */

static void read_signed(const struct text *t)
{
	signed_begin(&t->w->signed_texts);
	for (size_t i = 0; i < t->n; i++) {
		struct view v;
		size_t from, to, low = t->hits[i].end > AROUND ? t->hits[i].end - AROUND : 0;
		size_t high = t->data.len - t->hits[i].end > AROUND ? t->hits[i].end + AROUND : t->data.len;
		if (!t->hits[i].maybe || anchor_of(t, &t->hits[i])->pattern->role != ROLE_SIGNED || !view_of(t, &t->hits[i], &v, &from, &to))
			continue;
		/* In base64 a literal's first digits may belong to the byte before it as well. */
		for (size_t k = from ? from - 1 : 0; k < from + 2 && k < v.len; k++)
			if ((v.ptr[k] | 32) == 'x' || v.ptr[k] == 'A') {
				from = k;
				break;
			}
		signed_read(&t->w->signed_texts, &v, from, bytes_of(t->data.ptr + low, high - low));
	}
}

struct signed_set *detect_signed(struct detect *w)
{
	return &w->signed_texts;
}

static void decide(struct detect *w, struct bytes data, const struct hit *hits, size_t n)
{
	struct text t = { w, data, hits, n };
	size_t at;
	enum encoding encoding;
	verdict_clear(&w->verdict, data);
	wholes_clear(&w->wholes);
	wholes_clear(&w->advice);
	confirm_hits(&t);
	read_windows(&t);
	pair_drop_foreign(&w->atoms);
	wholes_swallow(&w->wholes, &w->atoms);
	bool alone = lone_id(&w->atoms, &at, &encoding);
	if (alone) {
		read_wide(&t, at, encoding);
		pair_drop_foreign(&w->atoms);
		wholes_swallow(&w->wholes, &w->atoms);
	}
	pair_atoms(&w->pairing, &w->atoms, alone);
	read_bare(&t);
	verdict_atoms(&w->verdict, w->d->catalog, &w->atoms, &w->pairing, alone);
	verdict_wholes(&w->verdict, &w->wholes);
	verdict_advice(&w->verdict, &w->advice);
	read_signed(&t);
	verdict_finish(&w->verdict);
}

/* What is done with an archive's members. */
struct members {
	struct detect *w;
	detect_rescan *rescan;
	void *rescan_payload;
	detect_emit *emit;
	void *payload;
	struct buf seen; /* what members gave: "key ID\0secret\0token\0advice\0" each */
};

static void add_identity(struct buf *b, const struct credential *c)
{
	buf_add(b, c->key_id, strlen(c->key_id) + 1);
	buf_add(b, c->secret.ptr, c->secret.len);
	buf_addch(b, '\0');
	buf_add(b, c->token.ptr, c->token.len);
	buf_addch(b, '\0');
	buf_addstr(b, c->advice ? c->advice : "");
	buf_addch(b, '\0');
}

/* A member that is stored uncompressed is also found in the archive's own bytes: once is enough, and the member says more. */
static bool seen_in_member(const struct buf *seen, const struct credential *c)
{
	struct buf one = { 0 };
	add_identity(&one, c);
	bool is = seen->len && memmem(seen->ptr, seen->len, one.ptr, one.len);
	explicit_bzero(one.ptr, one.len);
	buf_release(&one);
	return is;
}

static void place_in(struct bytes data, uint64_t offset, uint32_t *line, uint32_t *column)
{
	const uint8_t *p = data.ptr, *end = data.ptr + offset, *nl;
	for (*line = 1; (nl = memchr(p, '\n', (size_t)(end - p))); p = nl + 1)
		(*line)++;
	*column = (uint32_t)(end - p) + 1;
}

/* A member's own place; of a gzip within a text, which has no name, the place where it begins there. */
static void place_member(struct credential *c, const struct opening *o, const char *name, struct bytes content)
{
	if (!*name && o->depth == 1 && o->at != NOT_WITHIN) {
		c->offset = c->other = o->at;
		if (c->nevidence < EVIDENCE_MAX)
			c->evidence[c->nevidence++] = "unpacked";
		return;
	}
	place_in(content, c->offset, &c->inner_line, &c->inner_column);
	c->offset = c->other = 0;
	c->inner_path = name;
}

static void decide_member(struct opening *o, const char *name, struct bytes content)
{
	struct members *m = o->payload;
	struct hit *hits = NULL;
	size_t n = content.len && content.len < UINT32_MAX ? m->rescan(m->rescan_payload, content, &hits) : 0;
	if (n) {
		decide(m->w, content, hits, n);
		for (size_t i = 0; i < m->w->verdict.len; i++) {
			struct credential *c = &m->w->verdict.list[i];
			place_member(c, o, name, content);
			add_identity(&m->seen, c);
			m->emit(m->payload, c);
		}
	}
	opening_run(o, content, hits, n, name);
	free(hits);
}

enum status detect_run(struct detect *w, struct bytes data, const struct hit *hits, size_t n,
		       detect_rescan *rescan, void *rescan_payload, detect_emit *emit, void *payload, const char **why)
{
	struct members m = { w, rescan, rescan_payload, emit, payload, { 0 } };
	struct opening o = { .text = decide_member, .payload = &m, .anchors = w->d->catalog->anchors, .outer = "", .at = NOT_WITHIN,
			     .cut_before = w->cut_before, .cut_behind = w->cut_behind, .budget = { w->d->options.archive_limit, MEMBERS_MAX, w->d->memory, 0, false } };
	if (rescan)
		opening_run(&o, data, hits, n, "");
	archive_budget_release(&o.budget);
	if (n) {
		decide(w, data, hits, n);
		for (size_t i = 0; i < w->verdict.len; i++)
			if (!seen_in_member(&m.seen, &w->verdict.list[i]))
				emit(payload, &w->verdict.list[i]);
	}
	if (m.seen.ptr)
		explicit_bzero(m.seen.ptr, m.seen.len);
	buf_release(&m.seen);
	*why = o.why;
	return o.st;
}

void detect_part(struct detect *w, bool before, bool behind)
{
	w->cut_before = before;
	w->cut_behind = behind;
}

bool detect_saw_name(const struct detect *w)
{
	return w->saw_name;
}

bool detector_maybe_name(const struct detector *d, const char *name)
{
	for (size_t i = 0; i < d->catalog->npatterns; i++)
		if (d->catalog->patterns[i]->file_name.literal && strstr(name, d->catalog->patterns[i]->file_name.literal))
			return true;
	return false;
}

bool detector_name_fits(const struct detector *d, const char *pattern, const char *path, char *key_id)
{
	const char *slash = strrchr(path, '/');
	for (size_t i = 0; i < d->catalog->npatterns; i++)
		if (!strcmp(d->catalog->patterns[i]->id, pattern))
			return confirm_name(d->catalog->patterns[i], slash ? slash + 1 : path, key_id);
	return false;
}

const struct catalog *detector_catalog(const struct detector *d)
{
	return d->catalog;
}
