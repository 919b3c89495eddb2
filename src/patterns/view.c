/* view.c: escapes, joints, UTF-16 and base64, each read at the place of a hit and never over a whole file.
 *
 *   source   a w s % 3 D \ / x &#43;         units   a w s = / x +
 *   base64   Q U t J | Q T...  \n  ...       the group of four is known from the anchor: QUtJQ is AKIA at digit 0 */
#include "patterns/view.h"

#include <stdlib.h>

#include "patterns/shape.h"
#include "util/alloc.h"

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `n` hex digits at `p`, or -1. */
static int hex_at(const uint8_t *p, size_t len, unsigned n)
{
	int v = 0;
	if (len < n)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		int d = hex_value(p[i]);
		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

static struct unit make_unit(int c, size_t len)
{
	return (struct unit){ c > 255 ? 0xff : (uint8_t)c, (uint8_t)len, true };
}

static struct unit plain_unit(uint8_t c)
{
	return (struct unit){ c, 1, false };
}

/* %2F, and %252F for what was escaped twice. */
static struct unit percent_unit(const uint8_t *p, size_t len)
{
	size_t i = 1;
	while (i < 7 && i + 2 <= len && p[i] == '2' && p[i + 1] == '5' && hex_at(p + i + 2, len - i - 2, 2) >= 0)
		i += 2;
	int v = hex_at(p + i, len - i, 2);
	return v < 0 ? plain_unit('%') : make_unit(v, i + 2);
}

/* \u{2F}: the digits behind the 'u' at `i`. */
static struct unit braced_unit(const uint8_t *p, size_t i, size_t len)
{
	int v = 0;
	for (size_t k = i + 2; k < len && k < i + 8; k++) {
		int d = hex_value(p[k]);
		if (p[k] == '}' && k > i + 2)
			return make_unit(v, k + 1);
		if (d < 0)
			break;
		v = v << 4 | d;
	}
	return plain_unit('\\');
}

/* A backslash escape, however often its backslash was doubled. */
static struct unit backslash_unit(const uint8_t *p, size_t len)
{
	size_t i = 1;
	int v;
	while (i < len && i < 8 && p[i] == '\\')
		i++;
	if (i >= len)
		return plain_unit('\\');
	switch (p[i]) {
	case 'n': return make_unit('\n', i + 1);
	case 'r': return make_unit('\r', i + 1);
	case 't': return make_unit('\t', i + 1);
	case 'u':
		if (i + 1 < len && p[i + 1] == '{')
			return braced_unit(p, i, len);
		v = hex_at(p + i + 1, len - i - 1, 4);
		return v < 0 ? plain_unit('\\') : make_unit(v, i + 5);
	case 'x':
		v = hex_at(p + i + 1, len - i - 1, 2);
		return v < 0 ? plain_unit('\\') : make_unit(v, i + 3);
	case '0': /* \033 */
		return i + 2 < len && p[i + 1] == '3' && p[i + 2] == '3' ? make_unit(27, i + 3) : plain_unit('\\');
	case 'e':
		return i + 1 < len && p[i + 1] == '[' ? make_unit(27, i + 1) : plain_unit('\\');
	case '/': case '"': case '\'': case '+': case '=': case ':': case '#': case '!': case '&': case ' ':
		return make_unit(p[i], i + 1);
	default:
		return plain_unit('\\');
	}
}

static struct unit entity_unit(const uint8_t *p, size_t len)
{
	static const struct { const char *name; char c; } names[] = { { "&amp;", '&' }, { "&quot;", '"' }, { "&apos;", '\'' }, { "&lt;", '<' },
		{ "&gt;", '>' }, { "&plus;", '+' }, { "&sol;", '/' }, { "&equals;", '=' }, { "&nbsp;", ' ' } };
	if (len > 3 && p[1] == '#') {
		bool hex = (p[2] | 32) == 'x';
		size_t i = hex ? 3 : 2, first = i;
		int v = 0;
		for (; i < len && i < first + 5; i++) {
			int d = hex_value(p[i]);
			if (d < 0 || (!hex && d > 9))
				break;
			v = v * (hex ? 16 : 10) + d;
		}
		return i > first && i < len && p[i] == ';' ? make_unit(v, i + 1) : plain_unit('&');
	}
	for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
		size_t l = strlen(names[n].name);
		if (l <= len && !memcmp(p, names[n].name, l))
			return make_unit(names[n].c, l);
	}
	return plain_unit('&');
}

