/* opening.h: archives in texts, and texts in archives. Where a text is or holds a gzip or a zip, also in base64, its members are
 * handed over, each with its name; what they hold is opened in the same way by who gets them. */
#ifndef KH_PATTERNS_OPENING_H
#define KH_PATTERNS_OPENING_H

#include "match/hit.h"
#include "patterns/archive.h"
#include "patterns/catalog.h"

#define NOT_WITHIN SIZE_MAX

struct opening {
	void (*text)(struct opening *o, const char *name, struct bytes content); /* a member, its name through all archives around it */
	void *payload;
	const struct anchor *anchors;
	struct archive_budget budget;
	const char *outer; /* name of the archive that is being walked */
	unsigned depth, found; /* archives around; those found within texts so far */
	size_t at;         /* of the archive that is being walked, in the text that holds it; NOT_WITHIN: it is all of its text */
	bool cut_before, cut_behind; /* the outermost text is a part of a larger one: archives may lie in others as well */
	enum status st;    /* KH_STOPPED: one does */
	const char *why;
};

/* Open what `data`, a text called `name`, is or holds, in places that hits of role ROLE_ARCHIVE tell. */
void opening_run(struct opening *o, struct bytes data, const struct hit *hits, size_t n, const char *name);

/* The near look at such a hit, which ends at `at`. */
bool opening_near(const struct anchor *a, const uint8_t *p, size_t len, size_t at);

#endif
