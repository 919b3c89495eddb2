/* confirm.c: the window is decoded first (escapes read, places kept), so an expression sees plain text only:
 *
 *   source  ...BEDROCK%3DABSK....%3D...      window   ...BEDROCK=ABSK....=...
 *
 * Where it finds nothing, adjacent literals are joined and it is tried once more. PCRE2 runs with match and depth
 * limits; a match counts when it covers the literal. */
#include "patterns/confirm.h"

#include <stdlib.h>

#include "patterns/known.h"
#include "patterns/shape.h"
#include "patterns/sight.h"
#include "util/alloc.h"

struct confirm {
	pcre2_match_data *match;
	pcre2_match_context *context;
	struct sight_space space, around, spare; /* of the match, of its partner, of what a validator decodes */
	uint8_t room[ROOM_MAX];
};

struct confirm *confirm_new(void)
{
	struct confirm *c = xcalloc(1, sizeof *c);
	c->match = pcre2_match_data_create(32, NULL);
	c->context = pcre2_match_context_create(NULL);
	if (c->context) {
		pcre2_set_match_limit(c->context, 200000);
		pcre2_set_depth_limit(c->context, 1000);
		pcre2_set_heap_limit(c->context, 4096);
	}
	return c;
}

void confirm_free(struct confirm *c)
{
	if (!c)
		return;
	pcre2_match_data_free(c->match);
	pcre2_match_context_free(c->context);
	explicit_bzero(c, sizeof *c);
	free(c);
}

/* The bytes of a named group of the last match on `text`; of several with that name the one that took part. */
static struct bytes group(const struct confirm *c, const pcre2_code *code, const uint8_t *text, const char *name)
{
	const PCRE2_SIZE *span = pcre2_get_ovector_pointer(c->match);
	PCRE2_SPTR first, last;
	int size = pcre2_substring_nametable_scan(code, (PCRE2_SPTR)name, &first, &last);
	for (; size > 0; first += size) {
		unsigned n = (unsigned)first[0] << 8 | first[1];
		if (n < pcre2_get_ovector_count(c->match) && span[2 * n] != PCRE2_UNSET && span[2 * n + 1] > span[2 * n])
			return bytes_of(text + span[2 * n], span[2 * n + 1] - span[2 * n]);
		if (first == last)
			break;
	}
	return (struct bytes){ NULL, 0 };
}

static void take_groups(const struct confirm *c, const pcre2_code *code, const uint8_t *text, struct credential *out)
{
	struct bytes id = group(c, code, text, "id"), account = group(c, code, text, "account");
	if (!out->secret.len)
		out->secret = group(c, code, text, "secret");
	if (!out->token.len)
		out->token = group(c, code, text, "token");
	if (id.len && id.len < sizeof out->key_id && !*out->key_id)
		memcpy(out->key_id, id.ptr, id.len);
	if (account.len == ACCOUNT_LEN && !*out->account_id)
		memcpy(out->account_id, account.ptr, ACCOUNT_LEN);
}

static void say(struct credential *c, bool holds, const char *evidence)
{
	if (holds && c->nevidence < EVIDENCE_MAX)
		c->evidence[c->nevidence++] = evidence;
}

/* What the ID and the bytes say on their own, whatever the pattern. False: made up. */
static bool judge(struct credential *c)
{
	bool is_key = strlen(c->key_id) == KEY_ID_LEN && (!memcmp(c->key_id, "AKIA", 4) || !memcmp(c->key_id, "ASIA", 4));
	if (is_key) {
		enum id_shape shape = shape_key_id((const uint8_t *)c->key_id);
		if (shape == ID_NOT || shape == ID_INVENTED)
			return false;
		c->example |= shape == ID_EXAMPLE;
		if (shape != ID_EXAMPLE && shape_account(c->account_id, (const uint8_t *)c->key_id))
			say(c, true, "account-id");
	}
	if (!c->advice && !c->secret.len && !c->token.len && !*c->key_id)
		return false; /* an expression whose groups were empty */
	c->canary = *c->account_id && known_canary(c->account_id);
	say(c, c->canary, "canary-account");
	bool test = *c->account_id && known_test_account(c->account_id);
	say(c, test, "test-account");
	c->example |= test || strstr(c->key_id, "EXAMPL") || known_has(c->secret.ptr, c->secret.len, "EXAMPLE");
	if (c->example && c->advice)
		return false;
	if (c->example) {
		c->kind = "example-key";
		c->severity = c->confidence = LEVEL_LOW;
	}
	return true;
}

