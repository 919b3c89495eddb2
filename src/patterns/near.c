/* near.c: rejects what most literal hits are, in plain C, with the tests that need the fewest bytes first.
 *
 *   AKIA................           16 characters that can be a key ID
 *   secret ...[40 of base64]...    something within reach that can be a secret
 *   IQoJb3JpZ2luX2Vj...            goes on for 64 characters
 *
 * It never says no to what atoms.c would take: the shapes here are supersets of those there. */
#include "patterns/near.h"

#include "match/block.h"
#include "patterns/bare.h"
#include "patterns/opening.h"
#include "patterns/record.h"
#include "patterns/shape.h"

/* 1: a base64 digit. 2: may be part of an escaped one. */
static const uint8_t span[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 2, 0, 2, 2, 0, 0, 0, 0, 1, 0, 0, 0, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 2, 0, 0, 0, 0,
	0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 2, 0, 0, 0,
	0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0,
};

static bool near_id(const uint8_t *p, size_t len, size_t at)
{
	uint8_t id[KEY_ID_LEN] = "AKIA";
	size_t n = 4, i = at;
	if (i + 16 <= len && !shape_is_base32(p[i + 1]) && p[i + 1] > '9')
		return false;
	while (n < KEY_ID_LEN && i < len) {
		if ((p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= '0' && p[i] <= '9')) {
			id[n++] = p[i++];
			continue;
		}
		size_t joint = joint_at(p + i, len - i);
		if (!joint)
			return false;
		i += joint;
	}
	struct record row;
	if (n < KEY_ID_LEN)
		return false;
	enum id_shape shape = shape_key_id(id);
	if (shape == ID_NOT || shape == ID_INVENTED)
		return false;
	return i == len || !shape_is_alnum(p[i]) || record_at(p, len, at - 4, &row);
}

/* Decoded, does it hold a run of 40, or of base64 of 40? */
static bool escaped_run(const uint8_t *p, size_t from, size_t to, size_t len)
{
	size_t n = 0;
	for (size_t i = from; i < len && (i < to || n);) {
		struct unit u = unit_at(p + i, len - i);
		bool digit = shape_is_base64(u.c);
		if (!digit && (n == 40 || n == 41 || (n >= 54 && n <= 56)))
			return true;
		n = digit ? n + 1 : 0;
		i += u.len;
	}
	return n == 40 || n == 41 || (n >= 54 && n <= 56);
}

/* Upper and lower case, and not a hex digest. */
static bool mixed(const uint8_t *p, size_t n)
{
	bool upper = false, lower = false, beyond = false;
	for (size_t i = 0; i < n; i++) {
		upper |= p[i] >= 'A' && p[i] <= 'Z';
		lower |= p[i] >= 'a' && p[i] <= 'z';
		beyond |= (p[i] | 32) > 'f';
	}
	return upper && lower && beyond;
}

static size_t any_joint_at(const uint8_t *p, size_t len)
{
	size_t joint = joint_at(p, len);
	return joint ? joint : comma_joint_at(p, len);
}

/* The part of a split literal before the one that begins at `l`: its length, and where it begins in `*begin`. */
static size_t part_before(const uint8_t *p, size_t l, size_t len, size_t *begin)
{
	for (size_t j = l; j > 0 && l - j < 80; j--) {
		bool joint = span[p[j - 1]] == 1 && any_joint_at(p + j, len - j) == l - j;
		if (!joint && (span[p[j - 1]] != 1 || p[j - 1] == '+'))
			continue;
		size_t m = 0;
		while (m < j && m < SECRET_LEN && span[p[j - 1 - m]] == 1)
			m++;
		*begin = j - m;
		return joint ? m : 0;
	}
	return 0;
}

/* Do `n` characters and the parts behind `r`, or the first few of them, make 40? Two more where quoted-printable's "=3D" stands before. */
static bool split_ahead(const uint8_t *p, size_t n, size_t r, size_t len, bool escaped)
{
	for (unsigned turn = 0; turn < 5 && n <= SECRET_LEN + 2; turn++) {
		if (n == SECRET_LEN || (escaped && n == SECRET_LEN + 2))
			return true;
		size_t joint = any_joint_at(p + r, len - r);
		if (!joint)
			return false;
		for (r += joint; r < len && span[p[r]] == 1; r++)
			n++;
	}
	return false;
}

