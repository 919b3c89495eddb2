#include "policy/gitconfig.h"
#include "util/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* "section[.subsection].key=value@line#header;" for each */
static bool note(void *payload, const struct setting *s)
{
	struct buf *b = payload;
	buf_addf(b, "%s%s%s.%s=%s@%u#%u;", s->section, s->subsection ? "." : "", s->subsection ? s->subsection : "", s->key, s->value, s->line, s->header);
	return strcmp(s->key, "stop") != 0;
}

static void test_gitconfig__reads_what_git_reads(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "", "" }, { "[a]", "" }, { "\n ; x\n# y\n[a]\n", "" },
		{ "[A]\n\tKey = value\n", "a.key=value@2#1;" },
		{ "[a] k=v", "a.k=v@1#1;" },
		{ "\xef\xbb\xbf[a]\r\nk = v \t\r\n", "a.k=v@2#1;" },
		{ "[a \"B.c \\\"d\\\\\"]\nk=1\n", "a.B.c \"d\\.k=1@2#1;" },
		{ "[a.b]\nk\n", "a.b.k=true@2#1;" },
		{ "[a]\nk # none\nl=\n", "a.k=true@2#1;a.l=@3#1;" },
		{ "[a]\nk = x # c\nl = \"x # y\" ; c\n", "a.k=x@2#1;a.l=x # y@3#1;" },
		{ "[a]\nk = one \\\n  two\nl = 3\n", "a.k=one   two@2#1;a.l=3@4#1;" },
		{ "[a]\nk = a\\tb\\n\\\"\\\\c\n", "a.k=a\tb\n\"\\c@2#1;" },
		{ "[a]\nk = \" x \" y  \n", "a.k= x  y@2#1;" },
		{ "[a]\nk=1\n[a]\nk=2\n", "a.k=1@2#1;a.k=2@4#2;" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = { 0 };
		unsigned line;
		const char *why;
		assert_int_equal(gitconfig_parse(bytes_str(cases[i][0]), note, &b, &line, &why), KH_OK);
		assert_string_equal(buf_str(&b), cases[i][1]);
		buf_release(&b);
	}
}

static void test_gitconfig__mistakes_have_their_line(void **state)
{
	(void)state;
	static const struct { const char *text; unsigned line; } cases[] = {
		{ "k = v\n", 1 }, { "[]\n", 1 }, { "[a\nk = v\n", 1 }, { "\n[a \"b]\n", 2 }, { "[a \"b\" c]\n", 1 }, { "[a]\nk = \"x\n", 2 },
		{ "[a]\nk = x\\q\n", 2 }, { "[a]\nk v\n", 2 }, { "[a]\n\n= v\n", 3 }, { "[a]\n_x = v\n", 2 }, { "[a!]\n", 1 }, { "[a]\nk = \\", 2 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = { 0 };
		unsigned line = 0;
		const char *why = NULL;
		assert_int_equal(gitconfig_parse(bytes_str(cases[i].text), note, &b, &line, &why), KH_CORRUPT);
		assert_int_equal(line, cases[i].line);
		assert_non_null(why);
		buf_release(&b);
	}
}

static void test_gitconfig__nul_is_refused_and_the_visitor_may_stop(void **state)
{
	(void)state;
	struct buf b = { 0 };
	unsigned line;
	const char *why;
	assert_int_equal(gitconfig_parse(bytes_of("[a]\nk=\0\n", 8), note, &b, &line, &why), KH_CORRUPT);
	buf_clear(&b);
	assert_int_equal(gitconfig_parse(bytes_str("[a]\nk=1\nstop\nl=2\n"), note, &b, &line, &why), KH_STOPPED);
	assert_string_equal(b.ptr, "a.k=1@2#1;a.stop=true@3#1;");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gitconfig__reads_what_git_reads),
		cmocka_unit_test(test_gitconfig__mistakes_have_their_line),
		cmocka_unit_test(test_gitconfig__nul_is_refused_and_the_visitor_may_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
