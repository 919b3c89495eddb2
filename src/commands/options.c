/* options.c: the table, and getopt_long made of it. The command line is read first, then the environment fills in what
 * it left open. */
#include "commands/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "policy/since.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/team.h"

#define FILES (1u << COMMAND_FILES)
#define HISTORY (1u << COMMAND_HISTORY)
#define PATTERNS (1u << COMMAND_PATTERNS | 1u << COMMAND_PATTERNS_TEST)
#define EXPLAIN (1u << COMMAND_EXPLAIN)
#define SCANS (FILES | HISTORY)

#define THREADS_MAX 1024
#define MEMORY_MIN ((uint64_t)1 << 20)
#define MEMORY_DEFAULT_MAX ((uint64_t)1 << 30)

/* Place of `value` in "a|b|c", or -1. */
static int choice(const char *values, const char *value)
{
	size_t len = strlen(value);
	int n = 0;
	for (const char *v = values; v && *v; n++) {
		size_t l = strcspn(v, "|");
		if (l == len && !memcmp(v, value, len))
			return n;
		v += l + (v[l] == '|');
	}
	return -1;
}

#define FORMATS "text|json|jsonl|sarif" /* in the order of enum report_format */
#define FORMATS_LATER "gitlab|junit|csv|html|markdown"
#define COLORS "auto|always|never"      /* enum color_when */
#define CONFIDENCES "low|medium|high"   /* enum level */

static bool set_format(struct options *o, const char *value)
{
	int n = choice(FORMATS, value);
	o->format = n < 0 ? REPORT_TEXT : (enum report_format)n;
	return n >= 0;
}

static bool set_color(struct options *o, const char *value)
{
	int n = choice(COLORS, value);
	o->color = n < 0 ? COLOR_AUTO : (enum color_when)n;
	return n >= 0;
}

static bool set_confidence(struct options *o, const char *value)
{
	int n = choice(CONFIDENCES, value);
	o->min_confidence = (enum level)(LEVEL_LOW + (n < 0 ? 0 : n));
	o->minimum_set = true;
	return n >= 0;
}

static bool set_missing(struct options *o, const char *value)
{
	return o->missing_allow = !strcmp(value, "allow");
}

static bool set_since(struct options *o, const char *value)
{
	o->since = value;
	return since_parse(&o->since_time, value, (int64_t)time(NULL));
}

/* Digits only, so that neither sign nor space nor overflow gets by. Returns what follows them, NULL on failure. */
static const char *number(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;
	const char *p = s;
	for (; isdigit((unsigned char)*p); p++) {
		unsigned d = (unsigned)(*p - '0');
		if (n > (max - d) / 10)
			return NULL;
		n = n * 10 + d;
	}
	*out = n;
	return p == s ? NULL : p;
}

static bool set_threads(struct options *o, const char *value)
{
	uint64_t n;
	const char *end = number(value, THREADS_MAX, &n);
	if (!end || *end || !n)
		return false;
	o->threads = (unsigned)n;
	return true;
}

static bool set_memory(struct options *o, const char *value)
{
	static const char units[] = "kmgt";
	uint64_t n;
	unsigned shift = 0;
	const char *end = number(value, UINT64_MAX, &n);
	if (!end)
		return false;
	if (*end) {
		const char *u = strchr(units, tolower((unsigned char)*end++));
		if (!u)
			return false;
		shift = 10 * (unsigned)(u - units + 1);
	}
	if (*end || n > UINT64_MAX >> shift || n << shift < MEMORY_MIN)
		return false;
	o->memory = n << shift;
	return true;
}

static bool set_history(struct options *o, const char *value)
{
	(void)value;
	o->command = COMMAND_HISTORY;
	return true;
}

static bool set_help(struct options *o, const char *value)
{
	(void)value;
	o->command = COMMAND_HELP;
	return true;
}

