#include "policy/inner.h"

#include <nettle/sha1.h>
#include <stdlib.h>

#include "policy/glob.h"
#include "util/alloc.h"
#include "util/buf.h"

#define NOTES_MAX 100u
#define GLOB_WORK_MAX 1000000000u /* steps of all globs: a few seconds; those of people take a few a finding */

struct policy *policy_new(int64_t now)
{
	struct policy *p = xcalloc(1, sizeof *p);
	p->now = now;
	return p;
}

void policy_free(struct policy *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nentries; i++) {
		free(p->entries[i].file);
		free(p->entries[i].reason);
	}
	for (size_t i = 0; i < p->nrules; i++) {
		for (size_t k = 0; k < p->rules[i].len; k++)
			free(p->rules[i].list[k].text);
		free(p->rules[i].list);
	}
	for (size_t i = 0; i < p->npins; i++) {
		free(p->pins[i].path);
		free(p->pins[i].text);
	}
	for (size_t i = 0; i < p->nnotes; i++)
		free(p->notes[i]);
	expressions_release(&p->expressions);
	free(p->entries);
	free(p->rules);
	free(p->pins);
	free(p->notes);
	free(p);
}

void policy_set_witness(struct policy *p, policy_witness *witness, void *payload)
{
	p->witness = witness;
	p->witness_payload = payload;
}

void policy_note(struct policy *p, const char *file, unsigned line, const char *why)
{
	struct buf b = { 0 };
	if (p->nnotes == NOTES_MAX)
		return;
	buf_addstr(&b, file);
	if (line)
		buf_addf(&b, ":%u", line);
	buf_addf(&b, ": %s", why);
	ALLOC_GROW(p->notes, p->nnotes + 1, p->notes_cap);
	p->notes[p->nnotes++] = b.ptr;
}

bool policy_entry(struct policy *p, const char *file, unsigned line, uint32_t *out)
{
	if (p->nentries == POLICY_ENTRIES_MAX) {
		if (!p->nnotes || !strstr(p->notes[p->nnotes - 1], "more entries"))
			policy_note(p, file, line, "more entries than are read (100,000); those from here on allow nothing");
		return false;
	}
	ALLOC_GROW(p->entries, p->nentries + 1, p->entries_cap);
	p->entries[p->nentries] = (struct entry){ .file = xstrdup(file), .line = line };
	*out = (uint32_t)p->nentries++;
	return true;
}

size_t policy_entries(const struct policy *p, const struct entry **out)
{
	*out = p->entries;
	return p->nentries;
}

size_t policy_notes(const struct policy *p, char *const **out)
{
	*out = p->notes;
	return p->nnotes;
}

static bool path_holds(struct policy *p, const char *glob, const char *path)
{
	if (p->glob_work > GLOB_WORK_MAX)
		return false;
	bool is = glob_match(glob, path, &p->glob_work);
	if (p->glob_work > GLOB_WORK_MAX)
		policy_note(p, OWN_FILE, 0, "its globs take too long; from here on paths allow nothing");
	return is;
}

static bool holds(struct policy *p, const struct condition *c, const struct finding *f, const char *path)
{
	switch (c->field) {
	case FIELD_FINGERPRINT: return !strcmp(c->text, f->fingerprint);
	case FIELD_PATH: return f->path && path_holds(p, c->text, path);
	case FIELD_KEY_ID: return f->id_from != ID_BESIDE && !strcmp(c->text, f->key_id); /* a neighbour's allows nothing here */
	case FIELD_SECRET: return !strcmp(c->text, f->secret_sha256);
	case FIELD_KIND: return !strcmp(c->text, f->kind);
	case FIELD_COMMIT: return f->commit[0] && !strncmp(c->text, f->commit, strlen(c->text));
	case FIELDS: break;
	}
	return false;
}

