/* pattern.h: one pattern file, parsed and checked. docs/patterns.md explains the format to those who write them. */
#ifndef KH_PATTERNS_PATTERN_H
#define KH_PATTERNS_PATTERN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "patterns/detect.h"

/* What the text that the literals lead to is. Halves are paired by pair.c; a credential stands alone. */
enum role { ROLE_CREDENTIAL, ROLE_KEY_ID, ROLE_SECRET, ROLE_SESSION_TOKEN, ROLE_SIGNED };

enum { DERIVE_UTF16 = 1, DERIVE_BASE64 = 2, DERIVE_ESCAPES = 4 };

/* A named check of what `confirm` captured. False: it is something else. It may set what it learns (account_id, example...). */
typedef bool validator(struct credential *c, struct bytes secret);
validator *validator_named(const char *name); /* NULL when there is none */

struct pattern_literal {
	char *text;
	bool caseless;
};

struct pattern_example {
	char *text;
	bool match;
};

#define VALIDATORS_MAX 4

struct pattern {
	char *file; /* for messages */
	char *id, *kind, *description;
	enum level severity, confidence;
	enum role role;
	unsigned derive;
	struct pattern_literal *literals;
	size_t nliterals;
	char *confirm;
	pcre2_code *code; /* of `confirm`, or NULL */
	validator *validators[VALIDATORS_MAX];
	size_t nvalidators;
	char **references;
	size_t nreferences;
	struct pattern_example *examples;
	size_t nexamples;
};

/* On failure `*err` (caller frees) is "FILE:LINE: what is wrong; what would be right". */
enum status pattern_parse(struct pattern **out, const char *file, struct bytes text, char **err);
void pattern_free(struct pattern *p);

#endif
