/* hunt.h: the commands that look for credentials. Each returns the exit status. */
#ifndef KH_COMMANDS_HUNT_H
#define KH_COMMANDS_HUNT_H

#include <stdatomic.h>

#include "commands/options.h"

int hunt_history(const struct options *o, const atomic_int *stop);
int hunt_files(const struct options *o, const atomic_int *stop);

#endif
