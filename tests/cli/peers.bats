#!/usr/bin/env bats
# What was measured on other scanners (kingfisher, trufflehog, gitleaks, betterleaks, git-secrets, detect-secrets, ripsecrets):
# each input of which at least one of them loses a half is found here, and their false alarms are none.

setup() {
	load helpers
	scene
	credential 7
	export KEY_ID SECRET
	ENCODED=${SECRET//\//%2F} ENCODED=${ENCODED//+/%2B}
}

# seen [OPTION...]: what keyhunt reports, a word a finding: its kind, with I and S for the halves of the test's credential it names
seen() {
	hunt --format jsonl "$@"
	python3 -c '
import hashlib, json, os, sys
secret = hashlib.sha256(os.environ["SECRET"].encode()).hexdigest()
for row in map(json.loads, sys.stdin):
    if row["type"] == "finding":
        names = ("I" if row["key_id"] == os.environ["KEY_ID"] else "") + ("S" if row["secret_sha256"] == secret else "")
        print(row["kind"] + (":" + names if names else ""))' <<<"$output" | sort | tr '\n' ' '
}

# in_file NAME EXPECTED [OPTION...] <<<TEXT: exactly these findings in a file of that name with that text
in_file() {
	local path=files/$1 got
	rm -rf files
	mkdir -p "$(dirname "$path")"
	cat >"$path"
	got=$(seen --no-ignore "${@:3}" files)
	[[ ${got% } == "$2" ]] || { echo "$1: wanted '$2', got '${got% }'" >&2; return 1; }
}

both() { in_file "$1" access-key-pair:IS; }
nothing() { in_file "$1" ""; }

# in_history EXPECTED: exactly these findings in the history of r
in_history() {
	local got
	got=$(seen --history r)
	[[ ${got% } == "$1" ]] || { echo "wanted '$1', got '${got% }'" >&2; return 1; }
}

session_token() {
	python3 -c '
import random, string
print("IQoJb3JpZ2luX2Vj" + "".join(random.Random(8).choices(string.ascii_letters + string.digits + "+/", k=420)))'
}

@test "configuration files" {
	pair | both credentials
	both keys.json <<<"{\"accessKeyId\": \"$KEY_ID\", \"secretAccessKey\": \"$SECRET\"}"
	both main.tf <<<"provider \"aws\" {
  access_key = \"$KEY_ID\"
  secret_key = \"$SECRET\"
}"
	both .s3cfg <<<"[default]
access_key = $KEY_ID
secret_key = $SECRET"
	both s3.yml <<<"production:
  access_key_id: $KEY_ID
  secret_access_key: $SECRET"
}

@test "one half alone" {
	in_file .env access-key-id:I <<<"AWS_ACCESS_KEY_ID=$KEY_ID"
	in_file .env secret-access-key:S <<<"AWS_SECRET_ACCESS_KEY=$SECRET"
	in_file aws.js secret-access-key:S <<<"AWS.config.update({secretKey: '$SECRET'});"
}

@test "halves that stand apart" {
	local lines
	for lines in 7 60; do
		both app.ini <<<"aws_access_key_id = $KEY_ID
$(seq -f 'setting_%.0f = on' "$lines")
aws_secret_access_key = $SECRET"
	done
}

@test "places in a call instead of names" {
	both a.py <<<"conn = connect('$KEY_ID', '$SECRET')"
	both A.java <<<"new BasicAWSCredentials(\"$KEY_ID\", \"$SECRET\");"
	both a.go <<<"credentials.NewStaticCredentials(\"$KEY_ID\", \"$SECRET\", \"\")"
	both b.py <<<"s3 = boto3.client(\"s3\", aws_access_key_id=\"$KEY_ID\", aws_secret_access_key=\"$SECRET\")"
}

