#include "findings/settle.h"

#include <stdlib.h>

#include "findings/commitparse.h"
#include "findings/fill.h"
#include "util/alloc.h"

#define PATH_LIMIT (1u << 20)      /* bytes of one path */
#define LONG_PATH 4096u
#define LONG_PATHS_TOTAL (64u << 20) /* bytes of all paths that are longer */
#define COMMIT_LIMIT (64u << 20)

void rows_add(struct rows *rows, struct row row)
{
	size_t credential = row.sighting->credential, known = rows->nseen;
	if (rows->len >= ROWS_MAX) {
		rows->overflow = true;
		if (credential < known && rows->seen[credential])
			return;
	}
	ALLOC_GROW(rows->seen, credential + 1, rows->nseen);
	if (rows->nseen > known)
		memset(rows->seen + known, 0, rows->nseen - known);
	rows->seen[credential] = 1;
	ALLOC_GROW(rows->list, rows->len + 1, rows->cap);
	rows->list[rows->len++] = row;
}

void rows_release(struct rows *rows)
{
	free(rows->list);
	free(rows->seen);
	*rows = (struct rows){ 0 };
}

/* A path names different things in a tree, among the refs and so on: "author" may be a file. */
static int space_of(enum source s)
{
	switch (s) {
	case SOURCE_COMMIT_MESSAGE: case SOURCE_TAG_MESSAGE: case SOURCE_NOTE: return 1;
	case SOURCE_PATH: return 2;
	case SOURCE_IDENTITY: return 3;
	case SOURCE_REF: return 4;
	case SOURCE_CONFIG: return 5;
	default: return 0;
	}
}

