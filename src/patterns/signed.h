/* signed.h: signed requests seen in texts, kept until all secrets of the scan are known (findings/proof.h). A set belongs to one
 * worker. It holds no secrets, and at most SIGNED_MAX requests, SIGNED_PER_ID of one key ID: the first in the order of their text,
 * so that any split of the work over workers keeps the same ones. */
#ifndef KH_PATTERNS_SIGNED_H
#define KH_PATTERNS_SIGNED_H

#include "patterns/claim.h"
#include "patterns/view.h"

#define SIGNED_MAX 4096u
#define SIGNED_PER_ID 256u

struct signed_text {
	char key_id[32];     /* "" where the text does not tell */
	enum { SIGNED_URL, SIGNED_POLICY, SIGNED_STRING, SIGNED_REQUEST } type;
	char *text;
	uint32_t len, split; /* split: where a second part begins (SIGNED_URL: names), or the place of the header */
};

struct signed_set {
	struct signed_text *list;
	size_t len, cap;
	bool more;           /* there were more than are kept */
	unsigned windows;    /* how many may still be read around hits of this text */
};

/* `v`: a text; `at`: of "X-Amz-Signature", "AWSAccessKeyId" or "AWS4-HMAC-SHA256" in it; `around`: the bytes it was decoded from. */
void signed_read(struct signed_set *s, const struct view *v, size_t at, struct bytes around);
void signed_begin(struct signed_set *s); /* the next text */

void signed_merge(struct signed_set *into, struct signed_set *from); /* empties `from` */
void signed_settle(struct signed_set *s);                            /* sorts, each once, within the limits */
void signed_release(struct signed_set *s);

/* `c` is empty. False: there is not enough to rebuild. The caller releases it in any case. */
bool signed_claim(struct claim *c, const struct signed_text *t);

#endif
