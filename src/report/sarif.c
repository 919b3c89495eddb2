/* sarif.c: SARIF 2.1.0 (OASIS), for code scanning services.
 *
 *     log { runs [ run { tool { driver { rules: one a kind } }, invocations, results: one a finding } ] }
 *
 * A result's properties hold every field of docs/output.md. A scan that did not see everything says so in its
 * invocation: executionSuccessful is false and each skip is a notification. */
#include <stdlib.h>

#include "report/words.h"
#include "report/writers.h"
#include "util/alloc.h"

static void str_field(struct jsonw *w, const char *key, const char *s)
{
	jsonw_key(w, key);
	jsonw_str(w, s);
}

/* { "text": ... }: in a message, braces and square brackets mean placeholders and links (3.11.5, 3.11.6). */
static void message_field(struct jsonw *w, const char *key, const char *text)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	for (; *text; text++) {
		if (*text == '{' || *text == '}')
			buf_addch(&b, *text);
		else if (*text == '[' || *text == ']' || *text == '\\')
			buf_addch(&b, '\\');
		buf_addch(&b, *text);
	}
	jsonw_key(w, key);
	jsonw_open(w, '{');
	str_field(w, "text", buf_str(&b));
	jsonw_close(w, '}');
}

static const char *sarif_level(enum level l)
{
	return l >= LEVEL_HIGH ? "error" : l == LEVEL_MEDIUM ? "warning" : "note";
}

/* What code scanning services sort by, 0 to 10. */
static const char *security_severity(enum level l)
{
	switch (l) {
	case LEVEL_CRITICAL: return "9.5";
	case LEVEL_HIGH: return "8.0";
	case LEVEL_MEDIUM: return "5.5";
	case LEVEL_LOW: break;
	}
	return "2.0";
}

/* The kinds that occur, in the order of the first finding of each; `worst` is the highest severity seen. */
struct rules {
	struct rule { const char *kind; enum level worst; bool advice; } *list;
	size_t len, cap;
};

static void rules_release(struct rules *r)
{
	free(r->list);
}

static size_t rules_find(struct rules *r, const struct finding *f)
{
	size_t i = 0;
	while (i < r->len && strcmp(r->list[i].kind, f->kind) != 0)
		i++;
	return i;
}

static void rules_collect(struct rules *r, const struct finding *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = rules_find(r, &list[i]);
		if (at == r->len) {
			ALLOC_GROW(r->list, r->len + 1, r->cap);
			r->list[r->len++] = (struct rule){ .kind = list[i].kind, .advice = list[i].advice };
		}
		if (list[i].severity > r->list[at].worst)
			r->list[at].worst = list[i].severity;
	}
}

static void write_rule(struct jsonw *w, const struct rule *r)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	buf_addstr(&b, r->advice ? "Advice on AWS credentials: " : "AWS credential: ");
	for (const char *p = r->kind; *p; p++)
		buf_addch(&b, *p == '-' ? ' ' : *p);
	jsonw_line(w);
	jsonw_open(w, '{');
	str_field(w, "id", r->kind);
	message_field(w, "shortDescription", b.ptr);
	jsonw_key(w, "defaultConfiguration");
	jsonw_open(w, '{');
	str_field(w, "level", sarif_level(r->worst));
	jsonw_close(w, '}');
	jsonw_key(w, "properties");
	jsonw_open(w, '{');
	jsonw_key(w, "tags");
	jsonw_open(w, '[');
	jsonw_str(w, "security");
	jsonw_close(w, ']');
	str_field(w, "security-severity", security_severity(r->worst));
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

