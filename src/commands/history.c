/* history.c: keyhunt --history. The data's whole way on one page: repository -> store -> walk -> hits -> ledger ->
 * findings -> report. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "commands/hunt.h"
#include "commands/judge.h"
#include "commands/output.h"
#include "commands/session.h"
#include "findings/fill.h"
#include "findings/join.h"
#include "findings/missing.h"
#include "findings/named.h"
#include "objects/mapped.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/message.h"
#include "util/progress.h"

#define ALL_TYPES (1u << OBJ_COMMIT | 1u << OBJ_TREE | 1u << OBJ_BLOB | 1u << OBJ_TAG)
#define REFRESH_ROUNDS 10 /* git gc may run again and again; whoever runs it that often has an incomplete scan */

static void *visit_nothing(void *payload, unsigned worker, struct object *o)
{
	(void)payload;
	(void)worker;
	(void)o;
	return NULL;
}

/* What the scan and the look at what is missing keep of one object. */
struct tandem {
	void *hits, *names;
};

struct reading {
	struct visitor scan;
	struct missing *missing;
};

static void *visit_both(void *payload, unsigned worker, struct object *o)
{
	struct reading *r = payload;
	const struct tandem *base = o->base_state;
	struct tandem both = { 0 };
	if (o->type != OBJ_BLOB) {
		o->base_state = base ? base->names : NULL;
		both.names = missing_visit(r->missing, worker, o);
	}
	o->base_state = base ? base->hits : NULL;
	both.hits = r->scan.visit(r->scan.payload, worker, o);
	if (!both.hits && !both.names)
		return NULL;
	struct tandem *t = xmalloc(sizeof *t);
	*t = both;
	return t;
}

static void drop_both(void *payload, unsigned worker, void *state)
{
	struct reading *r = payload;
	struct tandem *t = state;
	missing_drop(t->names);
	if (t->hits)
		r->scan.drop(r->scan.payload, worker, t->hits);
	free(t);
}

/* Walk all there is; then what git gc or others packed, unpacked or added meanwhile, until nothing new comes. */
static void read_objects(struct session *s, struct missing *missing, struct store *store, const struct options *o, struct walk_options *w,
			 struct walk_stats *stats, struct skips *skips)
{
	struct reading both = { scan_visitor(session_scan(s), o->whole_blobs, ALL_TYPES), missing };
	struct visitor v = both.scan;
	v.visit = visit_both;
	v.drop = drop_both;
	v.payload = &both;
	if (o->no_match)
		v = (struct visitor){ .types = ALL_TYPES, .lazy = true, .visit = visit_nothing };
	w->loose = true;
	walk_store(store, &v, w, stats, skips);
	unsigned round = 0;
	for (; round < REFRESH_ROUNDS; round++) {
		w->first_pack = store->npacks;
		w->first_loose = store->nloose;
		if (!store_refresh(store, skips))
			break;
		walk_store(store, &v, w, stats, skips);
	}
	w->first_pack = w->first_loose = 0;
	if (round == REFRESH_ROUNDS)
		skips_add(skips, NULL, NULL, "packs and objects kept coming while they were read");
}

static void read_texts(struct session *s, const struct repo *r, struct skips *skips)
{
	char **files;
	size_t n = repo_config_files(r, &files), common = strlen(r->common_dir);
	for (size_t i = 0; i < r->nrefs; i++)
		session_text(s, 0, bytes_str(r->refs[i].name), SOURCE_REF, r->refs[i].name);
	for (size_t i = 0; i < r->nindex; i++)
		session_saw_path(s, r->index[i].path);
	for (size_t i = 0; i < n; i++) {
		struct bytes data;
		struct buf name = { 0 };
		bool inside = !strncmp(files[i], r->common_dir, common) && files[i][common] == '/';
		buf_addf(&name, ".git/%s", inside ? files[i] + common + 1 : "config");
		enum status st = mapped_open(&data, files[i]);
		if (st == KH_OK)
			session_text(s, 0, data, SOURCE_CONFIG, name.ptr);
		else if (st != KH_MISSING)
			skips_add(skips, name.ptr, name.ptr, status_words(st));
		mapped_close(&data);
		buf_release(&name);
		free(files[i]);
	}
	free(files);
}

