/* gitconfig.c: one look ahead, no recursion.
 *
 *     [section "subsection"]   ; comment
 *         key = value # comment
 *         key = "quoted \" value" and \
 *               its second line                                                                    */
#include "policy/gitconfig.h"

#include <ctype.h>

#include "util/buf.h"

struct parser {
	const uint8_t *p, *end;
	unsigned line;
	const char *why;
	struct buf section, subsection, key, value;
	bool has_subsection;
	unsigned header;
};

#define END (-1)

/* The byte at hand; CR LF is one newline. */
static int peek(const struct parser *x)
{
	if (x->p == x->end)
		return END;
	return *x->p == '\r' && x->p + 1 < x->end && x->p[1] == '\n' ? '\n' : *x->p;
}

static int take(struct parser *x)
{
	int c = peek(x);
	if (c == END)
		return END;
	x->p += c == '\n' && *x->p == '\r' ? 2 : 1;
	x->line += c == '\n';
	return c;
}

static bool refuse(struct parser *x, const char *why)
{
	if (!x->why)
		x->why = why;
	return false;
}

static void skip_blanks(struct parser *x)
{
	while (peek(x) == ' ' || peek(x) == '\t')
		take(x);
}

static void skip_line(struct parser *x)
{
	for (int c = take(x); c != '\n' && c != END;)
		c = take(x);
}

static bool is_name(int c)
{
	return c != END && (isalnum(c) || c == '-');
}

/* "subsection"] */
static bool read_subsection(struct parser *x)
{
	x->has_subsection = true;
	take(x);
	for (;;) {
		int c = take(x);
		if (c == '"')
			break;
		if (c == '\\')
			c = take(x);
		if (c == END || c == '\n' || c == 0)
			return refuse(x, "a section's name in quotes does not end on its line; close it with \"]");
		buf_addch(&x->subsection, (char)c);
	}
	return take(x) == ']' ? true : refuse(x, "a section's name is followed by something else; end it with ]");
}

static bool read_header(struct parser *x)
{
	buf_clear(&x->section);
	buf_clear(&x->subsection);
	x->has_subsection = false;
	x->header++;
	take(x);
	while (is_name(peek(x)) || peek(x) == '.')
		buf_addch(&x->section, (char)tolower(take(x)));
	if (!x->section.len)
		return refuse(x, "a section without a name; write [name]");
	skip_blanks(x);
	if (peek(x) == '"')
		return read_subsection(x);
	return take(x) == ']' ? true : refuse(x, "a section's name is letters, digits and -; write [name] or [name \"part\"]");
}

static bool read_escape(struct parser *x)
{
	int c = take(x);
	switch (c) {
	case '\n': return true; /* the value goes on in the next line */
	case 't': c = '\t'; break;
	case 'n': c = '\n'; break;
	case 'b': c = '\b'; break;
	case '\\': case '"': break;
	default: return refuse(x, "a backslash before something else than n, t, b, \", \\ or the line's end; write two of them");
	}
	buf_addch(&x->value, (char)c);
	return true;
}

static bool read_value(struct parser *x)
{
	bool quoted = false;
	size_t solid = 0; /* blanks behind it are nobody's */
	skip_blanks(x);
	for (;;) {
		int c = peek(x);
		if (c == END || c == '\n') {
			if (quoted)
				return refuse(x, "a quote is not closed on its line; add a \"");
			break;
		}
		if (!quoted && (c == '#' || c == ';')) {
			skip_line(x);
			break;
		}
		take(x);
		if (c == 0)
			return refuse(x, "a NUL byte; take it out");
		if (c == '\\') {
			if (!read_escape(x))
				return false;
		} else if (c == '"') {
			quoted = !quoted;
		} else {
			buf_addch(&x->value, (char)c);
		}
		if (quoted || (c != ' ' && c != '\t'))
			solid = x->value.len;
	}
	if (x->value.ptr)
		x->value.ptr[x->value.len = solid] = '\0';
	return true;
}

static bool read_entry(struct parser *x, gitconfig_visit *visit, void *payload, bool *stopped)
{
	unsigned line = x->line;
	buf_clear(&x->key);
	buf_clear(&x->value);
	while (is_name(peek(x)))
		buf_addch(&x->key, (char)tolower(take(x)));
	skip_blanks(x);
	int c = peek(x);
	if (c == '=') {
		take(x);
		if (!read_value(x))
			return false;
	} else if (c == '\n' || c == END || c == '#' || c == ';') {
		buf_addstr(&x->value, "true");
	} else {
		return refuse(x, "neither a section nor a setting; write key = value");
	}
	if (!x->section.len)
		return refuse(x, "a setting before any section; put [name] above it");
	struct setting s = { x->section.ptr, x->has_subsection ? buf_str(&x->subsection) : NULL, x->key.ptr, buf_str(&x->value), line, x->header };
	*stopped = !visit(payload, &s);
	return !*stopped;
}

enum status gitconfig_parse(struct bytes text, gitconfig_visit *visit, void *payload, unsigned *line, const char **why)
{
	struct parser x = { .p = text.ptr, .end = text.ptr + text.len, .line = 1 };
	bool ok = true, stopped = false;
	if (text.len >= 3 && !memcmp(text.ptr, "\xef\xbb\xbf", 3))
		x.p += 3;
	while (ok && x.p < x.end) {
		int c = peek(&x);
		*line = x.line;
		if (c == '\n' || c == ' ' || c == '\t')
			take(&x);
		else if (c == '#' || c == ';')
			skip_line(&x);
		else if (c == '[')
			ok = read_header(&x);
		else if (isalpha(c))
			ok = read_entry(&x, visit, payload, &stopped);
		else
			ok = refuse(&x, "neither a section nor a setting; write key = value");
	}
	*why = x.why;
	buf_release(&x.section);
	buf_release(&x.subsection);
	buf_release(&x.key);
	buf_release(&x.value);
	return ok ? KH_OK : stopped ? KH_STOPPED : KH_CORRUPT;
}
