/* What reaches a terminal: a bar below, messages above it, never one over the other. */
#include "util/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ERASE "\r\033[K"

/* Everything said between the two goes to a file. */
static FILE *said;
static int terminal;

static int begin_capture(void **state)
{
	(void)state;
	said = tmpfile();
	terminal = dup(STDERR_FILENO);
	return said && terminal >= 0 && dup2(fileno(said), STDERR_FILENO) >= 0 ? 0 : -1;
}

static int end_capture(void **state)
{
	(void)state;
	dup2(terminal, STDERR_FILENO);
	close(terminal);
	return fclose(said);
}

static void assert_said(const char *text)
{
	char got[512];
	rewind(said);
	got[fread(got, 1, sizeof got - 1, said)] = '\0';
	assert_string_equal(got, text);
}

static void test_message__erases_the_bar_first(void **state)
{
	(void)state;
	message_bar("half");
	message_error("%s: %s", "x", "gone");
	message_error("again");
	message_bar("more");
	message_bar(NULL);
	message_bar(NULL);
	assert_said("half\r" ERASE "keyhunt: error: x: gone\nkeyhunt: error: again\nmore\r" ERASE);
}

static void test_message__without_a_bar_erases_nothing(void **state)
{
	(void)state;
	message_bar(NULL);
	message_note("a note");
	message_detail("a detail");
	assert_said("a note\n");
}

static void test_message__quiet_leaves_errors(void **state)
{
	(void)state;
	message_set_level(MESSAGE_QUIET);
	message_note("a note");
	message_warning("a warning");
	message_error("an error");
	message_set_level(MESSAGE_NORMAL);
	assert_said("keyhunt: error: an error\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_message__erases_the_bar_first, begin_capture, end_capture),
		cmocka_unit_test_setup_teardown(test_message__without_a_bar_erases_nothing, begin_capture, end_capture),
		cmocka_unit_test_setup_teardown(test_message__quiet_leaves_errors, begin_capture, end_capture),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
