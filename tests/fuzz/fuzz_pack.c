/* A pack entry's header, at every offset of the input. */
#include "objects/pack.h"
#include "packmake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pack p = { .oid_len = size & 1 ? 20 : 32, .pack = bytes_of(data, size), .end = size };
	if (size < 12u + p.oid_len)
		return 0;
	if (size & 2) /* as a whole pack has it; else as one that is cut short */
		p.end -= p.oid_len;
	for (uint64_t at = 0; at <= size; at++) {
		struct pack_entry e = { 0 };
		if (pack_entry_at(&p, at, &e) != KH_OK)
			continue;
		if (e.data <= at || e.data >= p.end)
			differ("an entry's bytes lie outside");
		if (e.type == OBJ_OFS_DELTA && e.base_offset >= at)
			differ("a base lies behind its delta");
	}
	return 0;
}
