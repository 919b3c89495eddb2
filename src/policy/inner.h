/* inner.h: how a policy is kept; for the files of this room that fill it. */
#ifndef KH_POLICY_INNER_H
#define KH_POLICY_INNER_H

#include "policy/expressions.h"
#include "policy/policy.h"

enum field { FIELD_FINGERPRINT, FIELD_PATH, FIELD_KEY_ID, FIELD_SECRET, FIELD_KIND, FIELD_COMMIT, FIELDS };

/* All fields that have a condition must have one that holds. */
struct condition {
	enum field field;
	char *text;
};

struct rule {
	uint32_t entry;
	struct condition *list;
	size_t len, cap;
};

/* A place that another tool names. */
struct pin {
	uint32_t entry;
	char *path;
	uint32_t line;          /* 0: any */
	char commit[OID_HEX_MAX + 1]; /* "": none, and then the witness is asked */
	bool by_value;
	char sha1[41];          /* by_value */
	char *text;             /* the entry as it stands in its file, for the witness */
};

struct policy {
	int64_t now;
	struct entry *entries;
	size_t nentries, entries_cap;
	struct rule *rules;
	size_t nrules, rules_cap, nconditions;
	struct pin *pins;       /* sorted by path before the first use */
	size_t npins, pins_cap;
	bool sorted;
	struct expressions expressions;
	uint64_t glob_work;
	char **notes;
	size_t nnotes, notes_cap;
	policy_witness *witness;
	void *witness_payload;
};

/* The number of a new entry; false when there are too many (noted once). */
bool policy_entry(struct policy *p, const char *file, unsigned line, uint32_t *out);
void policy_note(struct policy *p, const char *file, unsigned line, const char *why);

#endif
