#include "report_samples.h"

#include <errno.h>

static const char *const fields[] = {
	"type", "schema", "kind", "rule", "severity", "confidence", "key_id", "account_id", "canary", "example",
	"secret_redacted", "secret_sha256", "path", "line", "column", "source", "inner_path", "commit", "author_name",
	"author_email", "committed_at", "blob", "reachable", "at_head", "pushed", "refs", "refs_total", "first_seen",
	"last_seen", "occurrences", "fingerprint", "evidence", "verification",
};
static const char *const summary_fields[] = {
	"type", "complete", "findings", "credentials", "blobs", "bytes", "objects", "commits", "elapsed_seconds", "shallow",
	"missing_objects", "skipped", "skipped_total", "allowed", "interrupted",
};

static void assert_fields(const char *text, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char key[40];
		snprintf(key, sizeof key, "\"%s\":", names[i]);
		assert_has(text, key);
	}
}

static void test_jsonl__one_object_a_line_and_the_summary_last(void **state)
{
	(void)state;
	struct finding list[3];
	sample_hostile(&list[0]);
	sample_fill(&list[1]);
	sample_bare(&list[2]);
	struct report_options o = sample_options(REPORT_JSONL);
	struct summary s = sample_summary(3);
	char *text = sample_report(NULL, &o, list, 3, &s), *save = NULL;
	size_t lines = 0;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save), lines++) {
		assert_json(line);
		assert_has(line, lines < 3 ? "{\"type\":\"finding\",\"schema\":1," : "{\"type\":\"summary\",");
		if (lines < 3)
			assert_fields(line, fields, sizeof fields / sizeof *fields);
		else
			assert_fields(line, summary_fields, sizeof summary_fields / sizeof *summary_fields);
		assert_lacks(line, SAMPLE_SECRET);
	}
	assert_int_equal(lines, 4);
	free(text);
	for (size_t i = 0; i < 3; i++)
		finding_release(&list[i]);
}

static void test_json__is_one_value(void **state)
{
	(void)state;
	struct finding list[2];
	sample_hostile(&list[0]);
	sample_fill(&list[1]);
	struct report_options o = sample_options(REPORT_JSON);
	struct summary s = sample_summary(2);
	for (size_t n = 0; n <= 2; n++) {
		char *text = sample_report(NULL, &o, list, n, &s);
		assert_json(text);
		assert_has(text, "{\"findings\":[");
		assert_has(text, "],\n\"summary\":{\"type\":\"summary\"");
		free(text);
	}
	finding_release(&list[0]);
	finding_release(&list[1]);
}

static char *one(const struct finding *f, bool show_secrets)
{
	struct report_options o = sample_options(REPORT_JSONL);
	struct summary s = sample_summary(1);
	o.show_secrets = show_secrets;
	return sample_report(NULL, &o, f, 1, &s);
}

static void test_finding__values_are_as_promised(void **state)
{
	(void)state;
	struct finding f;
	sample_fill(&f);
	char *text = one(&f, false);
	static const char *const parts[] = {
		"\"kind\":\"access-key-pair\",\"rule\":\"aws-access-key\",\"severity\":\"critical\",\"confidence\":\"high\"",
		"\"key_id\":\"" SAMPLE_ID "\",\"account_id\":\"053347129083\",\"canary\":false,\"example\":false",
		"\"secret_redacted\":\"made\xe2\x80\xa6 (40)\"", "\"path\":\"config/prod.env\",\"line\":12,\"column\":19,\"source\":\"blob\"",
		"\"inner_path\":null", "\"committed_at\":\"2023-11-15T00:13:20+02:00\"", "\"reachable\":true,\"at_head\":true,\"pushed\":true",
		"\"refs\":[\"refs/heads/main\",\"refs/remotes/origin/main\"],\"refs_total\":5",
		"\"last_seen\":\"2023-11-15T18:43:20-03:30\",\"occurrences\":3", "\"evidence\":[\"account-id\",\"near-secret\"],\"verification\":null",
	};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		assert_has(text, parts[i]);
	assert_lacks(text, "path_base64");
	free(text);
	finding_release(&f);
}

