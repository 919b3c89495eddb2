/* projection.h: trees reduced to what is sighted, equal ones being one.
 *
 *     tree A  lib/ main.c* t/  \
 *     tree B  lib/ main.c* t/   >  node 5 = { main.c*, t -> node 2 }   though A and B differ in lib/ or in t/x.c
 *
 * A node is a list of graph entries: subtrees are node numbers, blobs and links are objects. Commits in a row mostly
 * have the same root node, so a history of 200,000 commits comes down to some thousand nodes. A long list is split
 * into parts (subtrees named NAME_NONE, at the same path) where the names' hashes say so, so that a change in one of
 * 5,000 sighted entries makes a part and a short list of parts, not a list of 5,000. One thread. */
#ifndef KH_FINDINGS_PROJECTION_H
#define KH_FINDINGS_PROJECTION_H

#include "findings/treegraph.h"

#define NODE_EMPTY 0u

struct node {
	size_t at;    /* in entries */
	uint32_t len, hash, edge;
};

struct projection {
	const struct treegraph *graph;
	struct graph_entry *entries;
	size_t nentries, entries_cap;
	struct node *nodes;
	size_t nnodes, nodes_cap;
	uint32_t *table;
	size_t table_size;
	uint64_t key; /* of the table's hash */
	struct entry_buf buf; /* lists of the trees being projected, outermost first */
	struct projection_frame *frames;
	size_t depth, frames_cap;
};

void projection_init(struct projection *p, const struct treegraph *g);
void projection_release(struct projection *p);
/* The node of a tree; NODE_EMPTY when nothing in it is sighted or it is no tree that could be read. Any depth. */
uint32_t projection_node(struct projection *p, uint32_t tree);

#endif
