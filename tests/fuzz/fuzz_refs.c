/* Lines of packed-refs and the text of loose refs. */
#include "objects/files.h"
#include "objects/refs.h"
#include "packmake.h"

static void inside(struct bytes outer, struct bytes inner)
{
	if (inner.len && (inner.ptr < outer.ptr || inner.ptr + inner.len > outer.ptr + outer.len))
		differ("a name lies outside");
}

static void parse(struct bytes text, unsigned oid_len)
{
	struct bytes rest = text, line, name, target = { 0 };
	struct oid oid;
	bool ended, damaged;
	while (bytes_line(&rest, &line, &ended)) {
		inside(text, line);
		if (packed_ref_parse(line, oid_len, &oid, &name, &damaged))
			inside(line, name);
	}
	if (loose_ref_parse(text, oid_len, &oid, &target) == KH_OK)
		inside(text, target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse(bytes_of(data, size), 20);
	parse(bytes_of(data, size), 32);
	return 0;
}
