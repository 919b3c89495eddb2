#include "objects/climb.h"

#include <stdlib.h>

#include "util/alloc.h"

#define POOL_KEEP (32u << 20)
_Static_assert(POOL_SLACK >= EDITS_SLACK, "edits point into a pool's buffers, and edits_copy reads and writes behind them");

void climber_init(struct climber *c, struct climb_shared *shared, unsigned worker)
{
	*c = (struct climber){ .shared = shared, .worker = worker, .pool = { .keep = POOL_KEEP } };
	c->inflater = inflater_new();
	if (!c->inflater)
		free(xrealloc(NULL, SIZE_MAX, 1)); /* says that memory is out, and ends */
}

void climber_release(struct climber *c)
{
	inflater_free(c->inflater);
	pool_release(&c->pool);
	edits_release(&c->edits);
	free(c->stack);
	skips_release(&c->skips);
}

static uint32_t number_of(const struct climber *c, uint32_t entry)
{
	return c->first + c->forest->entry[entry].position;
}

static struct oid name_of(const struct climber *c, uint32_t entry)
{
	return oid_from(pack_name(c->pack, c->forest->entry[entry].position), c->pack->oid_len);
}

/* `under`: because of what it is built on. */
static void skip_entry(struct climber *c, uint32_t entry, enum status st, bool under)
{
	char hex[OID_HEX_MAX + 1];
	struct oid oid = name_of(c, entry);
	const char *words = status_words(st);
	if (st == KH_TOOBIG)
		words = under ? "built on an object larger than the memory budget (--memory)" : "larger than the memory budget (--memory)";
	else if (under)
		words = "built on an object that could not be read";
	else if (c->type == OBJ_NONE)
		words = "damaged pack entry, or its delta base is missing";
	oid_hex(hex, &oid, c->pack->oid_len);
	skips_add(&c->skips, hex, NULL, words);
}

static void *visit(struct climber *c, struct object *o)
{
	const struct visitor *v = c->shared->visitor;
	if (!o->more) {
		c->stats.objects++;
		c->stats.commits += o->type == OBJ_COMMIT;
		if (o->type == OBJ_BLOB) {
			c->stats.blobs++;
			c->stats.bytes += o->offset + o->data.len;
		}
	}
	return v->visit(v->payload, c->worker, o);
}

static void drop(struct climber *c, void *state)
{
	if (state && c->shared->visitor->drop)
		c->shared->visitor->drop(c->shared->visitor->payload, c->worker, state);
}

void climb_single(struct climber *c, uint32_t number, enum object_type type, struct bytes data)
{
	struct object o = { .number = number, .type = type, .data = data };
	drop(c, visit(c, &o));
}

void climb_take_big(struct climber *c)
{
	if (!c->has_big)
		pthread_mutex_lock(&c->shared->big);
	c->has_big = true;
}

void climb_leave_big(struct climber *c)
{
	if (c->has_big)
		pthread_mutex_unlock(&c->shared->big);
	c->has_big = false;
}

/* Drop the contents of frames that wait, the longest waiting first, until `need` more bytes fit. The top one is needed. */
static bool make_room(struct climber *c, uint64_t need)
{
	if (c->pool.live + need > c->shared->small)
		climb_take_big(c);
	uint64_t limit = c->has_big ? c->shared->large : c->shared->small;
	for (size_t i = 0; c->depth && i < c->depth - 1 && c->pool.live + need > limit; i++) {
		pool_put(&c->pool, c->stack[i].data, c->stack[i].len);
		c->stack[i].data = NULL;
	}
	return c->pool.live + need <= limit;
}

static enum status inflate_at(struct climber *c, const struct pack_entry *e, uint8_t **out)
{
	*out = NULL;
	if (!make_room(c, e->size))
		return KH_TOOBIG;
	uint8_t *buf = pool_get(&c->pool, (size_t)e->size);
	if (!buf)
		return KH_NOMEM;
	/* up to the end of the pack: the entry itself says where it ends */
	struct bytes in = bytes_of(c->pack->pack.ptr + e->data, (size_t)(c->pack->pack.len - e->data));
	enum status st = inflate_exact(c->inflater, in, buf, (size_t)e->size);
	if (st != KH_OK)
		pool_put(&c->pool, buf, (size_t)e->size);
	else
		*out = buf;
	return st;
}

