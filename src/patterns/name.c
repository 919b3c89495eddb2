/* name.c: from the value backwards: punctuation, words that say nothing, then the word that names it.
 *
 *   aws_secret_access_key = os.environ.get("AWS_SECRET_ACCESS_KEY", "....")
 *                                          `------ident-------'`gap'
 *
 * Between the name and its value (the gap) only words may stand that are no names themselves. */
#include "patterns/name.h"

#include <stdio.h>

#include "patterns/context.h"
#include "patterns/known.h"
#include "patterns/place.h"
#include "patterns/section.h"
#include "patterns/shape.h"
#include "patterns/stem.h"
#include "patterns/table.h"

/* Words that may stand between a name and its value. */
static const char *const fillers[] = { "access", "key", "keys", "value", "val", "default", "string", "str", "type", "none", "null", "is", "was", "or",
	"and", "get", "getenv", "env", "environ", "os", "name", "text", "of", "the", "for", "new", "aws", "s3", "amazon", "const", "final", "static", "json",
	"stringify", "to_string", "sensitive", "true", "false", "optional", "b64", "base64", "decode", "encode", "b64decode", "b64encode", "atob", "btoa",
	"secretstr", "some", "just", "data", "literal", "u", "b", "r", "f", "s", "d", "n", "t", "v", "x", "q", "l", "td", "tr", "th", "p", "br", "code",
	"span", "li", "strong", "dt", "dd", "em", "tt", "kbd", "samp", "pre", "div", "bytes", "byte", "from", "into", "c_str", "std", "let", "var", "fallback", "field", "label", "parametervalue",
	"join", "concat", "paste", "paste0", "ssm", "secure", "securestring", "convertto", "asplaintext", "prod", "production", "dev", "user", "fetch", "equ", "w", "id", "set", "ref", NULL };

/* Names whose value is said elsewhere: <name>..</name><value>..</value>, variable "x" { default = .. } */
static const char *const markers[] = { "value", "default", "defaultvalue", "val", "string", "parametervalue", "currentvalue", "text", "content", NULL };

static const char *const aws_words[] = { "aws", "amazon", "amzn", "s3", "sqs", "bucket", "ec2", "dynamo", "cloudfront", "kinesis", "route53", "boto", NULL };
static const char *const foreign_words[] = { "client", "consumer", "oauth", "jwt", "webhook", "signing", "app_secret", "appsecret", "appkey", "app_key", "django", "flask",
	"session_secret", "cookie", "csrf", "stripe", "github", "gitlab", "google", "gcp", "gcs", "azure", "okta", "slack", "twitter", "facebook", "auth0",
	"hmac", "hash", "digest", "paypal", "twilio", "alipay", "tencent", "aliyun", "oss", "qiniu", "key_base", "api_secret", "apisecret", "captcha", NULL };
/* Stores that speak S3 and have keys of their own: a secret under their name is none of AWS's, unless an AWS key ID is beside it. */
static const char *const other_stores[] = { "gcs", "google", "gcp", "r2", "cloudflare", "b2", "backblaze", "wasabi", "spaces", "digitalocean", "linode", "scw",
	"scaleway", "yandex", "ovh", "hetzner", "vultr", "minio", "ceph", "rgw", "storj", "aliyun", "alibaba", "oss", "tencent", "cos", "qiniu", NULL };
static const char *const aws_itself[] = { "aws", "amazon", NULL };
static const char *const suffix_words[] = { "sha", "md5", "hash", "checksum", "digest", "fingerprint", "version", "arn", "file", "path", "_name", "name_",
	"encrypt", "cipher", "manager", "_count", "length", "salt", "hint", "url", "uri", "commit", "etag", "revision", "signature", NULL };
static const char *const other_names[] = { "sha", "sha1", "hash", "commit", "rev", "revision", "digest", "checksum", "md5", "etag", "signature", "integrity",
	"nonce", "cursor", "csrf", "fingerprint", "path", "url", "file", "arn", "state", "version", "session", "cookie", "sig", "marker", "nextmarker",
	"requestid", "host_id", "hostid", "request_id", NULL };

/* The gap holds nothing that is a name, not too many lines and no end of a block. */
static bool gap_is_silent(const char *gap, size_t len)
{
	unsigned lines = 0, words = 0;
	for (size_t i = 0; i < len;) {
		if (!word_char(gap[i])) {
			lines += gap[i] == '\n';
			if (lines > 3 || (gap[i] == '\n' && i + 1 < len && gap[i + 1] == '\n'))
				return false;
			i++;
			continue;
		}
		size_t j = i;
		while (j < len && word_char(gap[j]))
			j++;
		if (++words > 14 || !listed(fillers, gap + i, j - i))
			return false;
		i = j;
	}
	return true;
}

