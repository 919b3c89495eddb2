#include "report/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define DAY 86400
#define YEAR_1 (-62135596800ll)
#define YEAR_9999 (253402300799ll)

/* Broken-down local time; hostile dates and offsets are brought into what ISO 8601 can write. */
static struct tm local(int64_t time, int *tz_minutes)
{
	if (*tz_minutes <= -24 * 60 || *tz_minutes >= 24 * 60)
		*tz_minutes = 0;
	int64_t margin = 2 * DAY;
	time = time < YEAR_1 + margin ? YEAR_1 + margin : time > YEAR_9999 - margin ? YEAR_9999 - margin : time;
	time_t shifted = (time_t)(time + *tz_minutes * 60);
	struct tm tm = { 0 };
	gmtime_r(&shifted, &tm);
	return tm;
}

static void add_time(struct buf *out, const struct tm *tm)
{
	buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d", tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday, tm->tm_hour,
		 tm->tm_min, tm->tm_sec);
}

void words_iso(struct buf *out, int64_t time, int tz_minutes)
{
	struct tm tm = local(time, &tz_minutes);
	add_time(out, &tm);
	int minutes = tz_minutes < 0 ? -tz_minutes : tz_minutes;
	buf_addf(out, "%c%02d:%02d", tz_minutes < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

void words_utc(struct buf *out, int64_t time)
{
	int utc = 0;
	struct tm tm = local(time, &utc);
	add_time(out, &tm);
	buf_addch(out, 'Z');
}

void words_date(struct buf *out, int64_t time, int tz_minutes)
{
	struct tm tm = local(time, &tz_minutes);
	buf_addf(out, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

void words_ago(struct buf *out, int64_t now, int64_t then)
{
	if (then > now && then - DAY > now) { /* a clock or a forger was wrong: say the date, not an age */
		buf_addstr(out, "on ");
		words_date(out, then, 0);
		buf_addstr(out, ", which is in the future");
		return;
	}
	uint64_t age = then > now ? 0 : (uint64_t)now - (uint64_t)then;
	uint64_t days = age / DAY;
	if (days < 2) {
		buf_addstr(out, days ? "yesterday" : "today");
		return;
	}
	words_number(out, days);
	buf_addstr(out, " days ago");
}

void words_number(struct buf *out, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_addch(out, ',');
		buf_addch(out, digits[i]);
	}
}

void words_count(struct buf *out, uint64_t n, const char *one, const char *many)
{
	words_number(out, n);
	buf_addf(out, " %s", n == 1 ? one : many);
}

/* Tenths by integer arithmetic: the same in every locale. */
static void add_tenths(struct buf *out, uint64_t tenths, const char *unit)
{
	buf_addf(out, "%" PRIu64 ".%u %s", tenths / 10, (unsigned)(tenths % 10), unit);
}

void words_size(struct buf *out, uint64_t bytes)
{
	static const char *const unit[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	if (bytes < 1000) {
		words_count(out, bytes, "byte", "bytes");
		return;
	}
	uint64_t scale = 1000;
	size_t u = 0;
	while (u + 1 < sizeof unit / sizeof *unit && bytes / scale >= 1000) {
		scale *= 1000;
		u++;
	}
	add_tenths(out, bytes / (scale / 10), unit[u]);
}

void words_seconds(struct buf *out, double s)
{
	double sane = s > 0 && s < 1e9 ? s : 0;
	if (sane < 1) {
		buf_addf(out, "%u ms", (unsigned)(sane * 1000));
	} else if (sane < 100) {
		add_tenths(out, (uint64_t)(sane * 10), "s");
	} else {
		unsigned whole = (unsigned)sane;
		if (whole >= 3600)
			buf_addf(out, "%u h %u min", whole / 3600, whole / 60 % 60);
		else
			buf_addf(out, "%u min %u s", whole / 60, whole % 60);
	}
}

void words_redacted(struct buf *out, const char *secret)
{
	size_t len = strlen(secret), shown = 0;
	size_t most = len / 4 < 4 ? len / 4 : 4;
	for (size_t chars = 0; chars < most; chars++) {
		unsigned n = utf8_len((const uint8_t *)secret + shown, len - shown);
		shown += n ? n : 1;
	}
	buf_add_safe(out, secret, shown);
	buf_addf(out, "\xe2\x80\xa6 (%zu)", len);
}

static const char *first_verb(const struct finding *f)
{
	return f->pushed == TRI_TRUE ? "pushed " : "committed ";
}

/* HEAD's tree holds files and names; a message, an author or a ref is not in it even when all see it. */
static bool in_trees(enum source s)
{
	return s == SOURCE_BLOB || s == SOURCE_INDEX || s == SOURCE_ARCHIVE || s == SOURCE_SYMLINK || s == SOURCE_PATH;
}

void words_exposure(struct buf *out, const struct finding *f, int64_t now)
{
	size_t start = out->len;
	const char *comma = "";
	if (f->source == SOURCE_INDEX && !f->commit[0])
		buf_addstr(out, "staged, not committed yet");
	if (f->has_dates || f->commit[0]) {
		buf_addstr(out, first_verb(f));
		words_ago(out, now, f->has_dates ? f->first_seen : f->committed_at);
	} else if (f->pushed == TRI_TRUE) {
		buf_addstr(out, "pushed");
	}
	comma = out->len > start ? ", " : "";
	if (f->pushed == TRI_FALSE && f->reachable != TRI_FALSE && f->commit[0]) {
		buf_addf(out, "%snot pushed", comma);
		comma = ", ";
	}
	if (f->at_head == TRI_TRUE) {
		buf_addf(out, "%sstill at HEAD", comma);
	} else if (f->reachable == TRI_FALSE && f->source != SOURCE_REF && f->source != SOURCE_CONFIG) {
		buf_addf(out, "%sonly in unreachable objects", comma);
	} else if (f->at_head == TRI_FALSE && f->commit[0] && in_trees(f->source)) {
		buf_addf(out, "%snot at HEAD, still in history", comma);
		if (f->has_dates) {
			buf_addstr(out, " (last seen ");
			words_date(out, f->last_seen, f->last_tz);
			buf_addch(out, ')');
		}
	}
}
