#include "findings/fill.h"

#include <string.h>

#include "patterns/known.h"
#include "patterns/shape.h"
#include "util/alloc.h"

void fill_credential(struct finding *f, const struct ledger_credential *c)
{
	f->kind = c->kind;
	f->pattern = c->pattern;
	f->advice = c->advice;
	f->severity = c->severity;
	f->confidence = c->confidence;
	f->canary = c->canary;
	f->example = c->example;
	f->by_name = c->by_name;
	memcpy(f->key_id, c->key_id, sizeof f->key_id);
	memcpy(f->account_id, c->account_id, sizeof f->account_id);
	memcpy(f->secret_sha256, c->secret_sha256, sizeof f->secret_sha256);
	memcpy(f->evidence, c->evidence, sizeof f->evidence);
	f->nevidence = c->nevidence;
	if (c->proven_id[0]) {
		f->id_from = ID_PROVEN;
		memcpy(f->key_id, c->proven_id, sizeof f->key_id);
		if (shape_account(f->account_id, (const uint8_t *)f->key_id))
			f->canary = known_canary(f->account_id);
	}
	f->secret = c->secret ? xmemdupz(c->secret, c->secret_len) : NULL;
	f->token = c->token ? xmemdupz(c->token, c->token_len) : NULL;
}