static bool set_version(struct options *o, const char *value)
{
	(void)value;
	o->command = COMMAND_VERSION;
	return true;
}

#define GENERATES "man|bash|zsh|fish"

static bool set_generate(struct options *o, const char *value)
{
	o->command = COMMAND_GENERATE;
	o->generate = value;
	return choice(GENERATES, value) >= 0;
}

#define FIELD(f) offsetof(struct options, f), NULL
#define SET(f) 0, f
#define LATER "", GROUP_WHAT, 0, OPTION_LATER, 0, NULL
#define ASKS_LATER "", GROUP_WHAT, 0, OPTION_LATER | OPTION_ASKS, 0, NULL

static const struct option_spec table[] = {
	{ "history", 0, NULL, NULL, "scan everything the repositories' object stores hold, not only files", GROUP_WHAT, SCANS, OPTION_COMMON | OPTION_ASKS, SET(set_history) },
	{ "staged", 0, NULL, NULL, ASKS_LATER },
	{ "commits", 0, "RANGE", NULL, ASKS_LATER },
	{ "commit-msg", 0, "FILE", NULL, ASKS_LATER },
	{ "pre-push", 0, NULL, NULL, ASKS_LATER },
	{ "pre-receive", 0, NULL, NULL, ASKS_LATER },
	{ "no-ignore", 0, NULL, NULL, "take in files that git ignores", GROUP_WHAT, FILES, OPTION_COMMON, FIELD(no_ignore) },
	{ "since", 0, "DATE", NULL, "report what commits since DATE brought: 2025-10-06, \"2 weeks ago\", yesterday", GROUP_WHAT, HISTORY, 0, SET(set_since) },
	{ "missing", 0, "allow", "allow", "objects that a partial clone lacks are no reason for exit status 2", GROUP_WHAT, HISTORY, 0, SET(set_missing) },
	{ "whole-blobs", 0, NULL, NULL, "match every blob whole instead of its deltas: slow, same findings, for checking", GROUP_WHAT, HISTORY, 0, FIELD(whole_blobs) },
	{ "debug-no-match", 0, NULL, NULL, "", GROUP_WHAT, HISTORY, OPTION_HIDDEN | OPTION_ASKS, FIELD(no_match) },

	{ "min-confidence", 0, "LEVEL", CONFIDENCES, "report findings that keyhunt is this sure of (default: medium)", GROUP_JUDGE, SCANS, OPTION_COMMON | OPTION_REPOSITORY, SET(set_confidence) },
	{ "include-examples", 0, NULL, NULL, "report documentation examples and placeholders too", GROUP_JUDGE, SCANS, OPTION_REPOSITORY, FIELD(include_examples) },
	{ "patterns", 0, "DIR", NULL, "use the pattern files in DIR besides the built-in ones", GROUP_JUDGE, SCANS | PATTERNS | EXPLAIN, OPTION_REPOSITORY | OPTION_PATH, FIELD(patterns_dir) },
	{ "baseline", 0, "FILE", NULL, "leave out the findings that FILE knows, by value and path", GROUP_JUDGE, SCANS, OPTION_REPOSITORY | OPTION_PATH, FIELD(baseline) },
	{ "write-baseline", 0, "FILE", NULL, "write the findings to FILE as a baseline, besides the report", GROUP_JUDGE, SCANS, OPTION_PERSON, FIELD(write_baseline) },
	{ "config", 0, "FILE", NULL, "read FILE instead of .keyhunt and git's configuration", GROUP_JUDGE, SCANS | PATTERNS | EXPLAIN, OPTION_PERSON, FIELD(config) },
	{ "no-allow", 0, NULL, NULL, "report too what marks in the text, ignore files and .keyhunt allow", GROUP_JUDGE, SCANS, OPTION_PERSON, FIELD(no_allow) },
	{ "advice", 0, NULL, NULL, "report too where a role would make credentials needless, with the fix", GROUP_JUDGE, SCANS, OPTION_REPOSITORY, FIELD(advice) },
	{ "entropy", 0, NULL, NULL, "report 40 random characters too that no word and no key ID speaks for (confidence low)", GROUP_JUDGE, SCANS, OPTION_REPOSITORY, FIELD(entropy) },
	{ "verify", 0, NULL, NULL, LATER },

	{ "format", 0, "FORMAT", FORMATS, "how to write the findings: text, json, jsonl or sarif (default: text)", GROUP_OUTPUT, SCANS | EXPLAIN, OPTION_COMMON, SET(set_format) },
	{ "output", 0, "FILE", NULL, "write the findings to FILE, replacing it only when they are complete", GROUP_OUTPUT, SCANS, OPTION_COMMON | OPTION_PERSON, FIELD(output) },
	{ "color", 0, "WHEN", COLORS, "colour the text: auto, always or never (default: auto; NO_COLOR is honoured)", GROUP_OUTPUT, SCANS, 0, SET(set_color) },
	{ "no-progress", 0, NULL, NULL, "show no progress bar", GROUP_OUTPUT, SCANS, 0, FIELD(no_progress) },
	{ "quiet", 'q', NULL, NULL, "say nothing but findings and errors", GROUP_OUTPUT, 0, OPTION_COMMON, FIELD(quiet) },
	{ "verbose", 'v', NULL, NULL, "say more: what spoke for each finding, what was skipped and why", GROUP_OUTPUT, 0, OPTION_COMMON, FIELD(verbose) },
	{ "show-secrets", 0, NULL, NULL, "write secrets in full instead of their first 4 characters", GROUP_OUTPUT, SCANS, OPTION_PERSON, FIELD(show_secrets) },
	{ "stats", 0, NULL, NULL, "say on standard error how many bytes were read, matched and held in memory", GROUP_OUTPUT, SCANS, 0, FIELD(stats) },

	{ "threads", 'j', "N", NULL, "work on N threads (default: the CPUs this process may use)", GROUP_RUN, SCANS, OPTION_COMMON, SET(set_threads) },
	{ "memory", 0, "SIZE", NULL, "memory for object contents, as 512m or 2g (default: a quarter of RAM, at most 1g)", GROUP_RUN, SCANS, 0, SET(set_memory) },

	{ "generate", 0, "WHAT", GENERATES, "print the manual page (man) or the completions for bash, zsh or fish", GROUP_ABOUT, 0, OPTION_ASKS, SET(set_generate) },
	{ "version", 0, NULL, NULL, "print the version", GROUP_ABOUT, 0, OPTION_COMMON | OPTION_ASKS, SET(set_version) },
	{ "help", 'h', NULL, NULL, "-h: one screen; --help: everything", GROUP_ABOUT, 0, OPTION_COMMON | OPTION_ASKS, SET(set_help) },
};
#define NOPTIONS (sizeof table / sizeof *table)
_Static_assert(NOPTIONS <= 64, "options.given has a bit for each");

