/* claim.h: a signed request, rebuilt: "this signature was made over this text with the secret of KEY_ID". What the request does
 * not tell (its method, whether a path was encoded once or twice) is read in every usual way. Pure; any thread. */
#ifndef KH_PATTERNS_CLAIM_H
#define KH_PATTERNS_CLAIM_H

#include "patterns/sign.h"
#include "util/buf.h"

#define READINGS_MAX 32

struct claim {
	char key_id[32];       /* "" when nothing says whose */
	char scope[128];       /* "20130524/us-east-1/s3"; "" for Signature Version 2 */
	uint8_t signature[SIGNATURE_MAX];
	size_t signature_len;  /* 32, or 20 for HMAC-SHA1 */
	struct buf text;       /* the readings, one after the other; nothing secret */
	size_t end[READINGS_MAX], nreadings;
};

/* All of these begin with an empty claim (`= { 0 }`) and say whether there is enough to rebuild; release it in any case. Text is
 * plain but for percent escapes. */

/* Presigned URLs of both versions, tokens that are such URLs without a scheme. In `names` (lines) may be values of signed headers
 * that the URL does not have: the cluster names that an EKS token may be for. */
bool claim_url(struct claim *c, struct bytes url, struct bytes names);
/* The form fields of a browser's upload: the signature is over the policy as it is. `credential` is "ID/date/region/service/aws4_request",
 * or the ID alone (Version 2, `signature` in base64). */
bool claim_policy(struct claim *c, struct bytes credential, struct bytes signature, struct bytes policy);
/* A string to sign as SDKs log it, from "AWS4-HMAC-SHA256\n" to its last hex digit, and 64 digits. */
bool claim_string(struct claim *c, struct bytes signature, struct bytes text);
/* A request with an Authorization header somewhere in `block`: a log, a curl command, code. `at`: of "AWS4-HMAC-SHA256" in it. */
bool claim_request(struct claim *c, struct bytes block, size_t at);

void claim_release(struct claim *c);

/* Is it the signature that this secret makes? `*tries` grows by the number of signatures made. */
bool claim_proven(const struct claim *c, struct bytes secret, uint64_t *tries);

#endif