static int cmp_num(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static const char *inner_of(const struct row *r)
{
	return r->sighting->source == SOURCE_ARCHIVE && r->sighting->name ? r->sighting->name : "";
}

static int cmp_where(const struct row *x, const struct row *y)
{
	if (x->path != y->path)
		return cmp_num(x->path, y->path);
	int space = space_of(x->source) - space_of(y->source);
	return space ? space : strcmp(inner_of(x), inner_of(y));
}

static int cmp_group(const struct row *x, const struct row *y)
{
	int c = cmp_where(x, y);
	return c ? c : cmp_num(x->sighting->credential, y->sighting->credential);
}

/* Within a group the row that gives it its commit, line and column comes first. */
static int cmp_row(const void *a, const void *b, void *payload)
{
	const struct row *x = a, *y = b;
	const struct store *s = payload;
	int c = cmp_group(x, y);
	if (!c)
		c = cmp_num(x->first, y->first);
	if (!c)
		c = cmp_num(x->sighting->line, y->sighting->line);
	if (!c)
		c = cmp_num(x->sighting->column, y->sighting->column);
	if (!c && x->object != y->object && x->object != NO_OBJECT && y->object != NO_OBJECT) {
		struct oid i = store_oid(s, x->object), k = store_oid(s, y->object);
		c = oid_cmp(&i, &k);
	}
	return c ? c : (int)x->source - (int)y->source;
}

struct group {
	size_t from, to; /* rows */
	bool dropped;
};

/* A commit that introduced something: what only its object and the refs tell. */
struct intro {
	char *author_name, *author_email;
};

struct settled {
	const struct settling *s;
	struct rows *rows;
	struct group *groups;
	size_t ngroups, groups_cap;
	struct containing_refs *refs; /* of each introducing commit, by rank */
	struct intro *intros;
	size_t nintros;
	uint64_t long_paths;
};

static const struct ledger_credential *credential_of(const struct settled *t, const struct group *g)
{
	return &t->s->ledger->credentials[t->rows->list[g->from].sighting->credential];
}

static int cmp_str(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool has_str(const char **list, size_t n, const char *s)
{
	return n && s && *s && bsearch(&s, list, n, sizeof *list, cmp_str);
}

static bool is_full(const struct ledger_credential *c)
{
	return !strcmp(c->kind, "access-key-pair") || !strcmp(c->kind, "temporary-credentials");
}

static bool is_half(const struct ledger_credential *c)
{
	static const char *const halves[] = { "access-key-id", "key-id-mention", "secret-access-key", "session-token" };
	for (size_t i = 0; i < sizeof halves / sizeof *halves; i++)
		if (!strcmp(c->kind, halves[i]))
			return true;
	return false;
}

/* Groups [from, to) are in one place: a half of a credential that is there in full says nothing new. */
static void drop_halves(struct settled *t, size_t from, size_t to)
{
	const char **parts = NULL;
	size_t n = 0, cap = 0;
	for (size_t i = from; i < to; i++) {
		const struct ledger_credential *c = credential_of(t, &t->groups[i]);
		const char *own[] = { c->key_id, c->secret, c->token };
		for (size_t k = 0; is_full(c) && k < 3; k++)
			if (own[k] && *own[k]) {
				ALLOC_GROW(parts, n + 1, cap);
				parts[n++] = own[k];
			}
	}
	if (n)
		qsort(parts, n, sizeof *parts, cmp_str);
	for (size_t i = from; n && i < to; i++) {
		const struct ledger_credential *c = credential_of(t, &t->groups[i]);
		t->groups[i].dropped = is_half(c) && (has_str(parts, n, c->key_id) || has_str(parts, n, c->secret) || has_str(parts, n, c->token));
	}
	free(parts);
}

static void make_groups(struct settled *t)
{
	struct rows *r = t->rows;
	size_t place = 0;
	qsort_r(r->list, r->len, sizeof *r->list, cmp_row, (void *)(uintptr_t)t->s->store);
	for (size_t i = 0, k; i < r->len; i = k) {
		for (k = i + 1; k < r->len && !cmp_group(&r->list[i], &r->list[k]);)
			k++;
		if (t->ngroups && cmp_where(&r->list[t->groups[place].from], &r->list[i])) {
			drop_halves(t, place, t->ngroups);
			place = t->ngroups;
		}
		ALLOC_GROW(t->groups, t->ngroups + 1, t->groups_cap);
		t->groups[t->ngroups++] = (struct group){ i, k, false };
	}
	drop_halves(t, place, t->ngroups);
}

static int cmp_refs(const void *a, const void *b)
{
	return cmp_num(((const struct containing_refs *)a)->rank, ((const struct containing_refs *)b)->rank);
}

static void read_author(struct settled *t, size_t i)
{
	const struct store *s = t->s->store;
	KH_CLEANUP(free_ptr) uint8_t *data = NULL;
	enum object_type type;
	size_t len;
	struct commit_header h;
	uint32_t object = t->s->commits->list[t->refs[i].rank].object;
	if (store_read(s, object, COMMIT_LIMIT, &type, &data, &len) != KH_OK) {
		data = NULL;
		return;
	}
	if (type != OBJ_COMMIT || !commit_parse(&h, bytes_of(data, len), s->oid_len))
		return;
	struct ident author = ident_parse(h.author);
	t->intros[i].author_name = xmemdupz(author.name.len ? author.name.ptr : (const uint8_t *)"", author.name.len);
	t->intros[i].author_email = xmemdupz(author.email.len ? author.email.ptr : (const uint8_t *)"", author.email.len);
}

static void look_up_intros(struct settled *t)
{
	size_t n = 0;
	t->refs = xcalloc(t->ngroups + 1, sizeof *t->refs);
	for (size_t i = 0; i < t->ngroups; i++) {
		uint32_t rank = t->rows->list[t->groups[i].from].first;
		if (!t->groups[i].dropped && rank != NO_RANK)
			t->refs[n++].rank = rank;
	}
	qsort(t->refs, n, sizeof *t->refs, cmp_refs);
	for (size_t i = 0; i < n; i++)
		if (!t->nintros || t->refs[i].rank != t->refs[t->nintros - 1].rank)
			t->refs[t->nintros++] = t->refs[i];
	t->intros = xcalloc(t->nintros + 1, sizeof *t->intros);
	commitgraph_refs(t->s->commits, t->s->repo->nrefs, t->refs, t->nintros);
	for (size_t i = 0; i < t->nintros; i++)
		read_author(t, i);
}

static char *dup_or_null(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static void fill_path(struct settled *t, struct finding *f, const struct row *r)
{
	int cut;
	f->path = paths_string(t->s->paths, r->path, t->long_paths < LONG_PATHS_TOTAL ? PATH_LIMIT : LONG_PATH, &cut);
	size_t len = strlen(f->path);
	t->long_paths += len > LONG_PATH ? len : 0;
	if (cut)
		skips_add(t->s->skips, f->blob, NULL, "a path too long to be written in full");
	const char *inner = inner_of(r);
	f->inner_path = *inner ? xstrdup(inner) : NULL;
}

static void fill_commit(struct settled *t, struct finding *f, uint32_t first, uint32_t oldest, uint32_t last)
{
	const struct commitgraph *g = t->s->commits;
	struct containing_refs key = { .rank = first };
	const struct containing_refs *refs = bsearch(&key, t->refs, t->nintros, sizeof key, cmp_refs);
	const struct intro *intro = &t->intros[refs - t->refs];
	const struct commit *c = &g->list[first], *begin = oldest != NO_RANK ? &g->list[g->oldest[oldest]] : c;
	const struct commit *end = last != NO_RANK ? &g->list[g->newest[last]] : c;
	struct oid oid = store_oid(t->s->store, c->object);
	oid_hex(f->commit, &oid, t->s->store->oid_len);
	f->author_name = dup_or_null(intro->author_name);
	f->author_email = dup_or_null(intro->author_email);
	f->committed_at = c->date;
	f->committed_tz = c->tz;
	f->first_seen = begin->date;
	f->first_tz = begin->tz;
	f->last_seen = end->date;
	f->last_tz = end->tz;
	f->has_dates = true;
	f->refs_total = refs->total;
	f->refs = xcalloc(refs->nshown + 1, sizeof *f->refs);
	for (; f->nrefs < refs->nshown; f->nrefs++)
		f->refs[f->nrefs] = xstrdup(t->s->repo->refs[refs->shown[f->nrefs]].name);
}

static int cmp_object(const void *a, const void *b)
{
	return cmp_num(*(const uint32_t *)a, *(const uint32_t *)b);
}

static uint64_t count_objects(const struct row *r, size_t n)
{
	KH_CLEANUP(free_ptr) uint32_t *objects = xmalloc(n * sizeof *objects);
	uint64_t distinct = 1;
	for (size_t i = 0; i < n; i++)
		objects[i] = r[i].object;
	qsort(objects, n, sizeof *objects, cmp_object);
	for (size_t i = 1; i < n; i++)
		distinct += objects[i] != objects[i - 1];
	return distinct;
}

/* Is what the finding is about (its secret if it has one, else its key ID) anywhere in HEAD's tree? */
struct head_set {
	const char **parts;
	size_t n, cap;
	uint8_t *credentials;
};

static void head_set_fill(struct head_set *h, const struct settling *s)
{
	h->credentials = xcalloc(s->ledger->ncredentials + 1, 1);
	for (size_t i = 0; i < s->ledger->nsightings; i++) {
		uint32_t number = s->ledger->sightings[i].credential;
		const struct ledger_credential *c = &s->ledger->credentials[number];
		if (!s->at_head[i] || h->credentials[number])
			continue;
		h->credentials[number] = 1;
		ALLOC_GROW(h->parts, h->n + 2, h->cap);
		if (c->secret_sha256[0])
			h->parts[h->n++] = c->secret_sha256;
		if (c->key_id[0])
			h->parts[h->n++] = c->key_id;
	}
	if (h->n)
		qsort(h->parts, h->n, sizeof *h->parts, cmp_str);
}

static bool head_has(const struct head_set *h, uint32_t number, const struct ledger_credential *c)
{
	return h->credentials[number] || has_str(h->parts, h->n, c->secret_sha256[0] ? c->secret_sha256 : c->key_id);
}

static void emit(struct settled *t, struct findings *out, const struct group *g, const struct head_set *head)
{
	const struct settling *s = t->s;
	const struct row *r = &t->rows->list[g->from];
	struct finding *f = findings_push(out);
	unsigned reach = 0;
	bool own = false; /* advice is about one file, not about a value that may have moved */
	uint32_t oldest = NO_RANK, last = NO_RANK;
	for (size_t i = g->from; i < g->to; i++) {
		reach |= t->rows->list[i].reach;
		oldest = t->rows->list[i].oldest < oldest ? t->rows->list[i].oldest : oldest;
		last = t->rows->list[i].last < last ? t->rows->list[i].last : last;
		own |= s->at_head[t->rows->list[i].sighting - s->ledger->sightings];
	}
	fill_credential(f, credential_of(t, g));
	f->line = r->sighting->line;
	f->column = r->sighting->column;
	f->stem = r->sighting->stem;
	f->source = r->first == NO_RANK && reach & REACH_INDEX && !space_of(r->source) ? SOURCE_INDEX : r->source;
	if (r->object != NO_OBJECT) {
		struct oid oid = store_oid(s->store, r->object);
		oid_hex(f->blob, &oid, s->store->oid_len);
	}
	fill_path(t, f, r);
	if (r->first != NO_RANK)
		fill_commit(t, f, r->first, oldest, last);
	enum tristate not = s->repo->refs_unread ? TRI_NULL : TRI_FALSE; /* what no reference leads to that we could read */
	f->reachable = reach & REACH_ANY ? TRI_TRUE : not;
	f->pushed = !s->repo->has_remote ? TRI_NULL : reach & REACH_PUSHED ? TRI_TRUE : not;
	bool in_tree = space_of(r->source) == 0 || r->source == SOURCE_PATH;
	f->at_head = in_tree && (f->advice ? own : head_has(head, r->sighting->credential, credential_of(t, g))) ? TRI_TRUE : in_tree ? not : TRI_FALSE;
	f->occurrences = count_objects(r, g->to - g->from);
	finding_fingerprint(f);
}

/* Each credential at least once, whatever crowd another one makes. */
static void emit_all(struct settled *t, struct findings *out, const struct head_set *head)
{
	KH_CLEANUP(free_ptr) uint8_t *told = xcalloc(t->s->ledger->ncredentials + 1, 1);
	size_t before = out->len;
	bool crowded = false;
	for (size_t i = 0; i < t->ngroups; i++) {
		const struct group *g = &t->groups[i];
		uint32_t credential = t->rows->list[g->from].sighting->credential;
		if (g->dropped)
			continue;
		if (out->len - before >= FINDINGS_MAX && told[credential]) {
			crowded = true;
			continue;
		}
		told[credential] = 1;
		emit(t, out, g, head);
	}
	if (crowded)
		skips_add(t->s->skips, NULL, NULL, "more findings than can be listed: some places of the same credentials are left out");
}

void settle_rows(struct findings *out, const struct settling *s, struct rows *rows)
{
	struct settled t = { .s = s, .rows = rows };
	struct head_set head = { 0 };
	make_groups(&t);
	look_up_intros(&t);
	head_set_fill(&head, s);
	emit_all(&t, out, &head);
	for (size_t i = 0; i < t.nintros; i++) {
		free(t.intros[i].author_name);
		free(t.intros[i].author_email);
	}
	free(head.parts);
	free(head.credentials);
	free(t.intros);
	free(t.refs);
	free(t.groups);
}
