#include "commands/session.h"

#include <stdlib.h>

#include "commands/prepared.h"
#include "findings/hide.h"
#include "findings/proof.h"
#include "match/matcher.h"
#include "patterns/shape.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/message.h"

#define ARCHIVE_LIMIT (256ull << 20) /* bytes unpacked from one archive */

/* Where a worker is: the object at hand, and how far its lines are counted. */
struct place {
	const struct object *object;
	enum source source;
	const char *name;
	size_t counted;      /* newlines are counted up to here */
	uint64_t lines, line_start;
};

struct session_worker {
	struct session *session;
	unsigned number;
	struct detect *detect;
	struct ledger ledger, allowed;
	struct skips skips;
	struct place place;
	uint32_t cut;        /* number of the object whose archive came in parts last, which was said */
	bool saw_name;
};

struct session {
	const struct options *options;
	unsigned oid_len;
	const struct store *store;
	char *const *names;
	struct matcher *matcher;
	struct scan_sink sink;
	struct scan *scan;
	struct session_worker *workers;
	struct ledger ledger, allowed;
	struct signed_set requests;
	const struct detector *detector;
	bool saw_name; /* a name that a credential.by_name may wait for, met elsewhere than in texts; workers note theirs */
};

static size_t rescan(void *payload, struct bytes data, struct hit **hits)
{
	struct session_worker *w = payload;
	return scan_bytes(w->session->scan, w->number, data, hits);
}

/* 1-based line and column of an offset in the object at hand; offsets mostly come in order. */
static void locate(struct place *p, uint64_t offset, uint32_t *line, uint32_t *column)
{
	const struct object *o = p->object;
	size_t at = offset < o->data.len ? (size_t)offset : o->data.len;
	if (at < p->counted) {
		p->counted = 0;
		p->lines = o->lines_before;
		p->line_start = o->line_start;
	}
	const uint8_t *from = o->data.ptr + p->counted, *to = o->data.ptr + at, *nl;
	while (from < to && (nl = memchr(from, '\n', (size_t)(to - from)))) {
		p->lines++;
		p->line_start = o->offset + (uint64_t)(nl + 1 - o->data.ptr);
		from = nl + 1;
	}
	p->counted = at;
	*line = (uint32_t)(p->lines + 1);
	*column = (uint32_t)(o->offset + at - p->line_start + 1);
}

static void begin_place(struct session_worker *w, const struct object *o, enum source source, const char *name)
{
	w->place = (struct place){ o, source, name, 0, o->lines_before, o->line_start };
}

static void emit(void *payload, const struct credential *c)
{
	struct session_worker *w = payload;
	const struct options *o = w->session->options;
	struct place *p = &w->place;
	uint32_t line, column;
	if (c->example ? !o->include_examples : c->confidence < o->min_confidence && c->secret.len != SECRET_LEN)
		return; /* a secret may yet be proven */
	w->saw_name |= c->by_name && c->inner_path && detector_maybe_name(w->session->detector, c->inner_path);
	locate(p, c->offset, &line, &column);
	struct ledger *l = c->allowed && !o->no_allow ? &w->allowed : &w->ledger;
	if (c->inner_path)
		ledger_add(l, c, p->object->number, SOURCE_ARCHIVE, c->inner_line, c->inner_column, c->inner_path);
	else
		ledger_add(l, c, p->object->number, p->source, line, column, p->name);
}

static void hide_found(char **text, struct bytes secret)
{
	KH_CLEANUP(free_ptr) char *plain = xmemdupz(secret.ptr, secret.len);
	if (*plain && !hide_secret(text, plain)) {
		free(*text);
		*text = xstrdup("****");
	}
	explicit_bzero(plain, secret.len);
}

static void hide_credential(void *text, const struct credential *c)
{
	hide_found(text, c->secret);
	hide_found(text, c->token);
}

