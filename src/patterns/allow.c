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

bool allow_marks(struct bytes data, uint64_t at)
{
	if (at > data.len)
		return false;
	uint64_t begin = line_begin(data, at), end = at;
	while (end < data.len && end - at < LINE_REACH && data.ptr[end] != '\n' && data.ptr[end] != '\r')
		end++;
	if (begin && data.ptr[begin - 1] == '\n')
		begin = line_begin(data, begin - (begin > 1 && data.ptr[begin - 2] == '\r' ? 2 : 1));
	for (unsigned i = 0; i < sizeof marks / sizeof *marks; i++)
		if (known_has(data.ptr + begin, end - begin, marks[i]))
			return true;
	return false;
}

bool allow_anywhere(struct bytes data)
{
	static const char *const parts[] = { ":allow", ":ignore", "allowlist secret", "nosecret" };
	for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
		if (known_has(data.ptr, data.len, parts[i]))
			return true;
	return false;
}
