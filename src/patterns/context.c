/* context.c: what lays out text, and how characters are spelled, is no part of what it says. */
#include "patterns/context.h"

#include "patterns/shape.h"

/* Does a line begin here that gives a name a value? Quoted-printable would write "=3D". */
static bool assigns(const uint8_t *p, size_t len)
{
	size_t n = 0;
	while (n < len && (shape_is_alnum(p[n]) || p[n] == '_'))
		n++;
	return n && n < len && p[n] == '=' && (n + 1 == len || (p[n + 1] != '\n' && p[n + 1] != '\r' && p[n + 1] != '3'));
}

/* Length of what only lays out text: tags that word processors and sheets write between any two words, and the line ends of
 * quoted-printable. 0: it says something. */
static size_t layout_at(const uint8_t *p, size_t len)
{
	static const char *const tags[] = { "w:", "a:", "text:", "si>", "t>", "t xml:", "r>" };
	if (len > 2 && p[0] == '=' && (p[1] == '\n' || (p[1] == '\r' && p[2] == '\n'))) {
		size_t n = p[1] == '\n' ? 2 : 3;
		return assigns(p + n, len - n) ? 0 : n;
	}
	if (len < 4 || p[0] != '<')
		return 0;
	size_t name = p[1] == '/' ? 2 : 1;
	for (unsigned i = 0; i < sizeof tags / sizeof *tags; i++) {
		size_t n = strlen(tags[i]);
		const uint8_t *end = name + n <= len && !memcmp(p + name, tags[i], n) ? memchr(p + name, '>', len - name) : NULL;
		if (end)
			return (size_t)(end - p) + 1;
	}
	return 0;
}

/* One character, "=3D" of quoted-printable read as what it stands for. */
static struct unit context_unit(const uint8_t *p, size_t len)
{
	if (len > 2 && p[0] == '=' && p[1] == '3' && p[2] == 'D')
		return (struct unit){ '=', 3, true };
	return unit_at(p, len);
}

void context_read(struct context *c, const struct view *v, size_t from, size_t to)
{
	c->len = 0;
	c->aws_behind = false;
	for (size_t i = from; i < to && c->len < CONTEXT;) {
		size_t layout = layout_at(v->ptr + i, to - i);
		struct unit u = layout ? (struct unit){ ' ', 0, false } : context_unit(v->ptr + i, to - i);
		i += layout;
		c->raw[c->len] = (char)(u.c ? u.c : '\n');
		c->text[c->len++] = (char)(u.c >= 'A' && u.c <= 'Z' ? u.c | 32 : u.c ? u.c : '\n');
		i += u.len;
	}
	c->text[c->len] = c->raw[c->len] = '\0';
}
