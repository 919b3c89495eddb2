/* explain.c: the detector is asked about the text as it is; a bare secret is asked about under the name of one. An ID is
 * taken apart here, because why it is none is worth telling. Nothing is written to any file, nothing leaves the machine. */
#include "commands/explain.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "commands/output.h"
#include "commands/session.h"
#include "commands/uses.h"
#include "findings/fill.h"
#include "patterns/known.h"
#include "patterns/shape.h"
#include "policy/since.h"
#include "report/jsonw.h"
#include "report/playbook.h"
#include "report/words.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/message.h"

#define INPUT_MAX ((size_t)1 << 20)

/* What is said of one credential, or of none. */
struct answer {
	struct finding f;
	const char *generation;  /* of the key ID, or NULL */
	const char *note;        /* why it is none, or what to mind; or NULL */
	bool has_expiry;
	int64_t expires;
	bool is;                 /* a credential at all */
};

static bool read_input(struct buf *out)
{
	for (;;) {
		buf_grow(out, 4096);
		ssize_t n = read(STDIN_FILENO, out->ptr + out->len, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || out->len + (size_t)n > INPUT_MAX)
			return false;
		if (!n)
			break;
		out->len += (size_t)n;
	}
	out->ptr[out->len] = '\0';
	return !memchr(out->ptr, 0, out->len);
}

static struct bytes trimmed(const char *s)
{
	size_t len = strlen(s);
	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	while (len && isspace((unsigned char)*s)) {
		s++;
		len--;
	}
	return bytes_of(s, len);
}

/* Bare capitals and digits that begin as AWS's identifiers do. */
static bool is_identifier(struct bytes s)
{
	if (s.len < 16 || s.len > 24 || !uses_prefix((const char *)s.ptr))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!isupper(s.ptr[i]) && !isdigit(s.ptr[i]))
			return false;
	return true;
}

/* Why a text with the prefix of a key is none; NULL: it is one. */
static const char *id_fault(struct bytes s, enum id_shape shape)
{
	char account[ACCOUNT_LEN + 1];
	if (s.len != KEY_ID_LEN)
		return "a key ID has 20 characters";
	for (size_t i = 4; i < s.len; i++)
		if (!shape_is_base32(s.ptr[i]))
			return "a key ID has only A-Z and 2-7 behind its prefix (base32); 0, 1, 8 and 9 never occur";
	if (shape == ID_EXAMPLE)
		return NULL;
	if (s.ptr[4] > 'P' || isdigit(s.ptr[4])) {
		if (!shape_account(account, s.ptr))
			return "the account number inside is above 999999999999, which no account has";
	} else if (!strchr("IJOP", s.ptr[4])) {
		return "an ID of the old generation has I, J, O or P behind its prefix (GovCloud's are unknown)";
	} else if (s.ptr[19] != 'A' && s.ptr[19] != 'Q') {
		return "an ID of the old generation ends in A or Q";
	}
	return shape == ID_INVENTED || shape == ID_NOT ? "it is made of words, repeats or sequences: somebody invented it" : NULL;
}

static void set_generation(struct answer *a, const uint8_t *id)
{
	a->generation = shape_account(a->f.account_id, id) ? "new (since about 2018, with the account number inside)" :
							     "old (without an account number inside)";
}

static void explain_id(struct answer *a, struct bytes s)
{
	const struct prefix *p = uses_prefix((const char *)s.ptr);
	enum id_shape shape = s.len == KEY_ID_LEN ? shape_key_id(s.ptr) : ID_NOT;
	struct finding *f = &a->f;
	memcpy(f->key_id, s.ptr, s.len);
	f->kind = p->kind;
	f->severity = LEVEL_LOW;
	f->confidence = LEVEL_HIGH;
	a->note = p->key ? id_fault(s, shape) : p->what;
	a->is = p->key && !a->note;
	if (!a->is)
		return;
	f->example = shape == ID_EXAMPLE;
	if (f->example) {
		f->kind = "example-key";
		return;
	}
	set_generation(a, s.ptr);
	f->canary = f->account_id[0] && known_canary(f->account_id);
	if (f->account_id[0] && known_test_account(f->account_id)) {
		f->example = true;
		a->note = "an account of LocalStack, moto or documentation: made up for tests";
	} else if (shape == ID_LETTERS) {
		a->note = "it has no digit, which 3 in 100 real ones lack";
	}
}

static size_t digits_at(const char *s)
{
	return strspn(s, "0123456789");
}

