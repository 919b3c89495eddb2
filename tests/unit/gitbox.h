/* gitbox.h: a temporary folder in which a test makes repositories with the real git, always the same way. */
#ifndef KH_TESTS_GITBOX_H
#define KH_TESTS_GITBOX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/alloc.h"
#include "util/buf.h"

static inline int box_enter(void **state)
{
	static const char *const unset[] = { "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
		"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CEILING_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX" };
	char name[] = "/tmp/keyhunt-test-XXXXXX";
	char *dir = mkdtemp(name);
	if (!dir || chdir(dir))
		return -1;
	for (size_t i = 0; i < sizeof unset / sizeof *unset; i++)
		unsetenv(unset[i]);
	setenv("HOME", dir, 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_AUTHOR_NAME", "A", 1);
	setenv("GIT_AUTHOR_EMAIL", "a@example.com", 1);
	setenv("GIT_AUTHOR_DATE", "2024-01-02T03:04:05+0000", 1);
	setenv("GIT_COMMITTER_NAME", "C", 1);
	setenv("GIT_COMMITTER_EMAIL", "c@example.com", 1);
	setenv("GIT_COMMITTER_DATE", "2024-01-02T03:04:05+0000", 1);
	setenv("LC_ALL", "C", 1);
	*state = xstrdup(dir);
	return 0;
}

static inline int box_leave(void **state)
{
	struct buf b = { 0 };
	buf_addf(&b, "chmod -R u+rwx '%s'; rm -rf '%s'", (char *)*state, (char *)*state);
	int e = chdir("/") || system(b.ptr);
	buf_release(&b);
	free(*state);
	return e;
}

/* Run shell lines in the current folder; they must succeed. */
static inline void sh(const char *lines)
{
	struct buf b = { 0 };
	buf_addf(&b, "set -e; exec >/dev/null 2>&1 </dev/null\n%s", lines);
	int status = system(b.ptr);
	buf_release(&b);
	if (status)
		fail_msg("shell lines failed (%d): %s", status, lines);
}

/* What a shell line prints; the caller frees it. */
static inline char *sh_out(const char *line)
{
	struct buf b = { 0 };
	FILE *f = popen(line, "r");
	assert_non_null(f);
	for (int c; (c = getc(f)) != EOF;)
		buf_addch(&b, (char)c);
	assert_int_equal(pclose(f), 0);
	return b.ptr ? b.ptr : xstrdup("");
}

static inline void write_file(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

#endif
