/* A pack entry's header, at every offset of the input. */
#include "objects/pack.h"
#include "packmake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pack p = { .oid_len = size & 1 ? 20 : 32, .pack = bytes_of(data, size) };
	if (size < 12u + p.oid_len)
		return 0;
	for (uint64_t at = 0; at <= size; at++) {
		struct pack_entry e = { 0 };
		if (pack_entry_at(&p, at, &e) != KH_OK)
			continue;
		if (e.data <= at || e.data >= size - p.oid_len)
			differ("an entry's bytes lie outside");
		if (e.type == OBJ_OFS_DELTA && e.base_offset >= at)
			differ("a base lies behind its delta");
	}
	return 0;
}