static enum status inflate_delta(struct climber *c, uint32_t entry, struct bytes *delta, size_t *size)
{
	struct pack_entry e;
	uint64_t base_size, result_size = 0;
	size_t used;
	uint8_t *data;
	enum status st = pack_entry_at(c->pack, c->forest->entry[entry].offset, &e);
	if (st == KH_OK)
		st = inflate_at(c, &e, &data);
	if (st != KH_OK)
		return st;
	*delta = bytes_of(data, (size_t)e.size);
	st = delta_sizes(*delta, &base_size, &result_size, &used);
	*size = (size_t)result_size;
	return st;
}

static void give_back(struct climber *c, struct bytes b)
{
	pool_put(&c->pool, (uint8_t *)(uintptr_t)b.ptr, b.len);
}

/* The child's content from its base's. */
static enum status apply(struct climber *c, struct bytes base, struct bytes delta, size_t size, uint8_t **out)
{
	*out = NULL;
	if (!make_room(c, size)) /* if it makes sense: a delta that does not says any size */
		return delta_apply(NULL, size, NULL, base, delta) == KH_OK ? KH_TOOBIG : KH_CORRUPT;
	uint8_t *buf = pool_get(&c->pool, size);
	if (!buf)
		return KH_NOMEM;
	enum status st = delta_apply(buf, size, c->shared->visitor->whole ? NULL : &c->edits, base, delta);
	if (st != KH_OK)
		pool_put(&c->pool, buf, size);
	else
		*out = buf;
	return st;
}

static enum status build(struct climber *c, uint32_t entry, struct bytes base, uint8_t **out, size_t *out_len)
{
	struct bytes delta = { 0 };
	enum status st = inflate_delta(c, entry, &delta, out_len);
	if (st == KH_OK)
		st = apply(c, base, delta, *out_len, out);
	give_back(c, delta);
	return st;
}

enum status object_load(struct object *o)
{
	struct climber *c = o->climber;
	size_t hint = 0;
	if (o->data.ptr || !c)
		return KH_OK;
	c->load_status = make_room(c, o->data.len) ? KH_OK : KH_TOOBIG;
	if (c->load_status == KH_OK && !(c->loaded = pool_get(&c->pool, o->data.len)))
		c->load_status = KH_NOMEM;
	if (c->load_status != KH_OK)
		return c->load_status;
	edits_copy(c->loaded, o->edits, o->nedits, &hint, 0, o->data.len);
	o->data.ptr = c->loaded;
	return KH_OK;
}

static void pop(struct climber *c)
{
	struct climb_frame *f = &c->stack[--c->depth];
	pool_put(&c->pool, f->data, f->len);
	drop(c, f->state);
}

/* Keep what children of `entry` will need; without children, give it back. `lost`: why there is nothing to build them on. */
static void push(struct climber *c, uint32_t entry, uint8_t *data, size_t len, void *state, enum status lost)
{
	const struct forest *f = c->forest;
	struct climb_frame frame = { entry, f->entry[entry].first_child, f->entry[entry + 1].first_child, data, len, state, lost };
	ALLOC_GROW(c->stack, c->depth + 1, c->stack_cap);
	c->stack[c->depth++] = frame;
	if (frame.next == frame.end)
		pop(c);
}

static void *visit_entry(struct climber *c, uint32_t entry, struct bytes data, const struct climb_frame *base)
{
	struct object o = { .number = number_of(c, entry), .type = c->type, .data = data, .climber = c };
	if (base && !c->shared->visitor->whole) {
		o.edits = c->edits.list;
		o.nedits = c->edits.len;
		o.base = bytes_of(base->data, base->len);
		o.base_state = base->state;
	}
	return visit(c, &o);
}

