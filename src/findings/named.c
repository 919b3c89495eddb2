/* named.c: an object has its names from trees, archives and the index, so it is not known before findings have their paths
 * whether bytes that need a name are a credential. Only where some name may fit do such findings get that far. */
#include "findings/named.h"

bool named_fits(struct finding *f, const struct detector *d)
{
	const char *name = f->inner_path ? f->inner_path : f->path;
	return !f->by_name || (name && detector_name_fits(d, f->pattern, name, f->key_id));
}

void named_settle(struct findings *list, const struct detector *d)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->len; i++) {
		struct finding *f = &list->list[i];
		if (!named_fits(f, d)) {
			finding_release(f);
			continue;
		}
		if (f->by_name)
			finding_fingerprint(f);
		list->list[kept++] = *f;
	}
	list->len = kept;
}
