/* The bytes of git's index, and the bitmaps of a split one. */
#include <stdlib.h>

#include "objects/indexfile.h"
#include "packmake.h"

static void parse(struct bytes file, unsigned oid_len)
{
	struct index_list list = { 0 };
	struct index_link link = { 0 };
	uint8_t bits[512] = { 0 };
	size_t used = 0;
	indexfile_parse(&list, &link, file, oid_len);
	for (size_t i = 0; i < list.len; i++)
		if (!list.list[i].path)
			differ("an entry without a path");
	if (link.bitmaps.len && (link.bitmaps.ptr < file.ptr || link.bitmaps.ptr + link.bitmaps.len > file.ptr + file.len))
		differ("bitmaps outside");
	struct bytes in = link.bitmaps.len ? link.bitmaps : file;
	if (ewah_parse(bits, sizeof bits, in, &used) == KH_OK && used > in.len)
		differ("a bitmap longer than its bytes");
	index_list_release(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse(bytes_of(data, size), 20);
	parse(bytes_of(data, size), 32);
	return 0;
}
