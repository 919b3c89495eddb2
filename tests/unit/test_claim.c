/* test_claim.c: signatures that AWS's documentation and botocore made are proven by their secret, and by nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "patterns/claim.h"
#include "util/alloc.h"

#define DOC_SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

static bool url_proven(const char *url, const char *names, const char *secret)
{
	KH_CLEANUP(claim_release) struct claim c = { .key_id = "" };
	uint64_t tries = 0;
	return claim_url(&c, bytes_str(url), bytes_str(names)) && claim_proven(&c, bytes_str(secret), &tries);
}

static bool request_proven(const char *block, const char *secret)
{
	KH_CLEANUP(claim_release) struct claim c = { .key_id = "" };
	const char *at = strstr(block, "AWS4-HMAC-SHA256");
	uint64_t tries = 0;
	return at && claim_request(&c, bytes_str(block), (size_t)(at - block)) && claim_proven(&c, bytes_str(secret), &tries);
}

/* Three lines: credential, signature, policy. */
static bool policy_proven(const char *text, const char *secret)
{
	KH_CLEANUP(claim_release) struct claim c = { .key_id = "" };
	const char *signature = strchr(text, '\n') + 1, *policy = strchr(signature, '\n') + 1;
	uint64_t tries = 0;
	return claim_policy(&c, bytes_of(text, (size_t)(signature - 1 - text)), bytes_of(signature, (size_t)(policy - 1 - signature)), bytes_str(policy)) &&
	       claim_proven(&c, bytes_str(secret), &tries);
}

static bool string_proven(const char *log, const char *secret)
{
	KH_CLEANUP(claim_release) struct claim c = { .key_id = "" };
	const char *from = strstr(log, "AWS4-HMAC-SHA256"), *end = strstr(from, "aws4_request") + strlen("aws4_request") + 65;
	const char *signature = strstr(end, "Signature:\n") + strlen("Signature:\n");
	uint64_t tries = 0;
	return claim_string(&c, bytes_of(signature, 64), bytes_of(from, (size_t)(end - from))) && claim_proven(&c, bytes_str(secret), &tries);
}

static bool ses_proven(const char *password, const char *secret)
{
	uint64_t tries = 0;
	return sign_made_ses_password(bytes_str(secret), bytes_str(password), &tries);
}

