#include "gitbox.h"

#include <sys/stat.h>

#include "objects/alternates.h"
#include "objects/repo.h"

static char *box; /* the folder all is in, free of links; set once by setup */

static int enter(void **state)
{
	int e = box_enter(state);
	box = realpath(".", NULL);
	return e;
}

static int leave(void **state)
{
	free(box);
	return box_leave(state);
}

/* The environment of one test case: variables that are unset again by the end. */
static void with_env(const char *name, const char *relative)
{
	struct buf b = { 0 };
	buf_addf(&b, "%s/%s", box, relative);
	setenv(name, b.ptr, 1);
	buf_release(&b);
}

static void without_env(void)
{
	static const char *const names[] = { "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
		"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CEILING_DIRECTORIES", "GIT_NAMESPACE" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	assert_int_equal(chdir(box), 0);
}

static struct repo *must_open(const char *path)
{
	struct repo *r;
	char *err;
	enum status st = repo_open(&r, path, true, &err);
	if (st != KH_OK)
		fail_msg("%s: %s", path ? path : "(here)", err);
	assert_null(err);
	return r;
}

static void must_fail(const char *path, enum status expected, const char *words)
{
	struct repo *r;
	char *err;
	assert_int_equal(repo_open(&r, path, true, &err), expected);
	assert_null(r);
	if (!strstr(err, words))
		fail_msg("\"%s\" is not in \"%s\"", words, err);
	assert_null(strchr(err, '\n'));
	free(err);
}

static void assert_place(const char *path, const char *relative)
{
	if (!relative) {
		assert_null(path);
		return;
	}
	struct buf b = { 0 };
	buf_addf(&b, "%s%s%s", box, *relative ? "/" : "", relative);
	assert_non_null(path);
	assert_string_equal(path, b.ptr);
	buf_release(&b);
}

static void assert_opens(const char *path, const char *git_dir, const char *common_dir, const char *work_tree)
{
	struct repo *r = must_open(path);
	assert_place(r->git_dir, git_dir);
	assert_place(r->common_dir, common_dir);
	assert_place(r->work_tree, work_tree);
	assert_int_equal(r->bare, !work_tree);
	assert_int_equal(r->nwarnings, 0);
	assert_true(r->has_head);
	repo_free(r);
}

static void make_repo(void)
{
	sh("rm -rf * .[a-z]*; git init -q -b main r; cd r; mkdir -p sub/sub; echo a > sub/sub/a; git add .; git commit -qm one");
}

static void test_repo__is_found_from_every_place_it_has(void **state)
{
	(void)state;
	make_repo();
	sh("git clone -q --bare r b.git; cd r; git worktree add -q ../w -b side; git -c protocol.file.allow=always submodule add -q ../r module; git commit -qm m;"
	   "git init -q --separate-git-dir ../apart ../t; cd ../t; git commit -q --allow-empty -m x; mkdir in; ln -s r/sub ../link");
	assert_opens("r", "r/.git", "r/.git", "r");
	assert_opens("r/sub/sub", "r/.git", "r/.git", "r");
	assert_opens("r/.git", "r/.git", "r/.git", "r");
	assert_opens("r/.git/objects/pack", "r/.git", "r/.git", "r");
	assert_opens("link", "r/.git", "r/.git", "r");
	assert_opens("b.git", "b.git", "b.git", NULL);
	assert_opens("b.git/refs/heads", "b.git", "b.git", NULL);
	assert_opens("w", "r/.git/worktrees/w", "r/.git", "w");
	assert_opens("w/sub", "r/.git/worktrees/w", "r/.git", "w");
	assert_opens("w/.git", "r/.git/worktrees/w", "r/.git", "w");
	assert_opens("r/.git/worktrees/w", "r/.git/worktrees/w", "r/.git", "w");
	assert_opens("r/module", "r/.git/modules/module", "r/.git/modules/module", "r/module");
	assert_opens("r/module/sub", "r/.git/modules/module", "r/.git/modules/module", "r/module");
	assert_opens("r/.git/modules/module", "r/.git/modules/module", "r/.git/modules/module", "r/module");
	assert_opens("t/in", "apart", "apart", "t");
	assert_int_equal(chdir("r/sub"), 0);
	assert_opens(NULL, "r/.git", "r/.git", "r");
	assert_int_equal(chdir(box), 0);
}

static void test_repo__what_is_none_says_so(void **state)
{
	(void)state;
	make_repo();
	sh("mkdir -p plain/sub; echo 'gitdir: nowhere' > plain/sub/.git; mkdir junk; echo 'rubbish' > junk/.git; echo x > file; mkdir e; mkdir e/.git");
	must_fail("plain", KH_MISSING, "not a git repository");
	must_fail("e", KH_MISSING, "not a git repository");
	must_fail("plain/sub", KH_MISSING, "which is not a git repository");
	must_fail("junk", KH_CORRUPT, "not a git file");
	must_fail("file", KH_MISSING, "neither a folder nor a .git file");
	must_fail("absent", KH_MISSING, "No such file");
	must_fail("ab\nsent", KH_MISSING, "\\x0a");
}

static void test_repo__the_variables_count_as_for_git(void **state)
{
	(void)state;
	make_repo();
	sh("mkdir other; git -C r worktree add -q ../w -b side; git init -q q; git -C q commit -q --allow-empty -m q");
	with_env("GIT_DIR", "r/.git");
	with_env("GIT_WORK_TREE", "other");
	assert_opens(NULL, "r/.git", "r/.git", "other");
	assert_opens("q", "q/.git", "q/.git", "q"); /* named: the variables speak of another one */
	unsetenv("GIT_WORK_TREE");
	assert_opens(NULL, "r/.git", "r/.git", "");
	assert_int_equal(chdir("r/.git"), 0);
	setenv("GIT_DIR", ".", 1);
	assert_opens(NULL, "r/.git", "r/.git", "r");
	assert_opens(".", "r/.git", "r/.git", "r");
	without_env();
	with_env("GIT_DIR", "w/.git");
	with_env("GIT_WORK_TREE", "w");
	assert_opens(NULL, "r/.git/worktrees/w", "r/.git", "w");
	with_env("GIT_DIR", "plain");
	must_fail(NULL, KH_MISSING, "GIT_DIR");
	without_env();
	with_env("GIT_CEILING_DIRECTORIES", "r/sub");
	must_fail("r/sub/sub", KH_MISSING, "not a git repository");
	assert_opens("r/sub", "r/.git", "r/.git", "r"); /* where one stands is never a ceiling */
	with_env("GIT_CEILING_DIRECTORIES", "r");
	must_fail("r/sub/sub", KH_MISSING, "not a git repository");
	assert_opens("r", "r/.git", "r/.git", "r");
	without_env();
	sh("cp -r r/.git split; rm -rf split/worktrees split/objects; mkdir c; mv split/refs c; cp -r r/.git/objects c");
	with_env("GIT_DIR", "split");
	with_env("GIT_COMMON_DIR", "c");
	with_env("GIT_WORK_TREE", "other");
	assert_opens(NULL, "split", "c", "other");
	without_env();
	setenv("GIT_WORK_TREE", "other", 1);
	assert_opens("r", "r/.git", "r/.git", "other");
	without_env();
}

static void test_repo__a_named_index_takes_the_place_of_the_worktrees(void **state)
{
	(void)state;
	make_repo();
	sh("cd r; echo b > b; git add b; cp .git/index ../named; git reset -q --hard; git worktree add -q ../w -b side; git -C ../w rm -q --cached sub/sub/a");
	struct repo *r = must_open("r");
	assert_int_equal(r->nindex, 1);
	assert_string_equal(r->index[0].path, "sub/sub/a");
	repo_free(r);
	with_env("GIT_INDEX_FILE", "named");
	r = must_open("r");
	assert_int_equal(r->nindex, 2);
	repo_free(r);
	assert_int_equal(chdir("r/sub"), 0);
	setenv("GIT_INDEX_FILE", "../named", 1); /* from the top of the work tree, as git gives it to hooks */
	r = must_open(NULL);
	assert_int_equal(r->nindex, 2);
	repo_free(r);
	without_env();
}

static bool has_dir(const struct repo *r, const char *relative)
{
	struct buf b = { 0 };
	bool found = false;
	buf_addf(&b, "%s/%s", box, relative);
	for (size_t i = 0; i < r->nobject_dirs; i++)
		found |= !strcmp(r->object_dirs[i], b.ptr);
	buf_release(&b);
	return found;
}

static void test_repo__alternates_are_followed_once_each_and_not_too_deep(void **state)
{
	(void)state;
	make_repo();
	sh("git clone -q --shared r s; git clone -q --shared s t; mkdir 'o\tdd'; git clone -q --bare r 'o\tdd/x.git'; git clone -q --bare r y.git;"
	   "printf '# a comment\\n\\n../../../y.git/objects\\n\"%s/o\\\\tdd/x.git/objects\"\\n../../absent\\n' $PWD >> t/.git/objects/info/alternates;"
	   "echo $PWD/t/.git/objects > r/.git/objects/info/alternates");
	struct repo *r = must_open("t");
	assert_int_equal(r->nobject_dirs, 5);
	assert_place(r->object_dirs[0], "t/.git/objects");
	assert_true(has_dir(r, "s/.git/objects") && has_dir(r, "r/.git/objects") && has_dir(r, "y.git/objects") && has_dir(r, "o\tdd/x.git/objects"));
	assert_int_equal(r->nwarnings, 1);
	assert_non_null(strstr(r->warnings[0], "missing"));
	repo_free(r);
	sh("for i in 1 2 3 4 5 6 7 8; do git init -q --bare n$i; echo ../../n$((i+1))/objects > n$i/objects/info/alternates; done; git init -q --bare n9");
	r = must_open("n1");
	assert_int_equal(r->nobject_dirs, 7);
	assert_int_equal(r->nwarnings, 1);
	assert_non_null(strstr(r->warnings[0], "too deep"));
	repo_free(r);
	sh("rm n2/objects/info/alternates; mkfifo n2/objects/info/alternates");
	r = must_open("n1");
	assert_int_equal(r->nobject_dirs, 2);
	assert_int_equal(r->nwarnings, 1);
	repo_free(r);
}

static void test_repo__a_quarantine_comes_first_and_the_store_after_it(void **state)
{
	(void)state;
	make_repo();
	sh("git init -q --bare b.git; git clone -q --shared r s; mkdir q; cat > b.git/hooks/pre-receive <<'END'\n#!/bin/sh\nenv | grep '^GIT_.*\\(OBJECT\\|DIR\\)' > ../env\nEND\n"
	   "chmod +x b.git/hooks/pre-receive; git -C r push -q ../b.git main");
	char *env = sh_out("cat env"); /* what a real pre-receive hook is given */
	assert_non_null(strstr(env, "GIT_OBJECT_DIRECTORY="));
	assert_non_null(strstr(env, "GIT_ALTERNATE_OBJECT_DIRECTORIES="));
	free(env);
	assert_int_equal(chdir("s/.git"), 0);
	setenv("GIT_DIR", ".", 1);
	with_env("GIT_OBJECT_DIRECTORY", "q");
	struct buf b = { 0 };
	buf_addf(&b, "%s/b.git/objects:\"%s/s\\056git\":\"%s/s/.git/objects\"", box, box, box);
	setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", b.ptr, 1);
	struct repo *r = must_open(NULL);
	assert_place(r->objects_dir, "q");
	assert_place(r->object_dirs[0], "q");
	assert_true(has_dir(r, "s/.git/objects") && has_dir(r, "r/.git/objects") && has_dir(r, "b.git/objects"));
	assert_int_equal(r->nobject_dirs, 4);
	assert_int_equal(r->nwarnings, 1); /* s.git is not there */
	repo_free(r);
	with_env("GIT_OBJECT_DIRECTORY", "nowhere");
	must_fail(NULL, KH_MISSING, "GIT_DIR");
	without_env();
	buf_release(&b);
}

static void test_alternates__quotes_are_taken_off_as_git_does(void **state)
{
	(void)state;
	static const struct {
		const char *in, *first;
	} cases[] = {
		{ "a:b", "a" }, { "\"a:b\":c", "a:b" }, { "\"a\\\\\\\"\\n\\101\":c", "a\\\"\nA" }, { "#x:y", "" }, { ":a", "" },
		{ "\"open:b", "\"open" }, { "\"bad\\q\":b", "\"bad\\q\"" }, { "\"\\400\":b", "\"\\400\"" }, { "\"x\\", "\"x\\" }, { "\"\":a", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bytes rest = bytes_str(cases[i].in);
		struct buf path = { 0 };
		assert_true(alternates_next(&rest, ':', &path));
		assert_string_equal(buf_str(&path), cases[i].first);
		while (alternates_next(&rest, ':', &path))
			;
		assert_int_equal(rest.len, 0);
		buf_release(&path);
	}
}

static void set_config(const char *text)
{
	write_file("r/.git/config", text, strlen(text));
}

static void test_repo__formats_that_would_mislead_are_refused(void **state)
{
	(void)state;
	make_repo();
	set_config("[core]\nrepositoryformatversion = 2\n");
	must_fail("r", KH_UNSUPPORTED, "unknown core.repositoryFormatVersion 2");
	set_config("[core]\nrepositoryformatversion = 1\n[extensions]\nobjectformat = sha3\n");
	must_fail("r", KH_UNSUPPORTED, "extensions.objectFormat 'sha3'");
	set_config("[core]\nrepositoryformatversion = 1\n[extensions]\nobjectformat = aws_secret_access_key=sha3\n");
	must_fail("r", KH_UNSUPPORTED, "extensions.objectFormat a value of 26 bytes (not shown)");
	set_config("[core\n");
	must_fail("r", KH_CORRUPT, "not a valid configuration file");
	set_config("[core]\nrepositoryformatversion = many\n");
	must_fail("r", KH_CORRUPT, "not a number");
	sh("rm r/.git/config");
	assert_opens("r", "r/.git", "r/.git", "r");
	sh("mkfifo r/.git/config");
	must_fail("r", KH_IO, "cannot read");
}

/* The one warning of a repository of these extensions, or none. */
static void assert_warns(const char *version, const char *extensions, const char *warning)
{
	char text[400];
	snprintf(text, sizeof text, "[core]\nrepositoryformatversion = %s\n[extensions]\n%s\n", version, extensions);
	set_config(text);
	struct repo *r = must_open("r");
	assert_int_equal(r->nwarnings, warning ? 1 : 0);
	if (warning)
		assert_non_null(strstr(r->warnings[0], warning));
	assert_int_equal(r->refs_unread, warning && strstr(warning, "refStorage"));
	repo_free(r);
}

static void test_repo__an_unknown_extension_is_a_warning(void **state)
{
	(void)state;
	make_repo();
	assert_warns("1", "NewThing = true", "extensions.newthing is not known here");
	assert_warns("1", "A23456789012345678901234567890 = 1", "extensions.a23456789012345678901234... is not known");
	assert_warns("0", "NewThing = true", NULL);
	assert_warns("1", "noop\npreciousObjects\nrelativeWorktrees = true\nrefstorage = files\ncompatObjectFormat = sha256\nworktreeConfig\npartialClone = x\nsubmodulePathConfig", NULL);
	assert_warns("1", "refStorage = reftable", "extensions.refStorage: references and reflogs were not read");
}

static void test_repo__settings_say_bare_remote_and_partial(void **state)
{
	(void)state;
	make_repo();
	struct repo *r = must_open("r");
	assert_false(r->has_remote || r->partial || r->shallow || r->bare);
	repo_free(r);
	set_config("[core]\nbare\n[remote]\npushDefault = x\n[include]\npath = fifo\n");
	sh("mkfifo r/.git/fifo"); /* libgit2 would wait for its writer */
	r = must_open("r");
	assert_true(r->bare && !r->has_remote);
	repo_free(r);
	set_config("[core]\nbare = false\nworktree = ../../else\n[remote \"a.b\"]\nurl = /x\nfetch = +refs/*:refs/*\nfetch = ^refs/no\n");
	sh("mkdir else");
	r = must_open("r");
	assert_true(r->has_remote && !r->partial && r->refs[0].remote);
	assert_place(r->work_tree, "else");
	repo_free(r);
	set_config("[remote \"a\"]\npromisor = true\n");
	r = must_open("r");
	assert_true(r->partial);
	repo_free(r);
	set_config("[extensions]\npartialClone = origin\n");
	r = must_open("r");
	assert_true(r->partial);
	repo_free(r);
	set_config("");
	sh("touch r/.git/objects/pack/pack-x.promisor");
	r = must_open("r");
	assert_true(r->partial);
	repo_free(r);
}

static void test_repo__clones_of_every_kind_are_told_apart(void **state)
{
	(void)state;
	make_repo();
	sh("cd r; git config uploadpack.allowFilter true; git commit -q --allow-empty -m two; git commit -q --allow-empty -m three; cd ..;"
	   "git clone -q --depth 2 file://$PWD/r shallow; git clone -q --filter=blob:none --no-checkout file://$PWD/r partial; git clone -q --mirror r mirror;"
	   "git init -q -b main --object-format=sha256 long; cd long; echo x > x; git add .; git commit -qm x; git branch y");
	struct repo *r = must_open("shallow");
	char *hex = sh_out("cat shallow/.git/shallow");
	struct oid oid;
	assert_true(oid_parse(&oid, hex, 20));
	assert_true(r->shallow && r->has_remote && !r->partial);
	assert_int_equal(r->nshallow, 1);
	assert_true(oid_eq(&oid, r->shallow_commits));
	free(hex);
	repo_free(r);
	r = must_open("partial");
	assert_true(r->partial && !r->shallow);
	repo_free(r);
	r = must_open("mirror");
	assert_true(r->bare && r->has_remote && r->refs[0].remote);
	repo_free(r);
	r = must_open("long");
	hex = sh_out("git -C long rev-parse HEAD");
	assert_int_equal(r->oid_len, 32);
	assert_true(oid_parse(&oid, hex, 32));
	assert_true(r->has_head && oid_eq(&oid, &r->head));
	assert_int_equal(r->nrefs, 2);
	assert_int_equal(r->nindex, 1);
	assert_int_equal(r->nreflog, 1);
	free(hex);
	repo_free(r);
}

static void test_repo__damage_is_told_and_does_not_stop_the_opening(void **state)
{
	(void)state;
	make_repo();
	sh("cd r/.git; : > HEAD; head -c 40 index > i; mv i index; printf 'rubbish\\n' > packed-refs; echo rubbish >> logs/refs/heads/main; echo rubbish > refs/heads/bad;"
	   "echo /nowhere > objects/info/alternates; echo zz > shallow; mkdir refs/heads/'a\nb'; echo x > refs/heads/'a\nb'/c");
	struct repo *r = must_open("r");
	assert_false(r->has_head);
	assert_int_equal(r->nrefs, 1);
	assert_int_equal(r->nwarnings, 8);
	for (size_t i = 0; i < r->nwarnings; i++)
		assert_null(strchr(r->warnings[i], '\n'));
	repo_free(r);
	sh("cd r/.git/refs/heads; for i in $(seq 1 1500); do echo x > bad$i; done");
	r = must_open("r");
	assert_int_equal(r->nwarnings, 1001);
	assert_non_null(strstr(r->warnings[1000], "more like these"));
	repo_free(r);
}

static void test_repo__who_owns_it_does_not_matter(void **state)
{
	(void)state;
	make_repo();
	if (geteuid())
		skip();
	sh("chown -R 12345 r");
	assert_opens("r", "r/.git", "r/.git", "r");
}

static void test_repo__other_worktrees_heads_and_indexes_are_seen_from_any(void **state)
{
	(void)state;
	make_repo();
	sh("cd r; git worktree add -q ../w -b side; cd ../w; echo w > w; git add w; git commit -q --allow-empty -m w");
	struct repo *r = must_open("w");
	bool main_head = false;
	for (size_t i = 0; i < r->nheads; i++)
		main_head |= !strcmp(r->heads[i].name, "main-worktree/HEAD");
	assert_true(main_head);
	assert_int_equal(r->nindex, 3);
	char *hex = sh_out("git -C w rev-parse HEAD");
	struct oid oid;
	assert_true(oid_parse(&oid, hex, 20) && oid_eq(&oid, &r->head));
	free(hex);
	repo_free(r);
}

static void test_repo__work_trees_and_configurations_are_found_for_others(void **state)
{
	(void)state;
	make_repo();
	sh("git clone -q --bare r b.git; mkdir plain; cd r; git worktree add -q ../w -b side; git config extensions.worktreeConfig true; git -C ../w config --worktree a.b c");
	char *top = repo_find_work_tree("r/sub/sub/a");
	assert_place(top, "r");
	free(top);
	top = repo_find_work_tree("w/sub");
	assert_place(top, "w");
	free(top);
	assert_null(repo_find_work_tree("b.git"));
	assert_null(repo_find_work_tree("plain"));
	assert_null(repo_find_work_tree("absent"));
	struct repo *r = must_open("r");
	char **files;
	assert_int_equal(repo_config_files(r, &files), 2);
	assert_place(files[0], "r/.git/config");
	assert_place(files[1], "r/.git/worktrees/w/config.worktree");
	free(files[0]);
	free(files[1]);
	free(files);
	repo_free(r);
	set_config("[core]\nrepositoryformatversion = 99\n");
	top = repo_find_work_tree("r/sub");
	assert_place(top, "r");
	free(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repo__is_found_from_every_place_it_has),
		cmocka_unit_test(test_repo__what_is_none_says_so),
		cmocka_unit_test(test_repo__the_variables_count_as_for_git),
		cmocka_unit_test(test_repo__a_named_index_takes_the_place_of_the_worktrees),
		cmocka_unit_test(test_repo__alternates_are_followed_once_each_and_not_too_deep),
		cmocka_unit_test(test_repo__a_quarantine_comes_first_and_the_store_after_it),
		cmocka_unit_test(test_alternates__quotes_are_taken_off_as_git_does),
		cmocka_unit_test(test_repo__formats_that_would_mislead_are_refused),
		cmocka_unit_test(test_repo__an_unknown_extension_is_a_warning),
		cmocka_unit_test(test_repo__settings_say_bare_remote_and_partial),
		cmocka_unit_test(test_repo__clones_of_every_kind_are_told_apart),
		cmocka_unit_test(test_repo__damage_is_told_and_does_not_stop_the_opening),
		cmocka_unit_test(test_repo__who_owns_it_does_not_matter),
		cmocka_unit_test(test_repo__other_worktrees_heads_and_indexes_are_seen_from_any),
		cmocka_unit_test(test_repo__work_trees_and_configurations_are_found_for_others),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
