/* The main oracle: matching only fresh bytes and seams finds what matching every object whole finds.
 *
 * Input: a few objects, each whole or a delta on an earlier one, of pieces that make literals likely and likely to be cut.
 * The near look is a hash of all the bytes it may depend on, so an answer inherited wrongly shows. */
#include <stdlib.h>

#include "match/matcher.h"
#include "match/scan.h"
#include "packmake.h"
#include "util/alloc.h"

#define OBJECTS_MAX 24
#define SIZE_LIMIT 30000u

static const struct literal literals[] = {
	{ "AKIA", 4, false }, { "aws_secret_access_key", 21, true }, { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 32, false },
	{ "abab", 4, true }, { "KIAa", 4, false }, { "\0A\0K", 4, false },
	{ NULL, 0, false }, /* runs */
};
#define NLITERALS (sizeof literals / sizeof *literals)

static const char *const pieces[16] = {
	"A", "K", "I", "KIA", "AKIA", "a", "ab", "b", "aws_secret", "_access_", "KEY", "aaaaaaaaaaaaaaa", "\n", "abAB", "xyzxyzxyzxyzxyzxyzxyzxyzxyz", "K",
};

struct decided {
	uint32_t object;
	struct hit hit;
};

struct record {
	struct decided *list;
	size_t len, cap;
};

static bool maybe(void *payload, unsigned worker, struct bytes data, const struct hit *hit)
{
	(void)payload;
	(void)worker;
	size_t from = hit->end > HIT_REACH ? hit->end - HIT_REACH : 0;
	size_t to = data.len - hit->end < HIT_REACH ? data.len : hit->end + HIT_REACH;
	bool begins = hit->end < HIT_REACH, ends = data.len - hit->end < HIT_REACH;
	uint32_t hash = 2166136261u ^ begins ^ (ends ? 2u : 0u) ^ (uint32_t)(hit->literal << 3);
	for (size_t i = from; i < to; i++)
		hash = (hash ^ data.ptr[i]) * 16777619u;
	return (hash >> 13) % 3;
}

static void decide(void *payload, unsigned worker, const struct object *o, const struct hit *hits, size_t n)
{
	struct record *r = payload;
	(void)worker;
	for (size_t i = 0; i < n; i++) {
		ALLOC_GROW(r->list, r->len + 1, r->cap);
		r->list[r->len++] = (struct decided){ o->number, hits[i] };
	}
}

static int by_object(const void *a, const void *b)
{
	const struct decided *x = a, *y = b;
	if (x->object != y->object)
		return x->object < y->object ? -1 : 1;
	if (x->hit.end != y->hit.end)
		return x->hit.end < y->hit.end ? -1 : 1;
	return x->hit.literal < y->hit.literal ? -1 : x->hit.literal > y->hit.literal;
}

static void add_pieces(struct buf *b, struct reader *r, unsigned n)
{
	while (n--) {
		unsigned c = take8(r);
		if (c >= 0xf0) /* a stretch longer than any reach */
			for (unsigned i = 0; i < 600; i += 3)
				buf_addstr(b, "-=-");
		else if (c >= 0xe0)
			buf_add(b, "\0A\0K", 1 + c % 4);
		else
			buf_addstr(b, pieces[c & 15]);
	}
}

/* Sizes of the objects made so far. */
struct made {
	uint32_t size[OBJECTS_MAX];
};

