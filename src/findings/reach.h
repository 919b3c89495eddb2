/* reach.h: which of some names are reached, from refs, HEADs, reflogs (the stash's too) and indexes. For when something is missing. */
#ifndef KH_FINDINGS_REACH_H
#define KH_FINDINGS_REACH_H

#include "objects/repo.h"
#include "objects/store.h"

/* `list`, sorted, keeps those of its n names that are reached; returns how many. Reads one object after the other: minutes for a large
 * history. */
size_t reach_filter(struct oid *list, size_t n, const struct repo *r, const struct store *s);

/* Each name outside the store that keeps an object alive. */
void reach_roots(const struct repo *r, void (*each)(void *payload, const struct oid *oid), void *payload);

#endif
