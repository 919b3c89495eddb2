/* bare.c: forty random characters, and nothing that says what they are.
 *
 *   MIIEowIBAAKCAQEA7Zr3...          a body in base64 ends in a line of 40 in one case of 64: what
 *   vouXsXgxT7PntgMTzlSd...          stands in the line before tells
 *   -----END RSA PRIVATE KEY-----
 *
 * Statistics are in shape.c; here is what stands near. */
#include "patterns/bare.h"

#include "match/run.h"

#define BACK 64 /* bytes before a run that are read with it: escapes, joints */

/* The forty characters of a run of `n`: its last, or what it spells. */
static bool bare_text(uint8_t *out, struct bytes data, size_t end, unsigned n)
{
	if (n >= RUN_MIN && n <= RUN_MIN + 5) {
		memcpy(out, data.ptr + end - SECRET_LEN, SECRET_LEN);
		return true;
	}
	uint8_t plain[48];
	if (n < 54 || n > RUN_MAX)
		return false;
	shape_base64_decode(plain, data.ptr + end - n, n);
	for (unsigned i = 0; i < SECRET_LEN; i++)
		if (!shape_is_base64(plain[i]))
			return false;
	memcpy(out, plain, SECRET_LEN);
	return true;
}

#define LAYOUT_MAX 48 /* bytes of line ends, indentation, quotes and signs between two lines of a body */
#define LINE_MIN 48   /* digits of a line that goes on in the next */

static bool hex_only(const uint8_t *p, size_t n)
{
	while (n && ((p[n - 1] >= '0' && p[n - 1] <= '9') || ((p[n - 1] | 32) >= 'a' && (p[n - 1] | 32) <= 'f')))
		n--;
	return !n;
}

/* How many bytes before `i` lay out lines: a blank, a quote, a sign; an escaped line's end; a "+" or "//" that stands alone. 0: none do. */
static size_t layout_before(const uint8_t *p, size_t i)
{
	size_t n = 0;
	if (i > 1 && p[i - 2] == '\\' && (p[i - 1] == 'n' || p[i - 1] == 'r'))
		return 2;
	while (n < 2 && n < i && (p[i - n - 1] == '+' || p[i - n - 1] == '/'))
		n++;
	if (i == n || shape_is_base64(p[i - n - 1]))
		return 0;
	return n ? n : p[i - 1] != '=';
}

/* The end of the line before the text at `from`, with a line's end and its layout between, escaped or not. 0: there is none. */
static size_t line_before(const uint8_t *p, size_t from)
{
	size_t i = from;
	bool ended = false;
	for (size_t n; i > 0 && from - i < LAYOUT_MAX && (n = layout_before(p, i)); i -= n)
		ended |= n == 2 ? p[i - 2] == '\\' : p[i - 1] == '\n' || p[i - 1] == '\r';
	return ended ? i : 0;
}

/* Is the text at [from, end) the last line of a longer one in base64, or wrapped in PEM's armour? */
static bool in_body(struct bytes data, size_t from, size_t end)
{
	static const char armour[] = "-----END";
	size_t last = line_before(data.ptr, from), n = run_length(data, last), i = end;
	if (n >= LINE_MIN && !hex_only(data.ptr + last - n, n))
		return true;
	while (i < data.len && i - end < LAYOUT_MAX && data.ptr[i] != '-' && !shape_is_base64(data.ptr[i]))
		i += data.ptr[i] == '\\' && i + 1 < data.len ? 2 : 1;
	return data.len > i + sizeof armour - 1 && !memcmp(data.ptr + i, armour, sizeof armour - 1);
}

/* A message's or a mailbox's name, not the password of "user:password@host". */
static bool in_address(struct bytes data, size_t from, size_t end)
{
	return end < data.len && data.ptr[end] == '@' && !(from > 0 && data.ptr[from - 1] == ':');
}

bool bare_look(struct bytes data, size_t end)
{
	uint8_t text[SECRET_LEN];
	unsigned n = run_length(data, end);
	if (!bare_text(text, data, end, n))
		return false;
	enum secret_shape shape = shape_secret(text);
	if (shape == SECRET_NOT || (shape == SECRET_GOOD && shape_bare_against(text)))
		return false;
	size_t from = n < 54 ? end - SECRET_LEN : end - n;
	return !in_body(data, from, end) && !in_address(data, from, end);
}

void bare_read(struct atoms *a, const struct view *v, size_t end, const struct wholes *w)
{
	size_t had = a->len, from = end - run_length(bytes_of(v->ptr, v->len), end);
	atoms_read(a, v, from > BACK ? from - BACK : 0, end);
	for (size_t i = had; i < a->len; i++) {
		struct atom t = a->list[i];
		if (t.type != ATOM_SECRET || t.name == NAME_FOREIGN || t.to != end || t.joined || wholes_hold(w, &t))
			continue;
		t.bare = true;
		a->list[had++] = t;
	}
	a->len = had;
}
