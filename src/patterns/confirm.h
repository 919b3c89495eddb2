/* confirm.h: whole credentials: a pattern's expression, run on a bounded window around a literal hit. */
#ifndef KH_PATTERNS_CONFIRM_H
#define KH_PATTERNS_CONFIRM_H

#include "patterns/catalog.h"

/* A credential with the bytes it takes up in the source: halves that lie inside are not said again. */
struct whole {
	struct credential c;
	uint32_t from, to;
	uint32_t partner_from, partner_to; /* of its other half; equal: none */
	uint32_t rank;
};

/* Working memory of one worker. */
struct confirm;
struct confirm *confirm_new(void);
void confirm_free(struct confirm *c);

/* Does the pattern confirm around the bytes [from, to) of `v`, the literal, at the time `now`? Then `*out` is the
 * credential, its bytes valid until the next call, its places in the source. A partner is looked for in `v`, and where
 * that is decoded base64 in `data`, the source, too. */
bool confirm_at(struct confirm *c, const struct pattern *p, struct bytes data, const struct view *v, size_t from, size_t to, int64_t now, struct whole *out);

/* Does the name of the file fit `p->file_name`? The ID in it goes to `key_id`, which is credential.key_id's size. */
bool confirm_name(const struct pattern *p, const char *name, char *key_id);

#endif
