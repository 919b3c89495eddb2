/* examples.c: runs the examples that stand in the pattern files, through everything but Hyperscan. */
#include <stdlib.h>

#include "patterns/catalog.h"
#include "util/alloc.h"
#include "util/buf.h"

static bool literal_at(const struct literal *l, struct bytes data, size_t at)
{
	if (at + l->len > data.len)
		return false;
	for (uint32_t i = 0; i < l->len; i++) {
		uint8_t a = data.ptr[at + i], b = (uint8_t)l->ptr[i];
		bool letter = (b | 32) >= 'a' && (b | 32) <= 'z';
		if (a != b && !(l->caseless && letter && (a | 32) == (b | 32)))
			return false;
	}
	return true;
}

static int by_end(const void *x, const void *y)
{
	const struct hit *a = x, *b = y;
	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	return a->literal < b->literal ? -1 : a->literal > b->literal;
}

/* All hits of a short text, the plain way. */
static size_t find_hits(const struct catalog *c, struct detect *w, struct bytes data, struct hit **out)
{
	size_t n = 0, cap = 0;
	*out = NULL;
	for (size_t l = 0; l + 1 < c->nliterals; l++) {
		for (size_t i = 0; i < data.len; i++) {
			struct hit h = { (uint32_t)(i + c->literals[l].len), (uint16_t)l, 1 };
			if (!literal_at(&c->literals[l], data, i) || !detect_maybe(w, data, &h))
				continue;
			ALLOC_GROW(*out, n + 1, cap);
			(*out)[n++] = h;
		}
	}
	if (n)
		qsort(*out, n, sizeof **out, by_end);
	return n;
}

struct seen {
	const struct pattern *pattern;
	bool found;
};

static void note(void *payload, const struct credential *c)
{
	struct seen *s = payload;
	if (c->confidence >= LEVEL_MEDIUM && !c->by_name && !strcmp(c->pattern, s->pattern->id))
		s->found = true;
}

static bool example_holds(const struct catalog *c, struct detect *w, const struct pattern *p, const struct pattern_example *e)
{
	struct seen seen = { p, false };
	struct bytes text = bytes_str(e->text);
	struct hit *hits;
	const char *why;
	size_t n = find_hits(c, w, text, &hits);
	detect_run(w, text, hits, n, NULL, NULL, note, &seen, &why);
	free(hits);
	return seen.found == e->match;
}

/* A pattern without a text that must match is not tested. Where a file's name decides, no text can match alone. */
static bool lacks_match(const struct pattern *p, void (*say)(void *payload, const char *line), void *payload)
{
	bool has = p->file_name.code || p->role == ROLE_BARE || p->role == ROLE_SIGNED;
	for (size_t k = 0; k < p->nexamples; k++)
		has |= p->examples[k].match;
	if (!has) {
		struct buf line = { 0 };
		buf_addf(&line, "%s:1: %s: no example; give texts that must match under examples: match", p->file, p->id);
		say(payload, buf_str(&line));
		buf_release(&line);
	}
	return !has;
}

size_t detector_test(const struct detector *d, void (*say)(void *payload, const char *line), void *payload, size_t *total)
{
	const struct catalog *c = detector_catalog(d);
	struct detect *w = detect_new(d);
	size_t failed = 0;
	*total = 0;
	for (size_t i = 0; i < c->npatterns; i++) {
		const struct pattern *p = c->patterns[i];
		failed += lacks_match(p, say, payload);
		for (size_t k = 0; k < p->nexamples; k++) {
			++*total;
			if (example_holds(c, w, p, &p->examples[k]))
				continue;
			struct buf line = { 0 };
			failed++;
			buf_addf(&line, "%s: %s: example %zu should%s match", p->file, p->id, k + 1, p->examples[k].match ? "" : " not");
			say(payload, buf_str(&line));
			buf_release(&line);
		}
	}
	detect_free(w);
	return failed;
}
