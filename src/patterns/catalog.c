/* catalog.c: built-in pattern texts (embedded by the build) and a user's folder become patterns; their literals are
 * written out in the spellings that text has in UTF-16 inside base64 and in escapes:
 *
 *   AKIA   ->  A.K.I.A.  .A.K.I.A  QUtJQ  FLSU  BS0lB      (digits that do not depend on the neighbours)
 *              \x41\x4b\x49\x41  &#65;&#75;... */
#include "patterns/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "util/alloc.h"
#include "util/buf.h"

static const struct builtin {
	const char *name, *text;
} builtin[] = {
#include "builtin_patterns.inc"
}, builtin_advice[] = {
#include "builtin_advice.inc"
};

/* How much of a literal the matcher is given. Whatever is fresh is matched with a reach of the longest one's length either
 * side, so each byte here costs matching everywhere: on git's own history 32 bytes match 1.60 GB, 16 1.34, 12 1.25. */
#define ANCHOR_MAX 12

static void push(struct catalog *c, const struct anchor *a, struct literal l)
{
	if (c->nliterals == c->cap) {
		c->cap = c->cap * 2 + 32;
		c->literals = xrealloc(c->literals, c->cap, sizeof *c->literals);
		c->anchors = xrealloc(c->anchors, c->cap, sizeof *c->anchors);
	}
	c->literals[c->nliterals] = l;
	c->anchors[c->nliterals] = *a;
	c->anchors[c->nliterals++].len = (uint8_t)l.len;
}

static void add_literal(struct catalog *c, const struct anchor *a, const void *text, size_t len, bool caseless)
{
	if (len > ANCHOR_MAX)
		len = ANCHOR_MAX;
	if (len < 4)
		return;
	push(c, a, (struct literal){ xmemdupz(text, len), (uint32_t)len, caseless });
}

static void add_utf16(struct catalog *c, struct anchor a, const char *text, bool caseless)
{
	char wide[2][64] = { { 0 } };
	size_t len = strlen(text);
	for (size_t i = 0; i < len; i++) {
		wide[0][2 * i] = text[i];
		wide[1][2 * i + 1] = text[i];
	}
	for (unsigned i = 0; i < 2; i++) {
		a.encoding = i ? ENC_UTF16BE : ENC_UTF16LE;
		add_literal(c, &a, wide[i], 2 * len, caseless);
	}
}

/* Each character escaped, as programs that hide or protect texts do. */
static void add_escaped(struct catalog *c, const struct pattern *p, const struct pattern_literal *l)
{
	static const struct { const char *before, *after; unsigned base, digits; } forms[] = {
		{ "\\x", "", 16, 2 }, { "\\u", "", 16, 4 }, { "\\u{", "}", 16, 2 }, { "&#x", ";", 16, 2 }, { "&#", ";", 10, 2 }, { "%", "", 16, 2 } };
	for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
		struct buf b = { 0 };
		for (size_t i = 0; l->text[i] && b.len < ANCHOR_MAX; i++)
			buf_addf(&b, forms[f].base == 16 ? "%s%0*x%s" : "%s%0*u%s", forms[f].before, (int)forms[f].digits, (unsigned)(uint8_t)l->text[i], forms[f].after);
		add_literal(c, &(struct anchor){ .pattern = p, .text = l->text, .encoding = ENC_ESCAPED }, b.ptr, b.len, true);
		buf_release(&b);
	}
}

/* Lines of 64 and 76 digits end between groups of four: the same literal where a line ends within it. */
static void add_wrapped(struct catalog *c, const struct pattern *p, const struct pattern_literal *l, const char *digits, size_t n, size_t first)
{
	static const char *const ends[] = { "\n", "\r\n" };
	for (size_t cut = 4 - first % 4; cut < n; cut += 4) {
		for (unsigned i = 0; i < 2; i++) {
			char out[52];
			size_t end = strlen(ends[i]);
			memcpy(out, digits, cut);
			memcpy(out + cut, ends[i], end);
			memcpy(out + cut + end, digits + cut, n - cut);
			add_literal(c, &(struct anchor){ .pattern = p, .text = l->text, .encoding = ENC_BASE64, .digit = (uint8_t)(first % 4) }, out, n + end, false);
		}
	}
}

/* The digits that hold nothing but bits of `text` when it begins at byte `shift` of a group of three; how many, the first of
 * them number `*first` of its group of four. */
static size_t base64_digits(char *out, const void *text, size_t len, size_t shift, uint8_t *first)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t raw[72] = { 0 };
	size_t begin = (8 * shift + 5) / 6, end = 8 * (shift + len) / 6, n = 0;
	memcpy(raw + shift, text, len);
	for (size_t i = begin; i < end; i++) {
		size_t bit = 6 * i;
		unsigned two = (unsigned)raw[bit / 8] << 8 | raw[bit / 8 + 1];
		out[n++] = digits[two >> (10 - bit % 8) & 63];
	}
	out[n] = '\0';
	*first = (uint8_t)(begin % 4);
	return n;
}

