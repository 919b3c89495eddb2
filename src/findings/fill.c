#include "findings/fill.h"

#include <string.h>

#include "util/alloc.h"

void fill_credential(struct finding *f, const struct ledger_credential *c)
{
	f->kind = c->kind;
	f->pattern = c->pattern;
	f->severity = c->severity;
	f->confidence = c->confidence;
	f->canary = c->canary;
	f->example = c->example;
	memcpy(f->key_id, c->key_id, sizeof f->key_id);
	memcpy(f->account_id, c->account_id, sizeof f->account_id);
	memcpy(f->secret_sha256, c->secret_sha256, sizeof f->secret_sha256);
	memcpy(f->evidence, c->evidence, sizeof f->evidence);
	f->nevidence = c->nevidence;
	f->secret = c->secret ? xmemdupz(c->secret, c->secret_len) : NULL;
	f->token = c->token ? xmemdupz(c->token, c->token_len) : NULL;
}
