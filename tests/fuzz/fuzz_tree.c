/* A tree, read alone and through the edits of a delta: the same entries. Input: base length (2), base, delta. */
#include <stdlib.h>

#include "findings/treeparse.h"
#include "objects/delta.h"
#include "packmake.h"
#include "util/alloc.h"

struct seen {
	struct tree_entry *list;
	size_t len, cap;
	const struct seen *base;
};

static void put(struct seen *s, uint32_t index, const struct tree_entry *e)
{
	if (index != s->len)
		differ("entries come out of order");
	ALLOC_GROW(s->list, s->len + 1, s->cap);
	s->list[s->len++] = *e;
}

static void on_fresh(void *payload, uint32_t index, const struct tree_entry *e)
{
	put(payload, index, e);
}

static void on_copied(void *payload, uint32_t index, uint32_t from, uint32_t n)
{
	struct seen *s = payload;
	for (uint32_t i = 0; i < n; i++) {
		if (!s->base || from + i >= s->base->len)
			differ("copied from nowhere");
		put(s, index + i, &s->base->list[from + i]);
	}
}

static enum status parse(struct seen *s, struct tree_reader *r, const struct object *o, const struct entry_starts *base)
{
	r->fresh = on_fresh;
	r->copied = on_copied;
	r->payload = s;
	return tree_parse(r, o, 20, base);
}

static void compare(const struct seen *a, const struct seen *b)
{
	if (a->len != b->len)
		differ("a different number of entries");
	for (size_t i = 0; i < a->len; i++) {
		const struct tree_entry *x = &a->list[i], *y = &b->list[i];
		if (x->kind != y->kind || x->name.len != y->name.len || memcmp(x->name.ptr, y->name.ptr, x->name.len) || memcmp(x->oid, y->oid, 20))
			differ("entries differ");
	}
}

static void both_ways(struct bytes base, struct bytes child, const struct edits *edits)
{
	struct seen first = { 0 }, whole = { 0 }, fast = { 0 };
	struct tree_reader r1 = { 0 }, r2 = { 0 }, r3 = { 0 };
	struct object o = { .type = OBJ_TREE, .data = base };
	enum status st = parse(&first, &r1, &o, NULL);
	o.data = child;
	enum status alone = parse(&whole, &r2, &o, NULL);
	if (st == KH_OK) {
		struct entry_starts starts = { r1.start, r1.n };
		o.edits = edits->list;
		o.nedits = edits->len;
		o.base = base;
		fast.base = &first;
		if (parse(&fast, &r3, &o, &starts) != alone)
			differ("one way it is damaged, the other not");
		compare(&whole, &fast);
	}
	free(first.list);
	free(whole.list);
	free(fast.list);
	tree_reader_release(&r1);
	tree_reader_release(&r2);
	tree_reader_release(&r3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = { data, data + size };
	uint64_t base_size, result;
	size_t used;
	size_t want = take16(&r);
	struct bytes base = take(&r, want), delta = take(&r, SIZE_MAX);
	struct edits edits = { 0 };
	if (delta_sizes(delta, &base_size, &result, &used) != KH_OK || result > 1 << 16)
		return 0;
	uint8_t *out = malloc((size_t)result + !result);
	if (delta_apply(out, result, &edits, base, delta) == KH_OK)
		both_ways(base, bytes_of(out, (size_t)result), &edits);
	free(out);
	edits_release(&edits);
	return 0;
}
