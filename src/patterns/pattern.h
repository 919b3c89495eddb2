/* pattern.h: one pattern file, parsed and checked. docs/patterns.md explains the format to those who write them. */
#ifndef KH_PATTERNS_PATTERN_H
#define KH_PATTERNS_PATTERN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "patterns/detect.h"

/* What the text that the literals lead to is. Halves are paired by pair.c; a credential stands alone. What leads to a bare
 * secret is no literal but a run of base64 digits (match/run.h). What leads to an archive is of no pattern file. */
enum role { ROLE_CREDENTIAL, ROLE_KEY_ID, ROLE_SECRET, ROLE_SESSION_TOKEN, ROLE_SIGNED, ROLE_BARE, ROLE_ARCHIVE };

enum { DERIVE_UTF16 = 1, DERIVE_BASE64 = 2, DERIVE_ESCAPES = 4 };

/* A named check of what `confirm` captured. False: it is something else. It may set what it learns: account_id, example,
 * severity, a secret that had to be decoded (sight.h says where such bytes may lie). */
struct sight;
typedef bool validator(struct credential *c, struct sight *s);
/* NULL when there is none. Sets `*finds` for one that finds the secret by itself, without a group that captures it. */
validator *validator_named(const char *name, bool *finds);

struct pattern_literal {
	char *text;
	bool caseless;
};

struct pattern_example {
	char *text;
	bool match;
};

#define VALIDATORS_MAX 4
#define BEHIND_MAX 64 /* characters that `behind` may ask for: escaped, they fit HIT_REACH */

/* What the near look asks of the characters behind a literal. */
enum behind { BEHIND_ANY, BEHIND_DIGITS, BEHIND_ALNUM, BEHIND_BASE64, BEHIND_BASE64_TEXT, BEHIND_KEY_ID };

/* The other half of a credential, near what `confirm` matched. */
struct partner {
	char *expression;
	pcre2_code *code;
	uint32_t reach;   /* bytes either side */
	bool optional;
};

/* What the name of the file may say in place of partner and context. */
struct file_name {
	char *expression;
	pcre2_code *code;
	char *literal; /* every such name has it; where no text does, nobody asks for names */
};

struct pattern {
	char *file; /* for messages */
	char *id, *kind, *description;
	char *advice;             /* the fix in a line; NULL: a credential. Where it is set, `confirm` need capture no secret */
	enum level severity, confidence;
	enum role role;
	unsigned derive;
	struct pattern_literal *literals;
	size_t nliterals;
	char *confirm;
	pcre2_code *code; /* of `confirm`, or NULL */
	validator *validators[VALIDATORS_MAX];
	size_t nvalidators;
	enum behind behind;
	uint32_t behind_least;
	uint32_t before, ahead;   /* how far `confirm` reads, bytes either side of the literal */
	bool keep_escapes;
	struct partner partner;
	struct file_name file_name;
	char **context;           /* one of these words must be near too, in any case; none: nothing needed. Near the partner, or in what `confirm` reads */
	size_t ncontext;
	char **unless;            /* none of these words may be in what `confirm` reads, in any case */
	size_t nunless;
	uint32_t rank;            /* of findings of one kind that lie together only the highest counts; 0: all */
	char **references;
	size_t nreferences;
	struct pattern_example *examples;
	size_t nexamples;
};

/* On failure `*err` (caller frees) is "FILE:LINE: what is wrong; what would be right". */
enum status pattern_parse(struct pattern **out, const char *file, struct bytes text, char **err);
void pattern_free(struct pattern *p);

#endif
