/* place.c: what no name says, the place may.
 *
 *   s3://AKIA...:.../              the user of a URL
 *   const test = "AKIA...";        all that a line assigns
 *   AKIA...                        all that the text holds
 */
#include "patterns/place.h"

#include <string.h>

#include "patterns/shape.h"

#define ALONE_MAX 64  /* of a text that holds nothing but the value */
#define LINE_BACK 120 /* from the value to the start of its line */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_alone(const struct view *v, size_t from, size_t to)
{
	if (v->len > ALONE_MAX || v->encoding != ENC_PLAIN)
		return false;
	while (from > 0 && is_blank(v->ptr[from - 1]))
		from--;
	while (to < v->len && is_blank(v->ptr[to]))
		to++;
	return !from && to == v->len;
}

static bool is_user(const struct view *v, size_t from, size_t to)
{
	return from >= 3 && to < v->len && !memcmp(v->ptr + from - 3, "://", 3) && (v->ptr[to] == ':' || v->ptr[to] == '@');
}

/* Behind the value nothing but the end of its quotes and of the statement. */
static bool ends_statement(const struct view *v, size_t to, uint8_t quote)
{
	if (quote && (to == v->len || v->ptr[to++] != quote))
		return false;
	while (to < v->len && (v->ptr[to] == ';' || v->ptr[to] == ' ' || v->ptr[to] == '\r'))
		to++;
	return to == v->len || v->ptr[to] == '\n' || v->ptr[to] == '#' || v->ptr[to] == '/';
}

/* "const char *name = ", "name := ", "export NAME=": words and one sign, from the start of the line on. */
static bool is_assigned(const struct view *v, size_t from, size_t to)
{
	const uint8_t *p = v->ptr;
	size_t i = from, stop = from > LINE_BACK ? from - LINE_BACK : 0;
	uint8_t quote = i > stop && strchr("\"'`", p[i - 1]) ? p[--i] : 0;
	bool named = false;
	if (i > stop && quote && p[i - 1] == '@') /* of Objective-C and C# */
		i--;
	while (i > stop && (p[i - 1] == ' ' || p[i - 1] == '\t'))
		i--;
	if (i == stop || p[--i] != '=' || !ends_statement(v, to, quote))
		return false;
	for (; i > stop && p[i - 1] != '\n'; i--) {
		if (!shape_is_alnum(p[i - 1]) && !strchr("_ \t:*&$@.+-", p[i - 1]))
			return false;
		named |= shape_is_alnum(p[i - 1]);
	}
	return named && (!i || p[i - 1] == '\n');
}

bool place_keeps(const struct view *v, size_t from, size_t to)
{
	return is_user(v, from, to) || is_assigned(v, from, to) || is_alone(v, from, to);
}
