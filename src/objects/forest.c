#include "objects/forest.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/team.h"

#define ENTRY_WEIGHT 200 /* what an entry costs besides its bytes, in bytes: measured, roughly */

#define AHEAD 16u /* headers lie far apart: the memory is asked for them before their turn; an offset past the end does no harm */

struct keyed {
	uint64_t offset;
	uint32_t position;
};

struct build {
	const struct pack *p;
	struct forest *f;
	uint32_t *base; /* of each entry: entry, NO_ENTRY, or FOREIGN */
	unsigned threads;
};
#define FOREIGN (UINT32_MAX - 1)

#define DIGIT_BITS 11
#define DIGITS (1u << DIGIT_BITS)

/* Least significant digit first; only the digits that offsets of this pack use. */
static void sort_by_offset(struct keyed *a, struct keyed *b, uint32_t n, uint64_t largest)
{
	struct keyed *from = a, *to = b;
	for (unsigned shift = 0; shift < 64 && largest >> shift; shift += DIGIT_BITS) {
		uint32_t count[DIGITS + 1] = { 0 };
		for (uint32_t i = 0; i < n; i++)
			count[(from[i].offset >> shift & (DIGITS - 1)) + 1]++;
		for (unsigned i = 0; i < DIGITS; i++)
			count[i + 1] += count[i];
		for (uint32_t i = 0; i < n; i++)
			to[count[from[i].offset >> shift & (DIGITS - 1)]++] = from[i];
		struct keyed *t = from;
		from = to;
		to = t;
	}
	if (from != a)
		memcpy(a, from, n * sizeof *a);
}

static void list_entries(struct build *b)
{
	struct forest *f = b->f;
	uint32_t n = f->count;
	KH_CLEANUP(free_ptr) struct keyed *k = xcalloc(n, sizeof *k);
	KH_CLEANUP(free_ptr) struct keyed *spare = xcalloc(n, sizeof *k);
	uint64_t largest = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t offset = pack_offset(b->p, i);
		k[i] = (struct keyed){ offset < b->p->end ? offset : b->p->end, i }; /* what lies outside is no entry */
		if (k[i].offset > largest)
			largest = k[i].offset;
	}
	sort_by_offset(k, spare, n, largest);
	for (uint32_t i = 0; i < n; i++) {
		f->entry[i].offset = k[i].offset;
		f->entry[i].position = k[i].position;
	}
	f->entry[n].offset = b->p->end;
}

