/* settle.h: from "this credential was seen in this object at this path" to findings: one per credential and path. */
#ifndef KH_FINDINGS_SETTLE_H
#define KH_FINDINGS_SETTLE_H

#include "findings/attribute.h"
#include "findings/commitgraph.h"
#include "findings/paths.h"

/* A sighting at a place. */
struct row {
	const struct sighting *sighting;
	uint32_t object;      /* that holds it, or NO_OBJECT */
	uint32_t path;
	uint32_t first;       /* rank; NO_RANK: no commit has it */
	uint32_t oldest, last; /* indexes into commitgraph.oldest and .newest; or NO_RANK */
	enum source source;
	uint8_t reach;
};

#define ROWS_MAX 4000000u
#define FINDINGS_MAX 200000u

/* A few trees can make any number of paths. Past ROWS_MAX rows only credentials that have none yet get one, so that
 * nothing hides behind a crowd. */
struct rows {
	struct row *list;
	size_t len, cap;
	uint8_t *seen; /* by credential: it has a row */
	size_t nseen;
	bool overflow;
};
void rows_add(struct rows *rows, struct row row);
void rows_release(struct rows *rows);

struct settling {
	const struct repo *repo;
	const struct store *store;
	const struct ledger *ledger;
	const struct commitgraph *commits;
	const struct paths *paths;
	const uint8_t *at_head; /* by sighting: some object in HEAD's tree has it */
	struct skips *skips;
};

/* Sorts `rows`; appends to `out`, in no particular order. */
void settle_rows(struct findings *out, const struct settling *s, struct rows *rows);

#endif
