/* pair.c: nearest first, with lines and ends of blocks as distance.
 *
 *   cost(ID, secret) = bytes between + lines + ends of blocks - a name that says so
 *
 * A stem (FOO in FOO_ACCESS_KEY_ID) outweighs distance, and so does the place in two lists of equal length:
 *
 *   ids = [ID1, ID2]  secrets = [SECRET1, SECRET2]
 *
 * All pairs that may be are listed (a bounded number for each ID), sorted by cost, and taken greedily; an atom is
 * taken once. Whether IDs or secrets come first in this text decides between neighbours on both sides. */
#include "patterns/pair.h"

#include <stdlib.h>

#include "util/alloc.h"

#define REACH 4096      /* bytes */
#define SIDE 12         /* atoms looked at on each side of an ID */
#define UNNAMED_REACH 1200
#define UNNAMED_LINES 10
#define BASE 1000       /* the cost of a pair side by side */
#define SAME_STEM 800   /* taken off */
#define OTHER_STEM 20000
#define NOT_TWIN 2000
#define OTHER_LANE 1000 /* one commented out and the other not, one taken away by a patch and the other added */
#define ROW_LINES 3
#define ROW_BYTES 300

void pairing_release(struct pairing *p)
{
	free(p->list);
	free(p->table);
	*p = (struct pairing){ 0 };
}

static int by_place(const void *x, const void *y)
{
	const struct atom *a = x, *b = y;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->text < b->text ? -1 : a->text > b->text;
}

static int by_cost(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;
	if (a->cost != b->cost)
		return a->cost < b->cost ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->secret < b->secret ? -1 : a->secret > b->secret;
}

/* CLIENT_SECRET is no credential of AWS's, but CLIENT_ACCESS_KEY and CLIENT_SECRET_KEY are one if the first is a key ID. */
static bool has_namesake(const struct atoms *a, size_t secret)
{
	const struct atom *s = &a->list[secret];
	size_t from = secret > SIDE ? secret - SIDE : 0, to = a->len - secret > SIDE ? secret + SIDE : a->len;
	for (size_t i = from; i < to; i++)
		if (a->list[i].type == ATOM_ID && s->stem && a->list[i].stem == s->stem)
			return true;
	return false;
}

void pair_drop_foreign(struct atoms *a)
{
	size_t kept = 0;
	for (size_t i = 0; i < a->len; i++) {
		struct atom *t = &a->list[i];
		if (t->type == ATOM_SECRET && t->name == NAME_FOREIGN)
			t->name = has_namesake(a, i) ? NAME_SECRET : NAME_OTHER;
		/* The section speaks of AWS, but the secret it speaks of is elsewhere. */
		if (t->type == ATOM_SECRET && t->name == NAME_SECTION_SECRET && i && t[-1].type == ATOM_ID && t[-1].elsewhere)
			t->name = NAME_SECRET;
	}
	for (size_t i = 0; i < a->len; i++)
		if (a->list[i].type != ATOM_SECRET || a->list[i].name != NAME_OTHER)
			a->list[kept++] = a->list[i];
	a->len = kept;
}

static uint32_t gap(const struct atom *a, const struct atom *b)
{
	return a->from < b->from ? (b->from > a->to ? b->from - a->to : 0) : a->from > b->to ? a->from - b->to : 0;
}

static uint32_t apart(uint32_t a, uint32_t b)
{
	return a < b ? b - a : a - b;
}

static bool other_lane(const struct atom *x, const struct atom *y)
{
	return (x->lane ^ y->lane) & LANE_COMMENT || ((x->lane | y->lane) & (LANE_MINUS | LANE_PLUS)) == (LANE_MINUS | LANE_PLUS);
}

/* Cells of two rows of one table, whose columns say what is the key ID and what the secret. */
static bool other_row(const struct atom *x, const struct atom *y)
{
	return x->table && x->table == y->table && x->line != y->line;
}

