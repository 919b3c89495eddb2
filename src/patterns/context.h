/* context.h: the text beside a value, decoded and in lower case. Any thread. */
#ifndef KH_PATTERNS_CONTEXT_H
#define KH_PATTERNS_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "patterns/view.h"

#define CONTEXT 400

struct context {
	char text[CONTEXT + 1]; /* decoded, lower case, what stands before the value */
	char raw[CONTEXT + 1];  /* the same in its own case */
	size_t len;
	bool aws_behind;        /* what stands behind the value, in the same block, speaks of AWS */
};

/* [from, to) of `v`, as much of it as there is room for. */
void context_read(struct context *c, const struct view *v, size_t from, size_t to);

static inline bool word_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_';
}

static inline bool ident_char(char ch)
{
	return word_char(ch) || ch == '-' || ch == '.' || (unsigned char)ch >= 0x80;
}

static inline bool listed(const char *const *list, const char *word, size_t len)
{
	for (; *list; list++)
		if (strlen(*list) == len && !memcmp(*list, word, len))
			return true;
	return false;
}

static inline bool mentions(const char *text, size_t len, const char *const *list)
{
	for (; *list; list++)
		if (memmem(text, len, *list, strlen(*list)))
			return true;
	return false;
}

#endif
