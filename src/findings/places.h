/* places.h: every (node, path) of a history that holds a sighting, and the first and last commit that have it.
 *
 * A sweep descends from a commit's root node and stops at places that already know what it brings: the first sweep at
 * places seen before, the reach sweep at places that have these bits. Each place is thus expanded a few times at most,
 * however many commits have it. Trees that multiply (ten levels of ten equal subtrees make 10^10 paths) stop at
 * PLACES_MAX, and `overflow` says so. One thread. */
#ifndef KH_FINDINGS_PLACES_H
#define KH_FINDINGS_PLACES_H

#include "findings/projection.h"

#define PLACES_MAX 3000000u
#define NO_PLACE UINT32_MAX

struct place {
	uint32_t id, path;    /* node, or object of a blob or link */
	uint32_t first, oldest, last; /* smallest value swept; UINT32_MAX: none */
	uint8_t kind, reach;  /* enum entry_kind (ENTRY_TREE: a node); enum reach */
};

enum sweep { SWEEP_FIRST, SWEEP_OLDEST, SWEEP_LAST, SWEEP_REACH, SWEEP_NEW };

struct places {
	const struct projection *projection;
	struct paths *paths;
	struct place *list;
	size_t len, cap;
	uint32_t *table; /* index + 1 */
	size_t table_size;
	struct place_step *todo;
	size_t todo_len, todo_cap;
	const uint8_t *unwanted; /* SWEEP_NEW: a bit for each object that needs no more places, or NULL */
	bool overflow;
};

void places_init(struct places *p, const struct projection *projection, struct paths *paths);
void places_release(struct places *p);
uint32_t places_add(struct places *p, enum entry_kind kind, uint32_t id, uint32_t path); /* index; NO_PLACE: full */
void places_sweep(struct places *p, uint32_t root, enum sweep what, uint32_t value);

#endif
