/* repo.h: finds and opens a repository: its folders, object format, settings, references and worktrees. Reads files
 * only; runs nothing that a repository configures, and does not care who owns it (reading is all we do).
 * One thread opens; afterwards everything is const. */
#ifndef KH_OBJECTS_REPO_H
#define KH_OBJECTS_REPO_H

#include <stdbool.h>
#include <stddef.h>

#include "objects/oid.h"
#include "util/status.h"

/* A reference, or a place that names an object without being one (HEAD, a reflog line, an index entry). */
struct ref {
	char *name;      /* "refs/heads/main", "HEAD", "worktrees/x/HEAD"; raw bytes as git has them */
	struct oid oid;  /* what it points to (peeled through symbolic refs, not through tags) */
	bool remote;     /* under refs/remotes/, or the destination of a configured fetch refspec */
};

/* HEAD of some worktree? Other pseudo refs (ORIG_HEAD, FETCH_HEAD...) keep nothing alive, in git neither. */
bool ref_is_head(const struct ref *r);

struct index_entry {
	char *path;
	struct oid oid;
	unsigned mode, stage;
};

struct repo {
	char *git_dir;     /* this worktree's .git folder */
	char *common_dir;  /* where refs, objects and config of all worktrees are */
	char *work_tree;   /* or NULL when bare */
	char *objects_dir; /* GIT_OBJECT_DIRECTORY or common_dir/objects */
	char **object_dirs; /* objects_dir first, then all alternates (transitive, GIT_ALTERNATE_OBJECT_DIRECTORIES) */
	size_t nobject_dirs;
	unsigned oid_len;  /* 20 or 32 (extensions.objectFormat) */
	bool bare, partial, shallow, has_remote; /* partial: extensions.partialClone, a promisor remote or a .promisor pack */
	struct oid *shallow_commits; /* sorted; their parents do not count as missing */
	size_t nshallow;
	struct ref *refs;  /* loose and packed refs of every worktree, no duplicates, sorted by name */
	size_t nrefs;
	struct ref *heads; /* HEAD and the other pseudo refs (ORIG_HEAD, FETCH_HEAD, MERGE_HEAD...) of every worktree */
	size_t nheads;
	struct oid *reflog; /* every object any reflog names, stash entries included; no duplicates */
	size_t nreflog;
	struct oid *stash; /* every entry of the stash; refs has the last one only */
	size_t nstash;
	struct index_entry *index; /* all stages of every worktree's index (GIT_INDEX_FILE for this one) */
	size_t nindex;
	struct oid head;   /* of this worktree; zero when unborn */
	bool has_head;
	bool refs_unread;  /* references are kept in a way that we cannot read (reftable): what they lead to is not known */
	char **warnings;   /* things found damaged or unknown while opening, one line each, safe to print */
	size_t nwarnings;  /* each makes the scan incomplete: they are recorded as skips */
};

/* `path`: a work tree, a folder inside it, a .git folder or file, or a bare repository; NULL: the current folder.
 * With `from_env`, GIT_DIR, GIT_WORK_TREE, GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES, GIT_INDEX_FILE,
 * GIT_COMMON_DIR, GIT_CEILING_DIRECTORIES and GIT_NAMESPACE count as they do for git; GIT_DIR wins over `path` only
 * when `path` is NULL.
 * On failure `*err` (caller frees) says what and why in one line. KH_MISSING: no repository there. KH_UNSUPPORTED:
 * a format of objects or of the repository that we do not know. The result is freed by repo_free. */
enum status repo_open(struct repo **out, const char *path, bool from_env, char **err);
void repo_free(struct repo *r);

/* The folder that all worktrees of the repository at or above `path` share: absolute, free of links, so that it tells one repository
 * from another. NULL when there is none. Caller frees. */
char *repo_find_common_dir(const char *path);

/* Is there a repository at or above `path`? For the scan of files: its work tree's top or NULL (caller frees). */
char *repo_find_work_tree(const char *path);

/* The repository's own configuration file(s), for scanning as text: common_dir/config, config.worktree of each
 * worktree, each as an absolute path. Caller frees the strings and the array. */
size_t repo_config_files(const struct repo *r, char ***out);

#endif