static const struct command_spec commands[] = {
	{ "patterns", "[test]", "list the patterns; with test: run the examples in the pattern files", COMMAND_PATTERNS, 0 },
	{ "explain", "CREDENTIAL", "say what a key ID, secret, token or signed URL is, offline; - reads it from standard input", COMMAND_EXPLAIN, 0 },
	{ "install", "", "", COMMAND_FILES, OPTION_LATER },
	{ "uninstall", "", "", COMMAND_FILES, OPTION_LATER },
	{ "playbook", "", "", COMMAND_FILES, OPTION_LATER },
	{ "org", "", "", COMMAND_FILES, OPTION_LATER },
};
#define NCOMMANDS (sizeof commands / sizeof *commands)

const struct option_spec *options_table(size_t *n)
{
	*n = NOPTIONS;
	return table;
}

const struct command_spec *options_commands(size_t *n)
{
	*n = NCOMMANDS;
	return commands;
}

const char *options_group_title(enum option_group g)
{
	static const char *const titles[GROUPS] = {
		[GROUP_WHAT] = "What to scan", [GROUP_JUDGE] = "What to report", [GROUP_OUTPUT] = "How to report it",
		[GROUP_RUN] = "Threads and memory", [GROUP_ABOUT] = "About keyhunt",
	};
	return titles[g];
}

