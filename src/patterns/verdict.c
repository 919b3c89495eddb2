/* verdict.c: what a pair, or half of one, means.
 *
 *   ID + secret          access-key-pair          (AKIA: critical, ASIA: high)
 *   ASIA + secret + token temporary-credentials
 *   secret, named         secret-access-key
 *   ID as a value         access-key-id            ID elsewhere: key-id-mention
 *   token                 session-token            whatever was published: example-key */
#include "patterns/verdict.h"

#include <stdlib.h>

#include "patterns/allow.h"
#include "patterns/expiry.h"
#include "patterns/known.h"
#include "util/alloc.h"

void verdict_clear(struct verdict *v, struct bytes data)
{
	v->len = 0;
	v->data = data;
}

void verdict_release(struct verdict *v)
{
	free(v->list);
}

static struct credential *push(struct verdict *v)
{
	ALLOC_GROW(v->list, v->len + 1, v->cap);
	struct credential *c = &v->list[v->len++];
	*c = (struct credential){ 0 };
	return c;
}

static void say(struct credential *c, bool holds, const char *evidence)
{
	if (holds && c->nevidence < EVIDENCE_MAX)
		c->evidence[c->nevidence++] = evidence;
}

static const char *encoding_words(enum encoding e)
{
	static const char *const words[] = { "plain", "utf-16le", "utf-16be", "base64", "database-row", "escaped" };
	return words[e];
}

static const char *pattern_id(const struct catalog *c, enum role role)
{
	for (size_t i = 0; i < c->npatterns; i++)
		if (c->patterns[i]->role == role)
			return c->patterns[i]->id;
	return "";
}

#define NEIGHBOUR 256u /* bytes either side in which an ID of LocalStack's makes a secret LocalStack's too */

struct making {
	struct verdict *v;
	const struct catalog *catalog;
	const struct atoms *a;
	struct pairing *p;
	bool alone;
	bool allowed; /* the turn: first what nobody allowed, then what somebody did */
};

static bool atom_allowed(const struct making *m, const struct atom *t)
{
	return m->v->marked && allow_marks(m->v->data, t->from);
}

static struct bytes value(const struct making *m, const struct atom *t)
{
	return bytes_of(atom_text(m->a, t), t->len);
}

static void set_example(struct credential *c, const char *why)
{
	c->example = true;
	c->kind = "example-key";
	c->severity = c->confidence = LEVEL_LOW;
	say(c, true, why);
}

static struct credential *begin(struct making *m, const struct atom *t, const char *kind, enum role role, enum level severity, enum level confidence)
{
	struct credential *c = push(m->v);
	c->kind = kind;
	c->pattern = pattern_id(m->catalog, role);
	c->severity = severity;
	c->confidence = confidence;
	c->offset = c->other = t->from;
	c->allowed = m->allowed;
	say(c, t->encoding != ENC_PLAIN, encoding_words(t->encoding));
	say(c, t->escaped, "escaped");
	say(c, t->joined, "joined-literals");
	if (t->example)
		set_example(c, "published-example");
	return c;
}

static void set_id(struct making *m, struct credential *c, const struct atom *id)
{
	memcpy(c->key_id, atom_text(m->a, id), KEY_ID_LEN);
	if (id->id_shape != ID_EXAMPLE && shape_account(c->account_id, atom_text(m->a, id))) {
		say(c, true, "account-id");
		c->canary = known_canary(c->account_id);
		say(c, c->canary, "canary-account");
		say(c, known_test_account(c->account_id), "test-account");
	}
	say(c, id->id_shape == ID_OLD, "old-generation");
	say(c, shape_first_id(atom_text(m->a, id)), "first-generation");
}

static void set_half(struct credential *c, const struct atom *t)
{
	if (t->from < c->offset) {
		c->other = c->offset;
		c->offset = t->from;
	} else if (c->other == c->offset) {
		c->other = t->from;
	}
}

/* What has expired opens nothing any more. */
static void set_expiry(const struct verdict *v, struct credential *c, const struct atom *id, const struct atom *secret, const struct atom *token)
{
	uint32_t from = id->from < secret->from ? id->from : secret->from, to = id->to > secret->to ? id->to : secret->to;
	if (token) {
		from = token->from < from ? token->from : from;
		to = token->to > to ? token->to : to;
	}
	int64_t until = to <= v->data.len ? expiry_of(v->data, from, to) : 0;
	say(c, until > v->now, "expires-later");
	if (!until || until > v->now)
		return;
	c->severity = LEVEL_LOW;
	say(c, true, "expired");
}

