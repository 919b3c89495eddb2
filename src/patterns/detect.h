/* detect.h: hits to credentials. The only door of this room for the scan.
 *
 * literals ──> (matcher) ──> hits ──near look──> those worth deciding ──detect──> credentials
 *
 * Knows AWS; knows neither git nor where bytes come from. A detector is const and shared; a `struct detect` belongs to
 * one worker. Results depend on the bytes alone (never on a path), so they are the same wherever a blob lies; what stands or
 * falls with the name of its file (credential.by_name) is left to who knows it. */
#ifndef KH_PATTERNS_DETECT_H
#define KH_PATTERNS_DETECT_H

#include "match/hit.h"
#include "util/bytes.h"
#include "util/status.h"

enum level { LEVEL_LOW = 1, LEVEL_MEDIUM = 2, LEVEL_HIGH = 3, LEVEL_CRITICAL = 4 };
const char *level_name(enum level l); /* "low" "medium" "high" "critical" */

#define EVIDENCE_MAX 12
#define EVIDENCE_RANDOM "random-looking" /* and nothing else: what `entropy` asks for */

/* One credential at one place. All pointers are valid during the callback only. */
struct credential {
	const char *kind;        /* the vocabulary of docs/kinds.md: "access-key-pair", "secret-access-key", ... */
	const char *pattern;     /* id of the pattern file that found it */
	enum level severity, confidence;
	char key_id[32];         /* the whole access key ID, or "" */
	char account_id[13];     /* 12 digits decoded from it, or "" */
	struct bytes secret;     /* decoded secret, password or token that identifies it; len 0 where there is none */
	struct bytes token;      /* session token of temporary credentials; len 0 where there is none */
	uint32_t stem;           /* of a half that stands alone: what tells its name from those of other keys, as a hash; or 0 */
	bool canary, example;
	const char *advice;      /* no credential, but a use of some: the fix in a line, the pattern's; NULL: a credential */
	bool by_name;            /* only if the file's name fits too: detector_name_fits */
	bool allowed;            /* somebody allowed it on its line or the one above: to be counted, not reported */
	const char *evidence[EVIDENCE_MAX]; /* static names of what spoke for and against, e.g. "account-id", "near-secret" */
	unsigned nevidence;
	uint64_t offset;         /* of the first half in the bytes given (in an archive: of the archive's start, 0) */
	uint64_t other;          /* of the other half, or the same */
	const char *inner_path;  /* member inside an archive, raw bytes, or NULL */
	uint32_t inner_line, inner_column; /* with inner_path: place in the member, 1-based */
};

struct detector;
struct detect;

struct detector_options {
	const char *patterns_dir; /* more patterns, or NULL */
	bool entropy;             /* secrets that nothing but their own characters speaks for, too */
	bool advice;              /* look for what only advises, too */
	uint64_t archive_limit;   /* bytes unpacked per archive at most */
	uint64_t archive_memory;  /* bytes of archives' members in memory at most, twice: a share of each thread, and the same again for one; 0: no limit */
	unsigned threads;         /* that share it */
	int64_t now;              /* seconds since the epoch, for what has expired; 0: the clock's time when the detector is made */
};

/* Built-in patterns and the user's. On failure `*err` (caller frees) names file, line and remedy. */
enum status detector_new(struct detector **out, const struct detector_options *o, char **err);
void detector_free(struct detector *d);
size_t detector_literals(const struct detector *d, const struct literal **out); /* borrowed */

struct detect *detect_new(const struct detector *d);
void detect_free(struct detect *w);

/* Every example of every pattern file against the detector, with a plain search for the literals: how many failed; what
 * was expected and where is said by `say`, a line each. `*total` counts them. */
size_t detector_test(const struct detector *d, void (*say)(void *payload, const char *line), void *payload, size_t *total);
/* What `keyhunt patterns` lists: id and description of pattern `i`; false past the last. */
bool detector_pattern(const struct detector *d, size_t i, const char **id, const char **kind, const char **description);
/* The user's file that pattern `i` comes from; NULL: it is built in. */
const char *detector_pattern_file(const struct detector *d, size_t i);

/* The near look, as match/hit.h defines it. */
bool detect_maybe(struct detect *w, struct bytes data, const struct hit *hit);
/* gzip or zip by its first bytes? */
bool detect_is_archive(struct bytes data);

/* Did any text decided so far hold what the names have that such credentials wait for? If none did, none of them is one. */
bool detect_saw_name(const struct detect *w);
/* Does this text hold it? For names that no text holds. */
bool detector_maybe_name(const struct detector *d, const char *name);
/* Does this name fit the pattern of a credential that is one by the name of its file? Of a path the part behind the last slash counts.
 * The ID in it goes to `key_id`, which is credential.key_id's size. */
bool detector_name_fits(const struct detector *d, const char *pattern, const char *path, char *key_id);

/* Signed requests of all texts decided so far (patterns/signed.h): the caller may take them out. */
struct signed_set *detect_signed(struct detect *w);

/* The texts from now on are parts of a larger one, of which more stands before, or behind, or (neither) whole ones again. */
void detect_part(struct detect *w, bool before, bool behind);

/* Decide the hits (those with `maybe`, in order) of one text; archives are opened, with limits, and their members
 * matched and decided by `rescan` (match members of archives; gives hits with maybe set, malloced). Emits each credential once,
 * in order of offset. Returns KH_TOOBIG or KH_CORRUPT when an archive or an encoded part could not be read to its end:
 * what was found is emitted all the same and `*why` (static) says what. KH_STOPPED: the text is a part, and an archive in it reaches
 * into others. */
typedef size_t detect_rescan(void *payload, struct bytes data, struct hit **hits);
typedef void detect_emit(void *payload, const struct credential *c);
enum status detect_run(struct detect *w, struct bytes data, const struct hit *hits, size_t n,
		       detect_rescan *rescan, void *rescan_payload, detect_emit *emit, void *payload, const char **why);

#endif
