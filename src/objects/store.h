/* store.h: every object a repository has, numbered: packs' entries in the order of their index, then loose objects.
 *
 *     number:  0 ........ pack 0 ........ | pack 1 ... | ... | loose objects
 *
 * Packs that appear later get the numbers behind. An object that lies in several packs has several numbers;
 * store_find gives the lowest. Opened by one thread, const
 * afterwards (store_refresh excepted); reading may go on in many threads. */
#ifndef KH_OBJECTS_STORE_H
#define KH_OBJECTS_STORE_H

#include <stdbool.h>

#include "objects/oid.h"
#include "objects/pack.h"
#include "util/bytes.h"
#include "util/status.h"

#define NO_OBJECT UINT32_MAX

struct loose {
	struct oid oid;
	uint32_t dir; /* which of the object folders */
	bool gone;    /* its file was not there when it was read: git gc packed or pruned it */
};

/* What could not be read, and why. `object`: a name in hex or a path; both are safe to print. */
struct skip {
	char *object, *path, *reason;
};

struct skips {
	struct skip *list; /* the first SKIPS_MAX; the rest are counted */
	size_t len, cap;
	uint64_t total;
};
#define SKIPS_MAX 1000

void skips_add(struct skips *s, const char *object, const char *path, const char *reason); /* copies; one owner */
void skips_merge(struct skips *into, struct skips *from);                                  /* empties `from` */
void skips_release(struct skips *s);

struct store {
	unsigned oid_len;
	char **dirs;       /* object folders, borrowed from the repo */
	size_t ndirs;
	struct pack **packs;
	uint32_t *first;   /* first[i]: number of packs[i]'s entry 0 */
	size_t npacks, packs_cap;
	struct loose *loose; /* sorted by name; those that are in a pack too are left out */
	size_t nloose, loose_cap;
	uint32_t first_loose; /* number of loose[0]: behind the packs there were at the start, before those that came later */
	uint32_t count;    /* of all numbers */
	bool promisor;     /* a pack is marked .promisor */
};

/* Maps every pack and lists loose objects below `dirs`. What is damaged becomes a skip and is left out. The store is
 * always returned (possibly empty); store_free frees it. */
struct store *store_open(char **dirs, size_t ndirs, unsigned oid_len, struct skips *skips);
void store_free(struct store *s);

/* Packs that have come since (git gc, a fetch) are opened and appended; numbers given so far keep their meaning. Loose
 * objects that are gone and in no pack either become skips once no pack comes any more. Only between passes. Returns how many packs came. */
size_t store_refresh(struct store *s, struct skips *skips);

uint32_t store_find(const struct store *s, const struct oid *oid);      /* NO_OBJECT when it is not there */
struct oid store_oid(const struct store *s, uint32_t object);

/* Read one object, through its whole delta chain (any depth, no recursion), at most `limit` bytes of content.
 * `*data` is malloced, the caller's. Any thread. */
enum status store_read(const struct store *s, uint32_t object, uint64_t limit, enum object_type *type, uint8_t **data, size_t *len);

/* Append the loose objects below `dir` (unsorted); what cannot be listed becomes a skip. Returns how many came. */
size_t loose_list(const char *dir, unsigned oid_len, uint32_t dirno, struct loose **list, size_t *len, size_t *cap, struct skips *skips);

/* One loose object (zlib stream with "type size\0" header). KH_MISSING when its file is gone: git gc packed it. */
enum status loose_read(const char *dir, const struct oid *oid, unsigned oid_len, uint64_t limit, enum object_type *type, uint8_t **data, size_t *len);

#endif
