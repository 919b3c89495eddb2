#include "report_samples.h"

#include "report/playbook.h"

static const char *const kinds[] = {
	"access-key-pair", "temporary-credentials", "secret-access-key", "access-key-id", "session-token", "bedrock-api-key",
	"bedrock-short-term-key", "cloudwatch-logs-api-key", "claude-platform-api-key", "service-specific-credential",
	"ses-smtp-password", "mws-auth-token", "appsync-api-key", "presigned-url", "rds-auth-token", "eks-token",
	"ecr-auth-token", "codeartifact-token", "sso-token", "signin-token", "cloudfront-private-key", "cloudfront-signed-url",
	"console-password", "a-kind-of-the-user",
};
static const char *const ids[] = { "", SAMPLE_ID, "ASIAQYLPMN5HNM4OHVF2", "K2JCJMDEHXQW5F" };

static char *steps(const struct finding *f, const char *indent)
{
	struct buf b = { 0 };
	playbook_first_steps(&b, f, indent);
	return b.ptr;
}

static char *steps_of(const char *kind, const char *id)
{
	struct finding f;
	sample_fill(&f);
	f.kind = kind;
	strcpy(f.key_id, id);
	char *text = steps(&f, "");
	finding_release(&f);
	return text;
}

static void test_akia__off_first_then_look_then_rotate(void **state)
{
	(void)state;
	char *text = steps_of("access-key-pair", SAMPLE_ID);
	static const char *const order[] = {
		"USER_NAME=$(aws iam get-access-key-last-used \\\n  --access-key-id " SAMPLE_ID " --query UserName --output text)\n",
		"aws iam update-access-key --access-key-id " SAMPLE_ID " \\\n  --user-name \"$USER_NAME\" --status Inactive\n",
		"aws cloudtrail lookup-events", "AttributeKey=AccessKeyId,AttributeValue=" SAMPLE_ID " ", "--start-time 2023-11-14T21:13:20Z ",
		"aws iam create-access-key --user-name \"$USER_NAME\"", "aws iam delete-access-key --user-name \"$USER_NAME\" --access-key-id " SAMPLE_ID,
	};
	const char *at = text;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		assert_has(at, order[i]);
		at = strstr(at, order[i]);
	}
	assert_has(text, "administrator of account 053347129083");
	free(text);
}

static void test_asia__its_sessions_are_denied(void **state)
{
	(void)state;
	char *text = steps_of("temporary-credentials", "ASIAQYLPMN5HNM4OHVF2");
	assert_has(text, "NOW=$(date -u +%Y-%m-%dT%H:%M:%SZ)\n");
	assert_has(text, "\"DateLessThan\": {\"aws:TokenIssueTime\": \"'\"$NOW\"'\"}");
	assert_lacks(text, "update-access-key");
	free(text);
}

static void test_canary__nothing_is_run(void **state)
{
	(void)state;
	struct finding f;
	sample_fill(&f);
	f.canary = true;
	char *text = steps(&f, "");
	assert_has(text, "Do not try");
	assert_lacks(text, "aws ");
	free(text);
	finding_release(&f);
}

/* Only one of a command's lines may be a step of no return, and that is a comment. */
static void assert_harmless(const char *text, const char *kind)
{
	static const char *const final[] = { "delete-access-key", "create-access-key", "delete-service-specific", "delete-api-key" };
	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		for (size_t i = 0; i < sizeof final / sizeof *final; i++) {
			const char *at = strstr(line, final[i]);
			if (at && at < strchr(line, '\n') && *line != '#')
				fail_msg("%s: %s is not held back", kind, final[i]);
		}
}

static void test_all_kinds__have_numbered_steps_and_nothing_left_open(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
			char *text = steps_of(kinds[k], ids[i]);
			assert_has(text, "# 1. ");
			assert_lacks(text, "@");
			assert_lacks(text, "#. ");
			assert_int_equal(text[strlen(text) - 1], '\n');
			if (strstr(text, "\"$KEY_ID\""))
				assert_has(text, "KEY_ID='replace me'\n");
			if (strstr(text, "\"$USER_NAME\""))
				assert_has(text, "\nUSER_NAME=");
			if (strstr(text, "\"$ROLE_NAME\""))
				assert_has(text, "\nROLE_NAME=");
			assert_harmless(text, kinds[k]);
			free(text);
		}
}

/* In an interactive zsh a comment is a command with words; its quotes and globs would be read. */
static void test_comments__have_no_shell_in_them(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		char *text = steps_of(kinds[k], ""), *save = NULL;
		for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
			if (*line == '#' && !strstr(line, "aws ") && strpbrk(line, "'\"`()[]{}*?;&|<>$\\!"))
				fail_msg("%s: %s", kinds[k], line);
		free(text);
	}
}

static void test_values__that_are_no_ids_stay_out(void **state)
{
	(void)state;
	struct finding f;
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		sample_hostile(&f);
		f.kind = kinds[k];
		f.token = xstrdup("made-up-token");
		char *text = steps(&f, "  ");
		static const char *const never[] = { "/tmp/x", "; id", "\x1b", "scanned 1", "made-up", SAMPLE_SECRET };
		for (size_t i = 0; i < sizeof never / sizeof *never; i++)
			assert_lacks(text, never[i]);
		for (const char *line = text; *line; line = strchr(line, '\n') + 1)
			assert_memory_equal(line, "  ", 2);
		free(text);
		finding_release(&f);
	}
}

static void test_since__left_out_without_a_date(void **state)
{
	(void)state;
	struct finding f;
	sample_fill(&f);
	f.has_dates = false;
	char *text = steps(&f, "");
	assert_lacks(text, "--start-time");
	assert_has(text, "\n    --output table \\\n");
	free(text);
	f.has_dates = true;
	f.first_seen = INT64_MIN;
	text = steps(&f, "");
	assert_lacks(text, "--start-time");
	free(text);
	finding_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_akia__off_first_then_look_then_rotate),
		cmocka_unit_test(test_asia__its_sessions_are_denied),
		cmocka_unit_test(test_canary__nothing_is_run),
		cmocka_unit_test(test_all_kinds__have_numbered_steps_and_nothing_left_open),
		cmocka_unit_test(test_comments__have_no_shell_in_them),
		cmocka_unit_test(test_values__that_are_no_ids_stay_out),
		cmocka_unit_test(test_since__left_out_without_a_date),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
