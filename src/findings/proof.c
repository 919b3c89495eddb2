/* proof.c: requests on one side, secrets on the other.
 *
 *   request of AKIA...X  --first-->  secrets paired with AKIA...X     --then-->  all others that are not proven for another ID
 *
 * One proof settles a key ID and its secret for good: its other requests are tried with that secret only. */
#include "findings/proof.h"

#include <stdlib.h>

#include "util/alloc.h"

#define SECRET 40         /* length of a secret access key */
#define REQUESTS_OF_ID 8u /* so many of one key ID's requests are tried with secrets of other IDs or none */

struct candidate {
	const struct ledger_credential *c;
	const char *id; /* the key ID that it is proven for, or NULL */
};

struct proving {
	struct candidate *list; /* in order of secret and key ID; a secret may be there with several IDs */
	size_t len, cap;
	struct proof_stats stats;
};

static bool has_secret(const struct ledger_credential *c)
{
	return c->secret_len == SECRET && !c->example;
}

static bool is_ses(const struct ledger_credential *c)
{
	return !strcmp(c->kind, "ses-smtp-password") && c->secret_len == 44;
}

static int by_secret(const void *a, const void *b)
{
	const struct ledger_credential *x = ((const struct candidate *)a)->c, *y = ((const struct candidate *)b)->c;
	int d = memcmp(x->secret, y->secret, SECRET);
	return d ? d : strcmp(x->key_id, y->key_id);
}

static void collect(struct proving *p, const struct ledger *l)
{
	for (size_t i = 0; i < l->ncredentials; i++) {
		if (!has_secret(&l->credentials[i]))
			continue;
		ALLOC_GROW(p->list, p->len + 1, p->cap);
		p->list[p->len++] = (struct candidate){ &l->credentials[i], NULL };
	}
}

static void mark_proven(struct proving *p, size_t at, const char *id)
{
	const char *secret = p->list[at].c->secret;
	for (size_t i = at; i > 0 && !memcmp(p->list[i - 1].c->secret, secret, SECRET); i--)
		p->list[i - 1].id = id;
	for (size_t i = at; i < p->len && !memcmp(p->list[i].c->secret, secret, SECRET); i++)
		p->list[i].id = id;
}

/* Something to try secrets on: a request, or an SES password. */
struct target {
	const char *key_id;
	const struct claim *claim;
	const struct ledger_credential *ses;
};

static bool try_one(struct proving *p, const struct target *t, size_t i)
{
	struct bytes secret = bytes_of(p->list[i].c->secret, SECRET);
	if (p->stats.tries >= PROOF_TRIES_MAX) {
		p->stats.more = true;
		return false;
	}
	if (t->claim)
		return claim_proven(t->claim, secret, &p->stats.tries);
	return sign_made_ses_password(secret, bytes_of(t->ses->secret, t->ses->secret_len), &p->stats.tries);
}

/* The first candidate that makes the signature, or -1. `own`: among those of the same ID; else among those of no ID known yet. */
static int64_t find(struct proving *p, const struct target *t, bool own)
{
	for (size_t i = 0; i < p->len; i++) {
		const struct candidate *c = &p->list[i];
		bool settled = c->id && *c->id, same = *t->key_id && !strcmp(settled ? c->id : c->c->key_id, t->key_id);
		if (own ? !same : (same || (settled && *t->key_id)))
			continue;
		if (!own && i && !memcmp(p->list[i - 1].c->secret, c->c->secret, SECRET))
			continue; /* tried a moment ago */
		if (try_one(p, t, i))
			return (int64_t)i;
	}
	return -1;
}

static bool id_is_proven(const struct proving *p, const char *id)
{
	for (size_t i = 0; i < p->len; i++)
		if (p->list[i].id && !strcmp(p->list[i].id, id))
			return true;
	return false;
}

static bool prove(struct proving *p, const struct target *t, bool others)
{
	int64_t at = find(p, t, true);
	if (at < 0 && others && !(*t->key_id && id_is_proven(p, t->key_id)))
		at = find(p, t, false);
	if (at < 0)
		return false;
	p->stats.proven++;
	/* What a string to sign alone does not tell, the pair says. */
	const char *id = *t->key_id ? t->key_id : p->list[at].c->key_id;
	if (*id)
		mark_proven(p, (size_t)at, id);
	else if (!p->list[at].id)
		mark_proven(p, (size_t)at, "");
	return true;
}

