/* glob.h: paths by pattern, as in .gitignore. Pure; any thread. */
#ifndef KH_POLICY_GLOB_H
#define KH_POLICY_GLOB_H

#include <stdbool.h>
#include <stdint.h>

/* `*` and `?` stay within one name, `**` crosses folders, [a-z] and [!a-z] are one character, \ takes its meaning from the
 * next. A glob without a slash (but at its end) matches a name at any depth, one with a slash counts from the top; what
 * names a folder stands for all below it. Time is bounded by the product of both lengths; what was
 * spent of it is added to `*work`. */
bool glob_match(const char *glob, const char *path, uint64_t *work);

#endif
