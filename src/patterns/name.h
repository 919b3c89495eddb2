/* name.h: what the words around a value call it. Any thread. */
#ifndef KH_PATTERNS_NAME_H
#define KH_PATTERNS_NAME_H

#include "patterns/view.h"

enum name_grade {
	NAME_OTHER = -2,  /* says that it is something else: a hash, a cursor */
	NAME_FOREIGN = -1, /* another product's secret, unless a key ID's name says whose in the same words */
	NAME_NONE = 0,
	NAME_KEY = 1,     /* "key", "credential", "password" */
	NAME_SECRET = 2,  /* a secret, nobody says whose */
	NAME_SECTION_SECRET = 3, /* a secret, its section speaks of AWS */
	NAME_AWS_SECRET = 4,
};

/* The name of the value at [from, to). */
enum name_grade name_of_secret(const struct view *v, size_t from, size_t to);

/* Does an access key ID belong there: does a name or a call say that the value is one? */
enum id_place { ID_MENTIONED, ID_IN_PLACE };
enum id_place name_of_id(const struct view *v, size_t from, size_t to);

/* Behind a key ID that ends at `to`: does the next name of a secret have a value that is fetched from elsewhere, or is its password for
 * SES there instead? */
bool name_secret_elsewhere(const struct view *v, size_t to);

/* What tells the name of the value at `from` from the names of other keys, as a hash: the same for FOO_ACCESS_KEY_ID,
 * fooSecretKey and foo.secret-access-key. 0: nothing does. */
uint32_t name_stem(const struct view *v, size_t from);

#endif
