#include "util/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/message.h"

#define FIRST CLOCK_SECOND
#define EVERY (CLOCK_SECOND / 10)

/* 1204331 as "1,204,331". */
static void grouped(char *out, size_t cap, uint64_t n)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, n), o = 0;
	for (size_t i = 0; i < len && o + 2 < cap; i++) {
		if (i && (len - i) % 3 == 0)
			out[o++] = ',';
		out[o++] = digits[i];
	}
	out[o] = '\0';
}

static void time_left(char *out, size_t cap, double seconds)
{
	if (seconds < 90)
		snprintf(out, cap, "%.0f s left", seconds);
	else if (seconds < 90 * 60)
		snprintf(out, cap, "%.0f min left", seconds / 60);
	else
		snprintf(out, cap, "%.0f h left", seconds / 3600);
}

void progress_line(char *out, size_t cap, unsigned width, const char *label, uint64_t done, uint64_t total, int64_t elapsed)
{
	char count[32], left[32] = "";
	double seconds = (double)elapsed / (double)CLOCK_SECOND;
	double rate = seconds > 0 ? (double)done / seconds : 0;
	unsigned percent = total ? (unsigned)(100.0 * (double)(done < total ? done : total) / (double)total) : 0;
	if (!cap)
		return;
	grouped(count, sizeof count, done);
	if (done && done <= total && rate > 0)
		time_left(left, sizeof left, (double)(total - done) / rate);
	snprintf(out, cap, "%s  %u%%  %s objects  %.*f%s/s  %s", label, percent, count, rate < 10 ? 1 : 0, rate < 10000 ? rate : rate / 1000,
		 rate < 10000 ? "" : "k", left);
	if (strlen(out) > width)
		out[width] = '\0';
}

static unsigned columns(void)
{
	struct winsize w;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 1 ? w.ws_col - 1u : 79;
}

void progress_start(struct progress *p, const char *label, bool wanted)
{
	*p = (struct progress){ .label = label, .start = clock_now(), .wanted = wanted && isatty(STDERR_FILENO) };
	p->last = p->start + FIRST - EVERY;
}

void progress_update(void *progress, uint64_t done, uint64_t total)
{
	struct progress *p = progress;
	char line[256];
	int64_t t;
	if (!p->wanted || (t = clock_now()) - p->last < EVERY)
		return;
	unsigned width = columns();
	progress_line(line, sizeof line, width < sizeof line ? width : sizeof line - 1, p->label, done, total, t - p->start);
	message_bar(line);
	p->last = t;
}

void progress_end(struct progress *p)
{
	message_bar(NULL);
	p->wanted = false;
}
