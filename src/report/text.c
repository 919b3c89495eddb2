/* text.c: the report for people: one block per credential, the worst first.
 *
 *     critical  access-key-pair  AKIA...
 *       account 718143423421, secret wJal... (40), confidence high
 *       config/prod.env:12:19
 *         1a2b3c4d5e6f  2025-10-06  Jane Doe <jane@example.com>
 *         pushed 412 days ago, still at HEAD
 *       First steps: ...
 *
 * Whatever a repository holds goes through add_text: it can neither move the cursor nor begin a line of its own. */
#include <stdlib.h>

#include "report/playbook.h"
#include "report/words.h"
#include "report/writers.h"
#include "util/alloc.h"

#define PLACES_SHOWN 20
#define REFS_SHOWN 3
#define ID_SHOWN 12
#define TEXT_MAX 1000

/* The findings of one credential: order[from .. from+n). */
struct group {
	size_t from, n;
	const struct finding *first; /* in the report's order */
	enum level severity, confidence;
	bool steps;                  /* the first of those that share their steps */
};

/* Safe text, not too long; a run of blanks, which could push what follows to where a terminal begins a new line, is made visible. */
static void add_text(struct buf *b, const char *s)
{
	size_t len = strlen(s), plain = 0;
	bool cut = len > TEXT_MAX;
	len = cut ? TEXT_MAX : len;
	for (size_t i = 0; i < len; i++) {
		if (s[i] != ' ' || (i && i + 1 < len && s[i - 1] != ' '))
			continue;
		buf_add_safe(b, s + plain, i - plain);
		buf_addstr(b, "\\x20");
		plain = i + 1;
	}
	buf_add_safe(b, s + plain, len - plain);
	if (cut)
		buf_addstr(b, "\xe2\x80\xa6");
}

static int cmp_str(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int cmp_credential(const struct finding *x, const struct finding *y)
{
	int d = strcmp(x->key_id, y->key_id);
	if (!d)
		d = cmp_str(x->kind, y->kind);
	if (!d)
		d = strcmp(x->secret_sha256, y->secret_sha256);
	if (!d && (x->advice || y->advice))
		d = cmp_str(x->advice, y->advice);
	return d ? d : cmp_str(x->token, y->token);
}

static int cmp_order(const void *a, const void *b)
{
	const struct finding *x = *(const struct finding *const *)a, *y = *(const struct finding *const *)b;
	int d = cmp_credential(x, y);
	return d ? d : (x > y) - (x < y);
}

static int cmp_group(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->confidence != y->confidence)
		return x->confidence > y->confidence ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

static bool same_steps(const struct finding *x, const struct finding *y)
{
	return !x->advice == !y->advice && !strcmp(x->key_id, y->key_id) && (x->key_id[0] || !cmp_str(x->kind, y->kind));
}

/* Groups beside each other share their key ID, or have none and share their kind: one of them tells the steps. */
static void choose_steps(struct group *g, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		size_t best = i;
		for (end = i + 1; end < n && same_steps(g[i].first, g[end].first); end++)
			if (cmp_group(&g[end], &g[best]) < 0)
				best = end;
		g[best].steps = true;
	}
}

static size_t make_groups(struct group *g, const struct finding **order, const struct finding *list, size_t n)
{
	size_t len = 0;
	for (size_t i = 0; i < n; i++)
		order[i] = &list[i];
	qsort(order, n, sizeof *order, cmp_order);
	for (size_t i = 0; i < n; i++) {
		const struct finding *f = order[i];
		if (!i || cmp_credential(order[i - 1], f))
			g[len++] = (struct group){ .from = i, .first = f };
		struct group *last = &g[len - 1];
		last->n++;
		last->severity = f->severity > last->severity ? f->severity : last->severity;
		last->confidence = f->confidence > last->confidence ? f->confidence : last->confidence;
	}
	choose_steps(g, len);
	qsort(g, len, sizeof *g, cmp_group);
	return len;
}

static const char *color_of(enum level l)
{
	return l >= LEVEL_HIGH ? "\x1b[1;31m" : l == LEVEL_MEDIUM ? "\x1b[1;33m" : "\x1b[1;36m";
}

