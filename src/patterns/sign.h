/* sign.h: AWS's signatures computed from a secret, to hold against one that was found. Pure; any thread; no network. */
#ifndef KH_PATTERNS_SIGN_H
#define KH_PATTERNS_SIGN_H

#include <stdbool.h>

#include "util/bytes.h"

#define SIGNATURE_MAX 32

/* Signature Version 4: HMAC-SHA256 of `text` under a key derived from the secret and the scope
 * ("20130524/us-east-1/s3", without "/aws4_request"). 32 bytes.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
void sign_v4(uint8_t out[SIGNATURE_MAX], struct bytes secret, struct bytes scope, struct bytes text);
/* Its two halves: the key (the caller wipes it), and one text's signature under it. */
void sign_v4_key(uint8_t key[SIGNATURE_MAX], struct bytes secret, struct bytes scope);
void sign_v4_text(uint8_t out[SIGNATURE_MAX], const uint8_t key[SIGNATURE_MAX], struct bytes text);

/* Signature Version 2 and S3's first one: HMAC of `text` under the secret itself. `len` is 20 (SHA-1) or 32 (SHA-256). */
void sign_v2(uint8_t *out, size_t len, struct bytes secret, struct bytes text);

/* Was this SES SMTP password (44 base64 digits) made of the secret? Version 4 is tried with every region that SES has; `*tries`
 * grows by the number of signatures made.
 * https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html */
bool sign_made_ses_password(struct bytes secret, struct bytes password, uint64_t *tries);

void sign_sha256(uint8_t out[32], struct bytes text);

#endif
