#include "report/jsonw.h"

#include <inttypes.h>

void jsonw_init(struct jsonw *w, FILE *out)
{
	*w = (struct jsonw){ .out = out };
}

void jsonw_release(struct jsonw *w)
{
	buf_release(&w->text);
}

/* Documents beside each other (depth 0, as in JSON Lines) have no comma between them. */
static bool comma_due(const struct jsonw *w)
{
	return w->depth && w->filled >> w->depth & 1;
}

/* Before each element: the comma that parts it from the one before, unless it is a key's value. */
static void begin(struct jsonw *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (comma_due(w))
		fputc(',', w->out);
	w->filled |= 1ull << w->depth;
}

void jsonw_open(struct jsonw *w, char bracket)
{
	begin(w);
	fputc(bracket, w->out);
	w->depth++;
	w->filled &= ~(1ull << w->depth);
}

void jsonw_close(struct jsonw *w, char bracket)
{
	w->depth--;
	fputc(bracket, w->out);
}

void jsonw_line(struct jsonw *w)
{
	/* The comma goes before the break, so that lines end as people write them. */
	if (comma_due(w))
		fputc(',', w->out);
	w->filled &= ~(1ull << w->depth);
	fputc('\n', w->out);
}

/* Escapes for one character of `n` bytes: UTF-16 units, as JSON has them. */
static void add_escape(struct buf *b, const uint8_t *p, unsigned n)
{
	uint32_t c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
	for (unsigned i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	if (c > 0xffff) {
		buf_addf(b, "\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)));
		c = 0xdc00 + (c & 0x3ff);
	}
	buf_addf(b, "\\u%04x", (unsigned)c);
}

/* One character, or one byte that is none. What buf_add_safe would not show as it is, is escaped here: a report on a
 * terminal is as harmless as text, and reads back as the same characters. */
static unsigned add_char(struct buf *b, const uint8_t *p, size_t len)
{
	unsigned n = utf8_len(p, len);
	if (n == 0) {
		buf_addstr(b, "\xef\xbf\xbd");
		return 1;
	}
	if (n == 1 && (*p == '"' || *p == '\\')) {
		buf_addch(b, '\\');
		buf_addch(b, (char)*p);
		return 1;
	}
	size_t before = b->len;
	buf_add_safe(b, p, n);
	if (b->len - before != n || memcmp(b->ptr + before, p, n) != 0) {
		b->len = before;
		add_escape(b, p, n);
	}
	return n;
}

static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void add_quoted(struct jsonw *w, const void *ptr, size_t len)
{
	const uint8_t *p = ptr;
	buf_clear(&w->text);
	buf_addch(&w->text, '"');
	for (size_t i = 0; i < len;) {
		size_t run = i;
		while (run < len && is_plain(p[run]))
			run++;
		buf_add(&w->text, p + i, run - i);
		i = run;
		if (i < len)
			i += add_char(&w->text, p + i, len - i);
	}
	buf_addch(&w->text, '"');
	fwrite(w->text.ptr, 1, w->text.len, w->out);
}

void jsonw_bytes(struct jsonw *w, const void *ptr, size_t len)
{
	begin(w);
	add_quoted(w, ptr, len);
}

void jsonw_str(struct jsonw *w, const char *s)
{
	if (s)
		jsonw_bytes(w, s, strlen(s));
	else
		jsonw_null(w);
}

void jsonw_key(struct jsonw *w, const char *key)
{
	jsonw_str(w, key);
	fputc(':', w->out);
	w->after_key = true;
}

void jsonw_base64(struct jsonw *w, const void *ptr, size_t len)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *p = ptr;
	begin(w);
	fputc('"', w->out);
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t v = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0u);
		fputc(digit[v >> 18], w->out);
		fputc(digit[v >> 12 & 63], w->out);
		fputc(left > 1 ? digit[v >> 6 & 63] : '=', w->out);
		fputc(left > 2 ? digit[v & 63] : '=', w->out);
	}
	fputc('"', w->out);
}

void jsonw_uint(struct jsonw *w, uint64_t n)
{
	begin(w);
	fprintf(w->out, "%" PRIu64, n);
}

void jsonw_bool(struct jsonw *w, bool b)
{
	begin(w);
	fputs(b ? "true" : "false", w->out);
}

void jsonw_null(struct jsonw *w)
{
	begin(w);
	fputs("null", w->out);
}

void jsonw_seconds(struct jsonw *w, double s)
{
	uint64_t ms = s > 0 && s < 1e12 ? (uint64_t)(s * 1000 + 0.5) : 0;
	begin(w);
	fprintf(w->out, "%" PRIu64 ".%03u", ms / 1000, (unsigned)(ms % 1000));
}