/* Where the last word for a secret begins and ends; false: there is none. */
static bool last_secret(const char *text, size_t len, size_t *begin, size_t *end)
{
	static const char *const words[] = { "secret", "sec_key", "seckey", "sec-key", NULL };
	for (size_t i = len; i-- > 0;) {
		for (unsigned w = 0; words[w]; w++) {
			size_t n = strlen(words[w]);
			if (text[i] == 's' && i + n <= len && !memcmp(text + i, words[w], n)) {
				*begin = i;
				*end = i + n;
				return true;
			}
		}
	}
	return false;
}

static bool all_upper(const char *raw, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (raw[i] >= 'a' && raw[i] <= 'z')
			return false;
	return true;
}

/* "secret", perhaps a separator, "access", perhaps one, "key". */
static bool says_secret_access_key(const char *s, size_t len)
{
	size_t i = 6;
	if (i < len && !word_char(s[i]) ? s[i] != '\n' : i < len && s[i] == '_')
		i++;
	if (i + 6 > len || memcmp(s + i, "access", 6))
		return false;
	i += 6;
	if (i < len && (s[i] == '_' || s[i] == '-' || s[i] == '.' || s[i] == ' '))
		i++;
	return i + 3 <= len && !memcmp(s + i, "key", 3);
}

/* Is one of these words a word of its own in the name [l, r): between separators, or by its capitals? */
static bool has_word(const struct context *c, size_t l, size_t r, const char *const *list)
{
	for (; *list; list++) {
		size_t n = strlen(*list);
		for (size_t i = l; i + n <= r; i++) {
			bool upper = c->raw[i] != c->text[i], next_upper = i + n < r && c->raw[i + n] != c->text[i + n];
			bool last_lower = c->raw[i + n - 1] == c->text[i + n - 1];
			if (memcmp(c->text + i, *list, n))
				continue;
			bool begins = i == l || !word_char(c->text[i - 1]) || c->text[i - 1] == '_' || (upper && c->raw[i - 1] == c->text[i - 1]);
			if (begins && (i + n == r || !word_char(c->text[i + n]) || c->text[i + n] == '_' || (last_lower && next_upper)))
				return true;
		}
	}
	return false;
}

/* A key ID, another secret, a digest: it stands before the value and does not name it. */
static bool is_value(const char *word, size_t len)
{
	static const char *const names[] = { "key", "secret", "access", "aws", "_", NULL };
	unsigned digits = 0;
	for (size_t i = 0; i < len; i++)
		digits += word[i] >= '0' && word[i] <= '9';
	if (len == KEY_ID_LEN && (!memcmp(word, "akia", 4) || !memcmp(word, "asia", 4)))
		return true;
	return len >= 16 && digits > 1 && !mentions(word, len, names);
}

/* Does the text [from, to) speak of AWS, other than by two letters and a digit inside another value? */
static bool speaks_of_aws(const struct context *c, size_t from, size_t to)
{
	for (size_t l = from, r; l < to; l = r + 1) {
		for (r = l; r < to && word_char(c->text[r]); r++)
			;
		if (mentions(c->text + l, r - l, aws_words) && !is_value(c->text + l, r - l))
			return true;
	}
	return false;
}

/* Is the word before the name at `l` another product's: "the webhook secret"? */
static bool foreign_before(const struct context *c, size_t line, size_t l)
{
	size_t end = l;
	while (end > line && c->text[end - 1] == ' ')
		end--;
	for (l = end; l > line && ident_char(c->text[l - 1]);)
		l--;
	return has_word(c, l, end, foreign_words) && !mentions(c->text + l, end - l, aws_words);
}