static void write_tool(struct jsonw *w, const struct report_options *o, const struct rules *rules)
{
	jsonw_key(w, "tool");
	jsonw_open(w, '{');
	jsonw_key(w, "driver");
	jsonw_open(w, '{');
	str_field(w, "name", "keyhunt");
	if (o->version)
		str_field(w, "version", o->version);
	jsonw_key(w, "rules");
	jsonw_open(w, '[');
	for (size_t i = 0; i < rules->len; i++)
		write_rule(w, &rules->list[i]);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

static void write_notification(struct jsonw *w, const char *level, const char *text)
{
	jsonw_line(w);
	jsonw_open(w, '{');
	str_field(w, "level", level);
	message_field(w, "message", text);
	jsonw_close(w, '}');
}

static void write_skip(struct jsonw *w, const struct skip *s)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	buf_addf(&b, "not scanned: %s", s->reason ? s->reason : "unknown reason");
	if (s->object)
		buf_addf(&b, ", %s", s->object);
	if (s->path)
		buf_addf(&b, ", %s", s->path);
	write_notification(w, "error", b.ptr);
}

static void write_notifications(struct jsonw *w, const struct summary *s)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	if (s->interrupted)
		write_notification(w, "error", "stopped before the end");
	else if (!summary_complete(s))
		write_notification(w, "error", "not everything was scanned");
	if (s->missing_objects) {
		words_count(&b, s->missing_objects, "object is", "objects are");
		buf_addstr(&b, " not in this clone and not scanned");
		write_notification(w, s->complete ? "warning" : "error", b.ptr);
	}
	if (s->shallow)
		write_notification(w, "warning", "this clone is shallow: older history is not here and not scanned");
	for (size_t i = 0; i < s->skips.len; i++)
		write_skip(w, &s->skips.list[i]);
	if (s->skips.total > s->skips.len) {
		buf_clear(&b);
		words_number(&b, s->skips.total - s->skips.len);
		buf_addstr(&b, " more not scanned");
		write_notification(w, "error", b.ptr);
	}
}

static void write_invocation(struct jsonw *w, const struct summary *s)
{
	jsonw_key(w, "invocations");
	jsonw_open(w, '[');
	jsonw_open(w, '{');
	jsonw_key(w, "executionSuccessful");
	jsonw_bool(w, summary_complete(s));
	jsonw_key(w, "toolExecutionNotifications");
	jsonw_open(w, '[');
	write_notifications(w, s);
	jsonw_close(w, ']');
	jsonw_key(w, "properties");
	jsonw_open(w, '{');
	jsonw_key(w, "summary");
	jsonw_open(w, '{');
	json_summary_fields(w, s);
	jsonw_close(w, '}');
	jsonw_close(w, '}');
	jsonw_close(w, '}');
	jsonw_close(w, ']');
}

