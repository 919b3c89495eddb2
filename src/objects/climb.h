/* climb.h: visits one delta family, depth first.
 *
 * The heaviest child comes last and takes its base's place, so a chain needs no stack, and at most log2(members) bases
 * wait on it. When even these are too many for the memory budget, the contents of those that wait longest are dropped
 * and rebuilt when their turn comes. */
#ifndef KH_OBJECTS_CLIMB_H
#define KH_OBJECTS_CLIMB_H

#include <pthread.h>

#include "objects/delta.h"
#include "objects/forest.h"
#include "objects/inflate.h"
#include "objects/pool.h"

/* What the climbers of a team share. */
struct climb_shared {
	const struct store *store;
	const struct visitor *visitor;
	uint64_t small;          /* a climber may hold so many bytes without asking */
	uint64_t large;          /* and so many while it holds `big`: the whole budget's greater part */
	pthread_mutex_t big;     /* held by the one climber that works on large objects */
};

struct climb_frame {
	uint32_t entry, next, end; /* children still to come: forest.child[next..end) */
	uint8_t *data;             /* NULL: dropped to save memory */
	size_t len;
	void *state;
	enum status lost;          /* KH_OK, or why there is no content to build the children on */
};

struct climber {
	struct climb_shared *shared;
	unsigned worker;
	const struct pack *pack;
	const struct forest *forest;
	uint32_t first;          /* number of the pack's entry 0 in the store */
	enum object_type type;   /* of the family at hand */
	uint64_t steps;          /* what is left for searching other copies of its damaged members */
	struct inflater *inflater;
	struct pool pool;
	struct edits edits;
	uint8_t *loaded;         /* content of a lazy object that its visitor loaded */
	enum status load_status;
	struct climb_frame *stack;
	size_t depth, stack_cap;
	bool has_big;
	struct skips skips;
	struct walk_stats stats;
};

void climber_init(struct climber *c, struct climb_shared *shared, unsigned worker);
void climber_release(struct climber *c);

/* Visit every member of the family of `root`. What cannot be read here is read from where else it lies; what is nowhere becomes a skip,
 * and so does what is built on it. `next_root`: the family that comes next, or any. */
void climb_family(struct climber *c, uint32_t root, uint32_t next_root);

/* An entry that no root leads to: only another copy can give it. */
void climb_alone(struct climber *c, uint32_t entry);

/* One climber at a time works on objects larger than its share; it holds this until it leaves. */
void climb_take_big(struct climber *c);
void climb_leave_big(struct climber *c);

/* Visit one object read by other means (a loose one). */
void climb_single(struct climber *c, uint32_t number, enum object_type type, struct bytes data);

/* One that does not fit into memory, part by part: `payload` is a struct climb_parts whose object has its number and
 * type. Fits inflate_parts, with WALK_OVERLAP and this room. */
struct climb_parts {
	struct climber *climber;
	struct object o;
};
enum status climb_part(void *payload, struct bytes data, uint64_t offset, int more);
size_t climb_part_room(const struct climber *c);

#endif