static enum name_grade grade_ident(const struct context *c, size_t begin, size_t end)
{
	const char *t = c->text;
	size_t l = begin, r = end, line;
	while (l > 0 && ident_char(t[l - 1]))
		l--;
	while (r < c->len && ident_char(t[r]))
		r++;
	if (mentions(t + end, r - end, suffix_words))
		return NAME_OTHER;
	if (has_word(c, l, r, other_stores) && !has_word(c, l, r, aws_itself))
		return NAME_SECRET;
	if (says_secret_access_key(t + begin, c->len - begin))
		return NAME_AWS_SECRET;
	for (line = l; line > 0 && !strchr("\n=,;", t[line - 1]) && l - line < 24;)
		line--;
	struct context own = *c;
	section_mask(own.text, l);
	bool foreign = foreign_before(c, line, l);
	if (mentions(t + l, r - l, aws_words) || (speaks_of_aws(&own, line, l) && !foreign))
		return NAME_AWS_SECRET;
	if (mentions(t + l, r - l, foreign_words))
		return NAME_FOREIGN;
	/* A bare "secret key" is AWS's when its section says so; shouted, it is a variable of any product. */
	size_t near = l > 180 ? l - 180 : 0;
	if ((r - l <= 12 || memmem(t + l, r - l, "credential", 10)) && !all_upper(c->raw, l, r) && !foreign && (c->aws_behind || speaks_of_aws(&own, near, l)))
		return NAME_SECTION_SECRET;
	return NAME_SECRET;
}

/* The last word before the value that is no filler: [*l, *r). */
static bool last_name(const struct context *c, size_t *l, size_t *r)
{
	const char *t = c->text;
	size_t i = c->len;
	for (unsigned words = 0; words < 8; words++) {
		while (i > 0 && !word_char(t[i - 1]) && !(t[i - 1] == '\n' && c->len - i > 40))
			i--;
		size_t end = i;
		while (i > 0 && word_char(t[i - 1]))
			i--;
		if (end == i || is_value(t + i, end - i))
			return false;
		if (!listed(fillers, t + i, end - i) || listed(markers, t + i, end - i) || (end - i == 3 && !memcmp(t + i, "key", 3))) {
			*l = i;
			*r = end;
			return true;
		}
	}
	return false;
}

/* Does an address begin here that nothing names: where a request goes to? */
static bool address(const struct context *c, size_t at)
{
	if (strncmp(c->text + at, "http://", 7) && strncmp(c->text + at, "https://", 8))
		return false;
	while (at > 0 && strchr(" \"'", c->text[at - 1]))
		at--;
	return !at || !strchr(":=>,(", c->text[at - 1]);
}

/* Does what stands behind the value speak of AWS, on its line or further on in a list with commas, before that ends? */
static bool aws_behind(const struct view *v, size_t to)
{
	struct context c;
	size_t n = 0;
	context_read(&c, v, to, v->len - to > 120 ? to + 120 : v->len);
	while (n < c.len && !strchr("{}]", c.text[n]) && strncmp(c.text + n, "></", 3) && (c.text[n] != '\n' || (n && c.text[n - 1] == ',')) && !address(&c, n))
		n++;
	if (c.text[n] == '{')
		while (n > 0 && c.text[n] != ',')
			n--; /* what a group is called says nothing of what stands before it */
	return speaks_of_aws(&c, 0, n);
}

/* The value's own name says nothing ("value", "default"): the block around it may. */
static enum name_grade grade_apart(const struct context *c, size_t own)
{
	size_t from = 0, begin, end;
	for (size_t i = own; i > 0; i--) { /* not beyond another such value, nor beyond the end of a block */
		if ((c->text[i - 1] == '\n' && i < own && c->text[i] == '\n') || (c->text[i - 1] == '}' && i + 2 < own)) {
			from = i;
			break;
		}
		if (i + 5 < own && !memcmp(c->text + i - 1, "value", 5) && own - i > 60) {
			from = i + 4;
			break;
		}
	}
	struct context part = { .len = own - from, .aws_behind = c->aws_behind };
	memcpy(part.text, c->text + from, part.len);
	memcpy(part.raw, c->raw + from, part.len);
	return last_secret(part.text, part.len, &begin, &end) ? grade_ident(&part, begin, end) : NAME_NONE;
}

/* { "value": "...", "key": "secretKey" } */
static enum name_grade grade_behind(const struct view *v, size_t to)
{
	struct context c;
	size_t end = v->len - to > 160 ? to + 160 : v->len, begin, stop, n = 0;
	context_read(&c, v, to, end);
	while (n < c.len && c.text[n] != '}' && c.text[n] != ';' && c.text[n] != '{')
		n++;
	c.len = n;
	static const char *const ties[] = { "\"key\"", "\"name\"", "name=", "key=", "parameterkey", "name:", "key:", NULL };
	if (!mentions(c.text, n, ties) || !last_secret(c.text, n, &begin, &stop))
		return NAME_NONE;
	return grade_ident(&c, begin, stop);
}