static int cmp_commit(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The revisions that the results speak of. The format wants the repository's URI with each. */
static void write_provenance(struct jsonw *w, const struct report_options *o, const struct finding *list, size_t n)
{
	KH_CLEANUP(free_ptr) const char **commit = xcalloc(n + 1, sizeof *commit);
	size_t len = 0;
	for (size_t i = 0; i < n; i++)
		if (list[i].commit[0])
			commit[len++] = list[i].commit;
	if (!o->repository_uri || !len)
		return;
	qsort(commit, len, sizeof *commit, cmp_commit);
	jsonw_key(w, "versionControlProvenance");
	jsonw_open(w, '[');
	for (size_t i = 0; i < len; i++) {
		if (i && !strcmp(commit[i - 1], commit[i]))
			continue;
		jsonw_open(w, '{');
		str_field(w, "repositoryUri", o->repository_uri);
		str_field(w, "revisionId", commit[i]);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

/* Raw bytes to a URI reference: what is not unreserved (RFC 3986, 2.3) is percent-encoded, the slashes stay. */
static void add_uri(struct buf *b, const char *path)
{
	if (*path == '/')
		buf_addstr(b, "file://");
	for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || strchr("-._~/", *p))
			buf_addch(b, (char)*p);
		else
			buf_addf(b, "%%%02X", *p);
	}
}

static bool in_a_file(enum source s)
{
	return s == SOURCE_BLOB || s == SOURCE_FILE || s == SOURCE_INDEX || s == SOURCE_ARCHIVE || s == SOURCE_SYMLINK;
}

static void write_physical(struct jsonw *w, const struct finding *f)
{
	KH_CLEANUP(buf_release) struct buf uri = { 0 };
	add_uri(&uri, f->path);
	jsonw_key(w, "physicalLocation");
	jsonw_open(w, '{');
	jsonw_key(w, "artifactLocation");
	jsonw_open(w, '{');
	str_field(w, "uri", uri.ptr);
	if (f->path[0] != '/')
		str_field(w, "uriBaseId", "%SRCROOT%");
	jsonw_close(w, '}');
	if (f->line && !f->inner_path && in_a_file(f->source)) { /* a member's lines are not its archive's */
		jsonw_key(w, "region");
		jsonw_open(w, '{');
		jsonw_key(w, "startLine");
		jsonw_uint(w, f->line);
		if (f->column) {
			jsonw_key(w, "startColumn");
			jsonw_uint(w, f->column);
		}
		jsonw_close(w, '}');
	}
	jsonw_close(w, '}');
}

/* What has no file: "commit-message 1a2b...", "ref refs/heads/x". */
static void write_logical(struct jsonw *w, const struct finding *f)
{
	KH_CLEANUP(buf_release) struct buf name = { 0 };
	const char *what = f->path && *f->path ? f->path : f->commit[0] ? f->commit : f->blob;
	buf_addf(&name, "%s%s%s", source_name(f->source), *what ? " " : "", what);
	jsonw_key(w, "logicalLocations");
	jsonw_open(w, '[');
	jsonw_open(w, '{');
	str_field(w, "fullyQualifiedName", name.ptr);
	jsonw_close(w, '}');
	jsonw_close(w, ']');
}

static void write_location(struct jsonw *w, const char *key, const struct finding *f)
{
	jsonw_key(w, key);
	jsonw_open(w, '[');
	jsonw_open(w, '{');
	if (f->path && *f->path && (in_a_file(f->source) || f->source == SOURCE_PATH))
		write_physical(w, f);
	else
		write_logical(w, f);
	jsonw_close(w, '}');
	jsonw_close(w, ']');
}

static void write_result(struct jsonw *w, const struct report_options *o, const struct finding *f, size_t rule)
{
	KH_CLEANUP(buf_release) struct buf text = { 0 }, words = { 0 };
	buf_addstr(&text, f->kind);
	if (f->key_id[0])
		buf_addf(&text, " %s", f->key_id);
	if (f->advice)
		buf_addf(&text, ": %s", f->advice);
	else
		words_exposure(&words, f, o->now);
	if (words.len)
		buf_addf(&text, ": %s", words.ptr);
	jsonw_line(w);
	jsonw_open(w, '{');
	str_field(w, "ruleId", f->kind);
	jsonw_key(w, "ruleIndex");
	jsonw_uint(w, rule);
	str_field(w, "level", sarif_level(f->severity));
	message_field(w, "message", text.ptr);
	write_location(w, "locations", f);
	if (f->other.path) {
		struct finding other = { .path = f->other.path, .inner_path = f->other.inner_path, .line = f->other.line,
					 .column = f->other.column, .source = f->other.source };
		write_location(w, "relatedLocations", &other);
	}
	jsonw_key(w, "partialFingerprints");
	jsonw_open(w, '{');
	str_field(w, "keyhunt/v1", f->fingerprint);
	jsonw_close(w, '}');
	jsonw_key(w, "properties");
	jsonw_open(w, '{');
	json_finding_fields(w, o, f);
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

void sarif_write(FILE *out, const struct report_options *o, const struct finding *list, size_t n, const struct summary *s)
{
	KH_CLEANUP(jsonw_release) struct jsonw w;
	KH_CLEANUP(rules_release) struct rules rules = { 0 };
	jsonw_init(&w, out);
	rules_collect(&rules, list, n);
	jsonw_open(&w, '{');
	str_field(&w, "$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json");
	str_field(&w, "version", "2.1.0");
	jsonw_key(&w, "runs");
	jsonw_open(&w, '[');
	jsonw_open(&w, '{');
	write_tool(&w, o, &rules);
	write_invocation(&w, s);
	write_provenance(&w, o, list, n);
	jsonw_key(&w, "results");
	jsonw_open(&w, '[');
	for (size_t i = 0; i < n; i++)
		write_result(&w, o, &list[i], rules_find(&rules, &list[i]));
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	jsonw_line(&w);
}
