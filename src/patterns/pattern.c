/* pattern.c: reads one YAML document into a struct pattern. Every mistake is met with its line and its remedy: the
 * people who write patterns are not those who wrote this program. */
#include "patterns/pattern.h"

#include <stdlib.h>
#include <yaml.h>

#include "patterns/sight.h"
#include "util/alloc.h"
#include "util/buf.h"

/* How far an expression reads when the file does not say. */
#define BEFORE 512
#define AHEAD 4096

struct reader {
	yaml_document_t document;
	struct pattern *pattern;
	const yaml_node_t *confirm;
	bool finds; /* one of its validators finds the secret */
	char **err;
};

static bool fail(struct reader *r, const yaml_node_t *node, const char *words)
{
	struct buf b = { 0 };
	buf_addf(&b, "%s:%zu: %s", r->pattern->file, node ? node->start_mark.line + 1 : 1, words);
	if (!*r->err)
		*r->err = xstrdup(buf_str(&b));
	buf_release(&b);
	return false;
}

static const char *scalar(const yaml_node_t *node)
{
	if (!node || node->type != YAML_SCALAR_NODE || memchr(node->data.scalar.value, 0, node->data.scalar.length))
		return NULL;
	return (const char *)node->data.scalar.value;
}

/* A field that is given again: the later one would win, or both, without a word. */
static bool is_repeated(struct reader *r, const yaml_node_t *mapping, const yaml_node_pair_t *at)
{
	const char *key = scalar(yaml_document_get_node(&r->document, at->key));
	for (const yaml_node_pair_t *i = mapping->data.mapping.pairs.start; key && i < at; i++) {
		const char *before = scalar(yaml_document_get_node(&r->document, i->key));
		if (before && !strcmp(before, key))
			return true;
	}
	return false;
}

#define REPEATED "this field is given twice; keep one"

static bool read_text(struct reader *r, char **out, const yaml_node_t *node)
{
	const char *s = scalar(node);
	if (!s || !*s)
		return fail(r, node, "a text is expected here; give it in quotes or as a block (|)");
	*out = xstrdup(s);
	return true;
}

/* What reports and settings name. */
static bool read_name(struct reader *r, char **out, const yaml_node_t *node)
{
	const char *s = scalar(node);
	if (!s || !*s || s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")])
		return fail(r, node, "a name is made of letters, digits and - _ . only; write it like aws-access-key-id");
	return read_text(r, out, node);
}

static bool read_level(struct reader *r, enum level *out, const yaml_node_t *node)
{
	const char *s = scalar(node);
	for (enum level l = LEVEL_LOW; s && l <= LEVEL_CRITICAL; l++) {
		if (!strcmp(s, level_name(l))) {
			*out = l;
			return true;
		}
	}
	return fail(r, node, "no such level; use low, medium, high or critical");
}

static bool read_role(struct reader *r, const yaml_node_t *node)
{
	static const char *const names[] = { "credential", "key-id", "secret", "session-token", "signed-request", "bare-secret" };
	const char *s = scalar(node);
	for (unsigned i = 0; s && i < sizeof names / sizeof *names; i++) {
		if (!strcmp(s, names[i])) {
			r->pattern->role = (enum role)i;
			return true;
		}
	}
	return fail(r, node, "no such role; use credential, key-id, secret, session-token, signed-request or bare-secret");
}

/* Calls `each` for every item of a list. */
static bool read_list(struct reader *r, yaml_node_t *node, bool (*each)(struct reader *, yaml_node_t *))
{
	if (!node || node->type != YAML_SEQUENCE_NODE)
		return fail(r, node, "a list is expected here; begin each item with '- '");
	for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++)
		if (!each(r, yaml_document_get_node(&r->document, *i)))
			return false;
	return true;
}

#define LITERAL_WORDS "a literal is 4 to 32 bytes long; choose a rarer or a shorter part of what you look for"

static bool is_literal(const char *s)
{
	return s && strlen(s) >= 4 && strlen(s) <= 32;
}

