#include "policy/glob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_glob__matches_as_gitignore_does(void **state)
{
	(void)state;
	static const struct { const char *glob, *path; bool is; } cases[] = {
		{ "a.env", "a.env", true }, { "a.env", "x/a.env", true }, { "a.env", "a.env/x", true }, { "a.env", "b.env", false }, { "a.env", "xa.env", false },
		{ "*.env", "x/y.env", true }, { "*.env", ".env", true }, { "*.env", "x.envy", false }, { "*", "anything/at/all", true },
		{ "/a.env", "a.env", true }, { "/a.env", "x/a.env", false }, { "x/*.env", "x/a.env", true }, { "x/*.env", "w/x/a.env", false },
		{ "x/*.env", "x/y/a.env", false }, { "x/**/a", "x/a", true }, { "x/**/a", "x/y/z/a", true }, { "x/**/a", "xa", false }, { "x/**", "x/y/z", true },
		{ "x/**", "x", false }, { "**/a", "a", true }, { "**/a", "b/c/a", true }, { "**/a", "ba", false }, { "dir/", "dir/a", true }, { "dir/", "x/dir/y/z", true },
		{ "dir/", "dir", false }, { "dir/", "x/dir", false }, { "a/b/", "a/b/c", true }, { "a/b/", "x/a/b/c", false }, { "?.c", "a.c", true }, { "?.c", "ab.c", false },
		{ "a?b", "a/b", false }, { "[a-c].h", "b.h", true }, { "[a-c].h", "d.h", false }, { "[!a-c].h", "d.h", true }, { "[!a-c].h", "a.h", false },
		{ "[]].h", "].h", true }, { "[a", "[a", true }, { "\\*.c", "*.c", true }, { "\\*.c", "a.c", false }, { "a[/]b", "a/b", false },
		{ "", "a", false }, { "/", "a", false }, { "a", "", false }, { "**", "x/y", true },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (glob_match(cases[i].glob, cases[i].path, &(uint64_t){ 0 }) != cases[i].is)
			fail_msg("'%s' and '%s': not %d", cases[i].glob, cases[i].path, cases[i].is);
}

static void test_glob__no_glob_is_slow(void **state)
{
	(void)state;
	char glob[2001], path[4001];
	for (size_t i = 0; i < 2000; i += 2)
		memcpy(glob + i, "*a", 2);
	glob[2000] = '\0';
	memset(path, 'a', 4000);
	path[3999] = 'b';
	path[4000] = '\0';
	uint64_t work = 0;
	assert_false(glob_match(glob, path, &work));
	assert_true(work > 0 && work <= 4000 * 2000);
	work = 0;
	assert_false(glob_match("/b", path, &work));
	assert_true(work <= 2); /* what cannot match any more is left at once */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_glob__matches_as_gitignore_does),
		cmocka_unit_test(test_glob__no_glob_is_slow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
