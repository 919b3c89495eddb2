/* proof.h: offline proof. Signed requests and SES passwords that a scan met are recomputed with the secrets that it met, wherever
 * either lies: a match proves that key ID and secret belong together. Nothing leaves the process. */
#ifndef KH_FINDINGS_PROOF_H
#define KH_FINDINGS_PROOF_H

#include "findings/ledger.h"
#include "patterns/signed.h"

#define EVIDENCE_SIGNATURE "signature-verified"
#define EVIDENCE_OTHER_ID "secret-of-another-key-id"

#define PROOF_TRIES_MAX 1000000u /* signatures computed at most: some two seconds */

struct proof_stats {
	uint64_t requests, proven, tries;
	bool more; /* there were more requests, or more pairs of request and secret, than were tried */
};

/* Sets what is proven: confidence high, evidence EVIDENCE_SIGNATURE, the key ID of a lone secret (`proven_id`). `allowed`: a second ledger
 * whose secrets count and which is treated alike. Settles `set`. The result depends on the contents of the ledgers and the set alone. */
struct proof_stats proof_apply(struct ledger *l, struct ledger *allowed, struct signed_set *set);

#endif
