/* canonical.h: a URL taken apart and put together again as AWS's signatures want it. Pure; any thread. */
#ifndef KH_PATTERNS_CANONICAL_H
#define KH_PATTERNS_CANONICAL_H

#include <stdbool.h>

#include "util/buf.h"

#define PARAMS_MAX 64

struct param {
	size_t key, key_len, value, value_len; /* in url.text: decoded */
};

struct url {
	struct bytes host, path;    /* as written; in the caller's bytes. A path is never empty: "/" */
	struct param params[PARAMS_MAX];
	size_t nparams;
	struct buf text;
	bool plus;                  /* the query has a bare '+' */
};

/* "https://host/path?query", "host:port/?query". `plus_is_blank`: how a bare '+' in the query is read. False: no such thing, or
 * more than PARAMS_MAX parameters. */
bool url_parse(struct url *u, struct bytes text, bool plus_is_blank);
void url_release(struct url *u);

/* Decoded value of a parameter, its name in any case; ptr NULL when there is none. */
struct bytes url_param(const struct url *u, const char *name);
static inline struct bytes param_key(const struct url *u, size_t i) { return bytes_of(u->text.ptr + u->params[i].key, u->params[i].key_len); }
static inline struct bytes param_value(const struct url *u, size_t i) { return bytes_of(u->text.ptr + u->params[i].value, u->params[i].value_len); }

void percent_decode(struct buf *out, struct bytes text, bool plus_is_blank);
void percent_encode(struct buf *out, struct bytes text, bool keep_slash); /* all but A-Za-z0-9-._~ */

/* Parameters sorted and encoded, `a=b&c=d`, without those named (NULL: none; any case). */
void canonical_query(struct buf *out, const struct url *u, const char *without, const char *without_too);
/* In lower case, without the port that its scheme has anyway. */
void canonical_host(struct buf *out, struct bytes host);

bool bytes_same(struct bytes a, const char *b);          /* exactly */
bool bytes_same_caseless(struct bytes a, const char *b); /* but for the case of ASCII letters */

#endif
