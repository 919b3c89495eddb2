/* section.h: which of the text before a name belongs to the name's own section. Any thread. */
#ifndef KH_PATTERNS_SECTION_H
#define KH_PATTERNS_SECTION_H

#include <stddef.h>

/* Blanks in text[0, len) what belongs to other sections than what stands at `len`. */
void section_mask(char *text, size_t len);

#endif
