/* join.c: what belongs together over several texts, nearest first, and only where nothing else could be meant.
 *
 *     the same folder and commit    deploy/id.txt + deploy/secret.env        (outside a history: the same folder)
 *     the same folder               both there at the same time
 *     the same commit               its message, or files that share a folder below the root
 *
 * In each of these, first by the names of the variables, then by those of the files, then without a name: where exactly one ID
 * and one secret are left. Every round sorts the halves by what it asks for and looks at runs of equals, so a folder with many
 * of both costs no more than sorting them and joins nothing but what names tell apart. A value has one partner in the whole
 * scan: if two places disagree, or another text has it as a pair, nothing is joined. */
#include "findings/join.h"

#include <stdlib.h>

#include "patterns/stem.h"
#include "util/alloc.h"
#include "util/buf.h"

#define NOBODY UINT32_MAX
#define CLASH (UINT32_MAX - 1)

struct half {
	struct finding *f;
	const char *value;     /* what it is known by: key ID, or hash of the secret or token */
	uint32_t number;       /* of the value, on its side */
	uint32_t stem, file;   /* of the variable's name and of the file's, as hashes; 0: nothing telling */
	char *folder;          /* NULL: in none */
	bool holder;           /* has the key ID */
};

/* One side's values. */
struct side {
	uint32_t *partner, *offer, *first; /* by number; `first`: the first half of the run at hand that has the value */
	uint8_t *stem;                     /* names told the partner */
	size_t len;
};

struct round {
	bool folder, commit;
	enum { BY_STEM, BY_FILE, BY_NOTHING } by;
};

struct joining {
	struct half *list;
	size_t len, cap;
	struct side side[2];   /* [1]: the holders */
	struct round round;
};

static const struct round tiers[] = { { true, true, 0 }, { true, false, 0 }, { false, true, 0 } };
#define TIERS (sizeof tiers / sizeof *tiers)

