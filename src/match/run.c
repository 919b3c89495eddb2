/* run.c: a run of 40, wherever it begins, fills 16 bytes that begin at a multiple of 25. Most such bytes hold a blank, a quote or
 * a dot, so a text without runs costs one comparison of 16 bytes for each 25.
 *
 *   |.... ....       .|...            .|....            |            looked at
 *             [ 40 digits.............................. ]             */
#include "match/run.h"

#include <stdbool.h>

#include "match/block.h"

#define STRIDE (RUN_MIN - sizeof(block) + 1)

static bool is_digit(uint8_t c)
{
	return (uint8_t)((c | 32) - 'a') < 26 || (uint8_t)(c - '/') < 11 || c == '+';
}

static bool all_digits(const uint8_t *p)
{
	block x;
	memcpy(&x, p, sizeof x);
	return block_bits((block)(((x | 32) - 'a') < 26) | (block)((x - '/') < 11) | (block)(x == '+')) == 0xffff;
}

void run_find(struct bytes data, void (*on_run)(void *payload, uint64_t from, uint64_t end), void *payload)
{
	const uint8_t *p = data.ptr;
	for (size_t i = 0, from, end; i + sizeof(block) <= data.len; i = end + 1) {
		if (!all_digits(p + i)) {
			end = i + STRIDE - 1;
			continue;
		}
		for (from = i; from > 0 && is_digit(p[from - 1]); from--)
			;
		for (end = i + sizeof(block); end + sizeof(block) <= data.len && all_digits(p + end); end += sizeof(block))
			;
		for (; end < data.len && is_digit(p[end]); end++)
			;
		if (end - from >= RUN_MIN && end - from <= RUN_MAX)
			on_run(payload, from, end);
	}
}

unsigned run_length(struct bytes data, uint64_t end)
{
	unsigned n = 0;
	while (n <= RUN_MAX && n < end && is_digit(data.ptr[end - n - 1]))
		n++;
	return n;
}
