/* siphash.h: SipHash-1-3 (Aumasson and Bernstein) for tables keyed by what a repository may choose: with a key nobody
 * else knows, no input can make every entry fall into one slot. Not for anything that is stored. */
#ifndef KH_FINDINGS_SIPHASH_H
#define KH_FINDINGS_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t siphash(const uint64_t key[2], const void *ptr, size_t len);

#endif
