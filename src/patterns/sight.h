/* sight.h: the text around a place of a view with its escapes read, and what is asked of it: a name near a place, the value
 * behind a name, the URL around a place. What validators see. A space belongs to one worker. */
#ifndef KH_PATTERNS_SIGHT_H
#define KH_PATTERNS_SIGHT_H

#include <stdbool.h>

#include "patterns/view.h"

#define SIGHT_SIDE 8192                /* bytes of the view either side at most */
#define SIGHT_MAX (2 * SIGHT_SIDE + 64)

struct sight_space {
	uint8_t text[SIGHT_MAX];
	uint32_t at[SIGHT_MAX + 1];
};

struct sight {
	const struct view *view;
	const uint8_t *text;
	const uint32_t *at;    /* index in the view of each byte of the text, len + 1 of them */
	size_t len;
	size_t begin, end;     /* the match; a validator widens it over all that belongs to the credential */
	int64_t now;           /* seconds since the epoch */
	struct sight_space *spare; /* for a text that a validator decodes */
	uint8_t *room;         /* ROOM_MAX bytes for what a validator decodes; it may point a credential there */
	bool joined;           /* literals were joined over what stood between them */
};

#define ROOM_MAX 8192

/* Reads [from - before, to + ahead) of `v`. `keep`: escapes stay as they are. `join`: "abc" + "def" is abcdef. */
void sight_read(struct sight *s, struct sight_space *space, const struct view *v, size_t from, size_t to, size_t before, size_t ahead, bool keep, bool join);

/* The index in the text of a byte inside it. */
static inline size_t sight_index(const struct sight *s, const uint8_t *p)
{
	return (size_t)(p - s->text);
}

/* The URL, header or quoted text around index `i`: up to blanks, quotes and angle brackets that are not percent-encoded, and
 * no farther than the next URL's beginning. */
void sight_run(const struct sight *s, size_t i, size_t *lo, size_t *hi);

#define NOWHERE ((size_t)-1)

/* The occurrence of `name` (lower case; found in any case, not inside a longer word) in [lo, hi) nearest to `i`, or NOWHERE. */
size_t sight_name(const struct sight *s, const char *name, size_t i, size_t lo, size_t hi);

/* Where the value behind a name begins that ends at `i`: past signs, and words such as `value` that stand between. */
size_t sight_value(const struct sight *s, size_t i, size_t hi);

/* How many characters of `set` (a test for one byte) begin at `i`. */
size_t sight_span(const struct sight *s, size_t i, size_t hi, bool (*in)(uint8_t c));

#endif
