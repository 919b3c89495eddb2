/* claim.c: what was signed, rebuilt from what was written down.
 *
 *   https://host/path?X-Amz-Credential=ID/20130524/us-east-1/s3/aws4_request&X-Amz-Signature=aeee...
 *
 *   canonical request   GET \n path \n sorted query without the signature \n host:... \n\n signed headers \n payload's hash
 *   string to sign      AWS4-HMAC-SHA256 \n date \n scope \n SHA-256 of that */
#include "patterns/claim.h"

#include "patterns/canonical.h"
#include "patterns/request.h"
#include "patterns/shape.h"
#include "util/alloc.h"

#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define UNSIGNED "UNSIGNED-PAYLOAD"
#define ALGORITHM "AWS4-HMAC-SHA256"
#define NAMES_MAX 8 /* values tried for a signed header that the URL does not have */

void claim_release(struct claim *c)
{
	buf_release(&c->text);
}

/* What was added to c->text since the last reading is one more; false when there is no room. */
static bool end_reading(struct claim *c)
{
	if (c->nreadings == READINGS_MAX) {
		c->text.len = c->end[c->nreadings - 1];
		return false;
	}
	c->end[c->nreadings++] = c->text.len;
	return true;
}

static void add_bytes(struct buf *b, struct bytes text)
{
	buf_add(b, text.ptr, text.len);
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(struct claim *c, struct bytes hex)
{
	if (hex.len != 64)
		return false;
	for (size_t i = 0; i < 64; i += 2) {
		int high = hex_digit(hex.ptr[i]), low = hex_digit(hex.ptr[i + 1]);
		if (high < 0 || low < 0)
			return false;
		c->signature[i / 2] = (uint8_t)(high << 4 | low);
	}
	c->signature_len = 32;
	return true;
}

/* 20 or 32 bytes in base64, with its padding or without. */
static bool read_base64(struct claim *c, struct bytes text)
{
	uint8_t raw[64];
	while (text.len && text.ptr[text.len - 1] == '=')
		text.len--;
	if (text.len != 27 && text.len != 43)
		return false;
	c->signature_len = text.len == 27 ? 20 : 32;
	shape_base64_decode(raw, text.ptr, text.len);
	memcpy(c->signature, raw, c->signature_len);
	return true;
}

static bool read_key_id(struct claim *c, struct bytes id)
{
	if (!id.len || id.len >= sizeof c->key_id)
		return false;
	memcpy(c->key_id, id.ptr, id.len);
	c->key_id[id.len] = '\0';
	return true;
}

/* "20130524/us-east-1/s3/aws4_request" */
static bool read_scope(struct claim *c, struct bytes scope)
{
	static const char end[] = "/aws4_request";
	size_t len = sizeof end - 1;
	if (scope.len < 12 + len || scope.len - len >= sizeof c->scope || memcmp(scope.ptr + scope.len - len, end, len))
		return false;
	memcpy(c->scope, scope.ptr, scope.len - len);
	c->scope[scope.len - len] = '\0';
	return true;
}

/* "ID/20130524/us-east-1/s3/aws4_request" */
static bool read_credential(struct claim *c, struct bytes credential)
{
	const uint8_t *slash = credential.len ? memchr(credential.ptr, '/', credential.len) : NULL;
	if (!slash || !read_key_id(c, bytes_of(credential.ptr, (size_t)(slash - credential.ptr))))
		return false;
	return read_scope(c, bytes_of(slash + 1, credential.len - (size_t)(slash + 1 - credential.ptr)));
}

static struct bytes service_of(const struct claim *c)
{
	const char *slash = strrchr(c->scope, '/');
	return bytes_str(slash ? slash + 1 : "");
}

static bool is_s3(const struct claim *c)
{
	struct bytes s = service_of(c);
	return s.len >= 2 && !memcmp(s.ptr, "s3", 2);
}

/* All parts of a canonical request but method, path and payload. */
struct signed_parts {
	struct bytes date, query, headers, names; /* headers: "host:...\n" each; names: "host;range" */
};

static bool add_v4(struct claim *c, const char *method, struct bytes path, const struct signed_parts *s, struct bytes payload)
{
	KH_CLEANUP(buf_release) struct buf request = { 0 };
	uint8_t hash[32];
	buf_addf(&request, "%s\n", method);
	add_bytes(&request, path);
	buf_addch(&request, '\n');
	add_bytes(&request, s->query);
	buf_addch(&request, '\n');
	add_bytes(&request, s->headers);
	buf_addch(&request, '\n');
	add_bytes(&request, s->names);
	buf_addch(&request, '\n');
	add_bytes(&request, payload);
	sign_sha256(hash, buf_bytes(&request));
	buf_addstr(&c->text, ALGORITHM "\n");
	add_bytes(&c->text, s->date);
	buf_addf(&c->text, "\n%s/aws4_request\n", c->scope);
	for (size_t i = 0; i < sizeof hash; i++)
		buf_addf(&c->text, "%02x", hash[i]);
	return end_reading(c);
}

/* The path as it is written, and as it should have been: S3 encodes once, all others what is written once more. */
static void add_paths(struct claim *c, const char *method, struct bytes path, const struct signed_parts *s, struct bytes payload)
{
	KH_CLEANUP(buf_release) struct buf plain = { 0 }, other = { 0 };
	if (is_s3(c))
		percent_decode(&plain, path, false);
	else
		add_bytes(&plain, path);
	percent_encode(&other, buf_bytes(&plain), true);
	add_v4(c, method, path, s, payload);
	if (other.len != path.len || memcmp(other.ptr, path.ptr, path.len))
		add_v4(c, method, buf_bytes(&other), s, payload);
}

static void add_methods(struct claim *c, struct bytes path, const struct signed_parts *s, struct bytes payload)
{
	static const char *const methods[] = { "GET", "PUT", "HEAD", "POST", "DELETE" };
	const char *usual = is_s3(c) ? UNSIGNED : EMPTY_HASH, *other = is_s3(c) ? EMPTY_HASH : UNSIGNED;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		add_paths(c, methods[i], path, s, payload.ptr ? payload : bytes_str(usual));
	if (!payload.ptr)
		add_paths(c, "GET", path, s, bytes_str(other));
}

/* "name:value\n" for each signed header; what the URL does not have is `other`. False: it has not got one, and there is no other. */
static bool add_headers(struct buf *out, const struct url *u, struct bytes names, struct bytes other)
{
	for (size_t at = 0; at < names.len;) {
		const uint8_t *end = memchr(names.ptr + at, ';', names.len - at);
		char name[64];
		size_t len = end ? (size_t)(end - names.ptr) - at : names.len - at;
		if (!len || len >= sizeof name)
			return false;
		memcpy(name, names.ptr + at, len);
		name[len] = '\0';
		struct bytes value = url_param(u, name);
		buf_addf(out, "%s:", name);
		if (!strcmp(name, "host"))
			canonical_host(out, u->host);
		else if (value.ptr || other.len)
			add_bytes(out, value.ptr ? value : other);
		else
			return false;
		buf_addch(out, '\n');
		at += len + 1;
	}
	return names.len > 0;
}

static bool url_v4(struct claim *c, const struct url *u, struct bytes names)
{
	KH_CLEANUP(buf_release) struct buf query = { 0 };
	struct signed_parts s = { .date = url_param(u, "X-Amz-Date"), .names = url_param(u, "X-Amz-SignedHeaders") };
	if (!read_hex(c, url_param(u, "X-Amz-Signature")) || !read_credential(c, url_param(u, "X-Amz-Credential")) || !s.date.len)
		return false;
	/* AWS IoT adds the token once all is signed. */
	canonical_query(&query, u, "X-Amz-Signature", bytes_same(service_of(c), "iotdevicegateway") ? "X-Amz-Security-Token" : NULL);
	s.query = buf_bytes(&query);
	for (unsigned turn = 0; turn < NAMES_MAX; turn++) {
		KH_CLEANUP(buf_release) struct buf headers = { 0 };
		const uint8_t *nl = names.len ? memchr(names.ptr, '\n', names.len) : NULL;
		struct bytes name = bytes_of(names.ptr, nl ? (size_t)(nl - names.ptr) : names.len);
		if (add_headers(&headers, u, s.names, name)) {
			s.headers = buf_bytes(&headers);
			if (name.len) /* a token for a GET, only its header is in doubt */
				add_v4(c, "GET", u->path, &s, bytes_str(EMPTY_HASH));
			else
				add_methods(c, u->path, &s, url_param(u, "X-Amz-Content-Sha256"));
		}
		if (!nl)
			break;
		names = bytes_of(nl + 1, names.len - name.len - 1);
	}
	return c->nreadings > 0;
}

/* What S3's first signature takes from the query into its resource, in order.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html */
static const char *const subresources[] = {
	"acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy", "requestPayment",
	"response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language",
	"response-content-type", "response-expires", "restore", "tagging", "torrent", "uploadId", "uploads", "versionId",
	"versioning", "versions", "website",
};

static void add_resource(struct buf *out, const struct url *u, struct bytes bucket)
{
	char mark = '?';
	if (bucket.len) {
		buf_addch(out, '/');
		add_bytes(out, bucket);
	}
	add_bytes(out, u->path);
	for (size_t i = 0; i < sizeof subresources / sizeof *subresources; i++) {
		for (size_t k = 0; k < u->nparams; k++) {
			if (!bytes_same(param_key(u, k), subresources[i]))
				continue;
			buf_addf(out, "%c%s%s", mark, subresources[i], u->params[k].value_len ? "=" : "");
			add_bytes(out, param_value(u, k));
			mark = '&';
		}
	}
}

static void add_s3_v2(struct claim *c, const struct url *u, struct bytes bucket)
{
	static const char *const methods[] = { "GET", "PUT", "HEAD", "DELETE" };
	struct bytes expires = url_param(u, "Expires"), token = url_param(u, "x-amz-security-token");
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		buf_addf(&c->text, "%s\n\n\n", methods[i]);
		add_bytes(&c->text, expires);
		buf_addch(&c->text, '\n');
		if (token.ptr) {
			buf_addstr(&c->text, "x-amz-security-token:");
			add_bytes(&c->text, token);
			buf_addch(&c->text, '\n');
		}
		add_resource(&c->text, u, bucket);
		end_reading(c);
	}
}

