/* archive.h: members of gzip and zip files, with limits on everything. Knows libarchive, nothing else does. */
#ifndef KH_PATTERNS_ARCHIVE_H
#define KH_PATTERNS_ARCHIVE_H

#include <pthread.h>
#include <stdbool.h>

#include "util/bytes.h"
#include "util/status.h"

#define ARCHIVE_DEPTH 3

/* Memory for members, of all workers: each has `small` bytes to itself, and one at a time, who takes the lock, `large`. So what
 * can be unpacked does not depend on the number of workers. */
struct archive_memory {
	pthread_mutex_t lock;
	uint64_t small, large;
};

/* What is left of the limits; shared by an archive and those inside it. */
struct archive_budget {
	uint64_t bytes;   /* unpacked, all together */
	uint64_t members;
	struct archive_memory *memory;
	uint64_t held;    /* bytes of it, for members that are being looked at */
	bool locked;
};
void archive_budget_release(struct archive_budget *b);

bool archive_begins(struct bytes data); /* gzip or zip by its first bytes */

typedef void member_seen(void *payload, const char *path, struct bytes content);

/* Calls `member` for every file inside, with its path (raw bytes, NUL-terminated) and content, valid during the call. A
 * bare gzip has one member, its path ""; what stands before a zip may be part of its bytes. `*used`: how many bytes of `data` it took. KH_TOOBIG when a limit ended it early, KH_CORRUPT when its bytes are broken;
 * `*why` (static) then says what. Members before that were seen. */
enum status archive_walk(struct bytes data, struct archive_budget *budget, member_seen *member, void *payload, const char **why, size_t *used);

#endif
