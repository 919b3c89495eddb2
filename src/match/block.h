/* block.h: sixteen bytes at once, in the compiler's own vectors. */
#ifndef KH_MATCH_BLOCK_H
#define KH_MATCH_BLOCK_H

#include <stdint.h>
#include <string.h>

typedef uint8_t block __attribute__((vector_size(16)));

/* 16 bytes at `i`, zeros behind the end. */
static inline block block_at(const uint8_t *p, size_t len, size_t i)
{
	block x = { 0 };
	if (i + sizeof x <= len)
		memcpy(&x, p + i, sizeof x);
	else if (i < len)
		memcpy(&x, p + i, len - i);
	return x;
}

/* One bit for each byte of `x`, which are 0 or 0xff. */
static inline unsigned block_bits(block x)
{
#ifdef __SSE2__
	typedef char chars __attribute__((vector_size(16)));
	return (unsigned)__builtin_ia32_pmovmskb128((chars)x);
#else
	uint64_t half[2];
	memcpy(half, &x, sizeof half);
	for (unsigned i = 0; i < 2; i++)
		half[i] = (half[i] & 0x0101010101010101) * 0x0102040810204080 >> 56;
	return (unsigned)(half[0] | half[1] << 8);
#endif
}

#endif
