/* named.h: findings that are one only by the name of their file, as a private key called pk-APKA....pem. */
#ifndef KH_FINDINGS_NAMED_H
#define KH_FINDINGS_NAMED_H

#include "findings/attribute.h"

/* Is it one, by its path? The name may tell its key ID. */
bool named_fits(struct finding *f, const struct detector *d);
/* Those that are none go; the others get their fingerprint anew. */
void named_settle(struct findings *list, const struct detector *d);

#endif