static void list_pair(struct pairing *p, const struct atoms *a, uint32_t id, uint32_t secret, bool secrets_first)
{
	const struct atom *i = &a->list[id], *s = &a->list[secret];
	uint32_t bytes = gap(i, s), lines = apart(i->line, s->line), blocks = apart(i->block, s->block), dedents = apart(i->dedent, s->dedent);
	/* A published ID does not make the secret beside it an example: somebody may have filled in only the secret. An ID of a
	 * test account does: such IDs are made by the tools that make the secret. */
	bool test_account = i->example && i->id_shape != ID_EXAMPLE;
	if ((i->example != s->example && !test_account) || bytes > REACH || other_row(i, s) || (i->elsewhere && s->name < NAME_AWS_SECRET))
		return;
	if (s->name < NAME_SECRET && (bytes > UNNAMED_REACH || lines > UNNAMED_LINES || (blocks > 2 && lines > 3)))
		return;
	uint32_t cost = BASE + bytes + 100 * (lines < 1000 ? lines : 1000) + 400 * (blocks < 100 ? blocks : 100) + 300 * (dedents < 10 ? dedents : 10);
	cost -= s->name >= NAME_SECRET ? 400 : s->name == NAME_KEY ? 100 : 0;
	if ((s->from < i->from) != secrets_first)
		cost += 150;
	if (i->stem && s->stem)
		cost = i->stem != s->stem ? cost + OTHER_STEM : cost > SAME_STEM ? cost - SAME_STEM : 0;
	else if (i->label && i->label == s->label)
		cost = cost > SAME_STEM ? cost - SAME_STEM : 0;
	cost += other_lane(i, s) ? OTHER_LANE : 0;
	if ((i->twin >= 0 || s->twin >= 0) && i->twin != (int32_t)secret)
		cost += NOT_TWIN;
	cost = i->colon && i->colon == s->from ? 0 : cost; /* "ID:secret", whatever names other secrets have */
	ALLOC_GROW(p->list, p->len + 1, p->cap);
	p->list[p->len++] = (struct pair){ cost, id, secret };
}

static void list_pairs(struct pairing *p, const struct atoms *a, bool secrets_first)
{
	p->len = 0;
	for (uint32_t id = 0; id < a->len; id++) {
		if (a->list[id].type != ATOM_ID)
			continue;
		for (uint32_t n = 1; n <= SIDE && n <= id && gap(&a->list[id - n], &a->list[id]) <= REACH; n++)
			if (a->list[id - n].type == ATOM_SECRET)
				list_pair(p, a, id, id - n, secrets_first);
		for (uint32_t n = 1; n <= SIDE && id + n < a->len && gap(&a->list[id + n], &a->list[id]) <= REACH; n++)
			if (a->list[id + n].type == ATOM_SECRET)
				list_pair(p, a, id, id + n, secrets_first);
	}
}

static bool same_text(const struct atoms *a, uint32_t x, uint32_t y)
{
	const struct atom *s = &a->list[x], *t = &a->list[y];
	return s->len == t->len && !memcmp(atom_text(a, s), atom_text(a, t), s->len);
}

/* Nothing ends between them, and little stands there: the commented-out line before the new one, the entries of a dictionary. */
static bool next_line(const struct atom *x, const struct atom *y)
{
	return x->block == y->block && x->dedent == y->dedent && apart(x->line, y->line) <= ROW_LINES && gap(x, y) <= ROW_BYTES;
}

/* How many atoms from `i` on are of one type, each with a text of its own, one following the other: with nothing but punctuation
 * between (`strict`), or in the same block. */
static uint32_t row_length(const struct atoms *a, uint32_t i, bool strict)
{
	uint32_t n = 1;
	for (; i + n < a->len && n <= SIDE; n++) {
		const struct atom *t = &a->list[i + n];
		if (t->type != a->list[i].type || same_text(a, i + n - 1, i + n) || !(t->follows || (!strict && next_line(t - 1, t))))
			break;
	}
	return n;
}

/* Is there a row at `i`, and behind it one of as many of the other type? In rows that are none but for their order names must agree. */
static uint32_t twin_rows(const struct atoms *a, uint32_t i, bool strict)
{
	uint32_t n = row_length(a, i, strict), next = i + n;
	bool rows = n > 1 && a->list[i].type != ATOM_TOKEN && next < a->len && a->list[next].type != ATOM_TOKEN && row_length(a, next, strict) == n;
	for (uint32_t k = 0; rows && !strict && k < n; k++) {
		const struct atom *x = &a->list[i + k], *y = &a->list[next + k];
		rows = x->stem == y->stem && x->lane == y->lane && (!x->label || !y->label || x->label == y->label);
	}
	return rows ? n : 0;
}