static void add_digits(struct catalog *c, struct anchor a, const void *text, size_t len)
{
	for (size_t shift = 0; shift < 3; shift++) {
		char out[100];
		a.encoding = ENC_BASE64;
		size_t n = base64_digits(out, text, len, shift, &a.digit);
		add_literal(c, &a, out, n, false);
	}
}

/* Texts that are encoded twice: base64 of UTF-16 (PowerShell's -EncodedCommand), of base64 (a manifest as a whole), base64 in UTF-16 (a
 * manifest that PowerShell wrote). An ID leads to its secret; a secret alone is looked for in the first only. */
static void add_twice(struct catalog *c, const struct pattern *p, const struct pattern_literal *l, const char *text)
{
	struct anchor a = { .pattern = p, .text = l->text, .inner = ENC_UTF16LE };
	char wide[64] = { 0 }, out[100];
	size_t len = strlen(text);
	for (size_t i = 0; i < len; i++)
		wide[2 * i] = text[i];
	add_digits(c, a, wide, 2 * len);
	a.inner = ENC_BASE64;
	for (size_t shift = 0; p->role == ROLE_KEY_ID && shift < 3; shift++) {
		size_t n = base64_digits(out, text, len, shift, &a.inner_digit);
		add_digits(c, a, out, n);
		add_utf16(c, a, out, false);
	}
}

static void add_base64(struct catalog *c, const struct pattern *p, const struct pattern_literal *l, const char *text)
{
	size_t len = strlen(text);
	add_digits(c, (struct anchor){ .pattern = p, .text = l->text }, text, len);
	if (p->role != ROLE_KEY_ID && p->role != ROLE_SECRET)
		return;
	for (size_t shift = 0; shift < 3; shift++) {
		char out[48];
		uint8_t first;
		size_t n = base64_digits(out, text, len, shift, &first);
		add_wrapped(c, p, l, out, n, first);
	}
	if (p->derive & DERIVE_UTF16)
		add_twice(c, p, l, text);
}

static void add_base64_cases(struct catalog *c, const struct pattern *p, const struct pattern_literal *l)
{
	if (!l->caseless) {
		add_base64(c, p, l, l->text);
		return;
	}
	char text[33] = { 0 }; /* base64 knows cases: as it is written, and the usual three */
	bool usual = false;
	for (unsigned turn = 0; turn < 3; turn++) {
		for (size_t i = 0; l->text[i]; i++) {
			char ch = l->text[i];
			bool letter = (ch | 32) >= 'a' && (ch | 32) <= 'z', upper = turn == 2 || (turn == 1 && i == 0);
			text[i] = letter ? (char)(upper ? ch & ~32 : ch | 32) : ch;
		}
		usual |= !strcmp(text, l->text);
		add_base64(c, p, l, text);
	}
	if (!usual)
		add_base64(c, p, l, l->text);
}

static enum status add_pattern(struct catalog *c, const char *file, struct bytes text, char **err)
{
	struct pattern *p;
	enum status st = pattern_parse(&p, file, text, err);
	if (st)
		return st;
	if (p->role == ROLE_BARE && c->nbuiltin) {
		struct buf b = { 0 };
		buf_addf(&b, "%s:1: the role bare-secret is built in; use credential, with literals", file);
		*err = b.ptr;
		pattern_free(p);
		return KH_USAGE;
	}
	for (size_t i = 0; i < c->npatterns; i++) {
		if (!strcmp(c->patterns[i]->id, p->id)) {
			struct buf b = { 0 };
			buf_addf(&b, "%s:1: the id %s is taken by %s%s; choose another", file, p->id, i < c->nbuiltin ? "the built-in " : "", c->patterns[i]->file);
			*err = xstrdup(buf_str(&b));
			buf_release(&b);
			pattern_free(p);
			return KH_USAGE;
		}
	}
	c->patterns = xrealloc(c->patterns, c->npatterns + 1, sizeof *c->patterns);
	c->patterns[c->npatterns++] = p;
	if (p->advice && !c->advice)
		return KH_OK;
	for (size_t i = 0; i < p->nliterals; i++) {
		const struct pattern_literal *l = &p->literals[i];
		add_literal(c, &(struct anchor){ .pattern = p, .text = l->text, .encoding = ENC_PLAIN }, l->text, strlen(l->text), l->caseless);
		if (p->derive & DERIVE_UTF16)
			add_utf16(c, (struct anchor){ .pattern = p, .text = l->text }, l->text, l->caseless);
		if (p->derive & DERIVE_BASE64)
			add_base64_cases(c, p, l);
		if (p->derive & DERIVE_ESCAPES)
			add_escaped(c, p, l);
	}
	const char *name = p->file_name.literal;
	if (name)
		add_literal(c, &(struct anchor){ .pattern = p, .text = name, .of_name = true }, name, strlen(name), false);
	if (c->nliterals > 4096) {
		struct buf b = { 0 };
		buf_addf(&b, "%s:1: more than 4096 literals in all patterns together; use fewer, or fewer encodings", file);
		*err = xstrdup(buf_str(&b));
		buf_release(&b);
		return KH_TOOBIG;
	}
	return KH_OK;
}

