#include "util/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/alloc.h"

void buf_release(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){ 0 };
}

void buf_grow(struct buf *b, size_t extra)
{
	ALLOC_GROW(b->ptr, b->len + extra + 1, b->cap);
}

void buf_add(struct buf *b, const void *ptr, size_t len)
{
	buf_grow(b, len);
	if (len)
		memcpy(b->ptr + b->len, ptr, len);
	b->len += len;
	b->ptr[b->len] = '\0';
}

void buf_addstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addch(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int need = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (need > 0) {
		buf_grow(b, (size_t)need);
		vsnprintf(b->ptr + b->len, (size_t)need + 1, fmt, again);
		b->len += (size_t)need;
	}
	va_end(again);
}

unsigned utf8_len(const uint8_t *p, size_t len)
{
	if (!len)
		return 0;
	if (p[0] < 0x80)
		return 1;
	unsigned n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || len < n)
		return 0;
	for (unsigned i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF (RFC 3629, section 4) */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* C1 controls, bidirectional overrides and isolates, zero-width and line separators, tags, BOM */
static int is_unsafe(uint32_t c)
{
	return (c >= 0x80 && c < 0xa0) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

static uint32_t decode(const uint8_t *p, unsigned n)
{
	uint32_t c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
	for (unsigned i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

void buf_add_safe(struct buf *b, const void *ptr, size_t len)
{
	const uint8_t *p = ptr;
	for (size_t i = 0; i < len;) {
		unsigned n = utf8_len(p + i, len - i);
		if (n == 1 && (p[i] < 0x20 || p[i] == 0x7f))
			buf_addf(b, "\\x%02x", p[i]);
		else if (n && !is_unsafe(decode(p + i, n)))
			buf_add(b, p + i, n);
		else
			buf_addstr(b, "\xef\xbf\xbd");
		i += n ? n : 1;
	}
}

void buf_add_value(struct buf *b, const char *value)
{
	size_t len = strlen(value), printable = 0;
	while (value[printable] >= ' ' && value[printable] <= '~')
		printable++;
	if (len <= BUF_VALUE_MAX && printable == len)
		buf_addf(b, "'%s'", value);
	else
		buf_addf(b, "a value of %zu bytes (not shown)", len);
}

int buf_add_utf8(struct buf *b, const void *ptr, size_t len)
{
	const uint8_t *p = ptr;
	int clean = 1;
	for (size_t i = 0; i < len;) {
		unsigned n = utf8_len(p + i, len - i);
		if (n) {
			buf_add(b, p + i, n);
		} else {
			buf_addstr(b, "\xef\xbf\xbd");
			clean = 0;
		}
		i += n ? n : 1;
	}
	return clean;
}
