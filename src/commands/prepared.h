/* prepared.h: what the build has made ready: the built-in patterns' literals, compiled. */
#ifndef KH_COMMANDS_PREPARED_H
#define KH_COMMANDS_PREPARED_H

#include "util/bytes.h"

/* For matcher_new. Constant; any thread. */
struct bytes prepared_matcher(void);

#endif
