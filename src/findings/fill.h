/* fill.h: what a finding says of its credential, from the ledger. */
#ifndef KH_FINDINGS_FILL_H
#define KH_FINDINGS_FILL_H

#include "findings/ledger.h"

/* Copies all that does not depend on the place. `f` is zeroed before. */
void fill_credential(struct finding *f, const struct ledger_credential *c);

#endif
