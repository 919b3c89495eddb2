/* atoms.c: one pass over a view, unit by unit, gathering runs of base64 digits.
 *
 *   ...KEY_ID="AKIA................"\n  SECRET=%2F.......................................&x
 *              `-- an ID by its prefix           `-- a run of 40 by its bounds
 *
 * A run counts when it is exactly as long as a secret, or as base64 of one, after its escapes are read and the halves
 * of a split literal are joined; what is longer holds something else. */
#include "patterns/atoms.h"

#include <stdlib.h>

#include "patterns/known.h"
#include "patterns/stem.h"
#include "patterns/table.h"
#include "util/alloc.h"

#define RUN_MAX 60     /* base64 of a secret with a line end is 56 */
#define TOKEN_MIN 100
#define TOKEN_MAX 8192

struct run {
	size_t start, n;
	uint8_t text[RUN_MAX];
	uint8_t before; /* the character before, decoded */
	bool escaped, line_start;
	bool fallback;  /* behind ":-", as in ${NAME:-value} */
	bool loose;     /* behind a full stop that begins a word */
	bool behind_id; /* a key ID and one character more stand right before it: in a name, ID-SECRET.txt */
};

struct reading {
	struct atoms *a;
	const struct view *v;
	struct run run;
	uint8_t prev, prev2;
	size_t id_end; /* of the last key ID */
	unsigned indent, last_indent; /* blanks that begin this line, and the one before */
	bool indenting;
};

void atoms_clear(struct atoms *a)
{
	a->len = 0;
	a->line = a->block = a->section = a->dedent = 0;
	buf_clear(&a->text);
}

void atoms_release(struct atoms *a)
{
	if (a->text.ptr)
		explicit_bzero(a->text.ptr, a->text.cap);
	buf_release(&a->text);
	free(a->list);
	*a = (struct atoms){ 0 };
}

void atoms_break(struct atoms *a)
{
	a->line += 1000;
	a->block += 1000;
}

#define FOLLOW_MAX 40

/* Does what begins at `from` stand behind the last atom with nothing but punctuation and blanks between? */
static bool follows_last(const struct reading *r, size_t from)
{
	size_t i = from;
	while (i > 0 && from - i < FOLLOW_MAX && !shape_is_alnum(r->v->ptr[i - 1]))
		i--;
	uint32_t end = view_source(r->v, i);
	const struct atom *last = r->a->len ? &r->a->list[r->a->len - 1] : NULL;
	return last && last->from < end && end <= last->to; /* a secret may end in punctuation */
}

#define LANE_BACK 200

static bool begins_comment(const uint8_t *p, size_t len)
{
	static const char *const signs[] = { "#", "//", "/*", "--", ";", "<!--", "rem ", "REM " };
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (strlen(signs[i]) <= len && !memcmp(p, signs[i], strlen(signs[i])))
			return true;
	return false;
}

static uint8_t lane_of(const struct view *v, size_t from)
{
	size_t i = from;
	while (i > 0 && from - i < LANE_BACK && v->ptr[i - 1] != '\n')
		i--;
	uint8_t sign = i < from ? v->ptr[i] : ' ', lane = sign == '-' ? LANE_MINUS : sign == '+' ? LANE_PLUS : 0;
	bool begins = true; /* behind blanks, or the sign of a patch, that begin the line */
	for (i += lane && v->ptr[i + 1] != sign; i < from; i++) {
		bool blank = i > 0 && (v->ptr[i - 1] == ' ' || v->ptr[i - 1] == '\t');
		if ((begins || (blank && v->ptr[i] != ';' && v->ptr[i] != '-')) && begins_comment(v->ptr + i, from - i))
			return lane | LANE_COMMENT;
		begins = begins && (v->ptr[i] == ' ' || v->ptr[i] == '\t');
	}
	return lane;
}

static uint32_t table_of(const struct view *v, size_t from)
{
	size_t l, r;
	if (!table_head(v, from, &l, &r) || !(known_has_caseless(v->ptr + l, r - l, "key") || known_has_caseless(v->ptr + l, r - l, "secret")))
		return 0;
	while (l > 0 && v->ptr[l - 1] != '\n' && v->ptr[l - 1] != '\r')
		l--;
	return (uint32_t)l + 1;
}

