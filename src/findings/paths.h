/* paths.h: names of tree entries and the paths they make, each kept once.
 *
 *     path 7 = { parent 3, name "key.pem" }     path 3 = { parent 0, name "etc" }     path 0 = ""
 *
 * so that a tree 10,000 deep costs 10,000 numbers, not 10,000 strings of growing length. Names may be interned by many
 * workers at once, each through its own cache; paths belong to one thread. Numbers of names depend on the order of
 * arrival: they say what is equal, never what comes first. */
#ifndef KH_FINDINGS_PATHS_H
#define KH_FINDINGS_PATHS_H

#include <pthread.h>

#include "util/bytes.h"

struct name {
	uint32_t id, hash, len; /* hash: by a key of this run, for tables */
	uint32_t mark;          /* hash that is the same everywhere, for cutting long lists */
	uint8_t bytes[];
};

#define NAME_NONE 0u /* the empty name, always there */

struct name_set { /* open addressing */
	const struct name **slots;
	size_t size, len;
};

struct names {
	uint64_t key[2];
	pthread_mutex_t lock;   /* guards all below while workers intern */
	struct name_set set;
	const struct name **list; /* by id */
	size_t len, cap;
};

/* For hashes of what a repository may choose. */
void random_key(uint64_t key[2]);

void names_init(struct names *n);
void names_release(struct names *n);
/* `cache` is the worker's own (zeroed at first, freed by name_set_release), or NULL. */
const struct name *names_intern(struct names *n, struct name_set *cache, struct bytes bytes);
void name_set_release(struct name_set *s);

#define PATH_ROOT 0u
#define NO_PATH UINT32_MAX

struct path_node {
	uint32_t parent, name;
};

struct paths {
	struct names *names;
	struct path_node *list;
	size_t len, cap;
	uint32_t *table;
	size_t table_size;
};

void paths_init(struct paths *p, struct names *names);
void paths_release(struct paths *p);
uint32_t paths_intern(struct paths *p, uint32_t parent, uint32_t name);
uint32_t paths_find(struct paths *p, uint32_t parent, uint32_t name); /* or NO_PATH */
uint32_t paths_name(struct paths *p, const char *name); /* number of one name, for paths_intern */
uint32_t paths_intern_string(struct paths *p, const char *path); /* split at slashes */
/* Malloced, NUL-terminated; bytes NUL cannot occur in a name. At most `limit` bytes: the end is kept, which names the
 * file, and `*cut` says so. */
char *paths_string(const struct paths *p, uint32_t path, size_t limit, int *cut);

#endif