#define PATTERN_FILE_MAX (1u << 20)

static enum status add_file(struct catalog *c, const char *path, char **err)
{
	struct buf words = { 0 };
	enum status st = KH_OK;
	struct stat is;
	bool odd = !stat(path, &is) && !S_ISREG(is.st_mode); /* a pipe might never say anything */
	FILE *f = odd ? NULL : fopen(path, "rbe");
	char *text = xmalloc(PATTERN_FILE_MAX);
	size_t n = f ? fread(text, 1, PATTERN_FILE_MAX, f) : 0;
	if (odd) {
		buf_addf(&words, "%s: a folder, a pipe or a device; give a plain file, or this one another name", path);
		st = KH_IO;
	} else if (!f || ferror(f)) {
		buf_addf(&words, "%s: %s; make it readable", path, strerror(errno));
		st = KH_IO;
	} else if (n == PATTERN_FILE_MAX) {
		buf_addf(&words, "%s: larger than 1 MiB; split it", path);
		st = KH_TOOBIG;
	} else {
		st = add_pattern(c, path, bytes_of(text, n), err);
	}
	if (words.len)
		*err = xstrdup(buf_str(&words));
	buf_release(&words);
	free(text);
	if (f)
		fclose(f);
	return st;
}

static int is_pattern_file(const struct dirent *e)
{
	size_t n = strlen(e->d_name);
	return e->d_name[0] != '.' && ((n > 5 && !strcmp(e->d_name + n - 5, ".yaml")) || (n > 4 && !strcmp(e->d_name + n - 4, ".yml")));
}

static enum status add_dir(struct catalog *c, const char *dir, char **err)
{
	struct dirent **list;
	struct buf path = { 0 };
	int n = scandir(dir, &list, is_pattern_file, alphasort);
	enum status st = KH_OK;
	if (n <= 0) {
		buf_addf(&path, "%s: %s; give a folder with .yaml files", dir, n < 0 ? strerror(errno) : "no pattern files");
		*err = xstrdup(buf_str(&path));
		st = n < 0 ? KH_IO : KH_USAGE;
	}
	for (int i = 0; i < n; i++) {
		if (!st) {
			buf_clear(&path);
			buf_addf(&path, "%s/%s", dir, list[i]->d_name);
			st = add_file(c, buf_str(&path), err);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	buf_release(&path);
	return st;
}

/* What archives end or begin with, plain and in base64 (once or twice). Opened where they are found, see opening.c. */
static void add_archives(struct catalog *c)
{
	static const struct pattern archive = { .role = ROLE_ARCHIVE };
	static const char *const plain[] = { "PK\5\6", "\x1f\x8b\x08\0", "\x1f\x8b\x08\x08" };
	static const char *const encoded[] = { "H4sIA", "H4sIC", "UEsDB", "SDRzSUF", "SDRzSUN" };
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		add_literal(c, &(struct anchor){ .pattern = &archive, .text = plain[i] }, plain[i], 4, false);
	for (size_t i = 0; i < sizeof encoded / sizeof *encoded; i++)
		add_literal(c, &(struct anchor){ .pattern = &archive, .text = encoded[i], .encoding = ENC_BASE64 }, encoded[i], strlen(encoded[i]), false);
}

/* What stands for runs, behind all literals: of the first pattern for them, which is built in. */
static void add_run(struct catalog *c)
{
	for (size_t i = 0; i < c->npatterns; i++) {
		if (c->patterns[i]->role != ROLE_BARE)
			continue;
		push(c, &(struct anchor){ .pattern = c->patterns[i], .text = "" }, (struct literal){ NULL, 0, false });
		return;
	}
}

enum status catalog_new(struct catalog **out, const char *dir, bool advice, char **err)
{
	struct catalog *c = xcalloc(1, sizeof *c);
	enum status st = KH_OK;
	*out = NULL;
	*err = NULL;
	c->advice = advice;
	for (size_t i = 0; !st && i < sizeof builtin / sizeof *builtin; i++)
		st = add_pattern(c, builtin[i].name, bytes_str(builtin[i].text), err);
	for (size_t i = 0; !st && advice && i < sizeof builtin_advice / sizeof *builtin_advice; i++)
		st = add_pattern(c, builtin_advice[i].name, bytes_str(builtin_advice[i].text), err);
	c->nbuiltin = c->npatterns;
	if (!st && dir)
		st = add_dir(c, dir, err);
	add_archives(c);
	add_run(c);
	if (st) {
		catalog_free(c);
		return st;
	}
	*out = c;
	return KH_OK;
}

void catalog_free(struct catalog *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->nliterals; i++)
		free((void *)(uintptr_t)c->literals[i].ptr);
	for (size_t i = 0; i < c->npatterns; i++)
		pattern_free(c->patterns[i]);
	free(c->literals);
	free(c->anchors);
	free(c->patterns);
	free(c);
}
