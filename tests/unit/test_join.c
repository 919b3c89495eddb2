#include "report_samples.h"

#include "findings/join.h"

struct list {
	struct findings found;
	struct ledger allowed;
};

static void begin(struct list *l)
{
	*l = (struct list){ 0 };
	ledger_init(&l->allowed);
}

/* A finding of a history, both dates on the day of its commit unless changed. */
static size_t add(struct list *l, const char *kind, const char *value, const char *path, const char *commit, uint32_t stem)
{
	struct finding *f = findings_push(&l->found);
	f->kind = kind;
	f->confidence = LEVEL_MEDIUM;
	f->severity = strcmp(kind, "secret-access-key") ? LEVEL_LOW : LEVEL_HIGH;
	f->path = xstrdup(path);
	f->line = f->column = 1;
	f->source = strcmp(path, "COMMIT_EDITMSG") ? *commit ? SOURCE_BLOB : SOURCE_FILE : SOURCE_COMMIT_MESSAGE;
	f->stem = stem;
	strcpy(f->commit, commit);
	strcpy(f->blob, *commit ? value : "");
	f->has_dates = *commit;
	f->first_seen = 0;
	f->last_seen = 100;
	if (strcmp(kind, "access-key-id")) {
		f->secret = xstrdup(value);
		sha256_hex(f->secret_sha256, value, strlen(value));
	} else {
		strcpy(f->key_id, value);
	}
	finding_fingerprint(f);
	return l->found.len - 1;
}

#define ID "access-key-id"
#define SECRET "secret-access-key"

static void end(struct list *l)
{
	findings_release(&l->found);
	ledger_release(&l->allowed);
}

static void assert_joined(const struct list *l, size_t id, size_t secret)
{
	const struct finding *i = &l->found.list[id], *s = &l->found.list[secret];
	assert_string_equal(s->key_id, i->key_id);
	assert_non_null(s->other.path);
	assert_string_equal(s->other.path, i->path);
	assert_int_equal(s->id_from, ID_BESIDE);
	assert_non_null(i->other.path);
	assert_string_equal(i->other.path, s->path);
	assert_int_equal(i->severity, LEVEL_LOW);
}

static void assert_alone(const struct list *l, size_t at)
{
	assert_null(l->found.list[at].other.path);
	assert_int_equal(l->found.list[at].id_from, ID_OWN);
}

static bool says(const struct finding *f, const char *evidence)
{
	for (unsigned i = 0; i < f->nevidence; i++)
		if (!strcmp(f->evidence[i], evidence))
			return true;
	return false;
}

static void test_join__halves_of_one_folder(void **state)
{
	(void)state;
	struct list l;
	begin(&l);
	size_t id = add(&l, ID, "AKIA1", "deploy/id.txt", "", 0), secret = add(&l, SECRET, "s1", "deploy/secret.env", "", 0);
	size_t far = add(&l, SECRET, "s2", "other/secret.env", "", 0);
	char fingerprint[65];
	strcpy(fingerprint, l.found.list[secret].fingerprint);
	join_findings(&l.found, &l.allowed);
	assert_joined(&l, id, secret);
	assert_int_equal(l.found.list[secret].severity, LEVEL_CRITICAL);
	assert_int_equal(l.found.list[secret].confidence, LEVEL_MEDIUM);
	assert_true(says(&l.found.list[secret], "same-directory"));
	assert_false(says(&l.found.list[secret], "same-commit"));
	assert_alone(&l, far);
	finding_fingerprint(&l.found.list[secret]);
	assert_string_equal(l.found.list[secret].fingerprint, fingerprint); /* a baseline does not depend on the neighbour */
	end(&l);
}

static void test_join__several_of_a_folder_only_by_names(void **state)
{
	(void)state;
	struct list l;
	begin(&l);
	size_t a = add(&l, ID, "AKIA1", "x/a", "", 7), b = add(&l, ID, "AKIA2", "x/b", "", 0), c = add(&l, ID, "AKIA3", "x/prod.id", "", 0);
	size_t s = add(&l, SECRET, "s1", "x/c", "", 7), t = add(&l, SECRET, "s2", "x/d", "", 0), u = add(&l, SECRET, "s3", "x/prod-secret.txt", "", 0);
	size_t v = add(&l, SECRET, "s4", "x/e", "", 0);
	join_findings(&l.found, &l.allowed);
	assert_joined(&l, a, s);
	assert_true(says(&l.found.list[s], "same-stem"));
	assert_joined(&l, c, u);
	assert_alone(&l, b);
	assert_alone(&l, t);
	assert_alone(&l, v);
	end(&l);
}

