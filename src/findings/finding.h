/* finding.h: a credential with a place: the record every report writes. */
#ifndef KH_FINDINGS_FINDING_H
#define KH_FINDINGS_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "objects/store.h"
#include "patterns/detect.h"

enum source {
	SOURCE_BLOB, SOURCE_FILE, SOURCE_INDEX, SOURCE_STDIN, SOURCE_COMMIT_MESSAGE, SOURCE_TAG_MESSAGE, SOURCE_NOTE,
	SOURCE_PATH, SOURCE_SYMLINK, SOURCE_ARCHIVE, SOURCE_IDENTITY, SOURCE_REF, SOURCE_CONFIG
};
const char *source_name(enum source s); /* as docs/output.md spells it: "blob", "commit-message", ... */

enum tristate { TRI_NULL = -1, TRI_FALSE = 0, TRI_TRUE = 1 };

/* Where a finding's key ID is from: its text, a signature somewhere, another text beside it. */
enum id_from { ID_OWN, ID_PROVEN, ID_BESIDE };

/* The place of the other half of a credential that stands in two texts; `path` NULL: there is none. */
struct other_half {
	char *path, *inner_path;
	uint32_t line, column;
	enum source source;
	char commit[OID_HEX_MAX + 1]; /* that brought it there; "" = null */
	bool token;                   /* it is a session token */
};

/* Strings are malloced and the finding's, NULL where the contract says null; paths and names are raw bytes without
 * NUL, NUL-terminated. `kind`, `pattern` and evidence are static or live as long as the detector. */
struct finding {
	const char *kind, *pattern;
	const char *advice;      /* no credential but advice: the fix in a line, the pattern's. NULL: a credential */
	enum level severity, confidence;
	char key_id[32], account_id[13];
	bool canary, example;
	bool by_name;            /* as in struct credential: findings/named.h */
	enum id_from id_from;    /* only its own is part of the fingerprint */
	uint32_t stem;           /* of a half that stands alone: what tells its name from others, as a hash; or 0 */
	struct other_half other;
	const char *evidence[EVIDENCE_MAX];
	unsigned nevidence;
	char *secret;            /* decoded; only written with --show-secrets; wiped by finding_release */
	char *token;
	char secret_sha256[65];  /* "" where it has none */
	char *repository;        /* as the user named it, when several were scanned; else NULL */
	char *path;
	uint32_t line, column;   /* 1-based; column in bytes */
	enum source source;
	char *inner_path;
	char commit[OID_HEX_MAX + 1], blob[OID_HEX_MAX + 1]; /* "" = null */
	char *author_name, *author_email;
	int64_t committed_at;    /* seconds since the epoch; valid when commit is set */
	int committed_tz;        /* minutes east of UTC */
	enum tristate reachable, at_head, pushed;
	char **refs;             /* up to 10, sorted */
	size_t nrefs;
	uint64_t refs_total;
	int64_t first_seen, last_seen; /* committer dates; valid when has_dates */
	int first_tz, last_tz;
	bool has_dates;
	uint64_t occurrences;    /* distinct blobs */
	char fingerprint[65];
};

void finding_release(struct finding *f);
void finding_fingerprint(struct finding *f); /* sets it from key ID, secret's hash, group of sources, path and inner path */
int finding_cmp(const void *a, const void *b); /* by path, line, column, then all that identifies it: a total order */
void sha256_hex(char *out, const void *ptr, size_t len); /* 64 digits and a NUL */

struct summary {
	bool complete;
	uint64_t findings, credentials, advice, blobs, bytes, objects, commits;
	uint64_t allowed;        /* not reported because somebody allowed them */
	double elapsed_seconds;
	bool shallow;
	uint64_t missing_objects;
	struct skips skips;
	struct skips unused;     /* allow entries (`path` says where) that nothing needed */
	uint64_t matched_bytes;  /* --stats */
	uint64_t repositories;
	bool interrupted;
};

#endif