/* bucket.s3.amazonaws.com, bucket.s3-eu-west-1.amazonaws.com; s3.amazonaws.com/bucket; files.example.com, a bucket by that name; and
 * bucket.storage.example.net, as other makers of S3 have it. */
static void s3_v2(struct claim *c, const struct url *u)
{
	const uint8_t *p = u->host.ptr, *end = p + u->host.len, *colon = memrchr(p, ':', u->host.len), *dot, *s3 = NULL;
	if (colon)
		end = colon;
	for (const uint8_t *at = p; at + 4 <= end; at++)
		if (!memcmp(at, ".s3", 3) && (at[3] == '.' || at[3] == '-'))
			s3 = at;
	add_s3_v2(c, u, s3 ? bytes_of(p, (size_t)(s3 - p)) : bytes_of(NULL, 0));
	if (s3 || (u->host.len > 3 && !memcmp(p, "s3", 2) && (p[2] == '.' || p[2] == '-')))
		return;
	add_s3_v2(c, u, bytes_of(p, (size_t)(end - p)));
	dot = memchr(p, '.', (size_t)(end - p));
	if (dot)
		add_s3_v2(c, u, bytes_of(p, (size_t)(dot - p)));
}

/* Query APIs (SimpleDB, EC2, MWS, Product Advertising) with SignatureVersion=2. */
static void query_v2(struct claim *c, const struct url *u)
{
	static const char *const methods[] = { "GET", "POST" };
	for (size_t i = 0; i < 2; i++) {
		buf_addf(&c->text, "%s\n", methods[i]);
		canonical_host(&c->text, u->host);
		buf_addch(&c->text, '\n');
		add_bytes(&c->text, u->path);
		buf_addch(&c->text, '\n');
		canonical_query(&c->text, u, "Signature", NULL);
		end_reading(c);
	}
}

