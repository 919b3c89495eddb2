/* json.c: the contract's fields, one finding a line, in both JSON formats (docs/output.md).
 *
 *     jsonl   {"type":"finding",...}          json   {"findings":[
 *             {"type":"finding",...}                 {"type":"finding",...}],
 *             {"type":"summary",...}                 "summary":{"type":"summary",...}}
 */
#include "report/words.h"
#include "report/writers.h"
#include "util/alloc.h"

#define SCHEMA 1

static void str_or_null(struct jsonw *w, const char *key, const char *s)
{
	jsonw_key(w, key);
	jsonw_str(w, s && *s ? s : NULL);
}

static void bool_or_null(struct jsonw *w, const char *key, enum tristate t)
{
	jsonw_key(w, key);
	if (t == TRI_NULL)
		jsonw_null(w);
	else
		jsonw_bool(w, t == TRI_TRUE);
}

static void uint_field(struct jsonw *w, const char *key, uint64_t n)
{
	jsonw_key(w, key);
	jsonw_uint(w, n);
}

static void bool_field(struct jsonw *w, const char *key, bool b)
{
	jsonw_key(w, key);
	jsonw_bool(w, b);
}

static void date_field(struct jsonw *w, const char *key, bool known, int64_t time, int tz)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	if (known)
		words_iso(&b, time, tz);
	str_or_null(w, key, b.ptr);
}

static bool is_utf8(const char *s)
{
	size_t len = strlen(s);
	for (size_t i = 0; i < len;) {
		unsigned n = utf8_len((const uint8_t *)s + i, len - i);
		if (!n)
			return false;
		i += n;
	}
	return true;
}

/* The path as text, and exactly, where text cannot say it. */
static void path_field(struct jsonw *w, const char *key, const char *base64_key, const char *path)
{
	str_or_null(w, key, path);
	if (path && !is_utf8(path)) {
		jsonw_key(w, base64_key);
		jsonw_base64(w, path, strlen(path));
	}
}

static void secret_fields(struct jsonw *w, const struct report_options *o, const struct finding *f)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	if (f->secret)
		words_redacted(&b, f->secret);
	str_or_null(w, "secret_redacted", b.ptr);
	str_or_null(w, "secret_sha256", f->secret_sha256);
	if (o->show_secrets) {
		str_or_null(w, "secret", f->secret);
		str_or_null(w, "session_token", f->token);
	}
}

static void credential_fields(struct jsonw *w, const struct report_options *o, const struct finding *f)
{
	str_or_null(w, "kind", f->kind);
	str_or_null(w, "rule", f->pattern);
	str_or_null(w, "severity", level_name(f->severity));
	str_or_null(w, "confidence", level_name(f->confidence));
	str_or_null(w, "key_id", f->key_id);
	str_or_null(w, "account_id", f->account_id);
	bool_field(w, "canary", f->canary);
	bool_field(w, "example", f->example);
	str_or_null(w, "advice", f->advice);
	secret_fields(w, o, f);
}

static void place_fields(struct jsonw *w, const struct finding *f)
{
	path_field(w, "path", "path_base64", f->path);
	jsonw_key(w, "line");
	f->line ? jsonw_uint(w, f->line) : jsonw_null(w);
	jsonw_key(w, "column");
	f->column ? jsonw_uint(w, f->column) : jsonw_null(w);
	str_or_null(w, "source", source_name(f->source));
	path_field(w, "inner_path", "inner_path_base64", f->inner_path);
	path_field(w, "repository", "repository_base64", f->repository);
}

static void other_half_field(struct jsonw *w, const struct other_half *o)
{
	jsonw_key(w, "other_half");
	if (!o->path) {
		jsonw_null(w);
		return;
	}
	jsonw_open(w, '{');
	path_field(w, "path", "path_base64", o->path);
	uint_field(w, "line", o->line);
	uint_field(w, "column", o->column);
	str_or_null(w, "source", source_name(o->source));
	path_field(w, "inner_path", "inner_path_base64", o->inner_path);
	str_or_null(w, "commit", o->commit);
	jsonw_close(w, '}');
}

