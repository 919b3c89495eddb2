/* A pattern file (YAML): parsed, or refused with words. */
#include <stdlib.h>

#include "packmake.h"
#include "patterns/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pattern *p = NULL;
	char *err = NULL;
	if (pattern_parse(&p, "fuzz.yaml", bytes_of(data, size), &err) == KH_OK) {
		if (!p || !p->id || !p->kind)
			differ("a pattern without id or kind");
		pattern_free(p);
	} else if (!err || !*err) {
		differ("refused without words");
	}
	free(err);
	return 0;
}
