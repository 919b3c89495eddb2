/* glob.c: which positions of the glob can be reached is kept for each byte of the path: no backtracking, so no glob is slow.
 *
 *     glob   src/ ** / *.env       reached[i]: glob[0..i) matches what was read so far */
#include "policy/glob.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

/* Length of the element at `g`: "**", "[...]", "\x" or one byte. */
static size_t element(const char *g)
{
	if (g[0] == '*' && g[1] == '*')
		return 2;
	if (g[0] == '\\' && g[1])
		return 2;
	if (g[0] != '[')
		return 1;
	size_t n = 1 + (g[1] == '!' || g[1] == '^');
	n += g[n] == ']';
	while (g[n] && g[n] != ']')
		n++;
	return g[n] ? n + 1 : 1; /* not closed: a bracket like any other character */
}

static bool in_set(const char *g, size_t len, unsigned char c)
{
	bool negated = g[1] == '!' || g[1] == '^', found = false;
	for (size_t i = 1 + negated; i + 1 < len; i++) {
		unsigned char from = (unsigned char)g[i], to = from;
		if (i + 3 < len && g[i + 1] == '-') {
			to = (unsigned char)g[i + 2];
			i += 2;
		}
		found |= from <= c && c <= to;
	}
	return found != negated;
}

/* Does the element at `g` take `c`? */
static bool takes(const char *g, size_t len, char c)
{
	if (*g == '*')
		return len == 2 || c != '/';
	if (*g == '?')
		return c != '/';
	if (*g == '[' && len > 1)
		return c != '/' && in_set(g, len, (unsigned char)c);
	return c == (*g == '\\' && len == 2 ? g[1] : *g);
}

/* What stars reach without reading anything; `fresh`: a name begins here. */
static void reach_on(const char *g, bool *reached, bool fresh)
{
	for (size_t i = 0; g[i]; i += element(g + i)) {
		if (!reached[i] || g[i] != '*')
			continue;
		size_t n = element(g + i);
		reached[i + n] = true;
		if (fresh && n == 2 && g[i + 2] == '/' && (!i || g[i - 1] == '/'))
			reached[i + 3] = true; /* "**" and its slash: no folder at all */
	}
}

/* The path, or a folder on the way to it; only the latter when the glob names a folder. */
static bool match_from(const char *g, size_t glen, bool folder, const char *path, bool *reached, bool *next, uint64_t *work)
{
	bool alive = true;
	memset(reached, 0, glen + 1);
	reached[0] = true;
	for (const char *p = path;; p++) {
		reach_on(g, reached, p == path || p[-1] == '/');
		if (reached[glen] && p > path && (*p == '/' || (!*p && !folder)))
			return true;
		if (!*p || !alive)
			return false;
		*work += glen;
		alive = false;
		memset(next, 0, glen + 1);
		for (size_t i = 0, n; i < glen; i += n) {
			n = element(g + i);
			if (reached[i] && takes(g + i, n, *p))
				alive = next[g[i] == '*' ? i : i + n] = true;
		}
		memcpy(reached, next, glen + 1);
	}
}

bool glob_match(const char *glob, const char *path, uint64_t *work)
{
	bool anchored = glob[0] == '/';
	KH_CLEANUP(free_ptr) char *g = xstrdup(glob + anchored);
	size_t len = strlen(g);
	bool folder = len && g[len - 1] == '/';
	if (folder)
		g[--len] = '\0';
	if (!len)
		return false;
	anchored |= strchr(g, '/') != NULL;
	KH_CLEANUP(free_ptr) bool *reached = xcalloc(2 * (len + 1), sizeof *reached);
	for (const char *at = path; at; at = strchr(at, '/')) {
		at += at > path;
		if (match_from(g, len, folder, at, reached, reached + len + 1, work))
			return true;
		if (anchored)
			break;
	}
	return false;
}
