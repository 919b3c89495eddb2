/* ledger.h: what was found where. Each worker writes its own part without a lock; ledger_merge joins them. Credentials
 * are interned by what identifies them (key ID, secret, token; kind), sightings say in which object. */
#ifndef KH_FINDINGS_LEDGER_H
#define KH_FINDINGS_LEDGER_H

#include "findings/finding.h"

/* A credential, once. Index into ledger.credentials is its number. */
struct ledger_credential {
	const char *kind, *pattern;
	const char *advice;              /* as in struct credential; what advises has no identity but its pattern's */
	enum level severity, confidence; /* the highest of all its sightings */
	char key_id[32], account_id[13];
	char proven_id[32];              /* of a lone secret: the key ID that a signature proved it to belong to; or "" */
	char *secret, *token;            /* malloced, NUL-terminated, wiped when freed; NULL where there is none */
	size_t secret_len, token_len;
	char secret_sha256[65];
	bool canary, example;
	bool by_name;                    /* as in struct credential */
	const char *evidence[EVIDENCE_MAX];
	unsigned nevidence;              /* of the most confident sighting, together with `pattern` */
};

/* There may be millions: 32 bytes each. */
struct sighting {
	uint32_t credential;
	uint32_t object;     /* number in the store (lowest of the same name), or NO_OBJECT (ref, config, file) */
	uint32_t line, column;
	uint32_t stem : 24;  /* of a half's name (struct credential) */
	enum source source : 8; /* SOURCE_BLOB, or what the scan knew: commit-message, tag-message, identity, path, archive, ref, config */
	char *name;          /* inner path (archive), entry name (path), ref name or config path; or NULL. The ledger's, interned */
};

/* Open addressing, power of two: upper half of a slot the hash, lower half number + 1; 0 is free. */
struct slots {
	uint64_t *slot;
	size_t size, used;
};

struct ledger {
	struct ledger_credential *credentials;
	size_t ncredentials, credentials_cap;
	struct sighting *sightings;
	size_t nsightings, sightings_cap;
	char **names;        /* interned */
	size_t nnames, names_cap;
	struct slots credential_slots, name_slots;
	uint64_t key[2];     /* of the hash: random, so that no repository can choose collisions */
};

void ledger_init(struct ledger *l);
void ledger_release(struct ledger *l); /* wipes secrets */
void ledger_add(struct ledger *l, const struct credential *c, uint32_t object, enum source source, uint32_t line, uint32_t column, const char *name);
void ledger_merge(struct ledger *into, struct ledger *from); /* empties `from` */
/* Forget the sightings of credentials below `least`; examples stay, and what has the evidence `but` (static; NULL: none). The
 * credentials themselves keep their numbers. */
void ledger_drop(struct ledger *l, enum level least, const char *but);
/* Forget the sightings of credentials that wait for a file's name: no file has such a name. */
void ledger_drop_by_name(struct ledger *l);
/* How many credentials are left with a sighting. After ledger_finish. */
size_t ledger_seen(const struct ledger *l);
/* Sort sightings by credential identity, object, line, column, name; drop duplicates; number credentials in the order of
 * their identity. After this the ledger is the same for any number of threads. */
void ledger_finish(struct ledger *l);

#endif
