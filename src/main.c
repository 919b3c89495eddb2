/* main.c: argv to command to exit status. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "commands/configure.h"
#include "commands/explain.h"
#include "commands/help.h"
#include "commands/hunt.h"
#include "commands/options.h"
#include "commands/output.h"
#include "commands/patterns.h"
#include "util/message.h"

static atomic_int stop_signal;

static volatile time_t stop_time;

/* The first signal asks for what was found so far; one that comes a second later ends at once. (timeout(1) and others send
 * the same signal twice in a row.) */
static void on_signal(int sig)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (stop_signal && now.tv_sec > stop_time + 1)
		_exit(128 + sig);
	if (!stop_signal)
		stop_time = now.tv_sec;
	stop_signal = sig;
}

static void set_up_process(void)
{
	struct sigaction stop = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, ignore = { .sa_handler = SIG_IGN };
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL); /* a broken pipe is an error of write, not a death */
	sigaction(SIGXFSZ, &ignore, NULL); /* and so is a file that may not grow (ulimit -f) */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	/* Without TZ glibc reads the zone's file anew for each local time that is asked for, as libarchive does for each zip member. */
	setenv("TZ", ":/etc/localtime", 0);
	tzset();
#if !defined(__SANITIZE_ADDRESS__) && !defined(KEYHUNT_FUZZ)
	prctl(PR_SET_DUMPABLE, 0); /* secrets in memory must not reach a core file, piped ones neither */
#endif
}

static int run(const struct options *o)
{
	switch (o->command) {
	case COMMAND_HISTORY: return hunt_history(o, &stop_signal);
	case COMMAND_FILES: return hunt_files(o, &stop_signal);
	case COMMAND_PATTERNS: return patterns_list(o);
	case COMMAND_PATTERNS_TEST: return patterns_test(o);
	case COMMAND_EXPLAIN: return explain(o);
	case COMMAND_HELP_SHORT: help_short(stdout); break;
	case COMMAND_HELP: help_long(stdout); break;
	case COMMAND_VERSION: help_version(stdout); break;
	case COMMAND_GENERATE: help_generate(stdout, o->generate); break;
	}
	return output_end(0);
}

int main(int argc, char **argv)
{
	struct options o;
	char *err = NULL;
	set_up_process();
	if (options_parse(&o, argc, argv, &err) != KH_OK || (o.command < COMMAND_HELP_SHORT && configure(&o, &err) != KH_OK)) {
		message_error("%s", err ? err : "invalid options");
		free(err);
		options_release(&o);
		return 2;
	}
	message_set_level(o.quiet ? MESSAGE_QUIET : o.verbose ? MESSAGE_VERBOSE : MESSAGE_NORMAL);
	int code = run(&o);
	options_release(&o);
	return stop_signal ? 128 + stop_signal : code;
}
