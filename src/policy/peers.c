/* peers.c: the ignore files of the tools people come from. docs/configuration.md says what of each is honoured. */
#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>

#include "policy/inner.h"
#include "util/alloc.h"
#include "util/buf.h"

/* Off with the next line, without its end; false when nothing is left. */
static bool next_line(struct bytes *rest, struct bytes *line)
{
	if (!rest->len)
		return false;
	const uint8_t *nl = memchr(rest->ptr, '\n', rest->len);
	size_t len = nl ? (size_t)(nl - rest->ptr) : rest->len, taken = len + (nl != NULL);
	*line = bytes_of(rest->ptr, len);
	*rest = bytes_of(rest->ptr + taken, rest->len - taken);
	while (line->len && isspace(line->ptr[line->len - 1]))
		line->len--;
	while (line->len && isspace(line->ptr[0]))
		*line = bytes_of(line->ptr + 1, line->len - 1);
	return true;
}

static struct pin *add_pin(struct policy *p, uint32_t entry, const char *path, size_t len)
{
	while (len > 2 && path[0] == '.' && path[1] == '/') {
		path += 2;
		len -= 2;
	}
	ALLOC_GROW(p->pins, p->npins + 1, p->pins_cap);
	struct pin *pin = &p->pins[p->npins++];
	*pin = (struct pin){ .entry = entry, .path = xmemdupz(path, len) };
	p->sorted = false;
	return pin;
}

static bool is_hex(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isdigit((unsigned char)s[i]) && (s[i] < 'a' || s[i] > 'f'))
			return false;
	return true;
}

/* Rules of other credentials in that file say nothing of ours. */
static bool is_aws_rule(const char *rule)
{
	return !strncmp(rule, "aws", 3) || !strcmp(rule, "generic-api-key");
}

/* [commit:]file:rule:line; the file may have colons. */
static void read_gitleaks(struct policy *p, const char *file, unsigned number, char *text)
{
	uint32_t entry;
	KH_CLEANUP(free_ptr) char *whole = xstrdup(text);
	char *last = strrchr(text, ':'), *end;
	unsigned long line = last ? strtoul(last + 1, &end, 10) : 0;
	if (!last || !line || line > UINT32_MAX || *end || !isdigit((unsigned char)last[1])) {
		policy_note(p, file, number, "neither commit:file:rule:line nor file:rule:line; it allows nothing");
		return;
	}
	*last = '\0';
	char *rule = strrchr(text, ':');
	if (!rule || rule == text) {
		policy_note(p, file, number, "neither commit:file:rule:line nor file:rule:line; it allows nothing");
		return;
	}
	*rule++ = '\0';
	char *path = strchr(text, ':');
	size_t hash = path ? (size_t)(path - text) : 0;
	bool pinned = (hash == 40 || hash == 64) && is_hex(text, hash);
	path = pinned ? path + 1 : text;
	if (!*path || !is_aws_rule(rule) || !policy_entry(p, file, number, &entry))
		return;
	p->entries[entry].history = pinned;
	struct pin *pin = add_pin(p, entry, path, strlen(path));
	pin->line = (uint32_t)line;
	pin->text = xstrdup(whole);
	if (pinned)
		memcpy(pin->commit, text, hash);
}

void policy_add_gitleaks(struct policy *p, const char *file, struct bytes text)
{
	struct bytes line;
	for (unsigned number = 1; next_line(&text, &line); number++) {
		if (!line.len || line.ptr[0] == '#' || memchr(line.ptr, 0, line.len))
			continue;
		KH_CLEANUP(free_ptr) char *copy = xmemdupz(line.ptr, line.len);
		read_gitleaks(p, file, number, copy);
	}
}

/* One of results: {"type": ..., "hashed_secret": ..., "line_number": ..., "is_secret": ...} */
static void read_detect_secrets(struct policy *p, const char *file, const char *path, const json_t *item)
{
	uint32_t entry;
	const char *type = json_string_value(json_object_get(item, "type"));
	const char *hash = json_string_value(json_object_get(item, "hashed_secret"));
	json_int_t line = json_integer_value(json_object_get(item, "line_number"));
	if (!hash || strlen(hash) != 40 || !is_hex(hash, 40)) {
		policy_note(p, file, 0, "a result without a hashed_secret of 40 digits 0-9a-f; it allows nothing");
		return;
	}
	if (json_is_true(json_object_get(item, "is_secret"))) /* somebody looked, and it is a real one */
		return;
	if (!policy_entry(p, file, 0, &entry))
		return;
	p->entries[entry].silent = !type || strcmp(type, "AWS Access Key") != 0;
	struct pin *pin = add_pin(p, entry, path, strlen(path));
	pin->line = line > 0 && line <= UINT32_MAX ? (uint32_t)line : 0;
	pin->by_value = true;
	memcpy(pin->sha1, hash, 40);
}

void policy_add_detect_secrets(struct policy *p, const char *file, struct bytes text)
{
	json_error_t error;
	json_t *root = json_loadb((const char *)text.ptr, text.len, 0, &error);
	json_t *results = json_object_get(root, "results"), *list, *item;
	const char *path;
	size_t i;
	if (!json_is_object(results))
		policy_note(p, file, root || error.line < 0 ? 0 : (unsigned)error.line, "not a baseline of detect-secrets (JSON with \"results\"); it allows nothing");
	json_object_foreach(results, path, list)
		json_array_foreach(list, i, item)
			read_detect_secrets(p, file, path, item);
	json_decref(root);
}

static void add_expression(struct policy *p, const char *file, unsigned line, const char *text, bool silent)
{
	uint32_t entry;
	if (!policy_entry(p, file, line, &entry))
		return;
	const char *wrong = expressions_add(&p->expressions, text, entry);
	p->entries[entry].silent = silent || wrong;
	if (wrong)
		policy_note(p, file, line, wrong);
}

void policy_add_expression(struct policy *p, const char *file, unsigned line, const char *expression)
{
	add_expression(p, file, line, expression, true);
}

void policy_add_git_secrets(struct policy *p, const char *file, struct bytes text)
{
	struct bytes line;
	for (unsigned number = 1; next_line(&text, &line); number++) {
		if (!line.len || line.ptr[0] == '#')
			continue;
		KH_CLEANUP(free_ptr) char *copy = xmemdupz(line.ptr, line.len);
		add_expression(p, file, number, copy, false);
	}
}