enum status climb_part(void *payload, struct bytes data, uint64_t offset, int more)
{
	struct climb_parts *p = payload;
	p->o.data = data;
	p->o.offset = offset;
	p->o.more = more;
	drop(p->climber, visit(p->climber, &p->o));
	size_t step = data.len > WALK_OVERLAP ? data.len - WALK_OVERLAP : 0;
	for (const uint8_t *at = data.ptr, *nl; (nl = memchr(at, '\n', (size_t)(data.ptr + step - at))); at = nl + 1) {
		p->o.lines_before++;
		p->o.line_start = offset + (uint64_t)(nl + 1 - data.ptr);
	}
	return KH_OK;
}

size_t climb_part_room(const struct climber *c)
{
	size_t room = (size_t)(c->shared->large / 4);
	return room < 4u * WALK_OVERLAP ? 4u * WALK_OVERLAP : room;
}

/* An undeltified blob that does not fit: in parts. */
static enum status visit_in_parts(struct climber *c, uint32_t entry, const struct pack_entry *e)
{
	struct climb_parts p = { c, { .number = number_of(c, entry), .type = c->type } };
	size_t room = climb_part_room(c);
	return inflate_parts(bytes_of(c->pack->pack.ptr + e->data, (size_t)(c->pack->end - e->data)), e->size, room, WALK_OVERLAP, climb_part, &p);
}

/* What could not be read, from another place that has it: git does so too. Returns `why` when there is none. */
static enum status second_chance(struct climber *c, uint32_t entry, enum status why, uint8_t **out, size_t *len)
{
	enum object_type type;
	uint8_t *data;
	climb_take_big(c);
	if (store_read_other(c->shared->store, number_of(c, entry), c->shared->large / 4, &type, &data, len, &c->steps) != KH_OK)
		return why;
	*out = make_room(c, *len) ? pool_get(&c->pool, *len) : NULL;
	if (*out)
		memcpy(*out, data, *len);
	free(data);
	if (*out && c->type == OBJ_NONE)
		c->type = type;
	return *out ? KH_OK : KH_TOOBIG;
}

static bool is_wanted(const struct climber *c)
{
	return c->shared->visitor->types & 1u << c->type;
}

/* The base of a thin pack's root lies outside the pack. */
static enum status foreign_base(struct climber *c, const struct pack_entry *e, struct climb_frame *base, enum object_type *type)
{
	const struct store *s = c->shared->store;
	uint32_t number = store_find(s, &e->base);
	if (number == NO_OBJECT)
		return KH_MISSING;
	return store_read(s, number, c->shared->large / 4, type, &base->data, &base->len);
}

/* A root's content; of a thin pack's the type is known only then, and `*data` stays NULL when nobody wants it. */
static enum status read_root(struct climber *c, uint32_t root, struct pack_entry *e, uint8_t **data, size_t *len)
{
	struct climb_frame base = { 0 };
	enum status st = pack_entry_at(c->pack, c->forest->entry[root].offset, e);
	if (st != KH_OK || e->type == OBJ_OFS_DELTA)
		return KH_CORRUPT; /* with its base in the pack it would be no root */
	if (e->type != OBJ_REF_DELTA) {
		c->type = e->type;
		*len = (size_t)e->size;
		return inflate_at(c, e, data);
	}
	st = foreign_base(c, e, &base, &c->type);
	if (st == KH_OK && is_wanted(c))
		st = build(c, root, bytes_of(base.data, base.len), data, len);
	free(base.data);
	return st;
}

static void begin(struct climber *c, uint32_t root)
{
	struct pack_entry e = { 0 };
	uint8_t *data = NULL;
	size_t len = 0;
	c->type = OBJ_NONE;
	c->steps = STORE_STEPS;
	enum status st = read_root(c, root, &e, &data, &len);
	bool parts = st == KH_TOOBIG && e.type == OBJ_BLOB;
	if (parts)
		st = visit_in_parts(c, root, &e);
	if (parts && st == KH_OK) {
		push(c, root, NULL, 0, NULL, KH_TOOBIG);
		return;
	}
	if (st != KH_OK && st != KH_TOOBIG && st != KH_NOMEM)
		st = second_chance(c, root, st, &data, &len);
	if (c->type != OBJ_NONE && !is_wanted(c)) {
		pool_put(&c->pool, data, len);
		return;
	}
	if (st != KH_OK)
		skip_entry(c, root, st, false);
	push(c, root, data, len, st == KH_OK ? visit_entry(c, root, bytes_of(data, len), NULL) : NULL, st);
}

