/* A pack whose index is right and whose entries are anything: walked on one thread and on two, each object read by number.
 *
 * Input: entries, each type, declared size, base, and content that is deflated for it (or not: garbage). Whatever is
 * visited must be what store_read gives, and what is not must be a skip. */
#include <pthread.h>
#include <stdlib.h>

#include "packmake.h"
#include "util/alloc.h"

#define ENTRIES_MAX 40
#define LIMIT (1u << 20)

struct visits {
	pthread_mutex_t lock;
	uint64_t count;
	uint32_t sum[ENTRIES_MAX], seen[ENTRIES_MAX];
};

static uint32_t hash(struct bytes b)
{
	uint32_t h = 2166136261u ^ (uint32_t)b.len;
	for (size_t i = 0; i < b.len; i++)
		h = (h ^ b.ptr[i]) * 16777619u;
	return h;
}

static void *visit(void *payload, unsigned worker, struct object *o)
{
	struct visits *v = payload;
	(void)worker;
	if (o->offset || o->more || object_load(o) != KH_OK)
		return NULL;
	pthread_mutex_lock(&v->lock);
	v->sum[o->number] = hash(o->data);
	v->seen[o->number]++;
	v->count++;
	pthread_mutex_unlock(&v->lock);
	return NULL;
}

static void drop(void *payload, unsigned worker, void *state)
{
	(void)payload;
	(void)worker;
	(void)state;
}

static void add_entry(struct packmake *m, struct reader *r)
{
	unsigned kind = take8(r), me = m->count;
	packmake_begin(m);
	struct bytes content = take(r, take_below(r, 400));
	unsigned type = kind & 7;
	uint64_t declared = kind & 0x40 ? (uint64_t)take16(r) << (take8(r) % 50) : content.len;
	packmake_header(m, type, declared);
	if (type == OBJ_OFS_DELTA) {
		uint32_t base = me ? take_below(r, me) : 0;
		packmake_ofs(m, kind & 0x20 ? take16(r) : m->offsets[me] - m->offsets[base]);
	} else if (type == OBJ_REF_DELTA) {
		packmake_ref(m, take8(r) % (ENTRIES_MAX + 2));
	}
	if (kind & 0x10)
		buf_add(&m->body, content.ptr, content.len);
	else
		packmake_deflated(m, content);
}

static void walk(struct visits *v, const struct store *s, unsigned threads)
{
	struct skips skips = { 0 };
	struct visitor visitor = { .types = ~0u, .whole = threads == 2, .lazy = threads == 1, .visit = visit, .drop = drop, .payload = v };
	struct walk_options o = { .threads = threads, .memory = 1 << 24 };
	struct walk_stats stats = { 0 };
	walk_store(s, &visitor, &o, &stats, &skips);
	if (v->count < s->count && !skips.total)
		differ("an object was neither visited nor skipped");
	skips_release(&skips);
}

static void compare(const struct store *s, const struct visits *a, const struct visits *b)
{
	for (uint32_t i = 0; i < s->count; i++) {
		enum object_type type;
		uint8_t *content = NULL;
		size_t len = 0;
		if (a->seen[i] != b->seen[i] || a->seen[i] > 1 || a->sum[i] != b->sum[i])
			differ("two walks differ");
		enum status st = store_read(s, i, LIMIT, &type, &content, &len);
		if (a->seen[i] && st == KH_OK && a->sum[i] != hash(bytes_of(content, len)))
			differ("walked and read differ");
		if (st == KH_OK && !a->seen[i])
			differ("read, but never visited");
		if (st == KH_CORRUPT && a->seen[i])
			differ("visited, but damaged");
		free(content);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = { data, data + size };
	struct packmake m;
	struct skips skips = { 0 };
	packmake_init(&m);
	while (r.p < r.end && m.count < ENTRIES_MAX)
		add_entry(&m, &r);
	packmake_write(&m);
	char *dirs[] = { m.dir };
	struct store *store = store_open(dirs, 1, 20, &skips);
	struct visits one = { .lock = PTHREAD_MUTEX_INITIALIZER }, two = { .lock = PTHREAD_MUTEX_INITIALIZER };
	if (store->count) {
		walk(&one, store, 1);
		walk(&two, store, 2);
		compare(store, &one, &two);
	}
	store_free(store);
	skips_release(&skips);
	packmake_release(&m);
	return 0;
}
