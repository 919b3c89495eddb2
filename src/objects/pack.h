/* pack.h: one mapped .pack with its .idx (gitformat-pack: pack version 2 and 3, index version 1 and 2). Const after
 * pack_open; any thread. Offsets are bytes from the start of the .pack; positions count entries in name order.
 *
 * Pack and index are two witnesses. Where they disagree (the pack is cut short, its header or trailer is not what the
 * index was made for, the index's fan-out table makes no sense) `damage` says so and what can be read is read: each
 * entry's own header, size and zlib checksum decide. */
#ifndef KH_OBJECTS_PACK_H
#define KH_OBJECTS_PACK_H

#include <stdbool.h>

#include "objects/oid.h"
#include "util/bytes.h"
#include "util/status.h"

struct pack {
	char *path;        /* of the .pack */
	unsigned oid_len;
	uint32_t count;    /* entries */
	int idx_version;
	bool promisor;
	struct bytes pack, idx; /* mapped */
	uint64_t end;           /* of the entries: where the trailing hash begins, or the pack's length when it has none */
	const uint8_t *names;   /* inside idx */
	uint32_t *fanout;       /* counted anew when the index's own cannot be used; else NULL */
	const char *damage;     /* static words, or NULL */
};

/* Where an entry's parts are. */
struct pack_entry {
	enum object_type type; /* as stored: may be a delta */
	uint64_t size;         /* inflated: of the object, or of the delta's instructions */
	uint64_t data;         /* offset of the deflated bytes */
	uint64_t base_offset;  /* OBJ_OFS_DELTA */
	struct oid base;       /* OBJ_REF_DELTA */
};

/* Map both and check what bounds depend on. KH_CORRUPT when nothing in it could be trusted to lie inside the file, KH_MISSING when
 * one of the two files is not there. */
enum status pack_open(struct pack **out, const char *idx_path, unsigned oid_len);
void pack_free(struct pack *p);
bool pack_has_index(const struct pack *p, const char *idx_path); /* is the file of that name still its index? By length and trailing hashes */
static inline const uint8_t *pack_name(const struct pack *p, uint32_t pos)
{
	return p->names + (size_t)pos * (p->oid_len + (p->idx_version == 1 ? 4u : 0u));
}
uint64_t pack_offset(const struct pack *p, uint32_t pos); /* 0 (never an entry's offset) when the index is damaged there */
bool pack_find(const struct pack *p, const struct oid *oid, uint32_t *pos);
/* Is it there? For names asked for in order: the search begins at `*from`, 0 at first, and moves it on. May say no of one that is out of order. */
bool pack_find_next(const struct pack *p, const struct oid *oid, uint32_t *from);

/* Parse the entry's header at `offset`; nothing past the mapped bytes is read. KH_CORRUPT otherwise. */
enum status pack_entry_at(const struct pack *p, uint64_t offset, struct pack_entry *out);

#endif
