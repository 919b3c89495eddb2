#include "commands/patterns.h"

#include <stdio.h>

#include "commands/session.h"

int patterns_list(const struct options *o)
{
	const char *id, *kind, *description;
	struct detector *d = session_detector(o);
	if (!d)
		return 2;
	for (size_t i = 0; detector_pattern(d, i, &id, &kind, &description); i++)
		printf("%-24s %-22s %s\n", id, kind, description);
	detector_free(d);
	return fflush(stdout) ? 2 : 0;
}

static void say(void *payload, const char *line)
{
	(void)payload;
	puts(line);
}

int patterns_test(const struct options *o)
{
	struct detector *d = session_detector(o);
	size_t total = 0;
	if (!d)
		return 2;
	size_t failed = detector_test(d, say, NULL, &total);
	printf("%zu examples, %zu wrong\n", total, failed);
	detector_free(d);
	return fflush(stdout) ? 2 : failed ? 1 : 0;
}