static bool read_literal(struct reader *r, yaml_node_t *node)
{
	struct pattern *p = r->pattern;
	struct pattern_literal l = { 0 };
	const char *text = scalar(node);

	if (node && node->type == YAML_MAPPING_NODE) {
		for (yaml_node_pair_t *i = node->data.mapping.pairs.start; i < node->data.mapping.pairs.top; i++) {
			const char *key = scalar(yaml_document_get_node(&r->document, i->key));
			const char *value = scalar(yaml_document_get_node(&r->document, i->value));
			if (key && value && !strcmp(key, "text"))
				text = value;
			else if (key && value && !strcmp(key, "caseless") && (!strcmp(value, "true") || !strcmp(value, "false")))
				l.caseless = *value == 't';
			else
				return fail(r, node, "a literal has `text` and `caseless: true` or `false`, nothing else");
		}
	}
	if (!is_literal(text))
		return fail(r, node, LITERAL_WORDS);
	if (p->nliterals >= 64)
		return fail(r, node, "more than 64 literals; choose the few that every match has");
	l.text = xstrdup(text);
	p->literals = xrealloc(p->literals, p->nliterals + 1, sizeof *p->literals);
	p->literals[p->nliterals++] = l;
	return true;
}

static bool read_encoding(struct reader *r, yaml_node_t *node)
{
	const char *s = scalar(node);
	if (s && !strcmp(s, "utf16"))
		r->pattern->derive |= DERIVE_UTF16;
	else if (s && !strcmp(s, "base64"))
		r->pattern->derive |= DERIVE_BASE64;
	else if (s && !strcmp(s, "escapes"))
		r->pattern->derive |= DERIVE_ESCAPES;
	else
		return fail(r, node, "no such encoding; use utf16, base64 or escapes");
	return true;
}

static bool read_validator(struct reader *r, yaml_node_t *node)
{
	const char *s = scalar(node);
	validator *v = s ? validator_named(s, &r->finds) : NULL;
	if (!v)
		return fail(r, node, "no such validator; docs/patterns.md lists them");
	if (r->pattern->nvalidators == VALIDATORS_MAX)
		return fail(r, node, "more than 4 validators; drop some");
	r->pattern->validators[r->pattern->nvalidators++] = v;
	return true;
}

static bool add_example(struct reader *r, yaml_node_t *node, bool match)
{
	struct pattern *p = r->pattern;
	p->examples = xrealloc(p->examples, p->nexamples + 1, sizeof *p->examples);
	p->examples[p->nexamples] = (struct pattern_example){ NULL, match };
	return read_text(r, &p->examples[p->nexamples++].text, node);
}

static bool read_match(struct reader *r, yaml_node_t *node) { return add_example(r, node, true); }
static bool read_no_match(struct reader *r, yaml_node_t *node) { return add_example(r, node, false); }

static bool read_examples(struct reader *r, const yaml_node_t *node)
{
	if (node->type != YAML_MAPPING_NODE)
		return fail(r, node, "examples have two lists, `match` and `no-match`");
	for (yaml_node_pair_t *i = node->data.mapping.pairs.start; i < node->data.mapping.pairs.top; i++) {
		const char *key = scalar(yaml_document_get_node(&r->document, i->key));
		yaml_node_t *value = yaml_document_get_node(&r->document, i->value);
		if (!key || (strcmp(key, "match") && strcmp(key, "no-match")))
			return fail(r, node, "examples have two lists, `match` and `no-match`");
		if (!read_list(r, value, *key == 'm' ? read_match : read_no_match))
			return false;
	}
	return true;
}

static bool compile(struct reader *r, pcre2_code **out, char **expression, const yaml_node_t *node)
{
	int code;
	PCRE2_SIZE at;
	if (!read_text(r, expression, node))
		return false;
	*out = pcre2_compile((PCRE2_SPTR)*expression, strlen(*expression), PCRE2_NEVER_BACKSLASH_C | PCRE2_DUPNAMES, &code, &at, NULL);
	if (!*out) {
		char words[120], text[200];
		pcre2_get_error_message(code, (PCRE2_UCHAR *)words, sizeof words);
		snprintf(text, sizeof text, "the expression is wrong at its byte %zu: %s; correct it", (size_t)at, words);
		return fail(r, node, text);
	}
	pcre2_jit_compile(*out, PCRE2_JIT_COMPLETE);
	return true;
}

static bool read_confirm(struct reader *r, const yaml_node_t *node)
{
	r->confirm = node;
	return compile(r, &r->pattern->code, &r->pattern->confirm, node);
}

