#include "commands/judge.h"

#include <errno.h>
#include <stdlib.h>

#include "commands/roots.h"
#include "objects/files.h"
#include "policy/baseline.h"
#include "policy/sources.h"
#include "policy/witness.h"
#include "util/alloc.h"
#include "util/clock.h"
#include "util/message.h"
#include "util/replace.h"

/* What one repository allows. */
struct court {
	char *top;      /* absolute; of a history: where git has it */
	struct policy *policy;
	struct witness *witness;
	bool whole;     /* all of it was scanned, so an entry that allowed nothing is of no use */
};

struct judge {
	const struct options *options;
	struct policy *common;   /* --config FILE and git's configuration */
	struct baseline baseline;
	struct roots *roots;
	struct court *courts;
	size_t len, cap;
	struct finding *kept;    /* for --write-baseline: fingerprints and places, no secrets */
	size_t nkept, kept_cap;
};

static bool say(char *err)
{
	message_error("%s", err ? err : "cannot read what is allowed");
	free(err);
	return false;
}

static bool read_config(struct judge *j)
{
	KH_CLEANUP(buf_release) struct buf text = { 0 }, name = { 0 };
	char *err = NULL;
	if (!j->options->config)
		return true;
	buf_add_safe(&name, j->options->config, strlen(j->options->config));
	if (file_read(&text, j->options->config, POLICY_FILE_MAX) != KH_OK) {
		buf_addf(&name, ": cannot be read again");
		return say(xstrdup(name.ptr));
	}
	return policy_add_own(j->common, name.ptr, buf_bytes(&text), &err) == KH_OK || say(err);
}

static bool read_baseline(struct judge *j)
{
	KH_CLEANUP(buf_release) struct buf text = { 0 }, why = { 0 }, name = { 0 };
	const char *path = j->options->baseline;
	if (!path)
		return true;
	buf_add_safe(&name, path, strlen(path));
	enum status st = file_read(&text, path, BASELINE_MAX);
	if (st != KH_OK) {
		message_error("cannot read the baseline '%s': %s", name.ptr, st == KH_IO ? strerror(errno) : status_words(st));
		return false;
	}
	if (baseline_parse(&j->baseline, buf_bytes(&text), &why) != KH_OK) {
		message_error("the baseline is damaged: %s:%s; mend it, or make a new one with --write-baseline", name.ptr, why.ptr);
		return false;
	}
	return true;
}

static void tell_notes(const struct policy *p)
{
	char *const *notes;
	size_t n = policy_notes(p, &notes);
	for (size_t i = 0; i < n; i++)
		message_note("%s", notes[i]);
}

/* Scanned whole? Only then is it news that an entry allows nothing. */
static bool is_whole(const struct judge *j, const char *top)
{
	const struct options *o = j->options;
	for (size_t i = 0; i < o->npaths || !i; i++) {
		KH_CLEANUP(free_ptr) char *real = path_real(o->npaths ? o->paths[i] : ".");
		if (real && path_is_dir(real) && path_within(top, real))
			return true;
	}
	return false;
}

/* The court of a work tree, opened at the first question. NULL: its .keyhunt is wrong. */
static struct court *court_of(struct judge *j, const char *top, char **err)
{
	for (size_t i = 0; i < j->len; i++)
		if (!strcmp(j->courts[i].top, top))
			return &j->courts[i];
	struct court c = { .top = xstrdup(top), .policy = policy_new(clock_date()), .witness = witness_new(top) };
	policy_set_witness(c.policy, witness_asked, c.witness);
	enum status st = sources_folder(c.policy, top, "", !j->options->config, err);
	c.whole = is_whole(j, top);
	ALLOC_GROW(j->courts, j->len + 1, j->cap);
	j->courts[j->len++] = c;
	return st == KH_OK ? &j->courts[j->len - 1] : NULL;
}

static bool open_first(struct judge *j)
{
	char *err = NULL, *inside = NULL;
	const char *first = j->options->npaths ? j->options->paths[0] : ".";
	KH_CLEANUP(free_ptr) char *below = path_is_dir(first) ? path_join(first, ".keyhunt") : xstrdup(first);
	const char *top = roots_find(j->roots, below, &inside);
	free(inside);
	return !top || court_of(j, top, &err) || say(err);
}

