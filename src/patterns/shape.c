/* shape.c: the arithmetic of key IDs and the statistics of secrets.
 *
 *   AKIA  QYLPMN5HFIQR7TSA        16 base32 digits = 80 bits
 *         |gaaaaaaaaaaaaaaaa...   g: generation, a: 40 bits of account number in the new one
 *
 * A secret is 30 random bytes in base64: all that is random about it can be tested, so everything that people or
 * other programs write in 40 such characters is told apart by what random bytes do not do. */
#include "patterns/shape.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "patterns/known.h"

#define NO 0xff
const uint8_t shape_base64_value[256] = {
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, 62, NO, 62, NO, 63, /* + - / */
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, NO, NO, NO, NO, NO, NO, /* 0-9 */
	NO, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, /* A-O */
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, NO, NO, NO, NO, 63, /* P-Z _ */
	NO, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, /* a-o */
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, NO, NO, NO, NO, NO, /* p-z */
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
};

size_t shape_base64_decode(uint8_t *out, const uint8_t *p, size_t len)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		bits = bits << 6 | (shape_base64_value[p[i]] & 63);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (uint8_t)(bits >> have);
		}
	}
	return n;
}

double shape_entropy(const uint8_t *p, size_t len)
{
	unsigned count[256] = { 0 };
	double bits = 0;
	for (size_t i = 0; i < len; i++)
		count[p[i]]++;
	for (unsigned c = 0; c < 256; c++) {
		if (count[c]) {
			double share = (double)count[c] / (double)len;
			bits -= share * log2(share);
		}
	}
	return bits;
}

/* The first six of the ten bytes behind the prefix. */
static uint64_t id_bits(const uint8_t *id)
{
	uint64_t bits = 0;
	for (unsigned i = 0; i < 10; i++) { /* 50 bits hold the 48 we want */
		uint8_t c = id[4 + i];
		bits = bits << 5 | (uint64_t)(c >= 'A' ? c - 'A' : c - '2' + 26);
	}
	return bits >> 2;
}

static bool id_account(uint64_t *out, const uint8_t *id)
{
	uint8_t fifth = id[4];
	if (fifth >= 'A' && fifth <= 'P')
		return false; /* generation bit 0 */
	*out = (id_bits(id) & 0x7fffffffff80ull) >> 7;
	return *out <= 999999999999ull;
}

bool shape_account(char out[ACCOUNT_LEN + 1], const uint8_t *id)
{
	uint64_t account;
	out[0] = '\0';
	for (unsigned i = 4; i < KEY_ID_LEN; i++)
		if (!shape_is_base32(id[i]))
			return false;
	if (!id_account(&account, id))
		return false;
	for (unsigned i = ACCOUNT_LEN; i-- > 0; account /= 10)
		out[i] = (char)('0' + account % 10);
	out[ACCOUNT_LEN] = '\0';
	return true;
}

static bool next_key(uint8_t a, uint8_t b)
{
	static const char rows[] = "QWERTYUIOP ASDFGHJKL ZXCVBNM";
	const char *key = strchr(rows, a);
	return key && key[1] == b;
}

/* Few different characters, or nearly all steps going along the alphabet or a row of the keyboard by one. Of the 15 steps of 20 million
 * random IDs 11 and 12 did by chance once each. */
static bool id_monotonous(const uint8_t *tail)
{
	uint32_t seen = 0;
	unsigned steps = 0;
	for (unsigned i = 0; i < 16; i++) {
		seen |= 1u << (tail[i] & 31);
		if (i && (tail[i] == tail[i - 1] + 1 || tail[i] + 1 == tail[i - 1] || tail[i] == tail[i - 1] || next_key(tail[i - 1], tail[i])))
			steps++;
	}
	return __builtin_popcount(seen) < 5 || steps >= 13;
}