static bool url_v2(struct claim *c, const struct url *u)
{
	if (!read_base64(c, url_param(u, "Signature")) || !read_key_id(c, url_param(u, "AWSAccessKeyId")))
		return false;
	if (url_param(u, "SignatureMethod").ptr)
		query_v2(c, u);
	else if (c->signature_len == 20 && url_param(u, "Expires").len)
		s3_v2(c, u);
	return c->nreadings > 0;
}

bool claim_url(struct claim *c, struct bytes text, struct bytes names)
{
	KH_CLEANUP(url_release) struct url u, blank = { .text = { 0 } };
	if (!url_parse(&u, text, false))
		return false;
	if (!url_param(&u, "X-Amz-Signature").ptr)
		return url_v2(c, &u);
	url_v4(c, &u, names);
	if (u.plus && url_parse(&blank, text, true))
		url_v4(c, &blank, names);
	return c->nreadings > 0;
}

bool claim_policy(struct claim *c, struct bytes credential, struct bytes signature, struct bytes policy)
{
	bool v4 = signature.len == 64;
	if (!policy.len || !(v4 ? read_hex(c, signature) && read_credential(c, credential) : read_base64(c, signature) && read_key_id(c, credential)))
		return false;
	add_bytes(&c->text, policy);
	return end_reading(c);
}