/* Parts of a literal that make 40 together, one of them at [l, r). */
static bool split_run(const uint8_t *p, size_t l, size_t r, size_t len)
{
	size_t n = r - l, m = 0;
	for (unsigned turn = 0; turn < 5 && n <= SECRET_LEN + 2; turn++, n += m) {
		if (split_ahead(p, n, r, len, l > 0 && p[l - 1] == '=' && p[l] == '3'))
			return true;
		m = part_before(p, l, len, &l);
		if (!m)
			break;
	}
	return false;
}

static bool is_quote(uint8_t c)
{
	return c == '"' || c == '\'' || c == '`' || c == '\\';
}

/* Both cases, and a digit or symbol: half a secret, hardly half an identifier. */
static bool beyond_words(const uint8_t *p, size_t n)
{
	bool digit = false;
	for (size_t i = 0; i < n; i++)
		digit |= p[i] <= '9';
	return digit && mixed(p, n);
}

static bool plausible_run(const uint8_t *p, size_t l, size_t r, size_t len, bool escaped)
{
	size_t n = r - l;
	if (escaped)
		return n >= SECRET_LEN && mixed(p + l, n) && escaped_run(p, l, r, len);
	if (n < SECRET_LEN)
		return r < len && l > 0 && (is_quote(p[r]) || is_quote(p[l - 1]) || p[r] == '=' || p[r] == '\n' || p[l - 1] == '\n') && beyond_words(p + l, n) && split_run(p, l, r, len);
	return (n <= 42 || (n >= 54 && n <= 56)) && mixed(p + l, n);
}

#define SECRET_BEFORE 128
#define SECRET_AHEAD 288
#define PART_MIN 14    /* of a literal in three parts, the largest */
#define SPLIT_AHEAD 96 /* a multiple of 16, 128 at most */

/* Is the run around `i` one to decide, of `min` bytes and more? `*end`: where it ends. */
static bool run_around(const uint8_t *p, size_t len, size_t i, size_t min, size_t *end)
{
	size_t l = i, r = i;
	uint8_t all = 0;
	while (l > 0 && span[p[l - 1]])
		all |= span[p[--l]];
	while (r < len && span[p[r]])
		all |= span[p[r++]];
	*end = r > i ? r : i + 1;
	return r - l >= min && plausible_run(p, l, r, len, all & 2);
}

/* A run of 40, wherever it begins, fills 16 bytes that begin at a multiple of 25. Most such bytes hold a blank or a quote;
 * the others may be all of `span`, and a few more ('$', ':', '[', '{', '|') that cost less to let in. */
static bool near_whole(const uint8_t *p, size_t len, size_t from, size_t to)
{
	size_t done = 0;
	for (size_t i = from; i < to && i + sizeof(block) <= len; i += 25) {
		block x = block_at(p, len, i);
		if (block_bits((block)(x <= '"') | (block)(x == '_')))
			continue;
		x = (block)(((x | 32) - 'a') < 28) | (block)((x - '/') < 13) | (block)((x - '#') < 4) | (block)(x == '+');
		if (block_bits(x) == 0xffff && i >= done && run_around(p, len, i, SECRET_LEN, &done))
			return true;
	}
	return false;
}

/* Parts of a split literal are looked for in the SPLIT_AHEAD bytes from `at` on only: PART_MIN bytes and more without escapes,
 * a digit or symbol among them. */
static bool near_split(const uint8_t *p, size_t len, size_t at)
{
	static const unsigned shifts[] = { 1, 2, 4, PART_MIN - 8 };
	uint64_t run[2] = { 0 }, digit[2] = { 0 };
	size_t done = 0;
	for (unsigned i = 0; i < SPLIT_AHEAD / 16; i++) {
		block x = block_at(p, len, at + 16 * i), symbol = (block)((x - '/') < 11) | (block)(x == '+');
		run[i / 4] |= (uint64_t)block_bits((block)(((x | 32) - 'a') < 26) | symbol) << 16 * (i % 4);
		digit[i / 4] |= (uint64_t)block_bits(symbol) << 16 * (i % 4);
	}
	for (unsigned i = 0; i < 4; i++) { /* PART_MIN bytes on from here: all in a run, any a digit? */
		run[0] &= run[0] >> shifts[i] | run[1] << (64 - shifts[i]);
		run[1] &= run[1] >> shifts[i];
		digit[0] |= digit[0] >> shifts[i] | digit[1] << (64 - shifts[i]);
		digit[1] |= digit[1] >> shifts[i];
	}
	for (unsigned i = 0; i < 2; i++) {
		for (uint64_t bits = run[i] & digit[i]; bits; bits &= bits - 1) {
			size_t start = at + 64 * i + (unsigned)__builtin_ctzll(bits);
			if (start >= done && run_around(p, len, start, PART_MIN, &done))
				return true;
		}
	}
	return false;
}

