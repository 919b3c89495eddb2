/* hide.h: a secret that stands in a name (of a branch, a file, an author) must not come out with that name. */
#ifndef KH_FINDINGS_HIDE_H
#define KH_FINDINGS_HIDE_H

#include "findings/finding.h"

/* In every path, inner path, author and ref of the findings, put "****" for each secret that was found in a name. Fingerprints stay. */
void hide_secrets(struct finding *list, size_t n);

/* In `*text` (malloced, may be replaced) put "****" for each occurrence of the secret, which is not empty. Was there one? */
bool hide_secret(char **text, const char *secret);

#endif
