/* pack.c: the bytes of a pack and its index.
 *
 *  idx v1: fanout[256] | (offset, name) * n            | pack hash | idx hash
 *  idx v2: \377tOc 2 | fanout[256] | name * n | crc * n | offset * n | offset64 * m | pack hash | idx hash
 *  entry:  [more:1 type:3 size:4] [more:1 size:7]*  (base: offset or name)  deflated bytes
 *
 * Source: git's gitformat-pack. */
#include "objects/pack.h"

#include <stdlib.h>

#include "objects/mapped.h"
#include "util/alloc.h"

#define FANOUT_LEN 1024u

static uint32_t fanout(const struct pack *p, unsigned byte)
{
	if (p->fanout)
		return p->fanout[byte];
	return load_be32(p->idx.ptr + (p->idx_version == 1 ? 0 : 8) + 4u * byte);
}

/* Is this the number of entries that an index of this length has? Its 64-bit offsets may be any number below that. */
static bool fits(const struct pack *p, uint32_t count)
{
	size_t h = p->oid_len, head = p->idx_version == 1 ? FANOUT_LEN : 8 + FANOUT_LEN;
	size_t least = head + (size_t)count * (p->idx_version == 1 ? h + 4 : h + 8) + 2 * h;
	size_t most = least + (p->idx_version == 2 && count ? ((size_t)count - 1) * 8 : 0);
	return p->idx.len >= least && p->idx.len <= most;
}

static bool is_rising(const struct pack *p)
{
	for (unsigned i = 1; i < 256; i++)
		if (fanout(p, i) < fanout(p, i - 1))
			return false;
	return true;
}

/* The names are there, whatever the table says of them. */
static void count_fanout(struct pack *p)
{
	uint32_t *own = xcalloc(256, sizeof *own);
	for (uint32_t i = 0; i < p->count; i++)
		own[*pack_name(p, i)]++;
	for (unsigned i = 1; i < 256; i++)
		own[i] += own[i - 1];
	p->fanout = own;
}

static enum status check_idx(struct pack *p)
{
	const uint8_t *b = p->idx.ptr;
	size_t h = p->oid_len;
	if (p->idx.len < 8 + FANOUT_LEN + 2 * h)
		return KH_CORRUPT;
	p->idx_version = memcmp(b, "\377tOc", 4) ? 1 : (int)load_be32(b + 4);
	if (p->idx_version != 1 && p->idx_version != 2)
		return KH_UNSUPPORTED;
	p->names = b + (p->idx_version == 1 ? FANOUT_LEN + 4 : 8 + FANOUT_LEN);
	p->count = fanout(p, 255);
	bool rising = is_rising(p);
	if (rising && fits(p, p->count))
		return KH_OK;
	uint32_t counted = p->pack.len >= 12 ? load_be32(p->pack.ptr + 8) : 0;
	if (!fits(p, p->count))
		p->count = counted;
	if (!fits(p, p->count))
		return KH_CORRUPT;
	count_fanout(p);
	p->damage = "damaged: the index's fan-out table makes no sense";
	return KH_OK;
}

static enum status check_pack(struct pack *p)
{
	const uint8_t *b = p->pack.ptr;
	size_t h = p->oid_len;
	if (p->pack.len < 12)
		return KH_CORRUPT;
	/* the index names the pack it was made for by the pack's own trailing hash */
	bool trailer = p->pack.len >= 12 + h && !memcmp(b + p->pack.len - h, p->idx.ptr + p->idx.len - 2 * h, h);
	p->end = trailer ? p->pack.len - h : p->pack.len;
	if (memcmp(b, "PACK", 4))
		p->damage = "damaged: it does not begin as a pack does";
	else if (load_be32(b + 4) != 2 && load_be32(b + 4) != 3)
		return KH_UNSUPPORTED;
	else if (load_be32(b + 8) != p->count)
		p->damage = "damaged: the pack and its index count different numbers of objects";
	else if (!trailer)
		p->damage = "damaged: the pack is cut short, or is not the one its index was made for";
	return KH_OK;
}

enum status pack_open(struct pack **out, const char *idx_path, unsigned oid_len)
{
	size_t len = strlen(idx_path);
	if (len < 4 || strcmp(idx_path + len - 4, ".idx"))
		return KH_USAGE;
	struct pack *p = xcalloc(1, sizeof *p);
	p->oid_len = oid_len;
	p->path = xmalloc(len + 2);
	memcpy(p->path, idx_path, len - 4);
	memcpy(p->path + len - 4, ".pack", 6);
	enum status st = mapped_open(&p->idx, idx_path);
	if (st == KH_OK)
		st = mapped_open(&p->pack, p->path);
	if (st == KH_OK)
		st = check_idx(p);
	if (st == KH_OK)
		st = check_pack(p);
	if (st != KH_OK) {
		pack_free(p);
		return st;
	}
	*out = p;
	return KH_OK;
}

