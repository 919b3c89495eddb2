#include "policy/expressions.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "util/alloc.h"
#include "util/buf.h"

#define LENGTH_MAX 4096u     /* bytes of one expression */
#define STEPS_MAX 5000u     /* of one match */
#define DEPTH_MAX 200u
#define TRIES_MAX 2000000u  /* matches of one run */

struct expression {
	pcre2_code *code;
	uint32_t entry;
	bool off;
};

const char *expressions_add(struct expressions *x, const char *text, uint32_t entry)
{
	int code;
	PCRE2_SIZE at;
	if (x->len == EXPRESSIONS_MAX)
		return "more expressions than are read (1000)";
	if (strlen(text) > LENGTH_MAX)
		return "an expression of more than 4096 bytes";
	pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text, strlen(text), PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
	if (!compiled)
		return "not an expression that can be read";
	ALLOC_GROW(x->list, x->len + 1, x->cap);
	x->list[x->len++] = (struct expression){ compiled, entry, false };
	return NULL;
}

void expressions_release(struct expressions *x)
{
	for (size_t i = 0; i < x->len; i++)
		pcre2_code_free(x->list[i].code);
	free(x->list);
	*x = (struct expressions){ 0 };
}

struct matching {
	pcre2_match_data *data;
	pcre2_match_context *context;
	struct buf text;
};

static bool allows_half(struct expressions *x, struct matching *m, const struct finding *f, const char *path, const char *half, uint32_t *entry)
{
	buf_clear(&m->text);
	buf_addf(&m->text, "%s:%u:", path, f->line);
	buf_addstr(&m->text, half);
	for (size_t i = 0; i < x->len; i++) {
		struct expression *e = &x->list[i];
		if (e->off || x->tried++ >= TRIES_MAX)
			continue;
		int n = pcre2_match(e->code, (PCRE2_SPTR)m->text.ptr, m->text.len, 0, 0, m->data, m->context);
		e->off = n < 0 && n != PCRE2_ERROR_NOMATCH;
		if (n >= 0) {
			*entry = e->entry;
			return true;
		}
	}
	return false;
}

bool expressions_allow(struct expressions *x, const struct finding *f, const char *path, uint32_t *entry)
{
	const char *halves[3] = { f->key_id[0] && f->id_from != ID_BESIDE ? f->key_id : NULL, f->secret, NULL };
	struct matching m = { 0 };
	bool allowed = true;
	uint32_t first = UINT32_MAX;
	if (!x->len)
		return false;
	if (!halves[0] && !halves[1])
		halves[2] = f->token;
	m.data = pcre2_match_data_create(1, NULL);
	m.context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(m.context, STEPS_MAX);
	pcre2_set_depth_limit(m.context, DEPTH_MAX);
	for (unsigned i = 0; allowed && i < 3; i++) {
		uint32_t by;
		if (!halves[i])
			continue;
		allowed = allows_half(x, &m, f, path, halves[i], &by);
		first = allowed && by < first ? by : first;
	}
	*entry = first;
	pcre2_match_data_free(m.data);
	pcre2_match_context_free(m.context);
	if (m.text.ptr)
		explicit_bzero(m.text.ptr, m.text.cap);
	buf_release(&m.text);
	return allowed && first != UINT32_MAX;
}
