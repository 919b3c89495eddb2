/* indexfile.h: git's index (gitformat-index), versions 2 to 4, whole or split.
 *
 *     "DIRC" version count | entries | extensions: name size bytes | checksum
 *     entry:  40 bytes of stat, mode among them | object name | flags (2 or 4) | path, whole or
 *             (version 4) as "cut N bytes off the last one, append this"
 *
 * A split index keeps most entries in sharedindex.<name>; its "link" extension says which of those are deleted and
 * which are replaced by its own first, nameless ones. */
#ifndef KH_OBJECTS_INDEXFILE_H
#define KH_OBJECTS_INDEXFILE_H

#include "objects/repo.h"
#include "util/bytes.h"

struct index_list {
	struct index_entry *list; /* by path, then stage, as git writes them; a sparse index has folders too (mode 040000) */
	size_t len, cap;
};

/* The index at `path`; what it shares is looked for in `git_dir`. KH_MISSING when there is none. Otherwise what could be
 * read is in `out` even when the status (KH_CORRUPT, KH_TOOBIG, KH_UNSUPPORTED, KH_IO) says that something could not. */
enum status indexfile_read(struct index_list *out, const char *path, const char *git_dir, unsigned oid_len);
void index_list_release(struct index_list *l);

/* A split index's link to its base. */
struct index_link {
	struct oid base;
	bool present;        /* there is a link, and its base's name is not all zeros */
	struct bytes bitmaps; /* two of them, EWAH, over the base's entries: deleted, then replaced. Inside the parsed bytes */
};

/* The bytes of one file: its entries as they stand, in their order. A wrong checksum is KH_CORRUPT; they are there all the same. */
enum status indexfile_parse(struct index_list *out, struct index_link *link, struct bytes file, unsigned oid_len);

/* Set bits[i] to 1 for each bit that the EWAH bitmap at the start of `in` has, all below `nbits`; *used: its length. */
enum status ewah_parse(uint8_t *bits, size_t nbits, struct bytes in, size_t *used);

#endif
