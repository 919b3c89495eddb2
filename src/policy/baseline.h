/* baseline.h: findings that are known already. JSON Lines, sorted, without line numbers, so that it changes only where
 * findings do and merges like source:
 *
 *     {"type":"baseline","schema":1,"of":"history"}
 *     {"fingerprint":"<64 hex>","kind":"access-key-pair","key_id":"AKIAQYZ3...","path":"config.env"}
 *
 * Only fingerprints count: a value in a path. A report of --format jsonl is a baseline too. */
#ifndef KH_POLICY_BASELINE_H
#define KH_POLICY_BASELINE_H

#include <stdio.h>

#include "findings/finding.h"
#include "util/buf.h"

#define BASELINE_MAX ((size_t)256 << 20) /* bytes */

struct known {
	char fingerprint[65];
	uint32_t line; /* of the baseline */
	bool used;
};

/* What was scanned when it was written. */
enum baseline_scope { BASELINE_ANY, BASELINE_FILES, BASELINE_HISTORY };

struct baseline {
	enum baseline_scope scope;
	struct known *list; /* sorted by fingerprint, each once */
	size_t len, cap;
};

/* KH_USAGE: `why` gets "LINE: what is wrong". Nothing is half read. */
enum status baseline_parse(struct baseline *out, struct bytes text, struct buf *why);
void baseline_release(struct baseline *b);

/* Is it known? Marks it as used. */
bool baseline_has(struct baseline *b, const struct finding *f);

/* Sorts the findings by path and fingerprint and writes each once. Never a secret: places whose
 * name may hold one (refs, file names, identities) are left out. Failures are the stream's (ferror). */
void baseline_write(FILE *out, enum baseline_scope scope, struct finding *list, size_t n);

#endif
