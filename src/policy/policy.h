/* policy.h: what somebody allowed, from our own file and those of other tools, held against findings.
 *
 *     .keyhunt, --config FILE   [allow] sections      conditions that must all hold
 *     .gitleaksignore           commit:file:rule:line a place that cannot change; file:rule:line one that can
 *     .secrets.baseline         file and SHA-1        a value in a file
 *     .gitallowed               expressions           on "path:line:value" of each half of the credential
 *
 * Where another tool's entry says more or less than we can check, it allows less. Files of a repository are input like any
 * other: sizes, numbers of entries and the work of expressions are bounded. Made by one thread, used by one thread. */
#ifndef KH_POLICY_POLICY_H
#define KH_POLICY_POLICY_H

#include "findings/finding.h"

#define OWN_FILE ".keyhunt"
#define POLICY_FILE_MAX ((size_t)16 << 20) /* bytes of one file */
#define POLICY_ENTRIES_MAX 100000u         /* of all files together */

struct policy;

/* Did the credential stand there when the entry was written? For entries that name only a place. `entry` is the line of
 * `file` that says so, `path` and `line` what it names. */
typedef bool policy_witness(void *payload, const char *file, const char *entry, const char *path, uint32_t line, const struct finding *f);

struct policy *policy_new(int64_t now); /* seconds since the epoch: past it, `expires` counts */
void policy_free(struct policy *p);
void policy_set_witness(struct policy *p, policy_witness *witness, void *payload); /* without one such entries allow nothing */

/* Each adds what `text` says; `file` is its name in messages, safe to print. Of our own file a mistake is KH_USAGE with
 * "FILE:LINE: what; what would be right" in `*err` (caller frees). What another tool's file says and we cannot read is
 * noted and allows nothing. */
enum status policy_add_own(struct policy *p, const char *file, struct bytes text, char **err);
void policy_add_gitleaks(struct policy *p, const char *file, struct bytes text);
void policy_add_detect_secrets(struct policy *p, const char *file, struct bytes text);
void policy_add_git_secrets(struct policy *p, const char *file, struct bytes text);
/* One expression of git-secrets' `secrets.allowed`; it is never told to be unused, for it is not this repository's. */
void policy_add_expression(struct policy *p, const char *file, unsigned line, const char *expression);

/* Where a setting stands, and why. */
struct entry {
	char *file;       /* safe to print */
	unsigned line;    /* 0: of no line */
	char *reason;     /* as written, or NULL */
	bool expired;
	bool silent;      /* never told to be unused */
	bool history;     /* names a commit: only a history can use it */
	uint64_t used;    /* findings it allowed */
};

/* The entry that allows `f`, or NULL. `path`: from the repository's top. Counts its use. */
const struct entry *policy_allows(struct policy *p, const struct finding *f, const char *path);

/* All entries, in the order they were added, and what could not be read ("FILE:LINE: why", safe to print). */
size_t policy_entries(const struct policy *p, const struct entry **out);
size_t policy_notes(const struct policy *p, char *const **out);

#endif
