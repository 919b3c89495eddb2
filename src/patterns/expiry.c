/* expiry.c: "Expiration": "2026-11-23T10:11:12Z" beside a session's credentials.
 *
 *   { "AccessKeyId": .., "SecretAccessKey": .., "SessionToken": .., "Expiration": .. }
 *   `--- reach ---'`----------- what was found -----------------'`---- reach ----'     a brace or an empty line ends it */
#include "patterns/expiry.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define REACH 256
#define GAP 24 /* between the name and the digits: quotes, escapes, tags */

static bool digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* `n` digits at `p` as a number, or -1. */
static int64_t number_at(const uint8_t *p, const uint8_t *end, unsigned n)
{
	int64_t v = 0;
	if ((size_t)(end - p) < n)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		if (!digit(p[i]))
			return -1;
		v = 10 * v + p[i] - '0';
	}
	return v;
}

/* Days from 1970-01-01 to that day of the Gregorian calendar; March is the first month, so that leap days come last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	year -= month <= 2;
	int64_t era = year / 400, of_era = year - 400 * era, of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* 2026-11-23T10:11:12, a fraction, Z or +01:00 */
static int64_t iso_time(const uint8_t *p, const uint8_t *end)
{
	static const struct { unsigned at, digits; char before; } fields[] = { { 0, 4, 0 }, { 5, 2, '-' }, { 8, 2, '-' }, { 11, 2, 0 }, { 14, 2, ':' }, { 17, 2, ':' } };
	int64_t v[6];
	if (end - p < 19 || (p[10] != 'T' && p[10] != ' '))
		return 0;
	for (unsigned i = 0; i < 6; i++) {
		v[i] = number_at(p + fields[i].at, end, fields[i].digits);
		if (v[i] < 0 || (fields[i].before && p[fields[i].at - 1] != (uint8_t)fields[i].before))
			return 0;
	}
	if (v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31)
		return 0;
	int64_t t = days_of(v[0], v[1], v[2]) * 86400 + v[3] * 3600 + v[4] * 60 + v[5];
	for (p += 19; p < end && (*p == '.' || digit(*p)); p++)
		;
	if (end - p >= 6 && (*p == '+' || *p == '-') && p[3] == ':') {
		int64_t hours = number_at(p + 1, end, 2), minutes = number_at(p + 4, end, 2);
		if (hours >= 0 && minutes >= 0)
			t += (*p == '+' ? -60 : 60) * (60 * hours + minutes);
	}
	return t;
}

/* The time that begins within GAP bytes from `p`, or 0. */
static int64_t time_behind(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *stop = end - p > GAP ? p + GAP : end;
	while (p < stop && !digit(*p))
		p++;
	const uint8_t *last = p;
	while (last < end && digit(*last))
		last++;
	size_t n = (size_t)(last - p);
	if (n == 4)
		return iso_time(p, end);
	return n == 10 ? number_at(p, end, 10) : n == 13 ? number_at(p, end, 13) / 1000 : 0;
}

static bool ends_record(const uint8_t *p, const uint8_t *begin, const uint8_t *end)
{
	if (*p == '{' || *p == '}')
		return true;
	return *p == '\n' && ((p + 1 < end && (p[1] == '\n' || p[1] == '[')) || (p > begin && p[-1] == '\n'));
}

int64_t expiry_of(struct bytes data, uint64_t from, uint64_t to)
{
	const uint8_t *begin = data.ptr, *end = data.ptr + data.len, *l = data.ptr + from, *r = data.ptr + to;
	while (l > begin && (size_t)(data.ptr + from - l) < REACH && !ends_record(l - 1, begin, end))
		l--;
	while (r < end && (size_t)(r - data.ptr - to) < REACH && !ends_record(r, begin, end))
		r++;
	for (; r - l > 10; l++) {
		if ((*l | 32) != 'e' || strncasecmp((const char *)l, "expir", 5))
			continue;
		for (l += 5; l < r && ((*l | 32) >= 'a' && (*l | 32) <= 'z'); l++) /* expiration, expires, expiry */
			;
		int64_t t = time_behind(l, r);
		if (t)
			return t;
	}
	return 0;
}
