#!/usr/bin/env bats
# Halves of a credential in several files of one folder, or of one commit.

setup() {
	load helpers
	scene
	credential 7
}

# told: path, kind, severity, key ID and the other half's path of each finding
told() {
	python3 -c '
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    if r["type"] == "finding":
        print(r["path"], r["kind"], r["severity"], r["key_id"] or "-", (r["other_half"] or {}).get("path", "-"))' <<<"$output"
}

id_half() { printf 'AWS_ACCESS_KEY_ID=%s\n' "$KEY_ID"; }
secret_half() { printf 'AWS_SECRET_ACCESS_KEY=%s\n' "$SECRET"; }

@test "files of one folder" {
	mkdir -p d/sub
	printf '%s\n' "$KEY_ID" >d/id.txt # nothing else in it: kept for its own sake
	secret_half >d/secret.env
	hunt --format jsonl d
	[[ $status == 1 ]]
	diff -u - <(told) <<-EOF
		d/id.txt access-key-id low $KEY_ID d/secret.env
		d/secret.env secret-access-key critical $KEY_ID d/id.txt
	EOF
	hunt d
	[[ $output == *"its key ID: d/id.txt:1:1"* ]]
	[[ $output == *"its secret: d/secret.env:1:23"* ]]
	mv d/secret.env d/sub
	hunt --format jsonl d
	diff -u - <(told) <<-EOF
		d/id.txt access-key-id low $KEY_ID -
		d/sub/secret.env secret-access-key high - -
	EOF
}

@test "manifests of one folder, base64 and names that tell two keys apart" {
	mkdir d
	printf 'data:\n  PROD_AWS_ACCESS_KEY_ID: %s\n' "$KEY_ID" >d/config.yaml
	printf 'data:\n  PROD_AWS_SECRET_ACCESS_KEY: %s\n' "$(printf %s "$SECRET" | base64 -w0)" >d/secret.yaml
	prod=$KEY_ID
	credential 8
	printf 'data:\n  DEV_AWS_ACCESS_KEY_ID: %s\n' "$KEY_ID" >d/dev.yaml
	printf 'data:\n  DEV_AWS_SECRET_ACCESS_KEY: %s\n' "$SECRET" >d/more.yaml
	hunt --format jsonl -j 2 d
	diff -u - <(told) <<-EOF
		d/config.yaml access-key-id low $prod d/secret.yaml
		d/dev.yaml access-key-id low $KEY_ID d/more.yaml
		d/more.yaml secret-access-key critical $KEY_ID d/dev.yaml
		d/secret.yaml secret-access-key critical $prod d/config.yaml
	EOF
}

@test "two keys and no names: each half for itself" {
	mkdir d
	id_half >d/a
	secret_half >d/b
	credential 8
	id_half >d/c
	secret_half >d/d
	hunt --format jsonl d
	[[ $(told | grep -c -- ' -$') == 4 ]]
}

@test "a history: keys that were changed belong to their commits" {
	repository r
	id_half >r/id.env
	secret_half | commit r secret.env "keys" # the ID is not in it yet
	git -C r add id.env
	git_next -C r commit -q -m "the ID"
	first=$KEY_ID
	credential 8
	id_half >r/id.env
	git -C r add id.env
	secret_half | commit r secret.env "new keys"
	hunt --history --format jsonl r
	diff -u - <(told | sort) <<-EOF
		$(printf '%s\n' "id.env access-key-id low $first secret.env" "id.env access-key-id low $KEY_ID secret.env" \
			"secret.env secret-access-key critical $first id.env" "secret.env secret-access-key critical $KEY_ID id.env" | sort)
	EOF
	local plain=$output
	for way in --whole-blobs "-j 1" "-j 2"; do
		# shellcheck disable=SC2086 # two words
		hunt --history --format jsonl $way r
		diff <(grep -v '"summary"' <<<"$plain") <(grep -v '"summary"' <<<"$output")
	done
}

@test "a history: the message has the ID, the diff the secret" {
	repository r
	secret_half | commit r conf/secret.env "access key: $KEY_ID"
	hunt --history --format jsonl r
	diff -u - <(told) <<-EOF
		COMMIT_EDITMSG access-key-id low $KEY_ID conf/secret.env
		conf/secret.env secret-access-key critical $KEY_ID COMMIT_EDITMSG
	EOF
	[[ $output == *'"same-commit"'* && $output != *'"same-directory"'* ]]
}

@test "what is allowed of one half does not touch the other" {
	mkdir d
	git init -q d
	id_half >d/a
	secret_half >d/b
	hunt --write-baseline "$HERE/known" d
	hunt --baseline known --format jsonl d
	[[ $status == 0 ]]
	git config -f d/.keyhunt allow.keyId "$KEY_ID"
	git config -f d/.keyhunt allow.reason "switched off"
	hunt --format jsonl d
	diff -u - <(told) <<-EOF
		d/b secret-access-key critical $KEY_ID d/a
	EOF
}

@test "SARIF names the place of the other half" {
	mkdir d
	id_half >d/a
	secret_half >d/b
	hunt --format sarif d
	[[ $(python3 -c '
import json, sys
for r in json.load(sys.stdin)["runs"][0]["results"]:
    print(*[x["physicalLocation"]["artifactLocation"]["uri"] for x in r["locations"] + r["relatedLocations"]])' <<<"$output") == $'d/a d/b\nd/b d/a' ]]
}