/* ESC [ 1 ; 32 m */
static struct unit colour_unit(const uint8_t *p, size_t len, struct unit esc)
{
	size_t i = esc.len;
	if (i >= len || p[i] != '[')
		return esc;
	for (i++; i < len && i < 24; i++) {
		if (p[i] >= '@' && p[i] <= '~')
			return make_unit(' ', i + 1);
		if ((p[i] < '0' || p[i] > '9') && p[i] != ';' && p[i] != '?')
			break;
	}
	return esc;
}

struct unit unit_at(const uint8_t *p, size_t len)
{
	struct unit u;
	switch (p[0]) {
	case '%': return percent_unit(p, len);
	case '\\': u = backslash_unit(p, len); break;
	case '&': return entity_unit(p, len);
	default: u = plain_unit(p[0]);
	}
	return u.c == 27 ? colour_unit(p, len, u) : u;
}

static size_t skip_blank(const uint8_t *p, size_t i, size_t len)
{
	while (i < len && i < 200 && (p[i] == ' ' || p[i] == '\t' || p[i] == '\n' || p[i] == '\r'))
		i++;
	return i;
}

/* A quote, perhaps escaped, at `i`: its length with the backslashes. */
static size_t quote_at(const uint8_t *p, size_t i, size_t len, uint8_t *quote)
{
	size_t j = i;
	while (j < len && j < i + 8 && p[j] == '\\')
		j++;
	if (j >= len || (p[j] != '"' && p[j] != '\'' && p[j] != '`'))
		return 0;
	*quote = p[j];
	return j - i + 1;
}

static bool name_char(uint8_t c)
{
	return shape_is_alnum(c) || c == '_' || c == '$' || c == '.';
}

/* SECRET="first half"
 * SECRET+="second half" */
static size_t append_at(const uint8_t *p, size_t len)
{
	uint8_t open = 0, close = 0;
	size_t i = quote_at(p, 0, len, &open);
	i += i < len && p[i] == ';';
	if (i >= len || (p[i] != '\n' && p[i] != '\r'))
		return 0;
	i = skip_blank(p, i, len);
	size_t name = i;
	while (i < len && i - name < 64 && name_char(p[i]))
		i++;
	if (i == name)
		return 0;
	i = skip_blank(p, i, len);
	if (i + 2 >= len || (p[i] != '+' && p[i] != '.') || p[i + 1] != '=')
		return 0;
	i = skip_blank(p, i + 2, len);
	i += open ? quote_at(p, i, len, &close) : 0;
	return open == close ? i : 0;
}

size_t comma_joint_at(const uint8_t *p, size_t len)
{
	uint8_t open, close;
	size_t i = quote_at(p, 0, len, &close);
	if (!i)
		return 0;
	i = skip_blank(p, i, len);
	if (i >= len || p[i] != ',')
		return 0;
	i = skip_blank(p, i + 1, len);
	size_t q = quote_at(p, i, len, &open);
	return q && open == close ? i + q : 0;
}

#define MAIL_LINE 76 /* RFC 2045 */

bool soft_break_at(const uint8_t *p, size_t at, size_t len)
{
	size_t begin = at, next = at + 1;
	while (begin > 0 && at - begin < MAIL_LINE && p[begin - 1] != '\n')
		begin--;
	next += next < len && p[next] == '\r';
	return p[at] == '=' && at - begin >= MAIL_LINE - 4 && at - begin < MAIL_LINE && next + 1 < len && p[next] == '\n' && shape_is_base64(p[next + 1]);
}