/* The second argument of a call that makes credentials of AWS's: new BasicAWSCredentials(id, "...") */
static bool is_argument(const struct context *c)
{
	static const char *const calls[] = { "awscredentials", "awsbasiccredentials", "awssessioncredentials", "staticcredentials", "aws::credentials",
		"aws.credentials", "credentials::new", "connect_s3", "s3connection", "amazons3client", NULL };
	size_t i = c->len, depth = 0, commas = 0;
	while (i > 0 && (depth || c->text[i - 1] != '(')) {
		char ch = c->text[--i];
		depth += ch == ')';
		depth -= ch == '(';
		commas += ch == ',' && !depth;
		if (ch == ';' || ch == '{')
			return false;
	}
	size_t from = i > 40 ? i - 40 : 0;
	return i && commas == 1 && strchr("\"'`", c->text[c->len - 1]) && mentions(c->text + from, i - from, calls);
}

/* What the head of its column calls the value at `from`: in `c`, false when it stands in no table. */
static bool column_name(struct context *c, const struct view *v, size_t from)
{
	size_t l, r;
	if (!table_head(v, from, &l, &r))
		return false;
	context_read(c, v, l, r);
	return c->len > 0;
}

static enum name_grade grade_column(const struct context *c)
{
	size_t begin, end;
	if (last_secret(c->text, c->len, &begin, &end))
		return grade_ident(c, begin, end);
	for (size_t i = 0, j; i < c->len; i = j + 1) {
		for (j = i; j < c->len && word_char(c->text[j]); j++)
			;
		if (listed(other_names, c->text + i, j - i))
			return NAME_OTHER;
	}
	return NAME_NONE;
}

/* Behind `word` and what separates it from the next; `i` when it does not stand there. */
static size_t skip_word(const char *s, size_t i, size_t len, const char *word)
{
	size_t n = strlen(word);
	if (n > len - i || memcmp(s + i, word, n))
		return i;
	i += n;
	return i < len && strchr("_-. ", s[i]) ? i + 1 : i;
}

/* "aws_access_key", "AWS Access Key ID", "awsKey": no word for a secret, but nothing else that is called so is as long as one. */
static bool says_aws_key(const struct context *c, size_t l, size_t r)
{
	size_t from = l > 24 ? l - 24 : 0;
	while (r < c->len && ident_char(c->text[r]))
		r++;
	while (l > from && (ident_char(c->text[l - 1]) || c->text[l - 1] == ' '))
		l--;
	for (size_t i = l; i < r; i++) {
		size_t aws = skip_word(c->text, i, r, "aws"), access = skip_word(c->text, aws, r, "access"), key = skip_word(c->text, access, r, "key");
		bool begins = i == l || !shape_is_alnum((uint8_t)c->text[i - 1]) || c->raw[i] != c->text[i];
		if (begins && aws > i && key > access && skip_word(c->text, key, r, "id") == r)
			return true;
	}
	return false;
}

/* The word that ends at `r` is the last of a line before, and no sign says that a value follows: it names nothing here. */
static bool ends_line(const struct context *c, size_t r)
{
	bool line = false;
	for (size_t i = r; i < c->len; i++) {
		if (strchr(":=>", c->text[i]))
			return false;
		line |= c->text[i] == '\n';
	}
	return line;
}

enum name_grade name_of_secret(const struct view *v, size_t from, size_t to)
{
	struct context c;
	size_t begin, end, l, r;
	if (column_name(&c, v, from)) {
		enum name_grade grade = grade_column(&c);
		if (grade != NAME_NONE)
			return grade;
	}
	context_read(&c, v, from > CONTEXT ? from - CONTEXT : 0, from);
	c.aws_behind = aws_behind(v, to);
	if (last_secret(c.text, c.len, &begin, &end)) {
		size_t gap = end;
		while (gap < c.len && ident_char(c.text[gap]))
			gap++;
		if (gap_is_silent(c.text + gap, c.len - gap))
			return grade_ident(&c, begin, end);
	}
	if (is_argument(&c))
		return NAME_AWS_SECRET;
	if (!last_name(&c, &l, &r))
		return NAME_NONE;
	if (listed(markers, c.text + l, r - l)) {
		enum name_grade apart = grade_apart(&c, l);
		return apart != NAME_NONE ? apart : grade_behind(v, to);
	}
	if (ends_line(&c, r))
		return NAME_NONE;
	if (says_aws_key(&c, l, r))
		return NAME_AWS_SECRET;
	if (listed(other_names, c.text + l, r - l) || mentions(c.text + l, r - l, suffix_words))
		return NAME_OTHER;
	static const char *const keyish[] = { "key", "credential", "passw", "pwd", "token", NULL };
	return mentions(c.text + l, r - l, keyish) ? NAME_KEY : NAME_NONE;
}

