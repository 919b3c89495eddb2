/* expressions.h: git-secrets' allowed expressions. They come from repositories, so matching is bounded: an expression that
 * reaches a limit is switched off, and all together may only be tried so often. One owner. */
#ifndef KH_POLICY_EXPRESSIONS_H
#define KH_POLICY_EXPRESSIONS_H

#include "findings/finding.h"

struct expression;

struct expressions {
	struct expression *list;
	size_t len, cap;
	uint64_t tried;
};

#define EXPRESSIONS_MAX 1000u

/* NULL when it was taken, else why not (static). `entry` is the caller's number for it. */
const char *expressions_add(struct expressions *x, const char *text, uint32_t entry);
void expressions_release(struct expressions *x);

/* Is every half of the credential (key ID, secret; else the token) allowed by some expression on "path:line:half"? Then the
 * number of the first that did. git-secrets looks at whole lines, and so lets a published ID excuse the secret beside it. */
bool expressions_allow(struct expressions *x, const struct finding *f, const char *path, uint32_t *entry);

#endif
