/* allow.c: our mark and those of the tools people come from. */
#include "patterns/allow.h"

#include "patterns/known.h"

/* How far a line is followed either way; a mark farther off on a minified line is nobody's. */
#define LINE_REACH 1024

static const char *const marks[] = { "keyhunt:allow", "gitleaks:allow", "betterleaks:allow", "trufflehog:ignore", "kingfisher:ignore",
	"pragma: allowlist secret", "pragma:allowlist secret", "nosecret" };

static uint64_t line_begin(struct bytes data, uint64_t at)
{
	uint64_t stop = at > LINE_REACH ? at - LINE_REACH : 0;
	while (at > stop && data.ptr[at - 1] != '\n' && data.ptr[at - 1] != '\r')
		at--;
	return at;
}

/* The end of the line above: before its newline, whether that is LF, CR LF, or either in UTF-16. */
static uint64_t end_above(struct bytes data, uint64_t newline)
{
	uint64_t at = newline;
	while (at && newline - at < 3 && (data.ptr[at - 1] == '\r' || !data.ptr[at - 1]))
		at--;
	return at;
}

/* In UTF-16 too, of either order: from its first letter to its last there is a NUL between any two. */
static bool has_wide(struct bytes text, const char *mark)
{
	char wide[64];
	size_t n = 0;
	for (; *mark && n + 1 < sizeof wide; mark++) {
		wide[n++] = *mark;
		wide[n++] = '\0';
	}
	return memmem(text.ptr, text.len, wide, n - 1) != NULL;
}

static bool has_any(struct bytes text, const char *const *list, size_t n)
{
	bool wide = text.len && memchr(text.ptr, 0, text.len);
	for (size_t i = 0; i < n; i++)
		if (known_has(text.ptr, text.len, list[i]) || (wide && has_wide(text, list[i])))
			return true;
	return false;
}

bool allow_marks(struct bytes data, uint64_t at)
{
	if (at > data.len)
		return false;
	uint64_t begin = line_begin(data, at), end = at;
	while (end < data.len && end - at < LINE_REACH && data.ptr[end] != '\n' && data.ptr[end] != '\r')
		end++;
	if (begin && data.ptr[begin - 1] == '\n')
		begin = line_begin(data, end_above(data, begin - 1));
	return has_any(bytes_of(data.ptr + begin, end - begin), marks, sizeof marks / sizeof *marks);
}

bool allow_anywhere(struct bytes data)
{
	static const char *const parts[] = { ":allow", ":ignore", "allowlist secret", "nosecret" };
	return has_any(data, parts, sizeof parts / sizeof *parts);
}
