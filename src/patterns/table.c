/* table.c: a value between separators takes its name from the first line.
 *
 *   user name,access key ID,secret access key          | env  | key id   | secret |
 *   deploy,AKIA...,....                                 |------|----------|--------|
 *                  ^ third cell: "secret access key"    | prod | AKIA...  | ...    |
 *
 * Quoted cells may hold separators; lines are looked at within bounds, for a text may be one endless line. */
#include "patterns/table.h"

#define CELLS_BACK 1024       /* from the value to the start of its line */
#define PARAGRAPH_BACK 4096   /* from there to the first line of the paragraph */
#define HEAD_MAX 1024
#define CELL_MAX 48

static bool blank(uint8_t c)
{
	return c == ' ' || c == '`' || c == '*' || c == '"' || c == '\'';
}

/* The separator before the cell that `at` begins; 0: none. */
static uint8_t separator_before(const uint8_t *p, size_t at)
{
	size_t i = at;
	while (i > 0 && at - i < CELL_MAX && blank(p[i - 1]))
		i--;
	return i > 0 && (p[i - 1] == ',' || p[i - 1] == ';' || p[i - 1] == '\t' || p[i - 1] == '|') ? p[i - 1] : 0;
}

/* A NUL before it, as in a tar file, begins a text as well. */
static size_t line_begin(const uint8_t *p, size_t at, size_t reach)
{
	size_t stop = at > reach ? at - reach : 0;
	while (at > stop && p[at - 1] != '\n' && p[at - 1] != '\r' && p[at - 1])
		at--;
	return at;
}

/* How many separators, outside quotes, lie in [from, to). */
static size_t count_cells(const uint8_t *p, size_t from, size_t to, uint8_t separator)
{
	size_t n = 0;
	bool quoted = false;
	for (size_t i = from; i < to; i++) {
		quoted ^= p[i] == '"';
		n += p[i] == separator && !quoted;
	}
	return n;
}

/* The cell number `cell` of the line at `begin`, when that line looks like a head: short words between separators. */
static bool head_cell(const struct view *v, size_t begin, size_t cell, uint8_t separator, size_t *from, size_t *to)
{
	const uint8_t *p = v->ptr;
	size_t end = begin, n = 0, start = begin, word = 0;
	bool found = false;
	for (; end < v->len && end - begin < HEAD_MAX && p[end] != '\n' && p[end] != '\r'; end++) {
		bool letter = (p[end] | 32) >= 'a' && (p[end] | 32) <= 'z';
		if (!letter && p[end] != separator && !strchr(" _-\"'`*./#()0123456789\xef\xbb\xbf", p[end]))
			return false;
		word = p[end] == separator ? 0 : word + 1;
		if (word > CELL_MAX)
			return false;
		if (p[end] != separator)
			continue;
		if (n++ == cell) {
			*from = start;
			*to = end;
			found = true;
		}
		start = end + 1;
	}
	if (n == cell && n) {
		*from = start;
		*to = end;
		found = true;
	}
	while (found && *from < *to && blank(p[*from]))
		(*from)++;
	while (found && *to > *from && blank(p[*to - 1]))
		(*to)--;
	return found && *to > *from;
}

/* First line of the paragraph that the line at `at` is in. */
static size_t paragraph_begin(const uint8_t *p, size_t at)
{
	size_t stop = at > PARAGRAPH_BACK ? at - PARAGRAPH_BACK : 0;
	while (at > stop) {
		size_t end = at - 1;
		end -= end > stop && p[end] == '\n' && p[end - 1] == '\r';
		size_t begin = line_begin(p, end, PARAGRAPH_BACK);
		if (begin == end || begin < stop || !p[end])
			break;
		at = begin;
	}
	return at;
}

/* First of the lines, from the one at `at` upwards, that have as many cells as it has. */
static size_t rows_begin(const struct view *v, size_t at, uint8_t separator)
{
	const uint8_t *p = v->ptr;
	size_t stop = at > PARAGRAPH_BACK ? at - PARAGRAPH_BACK : 0, end = at;
	while (end < v->len && end - at < CELLS_BACK && p[end] != '\n' && p[end] != '\r')
		end++;
	size_t cells = count_cells(p, at, end, separator);
	while (cells && at > stop) {
		end = at - 1;
		end -= end > stop && p[end] == '\n' && p[end - 1] == '\r';
		size_t begin = line_begin(p, end, CELLS_BACK);
		if (begin < stop || !p[end] || count_cells(p, begin, end, separator) != cells)
			break;
		at = begin;
	}
	return at;
}

bool table_head(const struct view *v, size_t at, size_t *from, size_t *to)
{
	const uint8_t *p = v->ptr;
	uint8_t separator = separator_before(p, at);
	size_t row = line_begin(p, at, CELLS_BACK);
	if (!row || (p[row - 1] != '\n' && p[row - 1] != '\r'))
		return false; /* the first line itself, or one without end */
	if (!separator) { /* the first cell has its separator behind it */
		size_t i = at;
		while (i > row && blank(p[i - 1]))
			i--;
		for (size_t end = at; i == row && end < v->len && end - at < 64 && !separator; end++)
			separator = p[end] == ',' || p[end] == ';' || p[end] == '\t' || p[end] == '|' ? p[end] : 0;
		if (!separator)
			return false;
	}
	size_t cell = count_cells(p, row, at, separator), first = paragraph_begin(p, row);
	if (first < row && head_cell(v, first, cell, separator, from, to))
		return true;
	size_t rows = rows_begin(v, row, separator); /* other text may stand right before the table */
	if (rows > first && rows < row && head_cell(v, rows, cell, separator, from, to))
		return true;
	return first && head_cell(v, 0, cell, separator, from, to);
}
