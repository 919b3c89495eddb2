/* ledger.c: credentials once, sightings many.
 *
 *   credential ──hash──> slot ──> credentials[n]     (sha256 only when it is new)
 *   sighting = { n, object, line, column, source, name } appended, sorted once at the end
 *
 * What a credential is said to be must not depend on who saw it first: levels are the highest of all sightings, pattern
 * and evidence those of the most confident one, and among equals the smallest in order. So any split of the work over
 * threads, merged in any order, ends in the same ledger. */
#include "findings/ledger.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "findings/siphash.h"
#include "util/alloc.h"

void ledger_init(struct ledger *l)
{
	*l = (struct ledger){ 0 };
	/* Without randomness the table still works; it is only easier to slow down. */
	if (getrandom(l->key, sizeof l->key, GRND_NONBLOCK) != (ssize_t)sizeof l->key)
		l->key[0] = (uintptr_t)l;
}

static void wipe_free(char *s, size_t len)
{
	if (s)
		explicit_bzero(s, len);
	free(s);
}

void ledger_release(struct ledger *l)
{
	for (size_t i = 0; i < l->ncredentials; i++) {
		wipe_free(l->credentials[i].secret, l->credentials[i].secret_len);
		wipe_free(l->credentials[i].token, l->credentials[i].token_len);
	}
	for (size_t i = 0; i < l->nnames; i++)
		free(l->names[i]);
	free(l->credentials);
	free(l->sightings);
	free(l->names);
	free(l->credential_slots.slot);
	free(l->name_slots.slot);
	memset(l, 0, sizeof *l);
}

static void slots_place(struct slots *s, uint64_t slot)
{
	size_t i = (slot >> 32) & (s->size - 1);
	while (s->slot[i])
		i = (i + 1) & (s->size - 1);
	s->slot[i] = slot;
}

static void slots_put(struct slots *s, uint32_t hash, uint32_t number)
{
	if (2 * (s->used + 1) > s->size) {
		struct slots bigger = { .size = s->size ? 2 * s->size : 64, .used = s->used };
		bigger.slot = xcalloc(bigger.size, sizeof *bigger.slot);
		for (size_t i = 0; i < s->size; i++)
			if (s->slot[i])
				slots_place(&bigger, s->slot[i]);
		free(s->slot);
		*s = bigger;
	}
	slots_place(s, (uint64_t)hash << 32 | (number + 1u));
	s->used++;
}

/* The next number stored under `hash`, or -1; `*probe` begins at the hash and is carried from call to call. */
static int64_t slots_next(const struct slots *s, uint32_t hash, size_t *probe)
{
	for (; s->size && s->slot[*probe & (s->size - 1)]; ++*probe) {
		uint64_t slot = s->slot[*probe & (s->size - 1)];
		if (slot >> 32 == hash) {
			++*probe;
			return (int64_t)(slot & UINT32_MAX) - 1;
		}
	}
	return -1;
}

static uint32_t hash_identity(const struct ledger *l, const struct credential *c)
{
	uint64_t h = siphash(l->key, c->key_id, strnlen(c->key_id, sizeof c->key_id));
	const struct bytes parts[] = { c->secret, c->token };
	for (size_t i = 0; i < 2; i++) {
		const uint64_t key[2] = { l->key[0] ^ h, l->key[1] };
		h = siphash(key, parts[i].ptr, parts[i].len);
	}
	return (uint32_t)h;
}

static bool same_bytes(const char *a, size_t len, struct bytes b)
{
	return len == b.len && (!len || !memcmp(a, b.ptr, len));
}

static bool same_str(const char *a, const char *b)
{
	return a == b || !strcmp(a, b);
}

static bool same_identity(const struct ledger_credential *k, const struct credential *c)
{
	return same_str(k->key_id, c->key_id) && same_bytes(k->secret, k->secret_len, c->secret) &&
	       same_bytes(k->token, k->token_len, c->token) && same_str(k->kind, c->kind) && k->by_name == c->by_name &&
	       k->advice == c->advice; /* a pattern's own string */
}

/* Which of two equally confident sightings speaks for the credential: the smaller by pattern, then evidence. */
static int cmp_evidence(const struct credential *c, const struct ledger_credential *k)
{
	int d = c->pattern == k->pattern ? 0 : strcmp(c->pattern, k->pattern);
	for (unsigned i = 0; !d && i < c->nevidence && i < k->nevidence; i++)
		d = c->evidence[i] == k->evidence[i] ? 0 : strcmp(c->evidence[i], k->evidence[i]);
	return d ? d : (c->nevidence > k->nevidence) - (c->nevidence < k->nevidence);
}