static void test_finding__null_where_nothing_is_known(void **state)
{
	(void)state;
	struct finding f;
	sample_bare(&f);
	char *text = one(&f, false);
	static const char *const keys[] = { "key_id", "account_id", "inner_path", "commit", "author_name", "author_email", "committed_at",
					    "blob", "reachable", "at_head", "pushed", "first_seen", "last_seen", "verification" };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		char part[40];
		snprintf(part, sizeof part, "\"%s\":null", keys[i]);
		assert_has(text, part);
	}
	assert_has(text, "\"refs\":[],\"refs_total\":0");
	free(text);
	finding_release(&f);
}

static void test_finding__a_path_that_is_no_text_is_given_exactly(void **state)
{
	(void)state;
	struct finding f;
	sample_hostile(&f);
	sample_string(&f.path, "a\xff");
	char *text = one(&f, false);
	assert_has(text, "\"path\":\"a\xef\xbf\xbd\",\"path_base64\":\"Yf8=\"");
	assert_has(text, "\"inner_path_base64\":\"aW4NCsMo\"");
	assert_lacks(text, "\x1b");
	assert_lacks(text, "\xe2\x80\xae");
	free(text);
	finding_release(&f);
}

static void test_finding__secrets_only_when_asked_for(void **state)
{
	(void)state;
	struct finding f;
	sample_fill(&f);
	f.token = xstrdup("made-up-session-token");
	char *text = one(&f, false);
	assert_lacks(text, SAMPLE_SECRET);
	assert_lacks(text, "session-token");
	free(text);
	text = one(&f, true);
	assert_has(text, "\"secret\":\"" SAMPLE_SECRET "\",\"session_token\":\"made-up-session-token\"");
	free(text);
	finding_release(&f);
}

static void test_summary__lists_what_was_not_scanned(void **state)
{
	(void)state;
	struct report_options o = sample_options(REPORT_JSONL);
	struct summary s = sample_summary(0);
	char *text = sample_report(NULL, &o, NULL, 0, &s);
	assert_has(text, "\"complete\":true");
	assert_has(text, "\"elapsed_seconds\":1.250");
	assert_has(text, "\"skipped\":[],\"skipped_total\":0");
	free(text);
	skips_add(&s.skips, "0123abcd", NULL, "bad \"delta\"");
	text = sample_report(NULL, &o, NULL, 0, &s);
	assert_json(text);
	assert_has(text, "\"complete\":false"); /* whatever the caller says */
	assert_has(text, "{\"object\":\"0123abcd\",\"path\":null,\"reason\":\"bad \\\"delta\\\"\"}],\"skipped_total\":1");
	free(text);
	skips_release(&s.skips);
}

static void test_write__a_full_disk_is_an_error(void **state)
{
	(void)state;
	FILE *full = fopen("/dev/full", "w");
	if (!full)
		skip();
	struct finding f;
	sample_fill(&f);
	struct summary s = sample_summary(1);
	for (int format = REPORT_TEXT; format <= REPORT_SARIF; format++) {
		struct report_options o = sample_options((enum report_format)format);
		assert_int_equal(report_write(full, NULL, &o, &f, 1, &s), KH_IO);
		assert_int_equal(errno, ENOSPC);
		clearerr(full);
	}
	fclose(full);
	finding_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jsonl__one_object_a_line_and_the_summary_last),
		cmocka_unit_test(test_json__is_one_value),
		cmocka_unit_test(test_finding__values_are_as_promised),
		cmocka_unit_test(test_finding__null_where_nothing_is_known),
		cmocka_unit_test(test_finding__a_path_that_is_no_text_is_given_exactly),
		cmocka_unit_test(test_finding__secrets_only_when_asked_for),
		cmocka_unit_test(test_summary__lists_what_was_not_scanned),
		cmocka_unit_test(test_write__a_full_disk_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