static void make_pair(struct making *m, uint32_t index)
{
	const struct atom *id = &m->a->list[index], *secret = &m->a->list[id->partner];
	const struct atom *token = id->token >= 0 ? &m->a->list[id->token] : NULL;
	bool temporary = atom_temporary(m->a, id);
	bool allowed = atom_allowed(m, id) || atom_allowed(m, secret);
	if (allowed != m->allowed || (pair_seen(m->p, m->a, index, false) && pair_seen(m->p, m->a, (uint32_t)id->partner, false)))
		return;
	pair_seen(m->p, m->a, index, true);
	pair_seen(m->p, m->a, (uint32_t)id->partner, true);
	if (token)
		pair_seen(m->p, m->a, (uint32_t)id->token, true);
	bool far = m->alone && secret->name < NAME_SECRET && (secret->from > id->to ? secret->from - id->to : id->from - secret->to) > 4096;
	struct credential *c = begin(m, id, temporary && token ? "temporary-credentials" : "access-key-pair", ROLE_KEY_ID,
				     temporary ? LEVEL_HIGH : LEVEL_CRITICAL, far ? LEVEL_MEDIUM : LEVEL_HIGH);
	set_id(m, c, id);
	c->secret = value(m, secret);
	set_half(c, secret);
	say(c, secret->encoding != ENC_PLAIN && secret->encoding != id->encoding, encoding_words(secret->encoding));
	say(c, secret->escaped && !id->escaped, "escaped");
	say(c, secret->joined && !id->joined, "joined-literals");
	say(c, true, "near-secret");
	say(c, secret->name >= NAME_SECRET, "named-secret");
	say(c, far, "only-candidate");
	say(c, id->stem && id->stem == secret->stem, "same-stem");
	if (id->stem && secret->stem && id->stem != secret->stem) {
		c->confidence = c->confidence > LEVEL_MEDIUM ? LEVEL_MEDIUM : c->confidence;
		say(c, true, "other-stem");
	}
	say(c, id->twin == id->partner, "same-place");
	if (token) {
		c->token = value(m, token);
		say(c, true, "session-token");
	}
	if (temporary)
		set_expiry(m->v, c, id, secret, token);
}

/* It opens something, but nothing of AWS's. */
static void set_foreign(struct credential *c)
{
	c->kind = "other-provider-key";
	c->severity = c->confidence = LEVEL_LOW;
	say(c, true, "other-provider-id");
}

/* Who makes up a key ID makes up its secret. */
static void set_invented(struct credential *c)
{
	c->confidence = LEVEL_LOW;
	say(c, true, "impossible-key-id");
}

static struct bytes neighbourhood(const struct making *m, const struct atom *t)
{
	size_t from = t->from > NEIGHBOUR ? t->from - NEIGHBOUR : 0, to = t->to + NEIGHBOUR < m->v->data.len ? t->to + NEIGHBOUR : m->v->data.len;
	return bytes_of(m->v->data.ptr + from, to - from);
}

static void make_secret(struct making *m, uint32_t index)
{
	const struct atom *t = &m->a->list[index];
	if (t->name < NAME_SECTION_SECRET || atom_allowed(m, t) != m->allowed || pair_seen(m->p, m->a, index, true))
		return;
	struct credential *c = begin(m, t, "secret-access-key", ROLE_SECRET, LEVEL_HIGH, LEVEL_MEDIUM);
	c->secret = value(m, t);
	c->stem = t->stem;
	say(c, true, "named-secret");
	struct bytes near = neighbourhood(m, t);
	if (known_localstack_id(near.ptr, near.len))
		set_example(c, "localstack");
	else if (!t->example && known_foreign_id(near.ptr, near.len))
		set_foreign(c);
	else if (!t->example && known_invented_id(near.ptr, near.len))
		set_invented(c);
}

