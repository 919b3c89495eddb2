/* report.h: findings to what a person or a program reads next. Writers see the findings sorted, one at a time. */
#ifndef KH_REPORT_REPORT_H
#define KH_REPORT_REPORT_H

#include <stdio.h>

#include "findings/finding.h"

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_JSONL, REPORT_SARIF };

struct report_options {
	enum report_format format;
	bool color;          /* decided by the caller */
	bool show_secrets;
	bool verbose;        /* text: evidence too */
	bool history;        /* text: exposure in words makes sense */
	int64_t now;         /* seconds since the epoch, for "412 days ago" */
	const char *version;
	const char *repository_uri; /* of the one repository scanned, for SARIF; NULL when there is none or several */
};

/* Write a whole report to `out` (results only). What was scanned and what could not be is said to `talk`, normally stderr, in every
 * format; NULL with --quiet. KH_IO when writing to `out` failed; errno says why. */
enum status report_write(FILE *out, FILE *talk, const struct report_options *o, const struct finding *list, size_t n, const struct summary *s);

#endif
