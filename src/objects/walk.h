/* walk.h: hands every object of a store, once, to a visitor, with the edits that made it from its delta base.
 *
 * Packs are walked in delta families (an undeltified object and all that is built on it), depth first, heaviest child
 * last, so that at most log2(family) bases are alive; families are shared out to a team. */
#ifndef KH_OBJECTS_WALK_H
#define KH_OBJECTS_WALK_H

#include <stdatomic.h>

#include "objects/store.h"

/* A run of an object's bytes: copied from `from` in its base, or fresh. In order, without gaps; neighbouring copies
 * that were neighbours in the base are one run. `src` is where the run's bytes are: in the base or in the delta. */
struct edit {
	uint64_t at, len, from;
	const uint8_t *src;
	bool fresh;
};

struct object {
	uint32_t number;     /* in the store; store_oid has its name: that is far away in memory, and seldom wanted */
	enum object_type type;
	struct bytes data;   /* content; valid during the call only. `ptr` is NULL until object_load when the visitor is lazy */
	const struct edit *edits; /* NULL: there is no base, all bytes are fresh */
	size_t nedits;
	struct bytes base;   /* the base's content when there are edits */
	void *base_state;    /* what the visitor kept for the base, or NULL */
	/* A blob too large for memory comes in parts that overlap by WALK_OVERLAP bytes; else all this is zero. */
	uint64_t offset;     /* where `data` begins */
	uint64_t lines_before, line_start; /* newlines before `data`; offset at which the line begins that `data` begins in */
	bool more;           /* further parts follow */
	struct climber *climber; /* the walk's */
};

/* Make o->data.ptr valid. KH_NOMEM or KH_TOOBIG when there is no room: the object could not be seen, and the walk records it. */
enum status object_load(struct object *o);

#define WALK_OVERLAP (128u << 10)

struct visitor {
	unsigned types;      /* mask of 1 << OBJ_...; families of other types are not even inflated */
	bool whole;          /* give no edits: every object is visited as if it had no base */
	bool lazy;           /* objects without children come with edits only; the visitor loads those it must see whole */
	/* One object. The returned state is kept while children may need it, then given to `drop`; NULL is fine.
	 * Runs on worker `worker` (0..n-1) alone. */
	void *(*visit)(void *payload, unsigned worker, struct object *o);
	void (*drop)(void *payload, unsigned worker, void *state);
	void *payload;
};

struct walk_options {
	unsigned threads;
	uint64_t memory;            /* budget in bytes for object contents, all threads together */
	size_t first_pack;          /* packs before this one are not walked (they were already) */
	bool loose;                 /* loose objects too, */
	size_t first_loose;         /* but not those before this one */
	void (*progress)(void *payload, uint64_t done, uint64_t total); /* objects; from worker 0 only; may be NULL */
	void *progress_payload;
	const atomic_int *stop;   /* non-zero: end early, what is left is one skip; may be NULL */
};

struct walk_stats {
	uint64_t objects, commits, blobs, bytes; /* visited; bytes of blobs' content */
};

/* What cannot be read is recorded in `skips` (with its dependants); the walk goes on. */
void walk_store(const struct store *s, const struct visitor *v, const struct walk_options *o, struct walk_stats *stats, struct skips *skips);

#endif
