/* own.c: the [allow] sections of .keyhunt and of --config FILE.
 *
 *     [allow "fixtures of the parser"]
 *         path = tests/fixtures/            conditions of one kind: any of them; of different kinds: all of them
 *         kind = access-key-pair
 *         reason = made up for the tests
 *         expires = 2027-06-30                                                                          */
#include <ctype.h>
#include <stdlib.h>

#include "policy/gitconfig.h"
#include "policy/inner.h"
#include "policy/since.h"
#include "util/alloc.h"
#include "util/buf.h"

#define CONDITIONS_MAX 10000u
#define CONDITION_LENGTH_MAX 4096u

struct own {
	struct policy *policy;
	const char *file;
	unsigned header;   /* of the section at hand; 0: none yet */
	unsigned section_line;
	bool any;          /* it has a condition */
	bool reasoned;     /* it has a reason; until then its name stands for one */
	struct rule *rule;
	char **err;
};

static bool fail(struct own *o, unsigned line, const char *what)
{
	struct buf b = { 0 };
	buf_addf(&b, "%s:%u: %s", o->file, line, what);
	*o->err = b.ptr;
	return false;
}

static bool all(const char *s, bool (*is)(int c))
{
	for (; *s; s++)
		if (!is((unsigned char)*s))
			return false;
	return true;
}

static bool is_hex(int c) { return isdigit(c) || (c >= 'a' && c <= 'f'); }
static bool is_id(int c) { return isdigit(c) || (c >= 'A' && c <= 'Z'); }
static bool is_kind(int c) { return isdigit(c) || (c >= 'a' && c <= 'z') || c == '-'; }

/* What is wrong with the value, or NULL. */
static const char *check(enum field field, const char *value)
{
	size_t len = strlen(value);
	if (!len || len > CONDITION_LENGTH_MAX)
		return "an empty or overlong value; give one, or take the line out";
	switch (field) {
	case FIELD_FINGERPRINT:
		return len == 64 && all(value, is_hex) ? NULL : "a fingerprint is 64 digits 0-9a-f, as --format json prints it";
	case FIELD_SECRET:
		return len == 64 && all(value, is_hex) ? NULL : "secretSha256 is 64 digits 0-9a-f, as --format json prints it";
	case FIELD_KEY_ID:
		return len >= 16 && len < 32 && all(value, is_id) ? NULL : "a key ID is 20 capitals and digits, as AKIA...";
	case FIELD_COMMIT:
		return len >= 7 && len <= OID_HEX_MAX && all(value, is_hex) ? NULL : "a commit is its name in 7 or more digits 0-9a-f; branches and tags move";
	case FIELD_KIND:
		return all(value, is_kind) ? NULL : "a kind is one of docs/kinds.md, as access-key-pair";
	case FIELD_PATH: case FIELDS:
		break;
	}
	return NULL;
}

static bool add_condition(struct own *o, enum field field, const struct setting *s)
{
	const char *wrong = check(field, s->value);
	if (wrong)
		return fail(o, s->line, wrong);
	if (o->policy->nconditions++ == CONDITIONS_MAX)
		return fail(o, s->line, "more than 10,000 conditions; use a baseline (--write-baseline)");
	ALLOC_GROW(o->rule->list, o->rule->len + 1, o->rule->cap);
	o->rule->list[o->rule->len++] = (struct condition){ field, xstrdup(s->value) };
	o->any = true;
	return true;
}

/* The day counts to its end. */
static bool set_expiry(struct own *o, const struct setting *s)
{
	int64_t day;
	if (!isdigit((unsigned char)s->value[0]) || strlen(s->value) != 10 || !since_parse(&day, s->value, o->policy->now))
		return fail(o, s->line, "expires is a day, as 2027-06-30");
	o->policy->entries[o->rule->entry].expired |= o->policy->now >= day + 86400;
	return true;
}

static bool set_reason(struct own *o, const struct setting *s)
{
	struct entry *e = &o->policy->entries[o->rule->entry];
	if (o->reasoned || strlen(s->value) > CONDITION_LENGTH_MAX)
		return fail(o, s->line, "a second or overlong reason; keep one short line");
	free(e->reason);
	e->reason = xstrdup(s->value);
	o->reasoned = true;
	return true;
}

static bool close_section(struct own *o)
{
	if (o->header && !o->any)
		return fail(o, o->section_line, "an [allow] that names nothing; give fingerprint, path, keyId, secretSha256, kind or commit");
	return true;
}

static bool open_section(struct own *o, const struct setting *s)
{
	uint32_t entry;
	if (o->header == s->header)
		return true;
	if (!close_section(o))
		return false;
	if (!policy_entry(o->policy, o->file, s->line, &entry))
		return fail(o, s->line, "too many entries; use a baseline (--write-baseline)");
	ALLOC_GROW(o->policy->rules, o->policy->nrules + 1, o->policy->rules_cap);
	o->rule = &o->policy->rules[o->policy->nrules++];
	*o->rule = (struct rule){ .entry = entry };
	o->header = s->header;
	o->section_line = s->line;
	o->any = o->reasoned = false;
	if (s->subsection && *s->subsection)
		o->policy->entries[entry].reason = xstrdup(s->subsection);
	return true;
}

static bool on_setting(void *payload, const struct setting *s)
{
	static const char *const names[FIELDS] = { "fingerprint", "path", "keyid", "secretsha256", "kind", "commit" };
	struct own *o = payload;
	if (!strcmp(s->section, "keyhunt") && !s->subsection)
		return true; /* read elsewhere: what it may set depends on whose file this is */
	if (strcmp(s->section, "allow") != 0)
		return fail(o, s->line, "a section that keyhunt does not know; [keyhunt] and [allow] are what it reads");
	if (!open_section(o, s))
		return false;
	for (size_t i = 0; i < FIELDS; i++)
		if (!strcmp(s->key, names[i])) {
			o->policy->entries[o->rule->entry].history |= i == FIELD_COMMIT;
			return add_condition(o, (enum field)i, s);
		}
	if (!strcmp(s->key, "expires"))
		return set_expiry(o, s);
	if (!strcmp(s->key, "reason"))
		return set_reason(o, s);
	return fail(o, s->line, "no such field; use fingerprint, path, keyId, secretSha256, kind, commit, reason or expires");
}

enum status policy_add_own(struct policy *p, const char *file, struct bytes text, char **err)
{
	struct own o = { .policy = p, .file = file, .err = err };
	unsigned line = 0;
	const char *why = NULL;
	*err = NULL;
	enum status st = gitconfig_parse(text, on_setting, &o, &line, &why);
	if (st == KH_OK)
		st = close_section(&o) ? KH_OK : KH_STOPPED;
	else if (st == KH_CORRUPT)
		fail(&o, line, why);
	return st == KH_OK ? KH_OK : KH_USAGE;
}