/* "Authorization: AWS ID:signature", the signature a SHA-1 in base64. */
static bool signature_behind(const struct context *behind)
{
	size_t n = 1;
	while (n < behind->len && n < 29 && shape_is_base64((uint8_t)behind->raw[n]))
		n++;
	return behind->len > 28 && behind->raw[0] == ':' && n == 28 && behind->raw[28] == '=';
}

/* "ID:secret", whatever the secret is worth. */
static bool followed_by_secret(const struct view *v, size_t to)
{
	size_t n = to + 1;
	while (n < v->len && n <= to + 1 + SECRET_LEN && shape_is_base64(v->ptr[n]))
		n++;
	return to < v->len && v->ptr[to] == ':' && n == to + 1 + SECRET_LEN;
}

/* A request that was signed, a record of one, a command about a key: the ID is mentioned, not kept. */
static bool is_record(const struct view *v, const struct context *c, size_t from, size_t to)
{
	static const char *const marks[] = { "eventsource", "eventtime", "useridentity", "principalid", "eventname", "signedheaders", "aws4-hmac", NULL };
	static const char *const commands[] = { "aws iam ", "aws sts ", "aws cloudtrail ", "info ", "debug ", "warn ", "error ", " denied", NULL };
	struct context behind;
	struct unit next = to < v->len ? unit_at(v->ptr + to, v->len - to) : (struct unit){ ' ', 1, false };
	size_t line = c->len;
	context_read(&behind, v, to, v->len - to > CONTEXT ? to + CONTEXT : v->len);
	while (line > 0 && c->text[line - 1] != '\n')
		line--;
	if (next.c == '/' || mentions(c->text + line, c->len - line, commands) || mentions(c->text, c->len, marks) || mentions(behind.text, behind.len, marks))
		return true;
	if (signature_behind(&behind))
		return true;
	if (!memcmp(behind.text, "&expires=", 9) || !memcmp(behind.text, "&signature=", 11))
		return true;
	/* a signed query, perhaps wrapped: the ID is one of its parameters and the signature is another */
	static const char query[] = "awsaccesskeyid=";
	static const char *const signature[] = { "signature=", NULL };
	if (c->len >= sizeof query - 1 && !memcmp(c->text + c->len - (sizeof query - 1), query, sizeof query - 1) &&
	    (mentions(behind.text, behind.len, signature) || mentions(c->text, c->len, signature)))
		return true;
	(void)from;
	return false;
}

static const char *const id_names[] = { "access", "keyid", "key_id", "aws", "amazon", "s3", "credential", "accountkey", NULL };
/* Names of what is given such a value, with no word of whose it is. */
static const char *const id_holders[] = { "key", "secret", "token", "user", "login", "auth", "cred", "identity", "passw", NULL };

/* Does the word [l, r) before the value, or what it is part of, say that a key ID follows? `line`: where the statement begins. */
static bool names_id(const struct context *c, size_t line, size_t l, size_t r)
{
	while (l > 0 && ident_char(c->text[l - 1]))
		l--;
	if (mentions(c->text + l, r - l, id_names))
		return true;
	bool assigned = memmem(c->text + r, c->len - r, " is ", 4) != NULL;
	for (size_t i = r; i < c->len; i++)
		assigned |= strchr("=:>(|\"'", c->text[i]) != NULL;
	if (!assigned)
		return false;
	bool given = false;
	for (size_t i = r; i < c->len; i++)
		given |= strchr("=:>", c->text[i]) != NULL;
	if ((given && mentions(c->text + l, r - l, id_holders)) || mentions(c->text + l, c->len - l, id_names))
		return true;
	/* the words before "key" say it: "my Amazon key is " */
	size_t words = l > line + 24 ? l - 24 : line;
	return r - l == 3 && !memcmp(c->text + l, "key", 3) && mentions(c->text + words, c->len - words, id_names);
}

/* "aws=", "s3: ": the word right before the sign is no name of a key, but of whose. */
static bool names_its_cloud(const struct context *c)
{
	size_t r = c->len, l;
	while (r > 0 && strchr(" \"'", c->text[r - 1]))
		r--;
	if (!r || (c->text[r - 1] != '=' && c->text[r - 1] != ':'))
		return false;
	for (r--; r > 0 && strchr(" \"'", c->text[r - 1]);)
		r--;
	for (l = r; l > 0 && ident_char(c->text[l - 1]);)
		l--;
	static const char *const clouds[] = { "aws", "amazon", "s3", NULL };
	return listed(clouds, c->text + l, r - l);
}

