/* archive.c: unpacks one member after the other into one buffer that grows with what really comes out, never with
 * what a header promises.
 *
 *   limits: bytes and members in all, ratio to the packed size, memory for the members at hand */
#include "patterns/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include "util/alloc.h"

#define RATIO 1000           /* unpacked to packed; deflate's best is 1032, sources reach 20 */
#define RATIO_FREE (1u << 20) /* below this nobody asks */
#define READ_STEP (256u << 10)

struct growing {
	struct archive_budget *budget;
	uint8_t *ptr;
	size_t len, cap;
};

bool archive_begins(struct bytes data)
{
	if (data.len < 18)
		return false;
	return (data.ptr[0] == 0x1f && data.ptr[1] == 0x8b && data.ptr[2] == 8) || !memcmp(data.ptr, "PK\3\4", 4);
}

static void free_archive(struct archive **a)
{
	archive_read_free(*a);
}

static void free_growing(struct growing *g)
{
	if (g->ptr)
		explicit_bzero(g->ptr, g->len);
	free(g->ptr);
	g->budget->held -= g->cap;
}

void archive_budget_release(struct archive_budget *b)
{
	if (b->locked)
		pthread_mutex_unlock(&b->memory->lock);
	b->locked = false;
}

/* May `more` bytes be held? Waits for its turn when they are many. */
static bool may_hold(struct archive_budget *b, size_t more)
{
	if (more > b->memory->large || b->held > b->memory->large - more)
		return false;
	if (b->held + more > b->memory->small && !b->locked) {
		pthread_mutex_lock(&b->memory->lock);
		b->locked = true;
	}
	b->held += more;
	return true;
}

static enum status grow(struct growing *g, const char **why)
{
	size_t more = g->cap / 2 + 2 * READ_STEP;
	uint64_t left = g->budget->memory->large - g->budget->held;
	if (g->cap - g->len >= READ_STEP)
		return KH_OK;
	if (more > left && left >= READ_STEP)
		more = (size_t)left;
	if (!may_hold(g->budget, more)) {
		*why = "archive member is larger than its share of memory (--memory)";
		return KH_TOOBIG;
	}
	uint8_t *p = try_realloc(g->ptr, g->cap + more);
	if (!p) {
		g->budget->held -= more;
		*why = "no memory for an archive's member";
		return KH_NOMEM;
	}
	g->ptr = p;
	g->cap += more;
	return KH_OK;
}

/* One member's content into `g`. */
static enum status read_member(struct archive *a, struct growing *g, struct archive_budget *budget, uint64_t *allowed, const char **why)
{
	g->len = 0;
	for (;;) {
		enum status st = grow(g, why);
		if (st)
			return st;
		la_ssize_t n = archive_read_data(a, g->ptr + g->len, READ_STEP);
		if (n == 0)
			return KH_OK;
		if (n < 0) {
			*why = "damaged archive member";
			return KH_CORRUPT;
		}
		g->len += (size_t)n;
		if ((uint64_t)n > budget->bytes) {
			*why = "archive unpacks to more than the limit";
			return KH_TOOBIG;
		}
		budget->bytes -= (uint64_t)n;
		if ((uint64_t)n > *allowed) {
			*why = "archive unpacks to too many times its size";
			return KH_TOOBIG;
		}
		*allowed -= (uint64_t)n;
	}
}

static struct archive *open_archive(struct bytes data, bool raw)
{
	struct archive *a = archive_read_new();
	if (!a)
		return NULL;
	archive_read_support_filter_gzip(a);
	if (!raw) {
		archive_read_support_format_zip(a);
		archive_read_support_format_tar(a);
		archive_read_support_format_gnutar(a);
	}
	archive_read_support_format_raw(a);
	if (archive_read_open_memory(a, data.ptr, data.len) == ARCHIVE_OK)
		return a;
	archive_read_free(a);
	return NULL;
}

static enum status walk_as(struct bytes data, bool raw, struct archive_budget *budget, member_seen *member, void *payload, const char **why, size_t *used)
{
	KH_CLEANUP(free_growing) struct growing content = { .budget = budget };
	KH_CLEANUP(free_archive) struct archive *a = open_archive(data, raw);
	uint64_t allowed = data.len > UINT64_MAX / RATIO - RATIO_FREE ? UINT64_MAX : data.len * RATIO + RATIO_FREE;
	enum status st = KH_OK;
	struct archive_entry *entry;
	bool any = false;

	if (!a) {
		*why = "no archive after all";
		return KH_CORRUPT;
	}
	for (;;) {
		int rc = archive_read_next_header(a, &entry);
		if (rc == ARCHIVE_EOF) /* 512 zero bytes pass for an empty tar; they may be the beginning of anything */
			return any || raw || data.ptr[0] != 0x1f ? st : walk_as(data, true, budget, member, payload, why, used);
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) {
			*why = "damaged archive";
			return KH_CORRUPT;
		}
		if (archive_filter_count(a) > ARCHIVE_DEPTH + 1) { /* gzip in gzip is unpacked in one go; one filter is "none" */
			*why = "archives nested too deep";
			return KH_TOOBIG;
		}
		if (archive_format(a) == ARCHIVE_FORMAT_RAW && archive_filter_count(a) < 2) { /* whatever it is, it is not packed */
			*why = "no archive after all";
			return KH_CORRUPT;
		}
		any = true;
		if (!budget->members) {
			*why = "archive has more members than the limit";
			return KH_TOOBIG;
		}
		budget->members--;
		if (archive_entry_filetype(entry) != AE_IFREG)
			continue;
		if (archive_entry_is_encrypted(entry)) {
			*why = "archive member is encrypted";
			st = KH_CORRUPT;
			continue;
		}
		const char *path = archive_format(a) == ARCHIVE_FORMAT_RAW ? "" : archive_entry_pathname(entry);
		enum status one = read_member(a, &content, budget, &allowed, why);
		*used = (size_t)archive_filter_bytes(a, -1);
		member(payload, path ? path : "", bytes_of(content.ptr, content.len));
		if (one == KH_TOOBIG || one == KH_NOMEM)
			return KH_TOOBIG;
		if (one)
			st = one;
	}
}

enum status archive_walk(struct bytes data, struct archive_budget *budget, member_seen *member, void *payload, const char **why, size_t *used)
{
	*used = 0;
	return walk_as(data, false, budget, member, payload, why, used);
}
