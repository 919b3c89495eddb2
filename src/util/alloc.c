#include "util/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

static void *must(void *ptr)
{
	if (!ptr) {
		fputs("keyhunt: out of memory\n", stderr);
		exit(2);
	}
	return ptr;
}

void *xmalloc(size_t size)
{
	return must(malloc(size ? size : 1));
}

/* Of what is large and will be filled the kernel need not zero and map each page by itself. */
static void want_huge_pages(void *ptr, size_t size)
{
	uintptr_t from = ((uintptr_t)ptr + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1), to = ((uintptr_t)ptr + size) & ~(uintptr_t)(HUGE_PAGE - 1);
	if (to > from)
		madvise((void *)from, to - from, MADV_HUGEPAGE); /* a wish: nothing depends on it */
}

void *xcalloc(size_t count, size_t size)
{
	void *ptr = must(calloc(count ? count : 1, size ? size : 1));
	if (count * size >= HUGE_PAGE)
		want_huge_pages(ptr, count * size);
	return ptr;
}

void *xrealloc(void *ptr, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return must(NULL);
	size_t total = count * size;
	return must(realloc(ptr, total ? total : 1));
}

char *xstrdup(const char *s)
{
	return xmemdupz(s, strlen(s));
}

char *xmemdupz(const void *ptr, size_t len)
{
	char *copy = xmalloc(len + 1);
	if (len)
		memcpy(copy, ptr, len);
	copy[len] = '\0';
	return copy;
}

void *try_alloc(size_t size)
{
	return malloc(size ? size : 1);
}

void *try_realloc(void *ptr, size_t size)
{
	return realloc(ptr, size ? size : 1);
}

void free_ptr(void *ptr_to_ptr)
{
	free(*(void **)ptr_to_ptr);
}
