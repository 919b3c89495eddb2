/* configure.h: what files say about how to scan. From the weakest on; what was typed, or is in the environment, wins:
 *
 *     .keyhunt at the top of the repository    what a repository may say about itself, no more
 *     git's configuration, keyhunt.*           the system's, the user's, the repository's own, git -c
 *     --config FILE                            instead of both
 *
 * The repository is that of the first path; without one, the first path's folder stands for its top. One thread. */
#ifndef KH_COMMANDS_CONFIGURE_H
#define KH_COMMANDS_CONFIGURE_H

#include "commands/options.h"

/* Fills `o` in. KH_USAGE: `*err` (caller frees) says file, line and remedy. */
enum status configure(struct options *o, char **err);

#endif
