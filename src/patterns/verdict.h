/* verdict.h: atoms to credentials: kind, severity, confidence, evidence; each once. */
#ifndef KH_PATTERNS_VERDICT_H
#define KH_PATTERNS_VERDICT_H

#include "patterns/catalog.h"
#include "patterns/pair.h"
#include "patterns/wholes.h"

struct verdict {
	struct credential *list;
	size_t len, cap;
	struct bytes data;
	int64_t now;          /* seconds since the epoch; set once */
	bool marked;          /* somewhere in it is an inline allow */
};

void verdict_clear(struct verdict *v, struct bytes data);
void verdict_release(struct verdict *v);

/* All credentials of these atoms. Their bytes are the atoms'. `alone` as for pair_atoms. */
void verdict_atoms(struct verdict *v, const struct catalog *c, const struct atoms *a, struct pairing *p, bool alone);
/* Whole credentials, after all atoms; their bytes stay the wholes'. An ID that one of them names is not said alone. */
void verdict_wholes(struct verdict *v, const struct wholes *w);
/* The same of what only advises: it stands beside whatever else there is. */
void verdict_advice(struct verdict *v, const struct wholes *w);
/* Sorts by offset. */
void verdict_finish(struct verdict *v);

#endif
