/* pool.h: buffers for object contents, kept for the next object instead of given back to the system. One worker's. */
#ifndef KH_OBJECTS_POOL_H
#define KH_OBJECTS_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "objects/inflate.h"

#define POOL_CLASSES 40

struct pool {
	struct pool_free *free[POOL_CLASSES]; /* by power of two */
	size_t live;   /* bytes handed out */
	size_t idle;   /* bytes kept */
	size_t keep;   /* keep at most so many */
};

/* NULL when refused. There is room for POOL_SLACK bytes more behind each buffer, for inflate_exact. */
#define POOL_SLACK INFLATE_SLACK
uint8_t *pool_get(struct pool *p, size_t size);
void pool_put(struct pool *p, uint8_t *buf, size_t size); /* `size` as it was asked for; NULL is fine */
void pool_release(struct pool *p);              /* what is idle */

#endif
