/* atoms.h: halves of credentials, read from a view: key IDs, secrets and session tokens with where they stand. */
#ifndef KH_PATTERNS_ATOMS_H
#define KH_PATTERNS_ATOMS_H

#include "patterns/name.h"
#include "patterns/shape.h"
#include "patterns/view.h"
#include "util/buf.h"

enum atom_type { ATOM_ID, ATOM_SECRET, ATOM_TOKEN };

/* What a line says of itself before anything else: that it is commented out, or a patch takes it away or adds it. */
enum lane { LANE_COMMENT = 1, LANE_MINUS = 2, LANE_PLUS = 4 };

struct atom {
	enum atom_type type;
	enum encoding encoding;
	uint32_t from, to;         /* in the source */
	uint32_t line, block;      /* counted over all that was read: lines, and ends of blocks (blank lines, sections, braces) */
	uint32_t section;          /* sections ("[name]") and documents ("---") begun */
	uint32_t dedent;           /* and lines that are indented less than the one before */
	uint32_t text, len;        /* decoded value, in atoms.text */
	enum id_shape id_shape;    /* ATOM_ID */
	enum id_place place;       /* ATOM_ID */
	enum name_grade name;      /* ATOM_SECRET */
	uint32_t stem;             /* name_stem */
	uint32_t label;            /* stem_label */
	uint32_t table;            /* of the table whose column head speaks of keys: where its head line begins, + 1; or 0 */
	uint8_t lane;              /* enum lane of its line, added up */
	bool example, joined, escaped;
	bool bare;                 /* read where a run led to it, for want of anything else: after pairing */
	uint32_t colon;            /* ATOM_ID: where "ID:" ends, or 0: what begins there is its secret */
	bool elsewhere;            /* ATOM_ID: name_secret_elsewhere */
	bool follows;              /* only punctuation and blanks between it and the atom before */
	int32_t twin;              /* set by pair.c: the half that stands at the same place of another list; or -1 */
	int32_t partner, token;    /* set by pair.c: index of the other half, of the session token; or -1 */
};

struct atoms {
	struct atom *list;
	size_t len, cap;
	struct buf text;
	uint32_t line, block, section, dedent;
};

void atoms_clear(struct atoms *a);
void atoms_release(struct atoms *a); /* wipes */
static inline const uint8_t *atom_text(const struct atoms *a, const struct atom *t)
{
	return (const uint8_t *)a->text.ptr + t->text;
}

static inline bool atom_temporary(const struct atoms *a, const struct atom *id) /* ASIA: its secret needs a session token */
{
	return !memcmp(atom_text(a, id), "ASIA", 4);
}

/* Read [from, to) of `v`; what begins inside is read to its end. Places must not go backwards between calls. */
void atoms_read(struct atoms *a, const struct view *v, size_t from, size_t to);
/* What was not read lies between: nothing before is near anything after. */
void atoms_break(struct atoms *a);

#endif
