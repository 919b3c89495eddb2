/* settings.h: what a repository's own configuration says about its format and its remotes. Read from its files only:
 * neither the system's nor the user's, and `include` is not followed (git does not either for the format; and a
 * repository must not make us open files elsewhere). */
#ifndef KH_OBJECTS_SETTINGS_H
#define KH_OBJECTS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"
#include "util/status.h"

struct settings {
	unsigned oid_len;   /* 20, or 32 with extensions.objectFormat=sha256 */
	int bare;           /* core.bare: 1, 0, or -1 when unset */
	char *work_tree;    /* core.worktree as written, or NULL */
	bool partial;       /* extensions.partialClone, or a remote that is a promisor */
	bool has_remote;
	char **fetch_dst;   /* right-hand sides of fetch refspecs: "refs/remotes/origin/main", with * as glob */
	size_t nfetch_dst;
	bool reftable;      /* extensions.refStorage says that references are not in files */
	char **unknown;     /* extensions that we do not know, as "extensions.name": they may have changed anything */
	size_t nunknown;
};

/* `linked`: core.bare and core.worktree count from git_dir/config.worktree only. KH_UNSUPPORTED for a format that would
 * make results wrong, KH_CORRUPT for a file that does not parse; words go to `err`. A missing file is no error. */
enum status settings_read(struct settings *out, const char *common_dir, const char *git_dir, bool linked, struct buf *err);
void settings_release(struct settings *s);

/* Is `name` where some fetch would write? */
bool settings_is_fetched(const struct settings *s, const char *name);

#endif
