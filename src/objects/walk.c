/* walk.c: shares a store out to a team: packs one after another, their families in chunks; then loose objects. */
#include "objects/walk.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "objects/climb.h"
#include "objects/loose.h"
#include "objects/verify.h"
#include "util/alloc.h"
#include "util/team.h"

#define CHUNK_WEIGHT (256u << 10) /* pack bytes a worker takes at a time: long enough to be cheap, short enough to end together */
#define LOOSE_CHUNK 16u

struct walk {
	const struct store *s;
	const struct visitor *v;
	const struct walk_options *o;
	struct climb_shared shared;
	struct climber *climbers;
	struct forest forest;
	const struct pack *pack; /* at hand; NULL: loose objects */
	size_t pack_number;
	atomic_uint next;        /* family or loose object to take */
	atomic_ullong done;      /* objects */
	bool *gone;              /* by loose object: the store is told after the walk, for visitors look things up in it */
	uint64_t total;
};

static bool stopped(const struct walk *w)
{
	return w->o->stop && *w->o->stop;
}

/* A walk over blobs is a scan and says what is damaged; later walks need not say it again. */
static bool is_scan(const struct walk *w)
{
	return w->v->types & 1u << OBJ_BLOB;
}

static void tell(struct walk *w, unsigned worker, uint64_t more)
{
	uint64_t done = atomic_fetch_add(&w->done, more) + more;
	if (worker == 0 && w->o->progress)
		w->o->progress(w->o->progress_payload, done, w->total);
}

static uint32_t take_families(struct walk *w, uint32_t *from)
{
	uint32_t lo = atomic_load(&w->next), hi;
	do {
		uint64_t weight = 0;
		for (hi = lo; hi < w->forest.nfamilies && weight < CHUNK_WEIGHT; hi++)
			weight += w->forest.families[hi].weight;
	} while (hi > lo && !atomic_compare_exchange_weak(&w->next, &lo, hi));
	*from = lo;
	return hi - lo;
}

/* The index says which name is whose. Hashing it takes as long as the walk over some hundredth of its pack: one worker's first task,
 * while the others climb. */
static void verify_index(struct walk *w, struct climber *c)
{
	if (!verify_trailer(w->pack->idx, w->s->oid_len))
		skips_add(&c->skips, w->pack->path, w->pack->path, "damaged: the checksum of its index is wrong, so objects' names and places may be");
}

static void climb_pack(void *payload, unsigned worker)
{
	struct walk *w = payload;
	struct climber *c = &w->climbers[worker];
	uint32_t from, n;
	c->pack = w->pack;
	c->forest = &w->forest;
	c->first = w->s->first[w->pack_number];
	if (worker + 1 == w->o->threads && is_scan(w))
		verify_index(w, c);
	while (!stopped(w) && (n = take_families(w, &from))) {
		uint64_t before = c->stats.objects;
		for (uint32_t i = from; i < from + n && !stopped(w); i++)
			climb_family(c, w->forest.families[i].root, w->forest.families[i + 1 < w->forest.nfamilies ? i + 1 : i].root);
		tell(w, worker, c->stats.objects - before);
	}
}

static bool is_wanted(const struct walk *w, enum object_type type)
{
	return w->v->types & 1u << type;
}

/* Within a worker's share of the memory, else within all of it, one at a time; a blob that does not fit, in parts. */
static enum status read_loose(struct walk *w, struct climber *c, const struct loose *l, struct climb_parts *parts, struct bytes *out)
{
	const char *dir = w->s->dirs[l->dir];
	enum object_type *type = &parts->o.type;
	uint8_t *data = NULL;
	size_t len = 0;
	enum status st = loose_read(dir, &l->oid, w->s->oid_len, w->shared.small, type, &data, &len);
	if (st == KH_TOOBIG && !is_wanted(w, *type))
		return KH_OK;
	if (st == KH_TOOBIG) {
		climb_take_big(c);
		st = loose_read(dir, &l->oid, w->s->oid_len, w->shared.large, type, &data, &len);
	}
	*out = bytes_of(data, len);
	if (st == KH_TOOBIG && *type == OBJ_BLOB)
		return loose_parts(dir, &l->oid, w->s->oid_len, climb_part_room(c), WALK_OVERLAP, type, climb_part, parts);
	return st;
}

/* From another place, as git does it. */
static bool read_loose_elsewhere(struct walk *w, struct climber *c, uint32_t number)
{
	enum object_type type;
	uint8_t *data;
	size_t len;
	uint64_t steps = STORE_STEPS;
	climb_take_big(c);
	bool found = store_read_other(w->s, number, w->shared.large / 4, &type, &data, &len, &steps) == KH_OK;
	if (found && is_wanted(w, type))
		climb_single(c, number, type, bytes_of(data, len));
	free(data);
	return found;
}

