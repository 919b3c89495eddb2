/* stem.h: what tells the name of one key from the names of others. Any thread. */
#ifndef KH_PATTERNS_STEM_H
#define KH_PATTERNS_STEM_H

#include "patterns/view.h"

/* Hash of a name (in lower case) without the words that any name of a key has and without separators: the same for foo_access_key_id
 * and foo.secret-key. 0: nothing is left, or no such word was in it. */
uint32_t stem_of(const char *name, size_t len);

/* The word right before the value at `from`, as a hash, where it says nothing of keys: what the value is an entry for, in one table of
 * IDs and another of secrets ({ prod: ID } { prod: SECRET }). 0: none. */
uint32_t stem_label(const struct view *v, size_t from);

#endif