/* A row of IDs and a row of as many secrets, one after the other: the first belongs to the first; a row of tokens behind them. */
static void find_twins(struct atoms *a)
{
	for (uint32_t i = 0; i < a->len;) {
		uint32_t n = twin_rows(a, i, true);
		if (!n)
			n = twin_rows(a, i, false);
		bool rows = n > 0;
		uint32_t next = i + (rows ? n : row_length(a, i, true));
		for (uint32_t k = 0; rows && k < n; k++) {
			a->list[i + k].twin = (int32_t)(next + k);
			a->list[next + k].twin = (int32_t)(i + k);
		}
		i = rows ? next + n : next;
		bool tokens = rows && i < a->len && a->list[i].type == ATOM_TOKEN && row_length(a, i, false) == n;
		for (uint32_t k = 0; tokens && k < n; k++)
			a->list[i + k].twin = (int32_t)(next + k);
	}
}

/* Texts that have a partner already, as a set of the atoms that hold them. */
bool pair_seen(struct pairing *p, const struct atoms *a, uint32_t atom, bool add)
{
	const struct atom *t = &a->list[atom];
	const uint8_t *s = atom_text(a, t);
	uint64_t h = 1469598103934665603ull;
	for (uint32_t i = 0; i < t->len; i++)
		h = (h ^ s[i]) * 1099511628211ull;
	for (size_t i = h;; i++) {
		uint32_t *slot = &p->table[i & (p->table_size - 1)];
		if (!*slot) {
			if (add)
				*slot = atom + 1;
			return false;
		}
		const struct atom *o = &a->list[*slot - 1];
		if (o->type == t->type && o->len == t->len && !memcmp(atom_text(a, o), s, t->len))
			return true;
	}
}

void pair_reset(struct pairing *p, size_t atoms)
{
	size_t size = 64;
	while (size < 2 * atoms + 2)
		size *= 2;
	if (size > p->table_size) {
		p->table = xrealloc(p->table, size, sizeof *p->table);
		p->table_size = size;
	}
	memset(p->table, 0, p->table_size * sizeof *p->table);
}

static void join(struct atoms *a, uint32_t id, uint32_t secret)
{
	a->list[id].partner = (int32_t)secret;
	a->list[secret].partner = (int32_t)id;
}

/* In different sections, with a pair of another section between: [old] has an ID only, [new] both, [next] a secret only. */
static bool over_a_pair(const struct atoms *a, uint32_t x, uint32_t y)
{
	uint32_t from = x < y ? x : y, to = x < y ? y : x;
	uint32_t stem = a->list[x].stem;
	if (a->list[x].section == a->list[y].section || (stem && stem == a->list[y].stem))
		return false;
	for (uint32_t i = from + 1; i < to; i++) {
		int32_t partner = a->list[i].partner;
		if (partner > (int32_t)from && partner < (int32_t)to && a->list[i].section != a->list[from].section && a->list[i].section != a->list[to].section)
			return true;
	}
	return false;
}

static void take_pairs(struct pairing *p, struct atoms *a)
{
	for (size_t i = 0; i < p->len; i++) {
		const struct pair *q = &p->list[i];
		if (a->list[q->id].partner >= 0 || a->list[q->secret].partner >= 0)
			continue;
		/* An ID that has its secret elsewhere takes another only from close by, and not an unnamed one. */
		if (pair_seen(p, a, q->id, false) && (a->list[q->secret].name < NAME_SECRET ? q->cost > 1150 : q->cost > 1500))
			continue;
		if (over_a_pair(a, q->id, q->secret))
			continue;
		join(a, q->id, q->secret);
		pair_seen(p, a, q->id, true);
	}
}

