/* confirm.h: whole credentials: a pattern's expression, run on a bounded window around a literal hit. */
#ifndef KH_PATTERNS_CONFIRM_H
#define KH_PATTERNS_CONFIRM_H

#include "patterns/catalog.h"

/* Working memory of one worker. */
struct confirm;
struct confirm *confirm_new(void);
void confirm_free(struct confirm *c);

/* Does the pattern confirm around the bytes [from, to) of `v`, the literal? Then `*out` is the credential, its bytes
 * valid until the next call, its places in the source. */
bool confirm_at(struct confirm *c, const struct pattern *p, const struct view *v, size_t from, size_t to, struct credential *out);

#endif
