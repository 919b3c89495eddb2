#include "util/message.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

static enum message_level level = MESSAGE_NORMAL;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool bar; /* one stands there now; under the lock */

void message_set_level(enum message_level l)
{
	level = l;
}

/* What to print before anything else; the bar is gone then. */
static const char *erasure(void)
{
	const char *erase = bar ? "\r\033[K" : "";
	bar = false;
	return erase;
}

void message_bar(const char *line)
{
	pthread_mutex_lock(&lock);
	fprintf(stderr, "%s%s%s", erasure(), line ? line : "", line ? "\r" : "");
	bar = line;
	fflush(stderr);
	pthread_mutex_unlock(&lock);
}

static void say(const char *prefix, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static void say(const char *prefix, const char *fmt, va_list ap)
{
	pthread_mutex_lock(&lock);
	fputs(erasure(), stderr);
	fputs(prefix, stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	fflush(stderr);
	pthread_mutex_unlock(&lock);
}

#define SAY(name, shown, prefix) \
	void name(const char *fmt, ...) \
	{ \
		va_list ap; \
		if (!(shown)) \
			return; \
		va_start(ap, fmt); \
		say(prefix, fmt, ap); \
		va_end(ap); \
	}

SAY(message_error, 1, "keyhunt: error: ")
SAY(message_warning, level > MESSAGE_QUIET, "keyhunt: warning: ")
SAY(message_note, level > MESSAGE_QUIET, "")
SAY(message_detail, level >= MESSAGE_VERBOSE, "")
