/* since.h: the dates of --since and of `expires`. Pure; any thread. */
#ifndef KH_POLICY_SINCE_H
#define KH_POLICY_SINCE_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds since the epoch. Takes 2025-10-06, 2025-10-06T14:03, 2025-10-06 14:03:59, each with Z, +02:00 or +0200 behind
 * the time (without: local time); @1759750000 or 1759750000 (9 digits and more: seconds since the epoch); now, today,
 * yesterday; "N seconds|minutes|hours|days|weeks|months|years ago", with blanks or dots or -, as git takes them
 * (2.weeks.ago; `ago` may be left out). A day without a time begins at midnight. False: none of these. */
bool since_parse(int64_t *out, const char *text, int64_t now);

#endif