void session_name(struct session *s, unsigned worker, struct buf *out, const char *path)
{
	struct session_worker *w = &s->workers[worker];
	for (size_t len; *path; path += len) {
		struct hit *hits = NULL;
		const char *why;
		len = strcspn(path, "/");
		KH_CLEANUP(free_ptr) char *shown = xmemdupz(path, len);
		size_t n = scan_bytes(s->scan, worker, bytes_of(path, len), &hits);
		detect_run(w->detect, bytes_of(path, len), hits, n, rescan, w, hide_credential, &shown, &why);
		buf_add_safe(out, shown, strlen(shown));
		for (; path[len] == '/'; len++)
			buf_addch(out, '/');
		free(hits);
	}
}

static void say_unread(struct session_worker *w, enum status st, const char *why)
{
	const struct object *o = w->place.object;
	const struct session *s = w->session;
	const char *path = w->place.name ? w->place.name : s->names ? s->names[o->number] : NULL;
	char hex[OID_HEX_MAX + 1] = "";
	KH_CLEANUP(buf_release) struct buf name = { 0 };
	if (st == KH_OK)
		return;
	if (path) {
		session_name(w->session, w->number, &name, path);
	} else if (s->store) {
		struct oid oid = store_oid(s->store, o->number);
		oid_hex(hex, &oid, s->oid_len);
	}
	if (st == KH_TOOBIG)
		skips_add(&w->skips, path ? NULL : hex, path ? name.ptr : NULL, why ? why : status_words(st));
	else
		message_detail("%s: %s (its bytes as they are were scanned)", path ? buf_str(&name) : hex, why ? why : status_words(st));
}

static void detect_here(struct session_worker *w, struct bytes data, const struct hit *hits, size_t n)
{
	const char *why = NULL;
	const struct object *o = w->place.object;
	detect_part(w->detect, o->offset, o->more);
	enum status st = detect_run(w->detect, data, hits, n, rescan, w, emit, w, &why);
	detect_part(w->detect, false, false);
	if (st == KH_STOPPED) {
		if (o->offset && w->cut == o->number)
			return; /* said with another part of it */
		w->cut = o->number;
		st = KH_TOOBIG;
		why = w->session->store ? "an archive larger than the memory budget (--memory): only parts of it were opened" :
					  "an archive too large to be opened whole: only parts of it were";
	}
	say_unread(w, st, why);
}

/* Part of an object's text, on its own: matched again, because what lies around it does not count here. */
static void detect_span(struct session_worker *w, const struct object *whole, struct bytes span, enum source source, const char *name)
{
	struct object o = *whole;
	struct hit *hits = NULL;
	o.data = span;
	size_t n = scan_bytes(w->session->scan, w->number, span, &hits);
	begin_place(w, &o, source, name);
	detect_here(w, span, hits, n);
	free(hits);
}

/* Headers up to the first empty line, then the message. What is in the lines of author, committer and tagger is an
 * identity; all other headers (signatures, embedded tags) count as message. */
static void decide_commit(struct session_worker *w, const struct object *o)
{
	static const char *const who[] = { "author ", "committer ", "tagger " };
	const uint8_t *p = o->data.ptr, *end = p + o->data.len;
	enum source message = o->type == OBJ_TAG ? SOURCE_TAG_MESSAGE : SOURCE_COMMIT_MESSAGE;
	while (p < end && *p != '\n') {
		const uint8_t *nl = memchr(p, '\n', (size_t)(end - p));
		const uint8_t *next = nl ? nl + 1 : end;
		bool identity = false;
		for (unsigned i = 0; i < 3; i++) {
			size_t len = strlen(who[i]);
			if ((size_t)(next - p) > len && !memcmp(p, who[i], len)) {
				detect_span(w, o, bytes_of(p + len, (size_t)(next - p) - len), SOURCE_IDENTITY, NULL);
				identity = true;
			}
		}
		while (next < end && *next == ' ') { /* a header that goes on */
			nl = memchr(next, '\n', (size_t)(end - next));
			next = nl ? nl + 1 : end;
		}
		if (!identity)
			detect_span(w, o, bytes_of(p, (size_t)(next - p)), message, NULL);
		p = next;
	}
	if (p < end)
		detect_span(w, o, bytes_of(p + 1, (size_t)(end - p - 1)), message, NULL);
}

