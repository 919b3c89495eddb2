#include "report_samples.h"

static char *sarif_of(const struct finding *list, size_t n, const struct summary *s, const char *uri)
{
	struct report_options o = sample_options(REPORT_SARIF);
	o.repository_uri = uri;
	char *text = sample_report(NULL, &o, list, n, s);
	assert_json(text);
	return text;
}

static void test_log__has_a_rule_a_kind_and_a_result_a_finding(void **state)
{
	(void)state;
	struct finding list[3];
	sample_bare(&list[0]);
	sample_fill(&list[1]);
	sample_bare(&list[2]);
	struct summary s = sample_summary(3);
	char *text = sarif_of(list, 3, &s, "https://example.com/r.git");
	static const char *const parts[] = {
		"\"version\":\"2.1.0\"", "\"name\":\"keyhunt\",\"version\":\"0.0.0-test\"",
		"{\"id\":\"secret-access-key\",\"shortDescription\":{\"text\":\"AWS credential: secret access key\"}",
		"{\"id\":\"access-key-pair\",", "\"executionSuccessful\":true,\"toolExecutionNotifications\":[]",
		"{\"ruleId\":\"access-key-pair\",\"ruleIndex\":1,\"level\":\"error\",\"message\":{\"text\":\"access-key-pair " SAMPLE_ID
		": pushed 412 days ago, still at HEAD\"}",
		"{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"config/prod.env\",\"uriBaseId\":\"%SRCROOT%\"},"
		"\"region\":{\"startLine\":12,\"startColumn\":19}}}",
		"\"partialFingerprints\":{\"keyhunt/v1\":\"", "\"properties\":{\"type\":\"finding\",\"schema\":1",
		"\"versionControlProvenance\":[{\"repositoryUri\":\"https://example.com/r.git\",\"revisionId\":\"1a2b3c4d5e6f708192a3b4c5d6e7f80912345678\"}]",
	};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		assert_has(text, parts[i]);
	assert_lacks(text, SAMPLE_SECRET);
	assert_null(strstr(strstr(text, "{\"id\":\"secret-access-key\"") + 1, "{\"id\":\"secret-access-key\""));
	free(text);
	for (size_t i = 0; i < 3; i++)
		finding_release(&list[i]);
}

static void test_uri__has_every_odd_byte_encoded(void **state)
{
	(void)state;
	static const char *const t[][2] = {
		{ "a b%c", "\"uri\":\"a%20b%25c\"," }, { "x:y", "\"uri\":\"x%3Ay\"," }, { "a\xff\n#?", "\"uri\":\"a%FF%0A%23%3F\"," },
		{ "/srv/x y", "\"uri\":\"file:///srv/x%20y\"}" }, { "//host/x", "\"uri\":\"file:////host/x\"}" },
		{ "gr\xc3\xbc\xc3\x9f~_-.", "\"uri\":\"gr%C3%BC%C3%9F~_-.\"," },
	};
	struct summary s = sample_summary(1);
	struct finding f;
	sample_fill(&f);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		sample_string(&f.path, t[i][0]);
		char *text = sarif_of(&f, 1, &s, NULL);
		assert_has(text, t[i][1]);
		assert_lacks(text, "versionControlProvenance");
		free(text);
	}
	finding_release(&f);
}

static void test_location__lines_only_of_files(void **state)
{
	(void)state;
	struct summary s = sample_summary(1);
	struct finding f;
	sample_fill(&f);
	f.source = SOURCE_ARCHIVE;
	f.inner_path = xstrdup("member");
	char *text = sarif_of(&f, 1, &s, NULL);
	assert_has(text, "physicalLocation");
	assert_lacks(text, "startLine");
	free(text);
	f.source = SOURCE_COMMIT_MESSAGE;
	sample_string(&f.path, NULL);
	text = sarif_of(&f, 1, &s, NULL);
	assert_has(text, "\"logicalLocations\":[{\"fullyQualifiedName\":\"commit-message 1a2b3c4d5e6f708192a3b4c5d6e7f80912345678\"}]");
	assert_lacks(text, "physicalLocation");
	free(text);
	finding_release(&f);
}

static void test_incomplete__is_a_failed_execution(void **state)
{
	(void)state;
	struct summary s = sample_summary(0);
	s.shallow = true;
	skips_add(&s.skips, "0123abcd", "a[b]{0}\\", "bad");
	char *text = sarif_of(NULL, 0, &s, NULL);
	assert_has(text, "\"executionSuccessful\":false");
	assert_has(text, "\"level\":\"warning\",\"message\":{\"text\":\"this clone is shallow");
	assert_has(text, "{\"text\":\"not scanned: bad, 0123abcd, a\\\\[b\\\\]{{0}}\\\\\\\\\"}");
	free(text);
	skips_release(&s.skips);
}

static void test_hostile__stays_valid(void **state)
{
	(void)state;
	struct summary s = sample_summary(1);
	struct finding f;
	sample_hostile(&f);
	char *text = sarif_of(&f, 1, &s, NULL);
	assert_lacks(text, "\x1b");
	free(text);
	finding_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log__has_a_rule_a_kind_and_a_result_a_finding),
		cmocka_unit_test(test_uri__has_every_odd_byte_encoded),
		cmocka_unit_test(test_location__lines_only_of_files),
		cmocka_unit_test(test_incomplete__is_a_failed_execution),
		cmocka_unit_test(test_hostile__stays_valid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