static struct atom *add_atom(struct reading *r, enum atom_type type, size_t from, size_t to, const void *text, size_t len)
{
	struct atoms *a = r->a;
	bool follows = follows_last(r, from);
	ALLOC_GROW(a->list, a->len + 1, a->cap);
	struct atom *t = &a->list[a->len++];
	*t = (struct atom){ .type = type, .encoding = r->v->encoding, .from = view_source(r->v, from), .to = view_source(r->v, to),
			    .line = a->line, .block = a->block, .section = a->section, .dedent = a->dedent, .follows = follows, .lane = lane_of(r->v, from), .label = stem_label(r->v, from), .table = table_of(r->v, from), .text = (uint32_t)a->text.len, .len = (uint32_t)len, .partner = -1, .token = -1 };
	buf_add(&a->text, text, len);
	return t;
}

/* May a secret end before `after`? `at` is where that stands. */
static bool secret_ends(const struct view *v, size_t at, uint8_t after, bool behind_id)
{
	if (after == '=' || (!behind_id && (after == '-' || after == '_')))
		return false;
	if (after == '.' && !behind_id)
		return at + 1 >= v->len || strchr(" \t\r\n\"'<)\\", v->ptr[at + 1]);
	return true;
}

static bool secret_begins(const struct run *run)
{
	if (run->behind_id)
		return true;
	if (run->before == '-')
		return run->line_start || run->fallback;
	if (run->before == '.')
		return run->loose;
	return run->before != '_' && !shape_is_base64(run->before);
}

static void try_secret(struct reading *r, const uint8_t *text, size_t from, size_t to, enum encoding e, bool joined)
{
	enum secret_shape shape = shape_secret(text);
	if (shape == SECRET_NOT)
		return;
	enum name_grade name = name_of_secret(r->v, from, to);
	if (name == NAME_OTHER)
		return;
	struct atom *t = add_atom(r, ATOM_SECRET, from, to, text, SECRET_LEN);
	t->name = name;
	t->stem = name_stem(r->v, from);
	t->example = shape == SECRET_EXAMPLE;
	t->joined = joined;
	t->escaped = r->run.escaped;
	if (e == ENC_BASE64)
		t->encoding = e;
}

/* A value of a Kubernetes secret: the base64 of 40 characters, perhaps with the line end of an `echo`. */
static void try_encoded_secret(struct reading *r, size_t to)
{
	uint8_t plain[48];
	size_t n = shape_base64_decode(plain, r->run.text, r->run.n);
	if (n < SECRET_LEN)
		return;
	for (size_t i = 0; i < n; i++)
		if (i < SECRET_LEN ? !shape_is_base64(plain[i]) : plain[i] != '\n' && plain[i] != '\r')
			return;
	try_secret(r, plain, r->run.start, to, ENC_BASE64, false);
}

/* concat!("...", "..."), paste0(...), "".join([...]), [...].join(''): a call before or behind the literals joins them. */
static bool in_joining_call(const struct view *v, size_t from, size_t to)
{
	static const char *const calls[] = { "concat", "paste", "join" };
	size_t before = from > 48 ? from - 48 : 0, behind = v->len - to > 16 ? to + 16 : v->len;
	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
		if (known_has_caseless(v->ptr + before, from - before, calls[i]) || known_has_caseless(v->ptr + to, behind - to, calls[i]))
			return true;
	return false;
}

/* The run that ends at `end` is the first part of a split literal of exactly 40, its text from `skip` on: where it
 * ends, else 0. */
static size_t join_run(struct reading *r, size_t end, size_t skip, uint8_t *text)
{
	const struct view *v = r->v;
	size_t n = r->run.n - skip, i = end;
	bool listed = false;
	memcpy(text, r->run.text + skip, n);
	for (unsigned turn = 0; turn < 4 && n < SECRET_LEN; turn++) {
		size_t joint = joint_at(v->ptr + i, v->len - i), first = n;
		if (!joint) {
			joint = comma_joint_at(v->ptr + i, v->len - i);
			listed = true;
		}
		if (!joint)
			return 0;
		for (i += joint; i < v->len;) {
			struct unit u = unit_at(v->ptr + i, v->len - i);
			if (!shape_is_base64(u.c))
				break;
			if (n == SECRET_LEN)
				return 0;
			text[n++] = u.c;
			i += u.len;
		}
		if (n == first)
			return 0;
	}
	if (n != SECRET_LEN || !secret_ends(v, i, i < v->len ? v->ptr[i] : ' ', false))
		return 0;
	return !listed || in_joining_call(v, r->run.start, i) ? i : 0;
}

