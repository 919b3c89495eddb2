/* Bytes read through their encodings, at every place: views stay inside, and their maps lead back into the source. */
#include "packmake.h"
#include "patterns/view.h"

static void check(const struct view *v, struct bytes data)
{
	for (size_t i = 0; i <= v->len; i++)
		if (view_source(v, i) > data.len || (i && view_source(v, i) < view_source(v, i - 1)))
			differ("a map leads outside or back");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct view_space space;
	struct bytes all = bytes_of(data, size);
	for (size_t i = 0; i < size; i++) {
		struct unit u = unit_at(data + i, size - i);
		if (!u.len || u.len > size - i || joint_at(data + i, size - i) > size - i || wrap_at(data + i, size - i) > size - i)
			differ("longer than what is left");
		boundary_before(data, i);
		size_t from = i, to = i;
		struct view v = view_base64(&space, all, i, i & 3, 64, 256, &from, &to);
		if (from > to || to > size)
			differ("bounds outside");
		check(&v, all);
		v = view_utf16(&space, all, i, size - i < 300 ? size : i + 300, i & 1);
		check(&v, all);
	}
	return 0;
}
