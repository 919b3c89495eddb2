/* table.h: rows and columns: what the head of a column calls a cell. Any thread. */
#ifndef KH_PATTERNS_TABLE_H
#define KH_PATTERNS_TABLE_H

#include "patterns/view.h"

/* The value at `at` begins a cell of a row (CSV, TSV, Markdown): [*from, *to) is the head of its column, trimmed. The
 * head is the first line of the text or of its paragraph. False: no table, or its first line names nothing. */
bool table_head(const struct view *v, size_t at, size_t *from, size_t *to);

#endif
