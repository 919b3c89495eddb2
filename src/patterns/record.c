/* record.c: the record format of https://www.sqlite.org/fileformat2.html, found from its middle.
 *
 *   size row-ID | 05 17 35 5d 17 | deploy AKIA................ ........................................ eu-west-1
 *   of the rest   |  types       `- columns, without separators
 *                 `- length of the header
 *
 * A type tells the length of its column: 0x35 = 2 * 20 + 13 is a text of 20 bytes. A header counts when the number before it is
 * what it adds up to; by chance that happens nowhere near a key ID. */
#include "patterns/record.h"

#define VARINT_MAX 5
#define HEADER_MAX 31    /* columns of wider tables are not told apart */
#define RECORD_MAX (64u << 10)

/* A big-endian number of seven bits a byte: how many bytes it took, 0: none or too long a one. */
static size_t varint_at(const uint8_t *p, size_t len, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < len && i < VARINT_MAX; i++) {
		*out = *out << 7 | (p[i] & 127);
		if (p[i] < 128)
			return i + 1;
	}
	return 0;
}

static uint64_t column_size(uint64_t type)
{
	static const uint8_t sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };
	return type < sizeof sizes ? sizes[type] : (type - 12) / 2;
}

/* Text, where a line end and what it is indented with may add up to a header by chance? */
static bool is_text(const uint8_t *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (p[i] >= 0x80 || (p[i] < ' ' && p[i] != '\n' && p[i] != '\r' && p[i] != '\t'))
			return false;
	return true;
}

/* Does a header begin at `h`? Then `*size` is what it and its columns take. */
static bool header_at(const uint8_t *p, size_t len, size_t h, uint64_t *size)
{
	size_t end = h + p[h], i = h + 1;
	if (p[h] < 2 || p[h] > HEADER_MAX || end > len)
		return false;
	for (*size = p[h]; i < end;) {
		uint64_t type;
		size_t n = varint_at(p + i, end - i, &type);
		if (!n || type == 10 || type == 11 || type > RECORD_MAX)
			return false;
		*size += column_size(type);
		i += n;
	}
	return *size <= RECORD_MAX;
}

/* Does `size` stand before the header, perhaps with the number of the row between? */
static bool size_before(const uint8_t *p, size_t h, uint64_t size)
{
	for (size_t row = 0; row <= VARINT_MAX; row++) {
		for (size_t n = 1; n <= 3 && n + row <= h; n++) {
			uint64_t stored, number;
			if (varint_at(p + h - row - n, n, &stored) == n && stored == size && (!row || varint_at(p + h - row, row, &number) == row))
				return true;
		}
	}
	return false;
}

bool record_at(const uint8_t *p, size_t len, size_t at, struct record *out)
{
	for (size_t h = at; h-- > 0 && at - h <= RECORD_BACK;) {
		uint64_t size;
		if (p[h] > at - h || !header_at(p, len, h, &size) || h + size <= at || !size_before(p, h, size) || is_text(p, h - 1, h + p[h]))
			continue;
		*out = (struct record){ h, h + p[h], h + (size_t)size };
		return true;
	}
	return false;
}

struct view view_record(struct view_space *s, struct bytes data, const struct record *r)
{
	size_t at = r->body, n = 0;
	view_space_need(s, r->end - r->header);
	for (size_t i = r->header + 1; i < r->body && at < data.len;) {
		uint64_t type;
		i += varint_at(data.ptr + i, r->body - i, &type);
		size_t end = at + (size_t)column_size(type);
		if (type > 12 && type % 2) {
			s->map[n] = (uint32_t)at;
			s->text[n++] = '\t';
			for (size_t k = at; k < end && k < data.len; k++) {
				s->map[n] = (uint32_t)k;
				s->text[n++] = data.ptr[k];
			}
		}
		at = end;
	}
	s->map[n] = (uint32_t)(at < data.len ? at : data.len);
	return (struct view){ s->text, n, s->map, ENC_ROW };
}
