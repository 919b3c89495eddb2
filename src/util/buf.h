/* buf.h: growable bytes, always NUL-terminated when non-empty. One owner, no locking.
 * `struct buf b = { 0 };` is an empty one. For small things that the program itself sizes; what input
 * sizes is checked against a ceiling by the caller first. */
#ifndef KH_UTIL_BUF_H
#define KH_UTIL_BUF_H

#include "util/bytes.h"

struct buf {
	char *ptr;
	size_t len, cap;
};

void buf_release(struct buf *b);                               /* frees the contents; empty again */
static inline void buf_clear(struct buf *b) { b->len = 0; if (b->ptr) b->ptr[0] = '\0'; }
void buf_grow(struct buf *b, size_t extra);                    /* room for `extra` more bytes and a NUL */
void buf_add(struct buf *b, const void *ptr, size_t len);
void buf_addstr(struct buf *b, const char *s);
void buf_addch(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static inline struct bytes buf_bytes(const struct buf *b) { return bytes_of(b->ptr, b->len); }
static inline const char *buf_str(const struct buf *b) { return b->ptr ? b->ptr : ""; }

/* Append text that may hold anything so that a terminal, a log and a UTF-8 reader are safe with it: control
 * bytes become \xNN (newline and tab too), bytes that are not UTF-8 become U+FFFD, as do bidirectional
 * and other invisible format characters. */
void buf_add_safe(struct buf *b, const void *ptr, size_t len);

/* Append, in quotes and made safe, a value that is wrong where it stands; one of more than BUF_VALUE_MAX bytes, or with others than
 * printable ASCII, may be a secret that came there by mistake, and only its length is told. */
#define BUF_VALUE_MAX 16
void buf_add_value(struct buf *b, const char *value);

/* Append as UTF-8: bytes that are not UTF-8 become U+FFFD each, all else as it is. Returns false if any did. */
int buf_add_utf8(struct buf *b, const void *ptr, size_t len);

/* Length of the well-formed UTF-8 sequence at `p` (1-4), or 0. */
unsigned utf8_len(const uint8_t *p, size_t len);

#endif
