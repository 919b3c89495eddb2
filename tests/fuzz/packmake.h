/* packmake.h: fuzz input to a pack in a folder of its own, in memory where the system allows.
 *
 *     input bytes ── reader ──> entries ── deflate ──> DIR/pack/pack-x.pack + .idx
 *
 * Object n is named by the big-endian number n, so its number in the store is n too. */
#ifndef FUZZ_PACKMAKE_H
#define FUZZ_PACKMAKE_H

#include "objects/walk.h"
#include "util/buf.h"

/* Input, eaten from the front; zeros behind its end. */
struct reader {
	const uint8_t *p, *end;
};
uint8_t take8(struct reader *r);
uint32_t take16(struct reader *r);
uint32_t take_below(struct reader *r, uint32_t n); /* 0 when n is 0 */
struct bytes take(struct reader *r, size_t most);

struct packmake {
	char dir[64];         /* the objects folder */
	struct buf body;      /* entries */
	uint64_t *offsets;
	uint32_t count, cap;
};
void packmake_init(struct packmake *m);
void packmake_release(struct packmake *m); /* removes the files too */

void packmake_begin(struct packmake *m);                             /* the next object starts here */
void packmake_header(struct packmake *m, unsigned type, uint64_t size);
void packmake_ofs(struct packmake *m, uint64_t back);                /* distance to an OFS delta's base */
void packmake_ref(struct packmake *m, uint32_t object);              /* name of a REF delta's base */
void packmake_deflated(struct packmake *m, struct bytes content);
void packmake_write(const struct packmake *m);                       /* .pack and .idx */

void delta_varint(struct buf *b, uint64_t n);
void delta_copy(struct buf *b, uint32_t from, uint32_t len);         /* len 1 to 65535 */
void delta_insert(struct buf *b, struct bytes data);

/* Stop the program: what was to be equal is not. */
_Noreturn void differ(const char *what);

#endif
