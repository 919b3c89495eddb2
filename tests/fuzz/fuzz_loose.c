/* The bytes of a loose object's file. Odd inputs are deflated first, so that headers and sizes are reached too. */
#include <stdlib.h>
#include <zlib.h>

#include "objects/loose.h"
#include "packmake.h"

static void decode(struct bytes file)
{
	enum object_type type;
	uint8_t *content = NULL;
	size_t len = 0;
	if (loose_decode(file, 1 << 20, &type, &content, &len) == KH_OK) {
		if (len > 1 << 20 || (len && !content))
			differ("more than the limit, or nothing");
		free(content);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size || !(data[0] & 1)) {
		decode(bytes_of(data, size));
		return 0;
	}
	uLongf len = compressBound((uLong)size);
	uint8_t *packed = malloc(len);
	if (!packed || compress2(packed, &len, data + 1, (uLong)size - 1, 1) != Z_OK)
		differ("no memory");
	decode(bytes_of(packed, len));
	free(packed);
	return 0;
}