bool shape_first_id(const uint8_t *id)
{
	unsigned letters = 0;
	if ((id[0] != '0' && id[0] != '1') || !strchr("08GR", id[18]) || id[19] != '2')
		return false;
	for (unsigned i = 1; i < KEY_ID_LEN; i++) {
		bool letter = id[i] >= 'A' && id[i] <= 'Z' && !strchr("ILOU", id[i]);
		if (!letter && (id[i] < '0' || id[i] > '9'))
			return false;
		letters += letter;
	}
	return letters >= 5;
}

enum id_shape shape_key_id(const uint8_t *id)
{
	const uint8_t *tail = id + 4;
	bool base32 = true, digit = false;
	uint64_t account;

	if (shape_first_id(id))
		return known_example_id(id) ? ID_EXAMPLE : ID_WEAK;
	for (unsigned i = 0; i < 16; i++) {
		if (!shape_is_base32(tail[i])) {
			if (tail[i] < '0' || tail[i] > '9')
				return ID_NOT;
			base32 = false;
		}
		digit |= tail[i] <= '9';
	}
	if (known_example_id(id))
		return ID_EXAMPLE;
	if (!base32)
		return ID_NOT;
	bool ends = tail[15] == 'A' || tail[15] == 'Q';
	enum id_shape shape;
	if (id_account(&account, id))
		shape = digit ? ID_NEW : ID_LETTERS;
	else if (tail[0] >= 'A' && tail[0] <= 'P' && ends)
		shape = strchr("IJOP", tail[0]) ? digit ? ID_OLD : ID_LETTERS : ID_WEAK;
	else
		return ID_NOT;
	char digits[ACCOUNT_LEN + 1];
	if (shape_account(digits, id) && known_test_account(digits))
		return shape; /* zeros throughout, and yet made by a program */
	return id_monotonous(tail) || known_words(tail, 16) >= 8 ? ID_INVENTED : shape;
}

struct census {
	unsigned upper, lower, digit, symbol, hex, distinct, slashes;
	unsigned wordy; /* lower-case letters in runs of three and more */
	unsigned camel; /* letters of words of three and more, a capital first or none */
	unsigned steps; /* neighbours that are the next of the alphabet, or the same */
};

static struct census take_census(const uint8_t *s)
{
	struct census c = { 0 };
	uint64_t seen = 0;
	unsigned run = 0, word = 0;
	for (unsigned i = 0; i < SECRET_LEN; i++) {
		seen |= 1ull << (shape_base64_value[s[i]] & 63);
		bool lower = s[i] >= 'a' && s[i] <= 'z';
		c.lower += lower;
		c.upper += s[i] >= 'A' && s[i] <= 'Z';
		c.digit += s[i] >= '0' && s[i] <= '9';
		c.symbol += s[i] == '+' || s[i] == '/';
		c.slashes += s[i] == '/';
		c.hex += (s[i] >= '0' && s[i] <= '9') || ((s[i] | 32) >= 'a' && (s[i] | 32) <= 'f');
		c.steps += i && (s[i] == s[i - 1] + 1 || s[i] == s[i - 1]);
		run = lower ? run + 1 : 0;
		c.wordy += run == 3 ? 3 : run > 3;
		word = lower ? word + 1 : s[i] >= 'A' && s[i] <= 'Z';
		if (lower && word >= 3)
			c.camel += word == 3 ? 3 : 1;
	}
	c.distinct = (unsigned)__builtin_popcountll(seen);
	return c;
}

#define HEX_MAX 16 /* lower-case hex digits in a row: a digest, or part of one with something typed around it */