/* X-Amz-Date=20251006T140359Z with X-Amz-Expires=900, or Expires=1759750000: when a signed URL ends. */
static void find_expiry(struct answer *a, const char *text)
{
	const char *date = strstr(text, "X-Amz-Date="), *span = strstr(text, "X-Amz-Expires="), *at = strstr(text, "Expires=");
	char iso[32], epoch[16];
	int64_t begin;
	if (date && span && digits_at(date + 11) == 8 && date[19] == 'T' && digits_at(date + 20) == 6) {
		const char *d = date + 11;
		size_t n = digits_at(span + 14);
		snprintf(iso, sizeof iso, "%.4s-%.2s-%.2s" "T%.2s:%.2s:%.2sZ", d, d + 4, d + 6, d + 9, d + 11, d + 13);
		if (n && n < 8 && since_parse(&begin, iso, 0)) {
			a->has_expiry = true;
			a->expires = begin + strtol(span + 14, NULL, 10);
		}
	} else if (at && !span && digits_at(at + 8) >= 9 && digits_at(at + 8) <= 12) {
		snprintf(epoch, sizeof epoch, "@%.*s", (int)digits_at(at + 8), at + 8);
		a->has_expiry = since_parse(&a->expires, epoch, 0);
	}
}

/* What the detector finds in `text`, without regard to confidence. */
static size_t detect_all(const struct options *o, const struct detector *d, struct bytes text, struct answer **out)
{
	struct options own = *o;
	struct session *s;
	struct skips skips = { 0 };
	uint64_t allowed;
	*out = NULL;
	own.threads = 1;
	own.min_confidence = LEVEL_LOW;
	own.include_examples = own.no_allow = true;
	if (session_open(&s, &own, d, NULL) != KH_OK)
		return 0;
	session_text(s, 0, text, SOURCE_STDIN, NULL);
	const struct ledger *l = session_finish(s, &skips, &allowed);
	size_t n = 0;
	*out = xcalloc(l->ncredentials + 1, sizeof **out);
	for (size_t i = 0; i < l->ncredentials; i++) {
		struct answer *a = &(*out)[n];
		if (l->credentials[i].by_name) /* a text has no name */
			continue;
		n++;
		fill_credential(&a->f, &l->credentials[i]);
		a->is = true;
		if (strlen(a->f.key_id) == KEY_ID_LEN && !a->f.example)
			set_generation(a, (const uint8_t *)a->f.key_id);
		find_expiry(a, (const char *)text.ptr);
	}
	skips_release(&skips);
	session_close(s);
	return n;
}

static bool is_secret_length(struct bytes s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!shape_is_base64(s.ptr[i]))
			return false;
	return s.len == SECRET_LEN;
}

/* In words, what speaks against 40 characters. */
static const char *secret_fault(const uint8_t *s)
{
	static const struct { const char *against, *words; } table[] = {
		{ "hex-digest", "a digest: 40 characters as a secret access key has, but hex digits only" },
		{ "path", "a path: 40 characters as a secret access key has, but words between slashes" },
		{ "identifier", "an identifier: 40 characters as a secret access key has, but words" },
		{ "words", "invented: 40 characters as a secret access key has, but words such as example, secret, test" },
		{ "encoded-text", "40 characters as a secret access key has, but base64 of readable text" },
	};
	const char *against = shape_secret_against(s);
	for (size_t i = 0; against && i < sizeof table / sizeof *table; i++)
		if (!strcmp(against, table[i].against))
			return table[i].words;
	return "40 characters as a secret access key has, but not random ones: repeats, a sequence, one case only";
}

static void no_answer(struct answer *a, struct bytes s)
{
	a->note = is_secret_length(s) ? secret_fault(s.ptr) : "no form of AWS credential that keyhunt knows";
}

static size_t find_answers(const struct options *o, const struct detector *d, struct bytes s, struct answer **out)
{
	KH_CLEANUP(buf_release) struct buf text = { 0 };
	size_t n = 0;
	if (is_identifier(s)) {
		*out = xcalloc(1, sizeof **out);
		explain_id(*out, s);
		return 1;
	}
	if (is_secret_length(s))
		buf_addstr(&text, "aws_secret_access_key = ");
	buf_add(&text, s.ptr, s.len);
	buf_addch(&text, '\n');
	n = detect_all(o, d, buf_bytes(&text), out);
	if (!n) {
		free(*out);
		*out = xcalloc(1, sizeof **out);
		no_answer(*out, s);
		n = 1;
	}
	explicit_bzero(text.ptr, text.cap);
	return n;
}