static uint32_t source_of(const struct sight *s, size_t i)
{
	return view_source(s->view, s->at[i]);
}

/* Where the byte before `i` ends: not where the next begins, when a wrap or a joint lies between. */
static uint32_t source_end(const struct sight *s, size_t i)
{
	const struct view *v = s->view;
	size_t last = i ? s->at[i - 1] : 0, end = s->at[i];
	if (i && s->joined && last < v->len && last + unit_at(v->ptr + last, v->len - last).len < end)
		end = last + unit_at(v->ptr + last, v->len - last).len;
	uint32_t to = view_source(v, end), from = end ? view_source(v, end - 1) : 0;
	return v->map && to > from + 2 ? from + 2 : to;
}

/* Bytes between, lines as 15 more, and a little more where it stands before. */
static size_t cost_of(const struct sight *s, size_t l, size_t r, size_t begin, size_t end)
{
	size_t from = r <= begin ? r : end, to = r <= begin ? begin : l, cost = to - from + (r <= begin ? 30 : 0);
	for (size_t i = from; i < to; i++)
		cost += s->text[i] == '\n' ? 15 : 0;
	return cost;
}

/* The nearest match of the partner's expression that does not touch [begin, end) of `s`. */
static bool nearest_partner(struct confirm *c, const struct pattern *p, struct sight *s, size_t begin, size_t end, struct whole *out)
{
	size_t best = NOWHERE, start = 0;
	for (unsigned turn = 0; turn < 256 && start < s->len; turn++) {
		if (pcre2_match(p->partner.code, s->text, s->len, start, PCRE2_NOTEMPTY, c->match, c->context) < 0)
			break;
		const PCRE2_SIZE *span = pcre2_get_ovector_pointer(c->match);
		size_t l = span[0], r = span[1] <= s->len ? span[1] : s->len;
		start = r > l ? r : l + 1;
		if (l >= r || (r > begin && l < end) || cost_of(s, l, r, begin, end) >= best)
			continue;
		best = cost_of(s, l, r, begin, end);
		out->partner_from = source_of(s, l);
		out->partner_to = source_end(s, r);
		if (group(c, p->partner.code, s->text, "secret").len) /* what a farther one gave goes */
			out->c.secret.len = 0;
		if (group(c, p->partner.code, s->text, "id").len)
			memset(out->c.key_id, 0, sizeof out->c.key_id);
		take_groups(c, p->partner.code, s->text, &out->c);
	}
	return best != NOWHERE;
}

static bool context_near(const struct pattern *p, const struct sight *s)
{
	for (size_t i = 0; i < p->ncontext; i++)
		if (known_has_caseless(s->text, s->len, p->context[i]))
			return true;
	return !p->ncontext;
}

static bool unless_near(const struct pattern *p, const struct sight *s)
{
	for (size_t i = 0; i < p->nunless; i++)
		if (known_has_caseless(s->text, s->len, p->unless[i]))
			return true;
	return false;
}

/* The other half, and the words that must stand around it; in the decoded text first, then in what it was decoded from. */
static bool look_around(struct confirm *c, const struct pattern *p, struct bytes data, const struct sight *main, struct whole *out)
{
	const struct view plain = { data.ptr, data.len, NULL, ENC_PLAIN };
	uint32_t reach = p->partner.reach;
	bool found = false, context = !p->ncontext;
	for (unsigned turn = 0; turn < 2 && !(found && context); turn++) {
		const struct view *v = turn ? &plain : main->view;
		size_t from = turn ? out->from : main->at[main->begin], to = turn ? out->to : main->at[main->end];
		struct sight s;
		if (turn && main->view->encoding != ENC_BASE64)
			break;
		sight_read(&s, &c->around, v, from, to, reach, reach, p->keep_escapes, main->joined);
		size_t begin = 0, end;
		while (begin < s.len && s.at[begin] < from)
			begin++;
		for (end = begin; end < s.len && s.at[end] < to;)
			end++;
		if (!found)
			found = nearest_partner(c, p, &s, begin, end, out);
		context |= context_near(p, &s);
	}
	say(&out->c, found, "partner");
	say(&out->c, context && p->ncontext, "context");
	return (found || p->partner.optional) && context;
}