static void add_stats(struct summary *sum, const struct walk_stats *stats, const struct repo *r)
{
	sum->objects += stats->objects;
	sum->commits += stats->commits;
	sum->blobs += stats->blobs;
	sum->bytes += stats->bytes;
	sum->shallow |= r->shallow;
	sum->repositories++;
}

/* What no object holds, then who brought what and who can see it. */
static void settle(const struct repo *r, struct store *store, struct session *s, struct missing *missing, const struct options *o,
		   struct walk_options *w, struct findings *found, struct summary *sum)
{
	bool partial = r->partial || store->promisor, interrupted = w->stop && *w->stop;
	struct skips forgiven = { 0 };
	uint64_t allowed = 0;
	read_texts(s, r, &sum->skips);
	struct ledger *ledger = session_finish(s, &sum->skips, &allowed);
	w->progress = NULL;
	w->stop = NULL; /* what was found so far is still told with its commit */
	if (ledger->nsightings)
		attribute_history(found, r, store, ledger, w, &sum->skips);
	join_findings(found, session_allowed(s));
	if (!interrupted) /* else nobody has looked at all names */
		sum->missing_objects += missing_finish(missing, partial && o->missing_allow ? &forgiven : &sum->skips);
	sum->allowed += allowed;
	skips_release(&forgiven);
}

/* In what could not be read, from number `from` on, names as they may be shown. */
static void hide_names(struct session *s, struct skips *skips, size_t from)
{
	for (size_t i = from; i < skips->len; i++) {
		char **part[] = { &skips->list[i].object, &skips->list[i].path };
		for (size_t k = 0; k < 2; k++) {
			struct buf b = { 0 };
			if (!*part[k] || !**part[k])
				continue;
			session_name(s, 0, &b, *part[k]);
			free(*part[k]);
			*part[k] = b.ptr;
		}
	}
}

/* Which commit brought them nobody asks for: the blob is named. */
static void tell_marked(const struct ledger *l, const struct store *store)
{
	struct findings marked = { 0 };
	for (size_t i = 0; i < l->nsightings; i++) {
		const struct sighting *s = &l->sightings[i];
		struct finding *f = findings_push(&marked);
		fill_credential(f, &l->credentials[s->credential]);
		f->line = s->line;
		f->column = s->column;
		f->source = s->source;
		if (s->object != NO_OBJECT) {
			struct oid oid = store_oid(store, s->object);
			oid_hex(f->blob, &oid, store->oid_len);
		} else if (s->name) {
			f->path = xstrdup(s->name);
		}
	}
	judge_marked(&marked);
	findings_release(&marked);
}

static bool hunt_repo(const struct repo *r, const struct detector *d, const struct options *o, struct judge *j, const char *name,
		      struct findings *found, struct summary *sum, const atomic_int *stop)
{
	struct progress bar;
	struct session *s = NULL;
	struct walk_stats stats = { 0 };
	size_t skipped = sum->skips.len;
	struct store *store = store_open(r->object_dirs, r->nobject_dirs, r->oid_len, &sum->skips);
	struct walk_options w = { .threads = o->threads, .memory = o->memory, .progress = progress_update, .progress_payload = &bar, .stop = stop };
	if (judge_open(j, r, store, name) != KH_OK || session_open(&s, o, d, store) != KH_OK) {
		store_free(store);
		return false;
	}
	progress_start(&bar, "Scanning", !o->quiet && !o->no_progress);
	struct missing *missing = missing_new(r, store, o->threads);
	read_objects(s, missing, store, o, &w, &stats, &sum->skips);
	progress_end(&bar);
	for (size_t i = 0; i < r->nwarnings; i++)
		skips_add(&sum->skips, r->warnings[i], NULL, "could not be read as git would");
	if (!o->no_match) {
		settle(r, store, s, missing, o, &w, found, sum);
		named_settle(found, d);
		if (o->verbose)
			tell_marked(session_allowed(s), store);
		judge_history(j, found, sum);
	}
	hide_names(s, &sum->skips, skipped);
	sum->matched_bytes += scan_matched_bytes(session_scan(s));
	add_stats(sum, &stats, r);
	missing_free(missing);
	session_close(s);
	store_free(store);
	return true;
}

