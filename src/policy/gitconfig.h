/* gitconfig.h: git's configuration syntax, read from bytes. Ours and not libgit2's, because every mistake is met with its
 * line, and because a file that a repository brings along must not lead anywhere: `include` is an entry like any other. */
#ifndef KH_POLICY_GITCONFIG_H
#define KH_POLICY_GITCONFIG_H

#include <stdbool.h>

#include "util/bytes.h"
#include "util/status.h"

/* Valid during the callback only. `section` and `key` are in lower case, `subsection` as written or NULL; a key without
 * "=" has the value "true", as git takes it. */
struct setting {
	const char *section, *subsection, *key, *value;
	unsigned line;   /* of the key, from 1 */
	unsigned header; /* how many section headers came before it: tells two sections of one name apart */
};

/* False: stop, the visitor has said why. */
typedef bool gitconfig_visit(void *payload, const struct setting *s);

/* Pure; any thread. KH_CORRUPT: `*line` and `*why` (static) say what git would refuse too. KH_STOPPED: the visitor did. */
enum status gitconfig_parse(struct bytes text, gitconfig_visit *visit, void *payload, unsigned *line, const char **why);

#endif
