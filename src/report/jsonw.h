/* jsonw.h: JSON written as it comes, safe for any bytes. Commas and colons are the writer's business; what is called in
 * a wrong order makes wrong JSON, so the callers are few and tested. One owner, no locking; the stream is borrowed. */
#ifndef KH_REPORT_JSONW_H
#define KH_REPORT_JSONW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "util/buf.h"

struct jsonw {
	FILE *out;
	unsigned depth;   /* at most 63 */
	uint64_t filled;  /* bit d: depth d has an element already, so a comma is due */
	bool after_key;
	struct buf text;  /* scratch */
};

void jsonw_init(struct jsonw *w, FILE *out);
void jsonw_release(struct jsonw *w); /* the scratch only; whether writing worked, the stream knows (ferror) */

void jsonw_open(struct jsonw *w, char bracket);  /* '{' or '[' */
void jsonw_close(struct jsonw *w, char bracket); /* '}' or ']' */
void jsonw_line(struct jsonw *w);                /* a line break where the next element goes, or after the last one */
void jsonw_key(struct jsonw *w, const char *key);

/* Values. Text that is not UTF-8 gets U+FFFD for each bad byte; control and invisible characters are escaped. */
void jsonw_bytes(struct jsonw *w, const void *ptr, size_t len);
void jsonw_str(struct jsonw *w, const char *s);  /* NULL: null */
void jsonw_base64(struct jsonw *w, const void *ptr, size_t len);
void jsonw_uint(struct jsonw *w, uint64_t n);
void jsonw_bool(struct jsonw *w, bool b);
void jsonw_null(struct jsonw *w);
void jsonw_seconds(struct jsonw *w, double s);   /* three decimals, whatever the locale */

#endif
