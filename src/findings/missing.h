/* missing.h: the connectivity of a repository: what is named and not there.
 *
 * Taken along by the walk that reads everything, since a look at every name costs little then. Of a tree only the entries
 * that its delta base does not have are looked up, for the base's were when it was visited. What is not there is a candidate.
 * Objects that nothing reaches may well lack others (git gc prunes by age), so that only what is reached counts; in a
 * partial clone everything does. */
#ifndef KH_FINDINGS_MISSING_H
#define KH_FINDINGS_MISSING_H

#include "objects/repo.h"
#include "objects/walk.h"

struct missing;
struct missing *missing_new(const struct repo *r, const struct store *s, unsigned threads);
void missing_free(struct missing *m);

/* For a visitor, lazy or not: any object on its worker. What is returned is kept for its children, then given to missing_drop. */
void *missing_visit(struct missing *m, unsigned worker, struct object *o);
void missing_drop(void *state);

/* After the walk: how many commits, trees, tags, refs, HEADs, reflogs and indexes name and the store lacks; each becomes a skip.
 * Parents of shallow commits and gitlinks (mode 160000) do not count. */
uint64_t missing_finish(struct missing *m, struct skips *skips);

#endif
