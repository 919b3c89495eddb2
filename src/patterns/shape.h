/* shape.h: what a key ID and a secret look like, offline. Pure functions on bytes; any thread. */
#ifndef KH_PATTERNS_SHAPE_H
#define KH_PATTERNS_SHAPE_H

#include <stdbool.h>

#include "util/bytes.h"

#define KEY_ID_LEN 20
#define SECRET_LEN 40
#define ACCOUNT_LEN 12

enum id_shape {
	ID_NOT,      /* no key ID */
	ID_EXAMPLE,  /* published on purpose, or made from what was */
	ID_INVENTED, /* well-formed, but written by somebody: words, sequences, repeats */
	ID_WEAK,     /* old generation of a partition nobody has seen, or one of before AKIA: only with a secret beside it */
	ID_LETTERS,  /* well-formed without a digit, which 3 in 100 are: only with a secret or a name beside it */
	ID_OLD,      /* old generation, no account inside */
	ID_NEW,      /* new generation, the account inside is possible */
};

/* The 20 characters of an ID of 2006 to 2009, which has no prefix: base32 without I, L, O and U; its first four bits are 0, its last byte is 2. */
bool shape_first_id(const uint8_t *id);
/* `id` is the prefix and the 16 characters behind it, or one of before there were prefixes. */
enum id_shape shape_key_id(const uint8_t *id);
/* The 12 digits inside a new-generation ID and a NUL; false (and "") when it holds none. */
bool shape_account(char out[ACCOUNT_LEN + 1], const uint8_t *id);

double shape_entropy(const uint8_t *p, size_t len); /* bits per byte */

/* Would 30 random bytes in base64 look so? Hex digests, paths, words, text in base64 and repeats do not. */
enum secret_shape { SECRET_NOT, SECRET_EXAMPLE, SECRET_GOOD };
enum secret_shape shape_secret(const uint8_t *s);
/* What speaks against 40 base64 characters being a secret (static; docs/detection.md explains it), or NULL. */
const char *shape_secret_against(const uint8_t *s);
/* The same for one that has neither a name nor an ID: more speaks against it. */
const char *shape_bare_against(const uint8_t *s);

/* Value of a base64 digit (both alphabets: + / and - _), or 0xff. */
extern const uint8_t shape_base64_value[256];
static inline bool shape_is_base64(uint8_t c) /* [A-Za-z0-9+/] only */
{
	return shape_base64_value[c] < 64 && c != '-' && c != '_';
}
static inline bool shape_is_base32(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
}
static inline bool shape_is_alnum(uint8_t c)
{
	return shape_base64_value[c] < 62;
}
/* Decode whole base64 digits without padding or breaks; bytes written, at most len * 3 / 4. */
size_t shape_base64_decode(uint8_t *out, const uint8_t *p, size_t len);

#endif