/* A frame's content again, after it was dropped to make room. */
static enum status rebuild(struct climber *c, struct climb_frame *f)
{
	enum object_type type;
	uint8_t *data, *buf = NULL;
	if (!make_room(c, f->len))
		return KH_TOOBIG;
	enum status st = store_read(c->shared->store, number_of(c, f->entry), f->len, &type, &data, &f->len);
	if (st == KH_OK && !(buf = pool_get(&c->pool, f->len)))
		st = KH_NOMEM;
	if (buf)
		memcpy(buf, data, f->len);
	f->data = buf;
	free(data);
	return st;
}

/* A child that nothing is built on, for a visitor that seldom needs more than the edits. */
static enum status visit_leaf(struct climber *c, uint32_t entry, const struct climb_frame *base)
{
	struct bytes delta = { 0 };
	size_t size;
	enum status st = inflate_delta(c, entry, &delta, &size);
	if (st == KH_OK)
		st = delta_apply(NULL, size, &c->edits, bytes_of(base->data, base->len), delta);
	if (st == KH_OK) {
		c->load_status = KH_OK;
		drop(c, visit_entry(c, entry, bytes_of(NULL, size), base));
		st = c->load_status;
		pool_put(&c->pool, c->loaded, size);
		c->loaded = NULL;
	}
	give_back(c, delta);
	return st;
}

/* The memory is slower than we are: ask for an entry's first bytes before its turn. */
static void prefetch(const struct climber *c, uint32_t entry)
{
	const uint8_t *p = c->pack->pack.ptr + c->forest->entry[entry].offset;
	__builtin_prefetch(p);
	__builtin_prefetch(p + 64);
	__builtin_prefetch(p + 128);
}

static void step(struct climber *c)
{
	struct climb_frame *top = &c->stack[c->depth - 1];
	const struct forest *f = c->forest;
	uint32_t child = f->child[top->next++];
	bool last = top->next == top->end;
	if (!last)
		prefetch(c, f->child[top->next]);
	if (f->entry[child].first_child < f->entry[child + 1].first_child)
		prefetch(c, f->child[f->entry[child].first_child]);
	bool leaf = c->shared->visitor->lazy && !c->shared->visitor->whole && f->entry[child].first_child == f->entry[child + 1].first_child;
	bool under = top->lost != KH_OK, again = false;
	uint8_t *data = NULL;
	size_t len = 0;
	void *state = NULL;
	enum status st = under ? top->lost : top->data ? KH_OK : rebuild(c, top);
	if (st == KH_OK)
		st = leaf ? visit_leaf(c, child, top) : build(c, child, bytes_of(top->data, top->len), &data, &len);
	if (st != KH_OK && (under || (st != KH_TOOBIG && st != KH_NOMEM))) {
		st = second_chance(c, child, st, &data, &len);
		again = st == KH_OK;
	}
	if (again && !is_wanted(c)) {
		pool_put(&c->pool, data, len);
		while (c->depth)
			pop(c);
		return;
	}
	if (st != KH_OK)
		skip_entry(c, child, st, under);
	else if (again || !leaf)
		state = visit_entry(c, child, bytes_of(data, len), again ? NULL : top);
	if (last)
		pop(c);
	if (data || st != KH_OK)
		push(c, child, data, len, state, st);
}

void climb_family(struct climber *c, uint32_t root, uint32_t next_root)
{
	prefetch(c, next_root);
	begin(c, root);
	while (c->depth)
		step(c);
	climb_leave_big(c);
}

void climb_alone(struct climber *c, uint32_t entry)
{
	uint8_t *data = NULL;
	size_t len;
	c->type = OBJ_NONE;
	c->steps = STORE_STEPS;
	enum status st = second_chance(c, entry, KH_CORRUPT, &data, &len);
	if (st != KH_OK)
		skip_entry(c, entry, st, false);
	else if (is_wanted(c))
		drop(c, visit_entry(c, entry, bytes_of(data, len), NULL));
	pool_put(&c->pool, data, len);
	climb_leave_big(c);
}