/* One loose object, of which only its number in the list is known. */
static void visit_loose(struct walk *w, struct climber *c, uint32_t i)
{
	const struct loose *l = &w->s->loose[i];
	uint32_t number = store_loose_number(w->s, i);
	struct climb_parts parts = { c, { .number = number } };
	struct bytes data = { 0 };
	enum status st = read_loose(w, c, l, &parts, &data);
	if (data.ptr && is_wanted(w, parts.o.type))
		climb_single(c, number, parts.o.type, data);
	/* Anybody can write any content into a loose object's file: then the one that belongs there was not seen. */
	bool wrong = data.ptr && is_scan(w) && !verify_name(&l->oid, w->s->oid_len, parts.o.type, data);
	free((void *)(uintptr_t)data.ptr);
	w->gone[i] = st == KH_MISSING && !store_packed(w->s, &l->oid); /* packed since: then that pack is walked too */
	if ((wrong || (st != KH_OK && st != KH_MISSING)) && (st == KH_TOOBIG || st == KH_NOMEM || !read_loose_elsewhere(w, c, number))) {
		char hex[OID_HEX_MAX + 1];
		oid_hex(hex, &l->oid, w->s->oid_len);
		skips_add(&c->skips, hex, NULL, wrong ? "the file holds another object's content" :
			  st == KH_TOOBIG ? "larger than the memory budget (--memory)" : status_words(st));
	}
	climb_leave_big(c);
}

static void climb_loose(void *payload, unsigned worker)
{
	struct walk *w = payload;
	const struct store *s = w->s;
	uint32_t from;
	while (!stopped(w) && (from = (uint32_t)w->o->first_loose + atomic_fetch_add(&w->next, LOOSE_CHUNK)) < s->nloose) {
		uint32_t to = from + LOOSE_CHUNK < s->nloose ? from + LOOSE_CHUNK : (uint32_t)s->nloose;
		for (uint32_t i = from; i < to; i++)
			if (!s->loose[i].gone) /* else it was packed, or was there again when they were last listed: that one is visited */
				visit_loose(w, &w->climbers[worker], i);
		tell(w, worker, to - from);
	}
}

static void walk_pack(struct walk *w, size_t i)
{
	w->pack = w->s->packs[i];
	w->pack_number = i;
	forest_build(&w->forest, w->pack, w->v->types, w->o->threads);
	atomic_store(&w->next, 0);
	team_run(w->o->threads, climb_pack, w);
	for (uint32_t k = 0; k < w->forest.nlost; k++)
		climb_alone(&w->climbers[0], w->forest.lost[k]);
	forest_release(&w->forest);
}

static void start(struct walk *w)
{
	pthread_mutex_init(&w->shared.big, NULL);
	w->shared.store = w->s;
	w->shared.visitor = w->v;
	/* a quarter of the budget is shared out for work as usual, the rest is whoever's that holds `big` */
	w->shared.small = w->o->memory / 4 / w->o->threads;
	w->shared.large = w->o->memory - w->o->memory / 4;
	w->climbers = xcalloc(w->o->threads, sizeof *w->climbers);
	for (unsigned i = 0; i < w->o->threads; i++)
		climber_init(&w->climbers[i], &w->shared, i);
	for (size_t i = w->o->first_pack; i < w->s->npacks; i++)
		w->total += w->s->packs[i]->count;
	w->total += w->o->loose ? w->s->nloose - w->o->first_loose : 0;
}

static void finish(struct walk *w, struct walk_stats *stats, struct skips *skips)
{
	for (unsigned i = 0; i < w->o->threads; i++) {
		struct climber *c = &w->climbers[i];
		if (stats) {
			stats->objects += c->stats.objects;
			stats->commits += c->stats.commits;
			stats->blobs += c->stats.blobs;
			stats->bytes += c->stats.bytes;
		}
		skips_merge(skips, &c->skips);
		climber_release(c);
	}
	free(w->climbers);
	pthread_mutex_destroy(&w->shared.big);
	if (stopped(w))
		skips_add(skips, NULL, NULL, "interrupted before everything was read");
}

void walk_store(const struct store *s, const struct visitor *v, const struct walk_options *o, struct walk_stats *stats, struct skips *skips)
{
	struct walk w = { .s = s, .v = v, .o = o };
	start(&w);
	for (size_t i = o->first_pack; i < s->npacks && !stopped(&w); i++)
		walk_pack(&w, i);
	if (o->loose && s->nloose && !stopped(&w)) {
		w.pack = NULL;
		atomic_store(&w.next, 0);
		w.gone = xcalloc(s->nloose, sizeof *w.gone);
		team_run(o->threads, climb_loose, &w);
		for (size_t i = 0; i < s->nloose; i++)
			s->loose[i].gone |= w.gone[i];
		free(w.gone);
	}
	finish(&w, stats, skips);
}
