#include "findings/commitparse.h"

/* "WORD <hex>\n" at the start of `data`; returns the line's length or 0. */
static size_t oid_line(struct oid *out, struct bytes data, const char *word, unsigned oid_len)
{
	size_t n = strlen(word), len = n + 2 * (size_t)oid_len + 1;
	if (data.len < len || memcmp(data.ptr, word, n) || data.ptr[len - 1] != '\n')
		return 0;
	return oid_parse(out, (const char *)data.ptr + n, oid_len) ? len : 0;
}

static struct bytes after(struct bytes b, size_t n)
{
	return bytes_of(b.ptr + n, b.len - n);
}

bool commit_parse(struct commit_header *out, struct bytes data, unsigned oid_len)
{
	size_t line = strlen("parent \n") + 2 * (size_t)oid_len;
	*out = (struct commit_header){ 0 };
	size_t n = oid_line(&out->tree, data, "tree ", oid_len);
	if (!n)
		return false;
	data = after(data, n);
	out->parents = bytes_of(data.ptr, 0);
	while (data.len >= line && !memcmp(data.ptr, "parent ", 7) && data.ptr[line - 1] == '\n') {
		out->parents.len += line;
		data = after(data, line);
	}
	while (data.len && data.ptr[0] != '\n') {
		const uint8_t *end = memchr(data.ptr, '\n', data.len);
		size_t len = end ? (size_t)(end - data.ptr) : data.len;
		if (len > 7 && !out->author.ptr && !memcmp(data.ptr, "author ", 7))
			out->author = bytes_of(data.ptr + 7, len - 7);
		if (len > 10 && !out->committer.ptr && !memcmp(data.ptr, "committer ", 10))
			out->committer = bytes_of(data.ptr + 10, len - 10);
		data = after(data, end ? len + 1 : len);
	}
	return true;
}

bool commit_next_parent(struct commit_header *h, struct oid *out, unsigned oid_len)
{
	size_t n = oid_line(out, h->parents, "parent ", oid_len);
	h->parents = after(h->parents, n);
	return n != 0;
}

bool tag_target(struct oid *out, struct bytes data, unsigned oid_len)
{
	return oid_line(out, data, "object ", oid_len) != 0;
}

static struct bytes trim(struct bytes b)
{
	while (b.len && b.ptr[b.len - 1] <= ' ')
		b.len--;
	while (b.len && b.ptr[0] <= ' ')
		b = after(b, 1);
	return b;
}

/* Decimal digits at the front of `*b`, taken off; 0 when there are more than fit. */
static int64_t take_number(struct bytes *b, size_t *digits)
{
	int64_t v = 0;
	*digits = 0;
	for (; b->len && b->ptr[0] >= '0' && b->ptr[0] <= '9'; *b = after(*b, 1)) {
		v = ++*digits <= 18 ? v * 10 + (b->ptr[0] - '0') : 0;
	}
	return *digits <= 18 ? v : 0;
}

/* Name <email> 1700000000 +0100: the date follows the last '>', for an email may hold one too. */
struct ident ident_parse(struct bytes line)
{
	struct ident id = { .name = bytes_of(line.ptr, 0), .email = bytes_of(line.ptr, 0) };
	const uint8_t *lt = line.len ? memchr(line.ptr, '<', line.len) : NULL;
	const uint8_t *gt = line.len ? memrchr(line.ptr, '>', line.len) : NULL;
	if (!lt || !gt || gt < lt) {
		id.name = trim(line);
		return id;
	}
	id.name = trim(bytes_of(line.ptr, (size_t)(lt - line.ptr)));
	const uint8_t *first = memchr(lt, '>', (size_t)(gt - lt) + 1);
	id.email = trim(bytes_of(lt + 1, (size_t)(first - lt) - 1));
	struct bytes rest = trim(after(line, (size_t)(gt + 1 - line.ptr)));
	size_t digits;
	id.date = take_number(&rest, &digits);
	rest = trim(rest);
	if (!digits || !rest.len || (rest.ptr[0] != '+' && rest.ptr[0] != '-'))
		return id;
	bool west = rest.ptr[0] == '-';
	rest = after(rest, 1);
	int64_t zone = take_number(&rest, &digits);
	if (digits && zone <= 9959)
		id.tz = (int)(zone / 100 * 60 + zone % 100) * (west ? -1 : 1);
	return id;
}
