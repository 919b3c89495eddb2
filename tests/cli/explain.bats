#!/usr/bin/env bats
# keyhunt explain: what a text is, offline. What is printed is compared with golden/explain-*.

setup() {
	load helpers
	scene
}

# explain EXPECTED-STATUS GOLDEN TEXT: by argument and from standard input alike.
explain() {
	run --separate-stderr "$KEYHUNT" explain "$3"
	[[ $status == "$1" && -z $stderr ]] || { echo "$status $output $stderr"; return 1; }
	golden "explain-$2"
	local said=$output
	run --separate-stderr "$KEYHUNT" explain - <<<"  $3"
	[[ $status == "$1" && $output == "$said" ]]
}

@test "key IDs: account, generation, example, test account" {
	explain 0 id-new ASIAY34FZKBOKMUTVV7A
	explain 0 id-example AKIAIOSFODNN7EXAMPLE
	explain 0 id-test ASIAQAAAAAAAGMKEM7X5
}

@test "a canary is told, and not to be tried" {
	run python3 -c 'import base64; print("AKIA" + base64.b32encode(((1 << 47 | 52310077262 << 7 | 3) << 32 | 0x51d2f3e4).to_bytes(10, "big")).decode())'
	run "$KEYHUNT" explain "$output"
	[[ $status == 0 && $output == *"account    052310077262"* && $output == *"canary     yes"* && $output != *"aws iam"* ]]
}

@test "what is no key ID: which check fails" {
	explain 1 id-digits AKIA1234567890ABCDEF
	explain 1 id-account AKIA7AAAAAAAAAAAAAAA
	explain 1 id-length AKIAY34FZKBOKMUTVV7
	explain 1 id-old AKIAKQ34FZKBOKMUTVVA
	explain 1 id-old-end AKIAIQ34FZKBOKMUTVVB
	explain 1 id-words AKIAIFAKEKEYFORTESTA
	explain 1 id-user AIDAY34FZKBOKMUTVV7AB
	explain 1 nothing 'hello world'
	explain 1 digest 30f984fdd2f7c27db176cb32333b994a72e0b742
}

@test "a secret alone, and a pair; the secret is never printed" {
	credential 7
	for text in "$SECRET" "$KEY_ID $SECRET" "$(pair)"; do
		run --separate-stderr "$KEYHUNT" explain - <<<"$text"
		[[ $status == 0 && $output == *"${SECRET:0:4}"*"(40)"* ]]
		[[ $output != *"${SECRET:0:8}"* && $output != *"${SECRET:20}"* ]]
		run --separate-stderr "$KEYHUNT" explain --format json "$text"
		[[ $status == 0 && $output != *"${SECRET:0:8}"* ]]
		python3 -c 'import json,sys; assert json.loads(sys.argv[1])["secret_sha256"]' "$output"
	done
}

@test "a signed URL: when it expires" {
	credential 8
	local date
	for date in 20231006T140359Z/2023-10-06T14:18:59Z/over 20991231T235959Z/2100-01-01T00:14:59Z/; do
		run "$KEYHUNT" explain - <<<"https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=$KEY_ID%2F20231006%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=${date%%/*}&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=$(printf %s "$date" | sha256sum | cut -c1-64)"
		[[ $status == 0 && $output == *"$KEY_ID"* && $output == *"expires    $(cut -d/ -f2 <<<"$date")"* ]]
		[[ $date != */over || $output == *"(over)"* ]]
	done
}

@test "--format json: one object a line" {
	run "$KEYHUNT" explain --format json ASIAY34FZKBOKMUTVV7A
	[[ $status == 0 ]]
	golden explain-json
	run "$KEYHUNT" explain --format jsonl AKIA1234567890ABCDEF
	[[ $status == 1 && $output == *'"credential":false'*'"kind":null'* ]]
}

@test "wrong usage" {
	run "$KEYHUNT" explain
	[[ $status == 2 ]]
	run "$KEYHUNT" explain a b
	[[ $status == 2 ]]
	run "$KEYHUNT" explain --format sarif AKIAIOSFODNN7EXAMPLE
	[[ $status == 2 ]]
	run bash -c 'head -c 2000000 /dev/zero | tr "\0" a | "$KEYHUNT" explain -'
	[[ $status == 2 ]]
	run bash -c 'printf "a\0b" | "$KEYHUNT" explain -'
	[[ $status == 2 ]]
}
