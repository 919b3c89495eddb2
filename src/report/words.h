/* words.h: numbers, dates and exposure as people say them. Each appends to `out`; static tables only, any thread.
 * Dates come from commits, so they may be any 64-bit number: they are kept within the years 1 to 9999. */
#ifndef KH_REPORT_WORDS_H
#define KH_REPORT_WORDS_H

#include "findings/finding.h"
#include "util/buf.h"

void words_iso(struct buf *out, int64_t time, int tz_minutes); /* 2025-10-06T14:03:59+02:00 */
void words_utc(struct buf *out, int64_t time);                 /* 2025-10-06T12:03:59Z */
void words_date(struct buf *out, int64_t time, int tz_minutes);/* 2025-10-06 */
void words_ago(struct buf *out, int64_t now, int64_t then);    /* "today", "yesterday", "412 days ago" */

void words_number(struct buf *out, uint64_t n);                /* 262,343 */
void words_count(struct buf *out, uint64_t n, const char *one, const char *many);
void words_size(struct buf *out, uint64_t bytes);              /* 8.1 GB */
void words_seconds(struct buf *out, double s);                 /* 1.2 s, 3 min 20 s */

/* "wJal… (40)": the first 4 characters, but never more than a quarter, and the length in bytes. */
void words_redacted(struct buf *out, const char *secret);
/* "pushed 412 days ago, still at HEAD"; nothing where nothing is known. */
void words_exposure(struct buf *out, const struct finding *f, int64_t now);

#endif