static void make_bare(struct making *m, uint32_t index)
{
	const struct atom *t = &m->a->list[index];
	struct bytes near = neighbourhood(m, t);
	if (atom_allowed(m, t) != m->allowed || pair_seen(m->p, m->a, index, true))
		return;
	if (known_localstack_id(near.ptr, near.len) || known_foreign_id(near.ptr, near.len) || known_invented_id(near.ptr, near.len))
		return; /* somebody else's, or made up */
	struct credential *c = begin(m, t, "secret-access-key", ROLE_BARE, LEVEL_HIGH, LEVEL_LOW);
	c->secret = value(m, t);
	say(c, true, EVIDENCE_RANDOM);
}

static void make_token(struct making *m, uint32_t index)
{
	const struct atom *t = &m->a->list[index];
	if (atom_allowed(m, t) != m->allowed || pair_seen(m->p, m->a, index, true))
		return;
	struct credential *c = begin(m, t, "session-token", ROLE_SESSION_TOKEN, LEVEL_LOW, LEVEL_MEDIUM);
	c->secret = value(m, t);
	c->stem = t->stem;
	say(c, true, "token-prefix");
	if (t->partner >= 0) {
		set_id(m, c, &m->a->list[t->partner]);
		pair_seen(m->p, m->a, (uint32_t)t->partner, true);
	}
}

static void make_id(struct making *m, uint32_t index, bool in_place)
{
	const struct atom *t = &m->a->list[index];
	if (t->id_shape == ID_WEAK || (t->place == ID_IN_PLACE) != in_place || (t->id_shape == ID_LETTERS && !in_place))
		return;
	if (atom_allowed(m, t) != m->allowed || pair_seen(m->p, m->a, index, true))
		return;
	struct credential *c = begin(m, t, in_place ? "access-key-id" : "key-id-mention", ROLE_KEY_ID, LEVEL_LOW, in_place ? LEVEL_MEDIUM : LEVEL_LOW);
	set_id(m, c, t);
	c->stem = t->stem;
	say(c, in_place, "in-place");
	say(c, !in_place, "mentioned");
}

/* Pairs first: what belongs to one is not said again alone, wherever it stands. */
void verdict_atoms(struct verdict *v, const struct catalog *catalog, const struct atoms *a, struct pairing *p, bool alone)
{
	v->marked = a->len && allow_anywhere(v->data);
	pair_reset(p, a->len);
	for (unsigned turn = 0; turn < 10; turn++) {
		struct making m = { v, catalog, a, p, alone, turn % 2 };
		if (m.allowed && !v->marked)
			continue;
		for (uint32_t i = 0; i < a->len; i++) {
			const struct atom *t = &a->list[i];
			bool single = t->partner < 0;
			if (t->bare) {
				if (turn / 2 == 4)
					make_bare(&m, i);
			} else if (turn / 2 == 0 && t->type == ATOM_ID && !single)
				make_pair(&m, i);
			else if (turn / 2 == 1 && t->type == ATOM_SECRET && single)
				make_secret(&m, i);
			else if (turn / 2 == 1 && t->type == ATOM_TOKEN && (single || a->list[t->partner].partner < 0))
				make_token(&m, i);
			else if ((turn / 2 == 2 || turn / 2 == 3) && t->type == ATOM_ID && single)
				make_id(&m, i, turn / 2 == 2);
		}
	}
}

void verdict_wholes(struct verdict *v, const struct wholes *w)
{
	size_t kept = 0;
	for (size_t i = 0; i < v->len && w->len; i++) {
		const struct credential *c = &v->list[i];
		if ((strcmp(c->kind, "access-key-id") && strcmp(c->kind, "key-id-mention")) || !wholes_name(w, c->key_id))
			v->list[kept++] = *c;
	}
	v->len = w->len ? kept : v->len;
	verdict_advice(v, w);
}

void verdict_advice(struct verdict *v, const struct wholes *w)
{
	for (size_t i = 0; i < w->len; i++) {
		struct credential *c = push(v);
		*c = w->list[i].c;
		c->allowed = allow_marks(v->data, c->offset);
	}
}

static int by_offset(const void *x, const void *y)
{
	const struct credential *a = x, *b = y;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	int d = strcmp(a->kind, b->kind);
	return d ? d : strcmp(a->key_id, b->key_id);
}

void verdict_finish(struct verdict *v)
{
	if (v->len > 1)
		qsort(v->list, v->len, sizeof *v->list, by_offset);
}
