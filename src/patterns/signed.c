/* signed.c: cuts signed requests out of texts. A URL is cut where it ends; of all else a window is read:
 *
 *   ?X-Amz-...&X-Amz-Signature=64 hex          URL        x-amz-signature ... policy     upload form
 *   AWS4-HMAC-SHA256 Credential=...            header     AWS4-HMAC-SHA256 \n date ...   string to sign
 *
 * Escapes are read (&amp; \u0026 \n), percent escapes stay: they are part of what was signed. */
#include "patterns/signed.h"

#include <stdlib.h>
#include <strings.h>

#include "patterns/canonical.h"
#include "patterns/shape.h"
#include "util/alloc.h"

#define URL_BACK 6144
#define URL_AHEAD 2048
#define WINDOW 4096
#define WINDOWS_MAX 256 /* a text may be a log with a million requests */
#define NAMES_MAX 8

static int cmp_signed(const void *a, const void *b)
{
	const struct signed_text *x = a, *y = b;
	int d = strcmp(x->key_id, y->key_id);
	if (!d)
		d = (int)x->type - (int)y->type;
	if (!d)
		d = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
	if (!d)
		d = (x->len > y->len) - (x->len < y->len);
	return d ? d : (x->split > y->split) - (x->split < y->split);
}

void signed_settle(struct signed_set *s)
{
	size_t kept = 0, of_id = 0;
	if (s->len)
		qsort(s->list, s->len, sizeof *s->list, cmp_signed);
	for (size_t i = 0; i < s->len; i++) {
		struct signed_text *t = &s->list[i];
		bool again = kept && !cmp_signed(&s->list[kept - 1], t);
		of_id = kept && !strcmp(s->list[kept - 1].key_id, t->key_id) ? of_id : 0;
		if (!again && kept < SIGNED_MAX && of_id < SIGNED_PER_ID) {
			s->list[kept++] = *t;
			of_id++;
			continue;
		}
		s->more |= !again;
		free(t->text);
	}
	s->len = kept;
}

static void add(struct signed_set *s, const struct signed_text *t)
{
	if (s->len == 2 * SIGNED_MAX)
		signed_settle(s);
	ALLOC_GROW(s->list, s->len + 1, s->cap);
	s->list[s->len++] = *t;
}

void signed_merge(struct signed_set *into, struct signed_set *from)
{
	for (size_t i = 0; i < from->len; i++)
		add(into, &from->list[i]);
	into->more |= from->more;
	free(from->list);
	*from = (struct signed_set){ 0 };
}

void signed_release(struct signed_set *s)
{
	for (size_t i = 0; i < s->len; i++)
		free(s->list[i].text);
	free(s->list);
	*s = (struct signed_set){ 0 };
}

void signed_begin(struct signed_set *s)
{
	s->windows = WINDOWS_MAX;
}

/* Takes the text over. */
static void keep(struct signed_set *s, int type, struct bytes key_id, struct buf *text, size_t split)
{
	struct signed_text t = { .type = type, .len = (uint32_t)text->len, .split = (uint32_t)split };
	if (key_id.len && key_id.len < sizeof t.key_id)
		memcpy(t.key_id, key_id.ptr, key_id.len);
	t.text = xmemdupz(buf_str(text), text->len);
	add(s, &t);
}

/* [from, to) with its escapes read, all but those with %; `*place`: where `at` is then. */
static void flatten(struct buf *out, const struct view *v, size_t from, size_t to, size_t at, size_t *place)
{
	*place = 0;
	for (size_t i = from; i < to;) {
		struct unit u = v->ptr[i] == '%' ? (struct unit){ '%', 1, false } : unit_at(v->ptr + i, v->len - i);
		if (i <= at)
			*place = out->len;
		buf_addch(out, (char)u.c);
		i += u.len;
	}
}

/* Before escapes are read; a backslash may begin one. */
static bool ends_raw(uint8_t c)
{
	return c <= ' ' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>';
}

static bool ends_url(uint8_t c)
{
	return ends_raw(c) || c == '\\';
}

static bool ends_behind(uint8_t c)
{
	return ends_url(c) || c == ')' || c == ']' || c == '}' || c == ',' || c == ';' || c == '|';
}

/* A URL that stands encoded inside another text has these only. */
static bool ends_encoded(uint8_t c)
{
	return !shape_is_alnum(c) && c != '%' && c != '-' && c != '.' && c != '_' && c != '~' && c != '+';
}

static void cut(struct bytes b, size_t at, bool (*before)(uint8_t), bool (*behind)(uint8_t), size_t *from, size_t *to)
{
	for (*from = at; *from > 0 && at - *from < URL_BACK && !before(b.ptr[*from - 1]); --*from)
		;
	for (*to = at; *to < b.len && *to - at < URL_AHEAD && !behind(b.ptr[*to]); ++*to)
		;
}

