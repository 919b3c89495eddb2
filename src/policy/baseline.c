#include "policy/baseline.h"

#include <jansson.h>
#include <stdlib.h>

#include "util/alloc.h"

#define SCHEMA 1

static const char *const scopes[] = { [BASELINE_FILES] = "files", [BASELINE_HISTORY] = "history" };

static bool is_fingerprint(const char *s)
{
	return s && strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

/* What is wrong with one line, or NULL. */
static const char *read_line(struct baseline *b, const json_t *o, uint32_t line)
{
	const char *type = json_string_value(json_object_get(o, "type"));
	const char *fingerprint = json_string_value(json_object_get(o, "fingerprint"));
	const json_t *schema = json_object_get(o, "schema");
	if (!json_is_object(o))
		return "not an object";
	if (schema && json_integer_value(schema) != SCHEMA)
		return "of a schema that this version does not know";
	if (type && (!strcmp(type, "baseline") || !strcmp(type, "summary"))) {
		const char *of = json_string_value(json_object_get(o, "of"));
		if (of)
			b->scope = !strcmp(of, scopes[BASELINE_HISTORY]) ? BASELINE_HISTORY : BASELINE_FILES;
		return NULL;
	}
	if ((type && strcmp(type, "finding") != 0) || !is_fingerprint(fingerprint))
		return "without a fingerprint of 64 digits 0-9a-f";
	ALLOC_GROW(b->list, b->len + 1, b->cap);
	struct known *k = &b->list[b->len++];
	*k = (struct known){ .line = line };
	memcpy(k->fingerprint, fingerprint, 64);
	return NULL;
}

static int by_fingerprint(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->fingerprint, ((const struct known *)b)->fingerprint);
}

static void make_unique(struct baseline *b)
{
	size_t n = 0;
	if (b->len)
		qsort(b->list, b->len, sizeof *b->list, by_fingerprint);
	for (size_t i = 0; i < b->len; i++)
		if (!n || by_fingerprint(&b->list[n - 1], &b->list[i]))
			b->list[n++] = b->list[i];
	b->len = n;
}

enum status baseline_parse(struct baseline *out, struct bytes text, struct buf *why)
{
	uint32_t number = 0;
	bool any = false;
	*out = (struct baseline){ 0 };
	while (text.len) {
		const uint8_t *nl = memchr(text.ptr, '\n', text.len);
		size_t len = nl ? (size_t)(nl - text.ptr) : text.len, taken = len + (nl != NULL);
		struct bytes line = bytes_of(text.ptr, len);
		const char *wrong = "not JSON";
		json_error_t error;
		text = bytes_of(text.ptr + taken, text.len - taken);
		number++;
		if (!line.len || (line.len == 1 && *line.ptr == '\r'))
			continue;
		json_t *o = json_loadb((const char *)line.ptr, line.len, 0, &error);
		if (o)
			wrong = read_line(out, o, number);
		json_decref(o);
		if (wrong) {
			buf_addf(why, "%u: a line that is %s", number, wrong);
			baseline_release(out);
			return KH_USAGE;
		}
		any = true;
	}
	if (!any) {
		buf_addstr(why, "1: an empty file; --write-baseline makes one");
		return KH_USAGE;
	}
	make_unique(out);
	return KH_OK;
}

void baseline_release(struct baseline *b)
{
	free(b->list);
	*b = (struct baseline){ 0 };
}

bool baseline_has(struct baseline *b, const struct finding *f)
{
	struct known key = { .line = 0 };
	memcpy(key.fingerprint, f->fingerprint, sizeof key.fingerprint);
	struct known *k = b->len ? bsearch(&key, b->list, b->len, sizeof key, by_fingerprint) : NULL;
	if (k)
		k->used = true;
	return k != NULL;
}

static const char *path_of(const struct finding *f)
{
	bool named = f->source == SOURCE_REF || f->source == SOURCE_PATH || f->source == SOURCE_IDENTITY;
	return named || !f->path ? "" : f->path;
}

static int by_place(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int d = strcmp(path_of(x), path_of(y));
	return d ? d : strcmp(x->fingerprint, y->fingerprint);
}

static void write_one(FILE *out, const struct finding *f)
{
	KH_CLEANUP(buf_release) struct buf path = { 0 };
	json_t *o = json_object();
	buf_add_utf8(&path, path_of(f), strlen(path_of(f)));
	json_object_set_new(o, "fingerprint", json_string(f->fingerprint));
	json_object_set_new(o, "kind", json_string(f->kind));
	if (f->key_id[0]) /* cut: the whole of it would be the next finding */
		json_object_set_new(o, "key_id", json_sprintf("%.8s...", f->key_id));
	if (path.len)
		json_object_set_new(o, "path", json_string(path.ptr));
	json_dumpf(o, out, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
	fputc('\n', out);
	json_decref(o);
}

void baseline_write(FILE *out, enum baseline_scope scope, struct finding *list, size_t n)
{
	if (n)
		qsort(list, n, sizeof *list, by_place);
	fprintf(out, "{\"type\":\"baseline\",\"schema\":%d,\"of\":\"%s\"}\n", SCHEMA, scopes[scope]);
	for (size_t i = 0; i < n; i++)
		if (!i || strcmp(list[i - 1].fingerprint, list[i].fingerprint))
			write_one(out, &list[i]);
}
