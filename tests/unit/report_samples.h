/* report_samples.h: made-up findings, hostile ones among them, and what the tests of the report room share. */
#ifndef KH_TESTS_REPORT_SAMPLES_H
#define KH_TESTS_REPORT_SAMPLES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/report.h"
#include "util/buf.h"
#include "util/alloc.h"

#define SAMPLE_ID "AKIAQYLPMN5HNM4OHVF2"
#define SAMPLE_SECRET "made/up+and+never+valid/0123456789abcdef"
#define SAMPLE_DAY 1700000000 /* 2023-11-14T22:13:20Z */
#define SAMPLE_NOW (SAMPLE_DAY + 412 * 86400 + 3600)

static inline void sample_fill(struct finding *f)
{
	*f = (struct finding){ .kind = "access-key-pair", .pattern = "aws-access-key", .severity = LEVEL_CRITICAL,
			       .confidence = LEVEL_HIGH, .evidence = { "account-id", "near-secret" }, .nevidence = 2,
			       .line = 12, .column = 19, .source = SOURCE_BLOB, .committed_at = SAMPLE_DAY, .committed_tz = 120,
			       .reachable = TRI_TRUE, .at_head = TRI_TRUE, .pushed = TRI_TRUE, .refs_total = 5,
			       .first_seen = SAMPLE_DAY, .last_seen = SAMPLE_DAY + 86400, .first_tz = 120, .last_tz = -210,
			       .has_dates = true, .occurrences = 3, .nrefs = 2 };
	strcpy(f->key_id, SAMPLE_ID);
	strcpy(f->account_id, "053347129083");
	strcpy(f->commit, "1a2b3c4d5e6f708192a3b4c5d6e7f80912345678");
	strcpy(f->blob, "99887766554433221100ffeeddccbbaa99887766");
	f->secret = xstrdup(SAMPLE_SECRET);
	sha256_hex(f->secret_sha256, f->secret, strlen(f->secret));
	f->path = xstrdup("config/prod.env");
	f->author_name = xstrdup("Jane Doe");
	f->author_email = xstrdup("jane@example.com");
	f->refs = xcalloc(2, sizeof *f->refs);
	f->refs[0] = xstrdup("refs/heads/main");
	f->refs[1] = xstrdup("refs/remotes/origin/main");
	finding_fingerprint(f);
}

static inline void sample_string(char **field, const char *value)
{
	free(*field);
	*field = value ? xstrdup(value) : NULL;
}

/* Everything that a repository can choose, as bad as it can be. */
static inline void sample_hostile(struct finding *f)
{
	sample_fill(f);
	sample_string(&f->path, "a\nb\x1b[2Jc\xff\xfe\"\\';$(id)`id`{0}[x](y) \xe2\x80\xae" "end");
	sample_string(&f->inner_path, "in\r\n\xc3(");
	sample_string(&f->author_name, "Eve\nscanned 1 commit: nothing found");
	sample_string(&f->author_email, "e\x9b" "31m@\x07");
	sample_string(&f->refs[0], "refs/heads/x\ty\xe2\x80\xa8");
	strcpy(f->key_id, "$(touch /tmp/x)");
	strcpy(f->account_id, "'; id; '");
	f->committed_at = INT64_MAX;
	f->committed_tz = 9999;
	f->first_seen = INT64_MIN;
	f->last_seen = INT64_MAX;
	f->first_tz = -100000;
	finding_fingerprint(f);
}

/* A finding without a history: almost everything is null. */
static inline void sample_bare(struct finding *f)
{
	*f = (struct finding){ .kind = "secret-access-key", .severity = LEVEL_HIGH, .confidence = LEVEL_MEDIUM,
			       .source = SOURCE_FILE, .line = 1, .column = 1, .reachable = TRI_NULL, .at_head = TRI_NULL,
			       .pushed = TRI_NULL };
	f->secret = xstrdup(SAMPLE_SECRET);
	sha256_hex(f->secret_sha256, f->secret, strlen(f->secret));
	f->path = xstrdup("notes.txt");
	finding_fingerprint(f);
}

static inline struct report_options sample_options(enum report_format format)
{
	return (struct report_options){ .format = format, .history = true, .now = SAMPLE_NOW, .version = "0.0.0-test" };
}

static inline struct summary sample_summary(uint64_t findings)
{
	return (struct summary){ .complete = true, .findings = findings, .credentials = findings ? 1 : 0, .blobs = 262343,
				 .bytes = 8100000000, .objects = 400000, .commits = 77000, .elapsed_seconds = 1.25, .repositories = 1 };
}

/* The report, malloced; what it says to people goes to `*talk` when that is wanted. */
static inline char *sample_report(char **talk, const struct report_options *o, const struct finding *list, size_t n,
				  const struct summary *s)
{
	char *text = NULL, *said = NULL;
	size_t len = 0, said_len = 0;
	FILE *out = open_memstream(&text, &len), *to = open_memstream(&said, &said_len);
	assert_int_equal(report_write(out, to, o, list, n, s), KH_OK);
	fclose(out);
	fclose(to);
	assert_int_equal(strlen(text), len); /* no NUL gets out */
	if (talk)
		*talk = said;
	else
		free(said);
	return text;
}

static inline void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static inline void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" is in:\n%s", part, text);
}

static inline const char *json_space(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

static inline const char *json_string(const char *p)
{
	for (p++; *p != '"'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return NULL;
		if (*p == '\\' && *++p == 'u') {
			if (strspn(p + 1, "0123456789abcdef") < 4)
				return NULL;
			p += 4;
		} else if (*p == '\0') {
			return NULL;
		}
	}
	return p + 1;
}

/* A strict little reader: the end of the value at `p`, or NULL. */
static inline const char *json_value(const char *p)
{
	static const char *const words[] = { "true", "false", "null" };
	p = json_space(p);
	if (*p == '"')
		return json_string(p);
	for (size_t i = 0; i < 3; i++)
		if (!strncmp(p, words[i], strlen(words[i])))
			return p + strlen(words[i]);
	if (*p != '{' && *p != '[') {
		size_t n = strspn(p, "-0123456789.");
		return n ? p + n : NULL;
	}
	char close = *p == '{' ? '}' : ']';
	if (*(p = json_space(p + 1)) == close)
		return p + 1;
	for (;; p++) {
		if (close == '}') {
			p = json_space(p);
			p = *p == '"' ? json_string(p) : NULL;
			if (!p || *p++ != ':')
				return NULL;
		}
		if (!(p = json_value(p)))
			return NULL;
		p = json_space(p);
		if (*p == close)
			return p + 1;
		if (*p != ',')
			return NULL;
	}
}

static inline void assert_json(const char *text)
{
	const char *end = json_value(text);
	if (!end || *json_space(end))
		fail_msg("not one JSON value:\n%s", text);
	for (size_t i = 0, len = strlen(text); i < len;) {
		unsigned n = utf8_len((const uint8_t *)text + i, len - i);
		assert_true(n > 0);
		i += n;
	}
}

#endif