/* The one ID and the one secret that are left in the whole text, whatever the distance. */
static void pair_last(struct pairing *p, struct atoms *a, bool alone)
{
	int64_t id = -1, secret = -1;
	for (uint32_t i = 0; i < a->len; i++) {
		const struct atom *t = &a->list[i];
		if (t->type == ATOM_TOKEN || t->example || t->partner >= 0 || (t->type == ATOM_SECRET && t->name < NAME_SECRET && !alone))
			continue;
		int64_t *one = t->type == ATOM_ID ? &id : &secret;
		if (t->type == ATOM_ID && (t->elsewhere || pair_seen(p, a, i, false)))
			continue;
		if (*one >= 0 && memcmp(atom_text(a, &a->list[*one]), atom_text(a, t), t->len))
			return;
		if (*one < 0)
			*one = i;
	}
	if (id >= 0 && secret >= 0 && !other_row(&a->list[id], &a->list[secret]) && !over_a_pair(a, (uint32_t)id, (uint32_t)secret))
		join(a, (uint32_t)id, (uint32_t)secret);
}

/* A token and what stands near it: an ID, or a secret that has one. */
static void list_token(struct pairing *p, const struct atoms *a, uint32_t token, uint32_t near)
{
	const struct atom *t = &a->list[token], *o = &a->list[near];
	uint32_t id = o->type == ATOM_SECRET && o->partner >= 0 ? (uint32_t)o->partner : near;
	const struct atom *i = &a->list[id];
	if (i->type != ATOM_ID || (i->example != t->example && !(i->example && i->id_shape != ID_EXAMPLE)) || !atom_temporary(a, i))
		return;
	uint64_t cost = gap(o, t) + 100ull * apart(o->line, t->line) + 400ull * apart(o->block, t->block);
	if (cost >= REACH)
		return;
	cost += BASE + 300 * (uint64_t)apart(o->dedent, t->dedent);
	if (t->from < o->from && a->list[0].type != ATOM_TOKEN)
		cost += 150; /* a token comes last */
	cost += other_lane(o, t) ? OTHER_LANE : 0;
	cost += t->twin >= 0 && t->twin != (int32_t)near ? NOT_TWIN : 0;
	cost += i->stem && t->stem && i->stem != t->stem ? OTHER_STEM : 0;
	cost -= i->stem && i->stem == t->stem ? SAME_STEM : 0;
	ALLOC_GROW(p->list, p->len + 1, p->cap);
	p->list[p->len++] = (struct pair){ (uint32_t)cost, id, token };
}

/* Each token to an ASIA, by way of its secret if it has one. */
static void pair_tokens(struct pairing *p, struct atoms *a)
{
	p->len = 0;
	for (uint32_t t = 0; t < a->len; t++)
		for (uint32_t n = 1; a->list[t].type == ATOM_TOKEN && n <= SIDE; n++) {
			if (t >= n)
				list_token(p, a, t, t - n);
			if (t + n < a->len)
				list_token(p, a, t, t + n);
		}
	if (p->len > 1)
		qsort(p->list, p->len, sizeof *p->list, by_cost);
	for (size_t k = 0; k < p->len; k++) {
		struct atom *id = &a->list[p->list[k].id], *token = &a->list[p->list[k].secret];
		if (id->token >= 0 || token->partner >= 0)
			continue;
		id->token = (int32_t)p->list[k].secret;
		token->partner = (int32_t)p->list[k].id;
	}
}

static bool secrets_come_first(const struct atoms *a)
{
	int64_t first = -1, last = -1;
	for (size_t i = 0; i < a->len; i++) {
		if (a->list[i].type == ATOM_TOKEN)
			continue;
		if (first < 0)
			first = (int64_t)i;
		last = (int64_t)i;
	}
	return first >= 0 && a->list[first].type == ATOM_SECRET && a->list[last].type == ATOM_ID;
}

void pair_atoms(struct pairing *p, struct atoms *a, bool alone)
{
	bool sorted = true;
	for (size_t i = 0; i < a->len; i++) {
		a->list[i].partner = a->list[i].token = a->list[i].twin = -1;
		sorted = sorted && (!i || by_place(&a->list[i - 1], &a->list[i]) <= 0);
	}
	if (!sorted)
		qsort(a->list, a->len, sizeof *a->list, by_place);
	pair_reset(p, a->len);
	find_twins(a);
	list_pairs(p, a, secrets_come_first(a));
	if (p->len > 1)
		qsort(p->list, p->len, sizeof *p->list, by_cost);
	take_pairs(p, a);
	pair_last(p, a, alone);
	pair_tokens(p, a);
}
