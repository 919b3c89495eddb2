/* confirm.c: the window is decoded first (escapes read, places kept), so an expression sees plain text only:
 *
 *   source  ...BEDROCK%3DABSK....%3D...      window   ...BEDROCK=ABSK....=...
 *
 * PCRE2 runs with match and depth limits; a match counts when it covers the literal. */
#include "patterns/confirm.h"

#include <stdlib.h>

#include "util/alloc.h"

#define BEFORE 512
#define AHEAD 4096
#define WINDOW (BEFORE + AHEAD)

struct confirm {
	pcre2_match_data *match;
	pcre2_match_context *context;
	uint8_t text[WINDOW];
	uint32_t at[WINDOW + 1]; /* index in the view of each byte */
	size_t len;
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
	explicit_bzero(c->text, sizeof c->text);
	free(c);
}

static void read_window(struct confirm *c, const struct view *v, size_t from)
{
	size_t i = from > BEFORE ? from - BEFORE : 0, end = v->len - from > AHEAD ? from + AHEAD : v->len;
	c->len = 0;
	while (i < end && c->len < WINDOW) {
		struct unit u = unit_at(v->ptr + i, v->len - i);
		c->at[c->len] = (uint32_t)i;
		c->text[c->len++] = u.c;
		i += u.len;
	}
	c->at[c->len] = (uint32_t)i;
}

/* The bytes of a named group; empty when it is not there. */
static struct bytes group(const struct confirm *c, const struct pattern *p, const char *name, size_t *begin)
{
	int n = pcre2_substring_number_from_name(p->code, (PCRE2_SPTR)name);
	const PCRE2_SIZE *span = pcre2_get_ovector_pointer(c->match);
	if (n < 0 || (uint32_t)n >= pcre2_get_ovector_count(c->match) || span[2 * n] == PCRE2_UNSET || span[2 * n + 1] < span[2 * n])
		return (struct bytes){ NULL, 0 };
	if (begin)
		*begin = span[2 * n];
	return bytes_of(c->text + span[2 * n], span[2 * n + 1] - span[2 * n]);
}

static bool fill(struct confirm *c, const struct pattern *p, const struct view *v, struct credential *out)
{
	size_t begin = 0;
	*out = (struct credential){ .kind = p->kind, .pattern = p->id, .severity = p->severity, .confidence = p->confidence };
	out->secret = group(c, p, "secret", &begin);
	if (!out->secret.len)
		return false;
	out->offset = out->other = view_source(v, c->at[begin]);
	struct bytes id = group(c, p, "id", &begin);
	if (id.len && id.len < sizeof out->key_id) {
		memcpy(out->key_id, id.ptr, id.len);
		out->other = view_source(v, c->at[begin]);
	}
	out->token = group(c, p, "token", NULL);
	out->evidence[out->nevidence++] = "expression";
	for (size_t i = 0; i < p->nvalidators; i++)
		if (!p->validators[i](out, out->secret))
			return false;
	if (p->nvalidators)
		out->evidence[out->nevidence++] = "validated";
	if (out->example)
		out->confidence = LEVEL_LOW;
	return true;
}

bool confirm_at(struct confirm *c, const struct pattern *p, const struct view *v, size_t from, size_t to, struct credential *out)
{
	size_t start = 0;
	if (!c->match || !c->context || !p->code)
		return false;
	read_window(c, v, from);
	for (unsigned turn = 0; turn < 64 && start < c->len; turn++) {
		int rc = pcre2_match(p->code, c->text, c->len, start, PCRE2_NOTEMPTY, c->match, c->context);
		if (rc < 0)
			return false; /* none, or over a limit: then it is no credential in any sane form */
		const PCRE2_SIZE *span = pcre2_get_ovector_pointer(c->match);
		if (span[0] >= c->len || span[1] > c->len || c->at[span[0]] > from)
			return false;
		if (c->at[span[1]] >= to)
			return fill(c, p, v, out);
		start = span[1] > start ? span[1] : start + 1;
	}
	return false;
}
