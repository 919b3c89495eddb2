#include "gitbox.h"

#include "objects/reflog.h"
#include "objects/refs.h"

static struct refs refs;
static struct skips warnings;

static void read_repo(const char *git_dir, unsigned oid_len, const struct settings *settings)
{
	struct worktree *list;
	char *real = realpath(git_dir, NULL);
	size_t n = worktrees_find(&list, real, real, &warnings);
	refs_read(&refs, list, n, oid_len, settings, &warnings);
	worktrees_free(list, n);
	free(real);
}

static void release(void)
{
	refs_release(&refs);
	skips_release(&warnings);
}

static void make_repo(const char *format)
{
	struct buf b = { 0 };
	buf_addf(&b, "rm -rf r w; git init -q -b main --object-format=%s r; cd r; git commit -q --allow-empty -m one; git commit -q --allow-empty -m two", format);
	sh(b.ptr);
	buf_release(&b);
}

static void compare_with_git(unsigned oid_len)
{
	static const struct settings none;
	struct buf ours = { 0 };
	read_repo("r/.git", oid_len, &none);
	for (size_t i = 0; i < refs.nrefs; i++) {
		char hex[OID_HEX_MAX + 1];
		oid_hex(hex, &refs.refs[i].oid, oid_len);
		buf_addf(&ours, "%s %s\n", hex, refs.refs[i].name);
	}
	char *git = sh_out("git -C r for-each-ref --format='%(objectname) %(refname)'");
	assert_string_equal(git, buf_str(&ours));
	assert_int_equal(warnings.total, 0);
	free(git);
	buf_release(&ours);
}

static void test_refs__loose_packed_and_symbolic_ones_are_as_git_lists_them(void **state)
{
	(void)state;
	static const char *const formats[] = { "sha1", "sha256" };
	for (unsigned f = 0; f < 2; f++) {
		make_repo(formats[f]);
		sh("cd r; git tag -am t v1; git tag light; for i in $(seq 1 50); do git update-ref refs/heads/deep/er/$i HEAD^; done; git pack-refs --all");
		compare_with_git(f ? 32 : 20);
		assert_true(refs.nrefs > 50);
		release();
		/* loose hides packed; a name git allows; symbolic ones, one of them dangling; leftovers of a lock */
		sh("cd r; git update-ref refs/heads/deep/er/1 HEAD; git branch 'caf\303\251'; git symbolic-ref refs/heads/sym refs/heads/main;"
		   "git symbolic-ref refs/heads/sym2 refs/heads/sym; git symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/gone; touch .git/refs/heads/x.lock");
		compare_with_git(f ? 32 : 20);
		assert_true(refs.has_head);
		release();
	}
}

static void test_refs__an_unborn_head_is_no_damage(void **state)
{
	(void)state;
	static const struct settings none;
	sh("rm -rf r; git init -q r");
	read_repo("r/.git", 20, &none);
	assert_false(refs.has_head);
	assert_int_equal(refs.nrefs + refs.nheads + warnings.total, 0);
	release();
}

static size_t count_heads(const char *name)
{
	size_t n = 0;
	for (size_t i = 0; i < refs.nheads; i++)
		n += !strcmp(refs.heads[i].name, name);
	return n;
}

static void test_refs__heads_of_every_worktree_and_operation_count(void **state)
{
	(void)state;
	static const struct settings none;
	make_repo("sha1");
	sh("cd r; git worktree add -q -b side ../w; git worktree add -q --detach ../w2 HEAD^; h=$(git rev-parse HEAD); echo $h > .git/ORIG_HEAD;"
	   "printf '%s\\tnot-for-merge\\tbranch x\\n%s\\t\\tbranch y\\n' $h $h > .git/FETCH_HEAD; printf '%s\\n%s\\n' $h $h > .git/worktrees/w/MERGE_HEAD;"
	   "echo notes > .git/COMMIT_EDITMSG; echo x > .git/MERGE_MSG; mkdir .git/rebase-merge; echo $h > .git/rebase-merge/orig-head;"
	   "git -C ../w update-ref refs/bisect/bad $h; git update-ref refs/bisect/good $h");
	read_repo("r/.git", 20, &none);
	assert_int_equal(warnings.total, 0);
	assert_int_equal(count_heads("HEAD"), 1);
	assert_int_equal(count_heads("ORIG_HEAD"), 1);
	assert_int_equal(count_heads("FETCH_HEAD"), 2);
	assert_int_equal(count_heads("worktrees/w/HEAD"), 1);
	assert_int_equal(count_heads("worktrees/w2/HEAD"), 1);
	assert_int_equal(count_heads("worktrees/w/MERGE_HEAD"), 2);
	assert_int_equal(count_heads("rebase-merge/orig-head"), 1);
	assert_string_equal(refs.refs[2].name, "refs/heads/side");
	assert_string_equal(refs.refs[0].name, "refs/bisect/good");
	assert_string_equal(refs.refs[3].name, "worktrees/w/refs/bisect/bad");
	release();
}

