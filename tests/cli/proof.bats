#!/usr/bin/env bats
# A signature somewhere proves a secret elsewhere, without any network.

setup() {
	load helpers
	scene
	ROWS=$BATS_TEST_DIRNAME/../unit/signed.tsv
}

# row NAME: KEY_ID, SECRET and TEXT of that line of signed.tsv
row() {
	IFS=$'\t' read -r _ _ KEY_ID SECRET TEXT < <(grep "^$1"$'\t' "$ROWS")
	TEXT=${TEXT//\\n/$'\n'}
}

# evidence PATH: "confidence key_id evidence..." of the secret found there
evidence() {
	python3 -c '
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    if r["type"] == "finding" and r["path"] == sys.argv[1] and r["secret_sha256"]:
        print(r["confidence"], r["key_id"], *r["evidence"])' "$1" <<<"$output"
}

@test "a URL in one commit, the pair in another" {
	row s3-token
	repository r
	commit r notes.md "link" <<<"see [it]($TEXT)."
	commit r app.env "pair" < <(pair)
	git_next -C r rm -q notes.md
	git_next -C r commit -q -m "no link"
	local threads
	for threads in 1 3; do
		hunt --history --format jsonl -j "$threads" r
		[[ $status == 1 ]]
		[[ $(evidence app.env) == "high $KEY_ID "*signature-verified* ]]
	done
	hunt --history --format jsonl --whole-blobs r
	[[ $(evidence app.env) == "high $KEY_ID "*signature-verified* ]]
}

@test "a lone secret learns whose it is, and keeps its fingerprint" {
	row s3-virtual
	mkdir d
	printf 'AWS_SECRET_ACCESS_KEY=%s\n' "$SECRET" >d/ci.env
	hunt --format jsonl d
	[[ $(evidence d/ci.env) == "medium None "* ]]
	local before
	before=$(grep -o '"fingerprint":[^,]*' <<<"$output")
	printf '<a href="%s">x</a>\n' "${TEXT//&/&amp;}" >d/page.html
	hunt --format jsonl --min-confidence high d
	[[ $(evidence d/ci.env) == "high $KEY_ID "*signature-verified* ]]
	[[ $output == *"$before"* ]]
}

@test "one character changed proves nothing" {
	row s3-virtual
	mkdir d
	pair >d/app.env
	echo "${TEXT/report/reporf}" >d/url.txt
	hunt --format jsonl d
	[[ $(evidence d/app.env) == "high $KEY_ID "* ]]
	[[ $output != *signature-verified* ]]
	echo "$TEXT" >>d/url.txt
	hunt --format jsonl d
	[[ $output == *signature-verified* ]]
}

@test "every form that AWS's own tools write" {
	local name
	for name in $(cut -f1 "$ROWS" | grep -v '^ses-' | grep -v '^post-'); do
		row "$name"
		rm -rf d && mkdir d
		printf 'AWS_SECRET_ACCESS_KEY=%s\n' "$SECRET" >d/ci.env
		case $name in
		eks) printf 'aws eks get-token --cluster-name orders-prod\ntoken: k8s-aws-v1.%s\n' "$(printf %s "$TEXT" | base64 -w0 | tr '+/' '-_' | tr -d =)" >d/text ;;
		rds) printf 'DSN=postgres://report_rw:%s@db:5432/x\n' "$(python3 -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1], safe=""))' "$TEXT")" >d/text ;;
		s3-path) python3 -c 'import sys; print(repr(sys.argv[1]).replace("&", "\\u0026"))' "$TEXT" >d/text ;;
		botocore-debug) python3 -c 'import json, sys; print(json.dumps({"log": sys.argv[1]}))' "$TEXT" >d/text ;;
		*) printf '%s\n' "$TEXT" >d/text ;;
		esac
		hunt --format jsonl d
		echo "$name: $(evidence d/ci.env)"
		[[ $(evidence d/ci.env) == "high "*signature-verified* ]]
	done
}

@test "an upload form, in JSON and in HTML" {
	local credential signature policy
	row post-v4
	{ read -r credential; read -r signature; read -r policy; } <<<"$TEXT"
	mkdir d
	printf 'AWS_SECRET_ACCESS_KEY=%s\n' "$SECRET" >d/ci.env
	printf '{"fields": {"x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-credential": "%s", "policy": "%s", "x-amz-signature": "%s"}}\n' "$credential" "$policy" "$signature" >d/text
	hunt --format jsonl d
	[[ $(evidence d/ci.env) == "high $KEY_ID "*signature-verified* ]]
	row post-v2
	{ read -r credential; read -r signature; read -r policy; } <<<"$TEXT"
	printf 'AWS_SECRET_ACCESS_KEY=%s\n' "$SECRET" >d/ci.env
	printf '<input name="AWSAccessKeyId" value="%s"><input name="policy" value="%s"><input name="signature" value="%s">\n' "$credential" "$policy" "$signature" >d/text
	hunt --format jsonl d
	[[ $(evidence d/ci.env) == "high $KEY_ID "*signature-verified* ]]
}