static void test_join__not_against_the_names(void **state)
{
	(void)state;
	struct list l;
	begin(&l);
	size_t id = add(&l, ID, "AKIA1", "x/a", "", 7), secret = add(&l, SECRET, "s1", "x/b", "", 8);
	join_findings(&l.found, &l.allowed);
	assert_alone(&l, id);
	assert_alone(&l, secret);
	end(&l);
}

static void test_join__not_what_has_a_partner(void **state)
{
	(void)state;
	struct list l;
	begin(&l);
	size_t id = add(&l, ID, "AKIA1", "x/a", "", 0), secret = add(&l, SECRET, "s1", "x/b", "", 0);
	size_t pair = add(&l, "access-key-pair", "s2", "y/whole", "", 0);
	strcpy(l.found.list[pair].key_id, "AKIA1");
	join_findings(&l.found, &l.allowed);
	assert_alone(&l, id);
	assert_alone(&l, secret);
	end(&l);

	begin(&l);
	id = add(&l, ID, "AKIA1", "x/a", "", 0);
	secret = add(&l, SECRET, "s1", "x/b", "", 0);
	struct credential c = { .kind = "access-key-pair", .pattern = "p", .key_id = "AKIA1", .secret = bytes_str("s2") };
	ledger_add(&l.allowed, &c, 0, SOURCE_FILE, 1, 1, NULL);
	join_findings(&l.found, &l.allowed);
	assert_alone(&l, id);
	assert_alone(&l, secret);
	end(&l);
}

static void test_join__not_when_folders_disagree(void **state)
{
	(void)state;
	struct list l;
	begin(&l);
	size_t a = add(&l, ID, "AKIA1", "x/a", "", 0), b = add(&l, ID, "AKIA1", "y/a", "", 0);
	size_t s = add(&l, SECRET, "s1", "x/b", "", 0), t = add(&l, SECRET, "s2", "y/b", "", 0);
	join_findings(&l.found, &l.allowed);
	assert_alone(&l, a);
	assert_alone(&l, b);
	assert_alone(&l, s);
	assert_alone(&l, t);
	end(&l);
}

static void test_join__a_copied_folder(void **state)
{
	(void)state;
	struct list l;
	begin(&l);
	size_t a = add(&l, ID, "AKIA1", "x/a", "", 0), s = add(&l, SECRET, "s1", "x/b", "", 0);
	size_t b = add(&l, ID, "AKIA1", "y/a", "", 0), t = add(&l, SECRET, "s1", "y/b", "", 0);
	join_findings(&l.found, &l.allowed);
	assert_joined(&l, a, s);
	assert_joined(&l, b, t);
	end(&l);
}

/* Keys were changed: each commit brought its own. */
static void test_join__by_commit_before_folder(void **state)
{
	(void)state;
	struct list l;
	begin(&l);
	size_t a = add(&l, ID, "AKIA1", "x/a", "c1", 0), s = add(&l, SECRET, "s1", "x/b", "c1", 0);
	size_t b = add(&l, ID, "AKIA2", "x/a", "c2", 0), t = add(&l, SECRET, "s2", "x/b", "c2", 0);
	join_findings(&l.found, &l.allowed);
	assert_joined(&l, a, s);
	assert_joined(&l, b, t);
	assert_true(says(&l.found.list[t], "same-commit"));
	end(&l);
}

static void test_join__one_folder_at_one_time(void **state)
{
	(void)state;
	struct list l;
	begin(&l);
	size_t id = add(&l, ID, "AKIA1", "x/a", "c1", 0), secret = add(&l, SECRET, "s1", "x/b", "c2", 0);
	l.found.list[id].last_seen = 10;
	l.found.list[secret].first_seen = 11;
	join_findings(&l.found, &l.allowed);
	assert_alone(&l, id);
	l.found.list[secret].first_seen = 10;
	join_findings(&l.found, &l.allowed);
	assert_joined(&l, id, secret);
	assert_false(says(&l.found.list[id], "same-commit"));
	end(&l);
}

static void test_join__one_commit(void **state)
{
	(void)state;
	struct list l;
	begin(&l);
	size_t a = add(&l, ID, "AKIA1", "COMMIT_EDITMSG", "c1", 0), s = add(&l, SECRET, "s1", "x/b", "c1", 0);
	size_t b = add(&l, ID, "AKIA2", "y/base/a", "c2", 0), t = add(&l, SECRET, "s2", "y/prod/b", "c2", 0);
	size_t c = add(&l, ID, "AKIA3", "vendor/sdk/a", "c3", 0), u = add(&l, SECRET, "s3", "z/b", "c3", 0);
	join_findings(&l.found, &l.allowed);
	assert_joined(&l, a, s);
	assert_true(says(&l.found.list[s], "same-commit"));
	assert_false(says(&l.found.list[s], "same-directory"));
	assert_joined(&l, b, t);
	assert_alone(&l, c);
	assert_alone(&l, u);
	end(&l);
}

