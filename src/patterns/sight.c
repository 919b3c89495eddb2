/* sight.c: decoding with the way back kept.
 *
 *   source  ...?X-Amz-Credential=AKIA..%2F20260101...   text  ...?X-Amz-Credential=AKIA../20260101...
 *                                                       at    index of each byte's escape in the view */
#include "patterns/sight.h"

#include "patterns/known.h"
#include "patterns/shape.h"

void sight_read(struct sight *s, struct sight_space *space, const struct view *v, size_t from, size_t to, size_t before, size_t ahead, bool keep, bool join)
{
	size_t i = from > before ? from - before : 0, end = v->len - to > ahead ? to + ahead : v->len, n = 0;
	s->view = v;
	s->text = space->text;
	s->at = space->at;
	s->joined = false;
	while (i < end && n < SIGHT_MAX) {
		size_t joint = join ? joint_at(v->ptr + i, v->len - i) : 0;
		if (joint) {
			s->joined = true;
			i += joint;
			continue;
		}
		struct unit u = keep ? (struct unit){ v->ptr[i], 1, false } : unit_at(v->ptr + i, v->len - i);
		if (join && u.c == '=' && i + 2 < end && v->ptr[i + 1] == '3' && v->ptr[i + 2] == 'D') { /* quoted-printable */
			u.len = 3;
			s->joined = true;
		}
		space->at[n] = (uint32_t)i;
		space->text[n++] = u.c;
		i += u.len;
	}
	space->at[n] = (uint32_t)i;
	s->len = n;
}

static bool ends_run(const struct sight *s, size_t i)
{
	uint8_t c = s->text[i];
	if (c > ' ' && c != '"' && c != '\'' && c != '<' && c != '>' && c != '`' && c != '|')
		return false;
	return s->view->ptr[s->at[i]] != '%'; /* in a URL's own escapes it is data */
}

static bool begins_url(const struct sight *s, size_t i, size_t hi)
{
	return i + 8 <= hi && (s->text[i] | 32) == 'h' && (!memcmp(s->text + i + 1, "ttps://", 7) || !memcmp(s->text + i + 1, "ttp://", 6));
}

void sight_run(const struct sight *s, size_t i, size_t *lo, size_t *hi)
{
	for (*lo = i; *lo > 0 && !ends_run(s, *lo - 1); --*lo)
		if (begins_url(s, *lo, s->len))
			break;
	for (*hi = i; *hi < s->len && !ends_run(s, *hi) && (*hi == i || !begins_url(s, *hi, s->len));)
		++*hi;
}

static bool name_at(const struct sight *s, const char *name, size_t n, size_t i)
{
	for (size_t k = 0; k < n; k++) {
		uint8_t c = s->text[i + k];
		if ((c >= 'A' && c <= 'Z' ? c | 32 : c) != (uint8_t)name[k])
			return false;
	}
	return true;
}

size_t sight_name(const struct sight *s, const char *name, size_t i, size_t lo, size_t hi)
{
	size_t n = strlen(name), best = NOWHERE, far = NOWHERE;
	for (size_t k = lo; k + n <= hi; k++) {
		size_t gap = k < i ? i - k : k - i;
		if (gap >= far || !name_at(s, name, n, k))
			continue;
		if ((k > 0 && (shape_is_alnum(s->text[k - 1]))) || (k + n < s->len && shape_is_alnum(s->text[k + n])))
			continue;
		best = k;
		far = gap;
	}
	return best;
}

static bool is_sign(uint8_t c)
{
	return c <= ' ' || (c < 128 && strchr("\"'\\=:,>[](){}|;<", c));
}

size_t sight_value(const struct sight *s, size_t i, size_t hi)
{
	static const char *const words[] = { "value", "content", "type", "string", "hidden", "text", "input" };
	size_t stop = hi - i > 120 ? i + 120 : hi;
	if (i + 3 <= hi && !memcmp(s->text + i, "=3D", 3))
		return i + 3; /* quoted-printable */
	while (i < stop) {
		size_t word = 0;
		if (is_sign(s->text[i])) {
			i++;
			continue;
		}
		for (size_t w = 0; w < sizeof words / sizeof *words && !word; w++) {
			size_t n = strlen(words[w]);
			if (i + n < hi && name_at(s, words[w], n, i) && is_sign(s->text[i + n]))
				word = n;
		}
		if (!word)
			return i;
		i += word;
	}
	return i;
}

size_t sight_span(const struct sight *s, size_t i, size_t hi, bool (*in)(uint8_t c))
{
	size_t n = 0;
	while (i + n < hi && in(s->text[i + n]))
		n++;
	return n;
}
