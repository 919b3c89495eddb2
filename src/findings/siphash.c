#include "findings/siphash.h"

#include <endian.h>
#include <string.h>

static uint64_t rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void mix(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] = rotl(v[2], 32);
}

static void absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v);
	v[0] ^= word;
}

uint64_t siphash(const uint64_t key[2], const void *ptr, size_t len)
{
	const uint8_t *p = ptr;
	uint64_t v[4] = { key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
			  key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573 };
	size_t i = 0;
	for (; len - i >= 8; i += 8) {
		uint64_t word;
		memcpy(&word, p + i, 8);
		absorb(v, le64toh(word));
	}
	uint64_t last = (uint64_t)len << 56;
	for (unsigned shift = 0; i < len; i++, shift += 8)
		last |= (uint64_t)p[i] << shift;
	absorb(v, last);
	v[2] ^= 0xff;
	for (int n = 0; n < 3; n++)
		mix(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