static void add_delta(struct packmake *m, struct made *s, struct reader *r, uint32_t base, bool ofs)
{
	KH_CLEANUP(buf_release) struct buf body = { 0 };
	KH_CLEANUP(buf_release) struct buf delta = { 0 };
	KH_CLEANUP(buf_release) struct buf text = { 0 };
	uint32_t size = 0, me = m->count - 1;
	for (unsigned n = take8(r) % 24; n && size < SIZE_LIMIT; n--) {
		unsigned op = take8(r);
		buf_clear(&text);
		if (op & 1) {
			add_pieces(&text, r, 1 + (op >> 1) % 4);
			delta_insert(&body, buf_bytes(&text));
			size += (uint32_t)text.len;
		} else if (s->size[base]) {
			uint32_t from = take_below(r, s->size[base]);
			uint32_t most = s->size[base] - from < 0xffff ? s->size[base] - from : 0xffff;
			uint32_t len = op & 2 ? most : 1 + take_below(r, most);
			if (size + len > SIZE_LIMIT)
				break;
			delta_copy(&body, from, len);
			size += len;
		}
	}
	s->size[me] = size;
	delta_varint(&delta, s->size[base]);
	delta_varint(&delta, size);
	buf_add(&delta, body.ptr, body.len);
	packmake_header(m, ofs ? OBJ_OFS_DELTA : OBJ_REF_DELTA, delta.len);
	if (ofs)
		packmake_ofs(m, m->offsets[me] - m->offsets[base]);
	else
		packmake_ref(m, base);
	packmake_deflated(m, buf_bytes(&delta));
}

static void build(struct packmake *m, struct reader *r)
{
	struct made s = { { 0 } };
	while (r->p < r->end && m->count < OBJECTS_MAX) {
		unsigned kind = take8(r);
		uint32_t me = m->count;
		packmake_begin(m);
		if (me && kind % 8) {
			add_delta(m, &s, r, kind & 0x80 ? me - 1 : take_below(r, me), kind & 0x40);
			continue;
		}
		KH_CLEANUP(buf_release) struct buf text = { 0 };
		add_pieces(&text, r, take8(r) % 64);
		s.size[me] = (uint32_t)text.len;
		packmake_header(m, OBJ_BLOB, text.len);
		packmake_deflated(m, buf_bytes(&text));
	}
}

static void scan_store(struct record *out, const struct store *store, const struct matcher *matcher, bool whole, uint64_t memory)
{
	struct skips skips = { 0 };
	struct scan_sink sink = { .maybe = maybe, .decide = decide, .payload = out };
	struct scan *scan = scan_new(matcher, literals, NLITERALS, &sink, 1);
	struct visitor v = scan_visitor(scan, whole, 1u << OBJ_BLOB);
	struct walk_options o = { .threads = 1, .memory = memory };
	struct walk_stats stats = { 0 };
	walk_store(store, &v, &o, &stats, &skips);
	if (skips.total || stats.objects != store->count)
		differ(skips.len ? skips.list[0].reason : "a healthy object was not visited");
	if (out->len)
		qsort(out->list, out->len, sizeof *out->list, by_object);
	scan_free(scan);
	skips_release(&skips);
}

static void compare(const struct record *a, const struct record *b)
{
	if (a->len != b->len)
		differ("not the same number of hits");
	for (size_t i = 0; i < a->len; i++)
		if (by_object(&a->list[i], &b->list[i]) || a->list[i].hit.maybe != b->list[i].hit.maybe)
			differ("a hit differs");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct matcher *matcher; /* made once: it is const */
	struct reader r = { data, data + size };
	struct packmake m;
	struct skips skips = { 0 };
	if (!matcher && matcher_new(&matcher, literals, NLITERALS, bytes_of(NULL, 0)) != KH_OK)
		differ("no matcher");
	packmake_init(&m);
	build(&m, &r);
	packmake_write(&m);
	char *dirs[] = { m.dir };
	struct store *store = store_open(dirs, 1, 20, &skips);
	if (store->count != m.count || skips.total)
		differ("a healthy pack was not opened");
	struct record fast = { 0 }, slow = { 0 }, tight = { 0 };
	scan_store(&fast, store, matcher, false, 1 << 26);
	scan_store(&slow, store, matcher, true, 1 << 26);
	scan_store(&tight, store, matcher, false, 1 << 18); /* bases are dropped and rebuilt */
	compare(&fast, &slow);
	compare(&tight, &slow);
	free(fast.list);
	free(slow.list);
	free(tight.list);
	store_free(store);
	skips_release(&skips);
	packmake_release(&m);
	return 0;
}
