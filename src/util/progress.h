/* progress.h: a bar on standard error, for people who wait: only on a terminal, only after a second, at most ten times
 * a second, and gone at the end.
 *
 *     Scanning  43%  1,204,331 objects  812k/s  2 s left
 *
 * Used from one thread; message.h keeps it and what else is said apart. */
#ifndef KH_UTIL_PROGRESS_H
#define KH_UTIL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	const char *label;   /* static */
	int64_t start, last; /* nanoseconds on the monotonic clock */
	bool wanted;
};

void progress_start(struct progress *p, const char *label, bool wanted); /* `wanted`: not --quiet, not --no-progress */
void progress_update(void *progress, uint64_t done, uint64_t total);     /* fits walk_options.progress */
void progress_end(struct progress *p);

/* The line for `elapsed` nanoseconds, at most `width` columns of ASCII. Always NUL-terminated when cap > 0. */
void progress_line(char *out, size_t cap, unsigned width, const char *label, uint64_t done, uint64_t total, int64_t elapsed);

#endif
