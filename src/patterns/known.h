/* known.h: what is known by heart: canary accounts, documentation examples, words people invent keys from. Any thread. */
#ifndef KH_PATTERNS_KNOWN_H
#define KH_PATTERNS_KNOWN_H

#include <stdbool.h>

#include "util/bytes.h"

bool known_canary(const char *account);       /* 12 digits: keys of it raise an alarm when used */
bool known_test_account(const char *account); /* LocalStack's, moto's, those of the documentation */
bool known_localstack_id(const uint8_t *p, size_t len); /* is one of LocalStack's own IDs (LKIA, LSIA) in there? */
bool known_invented_id(const uint8_t *p, size_t len); /* is an AKIA or ASIA in there that cannot exist, and none that can? */
/* An access key ID of another S3: 20 capitals and digits under a name with "access" in it (MinIO, Ceph, Wasabi, Spaces), or Google's
 * "GOOG" with 24 or 61 of them; or a session token of such a store, a JSON web token. */
bool known_foreign_id(const uint8_t *p, size_t len);
bool known_example_token(const uint8_t *p, size_t len); /* begins as a token that AWS's documentation prints */
bool known_example_id(const uint8_t *id);         /* 20 characters that were published on purpose, or changed from such */
bool known_example_secret(const uint8_t *secret); /* the same of 40 */

/* How many characters belong to words that people make up credentials from ("secret", "EXAMPLE", "fake"...), in any
 * case. Words of four letters count only in upper-case IDs' company of others: see shape.c for the thresholds. */
unsigned known_words(const uint8_t *p, size_t len);

bool known_has(const uint8_t *p, size_t len, const char *word); /* exact bytes */
/* `word` in lower case, found in any case. */
bool known_has_caseless(const uint8_t *p, size_t len, const char *word);

#endif
