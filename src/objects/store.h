/* store.h: every object a repository has, numbered: packs' entries in the order of their index, then loose objects.
 *
 *     number:  0 ........ pack 0 ........ | pack 1 ... | ... | loose objects | what came later: pack 2 ... | loose objects | ...
 *
 * A number means the same name for ever. An object that lies in several places has several numbers; store_find gives
 * the lowest, wherever the object is now. Opened by one thread, const afterwards (store_refresh excepted); reading may
 * go on in many threads.
 *
 * git gc may run beside. What it does to an object: loose -> packed -> loose, each new place before the old one goes. So
 * as long as no pack comes or goes while packs and then loose objects are listed, nothing can slip between the two
 * lists; when one does, both are made again. Packs stay mapped after that. A loose object that has vanished by the time
 * it is read is `gone`, and is looked for by store_refresh. */
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
	bool gone;    /* its file was not there when it was read: git gc packed or pruned it, and it may be elsewhere by now */
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
void skips_merge_new(struct skips *into, struct skips *from); /* the same, without what `into` has already: the same damage met again */
void skips_release(struct skips *s);

/* Loose objects of one listing, sorted by name. */
struct loose_run {
	uint32_t first;   /* number of its first object */
	uint32_t at, len; /* in store.loose */
};

struct store {
	unsigned oid_len;
	char **dirs;       /* object folders, borrowed from the repo */
	size_t ndirs;
	struct pack **packs;
	uint32_t *first;   /* first[i]: number of packs[i]'s entry 0 */
	size_t npacks, packs_cap;
	struct loose *loose; /* run after run; those that were in a pack too when they were listed are left out */
	size_t nloose, loose_cap;
	struct loose_run *runs; /* one for each time they were listed; the first is always there */
	size_t nruns;
	uint32_t first_loose; /* number of loose[0]: behind the packs there were at the start, before what came later */
	uint32_t count;    /* of all numbers */
	bool promisor;     /* a pack is marked .promisor */
};

/* Maps every pack and lists loose objects below `dirs`. What is damaged becomes a skip and is left out. The store is
 * always returned (possibly empty); store_free frees it. */
struct store *store_open(char **dirs, size_t ndirs, unsigned oid_len, struct skips *skips);
void store_free(struct store *s);

/* Packs and loose objects that have come since (git gc, a fetch, a commit) are appended; numbers given so far keep their
 * meaning. Loose objects that are gone and nowhere else become skips once nothing comes any more. Only between passes.
 * Returns how many packs and loose objects came: they are those from the old npacks and the old nloose on. */
size_t store_refresh(struct store *s, struct skips *skips);

uint32_t store_find(const struct store *s, const struct oid *oid);      /* NO_OBJECT when nothing of that name was ever listed */
bool store_packed(const struct store *s, const struct oid *oid);        /* is it in one of the packs? */
struct oid store_oid(const struct store *s, uint32_t object);
uint32_t store_loose_number(const struct store *s, size_t i); /* of loose[i] */

/* Read one object, through its whole delta chain (any depth, no recursion), at most `limit` bytes of content. One that has vanished
 * or is damaged, and a damaged base on its chain, is read from any other place that has it, as git does. `*data` is malloced, the
 * caller's. Any thread. */
enum status store_read(const struct store *s, uint32_t object, uint64_t limit, enum object_type *type, uint8_t **data, size_t *len);

/* The same from any place but this number's own. `*steps` (STORE_STEPS at first) is what the search may cost, in entries of packs: no
 * chain through damage to damage takes for ever. */
#define STORE_STEPS (1u << 20)
enum status store_read_other(const struct store *s, uint32_t object, uint64_t limit, enum object_type *type, uint8_t **data, size_t *len, uint64_t *steps);

/* Append the loose objects below `dir` (unsorted); what cannot be listed becomes a skip. Returns how many came. */
size_t loose_list(const char *dir, unsigned oid_len, uint32_t dirno, struct loose **list, size_t *len, size_t *cap, struct skips *skips);

/* One loose object (zlib stream with "type size\0" header). KH_MISSING when its file is gone: git gc packed it. */
enum status loose_read(const char *dir, const struct oid *oid, unsigned oid_len, uint64_t limit, enum object_type *type, uint8_t **data, size_t *len);

#endif
