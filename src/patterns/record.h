/* record.h: rows of SQLite databases, whose columns stand side by side with nothing between. Pure; any thread. */
#ifndef KH_PATTERNS_RECORD_H
#define KH_PATTERNS_RECORD_H

#include "patterns/view.h"

/* Where a row's header begins, its first column, and its end (beyond the bytes when the row goes on elsewhere). */
struct record {
	size_t header, body, end;
};

/* How far before a value its row's header is looked for. */
#define RECORD_BACK 256

/* The row of which the byte at `at` is part of a column; false: there is none. */
bool record_at(const uint8_t *p, size_t len, size_t at, struct record *out);

/* Its texts, a tab before each. */
struct view view_record(struct view_space *s, struct bytes data, const struct record *r);

#endif
