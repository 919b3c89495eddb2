#include "policy/since.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define YEAR_MAX 9999
#define DAY 86400

/* Exactly `n` digits; -1 otherwise. */
static int digits(const char **p, int n)
{
	int value = 0;
	for (int i = 0; i < n; i++, (*p)++) {
		if (!isdigit((unsigned char)**p))
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

static bool in(int value, int low, int high)
{
	return value >= low && value <= high;
}

static bool read_day(const char **p, struct tm *tm)
{
	int year = digits(p, 4), month, day;
	if (year < 1970 || year > YEAR_MAX || *(*p)++ != '-')
		return false;
	month = digits(p, 2);
	if (!in(month, 1, 12) || *(*p)++ != '-')
		return false;
	day = digits(p, 2);
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (!in(day, 1, days[month - 1] + (month == 2 && leap)))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return true;
}

static bool read_clock(const char **p, struct tm *tm)
{
	tm->tm_hour = digits(p, 2);
	if (!in(tm->tm_hour, 0, 23) || *(*p)++ != ':')
		return false;
	tm->tm_min = digits(p, 2);
	if (!in(tm->tm_min, 0, 59))
		return false;
	if (**p == ':') {
		++*p;
		tm->tm_sec = digits(p, 2);
	}
	return in(tm->tm_sec, 0, 60);
}

/* Z, +hh:mm or +hhmm; nothing: `*has` stays false. */
static bool read_offset(const char **p, bool *has, int *seconds)
{
	int sign = **p == '-' ? -1 : 1, hours, minutes;
	*has = **p != '\0';
	if (**p == 'Z')
		return *++*p == '\0';
	if (!*has)
		return true;
	if (**p != '+' && **p != '-')
		return false;
	++*p;
	hours = digits(p, 2);
	*p += **p == ':';
	minutes = digits(p, 2);
	*seconds = sign * (hours * 60 + minutes) * 60;
	return in(hours, 0, 23) && in(minutes, 0, 59) && !**p;
}

static bool iso(int64_t *out, const char *p)
{
	struct tm tm = { .tm_isdst = -1 };
	bool has = false;
	int offset = 0;
	if (!read_day(&p, &tm))
		return false;
	if (*p == 'T' || *p == ' ') {
		p++;
		if (!read_clock(&p, &tm) || !read_offset(&p, &has, &offset))
			return false;
	}
	if (*p)
		return false;
	*out = has ? (int64_t)timegm(&tm) - offset : (int64_t)mktime(&tm);
	return true;
}

static bool epoch(int64_t *out, const char *p)
{
	int64_t n = 0;
	bool at = *p == '@';
	size_t len = strlen(p += at);
	if (!len || len > 12 || (!at && len < 9))
		return false;
	for (; *p; p++) {
		if (!isdigit((unsigned char)*p))
			return false;
		n = n * 10 + (*p - '0');
	}
	*out = n;
	return true;
}

static int64_t midnight(int64_t now, int days_ago)
{
	time_t t = (time_t)now;
	struct tm tm = { 0 };
	localtime_r(&t, &tm);
	tm.tm_mday -= days_ago;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

static int64_t months_ago(int64_t now, int months)
{
	time_t t = (time_t)now;
	struct tm tm = { 0 };
	localtime_r(&t, &tm);
	int all = tm.tm_year * 12 + tm.tm_mon - months;
	tm.tm_year = all / 12;
	tm.tm_mon = all % 12;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

/* "3 days ago", "2.weeks", "1-year-ago" */
static bool relative(int64_t *out, const char *p, int64_t now)
{
	static const struct { const char *unit; int seconds, months; } units[] = {
		{ "second", 1, 0 }, { "minute", 60, 0 }, { "hour", 3600, 0 }, { "day", DAY, 0 }, { "week", 7 * DAY, 0 }, { "month", 0, 1 }, { "year", 0, 12 },
	};
	static const char gaps[] = " .-";
	int64_t n = 0;
	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p); p++)
		if ((n = n * 10 + (*p - '0')) > 100000)
			return false;
	p += strspn(p, gaps);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		size_t len = strlen(units[i].unit);
		if (strncasecmp(p, units[i].unit, len) != 0)
			continue;
		p += len + (p[len] == 's');
		p += strspn(p, gaps);
		if (*p && strcasecmp(p, "ago") != 0)
			return false;
		if (units[i].months && n * units[i].months > 12 * 50)
			return false; /* older than git, and than any date a computer may mean */
		*out = units[i].months ? months_ago(now, (int)n * units[i].months) : now - n * units[i].seconds;
		return true;
	}
	return false;
}

bool since_parse(int64_t *out, const char *text, int64_t now)
{
	static const char *const words[] = { "today", "yesterday" };
	if (!strcasecmp(text, "now")) {
		*out = now;
		return true;
	}
	for (int i = 0; i < 2; i++)
		if (!strcasecmp(text, words[i])) {
			*out = midnight(now, i);
			return true;
		}
	return iso(out, text) || epoch(out, text) || relative(out, text, now);
}