size_t joint_at(const uint8_t *p, size_t len)
{
	uint8_t open, close;
	if (len > 2 && p[0] == '=' && (p[1] == '\n' || (p[1] == '\r' && p[2] == '\n')))
		return p[1] == '\n' ? 2 : 3;
	if (len > 2 && p[0] == '\\' && (p[1] == '\n' || (p[1] == '\r' && p[2] == '\n')))
		return skip_blank(p, 1, len);
	size_t appended = append_at(p, len), i = quote_at(p, 0, len, &close);
	if (!i || appended)
		return appended;
	i = skip_blank(p, i, len);
	if (i + 1 < len && (p[i] == '.' || p[i] == '<') && (p[i + 1] == '.' || p[i + 1] == '>'))
		i += 2; /* Lua's and Haskell's operators */
	else if (i + 1 < len && p[i] == '+' && p[i + 1] == '+')
		i += 2;
	else if (i < len && (p[i] == '+' || p[i] == '.' || p[i] == '&' || p[i] == '~' || p[i] == '\\' || p[i] == '^'))
		i++;
	i = skip_blank(p, i, len);
	if (i + 1 < len && p[i] == '_' && (p[i + 1] == '\n' || p[i + 1] == '\r'))
		i = skip_blank(p, i + 1, len); /* Visual Basic */
	if (i < len && p[i] == '@')
		i++; /* Objective-C */
	size_t q = quote_at(p, i, len, &open);
	return q && open == close ? i + q : 0;
}

bool boundary_before(const uint8_t *p, size_t at)
{
	if (!at || !shape_is_alnum(p[at - 1]))
		return true;
	uint8_t c = p[at - 1];
	if (at >= 2 && p[at - 2] == '\\' && (c == 'n' || c == 'r' || c == 't'))
		return true;
	if (at >= 3 && hex_at(p + at - 2, 2, 2) >= 0 && (p[at - 3] == '%' || (p[at - 3] == '=' && p[at - 2] == '3')))
		return true;
	if (at >= 5 && hex_at(p + at - 2, 2, 2) >= 0 && p[at - 3] == '5' && p[at - 4] == '2' && p[at - 5] == '%')
		return true;
	if (at >= 4 && p[at - 4] == '\\' && p[at - 3] == 'x' && hex_at(p + at - 2, 2, 2) >= 0)
		return true;
	if (at >= 6 && p[at - 6] == '\\' && p[at - 5] == 'u' && hex_at(p + at - 4, 4, 4) >= 0)
		return true;
	if (c == 'm') {
		size_t i = at - 1;
		while (i > 0 && i + 12 > at && ((p[i - 1] >= '0' && p[i - 1] <= '9') || p[i - 1] == ';'))
			i--;
		return i > 0 && p[i - 1] == '[';
	}
	return false;
}

size_t wrap_at(const uint8_t *p, size_t len)
{
	size_t i = 0;
	for (unsigned turn = 0; turn < 2 && i < len; turn++) {
		if (p[i] == '\r' && i + 1 < len && p[i + 1] == '\n')
			i += 2;
		else if (p[i] == '\n' || p[i] == '\r')
			i++;
		else if (p[i] == '\\' && i + 1 < len && (p[i + 1] == 'n' || p[i + 1] == 'r'))
			i += 2;
		else
			break;
	}
	if (!i)
		return joint_at(p, len);
	while (i < len && i < 80 && (p[i] == ' ' || p[i] == '\t' || p[i] == '>' || p[i] == '|'))
		i++;
	return i;
}

size_t base64_text(uint8_t *out, const uint8_t *p, size_t len, unsigned skip)
{
	unsigned have = 0;
	uint32_t bits = 0;
	size_t n = 0;
	for (size_t i = 0; i < len;) {
		uint8_t v = shape_base64_value[p[i]];
		if (v >= 64) {
			size_t wrap = wrap_at(p + i, len - i);
			if (!wrap)
				break;
			i += wrap;
			continue;
		}
		i++;
		if (skip) {
			skip--;
			continue;
		}
		bits = bits << 6 | v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (uint8_t)(bits >> have);
		}
	}
	return n;
}

void view_space_release(struct view_space *s)
{
	free(s->text);
	free(s->map);
	*s = (struct view_space){ 0 };
}

void view_space_need(struct view_space *s, size_t n)
{
	if (n + 1 > s->cap) {
		s->cap = n + n / 2 + 4096;
		s->text = xrealloc(s->text, s->cap, sizeof *s->text);
		s->map = xrealloc(s->map, s->cap, sizeof *s->map);
	}
}

