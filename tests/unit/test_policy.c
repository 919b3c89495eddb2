#include "policy/baseline.h"
#include "policy/policy.h"
#include "util/replace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW 1759759439
#define SECRET "vVn9UD0PsPI8NYm+WV+oajsTzPE0NTM3s5iGrCp2"
#define SECRET_SHA1 "315428c0f47c171d63d41a424823c7111e37efa0"

static struct finding sample(void)
{
	struct finding f = { .kind = "access-key-pair", .key_id = "AKIAY34FZKBOKMUTVV7A", .line = 3 };
	static char secret[] = SECRET, path[] = "src/a.env";
	f.secret = secret;
	f.path = path;
	sha256_hex(f.secret_sha256, SECRET, strlen(SECRET));
	finding_fingerprint(&f);
	memset(f.commit, 'a', 40);
	return f;
}

/* The entry of `text` that allows the sample: its line, or 0. */
static unsigned own_allows(const char *text)
{
	struct policy *p = policy_new(NOW);
	struct finding f = sample();
	char *err = NULL;
	if (policy_add_own(p, ".keyhunt", bytes_str(text), &err) != KH_OK)
		fail_msg("%s", err);
	const struct entry *e = policy_allows(p, &f, f.path);
	unsigned line = e ? e->line : 0;
	assert_true(!e || e->used == 1);
	policy_free(p);
	return line;
}

static void test_policy__own_conditions(void **state)
{
	(void)state;
	assert_int_equal(own_allows(""), 0);
	assert_int_equal(own_allows("[allow]\npath = src/\n"), 2);
	assert_int_equal(own_allows("[allow]\npath = b\n[allow \"x\"]\npath = b\npath = a.env\n"), 4);
	assert_int_equal(own_allows("[allow]\npath = a.env\nkind = session-token\n"), 0);
	assert_int_equal(own_allows("[allow]\npath = a.env\nkind = access-key-pair\ncommit = aaaaaaa\n"), 2);
	assert_int_equal(own_allows("[allow]\ncommit = aaaaaab\n"), 0);
	assert_int_equal(own_allows("[keyhunt]\nx = y\n[allow]\nkeyId = AKIAY34FZKBOKMUTVV7A\n"), 4);
	assert_int_equal(own_allows("[allow]\nkeyId = AKIAY34FZKBOKMUTVV7A\nexpires = 2025-10-06\n"), 2);
	assert_int_equal(own_allows("[allow]\nkeyId = AKIAY34FZKBOKMUTVV7A\nexpires = 2025-10-05\n"), 0);
}

static bool peer_allows(void (*add)(struct policy *, const char *, struct bytes), const char *text, size_t notes)
{
	struct policy *p = policy_new(NOW);
	struct finding f = sample();
	char *const *list;
	add(p, "file", bytes_str(text));
	bool allowed = policy_allows(p, &f, f.path) != NULL;
	if (policy_notes(p, &list) != notes)
		fail_msg("'%s': %s", text, policy_notes(p, &list) ? list[0] : "no note");
	policy_free(p);
	return allowed;
}

static void test_policy__gitleaks(void **state)
{
	(void)state;
#define COMMIT "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	assert_true(peer_allows(policy_add_gitleaks, "# x\n\n" COMMIT ":src/a.env:aws-access-token:3\n", 0));
	assert_true(peer_allows(policy_add_gitleaks, COMMIT ":./src/a.env:generic-api-key:3", 0));
	assert_false(peer_allows(policy_add_gitleaks, COMMIT ":src/a.env:aws-access-token:4", 0));
	assert_false(peer_allows(policy_add_gitleaks, COMMIT ":src/b.env:aws-access-token:3", 0));
	assert_false(peer_allows(policy_add_gitleaks, "b" COMMIT ":src/a.env:aws-access-token:3", 0));
	assert_false(peer_allows(policy_add_gitleaks, COMMIT ":src/a.env:private-key:3", 0));
	assert_false(peer_allows(policy_add_gitleaks, "src/a.env:aws-access-token:3", 0)); /* nobody to witness */
	assert_false(peer_allows(policy_add_gitleaks, "src/a.env\nsrc/a.env:x\nsrc/a.env:aws:0\n:aws:3\na:aws:3x", 5));
}

