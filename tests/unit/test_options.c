#include "commands/help.h"
#include "commands/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARGS_MAX 8

/* Parse "a b c" as `keyhunt a b c`; `copy` owns the words. */
static enum status parse(struct options *o, char *copy, char **err)
{
	char *argv[ARGS_MAX + 2] = { (char[]){ "keyhunt" } };
	int argc = 1;
	for (char *save = NULL, *w = strtok_r(copy, " ", &save); w && argc <= ARGS_MAX; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	return options_parse(o, argc, argv, err);
}

static void assert_refused(const char *line, const char *says)
{
	struct options o;
	char *copy = strdup(line), *err;
	assert_int_equal(parse(&o, copy, &err), KH_USAGE);
	if (!strstr(err, says))
		fail_msg("'%s' says: %s", line, err);
	assert_null(strchr(err, '\n'));
	assert_non_null(strstr(err, "(see keyhunt --help)"));
	free(err);
	free(copy);
	options_release(&o);
}

#define WITH(line) \
	struct options o; \
	char *err, copy[] = line; \
	assert_int_equal(parse(&o, copy, &err), KH_OK)

static void test_options__defaults(void **state)
{
	(void)state;
	WITH("");
	assert_int_equal(o.command, COMMAND_FILES);
	assert_int_equal(o.npaths, 0);
	assert_int_equal(o.format, REPORT_TEXT);
	assert_int_equal(o.min_confidence, LEVEL_MEDIUM);
	assert_false(o.minimum_set || o.entropy);
	assert_true(o.threads >= 1);
	assert_true(o.memory >= 1u << 20 && o.memory <= 1u << 30);
	assert_null(o.output);
	options_release(&o);
}

static void test_options__operands_and_options_mix(void **state)
{
	(void)state;
	WITH("a --history -j 3 b --memory=2g -- --staged");
	assert_int_equal(o.command, COMMAND_HISTORY);
	assert_int_equal(o.npaths, 3);
	assert_string_equal(o.paths[0], "a");
	assert_string_equal(o.paths[1], "b");
	assert_string_equal(o.paths[2], "--staged");
	assert_int_equal(o.threads, 3);
	assert_true(o.memory == (uint64_t)2 << 30);
	options_release(&o);
}

static void test_options__words_name_commands_only_in_front(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		enum command command;
		size_t npaths;
	} cases[] = {
		{ "patterns", COMMAND_PATTERNS, 0 }, { "patterns test", COMMAND_PATTERNS_TEST, 0 },
		{ "patterns --patterns d test", COMMAND_PATTERNS_TEST, 0 }, { "-v patterns", COMMAND_PATTERNS, 0 },
		{ "-- patterns", COMMAND_FILES, 1 }, { "./patterns", COMMAND_FILES, 1 }, { "a patterns", COMMAND_FILES, 2 },
		{ "-", COMMAND_FILES, 1 }, { "-h", COMMAND_HELP_SHORT, 0 }, { "--help --bogus", COMMAND_HELP, 0 },
		{ "--version", COMMAND_VERSION, 0 }, { "--generate zsh", COMMAND_GENERATE, 0 }, { "-- org", COMMAND_FILES, 1 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct options o;
		char *copy = strdup(cases[i].line), *err;
		assert_int_equal(parse(&o, copy, &err), KH_OK);
		assert_int_equal(o.command, cases[i].command);
		assert_int_equal(o.npaths, cases[i].npaths);
		options_release(&o);
		free(copy);
	}
}

static void test_options__nonsense_is_refused_in_one_line(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "--x", "unknown option '--x'" }, { "-Z", "unknown option '-Z'" }, { "--x=y", "unknown option '--x'" },
		{ "--x\ny", "unknown option '--x\\x0ay'" },
		{ "--format", "option '--format' needs a value" }, { "-j", "option '-j' needs a value" },
		{ "--history=1", "option '--history' takes no value" }, { "--format xml", "text, json, jsonl or sarif, not 'xml'" },
		{ "-j 0", "--threads takes" }, { "-j 1025", "--threads takes" }, { "-j 2x", "--threads takes" }, { "-j -1", "--threads takes" },
		{ "--memory 1", "--memory takes" }, { "--memory 9z", "--memory takes" }, { "--memory 1mm", "--memory takes" },
		{ "--memory 18446744073709551616", "--memory takes" }, { "--memory 17179869184g", "--memory takes" },
		{ "--missing deny --history", "--missing takes allow" }, { "--color blue", "auto, always or never" },
		{ "--min-confidence critical", "low, medium or high" }, { "--output=", "needs a value that is not empty" },
		{ "--whole-blobs", "goes with --history only" }, { "--missing allow", "goes with --history only" },
		{ "--history --no-ignore", "goes with files only" }, { "-q -v", "contradicts" }, { "patterns a", "unexpected argument 'a'" },
		{ "patterns --history", "cannot be joined" }, { "--history patterns", "cannot be joined" },
		{ "patterns --format json", "does not go with this command" }, { "--since yesterday", "goes with --history only" },
		{ "--history --since soon", "--since takes a date" }, { "explain", "needs a credential" }, { "explain a b", "takes one credential" },
		{ "--history explain x", "cannot be joined" }, { "--baseline=", "needs a value that is not empty" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_refused(cases[i][0], cases[i][1]);
}

static void test_options__what_comes_later_is_refused_not_ignored(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"--staged", "--commits A..B", "--commit-msg f", "--pre-push", "--pre-receive", "--verify", "install", "uninstall", "playbook", "org scan",
		"--format gitlab", "--format junit", "--format csv", "--format html", "--format markdown",
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_refused(cases[i], "not available in this version");
}

static void test_options__environment_fills_in(void **state)
{
	(void)state;
	setenv("KEYHUNT_FORMAT", "jsonl", 1);
	setenv("KEYHUNT_NO_PROGRESS", "yes", 1);
	setenv("KEYHUNT_STATS", "0", 1);
	setenv("KEYHUNT_MIN_CONFIDENCE", "low", 1);
	setenv("KEYHUNT_VERBOSE", "1", 1);
	setenv("KEYHUNT_WHOLE_BLOBS", "1", 1); /* not for files: no error */
	setenv("KEYHUNT_HISTORY", "1", 1);     /* what to scan is asked for on the command line only */
	WITH("--min-confidence high -q");
	assert_int_equal(o.command, COMMAND_FILES);
	assert_int_equal(o.format, REPORT_JSONL);
	assert_true(o.no_progress);
	assert_false(o.stats);
	assert_int_equal(o.min_confidence, LEVEL_HIGH);
	assert_true(o.minimum_set);
	assert_true(o.quiet && !o.verbose);
	options_release(&o);
	setenv("KEYHUNT_STATS", "perhaps", 1);
	assert_refused("", "KEYHUNT_STATS takes 1 or 0");
	setenv("KEYHUNT_STATS", "", 1);
	setenv("KEYHUNT_FORMAT", "xml", 1);
	assert_refused("", "KEYHUNT_FORMAT takes text, json");
	unsetenv("KEYHUNT_FORMAT");
	setenv("KEYHUNT_VERIFY", "1", 1);
	assert_refused("", "'KEYHUNT_VERIFY' is not available");
	static const char *const names[] = { "NO_PROGRESS", "STATS", "MIN_CONFIDENCE", "VERBOSE", "WHOLE_BLOBS", "HISTORY", "VERIFY" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char name[64];
		snprintf(name, sizeof name, "KEYHUNT_%s", names[i]);
		unsetenv(name);
	}
}

static void test_options__table_is_sound(void **state)
{
	(void)state;
	size_t n;
	const struct option_spec *t = options_table(&n);
	for (size_t i = 0; i < n; i++) {
		if (option_listed(&t[i]))
			assert_true(*t[i].help && strlen(t[i].help) < 90 && t[i].help[strlen(t[i].help) - 1] != '.');
		if (t[i].values)
			assert_non_null(t[i].arg);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(t[i].name, t[j].name);
			assert_true(!t[i].letter || t[i].letter != t[j].letter);
		}
	}
}

static void test_help__short_fits_a_screen(void **state)
{
	(void)state;
	char text[8192];
	unsigned lines = 0;
	FILE *f = fmemopen(text, sizeof text, "w");
	help_short(f);
	fclose(f);
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	assert_in_range(lines, 10, 24);
	f = fopen("/dev/null", "w");
	assert_int_equal(help_generate(f, "csh"), KH_USAGE);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options__defaults),
		cmocka_unit_test(test_options__operands_and_options_mix),
		cmocka_unit_test(test_options__words_name_commands_only_in_front),
		cmocka_unit_test(test_options__nonsense_is_refused_in_one_line),
		cmocka_unit_test(test_options__what_comes_later_is_refused_not_ignored),
		cmocka_unit_test(test_options__environment_fills_in),
		cmocka_unit_test(test_options__table_is_sound),
		cmocka_unit_test(test_help__short_fits_a_screen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
