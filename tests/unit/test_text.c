#include "report_samples.h"

static char *text_of(const struct finding *list, size_t n, bool color, bool verbose)
{
	struct report_options o = sample_options(REPORT_TEXT);
	struct summary s = sample_summary(n);
	o.color = color;
	o.verbose = verbose;
	return sample_report(NULL, &o, list, n, &s);
}

static char *said_of(const struct summary *s, bool history)
{
	struct report_options o = sample_options(REPORT_TEXT);
	o.history = history;
	char *talk = NULL;
	free(sample_report(&talk, &o, NULL, 0, s));
	return talk;
}

static void test_block__says_what_where_who_and_since_when(void **state)
{
	(void)state;
	struct finding f;
	sample_fill(&f);
	char *text = text_of(&f, 1, false, false);
	assert_has(text, "critical  access-key-pair  " SAMPLE_ID "\n"
			 "  account 053347129083, secret made\xe2\x80\xa6 (40), confidence high\n"
			 "  config/prod.env:12:19\n"
			 "    1a2b3c4d5e6f  2023-11-15  Jane Doe <jane@example.com>\n"
			 "    pushed 412 days ago, still at HEAD\n"
			 "    3 versions, in main, origin/main and 3 more refs\n"
			 "  First steps:\n"
			 "    # 1. ");
	assert_lacks(text, SAMPLE_SECRET);
	assert_lacks(text, "\x1b");
	assert_lacks(text, "evidence");
	free(text);
	text = text_of(&f, 1, true, true);
	assert_has(text, "\x1b[1;31mcritical\x1b[0m");
	assert_has(text, "    evidence: account-id, near-secret; pattern aws-access-key\n");
	free(text);
	finding_release(&f);
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;
	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

static void test_groups__one_block_a_credential_the_worst_first(void **state)
{
	(void)state;
	struct finding list[4];
	sample_bare(&list[0]);
	list[0].severity = LEVEL_LOW;
	for (size_t i = 1; i < 4; i++)
		sample_fill(&list[i]);
	list[2].line = 40;
	list[3].kind = "access-key-id";
	list[3].severity = LEVEL_MEDIUM;
	char *text = text_of(list, 4, false, false);
	assert_int_equal(count(text, "access-key-pair"), 1);
	assert_has(text, "  config/prod.env:40:19\n");
	assert_has(text, "  First steps: as above for " SAMPLE_ID "\n");
	assert_int_equal(count(text, "get-access-key-last-used"), 1);
	assert_true(strstr(text, "critical  ") < strstr(text, "medium  "));
	assert_true(strstr(text, "medium  ") < strstr(text, "low  "));
	free(text);
	for (size_t i = 0; i < 4; i++)
		finding_release(&list[i]);
}

static void test_places__beyond_twenty_are_counted(void **state)
{
	(void)state;
	struct finding list[25];
	for (uint32_t i = 0; i < 25; i++) {
		sample_fill(&list[i]);
		list[i].line = i + 1;
	}
	char *text = text_of(list, 25, false, false);
	assert_int_equal(count(text, "  config/prod.env:"), 20);
	assert_has(text, "  and in 5 more places (all with --verbose)\n");
	free(text);
	text = text_of(list, 25, false, true);
	assert_int_equal(count(text, "  config/prod.env:"), 25);
	free(text);
	for (size_t i = 0; i < 25; i++)
		finding_release(&list[i]);
}

/* What a repository chooses can begin no line, move no cursor, and cannot pad its way to the next row. */
static void test_hostile__cannot_forge_a_line(void **state)
{
	(void)state;
	struct finding f;
	sample_hostile(&f);
	sample_string(&f.refs[1], "refs/heads/a          scanned 1 commit");
	char *text = text_of(&f, 1, true, true);
	assert_lacks(text, "\nscanned");
	assert_has(text, "Eve\\x0ascanned 1 commit: nothing found");
	assert_lacks(text, "   scanned");
	assert_has(text, "a \\x20\\x20");
	for (const char *p = text; *p; p++) {
		assert_true((unsigned char)*p >= 0x20 || *p == '\n' || *p == 0x1b);
		if (*p == 0x1b) /* ours only: colour on and off */
			assert_true(!strncmp(p, "\x1b[0m", 4) || !strncmp(p, "\x1b[1", 3));
	}
	assert_lacks(text, "\x1b[2J");
	assert_lacks(text, "\xe2\x80\xae");
	assert_lacks(text, "\n    # 1. $(");
	free(text);
	finding_release(&f);
}

static void test_bare__has_no_history_to_tell(void **state)
{
	(void)state;
	struct finding f;
	sample_bare(&f);
	char *text = text_of(&f, 1, false, false);
	assert_has(text, "  notes.txt:1:1\n  First steps:\n");
	free(text);
	finding_release(&f);
}

static void test_closing__counts_what_was_scanned(void **state)
{
	(void)state;
	struct summary s = sample_summary(0);
	char *talk = said_of(&s, true);
	assert_string_equal(talk, "scanned 77,000 commits, 262,343 blobs (8.1 GB) in 1.2 s: nothing found\n");
	free(talk);
	s.findings = 5;
	s.credentials = 3;
	talk = said_of(&s, true);
	assert_string_equal(talk, "scanned 77,000 commits, 262,343 blobs (8.1 GB) in 1.2 s: 3 credentials in 5 places\n");
	free(talk);
	s.allowed = 2;
	talk = said_of(&s, false);
	assert_string_equal(talk, "scanned 262,343 files (8.1 GB) in 1.2 s: 3 credentials in 5 places, 2 allowed\n");
	free(talk);
}

static void test_closing__never_sounds_clean_when_incomplete(void **state)
{
	(void)state;
	struct summary s = sample_summary(0);
	s.complete = false;
	char *talk = said_of(&s, true);
	assert_has(talk, "nothing found in the part that was scanned\nINCOMPLETE");
	free(talk);
	s.complete = true;
	s.interrupted = true;
	talk = said_of(&s, true);
	assert_has(talk, "INCOMPLETE");
	assert_has(talk, "stopped before the end");
	free(talk);
	s.interrupted = false;
	for (int i = 0; i < 12; i++)
		skips_add(&s.skips, "0123abcd", "a\nb", "bytes that break their format's rules");
	talk = said_of(&s, true);
	assert_has(talk, "INCOMPLETE");
	assert_int_equal(count(talk, "  0123abcd a\\x0ab: bytes"), 10);
	assert_has(talk, "  and 2 more\n");
	free(talk);
	skips_release(&s.skips);
	s.shallow = true;
	s.missing_objects = 7;
	talk = said_of(&s, true); /* allowed by the user, so complete; still said */
	assert_lacks(talk, "INCOMPLETE");
	assert_has(talk, "7 objects are not in this clone and not scanned");
	assert_has(talk, "shallow");
	free(talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_block__says_what_where_who_and_since_when),
		cmocka_unit_test(test_groups__one_block_a_credential_the_worst_first),
		cmocka_unit_test(test_places__beyond_twenty_are_counted),
		cmocka_unit_test(test_hostile__cannot_forge_a_line),
		cmocka_unit_test(test_bare__has_no_history_to_tell),
		cmocka_unit_test(test_closing__counts_what_was_scanned),
		cmocka_unit_test(test_closing__never_sounds_clean_when_incomplete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
