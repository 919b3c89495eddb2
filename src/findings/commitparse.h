/* commitparse.h: the headers of commits and tags, as far as attribution needs them. Never more than the given bytes is
 * read; what is malformed is left at zero, as git does. */
#ifndef KH_FINDINGS_COMMITPARSE_H
#define KH_FINDINGS_COMMITPARSE_H

#include <stdbool.h>

#include "objects/oid.h"
#include "util/bytes.h"

struct ident {
	struct bytes name, email;
	int64_t date;  /* 0 when malformed */
	int tz;        /* minutes east of UTC */
};

struct commit_header {
	struct oid tree;
	struct bytes parents; /* the "parent <hex>\n" lines */
	struct bytes author, committer; /* what follows the word, to the line's end */
};

bool commit_parse(struct commit_header *out, struct bytes data, unsigned oid_len); /* false: not even a tree line */
bool commit_next_parent(struct commit_header *h, struct oid *out, unsigned oid_len); /* taken off h->parents */
bool tag_target(struct oid *out, struct bytes data, unsigned oid_len);
struct ident ident_parse(struct bytes line);

#endif