/* A number up to `max`; `words` say what is right. */
static bool read_number(struct reader *r, uint32_t *out, const yaml_node_t *node, uint32_t max, const char *words)
{
	const char *s = scalar(node);
	char *end = NULL;
	unsigned long n = s && *s >= '0' && *s <= '9' ? strtoul(s, &end, 10) : 0;
	if (!end || *end || n > max)
		return fail(r, node, words);
	*out = (uint32_t)n;
	return true;
}

static bool read_flag(struct reader *r, bool *out, const yaml_node_t *node)
{
	const char *s = scalar(node);
	if (!s || (strcmp(s, "true") && strcmp(s, "false")))
		return fail(r, node, "yes or no is expected here; write true or false");
	*out = *s == 't';
	return true;
}

/* Calls `each` for every field of a mapping; `words` say which there are. */
static bool read_mapping(struct reader *r, const yaml_node_t *node, const char *words,
			 bool (*each)(struct reader *, const char *key, yaml_node_t *value, const char *words))
{
	if (!node || node->type != YAML_MAPPING_NODE)
		return fail(r, node, words);
	for (yaml_node_pair_t *i = node->data.mapping.pairs.start; i < node->data.mapping.pairs.top; i++) {
		const char *key = scalar(yaml_document_get_node(&r->document, i->key));
		if (!key)
			return fail(r, node, words);
		if (is_repeated(r, node, i))
			return fail(r, yaml_document_get_node(&r->document, i->key), REPEATED);
		if (!each(r, key, yaml_document_get_node(&r->document, i->value), words))
			return false;
	}
	return true;
}

static bool read_behind_field(struct reader *r, const char *key, yaml_node_t *value, const char *words)
{
	static const char *const classes[] = { "any", "digits", "alphanumeric", "base64", "base64-text", "key-id" };
	const char *s = scalar(value);
	if (!strcmp(key, "least"))
		return read_number(r, &r->pattern->behind_least, value, BEHIND_MAX, "give a number from 0 to 64");
	for (unsigned i = 0; s && !strcmp(key, "class") && i < sizeof classes / sizeof *classes; i++) {
		if (!strcmp(s, classes[i])) {
			r->pattern->behind = (enum behind)i;
			return true;
		}
	}
	return fail(r, value, words);
}

static bool read_behind(struct reader *r, const yaml_node_t *node)
{
	return read_mapping(r, node, "behind has `class` (digits, alphanumeric, base64, base64-text or key-id) and `least`, a number", read_behind_field);
}

#define REACH_WORDS "give a number of bytes up to 8192"

static bool read_reach_field(struct reader *r, const char *key, yaml_node_t *value, const char *words)
{
	if (!strcmp(key, "before"))
		return read_number(r, &r->pattern->before, value, SIGHT_SIDE, REACH_WORDS);
	if (!strcmp(key, "behind"))
		return read_number(r, &r->pattern->ahead, value, SIGHT_SIDE, REACH_WORDS);
	return fail(r, value, words);
}

static bool read_reach(struct reader *r, const yaml_node_t *node)
{
	return read_mapping(r, node, "reach has `before` and `behind`, numbers of bytes", read_reach_field);
}

static bool read_partner_field(struct reader *r, const char *key, yaml_node_t *value, const char *words)
{
	struct partner *p = &r->pattern->partner;
	if (!strcmp(key, "confirm"))
		return compile(r, &p->code, &p->expression, value);
	if (!strcmp(key, "reach"))
		return read_number(r, &p->reach, value, SIGHT_SIDE, REACH_WORDS);
	if (!strcmp(key, "optional"))
		return read_flag(r, &p->optional, value);
	return fail(r, value, words);
}

static bool read_partner(struct reader *r, const yaml_node_t *node)
{
	return read_mapping(r, node, "partner has `confirm`, an expression, `reach`, a number of bytes, and `optional`", read_partner_field);
}

static bool read_file_name_field(struct reader *r, const char *key, yaml_node_t *value, const char *words)
{
	struct file_name *f = &r->pattern->file_name;
	if (!strcmp(key, "confirm"))
		return compile(r, &f->code, &f->expression, value);
	if (strcmp(key, "literal"))
		return fail(r, value, words);
	return is_literal(scalar(value)) ? read_text(r, &f->literal, value) : fail(r, value, LITERAL_WORDS);
}