static struct bytes find_caseless(struct bytes b, size_t from, const char *word)
{
	size_t len = strlen(word);
	for (size_t i = from; i + len <= b.len; i++)
		if ((b.ptr[i] | 32) == (word[0] | 32) && !strncasecmp((const char *)b.ptr + i, word, len))
			return bytes_of(b.ptr + i + len, b.len - i - len);
	return bytes_of(NULL, 0);
}

static size_t run_of(struct bytes b, bool (*in)(uint8_t))
{
	size_t n = 0;
	while (n < b.len && in(b.ptr[n]))
		n++;
	return n;
}

static bool is_name(uint8_t c)
{
	return shape_is_alnum(c) || c == '-' || c == '_';
}

static bool is_base64(uint8_t c)
{
	return shape_is_base64(c) || c == '=';
}

static bool is_credential(uint8_t c)
{
	return shape_is_alnum(c) || c == '/' || c == '-' || c == '_' || c == '%';
}

/* What stands behind the word "cluster" near an EKS token: the name of its cluster is signed with it, but not in it. */
static void add_names(struct buf *out, struct bytes around)
{
	struct bytes rest = find_caseless(around, 0, "cluster");
	for (unsigned n = 0; rest.ptr && n < NAMES_MAX; rest = find_caseless(rest, 0, "cluster")) {
		size_t i = 0, len;
		if (rest.len > 5 && !strncasecmp((const char *)rest.ptr + 1, "name", 4))
			i = 5;
		while (i < rest.len && i < 10 && !shape_is_alnum(rest.ptr[i]))
			i++;
		len = run_of(bytes_of(rest.ptr + i, rest.len - i), is_name);
		if (!i || len < 1 || len > 100)
			continue;
		buf_addf(out, "%s%.*s", n++ ? "\n" : "", (int)len, (const char *)rest.ptr + i);
	}
}

static struct bytes id_behind(struct bytes b, const char *word)
{
	struct bytes rest = find_caseless(b, 0, word);
	return bytes_of(rest.ptr, rest.ptr ? run_of(rest, shape_is_alnum) : 0);
}

static void read_url(struct signed_set *s, const struct view *v, size_t at, bool encoded, struct bytes around)
{
	KH_CLEANUP(buf_release) struct buf flat = { 0 }, url = { 0 };
	size_t from, to, place;
	cut(bytes_of(v->ptr, v->len), at, encoded ? ends_encoded : ends_raw, encoded ? ends_encoded : ends_raw, &from, &to);
	flatten(&flat, v, from, to, at, &place);
	for (unsigned turn = 0; encoded && turn < 2 && !memchr(buf_str(&flat), '=', flat.len); turn++) {
		struct buf once = { 0 };
		percent_decode(&once, buf_bytes(&flat), false);
		buf_release(&flat);
		flat = once;
	}
	for (const char *q = buf_str(&flat); encoded && (q = strstr(q, "ignature=")); q++)
		place = (size_t)(q - flat.ptr);
	cut(buf_bytes(&flat), place < flat.len ? place : 0, ends_url, ends_behind, &from, &to);
	buf_add(&url, flat.ptr + from, to - from);
	size_t split = url.len;
	if (memmem(url.ptr ? url.ptr : "", url.len, "x-k8s-aws-id", 12))
		add_names(&url, around);
	struct bytes id = id_behind(bytes_of(url.ptr, split), "X-Amz-Credential=");
	if (!id.len)
		id = id_behind(bytes_of(url.ptr, split), "AWSAccessKeyId=");
	if (memchr(buf_str(&url), '?', split))
		keep(s, SIGNED_URL, id, &url, split);
}

/* A form's fields, in any order and any notation. */
static void read_form(struct signed_set *s, struct bytes w, size_t at)
{
	KH_CLEANUP(buf_release) struct buf text = { 0 }, credential = { 0 };
	bool v4 = (w.ptr[at] | 32) == 'x';
	struct bytes id = find_caseless(w, 0, v4 ? "x-amz-credential" : "AWSAccessKeyId"), sign = bytes_of(NULL, 0), policy = sign;
	for (struct bytes r = find_caseless(w, v4 ? at : 0, "signature"); r.ptr && !sign.ptr; r = find_caseless(r, 0, "signature"))
		for (size_t i = 0; i < 40 && i < r.len && !sign.ptr; i++) {
			size_t n = !i || !is_base64(r.ptr[i - 1]) ? run_of(bytes_of(r.ptr + i, r.len - i), is_base64) : 0;
			if (v4 ? n == 64 : n == 28)
				sign = bytes_of(r.ptr + i, n);
		}
	for (struct bytes r = find_caseless(w, 0, "policy"); r.ptr && !policy.ptr; r = find_caseless(r, 0, "policy"))
		for (size_t i = 0; i < 40 && i + 1 < r.len && !policy.ptr; i++) {
			size_t n = r.ptr[i] == 'e' && (r.ptr[i + 1] == 'y' || r.ptr[i + 1] == 'w') ? run_of(bytes_of(r.ptr + i, r.len - i), is_base64) : 0;
			if (n >= 40)
				policy = bytes_of(r.ptr + i, n);
		}
	size_t i = 0;
	while (id.ptr && i < 40 && i + 4 < id.len && !(id.ptr[i] == 'A' && !memcmp(id.ptr + i + 2, "IA", 2)))
		i++;
	if (!id.ptr || i + 4 >= id.len || !sign.ptr || !policy.ptr)
		return;
	id = bytes_of(id.ptr + i, run_of(bytes_of(id.ptr + i, id.len - i), is_credential));
	percent_decode(&credential, id, false);
	buf_add(&text, credential.ptr, credential.len);
	buf_addch(&text, '\n');
	buf_add(&text, sign.ptr, sign.len);
	buf_addch(&text, '\n');
	buf_add(&text, policy.ptr, policy.len);
	keep(s, SIGNED_POLICY, bytes_of(id.ptr, run_of(id, shape_is_alnum)), &text, 0);
}

