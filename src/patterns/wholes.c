/* wholes.c: one credential is often met more than once: by two literals, in two spellings, and its parts by the patterns
 * of parts.
 *
 *   k8s-aws-v1.aHR0cHM6...      eks-token           [--------------------]   stays
 *             .....             presigned-url         [-----------]          lies inside: goes
 *               ....            key ID                  [--]                 goes, too */
#include "patterns/wholes.h"

#include <stdlib.h>

#include "util/alloc.h"

#define TOGETHER 4096 /* bytes between findings of one kind of which only the highest rank counts */

void wholes_clear(struct wholes *w)
{
	w->len = 0;
	buf_clear(&w->text);
}

void wholes_release(struct wholes *w)
{
	if (w->text.ptr)
		explicit_bzero(w->text.ptr, w->text.cap);
	buf_release(&w->text);
	free(w->list);
}

void wholes_add(struct wholes *w, const struct whole *one)
{
	ALLOC_GROW(w->list, w->len + 1, w->cap);
	w->list[w->len++] = *one;
	buf_add(&w->text, one->c.secret.ptr, one->c.secret.len);
	buf_add(&w->text, one->c.token.ptr, one->c.token.len);
}

static bool inside(uint32_t from, uint32_t to, const struct whole *o)
{
	return (from >= o->from && to <= o->to) || (from >= o->partner_from && to <= o->partner_to);
}

static bool same_bytes(struct bytes a, struct bytes b)
{
	return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
}

/* Advice has no value: what one pattern has to say is said once in a text, of each key. */
static bool same_credential(const struct whole *a, const struct whole *b)
{
	if (a->c.advice || b->c.advice)
		return a->c.advice == b->c.advice && !strcmp(a->c.key_id, b->c.key_id);
	return !strcmp(a->c.kind, b->c.kind) && a->c.secret.len && same_bytes(a->c.secret, b->c.secret) && same_bytes(a->c.token, b->c.token);
}

static bool outranks(const struct whole *a, const struct whole *b)
{
	uint32_t gap = a->from < b->from ? b->from - a->from : a->from - b->from;
	return a->rank > b->rank && b->rank && gap <= TOGETHER && !strcmp(a->c.kind, b->c.kind);
}

/* Does `a` make `b` needless? Of two that say the same the one with an ID stays, then the longer, then the earlier. */
static bool covers(const struct whole *a, const struct whole *b, bool earlier)
{
	if (outranks(a, b))
		return true;
	if (same_credential(a, b)) {
		if (!*a->c.key_id != !*b->c.key_id)
			return *a->c.key_id;
		return earlier;
	}
	if (!inside(b->from, b->to, a))
		return false;
	return a->to - a->from > b->to - b->from || (a->to - a->from == b->to - b->from && earlier);
}

static int by_place(const void *x, const void *y)
{
	const struct whole *a = x, *b = y;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to)
		return a->to > b->to ? -1 : 1;
	return strcmp(a->c.pattern, b->c.pattern);
}

void wholes_settle(struct wholes *w)
{
	const uint8_t *text = (const uint8_t *)w->text.ptr; /* it moved while it grew: only now are places in it final */
	size_t kept = 0;
	for (size_t i = 0; i < w->len; i++) {
		struct credential *c = &w->list[i].c;
		c->secret.ptr = text;
		c->token.ptr = text + c->secret.len;
		text += c->secret.len + c->token.len;
	}
	if (w->len > 1)
		qsort(w->list, w->len, sizeof *w->list, by_place);
	for (size_t i = 0; i < w->len; i++) { /* marked by `to` first, so that all are compared with all that were */
		bool needless = false;
		for (size_t k = i > 512 ? i - 512 : 0; k < w->len && k < i + 512 && !needless; k++)
			needless = k != i && covers(&w->list[k], &w->list[i], k < i);
		w->list[i].rank |= needless ? UINT32_MAX / 2 + 1 : 0;
	}
	for (size_t i = 0; i < w->len; i++)
		if (w->list[i].rank <= UINT32_MAX / 2)
			w->list[kept++] = w->list[i];
	w->len = kept;
}

/* Is it inside one of the wholes, which are sorted and hardly overlap? */
bool wholes_hold(const struct wholes *w, const struct atom *t)
{
	size_t lo = 0, hi = w->len;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (w->list[mid].from <= t->from)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (size_t i = lo; i-- > 0 && lo - i <= 8;)
		if (t->to <= w->list[i].to)
			return true;
	return false;
}

void wholes_swallow(const struct wholes *w, struct atoms *a)
{
	size_t kept = 0;
	for (size_t i = 0; i < a->len; i++)
		if (!wholes_hold(w, &a->list[i]))
			a->list[kept++] = a->list[i];
	a->len = kept;
}

bool wholes_name(const struct wholes *w, const char *key_id)
{
	for (size_t i = 0; i < w->len && *key_id; i++)
		if (!strcmp(w->list[i].c.key_id, key_id))
			return true;
	return false;
}
