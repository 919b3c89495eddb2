/* pack.h: one mapped .pack with its .idx (gitformat-pack: pack version 2 and 3, index version 1 and 2). Const after
 * pack_open; any thread. Offsets are bytes from the start of the .pack; positions count entries in name order. */
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
	const uint8_t *names;   /* inside idx */
};

/* Where an entry's parts are. */
struct pack_entry {
	enum object_type type; /* as stored: may be a delta */
	uint64_t size;         /* inflated: of the object, or of the delta's instructions */
	uint64_t data;         /* offset of the deflated bytes */
	uint64_t base_offset;  /* OBJ_OFS_DELTA */
	struct oid base;       /* OBJ_REF_DELTA */
};

enum status pack_open(struct pack **out, const char *idx_path, unsigned oid_len); /* checks sizes, counts, fanout, trailers' places */
void pack_free(struct pack *p);
static inline const uint8_t *pack_name(const struct pack *p, uint32_t pos)
{
	return p->names + (size_t)pos * (p->oid_len + (p->idx_version == 1 ? 4u : 0u));
}
uint64_t pack_offset(const struct pack *p, uint32_t pos); /* 0 (never an entry's offset) when the index is damaged there */
bool pack_find(const struct pack *p, const struct oid *oid, uint32_t *pos);

/* Parse the entry's header at `offset`; nothing past the mapped bytes is read. KH_CORRUPT otherwise. */
enum status pack_entry_at(const struct pack *p, uint64_t offset, struct pack_entry *out);

#endif