enum status judge_new(struct judge **out, const struct options *o)
{
	struct judge *j = xcalloc(1, sizeof *j);
	bool ok = true;
	j->options = o;
	j->common = policy_new(clock_date());
	j->roots = roots_new(o->paths, o->npaths);
	if (!o->no_allow) {
		for (size_t i = 0; i < o->nexpressions; i++)
			policy_add_expression(j->common, o->expressions[i].file, o->expressions[i].line, o->expressions[i].text);
		ok = read_config(j) && read_baseline(j) && (o->command != COMMAND_FILES || open_first(j));
	}
	if (!ok) {
		judge_free(j);
		return KH_USAGE;
	}
	*out = j;
	return KH_OK;
}

void judge_free(struct judge *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < j->len; i++) {
		policy_free(j->courts[i].policy);
		witness_free(j->courts[i].witness);
		free(j->courts[i].top);
	}
	for (size_t i = 0; i < j->nkept; i++)
		finding_release(&j->kept[i]);
	policy_free(j->common);
	baseline_release(&j->baseline);
	roots_free(j->roots);
	free(j->courts);
	free(j->kept);
	free(j);
}

void judge_path(struct judge *j, const char *path, char **inside)
{
	roots_find(j->roots, path, inside);
}

static void tell_allowed(const struct finding *f, const char *by, const char *reason)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	bool named = f->source == SOURCE_REF || f->source == SOURCE_PATH || f->source == SOURCE_IDENTITY; /* may be the secret itself */
	const char *path = named ? source_name(f->source) : f->path ? f->path : f->blob;
	buf_add_safe(&b, path, strlen(path));
	if (f->line)
		buf_addf(&b, ":%u:%u", f->line, f->column);
	buf_addf(&b, ": allowed: %s%s%s, by %s", f->kind, f->key_id[0] ? " " : "", f->key_id, by);
	if (reason && *reason) {
		buf_addstr(&b, ": ");
		buf_add_safe(&b, reason, strlen(reason));
	}
	message_detail("%s", b.ptr);
}

void judge_marked(const struct findings *f)
{
	for (size_t i = 0; i < f->len; i++)
		tell_allowed(&f->list[i], "a mark in the text", NULL);
}

static void keep_known(struct judge *j, const struct finding *f)
{
	if (!j->options->write_baseline)
		return;
	ALLOC_GROW(j->kept, j->nkept + 1, j->kept_cap);
	struct finding *k = &j->kept[j->nkept++];
	*k = (struct finding){ .kind = f->kind, .source = f->source, .path = f->path ? xstrdup(f->path) : NULL };
	memcpy(k->key_id, f->key_id, sizeof k->key_id);
	memcpy(k->fingerprint, f->fingerprint, sizeof k->fingerprint);
}

static const struct entry *allowed_by(struct judge *j, struct court *c, const struct finding *f, const char *path)
{
	const struct entry *e = c ? policy_allows(c->policy, f, path) : NULL;
	return e ? e : policy_allows(j->common, f, path);
}

/* Is it news? What is not is counted and told. */
static bool is_news(struct judge *j, struct court *c, const struct finding *f, const char *path, struct summary *sum)
{
	const struct options *o = j->options;
	if (o->since && f->commit[0] && f->committed_at < o->since_time)
		return false;
	const struct entry *e = o->no_allow ? NULL : allowed_by(j, c, f, path);
	if (e) {
		KH_CLEANUP(buf_release) struct buf by = { 0 };
		buf_addf(&by, e->line ? "%s:%u" : "%s", e->file, e->line);
		tell_allowed(f, by.ptr, e->reason);
		sum->allowed++;
		return false;
	}
	keep_known(j, f);
	if (!o->no_allow && baseline_has(&j->baseline, f)) {
		tell_allowed(f, "the baseline", NULL);
		sum->allowed++;
		return false;
	}
	return true;
}

static void drop(struct findings *f, size_t *kept, size_t i, bool news)
{
	if (news)
		f->list[(*kept)++] = f->list[i];
	else
		finding_release(&f->list[i]);
}

void judge_files(struct judge *j, struct findings *f, struct summary *sum)
{
	size_t kept = 0;
	for (size_t i = 0; i < f->len; i++) {
		char *inside = NULL, *err = NULL;
		const char *top = roots_find(j->roots, f->list[i].path, &inside);
		struct court *c = top && !j->options->no_allow ? court_of(j, top, &err) : NULL;
		if (err) {
			skips_add(&sum->skips, NULL, NULL, err);
			say(err);
		}
		drop(f, &kept, i, is_news(j, c, &f->list[i], inside, sum));
		free(inside);
	}
	f->len = kept;
}

