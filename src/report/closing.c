/* closing.c: the last lines for people. A scan that did not see everything must never sound clean. */
#include "report/words.h"
#include "report/writers.h"
#include "util/alloc.h"

#define SKIPS_SHOWN 10

bool summary_complete(const struct summary *s)
{
	return s->complete && !s->interrupted && !s->skips.total;
}

static void add_scanned(struct buf *b, const struct report_options *o, const struct summary *s)
{
	buf_addstr(b, "scanned ");
	if (s->repositories > 1) {
		words_count(b, s->repositories, "repository", "repositories");
		buf_addstr(b, ", ");
	}
	if (o->history) {
		words_count(b, s->commits, "commit", "commits");
		buf_addstr(b, ", ");
		words_count(b, s->blobs, "blob", "blobs");
	} else {
		words_count(b, s->blobs, "file", "files");
	}
	buf_addstr(b, " (");
	words_size(b, s->bytes);
	buf_addstr(b, ") in ");
	words_seconds(b, s->elapsed_seconds);
}

static void add_result(struct buf *b, const struct summary *s)
{
	buf_addstr(b, ": ");
	if (s->findings > s->advice) {
		words_count(b, s->credentials, "credential", "credentials");
		buf_addstr(b, " in ");
		words_count(b, s->findings - s->advice, "place", "places");
	} else {
		buf_addstr(b, summary_complete(s) ? "nothing found" : "nothing found in the part that was scanned");
	}
	if (s->advice) {
		buf_addstr(b, ", advice on ");
		words_count(b, s->advice, "place", "places");
	}
	if (s->allowed)
		buf_addf(b, ", %llu allowed", (unsigned long long)s->allowed);
	buf_addch(b, '\n');
}

static void add_skips(struct buf *b, const struct skips *skips)
{
	size_t shown = skips->len < SKIPS_SHOWN ? skips->len : SKIPS_SHOWN;
	for (size_t i = 0; i < shown; i++) {
		const struct skip *s = &skips->list[i];
		const char *part[] = { s->object, s->path };
		buf_addstr(b, " ");
		for (size_t p = 0; p < 2; p++)
			if (part[p] && *part[p]) {
				buf_addch(b, ' ');
				buf_add_safe(b, part[p], strlen(part[p]));
			}
		buf_addstr(b, ": ");
		buf_add_safe(b, s->reason ? s->reason : "unknown", strlen(s->reason ? s->reason : "unknown"));
		buf_addch(b, '\n');
	}
	if (skips->total > shown) {
		buf_addstr(b, "  and ");
		words_number(b, skips->total - shown);
		buf_addstr(b, shown ? " more\n" : " things\n");
	}
}

static void add_missing(struct buf *b, const struct summary *s)
{
	if (!summary_complete(s))
		buf_addstr(b, "INCOMPLETE: not everything was scanned\n");
	if (s->interrupted)
		buf_addstr(b, "stopped before the end; what was found so far is above\n");
	if (s->missing_objects) {
		words_count(b, s->missing_objects, "object is", "objects are");
		buf_addstr(b, " not in this clone and not scanned (a partial clone, or damage)\n");
	}
	if (s->shallow)
		buf_addstr(b, "this clone is shallow: history before its oldest commits is not here and not scanned\n");
	if (s->skips.total) {
		buf_addstr(b, "could not be scanned:\n");
		add_skips(b, &s->skips);
	}
	if (s->unused.total) {
		buf_addstr(b, "allowed for nothing; take these entries out:\n");
		add_skips(b, &s->unused);
	}
}

void closing_write(FILE *talk, const struct report_options *o, const struct summary *s)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	add_scanned(&b, o, s);
	add_result(&b, s);
	add_missing(&b, s);
	fwrite(b.ptr, 1, b.len, talk);
	fflush(talk);
}
