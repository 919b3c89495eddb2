/* attribute.h: findings of a history: which commit brought each credential in, where it still is, who can see it. */
#ifndef KH_FINDINGS_ATTRIBUTE_H
#define KH_FINDINGS_ATTRIBUTE_H

#include "findings/ledger.h"
#include "objects/repo.h"
#include "objects/walk.h"

struct findings {
	struct finding *list;
	size_t len, cap;
};
void findings_release(struct findings *f);
struct finding *findings_push(struct findings *f); /* a zeroed one at the end */

/* One finding per credential and path (and inner path), sorted by finding_cmp. Runs nothing but cheap counting when the ledger is
 * empty. `ledger` is finished (ledger_finish). Objects that cannot be read become skips. */
void attribute_history(struct findings *out, const struct repo *r, const struct store *s, const struct ledger *ledger,
		       const struct walk_options *o, struct skips *skips);

#endif