static void history_fields(struct jsonw *w, const struct finding *f)
{
	bool committed = f->commit[0] != '\0';
	str_or_null(w, "commit", f->commit);
	str_or_null(w, "author_name", committed ? f->author_name : NULL);
	str_or_null(w, "author_email", committed ? f->author_email : NULL);
	date_field(w, "committed_at", committed, f->committed_at, f->committed_tz);
	str_or_null(w, "blob", f->blob);
	bool_or_null(w, "reachable", f->reachable);
	bool_or_null(w, "at_head", f->at_head);
	bool_or_null(w, "pushed", f->pushed);
	jsonw_key(w, "refs");
	jsonw_open(w, '[');
	for (size_t i = 0; i < f->nrefs; i++)
		jsonw_str(w, f->refs[i]);
	jsonw_close(w, ']');
	uint_field(w, "refs_total", f->refs_total);
	date_field(w, "first_seen", f->has_dates, f->first_seen, f->first_tz);
	date_field(w, "last_seen", f->has_dates, f->last_seen, f->last_tz);
	uint_field(w, "occurrences", f->occurrences);
}

void json_finding_fields(struct jsonw *w, const struct report_options *o, const struct finding *f)
{
	str_or_null(w, "type", "finding");
	uint_field(w, "schema", SCHEMA);
	credential_fields(w, o, f);
	place_fields(w, f);
	other_half_field(w, &f->other);
	history_fields(w, f);
	str_or_null(w, "fingerprint", f->fingerprint);
	jsonw_key(w, "evidence");
	jsonw_open(w, '[');
	for (unsigned i = 0; i < f->nevidence && i < EVIDENCE_MAX; i++)
		jsonw_str(w, f->evidence[i]);
	jsonw_close(w, ']');
	jsonw_key(w, "verification");
	jsonw_null(w);
}

void json_summary_fields(struct jsonw *w, const struct summary *s)
{
	str_or_null(w, "type", "summary");
	uint_field(w, "schema", SCHEMA);
	bool_field(w, "complete", summary_complete(s));
	uint_field(w, "findings", s->findings);
	uint_field(w, "credentials", s->credentials);
	uint_field(w, "advice", s->advice);
	uint_field(w, "allowed", s->allowed);
	uint_field(w, "repositories", s->repositories);
	uint_field(w, "blobs", s->blobs);
	uint_field(w, "bytes", s->bytes);
	uint_field(w, "objects", s->objects);
	uint_field(w, "commits", s->commits);
	jsonw_key(w, "elapsed_seconds");
	jsonw_seconds(w, s->elapsed_seconds);
	bool_field(w, "interrupted", s->interrupted);
	bool_field(w, "shallow", s->shallow);
	uint_field(w, "missing_objects", s->missing_objects);
	jsonw_key(w, "skipped");
	jsonw_open(w, '[');
	for (size_t i = 0; i < s->skips.len; i++) {
		jsonw_open(w, '{');
		str_or_null(w, "object", s->skips.list[i].object);
		str_or_null(w, "path", s->skips.list[i].path);
		str_or_null(w, "reason", s->skips.list[i].reason);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	uint_field(w, "skipped_total", s->skips.total);
	jsonw_key(w, "unused_allows");
	jsonw_open(w, '[');
	for (size_t i = 0; i < s->unused.len; i++) {
		jsonw_open(w, '{');
		str_or_null(w, "entry", s->unused.list[i].path);
		str_or_null(w, "reason", s->unused.list[i].reason);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	uint_field(w, "unused_allows_total", s->unused.total);
}

static void write_finding(struct jsonw *w, const struct report_options *o, const struct finding *f)
{
	jsonw_open(w, '{');
	json_finding_fields(w, o, f);
	jsonw_close(w, '}');
}

static void write_summary(struct jsonw *w, const struct summary *s)
{
	jsonw_open(w, '{');
	json_summary_fields(w, s);
	jsonw_close(w, '}');
}

void jsonl_write(FILE *out, const struct report_options *o, const struct finding *list, size_t n, const struct summary *s)
{
	KH_CLEANUP(jsonw_release) struct jsonw w;
	jsonw_init(&w, out);
	for (size_t i = 0; i < n; i++) {
		write_finding(&w, o, &list[i]);
		jsonw_line(&w);
	}
	write_summary(&w, s);
	jsonw_line(&w);
}

void json_write(FILE *out, const struct report_options *o, const struct finding *list, size_t n, const struct summary *s)
{
	KH_CLEANUP(jsonw_release) struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "findings");
	jsonw_open(&w, '[');
	for (size_t i = 0; i < n; i++) {
		jsonw_line(&w);
		write_finding(&w, o, &list[i]);
	}
	jsonw_close(&w, ']');
	jsonw_line(&w);
	jsonw_key(&w, "summary");
	write_summary(&w, s);
	jsonw_close(&w, '}');
	fputc('\n', out);
}
