/* session.h: the engine put together for one run: patterns, matcher, scan and a part of the ledger for each worker.
 *
 *     bytes ──scan──> hits ──decide──> detect ──emit──> ledger      (one row per worker, joined at the end)
 *
 * Made by one thread; worker n's calls come from one thread at a time. */
#ifndef KH_COMMANDS_SESSION_H
#define KH_COMMANDS_SESSION_H

#include "commands/options.h"
#include "findings/attribute.h"
#include "findings/ledger.h"
#include "match/scan.h"
#include "util/buf.h"

struct session;

/* The patterns for all sessions of a run; findings point into it, so it outlives them. NULL when the user's patterns are wrong; words
 * are said here. detector_free frees it. */
struct detector *session_detector(const struct options *o);
/* `store`: whose numbers objects have; NULL when there are none. It and the detector outlive the session. Words are said here. */
enum status session_open(struct session **out, const struct options *o, const struct detector *d, const struct store *store);
void session_close(struct session *s);

struct scan *session_scan(struct session *s); /* for scan_visitor */

/* A text that no object holds (a ref's name, a configuration file, a file): match and decide it whole. Its sightings carry `source` and `name`. */
void session_text(struct session *s, unsigned worker, struct bytes data, enum source source, const char *name);

/* The same for a text that has a number of the caller's, or comes in parts, as struct object describes them. `name` may be NULL. */
void session_part(struct session *s, unsigned worker, struct object *part, enum source source, const char *name);

/* What the numbers of such texts stand for in messages; borrowed. Before workers run. */
void session_names(struct session *s, char *const *names);

/* Append a path (or a message that holds one) as it may be shown: safe for a terminal, and with "****" for the secrets that its parts
 * between slashes hold; for a whole part when a secret stands there in some encoding. */
void session_name(struct session *s, unsigned worker, struct buf *out, const char *path);

/* A path that no text of its own tells: an entry of an index. For credentials that are one by the name of their file
 * (findings/named.h); where no name may fit, session_finish drops them. Before session_finish. */
void session_saw_path(struct session *s, const char *path);

struct skips *session_skips(struct session *s, unsigned worker);

/* Join the workers' parts: the finished ledger (the session's), what was skipped (added), how many credentials somebody allowed. */
struct ledger *session_finish(struct session *s, struct skips *skips, uint64_t *allowed);
/* What marks in the text allowed, after session_finish. */
const struct ledger *session_allowed(const struct session *s);

#endif
