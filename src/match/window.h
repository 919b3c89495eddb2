/* window.h: which spans of a delta's result must be matched.
 *
 *   copied ......... | fresh | ......... copied | copied from elsewhere
 *              <reach>       <reach>      <reach>|<reach>
 *              [------ window ------]     [---- window ----]      (overlapping ones are one)
 *
 * With reach = longest literal - 1, a literal that lies whole inside one copied run is in no need of a window, and one
 * that touches a fresh byte or crosses a seam lies whole inside one. */
#ifndef KH_MATCH_WINDOW_H
#define KH_MATCH_WINDOW_H

#include "objects/walk.h"

struct window {
	uint64_t at, len;
};

struct windows {
	struct window *list;
	size_t len, cap;
	uint64_t total; /* bytes */
};

void windows_of(struct windows *out, const struct edit *edits, size_t n, uint64_t size, uint64_t reach);
void windows_release(struct windows *w);

#endif