@test "the console's CSV, as it is and as Windows has it" {
	local csv
	for csv in "AWSAccessKeyId=$KEY_ID
AWSSecretKey=$SECRET" "Access key ID,Secret access key
$KEY_ID,$SECRET"; do
		both rootkey.csv <<<"$csv"
		both rootkey.csv < <(printf '\xef\xbb\xbf'; sed 's/$/\r/' <<<"$csv")
	done
}

@test "JSON in a line of a log, XML" {
	both app.log <<<"12:00 config={\\\"accessKeyId\\\":\\\"$KEY_ID\\\",\\\"secretAccessKey\\\":\\\"$SECRET\\\"}"
	both conf.xml <<<"<AccessKey>$KEY_ID</AccessKey><SecretKey>$SECRET</SecretKey>"
}

@test "commands" {
	both Dockerfile <<<"ENV AWS_ACCESS_KEY_ID $KEY_ID
ENV AWS_SECRET_ACCESS_KEY $SECRET"
	both setup.sh <<<"aws configure set aws_access_key_id $KEY_ID
aws configure set aws_secret_access_key $SECRET"
	both put.sh <<<"s3cmd --access-key $KEY_ID --secret-key $SECRET put dump s3://backup"
	both mc.sh <<<"mc alias set s3 https://s3.amazonaws.com $KEY_ID $SECRET"
}

@test "URLs and tables" {
	both url.txt <<<"s3://$KEY_ID:$ENCODED@bucket/path"
	both table.md <<<"| user | key | secret |
| --- | --- | --- |
| deploy | $KEY_ID | $SECRET |"
}

@test "a secret that begins or ends with a character no word has" {
	local plain=$SECRET
	for SECRET in "/${plain:1}" "+${plain:1}" "${plain:0:39}/" "${plain:0:39}+"; do
		pair | both credentials
		both call.py <<<"connect('$KEY_ID', '$SECRET')"
		in_file .env secret-access-key:S <<<"AWS_SECRET_ACCESS_KEY=$SECRET"
	done
}

