#include "commands/patterns.h"

#include <stdio.h>

#include "commands/output.h"
#include "commands/session.h"
#include "util/alloc.h"
#include "util/buf.h"

/* A user's file may say anything: nothing of it reaches the terminal as it is. */
static void list_one(const char *id, const char *kind, const char *description, const char *file)
{
	const char *parts[] = { id, kind, description, file ? file : "built in" };
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	for (size_t i = 0; i < 4; i++) {
		size_t from = b.len;
		buf_addstr(&b, i == 3 ? "  (" : i ? " " : "");
		buf_add_safe(&b, parts[i], strlen(parts[i]));
		while (i < 2 && b.len - from < (i ? 24 : 28))
			buf_addch(&b, ' ');
	}
	printf("%s)\n", b.ptr);
}

static struct detector *all_patterns(const struct options *o)
{
	struct options own = *o;
	own.advice = true;
	return session_detector(&own);
}

int patterns_list(const struct options *o)
{
	const char *id, *kind, *description;
	struct detector *d = all_patterns(o);
	if (!d)
		return 2;
	for (size_t i = 0; detector_pattern(d, i, &id, &kind, &description); i++)
		list_one(id, kind, description, detector_pattern_file(d, i));
	detector_free(d);
	return output_end(0);
}

static void say(void *payload, const char *line)
{
	(void)payload;
	puts(line);
}

int patterns_test(const struct options *o)
{
	struct detector *d = all_patterns(o);
	size_t total = 0;
	if (!d)
		return 2;
	size_t failed = detector_test(d, say, NULL, &total);
	printf("%zu examples, %zu wrong\n", total, failed);
	detector_free(d);
	return output_end(failed ? 1 : 0);
}
