/* validators.h: the named checks that pattern files ask for, by subject. docs/patterns.md says what each holds; validators.c
 * has the table. Pure but for what they set in the credential and the sight; any thread. */
#ifndef KH_PATTERNS_VALIDATORS_H
#define KH_PATTERNS_VALIDATORS_H

#include "patterns/pattern.h"
#include "patterns/sight.h"

/* validators_signed.c: requests signed in the query, their time and their signer */
validator validate_sigv4, validate_sigv2, validate_cloudfront, validate_wrapped_request;

/* validators_token.c: what is inside tokens and passwords */
validator validate_service_key, validate_service_password, validate_ses_password, validate_ecr_password;
validator validate_codeartifact, validate_private_key;

/* A signed request inside `text`, a decoded token: sets the credential's key ID and, once expired, its severity. False: none. */
bool signed_request(struct credential *c, struct sight *s, struct bytes text);

#define NO_TIME INT64_MIN
/* `ends`, in seconds since the epoch, or NO_TIME: what has ended is of low severity. */
void validator_expiry(struct credential *c, int64_t ends, int64_t now);

void validator_says(struct credential *c, const char *evidence); /* static text */

/* Base64 digits of either alphabet in `in`, decoded into `out`; bytes written, at most `max`. What is no digit ends it. */
size_t decode_base64(uint8_t *out, size_t max, struct bytes in);

#endif
