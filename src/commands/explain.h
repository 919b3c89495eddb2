/* explain.h: keyhunt explain CREDENTIAL: what it is and what it opens, offline. Returns the exit status. */
#ifndef KH_COMMANDS_EXPLAIN_H
#define KH_COMMANDS_EXPLAIN_H

#include "commands/options.h"

int explain(const struct options *o); /* 0: a credential's form; 1: none that keyhunt knows; 2: cannot be read */

#endif