static void test_refs__where_a_fetch_would_write_is_remote(void **state)
{
	(void)state;
	char first[] = "refs/heads/up/*", second[] = "refs/pull/7";
	char *dst[] = { first, second };
	const struct settings fetching = { .fetch_dst = dst, .nfetch_dst = 2 };
	make_repo("sha1");
	sh("cd r; for n in refs/heads/up/x refs/pull/7 refs/pull/78 refs/remotes/o/y refs/tags/t; do git update-ref $n HEAD; done");
	read_repo("r/.git", 20, &fetching);
	struct buf remote = { 0 };
	for (size_t i = 0; i < refs.nrefs; i++)
		if (refs.refs[i].remote)
			buf_addf(&remote, "%s ", refs.refs[i].name);
	assert_string_equal(remote.ptr, "refs/heads/up/x refs/pull/7 refs/remotes/o/y ");
	buf_release(&remote);
	release();
}

static void test_refs__damage_becomes_warnings_and_the_rest_is_read(void **state)
{
	(void)state;
	static const struct settings none;
	make_repo("sha1");
	sh("cd r/.git; h=$(git rev-parse HEAD); git update-ref refs/heads/good $h; cd refs/heads; : > empty; echo rubbish > bad; printf '%039d' 0 > short;"
	   "printf '%040d\\n' 0 > zero; echo ref: refs/heads/b > a; echo ref: refs/heads/a > b; mkfifo pipe; ln -s .. loop; ln -s nowhere dangling; ln -s refs/heads/good oldsym;"
	   "ln -s self self; head -c 100000 /dev/zero > huge; for i in 1 2 3 4 5 6 7; do echo ref: refs/heads/c$((i+1)) > c$i; done; echo $h > c8;"
	   "printf '%s refs/heads/packed\\n^%s\\n%s\\nnonsense\\n# c\\n%s refs/he' $h $h $h $h > ../../packed-refs;"
	   "printf 'x\\n' > ../../ORIG_HEAD; echo $h > 'od d\033name'; mkdir -p d/e/e/p; echo $h > d/e/e/p/er");
	read_repo("r/.git", 20, &none);
	struct buf names = { 0 };
	for (size_t i = 0; i < refs.nrefs; i++)
		buf_addf(&names, "%s ", refs.refs[i].name + (strncmp(refs.refs[i].name, "refs/heads/", 11) ? 0 : 11));
	assert_string_equal(names.ptr, "refs/he c3 c4 c5 c6 c7 c8 d/e/e/p/er good main od d\033name oldsym packed ");
	/* empty bad short a b pipe loop self huge c1 c2 packed-refs ORIG_HEAD */
	assert_int_equal(warnings.total, 13);
	buf_release(&names);
	release();
}

static void test_refs__a_folder_deep_as_paths_go_is_walked(void **state)
{
	(void)state;
	static const struct settings none;
	make_repo("sha1");
	sh("cd r; h=$(git rev-parse HEAD); cd .git/refs; for i in $(seq 1 1500); do mkdir d; cd d; done; echo $h > leaf");
	read_repo("r/.git", 20, &none);
	assert_int_equal(refs.nrefs, 2);
	release();
}

