/* window.h: which spans of a delta's result must be matched.
 *
 *   copied ......... | fresh | ......... copied | copied from elsewhere
 *              <reach>       <reach>      <reach>|<reach>
 *              [------ window ------]     [---- window ----]      (overlapping ones are one)
 *
 * With reach = longest literal - 1, a literal that lies whole inside one copied run is in no need of a window, and one
 * that touches a fresh byte or crosses a seam lies whole inside one. What counts for what stands beside it needs more: the ends of
 * the object are seams as well, where the base goes on. */
#ifndef KH_MATCH_WINDOW_H
#define KH_MATCH_WINDOW_H

#include <stdbool.h>

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
/* The same, with windows at ends where the base, of `base_size`, goes on. */
void windows_with_ends(struct windows *out, const struct edit *edits, size_t n, uint64_t size, uint64_t reach, uint64_t base_size);
void windows_whole(struct windows *out, uint64_t size); /* all of an object */
void windows_release(struct windows *w);

#endif