/* In a row of a database, where nothing but the header says where a value begins. */
static bool near_column(const uint8_t *p, size_t len, size_t at)
{
	struct record row;
	size_t i = at, end, run = 0;
	while (i > 0 && p[i - 1] >= ' ' && at - i < RECORD_BACK)
		i--;
	if (!i || p[i - 1] >= ' ' || p[i - 1] == '\n' || p[i - 1] == '\r' || p[i - 1] == '\t' || !record_at(p, len, at - 1, &row))
		return false;
	for (i = at, end = row.end < len ? row.end : len; i < end && run < SECRET_LEN; i++)
		run = shape_is_base64(p[i]) ? run + 1 : 0;
	return run == SECRET_LEN;
}

static bool near_secret(const uint8_t *p, size_t len, size_t at)
{
	size_t from = at > SECRET_BEFORE ? at - SECRET_BEFORE : 0, to = len - at > SECRET_AHEAD ? at + SECRET_AHEAD : len;
	return near_whole(p, len, from, to) || near_split(p, len, at) || near_column(p, len, at);
}

static bool near_token(const uint8_t *p, size_t len, size_t at)
{
	size_t n = 0;
	for (size_t i = at; i < len && n < 64; n++) {
		size_t joint = span[p[i]] ? 0 : joint_at(p + i, len - i);
		if (!joint && (!span[p[i]] || p[i] == ';' || p[i] == '#'))
			return false;
		i += joint ? joint : 1;
	}
	return n == 64;
}

/* A run long enough for a signature, and not made of letters alone, anywhere in reach? */
static bool near_signature(const uint8_t *p, size_t len)
{
	size_t n = 0, digits = 0;
	for (size_t i = 0; i < len; i++) {
		bool in = span[p[i]] == 1 || p[i] == '%';
		n = in ? n + 1 : 0;
		digits = in ? digits + (p[i] >= '0' && p[i] <= '9') : 0;
		if (n >= 26 && digits >= 3)
			return true;
	}
	return false;
}

/* Base64 from `at` that spells text, escaped or not? Random bytes in base64 hardly ever do. */
static bool near_base64_text(const uint8_t *p, size_t len, size_t at, size_t least)
{
	uint32_t bits = 0;
	for (size_t n = 0; n < least; n++) {
		struct unit u = at < len ? unit_at(p + at, len - at) : (struct unit){ 0 };
		if (at >= len || shape_base64_value[u.c] >= 64)
			return false;
		bits = bits << 6 | shape_base64_value[u.c];
		uint8_t c = (uint8_t)(bits >> (6 - 2 * (n % 4)));
		if (n % 4 && (c < ' ' || c > '~'))
			return false;
		at += u.len;
	}
	return true;
}

static bool in_class(enum behind class, uint8_t c)
{
	switch (class) {
	case BEHIND_DIGITS: return c >= '0' && c <= '9';
	case BEHIND_ALNUM: return shape_is_alnum(c);
	case BEHIND_BASE64: return shape_base64_value[c] < 64;
	default: return true;
	}
}

/* The rest of a literal that is longer than what the matcher looked for. */
static bool near_rest(const char *rest, const uint8_t *p, size_t len, size_t *at)
{
	for (; *rest; rest++) {
		struct unit u = *at < len ? unit_at(p + *at, len - *at) : (struct unit){ 0 };
		if (*at < len && u.c != (uint8_t)*rest && (u.c | 32) != (*rest | 32))
			return joint_at(p + *at, len - *at); /* split over literals: not decided here */
		if (*at >= len)
			return false;
		*at += u.len;
	}
	return true;
}

/* A literal of a whole credential ends at `at`: does what stands behind it fit? */
static bool near_behind(const struct pattern *pattern, const char *rest, const uint8_t *p, size_t len, size_t at)
{
	if (!near_rest(rest, p, len, &at))
		return false;
	if (pattern->behind == BEHIND_KEY_ID)
		return near_id(p, len, at);
	if (pattern->behind == BEHIND_BASE64_TEXT)
		return near_base64_text(p, len, at, pattern->behind_least);
	for (size_t n = 0; n < pattern->behind_least;) {
		struct unit u = at < len ? unit_at(p + at, len - at) : (struct unit){ 0 };
		if (at >= len)
			return false;
		size_t joint = in_class(pattern->behind, u.c) ? 0 : joint_at(p + at, len - at);
		if (!joint && !in_class(pattern->behind, u.c))
			return false;
		n += !joint;
		at += joint ? joint : u.len;
	}
	return true;
}

