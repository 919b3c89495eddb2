#include "patterns/canonical.h"

#include <stdlib.h>
#include <strings.h>

#include "patterns/shape.h"

bool bytes_same(struct bytes a, const char *b)
{
	return a.ptr && a.len == strlen(b) && !memcmp(a.ptr, b, a.len);
}

bool bytes_same_caseless(struct bytes a, const char *b)
{
	return a.ptr && a.len == strlen(b) && !strncasecmp((const char *)a.ptr, b, a.len);
}

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void percent_decode(struct buf *out, struct bytes text, bool plus_is_blank)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		if (c == '%' && i + 2 < text.len && digit(text.ptr[i + 1]) >= 0 && digit(text.ptr[i + 2]) >= 0) {
			c = (uint8_t)(digit(text.ptr[i + 1]) << 4 | digit(text.ptr[i + 2]));
			i += 2;
		} else if (c == '+' && plus_is_blank) {
			c = ' ';
		}
		buf_addch(out, (char)c);
	}
}

void percent_encode(struct buf *out, struct bytes text, bool keep_slash)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		if (shape_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && keep_slash))
			buf_addch(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
}

static bool is_host(uint8_t c)
{
	return shape_is_alnum(c) || c == '.' || c == '-' || c == '_' || c == ':';
}

static const uint8_t *last_scheme(const uint8_t *p, const uint8_t *end)
{
	for (const uint8_t *at = end; at - p >= 3;)
		if (!memcmp(--at - 2, "://", 3))
			return at + 1;
	return NULL;
}

/* Host and path of what stands before the '?'. */
static bool split_front(struct url *u, const uint8_t *p, const uint8_t *question)
{
	const uint8_t *host = last_scheme(p, question), *slash;
	if (host) {
		slash = memchr(host, '/', (size_t)(question - host));
		const uint8_t *end = slash ? slash : question, *at = memrchr(host, '@', (size_t)(end - host));
		host = at ? at + 1 : host;
		slash = end;
	} else {
		slash = memchr(p, '/', (size_t)(question - p));
		if (!slash)
			return false;
		host = slash;
		while (host > p && is_host(host[-1]))
			host--;
	}
	u->host = bytes_of(host, (size_t)(slash - host));
	u->path = slash < question ? bytes_of(slash, (size_t)(question - slash)) : bytes_str("/");
	return u->host.len > 0 && u->host.len < 256;
}

static bool add_param(struct url *u, struct bytes pair, bool plus_is_blank)
{
	const uint8_t *equal = memchr(pair.ptr, '=', pair.len);
	size_t key = equal ? (size_t)(equal - pair.ptr) : pair.len;
	if (u->nparams == PARAMS_MAX)
		return false;
	struct param *p = &u->params[u->nparams++];
	p->key = u->text.len;
	percent_decode(&u->text, bytes_of(pair.ptr, key), plus_is_blank);
	p->key_len = u->text.len - p->key;
	p->value = u->text.len;
	if (equal)
		percent_decode(&u->text, bytes_of(equal + 1, pair.len - key - 1), plus_is_blank);
	p->value_len = u->text.len - p->value;
	return true;
}

bool url_parse(struct url *u, struct bytes text, bool plus_is_blank)
{
	*u = (struct url){ .text = { 0 } };
	const uint8_t *end = text.ptr + text.len, *question = text.len ? memrchr(text.ptr, '?', text.len) : NULL;
	if (!question || !split_front(u, text.ptr, question))
		return false;
	buf_grow(&u->text, text.len + 1);
	for (const uint8_t *p = question + 1; p < end;) {
		const uint8_t *amp = memchr(p, '&', (size_t)(end - p)), *stop = amp ? amp : end;
		u->plus |= memchr(p, '+', (size_t)(stop - p)) != NULL;
		if (stop > p && !add_param(u, bytes_of(p, (size_t)(stop - p)), plus_is_blank))
			return false;
		p = stop + 1;
	}
	return true;
}

void url_release(struct url *u)
{
	buf_release(&u->text);
}

struct bytes url_param(const struct url *u, const char *name)
{
	for (size_t i = 0; i < u->nparams; i++)
		if (bytes_same_caseless(param_key(u, i), name))
			return param_value(u, i);
	return (struct bytes){ NULL, 0 };
}

static int by_pair(const void *a, const void *b, void *payload)
{
	const struct param *x = a, *y = b;
	const char *text = payload;
	size_t len = x->key_len < y->key_len ? x->key_len : y->key_len;
	int d = memcmp(text + x->key, text + y->key, len);
	if (d || x->key_len != y->key_len)
		return d ? d : x->key_len < y->key_len ? -1 : 1;
	len = x->value_len < y->value_len ? x->value_len : y->value_len;
	d = memcmp(text + x->value, text + y->value, len);
	return d ? d : (x->value_len > y->value_len) - (x->value_len < y->value_len);
}

void canonical_query(struct buf *out, const struct url *u, const char *without, const char *without_too)
{
	struct param sorted[PARAMS_MAX];
	size_t begin = out->len;
	memcpy(sorted, u->params, u->nparams * sizeof *sorted);
	if (u->nparams > 1)
		qsort_r(sorted, u->nparams, sizeof *sorted, by_pair, u->text.ptr);
	for (size_t i = 0; i < u->nparams; i++) {
		struct bytes key = bytes_of(u->text.ptr + sorted[i].key, sorted[i].key_len);
		if ((without && bytes_same_caseless(key, without)) || (without_too && bytes_same_caseless(key, without_too)))
			continue;
		if (out->len > begin)
			buf_addch(out, '&');
		percent_encode(out, key, false);
		buf_addch(out, '=');
		percent_encode(out, bytes_of(u->text.ptr + sorted[i].value, sorted[i].value_len), false);
	}
}

void canonical_host(struct buf *out, struct bytes host)
{
	const uint8_t *colon = memrchr(host.ptr, ':', host.len);
	if (colon) {
		struct bytes port = bytes_of(colon + 1, (size_t)(host.ptr + host.len - colon - 1));
		if (!port.len || bytes_same(port, "443") || bytes_same(port, "80"))
			host.len = (size_t)(colon - host.ptr);
	}
	for (size_t i = 0; i < host.len; i++) {
		uint8_t c = host.ptr[i];
		buf_addch(out, (char)(c >= 'A' && c <= 'Z' ? c | 32 : c));
	}
}