/* Quoted-printable's "=3D". */
static bool begins_escaped(const struct run *run)
{
	return run->before == '=' && run->n >= 2 && run->text[0] == '3' && run->text[1] == 'D';
}

/* 41 and 42 characters are 40 where a patch's sign, quoted-printable's "=3D" or a key ID and a slash stand before. */
static size_t run_prefix(const struct run *run)
{
	if (run->n == SECRET_LEN + 1 && run->text[0] == '/' && run->behind_id)
		return 1;
	if (run->n == SECRET_LEN + 1 && run->text[0] == '+' && run->line_start)
		return 1;
	if (run->n == SECRET_LEN + 2 && begins_escaped(run))
		return 2;
	return 0;
}

/* NULL: it is no key ID. */
static struct atom *add_id(struct reading *r, size_t from, size_t to, const uint8_t *id)
{
	enum id_shape shape = shape_key_id(id);
	if (shape == ID_NOT || shape == ID_INVENTED)
		return NULL;
	struct atom *t = add_atom(r, ATOM_ID, from, to, id, KEY_ID_LEN);
	char account[ACCOUNT_LEN + 1];
	t->id_shape = shape;
	t->example = shape == ID_EXAMPLE || (shape_account(account, id) && known_test_account(account));
	return t;
}

/* The IDs of atoms are placed when they stand alone only: this is done here while the view is at hand. */
static void place_id(struct reading *r, size_t from, size_t to)
{
	struct atom *t = &r->a->list[r->a->len - 1];
	t->place = name_of_id(r->v, from, to);
	t->stem = name_stem(r->v, from);
	t->elsewhere = name_secret_elsewhere(r->v, to);
	struct unit next = to < r->v->len ? unit_at(r->v->ptr + to, r->v->len - to) : (struct unit){ ' ', 1, false };
	t->colon = next.c == ':' ? view_source(r->v, to + next.len) : 0;
}

/* The same of a key ID, in a manifest that is base64 as a whole: no hit of its own leads to it where a line ends within. */
static void try_encoded_id(struct reading *r, size_t to)
{
	uint8_t plain[32];
	size_t n = shape_base64_decode(plain, r->run.text, r->run.n), end = KEY_ID_LEN;
	while (end < n && (plain[end] == '\n' || plain[end] == '\r'))
		end++;
	if (end == n && (!memcmp(plain, "AKIA", 4) || !memcmp(plain, "ASIA", 4)) && add_id(r, r->run.start, to, plain))
		place_id(r, r->run.start, to);
}

/* The run ends before `end`, where `after` stands. Returns where to read on. */
static size_t end_run(struct reading *r, size_t end, uint8_t after)
{
	struct run *run = &r->run;
	uint8_t text[RUN_MAX];
	size_t next = end, prefix = run_prefix(run);

	if ((run->n == SECRET_LEN || prefix) && secret_begins(run) && secret_ends(r->v, end, after, run->behind_id)) {
		try_secret(r, run->text + prefix, run->start + prefix, end, r->v->encoding, false);
	} else if (run->n >= 54 && run->n <= 56 && secret_begins(run)) {
		try_encoded_secret(r, end);
	} else if (r->v->encoding == ENC_BASE64 && run->n >= 27 && run->n <= 30 && (!memcmp(run->text, "QUtJQ", 5) || !memcmp(run->text, "QVNJQ", 5))) {
		try_encoded_id(r, end);
	} else if (run->n >= 4 && run->n < SECRET_LEN + 2 && secret_begins(run) && strchr("\"'`\\=\r\n;", after)) {
		size_t skip = begins_escaped(run) ? 2 : 0;
		size_t joined = run->n - skip < SECRET_LEN ? join_run(r, end, skip, text) : 0;
		if (joined) {
			try_secret(r, text, run->start + skip, joined, r->v->encoding, true);
			next = joined;
		}
	}
	run->n = 0;
	return next;
}

