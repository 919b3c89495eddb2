/* request.h: a signed request as logs, curl commands and code write it down: request line, headers, Authorization. Pure; any thread. */
#ifndef KH_PATTERNS_REQUEST_H
#define KH_PATTERNS_REQUEST_H

#include "util/bytes.h"

/* The header's value nearest to `at`, without the blanks around it: `Name: value`, `-H "name: value"`, `'name': b'value'`. ptr NULL:
 * there is none. */
struct bytes request_header(struct bytes block, const char *name, size_t at);

/* "GET" and "/path?query" of the request line before `at`; else method and URL of a command or call around it. A method that is not
 * told is empty. target.ptr NULL: there is none. */
struct request_line {
	struct bytes method, target;
};
struct request_line request_line(struct bytes block, size_t at);

/* The value behind `name` ("Signature="), from `at` on, up to a blank, a comma or a quote. */
struct bytes request_field(struct bytes block, const char *name, size_t at);

#endif