static void test_policy__detect_secrets(void **state)
{
	(void)state;
	char text[512];
	snprintf(text, sizeof text, "{\"results\": {\"src/a.env\": [{\"type\": \"AWS Access Key\", \"hashed_secret\": \"%s\"}]}}", SECRET_SHA1);
	assert_true(peer_allows(policy_add_detect_secrets, text, 0));
	assert_false(peer_allows(policy_add_detect_secrets, "{\"results\": {\"src/a.env\": [{\"hashed_secret\": \"x\"}, 1, null]}}", 3));
	assert_false(peer_allows(policy_add_detect_secrets, "{\"results\": {\"src/a.env\": 1}}", 0));
	assert_false(peer_allows(policy_add_detect_secrets, "[]", 1));
	assert_false(peer_allows(policy_add_detect_secrets, "", 1));
	assert_false(peer_allows(policy_add_detect_secrets, "[[[[[[[[", 1));
}

static void test_policy__git_secrets(void **state)
{
	(void)state;
	assert_true(peer_allows(policy_add_git_secrets, "^src/a\\.env:3:", 0));
	assert_true(peer_allows(policy_add_git_secrets, "AKIAY34F\n:vVn9[A-Z]", 0));
	assert_false(peer_allows(policy_add_git_secrets, "AKIAY34F", 0));
	assert_false(peer_allows(policy_add_git_secrets, "vVn9", 0));
	assert_false(peer_allows(policy_add_git_secrets, "(((\n#.*\n", 1));
	/* what would take an age is switched off */
	assert_false(peer_allows(policy_add_git_secrets, "(([A-Za-z0-9+/:.]+)+)+$x", 0));
}

static void test_policy__a_baseline_is_read_back(void **state)
{
	(void)state;
	struct finding list[3] = { sample(), sample(), sample() };
	char other[] = "a/\"\xff\n.env";
	list[1].path = other;
	finding_fingerprint(&list[1]);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	baseline_write(out, BASELINE_HISTORY, list, 3);
	fclose(out);
	assert_null(strstr(text, "vVn9"));
	assert_null(strstr(text, "AKIAY34FZ"));
	struct baseline b;
	struct buf why = { 0 };
	assert_int_equal(baseline_parse(&b, bytes_of(text, len), &why), KH_OK);
	assert_int_equal(b.len, 2);
	assert_int_equal(b.scope, BASELINE_HISTORY);
	assert_true(baseline_has(&b, &list[0]) && baseline_has(&b, &list[2]) && b.list[0].used && b.list[1].used);
	list[0].fingerprint[0] = 'x';
	assert_false(baseline_has(&b, &list[0]));
	baseline_release(&b);
	free(text);
}

static void test_replace__whole_or_not_at_all(void **state)
{
	(void)state;
	char dir[] = "/tmp/replace-XXXXXX", path[64];
	struct replacement r;
	struct stat st;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/file", dir);
	mode_t mask = umask(022);
	assert_true(replace_begin(&r, path, true));
	fputs("one", r.out);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_true(replace_end(&r, true));
	assert_true(!stat(path, &st) && (st.st_mode & 0777) == 0644 && st.st_size == 3);
	chmod(path, 0640);
	assert_true(replace_begin(&r, path, true));
	fputs("other", r.out);
	assert_false(replace_end(&r, false));
	assert_true(!stat(path, &st) && st.st_size == 3);
	assert_true(replace_begin(&r, path, true));
	fputs("other", r.out);
	assert_true(replace_end(&r, true));
	assert_true(!stat(path, &st) && (st.st_mode & 0777) == 0640 && st.st_size == 5);
	umask(mask);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0); /* nothing else was left in it */
	assert_false(replace_begin(&r, path, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy__own_conditions),
		cmocka_unit_test(test_policy__gitleaks),
		cmocka_unit_test(test_policy__detect_secrets),
		cmocka_unit_test(test_policy__git_secrets),
		cmocka_unit_test(test_policy__a_baseline_is_read_back),
		cmocka_unit_test(test_replace__whole_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
