#include "commands/patterns.h"

#include <stdio.h>
#include <stdlib.h>

#include "patterns/catalog.h"
#include "util/message.h"

static struct catalog *load(const struct options *o)
{
	struct catalog *c = NULL;
	char *err = NULL;
	if (catalog_new(&c, o->patterns_dir, &err) == KH_OK)
		return c;
	message_error("%s", err ? err : "cannot load the patterns");
	free(err);
	return NULL;
}

int patterns_list(const struct options *o)
{
	struct catalog *c = load(o);
	if (!c)
		return 2;
	for (size_t i = 0; i < c->npatterns; i++)
		printf("%-24s %-22s %s\n", c->patterns[i]->id, c->patterns[i]->kind, c->patterns[i]->description);
	catalog_free(c);
	return fflush(stdout) ? 2 : 0;
}