/* Nothing beside it says what it is; the name of its file still may. */
static bool told(struct confirm *c, const struct pattern *p, struct bytes data, const struct sight *s, struct whole *out)
{
	struct whole alone = *out;
	if (p->partner.code && look_around(c, p, data, s, out))
		return true;
	*out = alone;
	out->c.by_name = p->file_name.code;
	say(&out->c, out->c.by_name, "file-name");
	return out->c.by_name || !p->partner.code;
}

/* The half with the secret is what the credential takes up; the ID beside it may be another's as well. */
static void swap_halves(struct whole *w)
{
	uint32_t from = w->from, to = w->to;
	w->from = w->partner_from;
	w->to = w->partner_to;
	w->partner_from = from;
	w->partner_to = to;
}

static bool fill(struct confirm *c, const struct pattern *p, struct bytes data, struct sight *s, struct whole *out)
{
	const PCRE2_SIZE *span = pcre2_get_ovector_pointer(c->match);
	s->begin = span[0];
	s->end = span[1];
	s->room = c->room;
	s->spare = &c->spare;
	*out = (struct whole){ .c = { .kind = p->kind, .pattern = p->id, .severity = p->severity, .confidence = p->confidence, .advice = p->advice }, .rank = p->rank };
	take_groups(c, p->code, s->text, &out->c);
	struct bytes shown = out->c.secret.len ? out->c.secret : bytes_of(s->text + s->begin, s->end - s->begin);
	uint32_t place = source_of(s, sight_index(s, shown.ptr));
	struct bytes id = group(c, p->code, s->text, "id");
	bool has_secret = out->c.secret.len;
	if (has_secret) { /* what else the expression saw is only its surroundings */
		s->begin = sight_index(s, out->c.secret.ptr);
		s->end = s->begin + out->c.secret.len;
	}
	uint32_t other = id.len ? source_of(s, sight_index(s, id.ptr)) : place;
	out->from = source_of(s, s->begin);
	out->to = source_end(s, s->end);
	say(&out->c, true, "expression");
	if (!told(c, p, data, s, out))
		return false;
	for (size_t i = 0; i < p->nvalidators; i++)
		if (!p->validators[i](&out->c, s))
			return false;
	say(&out->c, p->nvalidators, "validated");
	say(&out->c, s->joined, "joined-literals");
	out->from = source_of(s, s->begin);
	out->to = source_end(s, s->end);
	place = out->from < place ? out->from : place; /* the first of its parts */
	out->c.offset = place < other ? place : other;
	out->c.other = place < other ? other : place;
	if (out->partner_to > out->partner_from) { /* halves apart: the secret's place counts */
		if (!has_secret)
			swap_halves(out);
		out->c.offset = has_secret ? place : out->from;
		out->c.other = out->partner_from;
	}
	return judge(&out->c);
}

bool confirm_at(struct confirm *c, const struct pattern *p, struct bytes data, const struct view *v, size_t from, size_t to, int64_t now, struct whole *out)
{
	if (!c->match || !c->context || !p->code)
		return false;
	for (unsigned join = 0; join < 2; join++) {
		struct sight s = { .now = now };
		size_t start = 0;
		sight_read(&s, &c->space, v, from, to, p->before, p->ahead, p->keep_escapes, join);
		if ((join && !s.joined) || (!p->partner.code && !context_near(p, &s)))
			break;
		for (unsigned turn = 0; turn < 64 && start < s.len; turn++) {
			if (pcre2_match(p->code, s.text, s.len, start, PCRE2_NOTEMPTY, c->match, c->context) < 0)
				break; /* none, or over a limit: then it is no credential in any sane form */
			const PCRE2_SIZE *span = pcre2_get_ovector_pointer(c->match);
			if (span[0] >= s.len || span[1] > s.len || span[1] <= span[0] || s.at[span[0]] > from)
				break;
			if (s.at[span[1]] >= to) {
				if (!unless_near(p, &s) && fill(c, p, data, &s, out))
					return true;
				break;
			}
			start = span[1];
		}
	}
	return false;
}

bool confirm_name(const struct pattern *p, const char *name, char *key_id)
{
	struct confirm *c = p->file_name.code ? confirm_new() : NULL;
	struct credential found = { 0 };
	bool fits = c && c->match && c->context && pcre2_match(p->file_name.code, (PCRE2_SPTR)name, strlen(name), 0, 0, c->match, c->context) >= 0;
	if (fits) {
		take_groups(c, p->file_name.code, (const uint8_t *)name, &found);
		if (*found.key_id)
			memcpy(key_id, found.key_id, sizeof found.key_id);
	}
	confirm_free(c);
	return fits;
}
