/* hit.h: a literal, or a run of base64 digits, at a place. */
#ifndef KH_MATCH_HIT_H
#define KH_MATCH_HIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct literal {
	const char *ptr;  /* any bytes, not NUL-terminated; borrowed from the catalog. NULL: a run (run.h), the last in the list */
	uint32_t len;     /* 4 to 32 */
	bool caseless;    /* ASCII letters match in both cases */
};

/* How many of them are literals: a run, which is the last if there is one, is not the matcher's. */
static inline size_t literals_without_run(const struct literal *l, size_t n)
{
	return n && !l[n - 1].ptr ? n - 1 : n;
}

struct hit {
	uint32_t end;     /* offset just past it in the object's bytes */
	uint16_t literal; /* index into the literals the matcher was made of */
	uint16_t maybe;   /* the pattern's near look said: worth deciding */
};

/* How far the near look (`maybe`) may look either side of a hit's end. Its answer must depend on these bytes and on
 * where the object begins and ends within them, nothing else: it is inherited when they were copied whole. */
#define HIT_REACH 512

#endif