bool pack_has_index(const struct pack *p, const char *idx_path)
{
	size_t h = 2 * (size_t)p->oid_len, len = p->idx.len;
	KH_CLEANUP(mapped_close) struct bytes now = { 0 };
	return mapped_open(&now, idx_path) == KH_OK && now.len == len && !memcmp(now.ptr + len - h, p->idx.ptr + len - h, h);
}

void pack_free(struct pack *p)
{
	if (!p)
		return;
	mapped_close(&p->pack);
	mapped_close(&p->idx);
	free(p->path);
	free(p->fanout);
	free(p);
}

uint64_t pack_offset(const struct pack *p, uint32_t pos)
{
	size_t h = p->oid_len, n = p->count;
	if (p->idx_version == 1)
		return load_be32(p->names - 4 + (size_t)pos * (h + 4));
	const uint8_t *offsets = p->names + n * (h + 4);
	uint32_t off = load_be32(offsets + 4 * (size_t)pos);
	if (!(off & 0x80000000u))
		return off;
	size_t at = (size_t)(offsets - p->idx.ptr) + 4 * n + 8 * (size_t)(off & 0x7fffffffu);
	if (at + 8 > p->idx.len - 2 * h)
		return 0;
	return load_be64(p->idx.ptr + at);
}

/* The first eight bytes of a name as a number: enough to order nearly all of them without a call. */
static inline int name_cmp(const struct pack *p, const struct oid *oid, uint64_t key, uint32_t pos)
{
	const uint8_t *name = pack_name(p, pos);
	uint64_t other = load_be64(name);
	if (key != other)
		return key < other ? -1 : 1;
	return memcmp(oid->id, name, p->oid_len);
}

/* Names are spread evenly, so the guess from their leading bits is off by some dozens at most; from there the step is
 * doubled until the name is between two positions, and halved again. A pack whose names are not even costs log2(n). */
bool pack_find(const struct pack *p, const struct oid *oid, uint32_t *pos)
{
	uint32_t lo = oid->id[0] ? fanout(p, oid->id[0] - 1u) : 0, hi = fanout(p, oid->id[0]);
	uint64_t key = load_be64(oid->id);
	uint32_t mid = lo + (uint32_t)((uint64_t)(hi - lo) * (uint32_t)(key >> 24) >> 32);
	for (uint32_t reach = 16; lo < hi;) {
		int c = name_cmp(p, oid, key, mid);
		if (!c) {
			*pos = mid;
			return true;
		}
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
		if (reach < hi - lo) {
			mid = c < 0 ? hi - reach : lo + reach;
			reach *= 2;
		} else {
			reach = UINT32_MAX;
			mid = lo + (hi - lo) / 2;
		}
	}
	return false;
}

bool pack_find_next(const struct pack *p, const struct oid *oid, uint32_t *from)
{
	uint64_t key = load_be64(oid->id);
	uint32_t lo = *from, step = 1;
	while (step < p->count - lo && name_cmp(p, oid, key, lo + step) >= 0) {
		lo += step;
		step *= 2;
	}
	uint32_t hi = step < p->count - lo ? lo + step : p->count;
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (name_cmp(p, oid, key, mid) >= 0)
			lo = mid;
		else
			hi = mid;
	}
	*from = lo;
	return lo < p->count && !name_cmp(p, oid, key, lo);
}

enum status pack_entry_at(const struct pack *p, uint64_t offset, struct pack_entry *out)
{
	uint64_t end = p->end, at = offset;
	const uint8_t *b = p->pack.ptr;
	if (offset < 12 || offset >= end)
		return KH_CORRUPT;
	uint8_t c = b[at++];
	out->type = (enum object_type)(c >> 4 & 7);
	out->size = c & 15;
	for (unsigned shift = 4; c & 0x80; shift += 7) {
		if (at >= end || shift > 60)
			return KH_CORRUPT;
		c = b[at++];
		out->size |= (uint64_t)(c & 0x7f) << shift;
	}
	if (out->type == OBJ_OFS_DELTA) {
		uint64_t back = 0;
		do {
			if (at >= end || back >> 56)
				return KH_CORRUPT;
			c = b[at++];
			back = (back << 7) + (c & 0x7f) + (c & 0x80 ? 1 : 0);
		} while (c & 0x80);
		if (!back || back > offset)
			return KH_CORRUPT;
		out->base_offset = offset - back;
	} else if (out->type == OBJ_REF_DELTA) {
		if (end - at < p->oid_len)
			return KH_CORRUPT;
		out->base = oid_from(b + at, p->oid_len);
		at += p->oid_len;
	} else if (out->type == OBJ_NONE || out->type > OBJ_TAG) {
		return KH_CORRUPT;
	}
	out->data = at;
	return at < end ? KH_OK : KH_CORRUPT;
}
