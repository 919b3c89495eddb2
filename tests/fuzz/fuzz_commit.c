/* The headers of commits and tags: nothing past the bytes is read, and what is given lies within them. */
#include "findings/commitparse.h"
#include "packmake.h"

static void inside(struct bytes outer, struct bytes inner)
{
	if (inner.len && (inner.ptr < outer.ptr || inner.ptr + inner.len > outer.ptr + outer.len))
		differ("a part lies outside");
}

static void look(struct bytes data, unsigned oid_len)
{
	struct commit_header h = { 0 };
	struct oid target;
	size_t parents = 0;
	tag_target(&target, data, oid_len);
	if (!commit_parse(&h, data, oid_len))
		return;
	inside(data, h.author);
	inside(data, h.committer);
	inside(data, h.parents);
	while (commit_next_parent(&h, &target, oid_len))
		if (++parents > data.len)
			differ("more parents than bytes");
	struct ident who = ident_parse(h.author);
	inside(h.author, who.name);
	inside(h.author, who.email);
	ident_parse(h.committer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	look(bytes_of(data, size), 20);
	look(bytes_of(data, size), 32);
	return 0;
}