/* Names of entries, one by one: mode SP name NUL hash. */
static void decide_tree(struct session_worker *w, const struct object *o, const struct hit *hits, size_t n, unsigned oid_len)
{
	const uint8_t *data = o->data.ptr;
	size_t at = 0, k = 0;
	while (at < o->data.len && k < n) {
		const uint8_t *sp = memchr(data + at, ' ', o->data.len - at);
		const uint8_t *nul = sp ? memchr(sp, '\0', (size_t)(data + o->data.len - sp)) : NULL;
		if (!nul)
			return;
		size_t name = (size_t)(sp + 1 - data), end = (size_t)(nul - data);
		bool hit = false;
		for (; k < n && hits[k].end <= end; k++)
			hit |= hits[k].end > name;
		if (hit) {
			char *text = xmemdupz(data + name, end - name);
			detect_span(w, o, bytes_of(data + name, end - name), SOURCE_PATH, text);
			free(text);
		}
		at = end + 1 + oid_len;
		while (k < n && hits[k].end <= at)
			k++;
	}
}

static bool maybe(void *payload, unsigned worker, struct bytes data, const struct hit *hit)
{
	struct session *s = payload;
	return detect_maybe(s->workers[worker].detect, data, hit);
}

static void decide(void *payload, unsigned worker, const struct object *o, const struct hit *hits, size_t n)
{
	struct session *s = payload;
	struct session_worker *w = &s->workers[worker];
	if (o->type == OBJ_TREE) {
		decide_tree(w, o, hits, n, s->oid_len);
	} else if (o->type == OBJ_COMMIT || o->type == OBJ_TAG) {
		decide_commit(w, o);
	} else {
		begin_place(w, o, SOURCE_BLOB, NULL);
		detect_here(w, o->data, hits, n);
	}
}

void session_part(struct session *s, unsigned worker, struct object *part, enum source source, const char *name)
{
	struct session_worker *w = &s->workers[worker];
	struct hit *hits = NULL;
	size_t n = scan_part(s->scan, worker, part, &hits);
	begin_place(w, part, source, name);
	if (n || (!part->offset && detect_is_archive(part->data)))
		detect_here(w, part->data, hits, n);
	free(hits);
}

void session_text(struct session *s, unsigned worker, struct bytes data, enum source source, const char *name)
{
	struct object o = { .number = NO_OBJECT, .type = OBJ_BLOB, .data = data };
	session_part(s, worker, &o, source, name);
}

struct detector *session_detector(const struct options *o)
{
	struct detector_options options = { .entropy = o->entropy, .advice = o->advice, .patterns_dir = o->patterns_dir, .now = clock_date(),
					    .archive_limit = ARCHIVE_LIMIT, .archive_memory = o->memory / 2 < ARCHIVE_LIMIT ? o->memory / 2 : ARCHIVE_LIMIT, .threads = o->threads };
	struct detector *d = NULL;
	char *err = NULL;
	if (detector_new(&d, &options, &err) == KH_OK)
		return d;
	message_error("%s", err ? err : "cannot load the patterns");
	free(err);
	return NULL;
}

