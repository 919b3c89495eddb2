/* forest.h: which entry of a pack is built on which. Entries are numbered here in the order of their offsets.
 *
 *   family = a root (undeltified, or built on an object of another pack) and all that hangs on it
 *   order  = roots, then their children, and so on: every base stands before its children
 */
#ifndef KH_OBJECTS_FOREST_H
#define KH_OBJECTS_FOREST_H

#include "objects/pack.h"

#define NO_ENTRY UINT32_MAX

struct family {
	uint32_t root;
	uint64_t weight; /* pack bytes of all members plus a constant each: a measure of work */
};

/* What a climber wants of an entry, in one line of the cache. */
struct forest_entry {
	uint64_t offset;
	uint32_t position;    /* in the index, for the name */
	uint32_t first_child; /* children of entry i: child[entry[i].first_child .. entry[i+1].first_child), heaviest last */
};

struct forest {
	uint32_t count;
	struct forest_entry *entry; /* one more than there are: entry[count].offset is the end of the last one */
	uint8_t *type;        /* of the object once rebuilt; OBJ_NONE: damaged, or its base is, or its root is foreign */
	uint32_t *child;
	struct family *families; /* heaviest few first, then in pack order */
	uint32_t nfamilies;
	uint32_t *foreign;    /* roots that are REF deltas on a base outside the pack (thin packs) */
	uint32_t nforeign;
	uint32_t *lost;       /* entries no root leads to: they are built on each other in a circle */
	uint32_t nlost;
};

/* Read all headers on `threads` threads and link them. `families` has those whose root's type is in the mask `types`
 * (the type of a root that is foreign or damaged is not known: always). */
void forest_build(struct forest *f, const struct pack *p, unsigned types, unsigned threads);
void forest_release(struct forest *f);

#endif
