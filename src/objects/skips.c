#include "objects/store.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/buf.h"

/* Made safe here, once, so that no caller can forget it; what is safe already stays as it is. */
static char *safe_copy(const char *text)
{
	if (!text)
		return NULL;
	struct buf b = { 0 };
	buf_grow(&b, 1);
	buf_add_safe(&b, text, strlen(text));
	return b.ptr;
}

static void skip_release(struct skip *s)
{
	free(s->object);
	free(s->path);
	free(s->reason);
}

void skips_add(struct skips *s, const char *object, const char *path, const char *reason)
{
	s->total++;
	if (s->len >= SKIPS_MAX)
		return;
	ALLOC_GROW(s->list, s->len + 1, s->cap);
	s->list[s->len++] = (struct skip){ safe_copy(object), safe_copy(path), safe_copy(reason) };
}

void skips_merge(struct skips *into, struct skips *from)
{
	into->total += from->total;
	for (size_t i = 0; i < from->len; i++) {
		if (into->len < SKIPS_MAX) {
			ALLOC_GROW(into->list, into->len + 1, into->cap);
			into->list[into->len++] = from->list[i];
		} else {
			skip_release(&from->list[i]);
		}
	}
	free(from->list);
	*from = (struct skips){ 0 };
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool has_skip(const struct skips *s, size_t n, const struct skip *x)
{
	for (size_t i = 0; i < n; i++)
		if (same_text(s->list[i].object, x->object) && same_text(s->list[i].reason, x->reason))
			return true;
	return false;
}

void skips_merge_new(struct skips *into, struct skips *from)
{
	size_t known = into->len;
	for (size_t i = 0; i < from->len; i++) {
		const struct skip *x = &from->list[i];
		if (into->total == into->len && !has_skip(into, known, x)) /* when some were only counted, nobody knows */
			skips_add(into, x->object, x->path, x->reason);
	}
	skips_release(from);
}

void skips_release(struct skips *s)
{
	for (size_t i = 0; i < s->len; i++)
		skip_release(&s->list[i]);
	free(s->list);
	*s = (struct skips){ 0 };
}