static int cmp_num(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int cmp_str(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_kind(const struct finding *f, const char *kind)
{
	return !strcmp(f->kind, kind);
}

/* Key IDs and secrets that have their other half somewhere: not for sale. */
struct taken {
	const char **list;
	size_t len, cap;
};

static void take(struct taken *t, const char *value)
{
	if (!*value)
		return;
	ALLOC_GROW(t->list, t->len + 1, t->cap);
	t->list[t->len++] = value;
}

static void collect_taken(struct taken *t, const struct findings *f, const struct ledger *allowed)
{
	for (size_t i = 0; i < f->len; i++) {
		const struct finding *x = &f->list[i];
		if (is_kind(x, "access-key-pair") || is_kind(x, "temporary-credentials") || (is_kind(x, "secret-access-key") && x->key_id[0])) {
			take(t, x->key_id);
			take(t, x->secret_sha256);
		}
		take(t, x->token ? x->token : "");
		take(t, is_kind(x, "session-token") && x->key_id[0] ? x->secret : "");
	}
	for (size_t i = 0; i < allowed->ncredentials; i++) {
		take(t, allowed->credentials[i].key_id);
		take(t, allowed->credentials[i].secret_sha256);
	}
	if (t->len)
		qsort(t->list, t->len, sizeof *t->list, cmp_str);
}

static bool is_taken(const struct taken *t, const char *value)
{
	return t->len && bsearch(&value, t->list, t->len, sizeof *t->list, cmp_str);
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* NULL for what lies in no folder: a message, a name, an object that no tree of a commit has. */
static char *folder_of(const struct finding *f)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	bool file = f->source == SOURCE_BLOB || f->source == SOURCE_FILE || f->source == SOURCE_INDEX || f->source == SOURCE_ARCHIVE;
	if (!file || (f->blob[0] && !f->commit[0] && f->source != SOURCE_INDEX))
		return NULL;
	const char *last = f->inner_path ? f->inner_path : f->path;
	if (f->inner_path)
		buf_addf(&b, "%s!", f->path);
	buf_add(&b, last, (size_t)(base_of(last) - last));
	return xstrdup(buf_str(&b));
}

/* prod.id and prod.secret, prod-id.txt and prod-secret.env: without the ending, unless that is what it is called. */
static uint32_t file_stem(const struct finding *f)
{
	static const char *const telling[] = { ".id", ".key", ".keyid", ".secret", ".token", ".access" };
	KH_CLEANUP(free_ptr) char *name = xstrdup(base_of(f->inner_path ? f->inner_path : f->path));
	char *dot = strrchr(name, '.');
	for (char *c = name; *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 32) : *c;
	for (size_t i = 0; dot && i < sizeof telling / sizeof *telling; i++)
		if (!strcmp(dot, telling[i]))
			return stem_of(name, strlen(name));
	return stem_of(name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

static void add(struct joining *j, struct finding *f, const char *value, bool holder)
{
	struct half h = { .f = f, .value = value, .holder = holder, .stem = f->stem };
	bool message = f->source == SOURCE_COMMIT_MESSAGE && f->commit[0];
	if (f->path && !strcmp(base_of(f->path), ".keyhunt"))
		return; /* names what it allows */
	h.folder = f->path ? folder_of(f) : NULL;
	if (!h.folder && !message)
		return;
	h.file = h.folder ? file_stem(f) : 0;
	ALLOC_GROW(j->list, j->len + 1, j->cap);
	j->list[j->len++] = h;
}

/* First IDs without a secret and secrets without an ID. */
static void collect_halves(struct joining *j, struct findings *f, const struct taken *t)
{
	for (size_t i = 0; i < f->len; i++) {
		struct finding *x = &f->list[i];
		bool id = is_kind(x, "access-key-id") || (is_kind(x, "session-token") && x->key_id[0]);
		if (x->example || x->confidence < LEVEL_MEDIUM) /* whatever --min-confidence shows */
			continue;
		if (id && !is_taken(t, x->key_id))
			add(j, x, x->key_id, true);
		else if (is_kind(x, "secret-access-key") && !x->key_id[0] && !is_taken(t, x->secret_sha256))
			add(j, x, x->secret_sha256, false);
	}
}

/* Then temporary pairs without a token, together in one text or by now, and tokens without a pair. */
static void collect_tokens(struct joining *j, struct findings *f, const struct taken *t)
{
	for (size_t i = 0; i < f->len; i++) {
		struct finding *x = &f->list[i];
		bool pair = is_kind(x, "access-key-pair") || (is_kind(x, "secret-access-key") && x->key_id[0] && !x->other.token);
		if (x->example)
			continue;
		if (pair && !memcmp(x->key_id, "ASIA", 4))
			add(j, x, x->key_id, true);
		else if (is_kind(x, "session-token") && !x->key_id[0] && !is_taken(t, x->secret))
			add(j, x, x->secret_sha256, false);
	}
}

static int by_value(const void *a, const void *b)
{
	const struct half *x = a, *y = b;
	int d = (int)x->holder - (int)y->holder;
	if (!d)
		d = strcmp(x->value, y->value);
	return d ? d : finding_cmp(x->f, y->f);
}

static void number_values(struct joining *j)
{
	if (j->len)
		qsort(j->list, j->len, sizeof *j->list, by_value);
	for (size_t i = 0; i < j->len; i++) {
		struct half *h = &j->list[i];
		struct side *s = &j->side[h->holder];
		s->len += !s->len || strcmp(j->list[i - 1].value, h->value);
		h->number = (uint32_t)s->len - 1;
	}
	for (unsigned k = 0; k < 2; k++) {
		struct side *s = &j->side[k];
		s->partner = xcalloc(s->len + 1, sizeof *s->partner);
		s->offer = xcalloc(s->len + 1, sizeof *s->offer);
		s->first = xcalloc(s->len + 1, sizeof *s->first);
		s->stem = xcalloc(s->len + 1, 1);
		for (size_t i = 0; i < s->len; i++)
			s->partner[i] = NOBODY;
	}
}

static uint32_t name_in(const struct half *h, const struct round *r)
{
	return r->by == BY_STEM ? h->stem : r->by == BY_FILE ? h->file : 0;
}

static bool takes_part(const struct half *h, const struct round *r)
{
	if ((r->folder && !h->folder) || (!r->folder && !h->f->commit[0]))
		return false;
	return r->by == BY_NOTHING || name_in(h, r);
}

static int cmp_key(const struct half *x, const struct half *y, const struct round *r)
{
	bool in = takes_part(x, r);
	int d = (int)takes_part(y, r) - (int)in;
	if (!d && in && r->folder)
		d = strcmp(x->folder, y->folder);
	if (!d && in && r->commit)
		d = strcmp(x->f->commit, y->f->commit);
	return d || !in ? d : cmp_num(name_in(x, r), name_in(y, r));
}

static int by_round(const void *a, const void *b, void *payload)
{
	int d = cmp_key(a, b, payload);
	return d ? d : by_value(a, b);
}

static bool at_once(const struct finding *x, const struct finding *y)
{
	if (x->has_dates && y->has_dates)
		return x->first_seen <= y->last_seen && y->first_seen <= x->last_seen;
	return (!x->has_dates || x->at_head == TRI_TRUE) && (!y->has_dates || y->at_head == TRI_TRUE); /* one is staged */
}

static bool share_folder(const struct half *x, const struct half *y)
{
	size_t n = x->folder ? strcspn(x->folder, "/!") : 0;
	return !x->folder || !y->folder || (x->folder[n] && !strncmp(x->folder, y->folder, n + 1));
}

/* In one text its own pairing has decided. */
static bool one_text(const struct finding *x, const struct finding *y)
{
	const char *a = x->inner_path ? x->inner_path : "", *b = y->inner_path ? y->inner_path : "";
	return !strcmp(x->path, y->path) && !strcmp(a, b) && !strcmp(x->blob, y->blob);
}

static bool may_join(const struct half *x, const struct half *y, const struct round *r)
{
	if (one_text(x->f, y->f) || (x->stem && y->stem && x->stem != y->stem))
		return false;
	return (r->commit || at_once(x->f, y->f)) && (r->folder || share_folder(x, y));
}

static void offer(struct side *s, uint32_t number, uint32_t to)
{
	s->offer[number] = s->offer[number] == NOBODY || s->offer[number] == to ? to : CLASH;
}

/* A run of halves that the round takes for equal: are one holder and one other all there is? */
static void look_at(struct joining *j, struct half *run, size_t n)
{
	const struct half *one[2] = { NULL, NULL };
	for (size_t i = 0; i < n; i++) {
		const struct half **seen = &one[run[i].holder];
		if (j->round.by == BY_NOTHING && j->side[run[i].holder].partner[run[i].number] != NOBODY)
			continue;
		if (*seen && (*seen)->number != run[i].number)
			return;
		if (!*seen)
			*seen = &run[i];
	}
	if (one[0] && one[1] && may_join(one[0], one[1], &j->round)) {
		offer(&j->side[0], one[0]->number, one[1]->number);
		offer(&j->side[1], one[1]->number, one[0]->number);
	}
}

static void each_run(struct joining *j, void (*visit)(struct joining *j, struct half *run, size_t n))
{
	qsort_r(j->list, j->len, sizeof *j->list, by_round, &j->round);
	for (size_t i = 0, k; i < j->len && takes_part(&j->list[i], &j->round); i = k) {
		for (k = i + 1; k < j->len && !cmp_key(&j->list[i], &j->list[k], &j->round);)
			k++;
		visit(j, &j->list[i], k - i);
	}
}

static void play_round(struct joining *j)
{
	struct side *a = &j->side[0], *b = &j->side[1];
	for (unsigned k = 0; k < 2; k++)
		for (size_t i = 0; i < j->side[k].len; i++)
			j->side[k].offer[i] = NOBODY;
	each_run(j, look_at);
	for (uint32_t i = 0; i < a->len; i++) {
		uint32_t to = a->offer[i];
		if (to >= CLASH || b->offer[to] != i || a->partner[i] != NOBODY || b->partner[to] != NOBODY)
			continue;
		a->partner[i] = to;
		b->partner[to] = i;
		a->stem[i] = b->stem[to] = j->round.by == BY_STEM;
	}
}

static void say(struct finding *f, bool holds, const char *evidence)
{
	if (holds && f->nevidence < EVIDENCE_MAX)
		f->evidence[f->nevidence++] = evidence;
}

static void point(const struct joining *j, const struct half *from, const struct half *to)
{
	struct finding *f = from->f;
	const struct finding *o = to->f;
	if (f->other.path)
		return;
	f->other = (struct other_half){ .path = xstrdup(o->path), .inner_path = o->inner_path ? xstrdup(o->inner_path) : NULL,
					.line = o->line, .column = o->column, .source = o->source, .token = is_kind(o, "session-token") };
	memcpy(f->other.commit, o->commit, sizeof f->other.commit);
	say(f, j->round.folder, "same-directory");
	say(f, j->round.commit && o->commit[0], "same-commit");
	say(f, j->side[from->holder].stem[from->number], "same-stem");
	say(f, is_kind(o, "session-token") && !is_kind(f, "access-key-id"), "session-token");
}

/* What the holder knows of the key. */
static void tell(struct finding *f, const struct finding *holder)
{
	memcpy(f->key_id, holder->key_id, sizeof f->key_id);
	memcpy(f->account_id, holder->account_id, sizeof f->account_id);
	f->canary |= holder->canary;
	f->id_from = ID_BESIDE;
	if (is_kind(f, "secret-access-key") && !memcmp(f->key_id, "AKIA", 4))
		f->severity = LEVEL_CRITICAL;
}

static void point_in_run(struct joining *j, struct half *run, size_t n)
{
	for (unsigned k = 0; k < 2; k++)
		for (size_t i = n; i-- > 0;)
			if (run[i].holder == (k == 1))
				j->side[k].first[run[i].number] = (uint32_t)i + 1;
	for (size_t i = 0; i < n; i++) {
		uint32_t partner = j->side[run[i].holder].partner[run[i].number];
		uint32_t at = partner != NOBODY ? j->side[!run[i].holder].first[partner] : 0;
		if (!at || !may_join(&run[i], &run[at - 1], &j->round))
			continue;
		if (!run[i].f->other.path && !run[i].holder)
			tell(run[i].f, run[at - 1].f);
		point(j, &run[i], &run[at - 1]);
	}
	for (size_t i = 0; i < n; i++)
		j->side[run[i].holder].first[run[i].number] = 0;
}

static void join(struct joining *j)
{
	number_values(j);
	for (size_t i = 0; i < TIERS && j->side[0].len && j->side[1].len; i++)
		for (unsigned by = BY_STEM; by <= BY_NOTHING; by++) {
			j->round = (struct round){ tiers[i].folder, tiers[i].commit, by };
			play_round(j);
		}
	for (size_t i = 0; i < TIERS && j->side[0].len && j->side[1].len; i++) {
		j->round = (struct round){ tiers[i].folder, tiers[i].commit, BY_NOTHING };
		each_run(j, point_in_run);
	}
	for (unsigned k = 0; k < 2; k++) {
		free(j->side[k].partner);
		free(j->side[k].offer);
		free(j->side[k].first);
		free(j->side[k].stem);
	}
	for (size_t i = 0; i < j->len; i++)
		free(j->list[i].folder);
	free(j->list);
}

void join_findings(struct findings *f, const struct ledger *allowed)
{
	struct joining halves = { 0 }, tokens = { 0 };
	struct taken taken = { 0 };
	collect_taken(&taken, f, allowed);
	collect_halves(&halves, f, &taken);
	join(&halves);
	collect_tokens(&tokens, f, &taken);
	join(&tokens);
	free(taken.list);
}
