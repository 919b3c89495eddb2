#include "findings/hide.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/buf.h"

struct secrets {
	char **list; /* copies: what they were taken from changes while they are hidden */
	size_t len, cap;
};

static bool is_name(enum source s)
{
	return s == SOURCE_REF || s == SOURCE_PATH || s == SOURCE_IDENTITY;
}

static void add(struct secrets *s, const char *secret)
{
	if (!secret || !*secret)
		return;
	ALLOC_GROW(s->list, s->len + 1, s->cap);
	s->list[s->len++] = xstrdup(secret);
}

/* A name that holds the secret in some encoding (a slash as %2F) is hidden whole. */
static void add_encoded(struct secrets *s, const struct finding *f)
{
	if (f->source != SOURCE_PATH || !f->path || !f->secret || !*f->secret || strstr(f->path, f->secret))
		return;
	const char *slash = strrchr(f->path, '/');
	add(s, slash ? slash + 1 : f->path);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void make_unique(struct secrets *s)
{
	size_t n = 0;
	if (s->len)
		qsort(s->list, s->len, sizeof *s->list, by_text);
	for (size_t i = 0; i < s->len; i++)
		if (!n || strcmp(s->list[n - 1], s->list[i]))
			s->list[n++] = s->list[i];
		else
			free(s->list[i]);
	s->len = n;
}

bool hide_secret(char **text, const char *secret)
{
	bool found = false;
	for (char *at; (at = strstr(*text, secret)); found = true) {
		struct buf b = { 0 };
		buf_add(&b, *text, (size_t)(at - *text));
		buf_addstr(&b, "****");
		buf_addstr(&b, at + strlen(secret));
		explicit_bzero(*text, strlen(*text));
		free(*text);
		*text = b.ptr;
	}
	return found;
}

static void hide_in(char **text, const struct secrets *s)
{
	for (size_t i = 0; *text && i < s->len; i++)
		hide_secret(text, s->list[i]);
}

void hide_secrets(struct finding *list, size_t n)
{
	struct secrets s = { 0 };
	for (size_t i = 0; i < n; i++)
		if (is_name(list[i].source)) {
			add(&s, list[i].secret);
			add(&s, list[i].token);
			add_encoded(&s, &list[i]);
		}
	make_unique(&s);
	for (size_t i = 0; s.len && i < n; i++) {
		struct finding *f = &list[i];
		hide_in(&f->path, &s);
		hide_in(&f->inner_path, &s);
		hide_in(&f->other.path, &s);
		hide_in(&f->other.inner_path, &s);
		hide_in(&f->author_name, &s);
		hide_in(&f->author_email, &s);
		for (size_t k = 0; k < f->nrefs; k++)
			hide_in(&f->refs[k], &s);
	}
	while (s.len) {
		char *text = s.list[--s.len];
		explicit_bzero(text, strlen(text));
		free(text);
	}
	free(s.list);
}