/* The n-th line of a text, from 0. */
static struct bytes line_of(struct bytes text, unsigned n)
{
	const uint8_t *p = text.ptr, *end = p + text.len;
	for (; n; n--) {
		const uint8_t *nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			return (struct bytes){ NULL, 0 };
		p = nl + 1;
	}
	const uint8_t *nl = memchr(p, '\n', (size_t)(end - p));
	return bytes_of(p, (size_t)((nl ? nl : end) - p));
}

bool claim_string(struct claim *c, struct bytes signature, struct bytes text)
{
	if (!read_hex(c, signature) || !bytes_same(line_of(text, 0), ALGORITHM) || !read_scope(c, line_of(text, 2)))
		return false;
	add_bytes(&c->text, text);
	return end_reading(c);
}

/* "name:value\n" as the request has them. */
static bool written_headers(struct buf *out, struct bytes block, size_t at, struct bytes names, struct bytes host)
{
	for (size_t from = 0; from < names.len;) {
		const uint8_t *end = memchr(names.ptr + from, ';', names.len - from);
		char name[64];
		size_t len = end ? (size_t)(end - names.ptr) - from : names.len - from;
		if (!len || len >= sizeof name)
			return false;
		memcpy(name, names.ptr + from, len);
		name[len] = '\0';
		struct bytes value = request_header(block, name, at);
		bool is_host = !strcmp(name, "host");
		if (!value.len && !(is_host && host.len))
			return false;
		buf_addf(out, "%s:", name);
		if (is_host)
			canonical_host(out, host.len ? host : value);
		else
			add_bytes(out, value);
		buf_addch(out, '\n');
		from += len + 1;
	}
	return names.len > 0;
}

/* The request's target as a URL: with a host if only the headers have it, and a query even if it is empty. */
static void written_url(struct buf *out, struct bytes target, struct bytes host)
{
	if (target.ptr[0] == '/') {
		buf_addstr(out, "https://");
		add_bytes(out, host);
	}
	add_bytes(out, target);
	if (!memchr(target.ptr, '?', target.len))
		buf_addch(out, '?');
}

bool claim_request(struct claim *c, struct bytes block, size_t at)
{
	KH_CLEANUP(buf_release) struct buf text = { 0 }, query = { 0 }, headers = { 0 };
	KH_CLEANUP(url_release) struct url u = { .text = { 0 } };
	struct signed_parts s = { .date = request_header(block, "x-amz-date", at), .names = request_field(block, "SignedHeaders=", at) };
	struct request_line line = request_line(block, at);
	struct bytes host = request_header(block, "host", at), hash = request_header(block, "x-amz-content-sha256", at);
	if (!line.target.len || !s.date.len || !read_hex(c, request_field(block, "Signature=", at)) ||
	    !read_credential(c, request_field(block, "Credential=", at)))
		return false;
	written_url(&text, line.target, host);
	if (!url_parse(&u, buf_bytes(&text), false) || !written_headers(&headers, block, at, s.names, host.len ? host : u.host))
		return false;
	canonical_query(&query, &u, NULL, NULL);
	s.query = buf_bytes(&query);
	s.headers = buf_bytes(&headers);
	if (line.method.len && line.method.len < 10) {
		char method[10] = "";
		memcpy(method, line.method.ptr, line.method.len);
		add_paths(c, method, u.path, &s, hash.ptr ? hash : bytes_str(EMPTY_HASH));
	} else {
		add_methods(c, u.path, &s, hash);
	}
	return c->nreadings > 0;
}

bool claim_proven(const struct claim *c, struct bytes secret, uint64_t *tries)
{
	uint8_t key[SIGNATURE_MAX] = { 0 }, made[SIGNATURE_MAX];
	bool proven = false;
	if (c->scope[0])
		sign_v4_key(key, secret, bytes_str(c->scope));
	for (size_t i = 0; i < c->nreadings && !proven; i++) {
		size_t from = i ? c->end[i - 1] : 0;
		struct bytes text = bytes_of(c->text.ptr + from, c->end[i] - from);
		++*tries;
		if (c->scope[0])
			sign_v4_text(made, key, text);
		else
			sign_v2(made, c->signature_len, secret, text);
		proven = !memcmp(made, c->signature, c->signature_len);
	}
	explicit_bzero(key, sizeof key);
	return proven;
}
