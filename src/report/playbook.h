/* playbook.h: what to do about one credential, in order, with its values filled in. */
#ifndef KH_REPORT_PLAYBOOK_H
#define KH_REPORT_PLAYBOOK_H

#include "findings/finding.h"
#include "util/buf.h"

/* The first steps as shell lines that can be pasted (revoke, look, rotate), at most a handful, for the text report.
 * Appended to `out`, each line with `indent` before it. Nothing from a repository reaches them unquoted, never a secret. */
void playbook_first_steps(struct buf *out, const struct finding *f, const char *indent);

#endif