/* Nobody knows in which folder an object lies that no commit has. */
static void test_join__not_what_lies_nowhere(void **state)
{
	(void)state;
	struct list l;
	begin(&l);
	size_t id = add(&l, ID, "AKIA1", "aaaa", "c1", 0), secret = add(&l, SECRET, "s1", "bbbb", "c1", 0);
	l.found.list[id].commit[0] = l.found.list[secret].commit[0] = '\0';
	join_findings(&l.found, &l.allowed);
	assert_alone(&l, id);
	l.found.list[id].source = l.found.list[secret].source = SOURCE_INDEX;
	join_findings(&l.found, &l.allowed);
	assert_joined(&l, id, secret);
	end(&l);
}

static void test_join__not_within_one_text(void **state)
{
	(void)state;
	struct list l;
	begin(&l);
	size_t id = add(&l, ID, "AKIA1", "x/a", "", 0), secret = add(&l, SECRET, "s1", "x/a", "", 0);
	join_findings(&l.found, &l.allowed);
	assert_alone(&l, id);
	l.found.list[id].inner_path = xstrdup("m/id");
	l.found.list[secret].inner_path = xstrdup("m/secret");
	l.found.list[id].source = l.found.list[secret].source = SOURCE_ARCHIVE;
	join_findings(&l.found, &l.allowed);
	assert_joined(&l, id, secret);
	end(&l);
}

static void test_join__a_session_token_completes(void **state)
{
	(void)state;
	struct list l;
	begin(&l);
	size_t id = add(&l, ID, "ASIA1", "x/a", "", 0), secret = add(&l, SECRET, "s1", "x/b", "", 0);
	size_t token = add(&l, "session-token", "t1", "x/c", "", 0);
	join_findings(&l.found, &l.allowed);
	assert_joined(&l, id, secret);
	assert_int_equal(l.found.list[secret].severity, LEVEL_HIGH);
	assert_string_equal(l.found.list[token].key_id, "ASIA1");
	assert_string_equal(l.found.list[token].other.path, "x/b");
	end(&l);

	begin(&l);
	size_t pair = add(&l, "access-key-pair", "s1", "x/a", "", 0);
	strcpy(l.found.list[pair].key_id, "ASIA1");
	token = add(&l, "session-token", "t1", "x/c", "", 0);
	join_findings(&l.found, &l.allowed);
	assert_string_equal(l.found.list[pair].other.path, "x/c");
	assert_true(l.found.list[pair].other.token);
	assert_true(says(&l.found.list[pair], "session-token"));
	assert_string_equal(l.found.list[token].key_id, "ASIA1");
	end(&l);
}

/* A folder full of keys: nothing is joined, and not every one is held against every other. */
static void test_join__a_crowd_stays_apart(void **state)
{
	(void)state;
	struct list l;
	enum { N = 20000 };
	begin(&l);
	for (unsigned i = 0; i < N; i++) {
		char value[32], path[32];
		snprintf(value, sizeof value, "AKIA%u", i);
		snprintf(path, sizeof path, "x/%u", i);
		add(&l, i % 2 ? ID : SECRET, value, path, "c1", 0);
	}
	join_findings(&l.found, &l.allowed);
	for (unsigned i = 0; i < N; i++)
		assert_alone(&l, i);
	end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join__halves_of_one_folder),
		cmocka_unit_test(test_join__several_of_a_folder_only_by_names),
		cmocka_unit_test(test_join__not_against_the_names),
		cmocka_unit_test(test_join__not_what_has_a_partner),
		cmocka_unit_test(test_join__not_when_folders_disagree),
		cmocka_unit_test(test_join__a_copied_folder),
		cmocka_unit_test(test_join__by_commit_before_folder),
		cmocka_unit_test(test_join__one_folder_at_one_time),
		cmocka_unit_test(test_join__one_commit),
		cmocka_unit_test(test_join__not_what_lies_nowhere),
		cmocka_unit_test(test_join__not_within_one_text),
		cmocka_unit_test(test_join__a_session_token_completes),
		cmocka_unit_test(test_join__a_crowd_stays_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