static bool rule_allows(struct policy *p, const struct rule *r, const struct finding *f, const char *path)
{
	bool asked[FIELDS] = { false }, held[FIELDS] = { false };
	for (size_t i = 0; i < r->len; i++) {
		enum field field = r->list[i].field;
		asked[field] = true;
		held[field] = held[field] || holds(p, &r->list[i], f, path);
	}
	for (size_t i = 0; i < FIELDS; i++)
		if (asked[i] && !held[i])
			return false;
	return true;
}

static void sha1_hex(char *out, const char *s)
{
	struct sha1_ctx ctx;
	uint8_t digest[SHA1_DIGEST_SIZE];
	sha1_init(&ctx);
	sha1_update(&ctx, strlen(s), (const uint8_t *)s);
	sha1_digest(&ctx, sizeof digest, digest);
	explicit_bzero(&ctx, sizeof ctx);
	for (size_t i = 0; i < sizeof digest; i++) {
		out[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	out[2 * sizeof digest] = '\0';
}

static int by_path(const void *a, const void *b)
{
	const struct pin *x = a, *y = b;
	int d = strcmp(x->path, y->path);
	return d ? d : (x->entry > y->entry) - (x->entry < y->entry);
}

/* The first pin of this path, or the number of pins. */
static size_t first_pin(const struct policy *p, const char *path)
{
	size_t low = 0, high = p->npins;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (strcmp(p->pins[mid].path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool pin_allows(const struct policy *p, const struct pin *pin, const char *sha1, const struct finding *f, const char *path)
{
	if (pin->by_value)
		return *sha1 && !strcmp(pin->sha1, sha1);
	if (pin->commit[0])
		return f->line == pin->line && f->commit[0] && !strncmp(pin->commit, f->commit, strlen(pin->commit));
	return p->witness && p->witness(p->witness_payload, p->entries[pin->entry].file, pin->text, path, pin->line, f);
}

/* What detect-secrets hashes: the secret, and where there is none the key ID. The ID's hash says nothing of a secret. */
static const struct pin *find_pin(struct policy *p, const struct finding *f, const char *path)
{
	char sha1[41] = "";
	const char *value = f->secret ? f->secret : f->key_id;
	if (!p->sorted && p->npins)
		qsort(p->pins, p->npins, sizeof *p->pins, by_path);
	p->sorted = true;
	for (size_t i = first_pin(p, path); i < p->npins && !strcmp(p->pins[i].path, path); i++) {
		if (p->pins[i].by_value && !sha1[0] && *value)
			sha1_hex(sha1, value);
		if (pin_allows(p, &p->pins[i], sha1, f, path))
			return &p->pins[i];
	}
	return NULL;
}

static const struct entry *use(struct policy *p, uint32_t entry)
{
	p->entries[entry].used++;
	return &p->entries[entry];
}

/* An entry that names a key ID does so in a file that is scanned like any other: that is not its use. */
static const struct entry *named_by_itself(const struct policy *p, const struct finding *f, const char *path)
{
	for (size_t i = 0; !f->secret && !strcmp(path, OWN_FILE) && i < p->nrules; i++)
		for (size_t k = 0; k < p->rules[i].len; k++)
			if (p->rules[i].list[k].field == FIELD_KEY_ID && !strcmp(p->rules[i].list[k].text, f->key_id))
				return &p->entries[p->rules[i].entry];
	return NULL;
}

const struct entry *policy_allows(struct policy *p, const struct finding *f, const char *path)
{
	uint32_t entry;
	path = path ? path : "";
	const struct entry *itself = named_by_itself(p, f, path);
	if (itself)
		return itself;
	for (size_t i = 0; i < p->nrules; i++)
		if (!p->entries[p->rules[i].entry].expired && rule_allows(p, &p->rules[i], f, path))
			return use(p, p->rules[i].entry);
	const struct pin *pin = find_pin(p, f, path);
	if (pin)
		return use(p, pin->entry);
	return expressions_allow(&p->expressions, f, path, &entry) ? use(p, entry) : NULL;
}