@test "a secret of less entropy than most, an ID of less" {
	local plain=$SECRET
	for SECRET in $(python3 -c '
import random, string, math, collections
rng, found = random.Random(5), 0
while found < 3:
    s = "".join(rng.choices(string.ascii_letters + string.digits + "+/", k=40))
    counts = collections.Counter(s).values()
    if 4.25 < -sum(n / 40 * math.log2(n / 40) for n in counts) < 4.4 and s.isalnum():
        print(s)
        found += 1'); do
		pair | both credentials
		in_file .env secret-access-key:S <<<"AWS_SECRET_ACCESS_KEY=$SECRET"
	done
	SECRET=$plain KEY_ID=AKIAYYQ2YAQ22KYQ2AQK
	pair | both credentials
}

@test "a key ID with 0, 1, 8 or 9 is invented; the secret beside it is named" {
	in_file credentials secret-access-key:S <<<"aws_access_key_id = AKIAI44QH8DHB1XY907A
aws_secret_access_key = $SECRET"
}

@test "temporary credentials, with their token and without, and the token alone" {
	local token
	credential 8 ASIA
	token=$(session_token)
	pair | both credentials
	in_file credentials temporary-credentials:IS < <(pair; echo "aws_session_token = $token")
	in_file .env session-token <<<"AWS_SESSION_TOKEN=\"$token\""
}

@test "signed URLs and signed requests" {
	local signature=6a3b1c0de4f5968778695a4b3c2d1e0f00112233445566778899aabbccddeeff
	in_file link.txt presigned-url:I <<<"https://b.s3.amazonaws.com/f?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=$KEY_ID%2F20261120%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261120T000000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature=$signature"
	local id=$KEY_ID
	credential 9 ASIA
	in_file link.txt presigned-url:I <<<"https://b.s3.amazonaws.com/f?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=$KEY_ID%2F20261120%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261120T000000Z&X-Amz-Expires=604800&X-Amz-Security-Token=$(session_token | sed 's/+/%2B/g; s,/,%2F,g')&X-Amz-SignedHeaders=host&X-Amz-Signature=$signature"
	KEY_ID=$id
	# the signature of a request is worthless minutes later: the ID is mentioned, no more
	local header="Authorization: AWS4-HMAC-SHA256 Credential=$KEY_ID/20261120/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=$signature"
	nothing debug.log <<<"$header"
	in_file debug.log key-id-mention:I --min-confidence low <<<"$header"
}

@test "spellings that no other scanner reads" {
	both concat.js <<<"login(\"${KEY_ID:0:4}\" + \"${KEY_ID:4}\", \"$SECRET\");"
	both literals.py <<<"key = '$KEY_ID'
secret = ('${SECRET:0:20}'
          '${SECRET:20}')"
	in_file within.txt key-id-mention:I --min-confidence low <<<"X_${KEY_ID}_Y"
	both escaped.json <<<"{\"text\": \"aws keys:\\n$KEY_ID\\n$SECRET\"}"
	both colour.log < <(printf 'key \033[32m%s\033[0m secret \033[32m%s\033[0m\n' "$KEY_ID" "$SECRET")
	credential_for_name 7
	in_file "$KEY_ID-$SECRET.txt" access-key-pair:IS <<<"the name says it"
}

@test "a row of an SQLite database" {
	rm -rf files && mkdir files
	python3 -c '
import os, sqlite3
with sqlite3.connect("files/app.db") as db:
    db.execute("create table account (name text, key text, secret text, region text)")
    db.execute("insert into account values (?, ?, ?, ?)", ("backup", os.environ["KEY_ID"], os.environ["SECRET"], "us-east-1"))'
	[[ $(seen files) == "access-key-pair:IS " ]]
}

@test "UTF-16, with a byte order mark and without" {
	local encoding mark
	for encoding in UTF-16LE UTF-16BE; do
		pair | iconv -f UTF-8 -t $encoding | both keys.ps1
		[[ $encoding == UTF-16LE ]] && mark='\xff\xfe' || mark='\xfe\xff'
		both keys.ps1 < <(printf '%b' "$mark"; pair | iconv -f UTF-8 -t $encoding)
	done
}

# packed FORMAT: the pair in an archive, on standard output
packed() {
	pair | python3 -c '
import gzip, io, sys, tarfile, zipfile
data, out = sys.stdin.buffer.read(), io.BytesIO()
if sys.argv[1] == "gz":
    out.write(gzip.compress(data, mtime=0))
elif sys.argv[1] == "tar.gz":
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo("etc/credentials")
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
else:
    word = "".join(f"<w:t>{line}</w:t>" for line in data.decode().splitlines()).encode()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("word/document.xml" if sys.argv[1] == "docx" else "credentials", word if sys.argv[1] == "docx" else data)
sys.stdout.buffer.write(out.getvalue())' "$1"
}

@test "archives and documents" {
	local format
	for format in zip tar.gz gz docx; do
		packed $format | both "backup.$format"
	done
}

@test "files that others skip by their name" {
	pair | both node_modules/left-pad/index.js
	pair | both package-lock.json
	pair | both Cargo.lock
	both logo.svg <<<"<svg><!-- $KEY_ID $SECRET --></svg>"
	pair | both vendor/app.min.js
	pair | both tests/fixtures/keys_test.go
}

@test "history: the ID in one commit, the secret in the next" {
	repository r
	commit r app.ini "the ID" <<<"aws_access_key_id = $KEY_ID"
	commit r app.ini "the secret" < <(pair)
	in_history access-key-pair:IS
}

@test "history: the ID in one file, the secret in another" {
	repository r
	commit r id.env "the ID" <<<"AWS_ACCESS_KEY_ID=$KEY_ID"
	commit r secret.env "the secret" <<<"AWS_SECRET_ACCESS_KEY=$SECRET"
	in_history "access-key-id:I secret-access-key:IS"
}

@test "history: what only a merge, a stash, an attribute or an encoding hides" {
	repository r
	commit r readme "first" <<<"nothing"
	git -C r checkout -q -b side
	commit r a "side" <<<"a"
	git -C r checkout -q main
	commit r b "main" <<<"b"
	git -C r merge -q --no-commit --no-ff side
	pair >r/evil
	git -C r add evil
	git_next -C r commit -q -m "merge"
	in_history access-key-pair:IS

	rm -rf r && repository r
	commit r tracked "first" <<<"nothing"
	pair >r/tracked
	git_next -C r stash push -q
	in_history access-key-pair:IS

	rm -rf r && repository r
	commit r .gitattributes "no diff" <<<"*.dat -diff"
	commit r keys.dat "data" < <(pair)
	in_history access-key-pair:IS

	rm -rf r && repository r
	commit r keys.ps1 "UTF-16" < <(printf '\xff\xfe'; pair | iconv -f UTF-8 -t UTF-16LE)
	in_history access-key-pair:IS

	rm -rf r && repository r
	commit r keys.bin "binary" < <(printf '\0\1\2'; pair; printf '\0\0')
	commit r keys.bin "gone" <<<"nothing"
	in_history access-key-pair:IS

	rm -rf r && repository r
	commit r a/node_modules/b/package-lock.json "lock" < <(pair)
	in_history access-key-pair:IS

	local format
	for format in zip docx; do
		rm -rf r && repository r
		commit r "backup.$format" "$format" < <(packed $format)
		in_history access-key-pair:IS
	done
}

@test "history: no commit yet, no identity, SHA-256, somebody else's repository" {
	repository r
	pair >r/.env
	git -C r add -f .env
	in_history access-key-pair:IS

	rm -rf r && repository --object-format=sha256 r
	git -C r config user.useConfigOnly true
	commit r .env "first" < <(pair)
	in_history access-key-pair:IS

	if ((UID == 0)); then
		chown -R 65534 r
		in_history access-key-pair:IS
	fi
}

@test "false alarms of others: none here" {
	local hex=3f786850e387550fdab836ed7e6dc881de23001b run
	nothing text.txt <<<"SALES IN ASIAPACIFICSOUTHEAST ROSE"
	in_file revision.py access-key-id:I <<<"access_key = \"$KEY_ID\"
secret_key = \"$hex\""
	nothing made-up.env <<<"AWS_ACCESS_KEY_ID=AKIA1234567890ABCDEF
AWS_SECRET_ACCESS_KEY=abcdefghijklmnopqrstuvwxyz0123456789ABCD"
	nothing crossed-out.env <<<"AWS_ACCESS_KEY_ID=AKIAXXXXXXXXXXXXXXXX"
	nothing documentation.ini <<<"aws_access_key_id = AKIAI44QH8DHBEXAMPLE
aws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
	run=$(python3 -c '
import random, string
print("".join(random.Random(9).choices(string.ascii_letters + string.digits, k=200)))')
	nothing blob.txt <<<"$run+$KEY_ID/$run"
	nothing account.tf <<<'aws_account_id = "123456789012"'
	nothing unique-ids.json <<<"{\"UserId\": \"AIDA${KEY_ID:4}A\", \"RoleId\": \"AROA${KEY_ID:4}B\", \"PolicyId\": \"ANPA${KEY_ID:4}C\", \"Other\": \"AGPA${KEY_ID:4}\", \"Profile\": \"AIPA${KEY_ID:4}\", \"Version\": \"ANVA${KEY_ID:4}\"}"
	nothing paths.yml <<<"key: com/amazonaws/services/s3/model/S3Object
secret_key: aws/service/module/credential/provider00"
	nothing sri.html <<<"<script integrity=\"sha512-${run:0:86}==\" data-secret-key></script>"
	nothing localstack.env <<<"AWS_ACCESS_KEY_ID=AKIAQAAAAAAAGMKEM7X5"
	nothing moto.py <<<"access_key = 'AKIARZPUZDIKGB2VALC4'"
}

@test "blind spots of others: found here" {
	# a documentation example on the same line hides nothing
	both both.md <<<"not AKIAIOSFODNN7EXAMPLE but $KEY_ID with $SECRET"
	# a line of the form x = f(...)
	both call.py <<<"session = boto3.Session('$KEY_ID', '$SECRET')"
	# what nobody has asked AWS about is found all the same
	hunt --no-ignore files
	[[ $status == 1 ]]
	# a bearer key before & or <
	local key
	key=$(python3 -c '
import base64, random, string
secret = "".join(random.Random(3).choices(string.ascii_letters + string.digits + "+/", k=60))
print("ABSK" + base64.b64encode(f"BedrockAPIKey-w2x4-at-210987654321:{secret}".encode()).decode())')
	in_file url.txt bedrock-api-key <<<"http://localhost/?key=$key&model=m"
	in_file page.html bedrock-api-key <<<"<td>$key<br></td>"
	in_file .env bedrock-api-key <<<"AWS_BEARER_TOKEN_BEDROCK=$key"
	in_file models.json bedrock-api-key <<<"{\"bedrock\": {\"apiKey\": \"$key\"}}"
	in_file orders.php mws-auth-token <<<"\$token = 'amzn.mws.50e99d5c-920a-494f-a626-bbb217dcc66f';"
	in_file graphql.js appsync-api-key <<<"const apiKey = 'da2-nmaqhbb63zabjactesiydcfuvu';"
	in_file mail.env ses-smtp-password:I <<<"SMTP_HOST=email-smtp.us-east-1.amazonaws.com
SMTP_USER=$KEY_ID
SMTP_PASSWORD=BFnZK/bsa8906ugDI6naCHmwqu0AbCv05E1BFnki3LQ2"
	in_file .git-credentials service-specific-credential <<<"https://ci-at-210987654321:Jy7MjtDj2LjnGFN%2B0GvM2SZM7JpunJZA37UPJAqRlWM%3D@git-codecommit.us-east-1.amazonaws.com"
}

# The shapes of what other scanners test themselves with.
@test "cases of others" {
	local name
	for name in '%sToken = "%s"' '%s_token: %s' '{"config.ini": "%s_TOKEN=%s\nBACKUP=on"}' $'<%sToken>\n    %s\n</%sToken>' 'String %sToken = "%s";' '$%sToken .= "%s"' \
		'System.setProperty("%s_TOKEN", "%s")' '  "%sToken" => "%s"' '%s_TOKEN ?= "%s"' '%s_TOKEN :::= "%s"' '%sToken,%s,' '{PATH=/bin, %s_TOKEN=%s, LC_CTYPE=C}'; do
		# shellcheck disable=SC2059
		in_file token.txt access-key-id:I < <(printf "$name\n" AWS "$KEY_ID" AWS)
	done
	for name in 'aws_secret_key = "%s"' 'secret_access_key: %s' '<secret_access_key>%s</secret_access_key>' 'aws_access_key = "%s"' 'ENV AWS_ACCESS_KEY_ID="%s"'; do
		# shellcheck disable=SC2059
		in_file secret.txt secret-access-key:S < <(printf "$name\n" "$SECRET")
	done
	in_file aws.js access-key-id:I <<<"const test = \"$KEY_ID\";"
	in_file id access-key-id:I <<<"$KEY_ID"
	both conf <<<"aws credentials{
	id: $KEY_ID
	secret: .$SECRET;
}"
	both credentials.xml <<<"<scope>GLOBAL</scope>
<id>{$KEY_ID}</id>
<secret>{AQAAABAAA .$SECRET;}</secret>"
	both prose.txt <<<"You can find a aws secret $SECRET within aws $KEY_ID but not valid"
	both creds.patch <<<"@@ -1,3 +1,4 @@
-clid = \"\"
+  clid = \"$KEY_ID\"
+  token = \"$SECRET\""
	both colon.txt <<<"$KEY_ID:$SECRET"
}
