#include "patterns/request.h"

#include <stdbool.h>
#include <strings.h>

#include "patterns/shape.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool is_quote(uint8_t c)
{
	return c == '"' || c == '\'' || c == '`';
}

static bool ends_value(uint8_t c)
{
	return is_quote(c) || c == '\n' || c == '\r' || !c;
}

static size_t skip(struct bytes b, size_t i, const char *which)
{
	while (i < b.len && b.ptr[i] && strchr(which, b.ptr[i]))
		i++;
	return i;
}

/* What follows the name at `i`, if it is a header: `: value`, `': b'value'`, `": ["value"`. */
static struct bytes value_behind(struct bytes b, size_t i)
{
	size_t end, at = i;
	if (at < b.len && is_quote(b.ptr[at]))
		at++;
	at = skip(b, at, " \t");
	if (at >= b.len || b.ptr[at] != ':')
		return bytes_of(NULL, 0);
	at = skip(b, at + 1, " \t[");
	if (at + 1 < b.len && b.ptr[at] == 'b' && is_quote(b.ptr[at + 1]))
		at++;
	if (at < b.len && is_quote(b.ptr[at]))
		at++;
	for (end = at; end < b.len && !ends_value(b.ptr[end]); end++)
		;
	while (end > at && is_blank(b.ptr[end - 1]))
		end--;
	return end > at ? bytes_of(b.ptr + at, end - at) : bytes_of(NULL, 0);
}

struct bytes request_header(struct bytes block, const char *name, size_t at)
{
	size_t len = strlen(name), best = SIZE_MAX;
	struct bytes found = { NULL, 0 };
	for (size_t i = 0; i + len < block.len; i++) {
		if ((block.ptr[i] | 32) != (name[0] | 32) || strncasecmp((const char *)block.ptr + i, name, len))
			continue;
		if (i && (shape_is_alnum(block.ptr[i - 1]) || block.ptr[i - 1] == '-' || block.ptr[i - 1] == '_'))
			continue;
		size_t far = i > at ? i - at : at - i;
		struct bytes value = value_behind(block, i + len);
		if (value.ptr && far < best) {
			best = far;
			found = value;
		}
	}
	return found;
}

struct bytes request_field(struct bytes block, const char *name, size_t at)
{
	const uint8_t *p = at < block.len ? memmem(block.ptr + at, block.len - at, name, strlen(name)) : NULL, *end = block.ptr + block.len, *q;
	if (!p)
		return bytes_of(NULL, 0);
	p += strlen(name);
	for (q = p; q < end && !ends_value(*q) && !is_blank(*q) && *q != ',' && *q != '<'; q++)
		;
	return bytes_of(p, (size_t)(q - p));
}

/* The word of capitals that ends at `end`. */
static struct bytes capitals_before(struct bytes b, size_t end)
{
	size_t from = end;
	while (from > 0 && b.ptr[from - 1] >= 'A' && b.ptr[from - 1] <= 'Z')
		from--;
	return bytes_of(b.ptr + from, end - from);
}

/* "GET /path HTTP/1.1": the last one before `at`. */
static bool http_line(struct request_line *r, struct bytes b, size_t at)
{
	static const char version[] = " HTTP/";
	const uint8_t *end = NULL, *p = b.ptr;
	for (const uint8_t *q; (q = memmem(p, (size_t)(b.ptr + at - p), version, sizeof version - 1)); p = q + 1)
		end = q;
	if (!end)
		return false;
	size_t to = (size_t)(end - b.ptr), from = to;
	while (from > 0 && !is_blank(b.ptr[from - 1]) && !ends_value(b.ptr[from - 1]))
		from--;
	r->target = bytes_of(b.ptr + from, to - from);
	r->method = from ? capitals_before(b, from - 1) : bytes_of(NULL, 0);
	return r->target.len > 0 && r->method.len > 2;
}

static struct bytes url_at(struct bytes b, size_t from)
{
	size_t to = from;
	while (to < b.len && b.ptr[to] > ' ' && !is_quote(b.ptr[to]) && b.ptr[to] != '<' && b.ptr[to] != '>' && b.ptr[to] != '\\' && b.ptr[to] != ')')
		to++;
	return bytes_of(b.ptr + from, to - from);
}

/* The URL nearest to `at`, and the method that an option or a field names. */
static bool called_url(struct request_line *r, struct bytes b, size_t at)
{
	static const char *const names[] = { "-X ", "-X", "--request ", "method=" };
	size_t best = SIZE_MAX;
	const uint8_t *p = b.ptr, *end = b.ptr + b.len;
	for (const uint8_t *q; (q = memmem(p, (size_t)(end - p), "http", 4)); p = q + 4) {
		size_t i = (size_t)(q - b.ptr), far = i > at ? i - at : at - i;
		struct bytes url = url_at(b, i);
		if (far < best && url.len > 10 && (!memcmp(url.ptr, "http://", 7) || !memcmp(url.ptr, "https://", 8))) {
			best = far;
			r->target = url;
		}
	}
	for (size_t i = 0; i < sizeof names / sizeof *names && !r->method.len; i++) {
		const uint8_t *q = memmem(b.ptr, b.len, names[i], strlen(names[i]));
		size_t from = q ? skip(b, (size_t)(q - b.ptr) + strlen(names[i]), "'\"") : b.len, to = from;
		while (to < b.len && b.ptr[to] >= 'A' && b.ptr[to] <= 'Z')
			to++;
		r->method = bytes_of(b.ptr + from, to - from);
	}
	return r->target.ptr != NULL;
}

struct request_line request_line(struct bytes block, size_t at)
{
	struct request_line r = { { NULL, 0 }, { NULL, 0 } };
	if (http_line(&r, block, at))
		return r;
	r = (struct request_line){ { NULL, 0 }, { NULL, 0 } };
	called_url(&r, block, at);
	return r;
}
