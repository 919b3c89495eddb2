/* join.h: halves of one credential in several texts: an ID in one file of a folder, its secret in another. */
#ifndef KH_FINDINGS_JOIN_H
#define KH_FINDINGS_JOIN_H

#include "findings/attribute.h"

/* Tells halves that stand alone of each other: `other` of both, and of the one that has no key ID that of the other half, its account,
 * and how bad the two are together. All stay findings of their own, with their own grade, place and fingerprint. `f` is all that one
 * repository or one scan of files has; `allowed` what marks in the text allowed, which takes part in nothing. */
void join_findings(struct findings *f, const struct ledger *allowed);

#endif