/* `rest`: what is left of the literal at `at`. */
static bool near_role(const struct pattern *pattern, const char *rest, const uint8_t *p, size_t len, size_t at)
{
	switch (pattern->role) {
	case ROLE_KEY_ID: return near_id(p, len, at);
	case ROLE_SECRET: return near_secret(p, len, at);
	case ROLE_SESSION_TOKEN: return near_token(p, len, at);
	case ROLE_SIGNED: return near_signature(p, len);
	default: return near_behind(pattern, rest, p, len, at);
	}
}

/* The text that the base64 around `at` (a digit number `digit` of its group) spells; `*where`: what of it is spelled
 * before `at`. */
static size_t decode_around(uint8_t *out, const uint8_t *p, size_t len, size_t at, unsigned digit, size_t *where)
{
	unsigned skip;
	size_t begin = at, before = 0;
	for (; begin > 0; begin--) {
		if (shape_base64_value[p[begin - 1]] < 64)
			before++;
		else if (p[begin - 1] != '\n' && p[begin - 1] != '\r')
			break;
	}
	skip = (before + 4 - digit) % 4; /* to where a group begins */
	*where = skip < before ? 6 * (before - skip) / 8 : 0;
	return base64_text(out, p + begin, len - begin, skip);
}

/* UTF-16 whose units begin at `i`. */
static size_t narrow(uint8_t *out, const uint8_t *p, size_t len, size_t i, unsigned low)
{
	size_t n = 0;
	for (; i + 1 < len; i += 2)
		out[n++] = p[i + !low] ? 0xff : p[i + low];
	return n;
}

/* `p` is what decoding gave, and the literal stands there at `at` as it is encoded once more. */
static bool near_inner(const struct anchor *a, const uint8_t *p, size_t len, size_t at)
{
	uint8_t text[2 * HIT_REACH];
	size_t name = strlen(a->text), n, where = at / 2;
	if (a->inner == ENC_UTF16LE)
		n = narrow(text, p, len, at % 2, 0);
	else if (at <= len)
		n = decode_around(text, p, len, at, a->inner_digit, &where);
	else
		return false;
	return n >= where + name && near_role(a->pattern, "", text, n, where + name);
}

bool near_look(const struct anchor *a, struct bytes data, uint32_t end)
{
	size_t lo = end > HIT_REACH ? end - HIT_REACH : 0, hi = data.len - end > HIT_REACH ? end + HIT_REACH : data.len;
	const uint8_t *p = data.ptr + lo;
	size_t len = hi - lo, at = end - lo, name = strlen(a->text), n = 0;
	uint8_t text[2 * HIT_REACH];

	if (a->of_name)
		return true;
	if (a->pattern->role == ROLE_ARCHIVE)
		return opening_near(a, p, len, at);
	if (a->pattern->role == ROLE_BARE)
		return bare_look(bytes_of(p, len), at);
	if (a->encoding == ENC_PLAIN)
		return near_role(a->pattern, a->text + a->len, p, len, at);
	if (a->encoding == ENC_ESCAPED) {
		for (size_t i = at - a->len; i < len && n < 4 * KEY_ID_LEN;) {
			struct unit u = unit_at(p + i, len - i);
			text[n++] = u.c;
			i += u.len;
		}
		return near_role(a->pattern, "", text, n, n < name ? n : name);
	}
	if (a->pattern->role == ROLE_SIGNED || (a->encoding == ENC_BASE64 && a->pattern->role == ROLE_SESSION_TOKEN))
		return true;
	if (a->encoding == ENC_BASE64) {
		size_t where;
		n = decode_around(text, p, len, at - a->len, a->digit, &where);
		if (a->inner)
			return near_inner(a, text, n, where);
		return n >= where + name && near_role(a->pattern, "", text, n, where + name);
	}
	n = narrow(text, p, len, at % 2, a->encoding == ENC_UTF16BE);
	if (a->inner)
		return near_inner(a, text, n, at / 2 - a->len / 2);
	return near_role(a->pattern, a->text + a->len / 2, text, n, at / 2);
}
