#include "findings/paths.h"

#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "findings/siphash.h"
#include "util/alloc.h"

void random_key(uint64_t key[2])
{
	/* without randomness the tables still work; they are only easier to slow down */
	if (getrandom(key, 2 * sizeof *key, GRND_NONBLOCK) != (ssize_t)(2 * sizeof *key)) {
		key[0] = (uintptr_t)key;
		key[1] = (uint64_t)getpid();
	}
}

static uint32_t mark_of(struct bytes b)
{
	uint64_t h = 0xcbf29ce484222325u ^ b.len;
	for (size_t i = 0; i < b.len; i++)
		h = (h ^ b.ptr[i]) * 0x100000001b3u;
	return (uint32_t)(h ^ h >> 32);
}

static const struct name **find_slot(const struct name_set *s, uint32_t hash, struct bytes b)
{
	size_t i = hash & (s->size - 1);
	for (;; i = (i + 1) & (s->size - 1)) {
		const struct name *n = s->slots[i];
		if (!n || (n->hash == hash && n->len == b.len && !memcmp(n->bytes, b.ptr, b.len)))
			return &s->slots[i];
	}
}

static void set_add(struct name_set *s, const struct name *n)
{
	if ((s->len + 1) * 2 > s->size) {
		struct name_set bigger = { .size = s->size ? s->size * 2 : 256, .len = s->len };
		bigger.slots = xcalloc(bigger.size, sizeof *bigger.slots);
		for (size_t i = 0; i < s->size; i++)
			if (s->slots[i])
				*find_slot(&bigger, s->slots[i]->hash, bytes_of(s->slots[i]->bytes, s->slots[i]->len)) = s->slots[i];
		free(s->slots);
		*s = bigger;
	}
	*find_slot(s, n->hash, bytes_of(n->bytes, n->len)) = n;
	s->len++;
}

void name_set_release(struct name_set *s)
{
	free(s->slots);
	*s = (struct name_set){ 0 };
}

static const struct name *set_get(const struct name_set *s, uint32_t hash, struct bytes b)
{
	return s->size ? *find_slot(s, hash, b) : NULL;
}

static const struct name *make(struct names *n, uint32_t hash, struct bytes b)
{
	struct name *made = xmalloc(sizeof *made + b.len);
	*made = (struct name){ .id = (uint32_t)n->len, .hash = hash, .len = (uint32_t)b.len, .mark = mark_of(b) };
	if (b.len)
		memcpy(made->bytes, b.ptr, b.len);
	ALLOC_GROW(n->list, n->len + 1, n->cap);
	n->list[n->len++] = made;
	set_add(&n->set, made);
	return made;
}

void names_init(struct names *n)
{
	*n = (struct names){ 0 };
	random_key(n->key);
	pthread_mutex_init(&n->lock, NULL);
	make(n, (uint32_t)siphash(n->key, "", 0), bytes_of("", 0));
}

void names_release(struct names *n)
{
	for (size_t i = 0; i < n->len; i++)
		free((void *)(uintptr_t)n->list[i]);
	free(n->list);
	name_set_release(&n->set);
	pthread_mutex_destroy(&n->lock);
}

const struct name *names_intern(struct names *n, struct name_set *cache, struct bytes bytes)
{
	uint32_t hash = (uint32_t)siphash(n->key, bytes.ptr, bytes.len);
	const struct name *known = cache ? set_get(cache, hash, bytes) : NULL;
	if (known)
		return known;
	pthread_mutex_lock(&n->lock);
	known = set_get(&n->set, hash, bytes);
	if (!known)
		known = make(n, hash, bytes);
	pthread_mutex_unlock(&n->lock);
	if (cache)
		set_add(cache, known);
	return known;
}

void paths_init(struct paths *p, struct names *names)
{
	*p = (struct paths){ .names = names };
	ALLOC_GROW(p->list, 1, p->cap);
	p->list[p->len++] = (struct path_node){ PATH_ROOT, NAME_NONE };
	p->table_size = 1024;
	p->table = xcalloc(p->table_size, sizeof *p->table);
}

void paths_release(struct paths *p)
{
	free(p->list);
	free(p->table);
	*p = (struct paths){ 0 };
}

/* Slots hold path numbers; 0, the root, is never looked up and means empty. */
static uint32_t *path_slot(const struct paths *p, struct path_node n)
{
	uint64_t h = ((uint64_t)n.parent << 32 | n.name) * 0x9e3779b97f4a7c15u;
	size_t i = (h >> 32) & (p->table_size - 1);
	for (;; i = (i + 1) & (p->table_size - 1)) {
		uint32_t id = p->table[i];
		if (!id || (p->list[id].parent == n.parent && p->list[id].name == n.name))
			return &p->table[i];
	}
}

static void grow_table(struct paths *p)
{
	free(p->table);
	p->table_size *= 2;
	p->table = xcalloc(p->table_size, sizeof *p->table);
	for (uint32_t id = 1; id < p->len; id++)
		*path_slot(p, p->list[id]) = id;
}

uint32_t paths_intern(struct paths *p, uint32_t parent, uint32_t name)
{
	struct path_node n = { parent, name };
	uint32_t *slot = path_slot(p, n);
	if (*slot)
		return *slot;
	ALLOC_GROW(p->list, p->len + 1, p->cap);
	*slot = (uint32_t)p->len;
	p->list[p->len++] = n;
	if (p->len * 2 > p->table_size)
		grow_table(p);
	return (uint32_t)p->len - 1;
}

uint32_t paths_find(struct paths *p, uint32_t parent, uint32_t name)
{
	uint32_t id = *path_slot(p, (struct path_node){ parent, name });
	return id ? id : NO_PATH;
}

uint32_t paths_name(struct paths *p, const char *name)
{
	return names_intern(p->names, NULL, bytes_str(name))->id;
}

uint32_t paths_intern_string(struct paths *p, const char *path)
{
	uint32_t at = PATH_ROOT;
	for (;; path++) {
		size_t len = strcspn(path, "/");
		at = paths_intern(p, at, names_intern(p->names, NULL, bytes_of(path, len))->id);
		path += len;
		if (!*path)
			return at;
	}
}

char *paths_string(const struct paths *p, uint32_t path, size_t limit, int *cut)
{
	size_t len = 0;
	for (uint32_t at = path; at != PATH_ROOT; at = p->list[at].parent)
		len += p->names->list[p->list[at].name]->len + (at != path);
	*cut = len > limit;
	if (*cut)
		len = limit;
	char *out = xmalloc(len + 1);
	out[len] = '\0';
	for (uint32_t at = path; at != PATH_ROOT && len; at = p->list[at].parent) {
		const struct name *n = p->names->list[p->list[at].name];
		if (at != path)
			out[--len] = '/';
		size_t take = n->len < len ? n->len : len;
		len -= take;
		if (take)
			memcpy(out + len, n->bytes + n->len - take, take);
	}
	return out;
}
