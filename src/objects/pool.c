#include "objects/pool.h"

#include <stdlib.h>

#include "util/alloc.h"

struct pool_free {
	struct pool_free *next;
};

#define SMALLEST 10 /* 1 KiB */

static unsigned class_of(size_t size)
{
	unsigned c = SMALLEST;
	size += POOL_SLACK;
	while (c < POOL_CLASSES - 1 && (size_t)1 << c < size)
		c++;
	return c;
}

uint8_t *pool_get(struct pool *p, size_t size)
{
	unsigned c = class_of(size);
	size_t room = (size_t)1 << c;
	struct pool_free *f = p->free[c];
	if (size > room - POOL_SLACK)
		return NULL;
	if (f) {
		p->free[c] = f->next;
		p->idle -= room;
	} else {
		f = try_alloc(room > 1u << 24 ? size + POOL_SLACK : room);
	}
	if (f)
		p->live += size;
	return (uint8_t *)f;
}

void pool_put(struct pool *p, uint8_t *buf, size_t size)
{
	unsigned c = class_of(size);
	size_t room = (size_t)1 << c;
	if (!buf)
		return;
	p->live -= size;
	if (room > 1u << 24 || p->idle + room > p->keep) {
		free(buf);
		return;
	}
	struct pool_free *f = (struct pool_free *)(void *)buf;
	f->next = p->free[c];
	p->free[c] = f;
	p->idle += room;
}

void pool_release(struct pool *p)
{
	for (unsigned c = 0; c < POOL_CLASSES; c++)
		while (p->free[c]) {
			struct pool_free *f = p->free[c];
			p->free[c] = f->next;
			free(f);
		}
	p->idle = 0;
}
