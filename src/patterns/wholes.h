/* wholes.h: the whole credentials of one text, each once; and what of the halves lies inside them. One worker. */
#ifndef KH_PATTERNS_WHOLES_H
#define KH_PATTERNS_WHOLES_H

#include "patterns/atoms.h"
#include "patterns/confirm.h"

struct wholes {
	struct whole *list;
	size_t len, cap;
	struct buf text; /* their bytes; the credentials' pointers are set by wholes_settle */
};

void wholes_clear(struct wholes *w);
void wholes_release(struct wholes *w); /* wipes */

/* Copies it. */
void wholes_add(struct wholes *w, const struct whole *one);
/* After the last one: drops what lies inside another, what is said twice, and lower ranks beside higher ones. */
void wholes_settle(struct wholes *w);

/* Atoms inside a whole credential are part of it: they go. */
bool wholes_hold(const struct wholes *w, const struct atom *t);
void wholes_swallow(const struct wholes *w, struct atoms *a);
/* Is this ID named by one of them? */
bool wholes_name(const struct wholes *w, const char *key_id);

#endif
