/* alloc.h: small things die without memory; buffers sized by input may be refused. Any thread. */
#ifndef KH_UTIL_ALLOC_H
#define KH_UTIL_ALLOC_H

#include <stddef.h>

/* These never return NULL: without memory the program says so and exits with 2. Free with free(). */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *ptr, size_t count, size_t size);
char *xstrdup(const char *s);
char *xmemdupz(const void *ptr, size_t len); /* `len` bytes and a NUL */

/* For sizes that come from input: NULL when refused, and the caller records a skip. */
void *try_alloc(size_t size);
void *try_realloc(void *ptr, size_t size); /* NULL: `ptr` is as it was */

/* Make room for `need` elements of `*ptr`, growing by half at least; dies without memory. */
#define ALLOC_GROW(ptr, need, cap) \
	do { \
		if ((need) > (cap)) { \
			(cap) = (need) > (cap) + (cap) / 2 + 16 ? (need) : (cap) + (cap) / 2 + 16; \
			(ptr) = xrealloc((ptr), (cap), sizeof *(ptr)); \
		} \
	} while (0)

/* Release at the end of the scope: KH_CLEANUP(free_ptr) char *x = ...; or any `void f(T **)` style function. */
#define KH_CLEANUP(fn) __attribute__((cleanup(fn)))
void free_ptr(void *ptr_to_ptr);

#endif
