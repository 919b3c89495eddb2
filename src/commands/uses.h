/* uses.h: what `keyhunt explain` knows by heart. Static; any thread. */
#ifndef KH_COMMANDS_USES_H
#define KH_COMMANDS_USES_H

#include <stdbool.h>

/* The four letters that AWS's unique identifiers begin with (IAM user guide, "IAM identifiers"). */
struct prefix {
	const char *letters;
	const char *kind;   /* of a key; else NULL */
	bool key;           /* an access key ID */
	const char *what;   /* what it is when it is none */
};

const struct prefix *uses_prefix(const char *text); /* NULL: none of them */
const char *uses_of(const char *kind);              /* what a credential of this kind can be used for */

#endif