static bool read_file_name(struct reader *r, const yaml_node_t *node)
{
	const struct file_name *f = &r->pattern->file_name;
	static const char words[] = "file-name has `confirm`, an expression, and `literal`, a text that every such name has";
	return read_mapping(r, node, words, read_file_name_field) && ((f->code && f->literal) || fail(r, node, words));
}

static bool add_word(struct reader *r, char ***list, size_t *n, const yaml_node_t *node)
{
	*list = xrealloc(*list, *n + 1, sizeof **list);
	(*list)[*n] = NULL;
	return read_text(r, &(*list)[(*n)++], node);
}

static bool read_reference(struct reader *r, yaml_node_t *node) { return add_word(r, &r->pattern->references, &r->pattern->nreferences, node); }
static bool read_context(struct reader *r, yaml_node_t *node) { return add_word(r, &r->pattern->context, &r->pattern->ncontext, node); }
static bool read_unless(struct reader *r, yaml_node_t *node) { return add_word(r, &r->pattern->unless, &r->pattern->nunless, node); }

static bool read_field(struct reader *r, const yaml_node_t *key_node, yaml_node_t *value)
{
	struct pattern *p = r->pattern;
	const char *key = scalar(key_node);
	if (!key)
		return fail(r, key_node, "a field name is expected; docs/patterns.md lists them");
	if (!strcmp(key, "id")) return read_name(r, &p->id, value);
	if (!strcmp(key, "kind")) return read_name(r, &p->kind, value);
	if (!strcmp(key, "description")) return read_text(r, &p->description, value);
	if (!strcmp(key, "severity")) return read_level(r, &p->severity, value);
	if (!strcmp(key, "confidence")) return read_level(r, &p->confidence, value);
	if (!strcmp(key, "role")) return read_role(r, value);
	if (!strcmp(key, "literals")) return read_list(r, value, read_literal);
	if (!strcmp(key, "encodings")) return read_list(r, value, read_encoding);
	if (!strcmp(key, "confirm")) return read_confirm(r, value);
	if (!strcmp(key, "validators")) return read_list(r, value, read_validator);
	if (!strcmp(key, "behind")) return read_behind(r, value);
	if (!strcmp(key, "reach")) return read_reach(r, value);
	if (!strcmp(key, "keep-escapes")) return read_flag(r, &p->keep_escapes, value);
	if (!strcmp(key, "partner")) return read_partner(r, value);
	if (!strcmp(key, "context")) return read_list(r, value, read_context);
	if (!strcmp(key, "unless")) return read_list(r, value, read_unless);
	if (!strcmp(key, "advice")) return read_text(r, &p->advice, value);
	if (!strcmp(key, "file-name")) return read_file_name(r, value);
	if (!strcmp(key, "rank")) return read_number(r, &p->rank, value, 9, "give a number from 0 to 9");
	if (!strcmp(key, "references")) return read_list(r, value, read_reference);
	if (!strcmp(key, "examples")) return read_examples(r, value);
	return fail(r, key_node, "no such field; docs/patterns.md lists them");
}

static bool captures(const pcre2_code *code, const char *name)
{
	PCRE2_SPTR first, last;
	return pcre2_substring_nametable_scan(code, (PCRE2_SPTR)name, &first, &last) > 0;
}

static bool check_whole(struct reader *r, const yaml_node_t *root)
{
	const struct pattern *p = r->pattern;
	if (!p->id || !p->kind || !p->description || !p->severity || !p->confidence)
		return fail(r, root, "incomplete; id, kind, description, severity and confidence are needed");
	if (!p->nliterals != (p->role == ROLE_BARE))
		return fail(r, root, p->nliterals ? "a bare secret has no literals; leave them out" : "no literals; name at least one that every match has");
	if (p->role == ROLE_CREDENTIAL && !p->confirm)
		return fail(r, root, "no confirm; a whole credential needs an expression that says what it is");
	if (p->partner.expression && !p->partner.reach)
		return fail(r, root, "the partner has no reach; say how many bytes away it may be");
	if (p->confirm && !p->advice && !r->finds && !captures(p->code, "secret") && !(p->partner.code && captures(p->partner.code, "secret")))
		return fail(r, r->confirm, "the expression captures no secret; put (?<secret>...) around it");
	if (p->role != ROLE_CREDENTIAL && p->confirm)
		return fail(r, root, "confirm is for role credential; the halves of a pair have their built-in shapes");
	return true;
}