/* All errors of this file: "<before>'<what the user typed>'<after>". Values may be secrets: these are refuse_typed's. */
static enum status refuse(char **err, const char *before, const char *typed, const char *after)
{
	struct buf b = { 0 };
	buf_addstr(&b, before);
	buf_addch(&b, '\'');
	buf_add_safe(&b, typed, strlen(typed));
	buf_addch(&b, '\'');
	buf_addstr(&b, after);
	*err = b.ptr;
	return KH_USAGE;
}

static enum status refuse_typed(char **err, const char *before, const char *value, const char *after)
{
	struct buf b = { 0 };
	buf_addstr(&b, before);
	buf_add_value(&b, value);
	buf_addstr(&b, after);
	*err = b.ptr;
	return KH_USAGE;
}

#define SEE_HELP " (see keyhunt --help)"
#define NOT_YET " is not available in this version" SEE_HELP

/* `origin`: "--format" or "KEYHUNT_FORMAT", as the user wrote it. */
static enum status refuse_value(char **err, const struct option_spec *s, const char *origin, const char *value)
{
	struct buf what = { 0 };
	enum status st;
	buf_addstr(&what, origin);
	if (!strcmp(s->name, "format") && choice(FORMATS_LATER, value) >= 0) {
		buf_addstr(&what, " ");
		st = refuse_typed(err, what.ptr, value, NOT_YET);
	} else {
		buf_addstr(&what, " takes ");
		if (s->values)
			for (const char *v = s->values; *v; v++)
				*v == '|' ? buf_addstr(&what, strchr(v + 1, '|') ? ", " : " or ") : buf_addch(&what, *v);
		else
			buf_addstr(&what, s->letter == 'j' ? "a number from 1 to 1024" : s->set == set_since ?
				   "a date, as 2025-10-06, 2025-10-06T14:03Z, \"2 weeks ago\" or yesterday" : "a size from 1m up, as 512m or 2g");
		buf_addstr(&what, ", not ");
		st = refuse_typed(err, what.ptr, value, SEE_HELP);
	}
	buf_release(&what);
	return st;
}

enum status options_apply(struct options *o, const struct option_spec *s, const char *origin, const char *value, char **err)
{
	if (s->marks & OPTION_LATER)
		return refuse(err, "option ", origin, NOT_YET);
	if (s->set)
		return s->set(o, value) ? KH_OK : refuse_value(err, s, origin, value);
	if (s->arg) {
		if (!*value)
			return refuse(err, "", origin, " needs a value that is not empty" SEE_HELP);
		memcpy((char *)o + s->field, &value, sizeof value);
	} else {
		*(bool *)(void *)((char *)o + s->field) = true;
	}
	return KH_OK;
}

bool options_takes(const struct options *o, const struct option_spec *s)
{
	return !s->commands || (s->commands >> o->command & 1);
}

static void env_name(char *out, size_t cap, const char *name)
{
	size_t n = (size_t)snprintf(out, cap, "KEYHUNT_");
	for (; *name && n + 1 < cap; name++)
		out[n++] = *name == '-' ? '_' : (char)toupper((unsigned char)*name);
	out[n] = '\0';
}

int options_flag(const char *value)
{
	int yes = choice("0|false|no|off|1|true|yes|on", value);
	return yes < 0 ? -1 : yes >= 4;
}

