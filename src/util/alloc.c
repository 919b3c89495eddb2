#include "util/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void *xcalloc(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1));
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

void free_ptr(void *ptr_to_ptr)
{
	free(*(void **)ptr_to_ptr);
}
