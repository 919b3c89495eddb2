/* A pack index, with a pack that fits it as far as can be: opened, searched, and all its entries looked at. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "objects/pack.h"
#include "packmake.h"
#include "util/alloc.h"

static void save(const char *dir, const char *name, struct bytes data)
{
	char path[128];
	snprintf(path, sizeof path, "%s/pack/%s", dir, name);
	FILE *f = fopen(path, "wb");
	if (!f || (data.len && fwrite(data.ptr, 1, data.len, f) != data.len) || fclose(f))
		differ("a file cannot be written");
}

static void look(const struct pack *p)
{
	for (uint32_t i = 0; i < p->count && i < 300; i++) {
		struct pack_entry e;
		struct oid oid = oid_from(pack_name(p, i), p->oid_len);
		uint32_t found;
		if (pack_find(p, &oid, &found) && memcmp(pack_name(p, found), oid.id, p->oid_len))
			differ("found another name");
		pack_entry_at(p, pack_offset(p, i), &e);
	}
}

static struct packmake m; /* one folder for all inputs: making it anew each time is slow */

static void remove_folder(void)
{
	packmake_release(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!m.dir[0]) {
		packmake_init(&m);
		atexit(remove_folder);
	}
	unsigned oid_len = size % 4 == 3 ? 32 : 20;
	KH_CLEANUP(buf_release) struct buf pack = { 0 };
	size_t fanout = size > 8 && !memcmp(data, "\377tOc", 4) ? 8 : 0;
	buf_add(&pack, "PACK\0\0\0\2", 8);
	buf_add(&pack, size >= fanout + 1024 ? data + fanout + 1020 : (const uint8_t *)"\0\0\0\0", 4);
	buf_add(&pack, "\x31xxxxxxx\x64yyyyyyyyyyyyyyyyyyyyyyy", 32);
	buf_add(&pack, size >= 2 * oid_len ? data + size - 2 * oid_len : (const uint8_t *)"01234567890123456789012345678901", oid_len);
	save(m.dir, "pack-x.pack", buf_bytes(&pack));
	save(m.dir, "pack-x.idx", bytes_of(data, size));
	char path[128];
	snprintf(path, sizeof path, "%s/pack/pack-x.idx", m.dir);
	struct pack *p;
	if (pack_open(&p, path, oid_len) == KH_OK) {
		look(p);
		pack_free(p);
	}
	return 0;
}
