/* validators.c: the named checks that pattern files may ask for. A new kind of credential adds a function and a row. */
#include <stdlib.h>

#include "patterns/known.h"
#include "patterns/pattern.h"
#include "patterns/shape.h"

/* Digits and letters as random bytes would give them. */
static bool random_looking(struct credential *c, struct bytes s)
{
	(void)c;
	return s.len >= 16 && shape_entropy(s.ptr, s.len) >= 3.0;
}

static bool no_placeholder(struct credential *c, struct bytes s)
{
	(void)c;
	return known_words(s.ptr, s.len) < 5 && !known_has_caseless(s.ptr, s.len, "xxxx");
}

/* UUIDs of which the version digit is right are not made up as 00000000-.... */
static bool not_uniform(struct credential *c, struct bytes s)
{
	unsigned count[256] = { 0 }, most = 0;
	(void)c;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] != '-' && s.ptr[i] != '.' && ++count[s.ptr[i]] > most)
			most = count[s.ptr[i]];
	return most * 2 < s.len;
}

static const struct {
	const char *name;
	validator *check;
} validators[] = {
	{ "random-looking", random_looking },
	{ "no-placeholder", no_placeholder },
	{ "not-uniform", not_uniform },
};

validator *validator_named(const char *name)
{
	for (size_t i = 0; i < sizeof validators / sizeof *validators; i++)
		if (!strcmp(validators[i].name, name))
			return validators[i].check;
	return NULL;
}