static void take_evidence(struct ledger_credential *k, const struct credential *c)
{
	k->confidence = c->confidence;
	k->pattern = c->pattern;
	k->nevidence = c->nevidence < EVIDENCE_MAX ? c->nevidence : EVIDENCE_MAX;
	memcpy(k->evidence, c->evidence, k->nevidence * sizeof *k->evidence);
}

static void add_facts(struct ledger_credential *k, const struct credential *c)
{
	if (c->confidence > k->confidence || (c->confidence == k->confidence && cmp_evidence(c, k) < 0))
		take_evidence(k, c);
	if (c->severity > k->severity)
		k->severity = c->severity;
	if (strcmp(c->account_id, k->account_id) > 0)
		memcpy(k->account_id, c->account_id, sizeof k->account_id);
	k->canary |= c->canary;
	k->example &= c->example; /* one place that is no example is enough to worry */
}

static void credential_new(struct ledger_credential *k, const struct credential *c)
{
	*k = (struct ledger_credential){ .kind = c->kind, .advice = c->advice, .severity = c->severity, .canary = c->canary,
					 .example = c->example, .by_name = c->by_name, .secret_len = c->secret.len, .token_len = c->token.len };
	memcpy(k->key_id, c->key_id, sizeof k->key_id);
	memcpy(k->account_id, c->account_id, sizeof k->account_id);
	if (c->secret.len) {
		k->secret = xmemdupz(c->secret.ptr, c->secret.len);
		sha256_hex(k->secret_sha256, c->secret.ptr, c->secret.len);
	}
	if (c->token.len)
		k->token = xmemdupz(c->token.ptr, c->token.len);
	take_evidence(k, c);
}

static uint32_t intern_credential(struct ledger *l, const struct credential *c)
{
	uint32_t hash = hash_identity(l, c);
	size_t probe = hash;
	for (int64_t n; (n = slots_next(&l->credential_slots, hash, &probe)) >= 0;) {
		struct ledger_credential *k = &l->credentials[n];
		if (same_identity(k, c)) {
			add_facts(k, c);
			return (uint32_t)n;
		}
	}
	uint32_t number = (uint32_t)l->ncredentials;
	ALLOC_GROW(l->credentials, l->ncredentials + 1, l->credentials_cap);
	credential_new(&l->credentials[l->ncredentials++], c);
	slots_put(&l->credential_slots, hash, number);
	return number;
}

static char *intern_name(struct ledger *l, const char *name)
{
	if (!name)
		return NULL;
	size_t len = strlen(name);
	uint32_t hash = (uint32_t)siphash(l->key, name, len);
	size_t probe = hash;
	for (int64_t n; (n = slots_next(&l->name_slots, hash, &probe)) >= 0;)
		if (!strcmp(l->names[n], name))
			return l->names[n];
	ALLOC_GROW(l->names, l->nnames + 1, l->names_cap);
	l->names[l->nnames] = xmemdupz(name, len);
	slots_put(&l->name_slots, hash, (uint32_t)l->nnames);
	return l->names[l->nnames++];
}

static void push_sighting(struct ledger *l, const struct sighting *s)
{
	ALLOC_GROW(l->sightings, l->nsightings + 1, l->sightings_cap);
	l->sightings[l->nsightings++] = *s;
}

void ledger_add(struct ledger *l, const struct credential *c, uint32_t object, enum source source, uint32_t line,
		uint32_t column, const char *name)
{
	struct sighting s = { .credential = intern_credential(l, c), .object = object, .line = line, .column = column,
			      .stem = c->stem & 0xffffff, .source = source, .name = intern_name(l, name) };
	push_sighting(l, &s);
}

/* A ledger's credential as the detector would have told it. */
static struct credential credential_of(const struct ledger_credential *k)
{
	struct credential c = { .kind = k->kind, .advice = k->advice, .pattern = k->pattern, .severity = k->severity,
				.confidence = k->confidence, .secret = bytes_of(k->secret, k->secret_len),
				.token = bytes_of(k->token, k->token_len), .canary = k->canary,
				.example = k->example, .by_name = k->by_name, .nevidence = k->nevidence };
	memcpy(c.key_id, k->key_id, sizeof c.key_id);
	memcpy(c.account_id, k->account_id, sizeof c.account_id);
	memcpy(c.evidence, k->evidence, sizeof c.evidence);
	return c;
}

void ledger_merge(struct ledger *into, struct ledger *from)
{
	KH_CLEANUP(free_ptr) uint32_t *number = xcalloc(from->ncredentials + 1, sizeof *number);
	for (size_t i = 0; i < from->ncredentials; i++) {
		struct credential c = credential_of(&from->credentials[i]);
		number[i] = intern_credential(into, &c);
	}
	ALLOC_GROW(into->sightings, into->nsightings + from->nsightings, into->sightings_cap);
	for (size_t i = 0; i < from->nsightings; i++) {
		struct sighting s = from->sightings[i];
		s.credential = number[s.credential];
		s.name = intern_name(into, s.name);
		push_sighting(into, &s);
	}
	ledger_release(from);
	ledger_init(from);
}

