/* run.h: runs of base64 digits about as long as a secret access key: the other kind of hit.
 *
 *   id="...",key="abcdefgh........................wxyz";
 *                 [-- RUN_MIN to RUN_MAX of A-Za-z0-9+/ --]
 *
 * It is a hit for what it is and for what stands right before and behind it, which are no such digits. 40 digits are a secret, up
 * to five more may be the end of an escape before it (\u003d), and 54 to 56 are base64 of one. */
#ifndef KH_MATCH_RUN_H
#define KH_MATCH_RUN_H

#include "util/bytes.h"

#define RUN_MIN 40u
#define RUN_MAX 56u

/* All runs, in order, each with the first byte and the one behind the last. */
void run_find(struct bytes data, void (*on_run)(void *payload, uint64_t from, uint64_t end), void *payload);

/* How many base64 digits end before `end`; RUN_MAX + 1 stands for all that are more. */
unsigned run_length(struct bytes data, uint64_t end);

#endif
