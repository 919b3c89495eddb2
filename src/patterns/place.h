/* place.h: places that hold a value, whatever it is called. Any thread. */
#ifndef KH_PATTERNS_PLACE_H
#define KH_PATTERNS_PLACE_H

#include "patterns/view.h"

/* Does [from, to) stand where a text keeps a value: as the user of a URL, as all that a line assigns, as all there is? */
bool place_keeps(const struct view *v, size_t from, size_t to);

#endif