/* https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html, and its escaped forms as a parser may hand them on. */
static void test_claim__the_documented_presigned_url(void **state)
{
	static const char url[] = "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
				  "20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
				  "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
	KH_CLEANUP(claim_release) struct claim c = { .key_id = "" };
	(void)state;
	assert_true(url_proven(url, "", DOC_SECRET));
	assert_false(url_proven(url, "", "xJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
	assert_true(claim_url(&c, bytes_str(url), bytes_str("")));
	assert_string_equal(c.key_id, "AKIAIOSFODNN7EXAMPLE");
	assert_string_equal(c.scope, "20130524/us-east-1/s3");
}

/* https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
static void test_claim__the_documented_header(void **state)
{
	(void)state;
	assert_true(request_proven("GET /test.txt HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nAuthorization: AWS4-HMAC-SHA256 "
				   "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
				   "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41\nRange: bytes=0-9\n"
				   "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-amz-date: 20130524T000000Z\n", DOC_SECRET));
	assert_false(request_proven("GET /test.txt HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nAuthorization: AWS4-HMAC-SHA256 "
				    "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
				    "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41\n"
				    "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-amz-date: 20130524T000000Z\n", DOC_SECRET));
}

/* https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html: query string authentication. */
static void test_claim__the_documented_first_version(void **state)
{
	(void)state;
	assert_true(url_proven("http://johnsmith.s3.amazonaws.com/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&"
			       "Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620", "", DOC_SECRET));
}

/* "\n" as the file has it, in place. */
static void unescape(char *s)
{
	char *to = s;
	for (; *s; s++) {
		bool newline = s[0] == '\\' && s[1] == 'n';
		*to++ = newline ? '\n' : *s;
		s += newline;
	}
	*to = '\0';
}

static bool proven(const char *what, const char *text, const char *secret)
{
	if (!strcmp(what, "url"))
		return url_proven(text, "", secret);
	if (!strcmp(what, "eks"))
		return url_proven(text, "kube-system\norders-prod\norders", secret);
	if (!strcmp(what, "policy"))
		return policy_proven(text, secret);
	if (!strcmp(what, "log"))
		return string_proven(text, secret);
	if (!strcmp(what, "request"))
		return request_proven(text, secret);
	return ses_proven(text, secret);
}

/* Another character at the end of the path, in the key ID, the date, the signature... */
static size_t places_that_matter(const char *what, const char *text, size_t out[8])
{
	static const char *const marks[] = { "-Amz-Signature=", "/aws4_request", "T12", "Signature=", "Signature:\n", "Expires=" };
	size_t n = 0;
	const char *question = strchr(text, '?');
	if (strcmp(what, "ses") && strcmp(what, "policy") && question && question[-1] != '/')
		out[n++] = (size_t)(question - 1 - text);
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		const char *at = strstr(text, marks[i]);
		if (at && i != 1 && (i != 2 || strcmp(what, "log")))
			out[n++] = (size_t)(at - text) + (i == 2 ? 2 : strlen(marks[i]));
	}
	if (!n)
		out[n++] = strlen(text) / 2;
	return n;
}

static void test_claim__what_botocore_signs(void **state)
{
	char line[8192];
	unsigned rows = 0;
	FILE *f = fopen(KH_SOURCE_DIR "/tests/unit/signed.tsv", "re");
	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		char *save, *name = strtok_r(line, "\t", &save), *what = strtok_r(NULL, "\t", &save), *id = strtok_r(NULL, "\t", &save);
		char *secret = strtok_r(NULL, "\t", &save), *text = strtok_r(NULL, "\n", &save);
		size_t at[8];
		assert_non_null(id);
		assert_non_null(text);
		unescape(text);
		rows++;
		if (!proven(what, text, secret))
			fail_msg("%s: not proven by its secret", name);
		for (size_t n = places_that_matter(what, text, at); n; n--) {
			char was = text[at[n - 1]];
			text[at[n - 1]] = was == '7' ? '8' : '7';
			if (proven(what, text, secret))
				fail_msg("%s: proven with a change at %zu", name, at[n - 1]);
			text[at[n - 1]] = was;
		}
		secret[20] = secret[20] == 'a' ? 'b' : 'a';
		if (proven(what, text, secret))
			fail_msg("%s: proven by another secret", name);
	}
	fclose(f);
	assert_int_equal(rows, 24);
}

/* Nothing of this may be more than a plain no. */
static void test_claim__torn_requests(void **state)
{
	static const char *const urls[] = { "", "?", "/?", "://?", "https://?X-Amz-Signature=", "a/?X-Amz-Signature=aeeed9bb&X-Amz-Credential=/",
		"https://h/?AWSAccessKeyId=A&Signature=====", "https://h/%?%=%&&=&X-Amz-Signature=%", "h:/?AWSAccessKeyId=&Expires=&Signature=p8RyFhbfKbAmN4dcx9sKXHZoxcM%3D" };
	static const char *const blocks[] = { "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=, SignedHeaders=, Signature=", " HTTP/ AWS4-HMAC-SHA256 x-amz-date: ",
		"x-amz-date: 1\nhttps:// -X AWS4-HMAC-SHA256 Credential=A/20130524/r/s/aws4_request Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404" };
	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
		assert_false(url_proven(urls[i], "", DOC_SECRET));
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
		assert_false(request_proven(blocks[i], DOC_SECRET));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claim__the_documented_presigned_url),
		cmocka_unit_test(test_claim__the_documented_header),
		cmocka_unit_test(test_claim__the_documented_first_version),
		cmocka_unit_test(test_claim__what_botocore_signs),
		cmocka_unit_test(test_claim__torn_requests),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