static void add_evidence(struct ledger_credential *c, const char *words)
{
	for (unsigned i = 0; i < c->nevidence; i++)
		if (!strcmp(c->evidence[i], words))
			return;
	if (c->nevidence == EVIDENCE_MAX)
		c->nevidence--;
	c->evidence[c->nevidence++] = words;
}

static void set_verified(struct ledger_credential *c)
{
	c->confidence = LEVEL_HIGH;
	add_evidence(c, EVIDENCE_SIGNATURE);
}

static void prove_requests(struct proving *p, const struct signed_set *set, bool *verified)
{
	unsigned of_id = 0;
	p->stats.more |= set->more;
	for (size_t i = 0; i < set->len; i++) {
		KH_CLEANUP(claim_release) struct claim c = { .key_id = "" };
		const struct signed_text *s = &set->list[i];
		of_id = i && !strcmp(set->list[i - 1].key_id, s->key_id) ? of_id + 1 : 0;
		if (!signed_claim(&c, s))
			continue;
		struct target t = { s->key_id, &c, NULL };
		p->stats.requests++;
		verified[i] = prove(p, &t, of_id < REQUESTS_OF_ID);
	}
}

static void prove_ses(struct proving *p, struct ledger *l)
{
	for (size_t i = 0; i < l->ncredentials; i++) {
		struct ledger_credential *c = &l->credentials[i];
		struct target t = { c->key_id, NULL, c };
		if (!is_ses(c))
			continue;
		p->stats.requests++;
		if (prove(p, &t, true))
			set_verified(c);
	}
}

/* A signed URL or token that was verified itself: one of its credentials' texts holds its signature. */
static bool url_verified(const struct ledger_credential *c, const struct signed_set *set, const bool *verified)
{
	static const char *const kinds[] = { "presigned-url", "rds-auth-token", "eks-token", "bedrock-short-term-key" };
	bool is = false;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		is |= !strcmp(c->kind, kinds[i]);
	for (size_t i = 0; is && i < set->len; i++) {
		const struct signed_text *s = &set->list[i];
		if (!verified[i] || !*s->key_id || strcmp(s->key_id, c->key_id))
			continue;
		if (!c->secret_len || memmem(s->text, s->len, c->secret, c->secret_len) || s->type == SIGNED_URL)
			return true;
	}
	return false;
}

static void apply_secret(struct ledger_credential *c, const char *id)
{
	if (*c->key_id && *id && strcmp(c->key_id, id)) {
		if (c->confidence > LEVEL_MEDIUM)
			c->confidence = LEVEL_MEDIUM;
		add_evidence(c, EVIDENCE_OTHER_ID);
		return;
	}
	set_verified(c);
	if (!*c->key_id && *id) {
		memcpy(c->proven_id, id, strlen(id) + 1);
		if (!memcmp(id, "AKIA", 4))
			c->severity = LEVEL_CRITICAL;
	}
}

static void apply(struct proving *p, struct ledger *l, const struct signed_set *set, const bool *verified)
{
	for (size_t i = 0; i < l->ncredentials; i++) {
		struct ledger_credential *c = &l->credentials[i];
		const struct candidate key = { c, NULL }, *found = NULL;
		if (has_secret(c))
			found = bsearch(&key, p->list, p->len, sizeof *p->list, by_secret);
		if (found && found->id)
			apply_secret(c, found->id);
		else if (!strcmp(c->kind, "access-key-id") && id_is_proven(p, c->key_id))
			set_verified(c);
		else if (url_verified(c, set, verified))
			set_verified(c);
	}
}

struct proof_stats proof_apply(struct ledger *l, struct ledger *allowed, struct signed_set *set)
{
	struct proving p = { 0 };
	collect(&p, l);
	collect(&p, allowed);
	if (!p.len)
		return p.stats;
	signed_settle(set);
	qsort(p.list, p.len, sizeof *p.list, by_secret);
	KH_CLEANUP(free_ptr) bool *verified = xcalloc(set->len + 1, sizeof *verified);
	prove_requests(&p, set, verified);
	prove_ses(&p, l);
	prove_ses(&p, allowed);
	if (p.stats.proven) {
		apply(&p, l, set, verified);
		apply(&p, allowed, set, verified);
	}
	free(p.list);
	return p.stats;
}
