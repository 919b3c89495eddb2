/* catalog.h: all patterns and the literals they need, in every spelling. Const after catalog_new. */
#ifndef KH_PATTERNS_CATALOG_H
#define KH_PATTERNS_CATALOG_H

#include "patterns/pattern.h"
#include "patterns/view.h"

/* What a literal of the matcher stands for. */
struct anchor {
	const struct pattern *pattern;
	const char *text; /* the whole literal as the pattern has it; the matcher knows its first bytes only */
	uint8_t len;
	enum encoding encoding;
	bool of_name;  /* of a file's name (pattern.file_name), in whatever text */
	uint8_t digit; /* ENC_BASE64: the literal's first digit is number `digit` (0-3) of its group of four */
	enum encoding inner; /* of the text that decoding gives: base64 again (then `inner_digit`), or UTF-16LE in base64; else ENC_PLAIN */
	uint8_t inner_digit;
};

struct catalog {
	struct pattern **patterns;
	size_t npatterns, nbuiltin; /* the first ones are built in */
	struct literal *literals; /* and, at the same index, their anchors; the last stands for runs */
	struct anchor *anchors;
	size_t nliterals, cap;
	bool advice;
};

/* The built-in patterns, then those of `dir` (NULL: none): every *.yaml and *.yml in it. Without `advice` nothing is looked for that
 * only advises, and built-in patterns of that sort are not even read. */
enum status catalog_new(struct catalog **out, const char *dir, bool advice, char **err);
void catalog_free(struct catalog *c);

const struct catalog *detector_catalog(const struct detector *d);

#endif