static void say(const char *what, const char *value)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 };
	buf_add_safe(&b, value, strlen(value));
	printf("  %-10s %s\n", what, b.ptr);
}

static void write_text(const struct answer *a, int64_t now)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 }, steps = { 0 };
	const struct finding *f = &a->f;
	if (!a->is) {
		printf("no credential: %s\n", a->note);
		return;
	}
	printf("%s%s%s\n", f->kind, f->key_id[0] ? "  " : "", f->key_id);
	say("severity", level_name(f->severity));
	if (f->account_id[0])
		say("account", f->account_id);
	if (a->generation)
		say("generation", a->generation);
	if (f->secret) {
		words_redacted(&b, f->secret);
		printf("  %-10s %s\n", "secret", b.ptr);
	}
	if (a->has_expiry) {
		buf_clear(&b);
		words_utc(&b, a->expires);
		buf_addstr(&b, a->expires <= now ? " (over)" : "");
		say("expires", b.ptr);
	}
	if (f->canary)
		say("canary", "yes: a known canary account. Trying it raises an alarm");
	if (f->example)
		say("example", "yes: published, or made up for tests");
	if (a->note)
		say("note", a->note);
	say("used for", uses_of(f->kind));
	playbook_first_steps(&steps, f, "  ");
	printf("What to do:\n%s", buf_str(&steps));
}

static void str_field(struct jsonw *w, const char *key, const char *s)
{
	jsonw_key(w, key);
	jsonw_str(w, s && *s ? s : NULL);
}

static void write_json(struct jsonw *w, const struct answer *a, int64_t now)
{
	KH_CLEANUP(buf_release) struct buf b = { 0 }, steps = { 0 }, expires = { 0 };
	const struct finding *f = &a->f;
	if (f->secret)
		words_redacted(&b, f->secret);
	if (a->has_expiry)
		words_utc(&expires, a->expires);
	if (a->is)
		playbook_first_steps(&steps, f, "");
	jsonw_open(w, '{');
	str_field(w, "type", "explanation");
	jsonw_key(w, "schema");
	jsonw_uint(w, 1);
	jsonw_key(w, "credential");
	jsonw_bool(w, a->is);
	str_field(w, "kind", a->is ? f->kind : NULL);
	str_field(w, "severity", a->is ? level_name(f->severity) : NULL);
	str_field(w, "key_id", f->key_id);
	str_field(w, "account_id", f->account_id);
	str_field(w, "generation", a->generation ? *a->generation == 'n' ? "new" : "old" : NULL);
	jsonw_key(w, "canary");
	jsonw_bool(w, f->canary);
	jsonw_key(w, "example");
	jsonw_bool(w, f->example);
	str_field(w, "secret_redacted", b.ptr);
	str_field(w, "secret_sha256", f->secret_sha256);
	str_field(w, "expires_at", expires.ptr);
	jsonw_key(w, "expired");
	a->has_expiry ? jsonw_bool(w, a->expires <= now) : jsonw_null(w);
	str_field(w, "note", a->note);
	str_field(w, "used_for", a->is ? uses_of(f->kind) : NULL);
	str_field(w, "steps", steps.ptr);
	jsonw_close(w, '}');
	jsonw_line(w);
}

static int answer_all(const struct options *o, const struct detector *d, struct bytes s)
{
	struct answer *list;
	size_t n = find_answers(o, d, s, &list);
	int64_t now = (int64_t)time(NULL);
	bool any = false;
	struct jsonw w;
	jsonw_init(&w, stdout);
	for (size_t i = 0; i < n; i++) {
		any |= list[i].is;
		if (o->format == REPORT_TEXT)
			write_text(&list[i], now);
		else
			write_json(&w, &list[i], now);
		finding_release(&list[i].f);
	}
	jsonw_release(&w);
	free(list);
	return output_end(any ? 0 : 1);
}

int explain(const struct options *o)
{
	KH_CLEANUP(buf_release) struct buf input = { 0 };
	if (o->format == REPORT_SARIF) {
		message_error("explain writes text, json or jsonl");
		return 2;
	}
	if (!strcmp(o->paths[0], "-") ? !read_input(&input) : (buf_addstr(&input, o->paths[0]), false)) {
		message_error("standard input cannot be read as a text of up to 1 MiB");
		return 2;
	}
	struct detector *d = session_detector(o);
	if (!d)
		return 2;
	int code = answer_all(o, d, trimmed(buf_str(&input)));
	detector_free(d);
	explicit_bzero(input.ptr, input.cap);
	return code;
}