static int cmp_num(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int cmp_bytes(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t len = alen < blen ? alen : blen;
	int d = len ? memcmp(a, b, len) : 0;
	return d ? d : cmp_num(alen, blen);
}

static int cmp_identity(const void *a, const void *b, void *payload)
{
	const struct ledger *l = payload;
	const struct ledger_credential *x = &l->credentials[*(const uint32_t *)a], *y = &l->credentials[*(const uint32_t *)b];
	int d = strcmp(x->key_id, y->key_id);
	if (!d)
		d = cmp_bytes(x->secret, x->secret_len, y->secret, y->secret_len);
	if (!d)
		d = cmp_bytes(x->token, x->token_len, y->token, y->token_len);
	if (!d)
		d = strcmp(x->kind, y->kind);
	if (!d && x->advice && y->advice)
		d = strcmp(x->pattern, y->pattern);
	return d ? d : x->by_name - y->by_name;
}

static int cmp_place(const struct sighting *x, const struct sighting *y)
{
	if (x->credential != y->credential)
		return cmp_num(x->credential, y->credential);
	if (x->object != y->object)
		return cmp_num(x->object, y->object);
	if (x->line != y->line)
		return cmp_num(x->line, y->line);
	if (x->column != y->column)
		return cmp_num(x->column, y->column);
	if (x->name != y->name) {
		int d = x->name && y->name ? strcmp(x->name, y->name) : (x->name != NULL) - (y->name != NULL);
		if (d)
			return d;
	}
	return cmp_num(x->source, y->source);
}

static int cmp_sighting(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;
	int d = cmp_place(x, y);
	return d ? d : cmp_num(x->stem, y->stem);
}

/* Number the credentials in the order of their identity and tell the table and the sightings. */
static void renumber(struct ledger *l)
{
	KH_CLEANUP(free_ptr) uint32_t *order = xcalloc(l->ncredentials + 1, sizeof *order);
	KH_CLEANUP(free_ptr) uint32_t *number = xcalloc(l->ncredentials + 1, sizeof *number);
	for (size_t i = 0; i < l->ncredentials; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, l->ncredentials, sizeof *order, cmp_identity, l);

	struct ledger_credential *sorted = xcalloc(l->ncredentials + 1, sizeof *sorted);
	for (size_t i = 0; i < l->ncredentials; i++) {
		sorted[i] = l->credentials[order[i]];
		number[order[i]] = (uint32_t)i;
	}
	free(l->credentials);
	l->credentials = sorted;
	l->credentials_cap = l->ncredentials + 1;

	struct slots *s = &l->credential_slots;
	for (size_t i = 0; i < s->size; i++)
		if (s->slot[i])
			s->slot[i] = (s->slot[i] & ~(uint64_t)UINT32_MAX) | (number[(uint32_t)s->slot[i] - 1] + 1u);
	for (size_t i = 0; i < l->nsightings; i++)
		l->sightings[i].credential = number[l->sightings[i].credential];
}

static bool has_evidence(const struct ledger_credential *c, const char *name)
{
	for (unsigned i = 0; name && i < c->nevidence; i++)
		if (!strcmp(c->evidence[i], name))
			return true;
	return false;
}

void ledger_drop(struct ledger *l, enum level least, const char *but)
{
	size_t kept = 0;
	for (size_t i = 0; i < l->nsightings; i++) {
		const struct ledger_credential *c = &l->credentials[l->sightings[i].credential];
		if (c->example || c->confidence >= least || has_evidence(c, but))
			l->sightings[kept++] = l->sightings[i];
	}
	l->nsightings = kept;
}

void ledger_drop_by_name(struct ledger *l)
{
	size_t kept = 0;
	for (size_t i = 0; i < l->nsightings; i++)
		if (!l->credentials[l->sightings[i].credential].by_name)
			l->sightings[kept++] = l->sightings[i];
	l->nsightings = kept;
}

size_t ledger_seen(const struct ledger *l)
{
	size_t n = 0;
	for (size_t i = 0; i < l->nsightings; i++)
		n += !i || l->sightings[i].credential != l->sightings[i - 1].credential;
	return n;
}

void ledger_finish(struct ledger *l)
{
	renumber(l);
	if (l->nsightings)
		qsort(l->sightings, l->nsightings, sizeof *l->sightings, cmp_sighting);
	size_t kept = 0;
	for (size_t i = 0; i < l->nsightings; i++)
		if (!kept || cmp_place(&l->sightings[kept - 1], &l->sightings[i]))
			l->sightings[kept++] = l->sightings[i];
	l->nsightings = kept;
}