static bool read_document(struct reader *r)
{
	const yaml_node_t *root = yaml_document_get_root_node(&r->document);
	if (!root || root->type != YAML_MAPPING_NODE)
		return fail(r, root, "not a pattern; a file is one mapping of fields to values");
	for (yaml_node_pair_t *i = root->data.mapping.pairs.start; i < root->data.mapping.pairs.top; i++) {
		yaml_node_t *key = yaml_document_get_node(&r->document, i->key);
		if (is_repeated(r, root, i))
			return fail(r, key, REPEATED);
		if (!read_field(r, key, yaml_document_get_node(&r->document, i->value)))
			return false;
	}
	return check_whole(r, root);
}

/* libyaml takes a time quadratic in how deep brackets lie inside each other: its events tell before it builds anything. */
static bool too_deep(struct bytes text)
{
	yaml_parser_t parser;
	yaml_event_t event;
	int depth = 0;
	bool more = yaml_parser_initialize(&parser);
	if (!more)
		return false;
	yaml_parser_set_input_string(&parser, text.ptr, text.len);
	while (more && depth <= 64 && yaml_parser_parse(&parser, &event)) {
		depth += event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT;
		depth -= event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return depth > 64;
}

/* A second document in the file would be left out without a word. */
static bool is_all(struct reader *r, yaml_parser_t *parser)
{
	yaml_document_t next;
	size_t line = parser->mark.line;
	if (!yaml_parser_load(parser, &next)) {
		line = parser->problem_mark.line;
	} else {
		const yaml_node_t *root = yaml_document_get_root_node(&next);
		line = root ? root->start_mark.line : line;
		yaml_document_delete(&next);
		if (!root)
			return true;
	}
	struct buf b = { 0 };
	buf_addf(&b, "%s:%zu: a second document; give each pattern a file of its own", r->pattern->file, line + 1);
	*r->err = xstrdup(buf_str(&b));
	buf_release(&b);
	return false;
}

enum status pattern_parse(struct pattern **out, const char *file, struct bytes text, char **err)
{
	struct reader r = { .pattern = xcalloc(1, sizeof(struct pattern)), .err = err };
	yaml_parser_t parser;
	bool ok = false;

	*out = NULL;
	*err = NULL;
	r.pattern->file = xstrdup(file);
	r.pattern->before = BEFORE;
	r.pattern->ahead = AHEAD;
	if (!yaml_parser_initialize(&parser)) {
		pattern_free(r.pattern);
		return KH_NOMEM;
	}
	yaml_parser_set_input_string(&parser, text.ptr, text.len);
	if (too_deep(text)) {
		fail(&r, NULL, "more than 64 brackets of YAML inside each other; mend the YAML");
	} else if (yaml_parser_load(&parser, &r.document)) {
		ok = read_document(&r);
		yaml_document_delete(&r.document);
		ok = ok && is_all(&r, &parser);
	} else {
		struct buf b = { 0 };
		buf_addf(&b, "%s:%zu: %s; mend the YAML", file, parser.problem_mark.line + 1, parser.problem ? parser.problem : "not YAML");
		*err = xstrdup(buf_str(&b));
		buf_release(&b);
	}
	yaml_parser_delete(&parser);
	if (!ok) {
		pattern_free(r.pattern);
		return KH_USAGE;
	}
	*out = r.pattern;
	return KH_OK;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nliterals; i++)
		free(p->literals[i].text);
	for (size_t i = 0; i < p->nreferences; i++)
		free(p->references[i]);
	for (size_t i = 0; i < p->nexamples; i++)
		free(p->examples[i].text);
	for (size_t i = 0; i < p->ncontext; i++)
		free(p->context[i]);
	for (size_t i = 0; i < p->nunless; i++)
		free(p->unless[i]);
	pcre2_code_free(p->code);
	pcre2_code_free(p->partner.code);
	pcre2_code_free(p->file_name.code);
	free(p->partner.expression);
	free(p->file_name.expression);
	free(p->file_name.literal);
	free(p->context);
	free(p->unless);
	free(p->advice);
	free(p->literals);
	free(p->references);
	free(p->examples);
	free(p->file);
	free(p->id);
	free(p->kind);
	free(p->description);
	free(p->confirm);
	free(p);
}