enum id_place name_of_id(const struct view *v, size_t from, size_t to)
{
	struct context c;
	size_t l, r;
	if (column_name(&c, v, from) && mentions(c.text, c.len, id_names))
		return ID_IN_PLACE;
	context_read(&c, v, from > CONTEXT ? from - CONTEXT : 0, from);
	if (is_record(v, &c, from, to))
		return ID_MENTIONED;
	/* The statement: this line, or the one before when nothing names it here. */
	size_t line = c.len;
	for (unsigned lines = 0; line > 0 && c.len - line < 120; line--)
		if (c.text[line - 1] == '\n' && ++lines == 2)
			break;
	while (line < c.len && c.text[line] == '\n')
		line++;
	char before = c.len ? c.text[c.len - 1] : ' ';
	bool assigned = strchr("=\"':`>(@[|,", before) || before == ' ' || before == '\t';
	if (followed_by_secret(v, to) || place_keeps(v, from, to) || names_its_cloud(&c))
		return ID_IN_PLACE;
	if (!assigned || !last_name(&c, &l, &r))
		return ID_MENTIONED;
	if (listed(markers, c.text + l, r - l))
		return mentions(c.text + line, c.len - line, id_names) ? ID_IN_PLACE : ID_MENTIONED;
	return names_id(&c, line, l, r) ? ID_IN_PLACE : ID_MENTIONED;
}

#define ELSEWHERE 240

/* Is the first value behind an ID the password of SES that was made from its secret: 33 bytes, the first a version? */
static bool smtp_password(const struct context *behind)
{
	const char *s = behind->raw;
	size_t run = 0, i = 0;
	for (; i < behind->len && !(run >= SECRET_LEN && !shape_is_base64((uint8_t)s[i])); i++)
		run = shape_is_base64((uint8_t)s[i]) ? run + 1 : 0;
	uint8_t version[3];
	if (run != 44)
		return false;
	shape_base64_decode(version, (const uint8_t *)s + i - run, 4);
	return version[0] == 4 || version[0] == 2;
}

bool name_secret_elsewhere(const struct view *v, size_t to)
{
	static const char *const references[] = { "process.env", "environ", "getenv", "env[", "env.", "env(", "env!", "{{", "<%=", "secrets.", "var.", "data.",
		"vault", "enc[", "op://", "secretsmanager", "ssm:", NULL };
	struct context c;
	context_read(&c, v, to, v->len - to > ELSEWHERE ? to + ELSEWHERE : v->len);
	if (smtp_password(&c))
		return true;
	const char *name = memmem(c.text, c.len, "secret", 6), *end = c.text + c.len;
	while (name && name < end && ident_char(*name))
		name++;
	if (!name)
		return false;
	const char *p = name, *stop = NULL;
	for (unsigned run = 0, depth = 0; p < end && *p != '\n' && (depth || (*p != '}' && *p != ')')) && !(stop && (*p == ':' || *p == '=')); p++) {
		stop = !stop && !depth && (*p == ',' || *p == ';') ? p : stop;
		depth += *p == '{' || *p == '(' ? 1 : *p == '}' || *p == ')' ? -1u : 0;
		run = shape_is_base64((uint8_t)*p) ? run + 1 : 0;
		if (run == SECRET_LEN)
			return false;
	}
	size_t len = (size_t)((stop ? stop : p) - name);
	return mentions(name, len, references) || memmem(name, len, ": ${", 4) || memmem(name, len, ": \"${", 5);
}

uint32_t name_stem(const struct view *v, size_t from)
{
	struct context c;
	size_t l, r;
	bool marked = false;
	if (column_name(&c, v, from))
		return stem_of(c.text, c.len);
	for (context_read(&c, v, from > CONTEXT ? from - CONTEXT : 0, from); last_name(&c, &l, &r); c.len = l, marked = true) {
		if (listed(markers, c.text + l, r - l))
			continue;
		if (!marked && memchr(c.text + r, '\n', c.len - r))
			return 0; /* the name of something else */
		while (l > 0 && ident_char(c.text[l - 1]))
			l--;
		while (r < c.len && ident_char(c.text[r]))
			r++;
		return stem_of(c.text + l, r - l);
	}
	return 0;
}
