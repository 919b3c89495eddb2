#!/usr/bin/env bats
# --advice: uses of credentials that a role would make needless.

setup() {
	load helpers
	scene
}

# One file with two calls, and one that is nobody's business.
files() {
	mkdir -p src
	cat >src/app.py <<-'END'
		import boto3, os
		a = boto3.client("s3", aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"])
		b = boto3.client("sqs", aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"])
	END
	printf 'FROM debian\nARG AWS_SECRET_ACCESS_KEY\n' >Dockerfile
	echo 'os.environ["AWS_SECRET_ACCESS_KEY"] = "testing"' >src/test_app.py
}

# fields NAME...: of each finding in $output, a line.
fields() {
	python3 -c '
import json, sys
for r in map(json.loads, sys.stdin):
    if r["type"] == "finding":
        print(*(r[k] for k in sys.argv[1:]))' "$@" <<<"$output"
}

@test "silent without it; with it once a file and rule, and exit status 0" {
	files
	hunt --format jsonl .
	[[ $status == 0 && $output != *'"type":"finding"'* && $output == *'"advice":0'* ]]
	hunt --advice --format jsonl .
	[[ $status == 0 && $output == *'"findings":2,"credentials":0,"advice":2'* ]]
	[[ $(fields kind severity path line rule) == "env-credential-usage low Dockerfile 2 aws-advice-docker
env-credential-usage low src/app.py 2 aws-advice-code" ]]
	[[ $(fields advice) == *"RUN --mount=type=secret"*$'\n'*"give the code a role"* ]]
	[[ $stderr == *"nothing found, advice on 2 places"* ]]
	printf '[keyhunt]\nadvice = true\n' >config
	hunt --config config .
	[[ $status == 0 && $output == *env-credential-usage* ]]
	KEYHUNT_ADVICE=1 hunt .
	[[ $status == 0 && $output == *env-credential-usage* ]]
}

@test "a leak beside it is found and counted as ever" {
	files
	credential 3
	pair >src/config
	hunt --format jsonl .
	local alone
	alone=$(fields fingerprint)
	hunt --advice --format jsonl .
	[[ $status == 1 && $output == *'"findings":3,"credentials":1,"advice":2'* ]]
	[[ $(fields fingerprint kind | grep access-key-pair) == "$alone access-key-pair" ]]
	printf 's3 = client(os.environ.get("AWS_ACCESS_KEY_ID", "%s"), secret=os.environ.get("AWS_SECRET_ACCESS_KEY", "%s"))\n' "$KEY_ID" "$SECRET" >both
	hunt --advice --format jsonl both
	[[ $status == 1 && $(fields kind | sort) == $'access-key-pair\nenv-credential-usage' ]]
}

@test "text: the fix instead of first steps, a block a rule" {
	files
	cp src/app.py src/more.py
	hunt --advice .
	[[ $(grep -c '^low  env-credential-usage' <<<"$output") == 2 && $(grep -c '^  Advice: ' <<<"$output") == 2 && $output != *"First steps"* ]]
	[[ $output == *$'  src/app.py:2:'*$'\n  src/more.py:2:'*$'\n  Advice: Leave these arguments out'* ]]
}

@test "sarif: notes" {
	files
	hunt --advice --format sarif .
	[[ $status == 0 ]]
	python3 -c '
import json, sys
run = json.load(sys.stdin)["runs"][0]
assert [r["level"] for r in run["results"]] == ["note"] * 2
assert "RUN --mount" in run["results"][0]["message"]["text"]
assert run["tool"]["driver"]["rules"][0]["shortDescription"]["text"].startswith("Advice")' <<<"$output"
}

@test "in a history: at the commit that brought it, at HEAD or not; whole blobs say the same" {
	repository r
	local call='x = client(aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"])'
	local i
	for i in $(seq 60); do echo "line $i of a file that becomes a delta"; done >text
	commit r a.py "nothing yet" <text
	(cat text; echo "$call") | commit r a.py "passes them on"
	(echo "# first"; cat text; echo "$call") | commit r a.py "moves"
	echo "$call" | commit r b.py "another"
	commit r b.py "and away" <text
	git -C r gc -q
	for how in "" --whole-blobs; do
		hunt --history $how --advice --format jsonl r
		[[ $status == 0 ]]
		[[ $(fields path line commit at_head) == "a.py 61 $(git -C r rev-parse HEAD~3) True
b.py 1 $(git -C r rev-parse HEAD~1) False" ]]
	done
	hunt --history r
	[[ $status == 0 && -z $output ]]
}

@test "it can be allowed: by a mark, by kind and path, by a baseline" {
	files
	hunt --advice --write-baseline known .
	hunt --advice --baseline known --format jsonl .
	[[ $status == 0 && $output == *'"advice":0'*'"allowed":2'* ]]
	printf '[allow "docker"]\nkind = env-credential-usage\npath = Dockerfile\nreason = build only\n' >config
	hunt --config config --advice --format jsonl .
	[[ $(fields path) == src/app.py ]]
	sed -i 's/^a = .*/& # keyhunt:allow/; s/^b = .*/& # keyhunt:allow/' src/app.py
	hunt --advice --format jsonl .
	[[ $(fields path) == Dockerfile ]]
}

@test "root keys: the console's file, and keys by that name; the leak itself beside" {
	credential 5
	printf 'AWSAccessKeyId=%s\r\nAWSSecretKey=%s\r\n' "$KEY_ID" "$SECRET" >old.csv
	printf 'Access key ID,Secret access key\r\n%s,%s' "$KEY_ID" "$SECRET" | tee rootkey.csv >deploy_accessKeys.csv
	hunt --advice --format jsonl .
	[[ $status == 1 ]]
	[[ $(fields kind path key_id | grep ^root) == "root-access-key old.csv $KEY_ID
root-access-key rootkey.csv $KEY_ID" ]]
	[[ $(fields kind | grep -c access-key-pair) == 3 ]]
}

@test "a pattern of one's own may advise" {
	mkdir own
	cat >own/acme.yaml <<-'END'
		id: acme-login
		kind: acme-advice
		description: The old login
		severity: low
		confidence: medium
		advice: Use the new login.
		literals: [acme_login]
		confirm: '\bacme_login\('
		unless: [deprecated]
		examples:
		  match: ['x = acme_login()']
		  no-match: ['# deprecated: acme_login()']
	END
	echo 'acme_login()' >file
	run "$KEYHUNT" patterns test --patterns own
	[[ $status == 0 ]]
	hunt --patterns own file
	[[ $status == 0 && -z $output ]]
	hunt --patterns own --advice file
	[[ $status == 0 && $output == *"Advice: Use the new login."* ]]
}