/* KEYHUNT_LONG_OPTION for what the command line did not say. What the command does not take is not its business. */
static enum status apply_environment(struct options *o, bool *given, char **err)
{
	for (size_t i = 0; i < NOPTIONS; i++) {
		const struct option_spec *s = &table[i];
		bool contrary = (o->quiet && s->letter == 'v') || (o->verbose && s->letter == 'q');
		char name[64];
		env_name(name, sizeof name, s->name);
		const char *value = getenv(name);
		if (!value || !*value || given[i] || contrary || (s->marks & OPTION_ASKS) || !options_takes(o, s))
			continue;
		if (!s->arg) {
			int yes = options_flag(value);
			given[i] = true;
			if (yes < 0) {
				struct buf before = { 0 };
				buf_addf(&before, "%s takes 1 or 0, true or false, yes or no, not ", name);
				enum status st = refuse_typed(err, before.ptr, value, SEE_HELP);
				buf_release(&before);
				return st;
			}
			if (!yes)
				continue;
		}
		enum status st = options_apply(o, s, name, value, err);
		if (st)
			return st;
		given[i] = true;
	}
	return KH_OK;
}

/* A quarter of RAM, but at most 1 GiB. */
static uint64_t default_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	uint64_t quarter = pages > 0 && size > 0 ? (uint64_t)pages / 4 * (uint64_t)size : MEMORY_DEFAULT_MAX;
	return quarter > MEMORY_DEFAULT_MAX ? MEMORY_DEFAULT_MAX : quarter < MEMORY_MIN ? MEMORY_MIN : quarter;
}

/* An operand. The first may be a command's word; a folder of that name is ./word, or comes after "--". */
static enum status operand(struct options *o, char *arg, bool word, char **err)
{
	for (size_t i = 0; word && i < NCOMMANDS; i++) {
		if (strcmp(arg, commands[i].word) != 0)
			continue;
		if (commands[i].marks & OPTION_LATER)
			return refuse(err, "command ", arg, " is not available in this version; a folder of that name is ./NAME" SEE_HELP);
		if (o->command != COMMAND_FILES)
			return refuse(err, "command ", arg, " cannot be joined with another" SEE_HELP);
		o->command = commands[i].command;
		return KH_OK;
	}
	if (o->command == COMMAND_PATTERNS && !strcmp(arg, "test"))
		o->command = COMMAND_PATTERNS_TEST;
	else if (1u << o->command & PATTERNS)
		return refuse_typed(err, "unexpected argument ", arg, SEE_HELP);
	else if (!*arg)
		return refuse(err, "", arg, o->command == COMMAND_EXPLAIN ? " is no credential" SEE_HELP : " is not a path" SEE_HELP);
	else if (o->command == COMMAND_EXPLAIN && o->npaths)
		return refuse(err, "", "explain", " takes one credential; quote it when it has blanks" SEE_HELP);
	else
		o->paths[o->npaths++] = arg;
	return KH_OK;
}

#define LONG 256 /* getopt's code for table[i] is LONG + i, however it was written */

/* getopt's tables from ours. A leading '-': operands come in order, as code 1; ':' tells a missing value apart. */
static void build_tables(struct option *longs, char *shorts)
{
	*shorts++ = '-';
	*shorts++ = ':';
	for (size_t i = 0; i < NOPTIONS; i++) {
		longs[i] = (struct option){ table[i].name, table[i].arg ? required_argument : no_argument, NULL, LONG + (int)i };
		if (table[i].letter)
			*shorts++ = table[i].letter;
		if (table[i].letter && table[i].arg)
			*shorts++ = ':';
	}
	*shorts = '\0';
}

static size_t spec_of(int code)
{
	for (size_t i = 0; i < NOPTIONS; i++)
		if (code == LONG + (int)i || (table[i].letter && code == table[i].letter))
			return i;
	return NOPTIONS;
}

