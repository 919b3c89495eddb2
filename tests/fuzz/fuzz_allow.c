/* Files of allow entries, ours and other tools': the first byte says which. Read, or refused with words; then asked. */
#include <stdlib.h>

#include "packmake.h"
#include "policy/baseline.h"
#include "policy/policy.h"

static struct finding finding_of(void)
{
	static char secret[] = "vVn9UD0PsPI8NYm+WV+oajsTzPE0NTM3s5iGrCp2", path[] = "src/a.env";
	struct finding f = { .kind = "access-key-pair", .key_id = "AKIAY34FZKBOKMUTVV7A", .secret = secret, .path = path, .line = 3 };
	memset(f.commit, 'a', 40);
	sha256_hex(f.secret_sha256, secret, strlen(secret));
	finding_fingerprint(&f);
	return f;
}

static void read_baseline(struct bytes text, const struct finding *f)
{
	struct baseline b;
	struct buf why = { 0 };
	if (baseline_parse(&b, text, &why) == KH_OK)
		baseline_has(&b, f);
	else if (!why.len)
		differ("a baseline refused without words");
	baseline_release(&b);
	buf_release(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const peers[])(struct policy *, const char *, struct bytes) = { policy_add_gitleaks, policy_add_detect_secrets, policy_add_git_secrets };
	struct finding f = finding_of();
	if (!size)
		return 0;
	struct bytes text = bytes_of(data + 1, size - 1);
	struct policy *p = policy_new(1759759439);
	char *err = NULL;
	unsigned which = data[0] % 5;
	if (which == 4)
		read_baseline(text, &f);
	else if (which)
		peers[which - 1](p, "fuzz", text);
	else if (policy_add_own(p, "fuzz", text, &err) != KH_OK && (!err || !*err))
		differ("refused without words");
	const struct entry *e = err ? NULL : policy_allows(p, &f, f.path);
	if (e && e->expired)
		differ("allowed by what has expired");
	policy_free(p);
	free(err);
	return 0;
}
