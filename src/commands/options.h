/* options.h: what the user typed. One table feeds the parser, --help, the manual page, the completions and the
 * KEYHUNT_* environment; what the table does not name does not exist.
 *
 * Strings in `struct options` are borrowed from argv and the environment, or its own. One thread, at the start. */
#ifndef KH_COMMANDS_OPTIONS_H
#define KH_COMMANDS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "patterns/detect.h"
#include "report/report.h"
#include "util/status.h"

enum command {
	COMMAND_FILES, COMMAND_HISTORY, COMMAND_PATTERNS, COMMAND_PATTERNS_TEST, COMMAND_EXPLAIN,
	COMMAND_HELP_SHORT, COMMAND_HELP, COMMAND_VERSION, COMMAND_GENERATE
};

/* One value of git-secrets' `secrets.allowed`, and where it stands. */
struct allowed_expression {
	char *file, *text;
	unsigned line;
};

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
	enum command command;
	char **paths;             /* operands; none: the current folder */
	size_t npaths;
	enum report_format format;
	const char *output;       /* NULL: standard output */
	unsigned threads;
	uint64_t memory;          /* bytes for object contents */
	bool no_progress, quiet, verbose, stats;
	enum color_when color;
	const char *patterns_dir, *config, *baseline, *write_baseline;
	const char *since;        /* as typed; NULL: everything */
	int64_t since_time;       /* what it means, in seconds since the epoch */
	enum level min_confidence;
	bool minimum_set;         /* somebody said so: not the default */
	bool entropy;
	bool no_allow;
	bool include_examples, advice, show_secrets;
	bool no_ignore;           /* files */
	bool missing_allow, whole_blobs; /* history */
	bool no_match;            /* inflate and apply deltas, match nothing: the floor that bench/run measures */
	const char *generate;     /* man, bash, zsh or fish */
	uint64_t given;           /* bit i: row i of the table was on the command line or in the environment */
	struct allowed_expression *expressions; /* from git's configuration, with the strings below by configure.c */
	size_t nexpressions;
	char **owned;
	size_t nowned;
};

enum option_group { GROUP_WHAT, GROUP_JUDGE, GROUP_OUTPUT, GROUP_RUN, GROUP_ABOUT, GROUPS };

enum {
	OPTION_COMMON = 1, /* on the one screen of -h */
	OPTION_LATER = 2,  /* part of the interface, but not of this version: refused in clear words, never ignored */
	OPTION_HIDDEN = 4, /* for our own tests and measurements */
	OPTION_ASKS = 8,   /* says what to do, not how: only on the command line, not in the environment */
	OPTION_PERSON = 16,     /* only who runs keyhunt says so: no configuration file writes files or shows secrets */
	OPTION_REPOSITORY = 32, /* a repository's own .keyhunt may say so too */
	OPTION_PATH = 64        /* its value is a path: in a file, seen from that file's folder */
};

struct option_spec {
	const char *name;   /* long, without its dashes */
	char letter;        /* short, or 0 */
	const char *arg;    /* what its value is called; NULL: a flag */
	const char *values; /* "a|b|c" when it takes only these */
	const char *help;   /* one line */
	enum option_group group;
	unsigned commands;  /* who takes it: mask of 1 << enum command; 0: all */
	unsigned marks;
	size_t field;       /* without `set`: the bool or string in struct options */
	bool (*set)(struct options *o, const char *value); /* false: not a value it takes */
};

/* Names of commands that are words, and what follows them. */
struct command_spec {
	const char *word, *args, *help;
	enum command command;
	unsigned marks;
};

const struct option_spec *options_table(size_t *n);
const struct command_spec *options_commands(size_t *n);
const char *options_group_title(enum option_group g);
static inline bool option_listed(const struct option_spec *s) { return !(s->marks & (OPTION_LATER | OPTION_HIDDEN)); }

/* KH_USAGE: `*err` (caller frees) is one line that says what is wrong. options_release in either case. */
enum status options_parse(struct options *out, int argc, char **argv, char **err);
void options_release(struct options *o);

/* One row applied, as if typed; `origin` is how errors call it. For configuration files. */
enum status options_apply(struct options *o, const struct option_spec *s, const char *origin, const char *value, char **err);
bool options_takes(const struct options *o, const struct option_spec *s); /* does the command know this option? */
/* 1, true, yes, on: true; 0, false, no, off: false; -1: neither. */
int options_flag(const char *value);

bool options_color(const struct options *o); /* colour the report? Asks the terminal, NO_COLOR and TERM */

#endif
