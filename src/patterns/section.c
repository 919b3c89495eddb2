/* section.c: groups that ended, and lines that are no ancestors and no siblings, say nothing of what stands behind them.
 *
 *   s3: { bucket: x }, session: { secret: |        s3:            [s3]
 *   --------blank-----                               bucket: x    bucket = x
 *                                                  session:       [session]
 *                                                    secret: |    secret = | */
#include "patterns/section.h"

#include <stdbool.h>
#include <string.h>

#include "patterns/shape.h"

static bool ends_line(const char *text, size_t i, size_t len)
{
	return i == len || text[i] == '\n' || text[i] == '\r';
}

/* Where the bracket that ends at `close` begins; false: before the text. */
static bool opening(const char *text, size_t close, size_t *open)
{
	unsigned depth = 0;
	for (size_t i = close + 1; i-- > 0;) {
		depth += text[i] == '}' || text[i] == ']';
		depth -= text[i] == '{' || text[i] == '[';
		if (!depth) {
			*open = i;
			return true;
		}
	}
	return false;
}

/* Not [index], ${reference}, {placeholder} or the [head] of a section. */
static bool is_group(const char *text, size_t open, size_t close, size_t len)
{
	char before = open ? text[open - 1] : '\n';
	bool several = false;
	if (before == '$' || (text[open] == '[' && (shape_is_alnum((uint8_t)before) || before == '\n')))
		return false;
	for (size_t i = open; i < close; i++)
		several |= strchr(":=,\n", text[i]) != NULL;
	return several && !(before == '\n' && ends_line(text, close + 1, len));
}

/* Where the element begins whose end tag ends at `close`; false: it is none, or holds no other element. */
static bool element(const char *text, size_t close, size_t *open)
{
	size_t tag = close, n;
	while (tag > 0 && text[tag] != '<' && close - tag < 40)
		tag--;
	if (text[tag] != '<' || text[tag + 1] != '/')
		return false;
	n = close - tag - 2;
	for (size_t i = tag; i-- > 0;)
		if (text[i] == '<' && !memcmp(text + i + 1, text + tag + 2, n) && !shape_is_alnum((uint8_t)text[i + 1 + n])) {
			*open = i;
			return memchr(text + i + 1, '<', tag - i - 1) != NULL;
		}
	return false;
}

static void blank(char *text, size_t from, size_t to)
{
	for (; from < to; from++)
		text[from] = text[from] == '\n' ? '\n' : ' ';
}

/* The group that begins at `open` goes on to the end: what it is called counts, what stands beside it does not. Returns where to go on. */
static size_t mask_siblings(char *text, size_t open)
{
	size_t name = open, from, depth = 0;
	while (name > 0 && !strchr(",;\n{[(", text[name - 1]))
		name--;
	for (from = name; from > 0 && (depth || !strchr("\n{(", text[from - 1])); from--) {
		char ch = text[from - 1];
		depth = ch == '}' || ch == ')' ? depth + 1 : depth && (ch == '{' || ch == '(') ? depth - 1 : depth;
	}
	blank(text, from, name);
	return from;
}

static void mask_groups(char *text, size_t len)
{
	for (size_t i = len; i-- > 0;) {
		size_t open, head;
		if (text[i] == '{' && i && !strchr("$#", text[i - 1])) {
			i = mask_siblings(text, i);
			continue;
		}
		if (text[i] == '>' && element(text, i, &open)) {
			blank(text, open, i + 1);
			i = open;
			continue;
		}
		if (text[i] != '}' && text[i] != ']')
			continue;
		if (!opening(text, i, &open)) {
			memset(text, ' ', i + 1);
			return;
		}
		if (!is_group(text, open, i, len))
			continue;
		for (head = open; head > 0 && !strchr(",;\n{}[", text[head - 1]);)
			head--;
		blank(text, head, i + 1);
		i = head;
	}
}

static size_t indent_of(const char *text, size_t begin, size_t end)
{
	size_t i = begin;
	while (i < end && (text[i] == ' ' || text[i] == '\t'))
		i++;
	return i - begin;
}

static void mask_lines(char *text, size_t len)
{
	size_t begin = len, end, level;
	bool siblings = true, deeper = false, done = false;
	/* Inside a list, the lines before speak of other lists; groups that ended are blanks by now. */
	for (; begin > 0 && text[begin - 1] != '\n'; begin--)
		siblings &= !strchr("{,(", text[begin - 1]);
	for (level = indent_of(text, begin, len); begin > 0;) {
		end = --begin;
		while (begin > 0 && text[begin - 1] != '\n')
			begin--;
		size_t indent = indent_of(text, begin, end), last = end;
		while (last > begin && (text[last - 1] == '\r' || text[last - 1] == ' '))
			last--;
		if (begin + indent >= last)
			continue;
		bool head = text[begin] == '[' && text[last - 1] == ']', parent = text[last - 1] == ':' && deeper;
		if (done || indent > level || (indent == level && (!siblings || parent)))
			blank(text, begin, end);
		deeper = indent > level;
		siblings &= indent >= level;
		level = indent < level ? indent : level;
		done |= head;
	}
}

void section_mask(char *text, size_t len)
{
	mask_groups(text, len);
	mask_lines(text, len);
}