struct view view_utf16(struct view_space *s, struct bytes data, size_t from, size_t to, bool big_endian)
{
	size_t n = 0;
	view_space_need(s, (to - from) / 2);
	for (size_t i = from; i + 2 <= to; i += 2) {
		uint8_t high = data.ptr[i + (big_endian ? 0 : 1)], low = data.ptr[i + (big_endian ? 1 : 0)];
		s->map[n] = (uint32_t)i;
		s->text[n++] = high ? 0xff : low;
	}
	s->map[n] = (uint32_t)to;
	return (struct view){ s->text, n, s->map, big_endian ? ENC_UTF16BE : ENC_UTF16LE };
}

/* A line shorter than this is not wrapped base64: what follows is another text. */
#define WRAPPED_LINE 40

static size_t base64_begin(struct bytes data, size_t at, size_t back)
{
	size_t stop = at > back ? at - back : 0, begin = at;
	for (;;) {
		while (begin > stop && shape_base64_value[data.ptr[begin - 1]] < 64)
			begin--;
		/* Does a wrapped line end before this one? */
		size_t gap = begin;
		while (gap > stop && begin - gap < 60 && shape_base64_value[data.ptr[gap - 1]] >= 64)
			gap--;
		size_t line = gap;
		while (line > stop && gap - line < WRAPPED_LINE && shape_base64_value[data.ptr[line - 1]] < 64)
			line--;
		if (gap == begin || gap - line < WRAPPED_LINE || wrap_at(data.ptr + gap, begin - gap + 1) != begin - gap)
			return begin;
		begin = line;
	}
}

struct view view_base64(struct view_space *s, struct bytes data, size_t at, unsigned digit, size_t back, size_t ahead, size_t *from, size_t *to)
{
	size_t i = base64_begin(data, at, back), end = data.len - at > ahead ? at + ahead : data.len;
	size_t before = 0, digits = 0, n = 0, line = 0, last = at;
	uint32_t bits = 0;

	*from = i;
	for (size_t j = i; j < at;) { /* digits before the anchor, to know where its groups begin */
		size_t wrap = shape_base64_value[data.ptr[j]] < 64 ? 0 : wrap_at(data.ptr + j, at - j + 1);
		before += !wrap;
		j += wrap ? wrap : 1;
	}
	size_t skip = (before + 4 - digit) % 4;
	view_space_need(s, end - i);
	while (i < end) {
		uint8_t v = shape_base64_value[data.ptr[i]];
		if (v >= 64) {
			size_t wrap = line >= WRAPPED_LINE ? wrap_at(data.ptr + i, data.len - i) : 0;
			if (!wrap || i + wrap >= end || shape_base64_value[data.ptr[i + wrap]] >= 64)
				break;
			line = 0;
			i += wrap;
			continue;
		}
		line++;
		if (skip) {
			skip--;
		} else {
			bits = bits << 6 | v;
			if (digits++ % 4) {
				s->map[n] = (uint32_t)last;
				s->text[n++] = (uint8_t)(bits >> (6 - 2 * ((digits - 1) % 4)));
			}
			last = i;
		}
		i++;
	}
	s->map[n] = (uint32_t)i;
	*to = i;
	return (struct view){ s->text, n, s->map, ENC_BASE64 };
}

static void map_through(struct view_space *s, const struct view *base, size_t n)
{
	for (size_t i = 0; base->map && i <= n; i++)
		s->map[i] = base->map[s->map[i]];
}

struct view view_base64_in(struct view_space *s, const struct view *base, size_t at, unsigned digit, size_t back, size_t ahead, size_t *from, size_t *to)
{
	struct view v = view_base64(s, bytes_of(base->ptr, base->len), at, digit, back, ahead, from, to);
	map_through(s, base, v.len);
	return v;
}

struct view view_utf16_in(struct view_space *s, const struct view *base, size_t at)
{
	struct view v = view_utf16(s, bytes_of(base->ptr, base->len), at % 2, base->len, false);
	map_through(s, base, v.len);
	v.encoding = base->encoding;
	return v;
}

size_t view_index(const struct view *v, size_t source)
{
	size_t low = 0, high = v->len; /* the last byte that begins at or before `source` */
	if (!v->map)
		return source;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (v->map[middle] <= source)
			low = middle;
		else
			high = middle;
	}
	return low;
}
