/* witness.h: an ignore entry that names a line, and no value, was written about what stood on that line then. Git knows
 * what that was: the commit that brought the entry into its file has the tree of that day.
 *
 *     HEAD ── o ── o ── C ── o        the entry is in .gitleaksignore from C on (first parents);
 *                       └── tree ──> path, line: does it hold the very credential?
 *
 * An entry that is not committed yet was written about what stands there now. Where git cannot tell (no repository, or
 * history that is not in this clone) nothing is allowed. One thread. */
#ifndef KH_POLICY_WITNESS_H
#define KH_POLICY_WITNESS_H

#include "policy/policy.h"

struct witness;

/* `root`: a work tree or a bare repository; opened on the first question. */
struct witness *witness_new(const char *root);
void witness_free(struct witness *w);

/* A policy_witness, with a struct witness as its payload. */
bool witness_asked(void *payload, const char *file, const char *entry, const char *path, uint32_t line, const struct finding *f);

#endif
