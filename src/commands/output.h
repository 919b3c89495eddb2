/* output.h: where a report goes. */
#ifndef KH_COMMANDS_OUTPUT_H
#define KH_COMMANDS_OUTPUT_H

#include "commands/options.h"
#include "findings/attribute.h"

/* Sort, write (standard output, or --output: a temporary file beside it, then renamed) and give the exit status: 0 clean and
 * complete, 1 findings, 2 incomplete or not writable. */
int output_report(const struct options *o, struct findings *f, struct summary *s, const char *repository_uri);

/* The exit status of what wrote to standard output without a report: `code`, or 2 when not all of it got there, which is said. */
int output_end(int code);

#endif
