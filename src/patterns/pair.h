/* pair.h: which secret belongs to which key ID. */
#ifndef KH_PATTERNS_PAIR_H
#define KH_PATTERNS_PAIR_H

#include "patterns/atoms.h"

struct pair {
	uint32_t cost, id, secret;
};

/* Working memory, used again. */
struct pairing {
	struct pair *list;
	size_t len, cap;
	uint32_t *table;
	size_t table_size;
};
void pairing_release(struct pairing *p);

/* Takes out other products' secrets, whose name no key ID shares. */
void pair_drop_foreign(struct atoms *a);

/* Sorts the atoms by place and sets `partner` and `token`. `alone`: the atoms are all that a wide search found, so a
 * single ID and a single secret belong together whatever lies between. */
void pair_atoms(struct pairing *p, struct atoms *a, bool alone);

/* A set of atoms by type and text, for who comes after: emptied by pair_reset. True: an equal one was there. */
void pair_reset(struct pairing *p, size_t atoms);
bool pair_seen(struct pairing *p, const struct atoms *a, uint32_t atom, bool add);

#endif