static void test_refs__lines_of_packed_refs_are_checked(void **state)
{
	(void)state;
#define HEX "0123456789012345678901234567890123456789"
	static const struct {
		const char *line;
		bool ref, damaged;
	} cases[] = {
		{ HEX " refs/heads/x", true, false }, { HEX " refs/heads/x\r", true, false }, { "# pack-refs with: peeled", false, false },
		{ "^" HEX, false, false }, { "", false, false }, { HEX " ", false, true }, { HEX, false, true }, { HEX "0 refs/x", false, true },
		{ "^" HEX "0", false, true }, { "^", false, true }, { "x" HEX " refs", false, true },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct oid oid;
		struct bytes name;
		bool damaged;
		assert_int_equal(packed_ref_parse(bytes_str(cases[i].line), 20, &oid, &name, &damaged), cases[i].ref);
		assert_int_equal(damaged, cases[i].damaged);
	}
}

static void test_reflog__names_what_git_would_keep(void **state)
{
	(void)state;
	make_repo("sha1");
	sh("cd r; echo a > f; git add f; git commit -qm f; for i in 1 2 3; do echo $i > f; git stash -q; done; git reset -q --hard HEAD^; git commit -q --amend --allow-empty -m new;"
	   "git worktree add -q -b side ../w; cd ../w; git commit -q --allow-empty -m gone; git reset -q --hard HEAD^");
	struct worktree *list;
	char *real = realpath("r/.git", NULL);
	size_t n = worktrees_find(&list, real, real, &warnings);
	struct reflog log = reflog_read(list, n, 20, &warnings);
	struct buf ours = { 0 };
	for (size_t i = 0; i < log.nall; i++) {
		char hex[OID_HEX_MAX + 1];
		oid_hex(hex, &log.all[i], 20);
		buf_addf(&ours, "%s\n", hex);
	}
	char *git = sh_out("cd r/.git; cat $(find . -path '*logs/*' -type f) | cut -d' ' -f1,2 | tr ' ' '\\n' | grep -v '^0*$' | sort -u");
	assert_string_equal(git, ours.ptr);
	assert_int_equal(warnings.total, 0);
	char *stashes = sh_out("git -C r log -g --format=%H refs/stash | sort");
	assert_int_equal(log.nstash, 3);
	for (int i = 0; i < 3; i++) {
		char hex[OID_HEX_MAX + 1];
		oid_hex(hex, &log.stash[i], 20);
		assert_memory_equal(hex, stashes + 41 * i, 40);
	}
	free(git);
	free(stashes);
	free(log.all);
	free(log.stash);
	free(real);
	worktrees_free(list, n);
	buf_release(&ours);
}

static void test_reflog__damaged_lines_are_left_out(void **state)
{
	(void)state;
	struct oid a, b;
	assert_true(reflog_parse(bytes_str(HEX " " HEX " A <a@example.com> 1 +0000\tx"), 20, &a, &b));
	assert_false(reflog_parse(bytes_str(HEX " " HEX), 20, &a, &b));
	assert_false(reflog_parse(bytes_str(HEX HEX "  A"), 20, &a, &b));
	assert_false(reflog_parse(bytes_str(""), 20, &a, &b));
	make_repo("sha1");
	struct worktree *list;
	sh("echo rubbish >> r/.git/logs/HEAD; printf 'x' >> r/.git/logs/refs/heads/main");
	char *real = realpath("r/.git", NULL);
	size_t n = worktrees_find(&list, real, real, &warnings);
	struct reflog log = reflog_read(list, n, 20, &warnings);
	assert_int_equal(log.nall, 2);
	assert_int_equal(log.nstash, 0);
	assert_int_equal(warnings.total, 2);
	free(log.all);
	free(log.stash);
	free(real);
	worktrees_free(list, n);
	release();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refs__loose_packed_and_symbolic_ones_are_as_git_lists_them),
		cmocka_unit_test(test_refs__an_unborn_head_is_no_damage),
		cmocka_unit_test(test_refs__heads_of_every_worktree_and_operation_count),
		cmocka_unit_test(test_refs__where_a_fetch_would_write_is_remote),
		cmocka_unit_test(test_refs__damage_becomes_warnings_and_the_rest_is_read),
		cmocka_unit_test(test_refs__a_folder_deep_as_paths_go_is_walked),
		cmocka_unit_test(test_refs__lines_of_packed_refs_are_checked),
		cmocka_unit_test(test_reflog__names_what_git_would_keep),
		cmocka_unit_test(test_reflog__damaged_lines_are_left_out),
	};
	return cmocka_run_group_tests(tests, box_enter, box_leave);
}
