#include "objects/climb.h"

#include <stdio.h>
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

/* Entries below `entry`, itself not counted. */
static uint64_t count_below(const struct climber *c, uint32_t entry)
{
	const struct forest *f = c->forest;
	uint64_t n = 0;
	size_t len = 0, cap = 0;
	uint32_t *todo = NULL;
	for (;;) {
		for (uint32_t i = f->entry[entry].first_child; i < f->entry[entry + 1].first_child; i++, n++) {
			ALLOC_GROW(todo, len + 1, cap);
			todo[len++] = f->child[i];
		}
		if (!len)
			break;
		entry = todo[--len];
	}
	free(todo);
	return n;
}

static void skip_entry(struct climber *c, uint32_t entry, enum status st)
{
	char hex[OID_HEX_MAX + 1], why[120];
	struct oid oid = name_of(c, entry);
	uint64_t below = count_below(c, entry);
	const char *words = st == KH_TOOBIG ? "larger than the memory budget (--memory)" : status_words(st);
	oid_hex(hex, &oid, c->pack->oid_len);
	if (below)
		snprintf(why, sizeof why, "%s, and with it %llu objects built on it", words, (unsigned long long)below);
	else
		snprintf(why, sizeof why, "%s", words);
	skips_add(&c->skips, hex, NULL, why);
	c->skips.total += below;
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

/* Drop the contents of frames that wait, the longest waiting first, until `need` more bytes fit. The top one is needed. */
static bool make_room(struct climber *c, uint64_t need)
{
	if (c->pool.live + need > c->shared->small && !c->has_big) {
		pthread_mutex_lock(&c->shared->big);
		c->has_big = true;
	}
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
	if (!make_room(c, size))
		return KH_TOOBIG;
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

/* Keep what children of `entry` will need; without children, give it back. */
static void push(struct climber *c, uint32_t entry, uint8_t *data, size_t len, void *state)
{
	const struct forest *f = c->forest;
	struct climb_frame frame = { entry, f->entry[entry].first_child, f->entry[entry + 1].first_child, data, len, state };
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

/* An undeltified object that does not fit: in parts. Its children, which would need all of it, are lost. */
static enum status visit_in_parts(struct climber *c, uint32_t entry, const struct pack_entry *e)
{
	struct climb_parts p = { c, { .number = number_of(c, entry), .type = c->type } };
	size_t room = climb_part_room(c);
	enum status st = inflate_parts(bytes_of(c->pack->pack.ptr + e->data, (size_t)(c->pack->end - e->data)), e->size, room, WALK_OVERLAP, climb_part, &p);
	if (st == KH_OK && count_below(c, entry)) {
		skip_entry(c, entry, KH_TOOBIG);
		c->skips.total--; /* it was seen itself */
	}
	return st;
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

static enum status begin(struct climber *c, uint32_t root)
{
	struct pack_entry e;
	uint8_t *data;
	size_t len;
	enum status st = pack_entry_at(c->pack, c->forest->entry[root].offset, &e);
	if (st != KH_OK)
		return st;
	c->type = e.type;
	if (e.type == OBJ_REF_DELTA) {
		struct climb_frame base = { 0 };
		enum object_type type = OBJ_NONE;
		st = foreign_base(c, &e, &base, &type);
		if (st == KH_OK)
			st = build(c, root, bytes_of(base.data, base.len), &data, &len);
		free(base.data);
		if (st != KH_OK)
			return st;
		c->type = type;
		if (!(c->shared->visitor->types & 1u << type)) {
			pool_put(&c->pool, data, len);
			return KH_OK;
		}
	} else {
		st = inflate_at(c, &e, &data);
		if (st == KH_TOOBIG)
			return visit_in_parts(c, root, &e);
		if (st != KH_OK)
			return st;
		len = (size_t)e.size;
	}
	push(c, root, data, len, visit_entry(c, root, bytes_of(data, len), NULL));
	return KH_OK;
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
	uint8_t *data = NULL;
	size_t len = 0;
	void *state = NULL;
	enum status st = top->data ? KH_OK : rebuild(c, top);
	if (st == KH_OK)
		st = leaf ? visit_leaf(c, child, top) : build(c, child, bytes_of(top->data, top->len), &data, &len);
	if (st != KH_OK)
		skip_entry(c, child, st);
	else if (!leaf)
		state = visit_entry(c, child, bytes_of(data, len), top);
	if (last)
		pop(c);
	if (data)
		push(c, child, data, len, state);
}

void climb_family(struct climber *c, uint32_t root, uint32_t next_root)
{
	prefetch(c, next_root);
	enum status st = begin(c, root);
	if (st != KH_OK)
		skip_entry(c, root, st);
	while (c->depth)
		step(c);
	if (c->has_big) {
		pthread_mutex_unlock(&c->shared->big);
		c->has_big = false;
	}
}