static bool holds_digest(const uint8_t *s)
{
	unsigned run = 0;
	for (unsigned i = 0; i < SECRET_LEN && run < HEX_MAX; i++)
		run = (s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f') ? run + 1 : 0;
	return run == HEX_MAX;
}

/* Base64 of a text, not of random bytes. */
static bool decodes_to_text(const uint8_t *s)
{
	uint8_t plain[30];
	unsigned printable = 0;
	shape_base64_decode(plain, s, SECRET_LEN);
	for (unsigned i = 0; i < sizeof plain; i++)
		printable += (plain[i] >= ' ' && plain[i] < 127) || plain[i] == '\n' || plain[i] == '\t';
	return printable >= 27;
}

const char *shape_secret_against(const uint8_t *s)
{
	struct census c = take_census(s);
	if (c.hex == SECRET_LEN || holds_digest(s))
		return "hex-digest";
	if (c.slashes >= 3 && c.wordy >= 19)
		return "path";
	if (c.distinct < 20)
		return "repeats";
	if (!c.upper || !c.lower)
		return "one-case";
	if (c.steps >= 16)
		return "sequence";
	if (c.wordy >= 24 || (!c.digit && !c.symbol && c.wordy >= 18) || (!c.symbol && c.camel >= 32))
		return "identifier";
	if (known_words(s, SECRET_LEN) >= 5)
		return "words";
	if (decodes_to_text(s))
		return "encoded-text";
	return shape_entropy(s, SECRET_LEN) < 4.2 ? "low-entropy" : NULL;
}

/* Nothing but its characters speaks for it, so they must look more like chance than those of one that has a name. */
struct chance {
	unsigned digits;           /* groups of them */
	unsigned changes;          /* of class from one character to the next: random ones change 25 times of 39, names in capitals hardly 15 */
	unsigned hex, lower;       /* the longest row of hex digits in one case, of lower-case letters */
	unsigned ordered;          /* letters that follow the one before in the alphabet, whatever the case and what is between */
};

static unsigned class_of(uint8_t c)
{
	return c >= 'a' ? 1 : c >= 'A' ? 2 : c >= '0' && c <= '9' ? 3 : 4;
}

static void count_row(unsigned *row, unsigned *longest, bool holds)
{
	*row = holds ? *row + 1 : 0;
	*longest = *row > *longest ? *row : *longest;
}

static struct chance take_chance(const uint8_t *s)
{
	struct chance c = { 0 };
	unsigned upper_hex = 0, lower_hex = 0, lower = 0;
	uint8_t letter = 0;
	for (unsigned i = 0; i < SECRET_LEN; i++) {
		bool digit = s[i] >= '0' && s[i] <= '9';
		c.digits += digit && !(i && s[i - 1] >= '0' && s[i - 1] <= '9');
		c.changes += i && class_of(s[i]) != class_of(s[i - 1]);
		count_row(&upper_hex, &c.hex, digit || (s[i] >= 'A' && s[i] <= 'F'));
		count_row(&lower_hex, &c.hex, digit || (s[i] >= 'a' && s[i] <= 'f'));
		count_row(&lower, &c.lower, s[i] >= 'a');
		if (s[i] >= 'A') {
			c.ordered += letter && ((s[i] | 32) == letter || (s[i] | 32) == letter + 1);
			letter = s[i] | 32;
		}
	}
	return c;
}

const char *shape_bare_against(const uint8_t *s)
{
	const char *against = shape_secret_against(s);
	if (against)
		return against;
	struct chance c = take_chance(s);
	if (s[0] == '6' && s[1] == 'L' && !memcmp(s + 8, "AAAAA", 5))
		return "captcha-key"; /* reCAPTCHA's, in web pages without number */
	if (!c.digits)
		return "no-digit";
	if (c.hex >= 10)
		return "hex-digits";
	unsigned wordy = take_census(s).wordy;
	if (c.changes < 14 || c.lower >= 13 || wordy >= 21 || (c.digits == 1 && wordy >= 14))
		return "identifier";
	return c.ordered >= 12 ? "sequence" : NULL;
}

enum secret_shape shape_secret(const uint8_t *s)
{
	if (known_example_secret(s))
		return SECRET_EXAMPLE;
	return shape_secret_against(s) ? SECRET_NOT : SECRET_GOOD;
}
