/* archive.c: unpacks one member after the other into one buffer that grows with what really comes out, never with
 * what a header promises.
 *
 *   limits: bytes and members in all, ratio to the packed size, bytes of one member */
#include "patterns/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include "util/alloc.h"

#define RATIO 1000           /* unpacked to packed; deflate's best is 1032, sources reach 20 */
#define RATIO_FREE (1u << 20) /* below this nobody asks */
#define MEMBER_MAX (256u << 20)
#define READ_STEP (256u << 10)

struct growing {
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
}

static enum status grow(struct growing *g)
{
	if (g->cap - g->len >= READ_STEP)
		return KH_OK;
	size_t cap = g->cap + g->cap / 2 + 2 * READ_STEP;
	uint8_t *p = try_alloc(cap);
	if (!p)
		return KH_NOMEM;
	if (g->len)
		memcpy(p, g->ptr, g->len);
	free(g->ptr);
	g->ptr = p;
	g->cap = cap;
	return KH_OK;
}

/* One member's content into `g`. */
static enum status read_member(struct archive *a, struct growing *g, struct archive_budget *budget, uint64_t *allowed, const char **why)
{
	g->len = 0;
	for (;;) {
		enum status st = grow(g);
		if (st) {
			*why = "no memory for an archive's member";
			return st;
		}
		la_ssize_t n = archive_read_data(a, g->ptr + g->len, READ_STEP);
		if (n == 0)
			return KH_OK;
		if (n < 0) {
			*why = "damaged archive member";
			return KH_CORRUPT;
		}
		g->len += (size_t)n;
		if ((uint64_t)n > budget->bytes || g->len > MEMBER_MAX) {
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

static enum status walk_as(struct bytes data, bool raw, struct archive_budget *budget, member_seen *member, void *payload, const char **why)
{
	KH_CLEANUP(free_growing) struct growing content = { 0 };
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
			return any || raw || data.ptr[0] == 'P' ? st : walk_as(data, true, budget, member, payload, why);
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) {
			*why = "damaged archive";
			return KH_CORRUPT;
		}
		if (archive_filter_count(a) > ARCHIVE_DEPTH + 1) { /* gzip in gzip is unpacked in one go; one filter is "none" */
			*why = "archives nested too deep";
			return KH_TOOBIG;
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
		member(payload, path ? path : "", bytes_of(content.ptr, content.len));
		if (one == KH_TOOBIG || one == KH_NOMEM)
			return KH_TOOBIG;
		if (one)
			st = one;
	}
}

enum status archive_walk(struct bytes data, struct archive_budget *budget, member_seen *member, void *payload, const char **why)
{
	return walk_as(data, false, budget, member, payload, why);
}
