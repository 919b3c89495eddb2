/* treegraph.h: what matters of every tree: its subtrees and the entries whose objects hold a sighting.
 *
 *     tree     Makefile  README  lib/  main.c*  t/        * = sighted
 *     list               ----->  lib/  main.c*  t/        equal to the delta base's list? then it *is* the base's list
 *
 * Filled by a walk's visitor on many workers, each in memory of its own; const after treegraph_finish. A list that is
 * long and mostly its base's is kept as pieces of the base's list, so that memory follows what changed, not what there
 * is. */
#ifndef KH_FINDINGS_TREEGRAPH_H
#define KH_FINDINGS_TREEGRAPH_H

#include "findings/paths.h"
#include "findings/treeparse.h"

/* A set of objects, found by name. */
struct targets {
	unsigned oid_len;
	uint32_t *objects;
	struct oid *oids;
	uint32_t len, cap;
	uint32_t *table; /* index + 1 */
	uint32_t table_size;
	uint64_t key[2]; /* names in a damaged store may be chosen */
};
void targets_init(struct targets *t, const struct store *s, const uint32_t *objects, size_t n); /* no duplicates */
void targets_release(struct targets *t);
uint32_t targets_find(const struct targets *t, const uint8_t *raw_oid); /* the object's number or NO_OBJECT */

/* An entry of interest. The tree itself, if it is sighted (for the names in it), is its own entry: a blob named
 * NAME_NONE. */
struct graph_entry {
	uint32_t object;
	uint32_t name : 30, kind : 2; /* enum entry_kind */
};

struct list_piece {
	uint32_t at, from;               /* place in this list; in the base's, when not fresh */
	const struct graph_entry *fresh; /* or NULL */
};

struct tree_list {
	uint32_t len, npieces;           /* npieces 0: `entries` is the whole list */
	uint32_t node;                   /* for projection.h */
	bool self;                       /* the last entry is the tree itself */
	const struct tree_list *base;    /* of the pieces */
	union {
		const struct graph_entry *entries;
		const struct list_piece *pieces;
	};
};

struct tree_record {
	uint32_t object, number;         /* canonical; as walked */
	struct tree_list *list;
};

struct treegraph {
	const struct store *store;
	const struct targets *targets;
	struct names *names;
	bool copies;                     /* the same object may be met under several numbers */
	struct tree_worker *workers;
	unsigned nworkers;
	struct tree_list empty;
	struct tree_list **lists;        /* by object number; NULL: not a tree */
};

void treegraph_init(struct treegraph *g, const struct store *s, const struct targets *t, struct names *names, unsigned nworkers);
/* The visitor may be lazy. */
void *treegraph_visit(struct treegraph *g, unsigned worker, const struct object *o);
void treegraph_drop(void *state);
void treegraph_finish(struct treegraph *g, struct skips *skips);
void treegraph_release(struct treegraph *g);

/* The list's entries, `len` of them, appended to `*out` at `at`. */
struct entry_buf {
	struct graph_entry *ptr;
	size_t cap;
};
void tree_list_expand(const struct tree_list *l, struct entry_buf *out, size_t at);

/* A bit for every object that some tree in the graph contains: calloc'd, the caller's. */
uint8_t *treegraph_contained(const struct treegraph *g);

/* The number that stands for all copies of a walked object. */
uint32_t canonical_number(const struct store *s, const struct object *o);

#endif
