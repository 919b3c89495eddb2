#!/usr/bin/env bats
# What speaks for and against a finding: -v names it, and what has expired depends on a clock that can be pinned.

setup() {
	load helpers
	scene
	unset SOURCE_DATE_EPOCH
}

@test "names that agree, and names that differ" {
	credential 1
	printf 'PROD_KEY_ID=%s\nPROD_SECRET=%s\n' "$KEY_ID" "$SECRET" >same
	printf 'PROD_KEY_ID=%s\nDEV_SECRET=%s\n' "$KEY_ID" "$SECRET" >other
	hunt -v same
	[[ $output == *"confidence high"*"evidence: "*"same-stem"* ]]
	hunt -v other
	[[ $output == *"confidence medium"*"evidence: "*"other-stem"* ]]
}

@test "expired credentials are of severity low, by a clock that can be pinned" {
	credential 2 ASIA
	printf '{"AccessKeyId": "%s", "SecretAccessKey": "%s", "Expiration": "2026-01-02T03:04:05Z"}\n' "$KEY_ID" "$SECRET" >session.json
	SOURCE_DATE_EPOCH=1767323044 hunt -v session.json
	[[ $status == 1 && $output == "high  access-key-pair"*"expires-later"* ]]
	SOURCE_DATE_EPOCH=1767323045 hunt -v session.json
	[[ $status == 1 && $output == "low  access-key-pair"*"evidence: "*" expired"* ]]
}

@test "a canary is told not to be used" {
	KEY_ID=$(PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$BATS_TEST_DIRNAME/../places python3 -c '
import fill, random
print(fill.key_id(random.Random(3), "AKIA", fill.CANARY_ACCOUNTS[0]))')
	credential_secret=$(credential 3 && printf %s "$SECRET")
	printf '%s:%s\n' "$KEY_ID" "$credential_secret" >passwd-s3fs
	hunt -v passwd-s3fs
	[[ $status == 1 && $output == *canary* && $output == *canary-account* && $output == *"Do not try"* ]]
}