static bool say_failure(const char *path, const char *err, const struct detector *d, const struct options *o, struct summary *sum)
{
	struct session *s;
	KH_CLEANUP(buf_release) struct buf name = { 0 }, words = { 0 };
	if (session_open(&s, o, d, NULL) != KH_OK)
		return false;
	session_name(s, 0, &name, path ? path : ".");
	session_name(s, 0, &words, err);
	session_close(s);
	message_error("%s", buf_str(&words));
	skips_add(&sum->skips, buf_str(&name), buf_str(&name), buf_str(&words));
	return true;
}

/* A session for each repository: names of objects differ in length, and memory is given back between them. */
static bool hunt_path(const char *path, const struct detector *d, const struct options *o, struct judge *j, struct findings *found,
		      struct summary *sum, const atomic_int *stop)
{
	struct repo *r = NULL;
	char *err = NULL;
	if (repo_open(&r, path, path == NULL, &err) != KH_OK) {
		bool said = say_failure(path, err, d, o, sum);
		free(err);
		return said;
	}
	struct findings here = { 0 };
	bool ok = hunt_repo(r, d, o, j, o->npaths > 1 ? path : NULL, &here, sum, stop);
	for (size_t i = 0; i < here.len; i++) {
		here.list[i].repository = o->npaths > 1 ? xstrdup(path) : NULL;
		*findings_push(found) = here.list[i];
	}
	free(here.list);
	repo_free(r);
	return ok;
}

static void say_stats(const struct summary *sum)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	long anonymous = 0;
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");
	while (f && fgets(line, sizeof line, f))
		sscanf(line, "RssAnon: %ld", &anonymous);
	if (f)
		fclose(f);
	fprintf(stderr, "stat objects %llu\nstat blob_bytes %llu\nstat matched_bytes %llu\nstat seconds %.3f\nstat rss_peak_kib %ld\nstat anon_end_kib %ld\n",
		(unsigned long long)sum->objects, (unsigned long long)sum->bytes, (unsigned long long)sum->matched_bytes,
		sum->elapsed_seconds, u.ru_maxrss, anonymous);
}

/* The arguments (to be freed, not the strings) but for those that lead to a repository once more: by the folder that its worktrees
 * share. What leads to none stays. */
static size_t distinct_paths(char ***out, char **paths, size_t n)
{
	char **common = xcalloc(n, sizeof *common), **list = xcalloc(n, sizeof *list);
	size_t len = 0;
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		char *dir = repo_find_common_dir(paths[i]);
		while (dir && k < len && !(common[k] && !strcmp(common[k], dir)))
			k++;
		if (dir && k < len) {
			free(dir);
			continue;
		}
		common[len] = dir;
		list[len++] = paths[i];
	}
	for (size_t i = 0; i < len; i++)
		free(common[i]);
	free(common);
	*out = list;
	return len;
}

int hunt_history(const struct options *asked, const atomic_int *stop)
{
	struct options once = *asked, *o = &once;
	struct findings found = { 0 };
	struct summary sum = { 0 };
	int64_t start = clock_now();
	struct detector *detector = session_detector(o);
	int code = 2;
	bool ok = true;
	struct judge *judge;
	if (!detector)
		return code;
	if (judge_new(&judge, o) != KH_OK) {
		detector_free(detector);
		return code;
	}
	once.npaths = distinct_paths(&once.paths, asked->paths, asked->npaths);
	for (size_t i = 0; ok && i < (o->npaths ? o->npaths : 1) && !*stop; i++)
		ok = hunt_path(o->npaths ? o->paths[i] : NULL, detector, o, judge, &found, &sum, stop);
	sum.elapsed_seconds = clock_since(start);
	sum.interrupted = *stop;
	sum.complete = !sum.skips.total && !sum.interrupted && (!sum.missing_objects || o->missing_allow);
	if (ok) {
		ok = judge_finish(judge, &sum);
		code = output_report(o, &found, &sum, NULL);
	}
	if (o->stats)
		say_stats(&sum);
	free(once.paths);
	findings_release(&found);
	skips_release(&sum.skips);
	skips_release(&sum.unused);
	judge_free(judge);
	detector_free(detector);
	return ok ? code : 2;
}