enum status judge_open(struct judge *j, const struct repo *r, const struct store *s, const char *name)
{
	char *err = NULL;
	KH_CLEANUP(buf_release) struct buf before = { 0 };
	const char *top = r->work_tree ? r->work_tree : r->git_dir;
	if (j->options->no_allow)
		return KH_OK;
	struct court c = { .top = xstrdup(top), .policy = policy_new(clock_date()), .witness = witness_new(top), .whole = true };
	policy_set_witness(c.policy, witness_asked, c.witness);
	if (name)
		buf_addf(&before, "%s/", name);
	enum status st = r->work_tree ? sources_folder(c.policy, top, buf_str(&before), !j->options->config, &err) :
					sources_tree(c.policy, r, s, buf_str(&before), !j->options->config, &err);
	ALLOC_GROW(j->courts, j->len + 1, j->cap);
	j->courts[j->len++] = c;
	if (st != KH_OK)
		say(err);
	return st;
}

void judge_history(struct judge *j, struct findings *f, struct summary *sum)
{
	size_t kept = 0;
	struct court *c = j->len ? &j->courts[j->len - 1] : NULL;
	for (size_t i = 0; i < f->len; i++)
		drop(f, &kept, i, is_news(j, c, &f->list[i], f->list[i].path, sum));
	f->len = kept;
}

/* A note that names no line of a file that has none. */
static void add_unused(struct summary *sum, const char *file, unsigned line, const char *why)
{
	struct buf b = { 0 };
	buf_addstr(&b, file);
	if (line)
		buf_addf(&b, ":%u", line);
	skips_add(&sum->unused, NULL, buf_str(&b), why);
	buf_release(&b);
}

static void list_unused(const struct judge *j, const struct policy *p, struct summary *sum)
{
	const struct entry *list;
	size_t n = policy_entries(p, &list);
	for (size_t i = 0; i < n; i++) {
		const struct entry *e = &list[i];
		if (e->expired)
			add_unused(sum, e->file, e->line, "has expired");
		else if (!e->used && !e->silent && (!e->history || j->options->command == COMMAND_HISTORY))
			add_unused(sum, e->file, e->line, "allows nothing");
	}
}

static void list_unknown(const struct judge *j, struct summary *sum)
{
	KH_CLEANUP(buf_release) struct buf name = { 0 };
	enum baseline_scope scope = j->options->command == COMMAND_HISTORY ? BASELINE_HISTORY : BASELINE_FILES;
	if (j->baseline.scope != BASELINE_ANY && j->baseline.scope != scope)
		return; /* a history's findings are not all in the files */
	if (j->options->baseline)
		buf_add_safe(&name, j->options->baseline, strlen(j->options->baseline));
	for (size_t i = 0; i < j->baseline.len; i++)
		if (!j->baseline.list[i].used)
			add_unused(sum, buf_str(&name), j->baseline.list[i].line, "is not there any more");
}

/* In a part of a repository, or of a history, an entry may well find nothing. */
static void sum_unused(const struct judge *j, struct summary *sum)
{
	bool whole = j->len > 0;
	if (j->options->since || !sum->complete)
		return;
	for (size_t i = 0; i < j->len; i++) {
		whole &= j->courts[i].whole;
		if (j->courts[i].whole)
			list_unused(j, j->courts[i].policy, sum);
	}
	if (whole) {
		list_unused(j, j->common, sum);
		list_unknown(j, sum);
	}
}

static bool write_known(struct judge *j, const struct summary *sum)
{
	const char *path = j->options->write_baseline;
	struct replacement r;
	if (!path)
		return true;
	if (sum->interrupted) {
		message_warning("stopped before the end: the baseline is not written");
		return true;
	}
	bool ok = replace_begin(&r, path, true);
	if (ok) {
		baseline_write(r.out, j->options->command == COMMAND_HISTORY ? BASELINE_HISTORY : BASELINE_FILES, j->kept, j->nkept);
		ok = replace_end(&r, true);
	}
	if (!ok) {
		int why = errno;
		KH_CLEANUP(buf_release) struct buf name = { 0 };
		buf_add_safe(&name, path, strlen(path));
		message_error("cannot write '%s': %s", name.ptr, strerror(why));
	}
	return ok;
}

bool judge_finish(struct judge *j, struct summary *sum)
{
	tell_notes(j->common);
	for (size_t i = 0; i < j->len; i++)
		tell_notes(j->courts[i].policy);
	sum_unused(j, sum);
	return write_known(j, sum);
}