/* Looked for before entry `below`, in steps that double: most bases are near. */
static uint32_t entry_before(const struct forest *f, uint64_t offset, uint32_t below)
{
	uint32_t hi = below, step = 1;
	while (step < hi && f->entry[hi - step].offset > offset) {
		hi -= step;
		step *= 2;
	}
	uint32_t lo = step < hi ? hi - step : 0;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (f->entry[mid].offset < offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < f->count && f->entry[lo].offset == offset ? lo : NO_ENTRY;
}

static uint32_t base_of(const struct build *b, const struct pack_entry *e, uint32_t i)
{
	uint32_t pos;
	if (e->type == OBJ_OFS_DELTA)
		return entry_before(b->f, e->base_offset, i);
	if (!pack_find(b->p, &e->base, &pos))
		return FOREIGN;
	return entry_before(b->f, pack_offset(b->p, pos), b->f->count);
}

static void read_headers(void *payload, unsigned worker)
{
	struct build *b = payload;
	struct forest *f = b->f;
	uint32_t lo = (uint32_t)((uint64_t)f->count * worker / b->threads);
	uint32_t hi = (uint32_t)((uint64_t)f->count * (worker + 1) / b->threads);
	for (uint32_t i = lo; i < hi; i++) {
		struct pack_entry e;
		if (i + AHEAD < hi)
			__builtin_prefetch(b->p->pack.ptr + f->entry[i + AHEAD].offset);
		b->base[i] = NO_ENTRY;
		f->type[i] = OBJ_NONE;
		if (pack_entry_at(b->p, f->entry[i].offset, &e) != KH_OK)
			continue;
		if (e.type <= OBJ_TAG)
			f->type[i] = (uint8_t)e.type;
		else
			b->base[i] = base_of(b, &e, i);
	}
}

static void link_children(struct build *b)
{
	struct forest *f = b->f;
	uint32_t n = f->count;
	for (uint32_t i = 0; i < n; i++)
		if (b->base[i] < n)
			f->entry[b->base[i]].first_child++;
	for (uint32_t i = 0; i < n; i++)
		f->entry[i + 1].first_child += f->entry[i].first_child;
	f->child = xcalloc(f->entry[n].first_child, sizeof *f->child);
	for (uint32_t i = n; i-- > 0;) /* from the ends of the children's places to their beginnings */
		if (b->base[i] < n)
			f->child[--f->entry[b->base[i]].first_child] = i;
}

/* Does every base lie before what is built on it? In packs whose deltas name their bases by offset, always. */
static bool order_is_given(const struct build *b)
{
	for (uint32_t i = 0; i < b->f->count; i++)
		if (b->base[i] < b->f->count && b->base[i] >= i)
			return false;
	return true;
}

static void reach_in_order(const struct build *b, uint8_t *reached)
{
	struct forest *f = b->f;
	for (uint32_t i = 0; i < f->count; i++) {
		uint32_t base = b->base[i];
		reached[i] = base < f->count ? reached[base] : 1;
		if (base < f->count)
			f->type[i] = f->type[base];
	}
}

/* Entries in an order that has every base before its children; those not reached are lost. */
static uint32_t order_from_roots(const struct build *b, uint32_t *order, uint8_t *reached)
{
	struct forest *f = b->f;
	uint32_t len = 0;
	for (uint32_t i = 0; i < f->count; i++)
		if (b->base[i] >= f->count)
			order[len++] = i;
	for (uint32_t i = 0; i < len; i++)
		for (uint32_t c = f->entry[order[i]].first_child; c < f->entry[order[i] + 1].first_child; c++) {
			f->type[f->child[c]] = f->type[order[i]];
			order[len++] = f->child[c];
		}
	for (uint32_t i = 0; i < len; i++)
		reached[order[i]] = 1;
	return len;
}

/* `order`: NULL when it is given. */
static void weigh(const struct build *b, const uint32_t *order, uint32_t len, uint64_t *weight)
{
	struct forest *f = b->f;
	for (uint32_t i = len; i-- > 0;) {
		uint32_t e = order ? order[i] : i;
		weight[e] += f->entry[e + 1].offset - f->entry[e].offset + ENTRY_WEIGHT;
		if (b->base[e] < f->count)
			weight[b->base[e]] += weight[e];
	}
	for (uint32_t i = 0; i < f->count; i++) {
		uint32_t lo = f->entry[i].first_child, hi = f->entry[i + 1].first_child, heaviest = lo;
		for (uint32_t c = lo; c < hi; c++)
			if (weight[f->child[c]] > weight[f->child[heaviest]])
				heaviest = c;
		if (lo < hi) {
			uint32_t t = f->child[hi - 1];
			f->child[hi - 1] = f->child[heaviest];
			f->child[heaviest] = t;
		}
	}
}

static int heavier_first(const void *a, const void *b)
{
	const struct family *x = a, *y = b;
	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return x->root < y->root ? -1 : x->root > y->root;
}

/* Heavy families first, so that none of them is begun last and waited for; the rest in pack order, for the page cache. */
static void list_families(struct build *b, const uint64_t *weight, unsigned types)
{
	struct forest *f = b->f;
	uint32_t n = 0, heavy = 0;
	uint64_t total = 0;
	f->families = xcalloc(f->count, sizeof *f->families);
	for (uint32_t i = 0; i < f->count; i++) {
		if (b->base[i] < f->count || (f->type[i] != OBJ_NONE && !(types & 1u << f->type[i])))
			continue;
		f->families[n++] = (struct family){ i, weight[i] };
		total += weight[i];
	}
	f->nfamilies = n;
	uint64_t bound = total / (32ul * (b->threads ? b->threads : 1)) + 1;
	KH_CLEANUP(free_ptr) struct family *rest = xcalloc(n, sizeof *rest);
	uint32_t nrest = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (f->families[i].weight > bound)
			f->families[heavy++] = f->families[i];
		else
			rest[nrest++] = f->families[i];
	}
	qsort(f->families, heavy, sizeof *f->families, heavier_first);
	memcpy(f->families + heavy, rest, nrest * sizeof *rest);
}

static void list_odd(struct build *b, const uint8_t *reached)
{
	struct forest *f = b->f;
	for (uint32_t i = 0; i < f->count; i++) {
		if (!reached[i]) {
			f->lost = xrealloc(f->lost, f->nlost + 1u, sizeof *f->lost);
			f->lost[f->nlost++] = i;
		}
		if (b->base[i] == FOREIGN) {
			f->foreign = xrealloc(f->foreign, f->nforeign + 1u, sizeof *f->foreign);
			f->foreign[f->nforeign++] = i;
		}
	}
}

void forest_build(struct forest *f, const struct pack *p, unsigned types, unsigned threads)
{
	uint32_t n = p->count;
	*f = (struct forest){ .count = n };
	f->entry = xcalloc(n + 1u, sizeof *f->entry);
	f->type = xcalloc(n, 1);
	KH_CLEANUP(free_ptr) uint32_t *base = xcalloc(n, sizeof *base);
	KH_CLEANUP(free_ptr) uint32_t *order = NULL;
	KH_CLEANUP(free_ptr) uint64_t *weight = xcalloc(n, sizeof *weight);
	KH_CLEANUP(free_ptr) uint8_t *reached = xcalloc(n, 1);
	struct build b = { p, f, base, threads };
	uint32_t len = n;
	list_entries(&b);
	team_run(threads, read_headers, &b);
	link_children(&b);
	if (order_is_given(&b)) {
		reach_in_order(&b, reached);
	} else {
		order = xcalloc(n, sizeof *order);
		len = order_from_roots(&b, order, reached);
	}
	weigh(&b, order, len, weight);
	list_families(&b, weight, types);
	list_odd(&b, reached);
}

void forest_release(struct forest *f)
{
	free(f->entry);
	free(f->type);
	free(f->child);
	free(f->families);
	free(f->foreign);
	free(f->lost);
	*f = (struct forest){ 0 };
}
