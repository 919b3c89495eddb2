/* message.h: what the program says on standard error. Never a secret, never raw bytes of a repository:
 * pass those through buf_add_safe first. Any thread; a line is written in one piece. */
#ifndef KH_UTIL_MESSAGE_H
#define KH_UTIL_MESSAGE_H

#include <stdbool.h>

enum message_level { MESSAGE_QUIET, MESSAGE_NORMAL, MESSAGE_VERBOSE };

void message_set_level(enum message_level level); /* before threads start */
void message_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));   /* "keyhunt: error: ..."; always shown */
void message_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* not with --quiet */
void message_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));    /* not with --quiet, no prefix */
void message_detail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));  /* only with --verbose */

/* The line that stands below all messages while something lasts, put in place of the one before; NULL takes it away. What else is
 * said erases it first, and it comes back with its next change. For a terminal only. */
void message_bar(const char *line);

#endif