/* "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n<64 hex>", and what may be its signature. */
static void read_string(struct signed_set *s, struct bytes w, size_t at)
{
	size_t end = at;
	unsigned kept = 0;
	for (unsigned line = 0; line < 3 && end < w.len; line++) {
		const uint8_t *nl = memchr(w.ptr + end, '\n', w.len - end);
		end = nl ? (size_t)(nl - w.ptr) + 1 : w.len;
	}
	if (run_of(bytes_of(w.ptr + end, w.len - end), shape_is_alnum) != 64)
		return;
	end += 64;
	for (struct bytes r = find_caseless(w, 0, "signature"); r.ptr && kept < 4; r = find_caseless(r, 0, "signature")) {
		size_t i = 0;
		KH_CLEANUP(buf_release) struct buf text = { 0 };
		while (i < 16 && i < r.len && !shape_is_alnum(r.ptr[i]))
			i++;
		if (run_of(bytes_of(r.ptr + i, r.len - i), shape_is_alnum) != 64)
			continue;
		buf_add(&text, r.ptr + i, 64);
		buf_addch(&text, '\n');
		buf_add(&text, w.ptr + at, end - at);
		keep(s, SIGNED_STRING, bytes_of(NULL, 0), &text, 65);
		kept++;
	}
}

static void read_window(struct signed_set *s, const struct view *v, size_t at)
{
	KH_CLEANUP(buf_release) struct buf flat = { 0 };
	size_t place;
	if (!s->windows) {
		s->more = true;
		return;
	}
	s->windows--;
	flatten(&flat, v, at > WINDOW ? at - WINDOW : 0, v->len - at > WINDOW ? at + WINDOW : v->len, at, &place);
	struct bytes w = buf_bytes(&flat);
	const uint8_t *p = w.ptr + place, *end = w.ptr + w.len;
	if (memcmp(p, "AWS4", end - p < 4 ? (size_t)(end - p) : 4))
		read_form(s, w, place);
	else if (end - p > 17 && p[16] == '\n')
		read_string(s, w, place);
	else if (end - p > 17 && p[16] == ' ')
		keep(s, SIGNED_REQUEST, id_behind(bytes_of(p, (size_t)(end - p)), "Credential="), &flat, place);
}

void signed_read(struct signed_set *s, const struct view *v, size_t at, struct bytes around)
{
	bool four = v->ptr[at] == 'A' && v->len - at > 16 && v->ptr[at + 3] == '4';
	size_t i = at + ((v->ptr[at] | 32) == 'x' ? 15 : 14);
	if (four || i + 2 >= v->len) {
		if (four)
			read_window(s, v, at);
		return;
	}
	bool encoded = v->ptr[i] == '%';
	if (v->ptr[i] == '=' || encoded || unit_at(v->ptr + i, v->len - i).c == '=')
		read_url(s, v, at, encoded, around);
	else
		read_window(s, v, at);
}

bool signed_claim(struct claim *c, const struct signed_text *t)
{
	struct bytes all = bytes_of(t->text, t->len), behind = bytes_of(t->text + t->split, t->len - t->split);
	const char *first = memchr(t->text, '\n', t->len), *second = first ? memchr(first + 1, '\n', t->len - (size_t)(first + 1 - t->text)) : NULL;
	switch (t->type) {
	case SIGNED_URL:
		return claim_url(c, bytes_of(t->text, t->split), behind);
	case SIGNED_STRING:
		return claim_string(c, bytes_of(t->text, 64), behind);
	case SIGNED_REQUEST:
		return claim_request(c, all, t->split);
	case SIGNED_POLICY:
		break;
	}
	return second && claim_policy(c, bytes_of(t->text, (size_t)(first - t->text)), bytes_of(first + 1, (size_t)(second - first - 1)),
				      bytes_of(second + 1, t->len - (size_t)(second + 1 - t->text)));
}