static void add_colored(struct buf *b, const struct report_options *o, const char *color, const char *text)
{
	buf_addstr(b, o->color ? color : "");
	add_text(b, text);
	buf_addstr(b, o->color ? "\x1b[0m" : "");
}

static void add_secret(struct buf *b, const struct report_options *o, const struct finding *f)
{
	if (f->secret) {
		buf_addstr(b, "secret ");
		if (o->show_secrets)
			add_text(b, f->secret);
		else
			words_redacted(b, f->secret);
		buf_addstr(b, ", ");
	}
	if (f->token) {
		buf_addstr(b, "session token ");
		if (o->show_secrets)
			buf_add_safe(b, f->token, strlen(f->token)); /* longer than a place's name may be */
		else
			words_redacted(b, f->token);
		buf_addstr(b, ", ");
	}
}

static void add_head(struct buf *b, const struct report_options *o, const struct group *g)
{
	const struct finding *f = g->first;
	add_colored(b, o, color_of(g->severity), level_name(g->severity));
	buf_addstr(b, "  ");
	add_text(b, f->kind);
	if (f->key_id[0]) {
		buf_addstr(b, "  ");
		add_colored(b, o, "\x1b[1m", f->key_id);
	}
	buf_addstr(b, "\n  ");
	if (f->account_id[0]) {
		buf_addstr(b, "account ");
		add_text(b, f->account_id);
		buf_addstr(b, ", ");
	}
	add_secret(b, o, f);
	buf_addf(b, "confidence %s\n", level_name(g->confidence));
	if (f->canary)
		buf_addstr(b, "  a known canary account: trying the key raises an alarm\n");
	if (f->example)
		buf_addstr(b, "  an example from documentation\n");
}

static void add_evidence(struct buf *b, const struct finding *f)
{
	buf_addstr(b, "    evidence:");
	for (unsigned i = 0; i < f->nevidence && i < EVIDENCE_MAX; i++) {
		buf_addstr(b, i ? ", " : " ");
		add_text(b, f->evidence[i]);
	}
	buf_addstr(b, f->nevidence ? "; pattern " : " none named; pattern ");
	add_text(b, f->pattern ? f->pattern : "unknown");
	buf_addch(b, '\n');
}

static bool named_by_path(enum source s)
{
	return s == SOURCE_BLOB || s == SOURCE_FILE || s == SOURCE_INDEX || s == SOURCE_ARCHIVE || s == SOURCE_STDIN;
}

static void add_where(struct buf *b, const struct report_options *o, const struct finding *f)
{
	buf_addstr(b, "  ");
	const char *path = f->path ? f->path : "";
	if (!*path || !named_by_path(f->source))
		buf_addf(b, "%s%s", source_name(f->source), *path ? " " : "");
	if (f->repository) {
		add_text(b, f->repository);
		buf_addstr(b, ": ");
	}
	buf_addstr(b, o->color ? "\x1b[1m" : "");
	add_text(b, path);
	if (f->inner_path) {
		buf_addch(b, '!');
		add_text(b, f->inner_path);
	}
	buf_addstr(b, o->color ? "\x1b[0m" : "");
	if (f->line)
		buf_addf(b, ":%u:%u", f->line, f->column);
	buf_addch(b, '\n');
}

static void add_commit(struct buf *b, const struct finding *f)
{
	if (!f->commit[0]) {
		if (f->blob[0])
			buf_addf(b, "    object %.*s, in no commit\n", ID_SHOWN, f->blob);
		return;
	}
	buf_addf(b, "    %.*s  ", ID_SHOWN, f->commit);
	words_date(b, f->committed_at, f->committed_tz);
	buf_addstr(b, "  ");
	add_text(b, f->author_name ? f->author_name : "");
	if (f->author_email) {
		buf_addstr(b, " <");
		add_text(b, f->author_email);
		buf_addch(b, '>');
	}
	buf_addch(b, '\n');
}