static enum status refuse_option(char **argv, int code, char **err)
{
	char letter[3] = { '-', (char)optopt, '\0' };
	size_t i = spec_of(optopt);
	const char *before = "unknown option ", *after = SEE_HELP;
	/* The name without "=value". */
	KH_CLEANUP(free_ptr) char *typed = xstrdup(optopt && optopt < LONG ? letter : argv[optind - 1]);
	typed[strcspn(typed, "=")] = '\0';
	if (code == ':' || (i < NOPTIONS && optopt >= LONG)) {
		before = "option ";
		after = code == ':' ? " needs a value" SEE_HELP : " takes no value" SEE_HELP;
	}
	return refuse(err, before, typed, after);
}

static enum status parse_arguments(struct options *o, int argc, char **argv, bool *given, char **err)
{
	struct option longs[NOPTIONS + 1] = { 0 };
	char shorts[2 * NOPTIONS + 3];
	bool word = true;
	int code;
	enum status st = KH_OK;
	build_tables(longs, shorts);
	opterr = 0;
	optind = 0; /* GNU: start anew */
	while (!st && (code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (code == '?' || code == ':')
			return refuse_option(argv, code, err);
		if (code == 1) {
			st = operand(o, optarg, word, err);
			word = false;
			continue;
		}
		size_t i = spec_of(code);
		char origin[64];
		snprintf(origin, sizeof origin, "--%s", table[i].name);
		if ((table[i].marks & OPTION_ASKS) && (1u << o->command & (PATTERNS | EXPLAIN)) && table[i].set == set_history)
			return refuse(err, "option ", origin, " cannot be joined with another command" SEE_HELP);
		st = options_apply(o, &table[i], origin, optarg, err);
		given[i] = true;
		if (code == 'h')
			o->command = COMMAND_HELP_SHORT;
		if (o->command >= COMMAND_HELP_SHORT)
			return st;
	}
	while (!st && optind < argc)
		st = operand(o, argv[optind++], false, err);
	return st;
}

/* What was typed must make sense together. */
static enum status check(const struct options *o, const bool *given, char **err)
{
	for (size_t i = 0; i < NOPTIONS; i++) {
		char origin[64];
		snprintf(origin, sizeof origin, "--%s", table[i].name);
		if (given[i] && !options_takes(o, &table[i]))
			return refuse(err, "option ", origin,
				      table[i].commands == HISTORY ? " goes with --history only" SEE_HELP :
				      table[i].commands == FILES ? " goes with files only" SEE_HELP : " does not go with this command" SEE_HELP);
	}
	if (o->quiet && o->verbose)
		return refuse(err, "option ", "--quiet", " contradicts --verbose" SEE_HELP);
	if (o->command == COMMAND_EXPLAIN && !o->npaths)
		return refuse(err, "", "explain", " needs a credential, or - to read it from standard input" SEE_HELP);
	return KH_OK;
}

enum status options_parse(struct options *out, int argc, char **argv, char **err)
{
	bool given[NOPTIONS] = { false };
	*out = (struct options){ .command = COMMAND_FILES, .format = REPORT_TEXT, .min_confidence = LEVEL_MEDIUM };
	out->paths = xcalloc((size_t)argc + 1, sizeof *out->paths);
	out->threads = team_cpus();
	out->memory = default_memory();
	*err = NULL;
	enum status st = parse_arguments(out, argc, argv, given, err);
	if (st || out->command >= COMMAND_HELP_SHORT)
		return st;
	st = check(out, given, err);
	if (!st)
		st = apply_environment(out, given, err);
	for (size_t i = 0; i < NOPTIONS; i++)
		out->given |= (uint64_t)given[i] << i;
	return st;
}

void options_release(struct options *o)
{
	for (size_t i = 0; i < o->nexpressions; i++) {
		free(o->expressions[i].file);
		free(o->expressions[i].text);
	}
	for (size_t i = 0; i < o->nowned; i++)
		free(o->owned[i]);
	free(o->expressions);
	free(o->owned);
	free(o->paths);
	*o = (struct options){ 0 };
}

bool options_color(const struct options *o)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	return !o->output && isatty(STDOUT_FILENO) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}