static bool begins_token(const uint8_t *p, size_t len)
{
	static const char *const prefixes[] = { "IQoJb3JpZ2luX2Vj", "AgoJb3JpZ2luX2Vj", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "FwoDYXdz", "FQoDYXdz", "AQoDYXdz", "AQoXdz", "AQoEXAMPLE" };
	for (unsigned i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (strlen(prefixes[i]) <= len && !memcmp(p, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* A session token at `i`: adds it and returns its end, else 0. */
static size_t read_token(struct reading *r, size_t i)
{
	const struct view *v = r->v;
	uint8_t text[TOKEN_MAX + 4];
	size_t start = i, n = 0, pads = 0;
	while (i < v->len && n < TOKEN_MAX) {
		struct unit u = unit_at(v->ptr + i, v->len - i);
		if (u.c == '=' && pads < 2 && n && !soft_break_at(v->ptr, i, v->len) && !(i + 1 < v->len && (v->ptr[i + 1] == '\n' || v->ptr[i + 1] == '\r') && n % 4 == 0))
			pads++;
		else if (pads || !shape_is_base64(u.c)) {
			size_t joint = pads ? 0 : joint_at(v->ptr + i, v->len - i);
			if (!joint || i + joint >= v->len || !shape_is_base64(v->ptr[i + joint]))
				break;
			i += joint;
			continue;
		}
		text[n++] = u.c;
		i += u.len;
	}
	if (n < TOKEN_MIN)
		return 0;
	if (known_has(text, n, "XXXXXXXX")) /* in part covered: it opens nothing */
		return i;
	struct atom *t = add_atom(r, ATOM_TOKEN, start, i, text, n);
	t->stem = name_stem(v, start);
	t->example = known_has(text, n, "EXAMPLE") || known_example_token(text, n);
	return i;
}

/* A key ID at `i`: adds it and returns its end, else 0. */
static size_t read_id(struct reading *r, size_t i)
{
	const struct view *v = r->v;
	uint8_t id[KEY_ID_LEN];
	size_t n = 0, start = i;
	bool joined = false, escaped = false;
	if (!boundary_before(v->ptr, i))
		return 0;
	while (n < KEY_ID_LEN && i < v->len) {
		struct unit u = unit_at(v->ptr + i, v->len - i);
		if ((u.c >= 'A' && u.c <= 'Z') || (u.c >= '0' && u.c <= '9')) {
			id[n++] = u.c;
			i += u.len;
			escaped |= u.escaped;
			continue;
		}
		size_t joint = n > 3 ? joint_at(v->ptr + i, v->len - i) : 0;
		if (!joint)
			return 0;
		joined = true;
		i += joint;
	}
	uint8_t after = i < v->len ? unit_at(v->ptr + i, v->len - i).c : ' ';
	if (n < KEY_ID_LEN || shape_is_alnum(after) || (after == '+' && r->run.n > 4))
		return 0;
	struct atom *t = add_id(r, start, i, id);
	if (!t)
		return 0;
	t->joined = joined;
	t->escaped = escaped;
	return i;
}

/* Indentation: a line that begins farther left than the one before ends what that was part of. */
static void count_indent(struct reading *r, uint8_t c)
{
	if (c == ' ' || c == '\t') {
		r->indent++;
	} else if (c != '\n' && c != '\r') {
		r->a->dedent += r->indent < r->last_indent;
		r->last_indent = r->indent;
		r->indenting = false;
	}
}

/* "[name]" and nothing else on the line: a section begins. With "---" a document. */
static bool begins_section(const struct view *v, size_t i)
{
	size_t stop = v->len - i > 120 ? i + 120 : v->len;
	if (v->ptr[i] == '-')
		return stop - i > 3 && v->ptr[i + 1] == '-' && v->ptr[i + 2] == '-' && (v->ptr[i + 3] == '\n' || v->ptr[i + 3] == '\r');
	while (i < stop && v->ptr[i] != ']' && v->ptr[i] != '\n')
		i++;
	while (i < stop && (v->ptr[i] == ']' || v->ptr[i] == ' ' || v->ptr[i] == '\t' || v->ptr[i] == '\r'))
		i++;
	return i == stop || v->ptr[i] == '\n' || v->ptr[i] == '#' || v->ptr[i] == ';' || v->ptr[i] == '\\';
}

/* Markdown's "## Staging"; with one sign it may be a comment. */
static bool begins_heading(const struct view *v, size_t i)
{
	size_t end = i;
	while (end < v->len && end - i < 6 && v->ptr[end] == '#')
		end++;
	return end - i > 1 && end < v->len && v->ptr[end] == ' ';
}

static void count_unit(struct reading *r, size_t i, uint8_t c)
{
	if (c == '\n') {
		r->indent = 0;
		r->indenting = true;
	}
	if (c == '\n') {
		r->a->line++;
		if (r->prev == '\n' || (r->prev == '\r' && r->prev2 == '\n'))
			r->a->block++;
	} else if (c == '}' || (c == '#' && r->prev == '\n' && begins_heading(r->v, i))) {
		r->a->block++;
	} else if (r->prev == '\n' && (c == '[' || c == '-') && begins_section(r->v, i)) {
		r->a->section++;
		r->a->block += c == '[';
	}
}

static void add_digit(struct reading *r, size_t i, struct unit u)
{
	struct run *run = &r->run;
	if (!run->n) {
		run->start = i;
		run->before = r->prev;
		run->escaped = false;
		run->behind_id = r->id_end && (i == r->id_end ? u.c == '/' : i == r->id_end + 1);
		run->fallback = r->prev == '-' && r->prev2 == ':';
		run->loose = r->prev == '.' && (r->prev2 == ' ' || r->prev2 == '\t');
		run->line_start = r->prev == '\n' || (r->prev == '-' && r->prev2 == '\n');
	}
	run->escaped |= u.escaped;
	if (run->n < RUN_MAX)
		run->text[run->n] = u.c;
	run->n++;
}

/* AKIA or ASIA, each character plain or escaped. */
static bool begins_id(const uint8_t *p, size_t len)
{
	uint8_t c[4];
	size_t i = 0;
	if (p[0] != 'A' && p[0] != '\\' && p[0] != '&' && p[0] != '%')
		return false;
	for (unsigned n = 0; n < 4; n++) {
		struct unit u = i < len ? unit_at(p + i, len - i) : (struct unit){ ' ', 1, false };
		c[n] = u.c;
		i += u.len;
		if (c[0] != 'A')
			return false;
	}
	return (c[1] == 'K' || c[1] == 'S') && c[2] == 'I' && c[3] == 'A';
}

/* What begins with a prefix at `i`: its end, or 0. */
static size_t read_prefixed(struct reading *r, size_t i)
{
	const uint8_t *p = r->v->ptr + i;
	size_t left = r->v->len - i, end = 0;
	if (left >= KEY_ID_LEN && (begins_id(p, left) || (!r->run.n && shape_first_id(p)))) {
		end = read_id(r, i);
		if (end) {
			struct atom found = r->a->list[--r->a->len];
			end_run(r, i, ' ');
			ALLOC_GROW(r->a->list, r->a->len + 1, r->a->cap);
			r->a->list[r->a->len++] = found;
			place_id(r, i, end);
			r->id_end = end;
		}
	} else if ((!r->run.n || (r->run.n == 2 && begins_escaped(&r->run))) && (p[0] == 'I' || p[0] == 'F' || p[0] == 'A') && begins_token(p, left)) {
		end = read_token(r, i);
		r->run.n = end ? 0 : r->run.n;
	}
	return end;
}

void atoms_read(struct atoms *a, const struct view *v, size_t from, size_t to)
{
	struct reading r = { .a = a, .v = v, .prev = from ? v->ptr[from - 1] : '\n', .prev2 = '\n' };
	size_t i = from;
	while (i < to || (r.run.n && r.run.n < RUN_MAX && i < v->len)) {
		size_t end = read_prefixed(&r, i);
		if (end) {
			r.prev2 = r.prev;
			r.prev = v->ptr[end - 1];
			i = end;
			continue;
		}
		struct unit u = unit_at(v->ptr + i, v->len - i);
		if (r.indenting)
			count_indent(&r, u.c);
		if (shape_is_base64(u.c)) {
			add_digit(&r, i, u);
			i += u.len;
			r.prev2 = r.prev;
			r.prev = u.c;
			continue;
		}
		size_t next = r.run.n ? end_run(&r, i, u.c) : i;
		if (next == i) {
			count_unit(&r, i, u.c);
			r.prev2 = r.prev;
			r.prev = u.c;
			next = i + u.len;
		} else {
			r.prev = 'x';
		}
		i = next;
	}
	if (r.run.n)
		end_run(&r, i, i < v->len ? v->ptr[i] : ' ');
}
