/* bare.h: a secret that nothing speaks for but its own characters: what a run (match/run.h) leads to. */
#ifndef KH_PATTERNS_BARE_H
#define KH_PATTERNS_BARE_H

#include "patterns/wholes.h"

/* Who has more of them in one text has a list of something else: data, tokens, tests of a generator. */
#define BARE_MAX 32

/* The near look: could the run that ends at `end` be a secret, by its characters and what stands near? */
bool bare_look(struct bytes data, size_t end);

/* The secret of the run that ends at `end` of `v`, with its name, becomes an atom, if it is one and no part of a whole. */
void bare_read(struct atoms *a, const struct view *v, size_t end, const struct wholes *w);

#endif
