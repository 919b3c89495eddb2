/* treeparse.h: the entries of a tree object, parsed only where its delta base does not already say what they are.
 *
 *     base    100644 a\0<oid>100644 b\0<oid>40000 c\0<oid>
 *             |----- copied ------------|---fresh---|--copied--|
 *     tree    100644 a\0<oid>100644 b\0<OID>40000 c\0<oid>          one entry parsed: b
 *
 * A tree of 5,000 entries that changes in one costs one entry. Knowing where the base's entries begin is what makes
 * this right: only at such a place inside a copied run are whole entries taken over unread. */
#ifndef KH_FINDINGS_TREEPARSE_H
#define KH_FINDINGS_TREEPARSE_H

#include "objects/walk.h"

enum entry_kind { ENTRY_TREE, ENTRY_BLOB, ENTRY_LINK, ENTRY_GITLINK };

struct tree_entry {
	enum entry_kind kind;
	struct bytes name;
	const uint8_t *oid; /* oid_len raw bytes */
};

/* Where entries begin; start[n] is where the last one ends. */
struct entry_starts {
	const uint32_t *start;
	uint32_t n;
};

struct tree_reader {
	void (*fresh)(void *payload, uint32_t index, const struct tree_entry *e);
	/* entries [index, index+n) are the base's [from, from+n); may be NULL */
	void (*copied)(void *payload, uint32_t index, uint32_t from, uint32_t n);
	void *payload;
	/* scratch, kept from tree to tree: the last tree's entries, and an entry put together from several runs */
	uint32_t *start;
	uint32_t n;
	uint8_t *joined;
	size_t cap, joined_cap;
};

/* `base`: the starts of o's delta base, or NULL to parse everything. The content need not be there (lazy visitors):
 * the edits say it all; then nothing is built on this tree and reader->start is not filled in. What was told before
 * KH_CORRUPT stands, and reader->start describes that part. */
enum status tree_parse(struct tree_reader *r, const struct object *o, unsigned oid_len, const struct entry_starts *base);
void tree_reader_release(struct tree_reader *r);

#endif
