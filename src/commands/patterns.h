/* patterns.h: keyhunt patterns, keyhunt patterns test. Each returns the exit status. */
#ifndef KH_COMMANDS_PATTERNS_H
#define KH_COMMANDS_PATTERNS_H

#include "commands/options.h"

int patterns_list(const struct options *o);
int patterns_test(const struct options *o); /* 0: every example behaves; 1: some do not; 2: patterns cannot be read */

#endif