enum status session_open(struct session **out, const struct options *o, const struct detector *d, const struct store *store)
{
	struct session *s = xcalloc(1, sizeof *s);
	const struct literal *literals;
	s->options = o;
	s->store = store;
	s->detector = d;
	s->oid_len = store ? store->oid_len : 0;
	size_t n = detector_literals(d, &literals);
	if (matcher_new(&s->matcher, literals, n, prepared_matcher()) != KH_OK) {
		message_error("cannot compile the patterns' literals");
		free(s);
		return KH_USAGE;
	}
	s->sink = (struct scan_sink){ maybe, decide, detect_is_archive, s };
	s->scan = scan_new(s->matcher, literals, n, &s->sink, o->threads);
	s->workers = xcalloc(o->threads, sizeof *s->workers);
	for (unsigned i = 0; i < o->threads; i++) {
		struct session_worker *w = &s->workers[i];
		w->session = s;
		w->number = i;
		w->cut = NO_OBJECT;
		w->detect = detect_new(d);
		ledger_init(&w->ledger);
		ledger_init(&w->allowed);
	}
	ledger_init(&s->ledger);
	ledger_init(&s->allowed);
	*out = s;
	return KH_OK;
}

void session_close(struct session *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->options->threads; i++) {
		detect_free(s->workers[i].detect);
		ledger_release(&s->workers[i].ledger);
		ledger_release(&s->workers[i].allowed);
		skips_release(&s->workers[i].skips);
	}
	free(s->workers);
	ledger_release(&s->ledger);
	ledger_release(&s->allowed);
	signed_release(&s->requests);
	scan_free(s->scan);
	matcher_free(s->matcher);
	free(s);
}

struct scan *session_scan(struct session *s)
{
	return s->scan;
}

void session_names(struct session *s, char *const *names)
{
	s->names = names;
}

void session_saw_path(struct session *s, const char *path)
{
	s->saw_name |= detector_maybe_name(s->detector, path);
}

struct skips *session_skips(struct session *s, unsigned worker)
{
	return &s->workers[worker].skips;
}

/* An object that lies in several packs was met under several numbers: the lowest stands for all. */
static void number_once(struct ledger *l, const struct store *s)
{
	for (size_t i = 0; s && i < l->nsightings; i++)
		if (l->sightings[i].object != NO_OBJECT) {
			struct oid oid = store_oid(s, l->sightings[i].object);
			l->sightings[i].object = store_find(s, &oid);
		}
}

/* Signatures are proven once all secrets are known; then what is still too weak to be told goes. */
static void prove(struct session *s)
{
	struct proof_stats stats = proof_apply(&s->ledger, &s->allowed, &s->requests);
	/* Who asks for them wants to see them, unless a minimum was set as well. */
	const char *but = s->options->entropy && !s->options->minimum_set ? EVIDENCE_RANDOM : NULL;
	ledger_drop(&s->ledger, s->options->min_confidence, but);
	ledger_drop(&s->allowed, s->options->min_confidence, but);
	if (stats.requests)
		message_detail("signatures: %llu requests, %llu proven", (unsigned long long)stats.requests, (unsigned long long)stats.proven);
	if (stats.more)
		message_note("There are more signed requests and secrets than were tried on each other; not every pair that could be proven was.");
}

struct ledger *session_finish(struct session *s, struct skips *skips, uint64_t *allowed)
{
	for (unsigned i = 0; i < s->options->threads; i++) {
		ledger_merge(&s->ledger, &s->workers[i].ledger);
		ledger_merge(&s->allowed, &s->workers[i].allowed);
		skips_merge(skips, &s->workers[i].skips);
		signed_merge(&s->requests, detect_signed(s->workers[i].detect));
		s->saw_name |= s->workers[i].saw_name || detect_saw_name(s->workers[i].detect);
	}
	if (!s->saw_name) {
		ledger_drop_by_name(&s->ledger);
		ledger_drop_by_name(&s->allowed);
	}
	prove(s);
	number_once(&s->ledger, s->store);
	number_once(&s->allowed, s->store);
	ledger_finish(&s->ledger);
	ledger_finish(&s->allowed);
	*allowed = ledger_seen(&s->allowed);
	return &s->ledger;
}

const struct ledger *session_allowed(const struct session *s)
{
	return &s->allowed;
}