static void add_refs(struct buf *b, const struct finding *f)
{
	static const char *const prefix[] = { "refs/heads/", "refs/remotes/", "refs/tags/" };
	size_t shown = f->nrefs < REFS_SHOWN ? f->nrefs : REFS_SHOWN, start = b->len;
	if (f->occurrences > 1) {
		buf_addstr(b, "    ");
		words_count(b, f->occurrences, "version", "versions");
	}
	for (size_t i = 0; i < shown; i++) {
		const char *name = f->refs[i];
		for (size_t p = 0; p < 3; p++)
			if (!strncmp(f->refs[i], prefix[p], strlen(prefix[p])))
				name = f->refs[i] + strlen(prefix[p]);
		buf_addstr(b, i ? ", " : b->len > start ? ", in " : "    in ");
		add_text(b, name);
	}
	if (shown && f->refs_total > shown) {
		buf_addstr(b, " and ");
		words_count(b, f->refs_total - shown, "more ref", "more refs");
	}
	if (b->len > start)
		buf_addch(b, '\n');
}

/* The half that stands in another text. */
static void add_other(struct buf *b, const struct finding *f)
{
	const struct other_half *o = &f->other;
	if (!o->path)
		return;
	bool id = !strcmp(f->kind, "access-key-id"), secret = !strcmp(f->kind, "secret-access-key");
	buf_addf(b, "    its %s: ", o->token ? "session token" : id ? "secret" : secret ? "key ID" : "key");
	if (!named_by_path(o->source))
		buf_addf(b, "%s ", source_name(o->source));
	add_text(b, o->path);
	if (o->inner_path) {
		buf_addch(b, '!');
		add_text(b, o->inner_path);
	}
	buf_addf(b, ":%u:%u\n", o->line, o->column);
}

static void add_place(struct buf *b, const struct report_options *o, const struct finding *f)
{
	add_where(b, o, f);
	add_other(b, f);
	add_commit(b, f);
	size_t start = b->len;
	buf_addstr(b, "    ");
	words_exposure(b, f, o->now);
	if (b->len > start + 4)
		buf_addch(b, '\n');
	else
		b->len = start;
	add_refs(b, f);
	if (o->verbose)
		add_evidence(b, f);
}

static void add_steps(struct buf *b, const struct group *g, const struct finding *worst)
{
	if (worst->advice) {
		buf_addstr(b, "  Advice: ");
		add_text(b, worst->advice);
		buf_addch(b, '\n');
		return;
	}
	if (g->steps) {
		buf_addstr(b, "  First steps:\n");
		playbook_first_steps(b, worst, "    ");
		return;
	}
	buf_addstr(b, "  First steps: as above for ");
	add_text(b, g->first->key_id[0] ? g->first->key_id : g->first->kind);
	buf_addch(b, '\n');
}

/* The steps look back to the day the credential was first seen anywhere. */
static struct finding earliest(const struct finding **order, const struct group *g)
{
	struct finding f = *g->first;
	for (size_t i = g->from; i < g->from + g->n; i++)
		if (order[i]->has_dates && (!f.has_dates || order[i]->first_seen < f.first_seen)) {
			f.has_dates = true;
			f.first_seen = order[i]->first_seen;
			f.first_tz = order[i]->first_tz;
		}
	return f;
}

static void write_group(FILE *out, const struct report_options *o, const struct finding **order, const struct group *g)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	add_head(&b, o, g);
	size_t shown = o->verbose || g->n <= PLACES_SHOWN ? g->n : PLACES_SHOWN;
	for (size_t i = 0; i < shown; i++)
		add_place(&b, o, order[g->from + i]);
	if (g->n > shown) {
		buf_addstr(&b, "  and in ");
		words_count(&b, g->n - shown, "more place", "more places");
		buf_addstr(&b, " (all with --verbose)\n");
	}
	struct finding first = earliest(order, g); /* borrows all it points to */
	add_steps(&b, g, &first);
	fwrite(b.ptr, 1, b.len, out);
}

void text_write(FILE *out, const struct report_options *o, const struct finding *list, size_t n)
{
	KH_CLEANUP(free_ptr) const struct finding **order = xcalloc(n + 1, sizeof *order);
	KH_CLEANUP(free_ptr) struct group *groups = xcalloc(n + 1, sizeof *groups);
	size_t ngroups = make_groups(groups, order, list, n);
	for (size_t i = 0; i < ngroups; i++) {
		write_group(out, o, order, &groups[i]);
		fputc('\n', out);
	}
}
