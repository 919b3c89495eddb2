#!/usr/bin/env bats
# A user's own patterns: --patterns DIR, keyhunt.patterns; mistakes in them.

setup() {
	load helpers
	scene
	mkdir own
	good >own/acme.yaml
}

good() {
	cat <<-'END'
		id: acme-deploy-token
		kind: acme-deploy-token
		description: Deploy token of the Acme platform
		severity: high
		confidence: high
		literals: [acme_dt_]
		confirm: '\b(?<secret>acme_dt_[A-Za-z0-9]{32})\b'
		validators: [random-looking, no-placeholder]
		examples:
		  match: ['token: acme_dt_q8Zr2LwX0bT5nVk1YcH7dJm3PfS6gA9e']
		  no-match: ['token: acme_dt_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx']
	END
}

@test "they are listed with where they come from, tested, and find" {
	run "$KEYHUNT" patterns --patterns own
	[[ $status == 0 && $output == *"acme-deploy-token"*"(own/acme.yaml)"* && $output == *"aws-access-key-id"*"(built in)"* ]]
	run "$KEYHUNT" patterns --patterns own test
	[[ $status == 0 && $output == *" 0 wrong" ]]
	mkdir found
	echo 'token: acme_dt_q8Zr2LwX0bT5nVk1YcH7dJm3PfS6gA9e' >found/file
	hunt --patterns own found
	[[ $status == 1 && $output == *acme-deploy-token* && $output != *q8Zr2LwX0b* ]]
	hunt found
	[[ $status == 0 ]]
	KEYHUNT_PATTERNS=own hunt found
	[[ $status == 1 ]]
	printf '[keyhunt]\npatterns = own\n' >config
	hunt --config config found
	[[ $status == 1 ]]
	repository r
	cp -r own found r
	printf '[keyhunt]\npatterns = own\n' >r/.keyhunt
	hunt r/found
	[[ $status == 1 ]]
	cd r
	run "$KEYHUNT" patterns
	[[ $status == 0 && $output == *acme-deploy-token* ]]
	run "$KEYHUNT" explain acme_dt_q8Zr2LwX0bT5nVk1YcH7dJm3PfS6gA9e
	[[ $status == 0 && $output == *acme-deploy-token* ]]
}

@test "an example that does not hold: which, in which file; exit status 1" {
	good | sed "s/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/q8Zr2LwX0bT5nVk1YcH7dJm3PfS6gA9f/" >own/acme.yaml
	run "$KEYHUNT" patterns test --patterns own
	[[ $status == 1 && $output == *"own/acme.yaml: acme-deploy-token: example 2 should not match"* ]]
}

# wrong SED-EXPRESSION SAYS: the good file, spoilt.
wrong() {
	good | sed "$1" >own/acme.yaml
	hunt --patterns own .
	[[ $status == 2 && -z $output && $stderr == "keyhunt: error: own/acme.yaml:$2"* ]] || { echo "$1 said: $stderr"; return 1; }
	run "$KEYHUNT" patterns --patterns own
	[[ $status == 2 ]]
}

@test "mistakes: file, line and remedy" {
	wrong 's/^id: .*/id: aws-access-key-id/' '1: the id aws-access-key-id is taken by the built-in '
	wrong '/^literals/d' '1: no literals; name at least one'
	wrong 's/^literals: .*/literals: [abc]/' '6: a literal is 4 to 32 bytes long'
	wrong 's/^literals: .*/literals: []/' '1: no literals'
	wrong "s/^confirm: .*/confirm: '(?<secret>acme'/" '7: the expression is wrong at its byte'
	wrong "s/^confirm: .*/confirm: 'acme_dt_'/" '7: the expression captures no secret'
	wrong '/^confirm/d' '1: no confirm'
	wrong 's/random-looking/randomly-looking/' '8: no such validator; docs/patterns.md lists them'
	wrong 's/^severity: .*/severity: bad/' '4: no such level'
	wrong 's/^kind:/knid:/' '2: no such field'
	wrong '/^kind/d' '1: incomplete'
	wrong 's/^confirm: .*/role: bare-secret/' '1: a bare secret has no literals'
	wrong '/^confirm/d;s/^literals: .*/role: bare-secret/' '1: the role bare-secret is built in'
	wrong 's/^id:.*/id: [/' ''
}

@test "more mistakes: fields given twice, names, documents, brackets" {
	wrong 's/^literals: .*/&\nliterals: [acme_xx]/' '7: this field is given twice'
	wrong 's/^severity: .*/&\nseverity: low/' '5: this field is given twice'
	wrong 's/^validators: .*/&\nbehind: { least: 4, least: 5 }/' '9: this field is given twice'
	wrong 's/^id: .*/id: "a b"/' '1: a name is made of letters, digits'
	wrong 's/^kind: .*/kind: "x\\ny"/' '2: a name is made of letters, digits'
	wrong 's/^id: .*/&\nadvice: [a]/' '2: a text is expected here'
	wrong 's/^validators: .*/&\nfile-name: { literal: acme.key }/' '9: file-name has `confirm`'
	(good; echo ---; good | sed 's/acme-deploy/acme-other/') >own/acme.yaml
	hunt --patterns own .
	[[ $status == 2 && $stderr == *"own/acme.yaml:13: a second document; give each pattern a file of its own"* ]]
	(good; echo "...") >own/acme.yaml
	run "$KEYHUNT" patterns --patterns own
	[[ $status == 0 ]]
	python3 -c 'print("id: " + "[" * 200000)' >own/acme.yaml
	hunt --patterns own .
	[[ $status == 2 && $stderr == *"own/acme.yaml:1: more than 64 brackets"* ]]
}

@test "what is no plain file is told, not waited for; too many literals; an empty match; no examples" {
	mkfifo own/pipe.yaml
	run timeout -s KILL 20 "$KEYHUNT" patterns --patterns own
	[[ $status == 2 && $output == *"own/pipe.yaml: a folder, a pipe or a device"* ]]
	rm own/pipe.yaml
	local i j
	for i in {1..80}; do
		(good | sed "s/acme-deploy/acme-$i/; /^literals/d; /^examples/,\$d"; echo literals:; for j in {1..64}; do echo "- acme_${i}_$j"; done) >own/many$i.yaml
	done
	run "$KEYHUNT" patterns --patterns own
	[[ $status == 2 && $output == *"own/many"*":1: more than 4096 literals"* ]]
	rm own/many*
	good | sed "s/^confirm: .*/confirm: '(?<secret>)acme_dt_'/; /^validators/d" >own/acme.yaml
	echo acme_dt_ >file
	hunt --patterns own file
	[[ $status == 0 ]]
	good | sed '/^examples/,$d' >own/acme.yaml
	run "$KEYHUNT" patterns test --patterns own
	[[ $status == 1 && $output == *"own/acme.yaml:1: acme-deploy-token: no example; give texts that must match"* ]]
}

@test "a folder without patterns, a second file with the same id" {
	cp own/acme.yaml own/second.yaml
	hunt --patterns own .
	[[ $status == 2 && $stderr == *"own/second.yaml:1: the id acme-deploy-token is taken by own/acme.yaml"* ]]
	mkdir none
	hunt --patterns none .
	[[ $status == 2 && $stderr == *"none: no pattern files"* ]]
	hunt --patterns nowhere .
	[[ $status == 2 && $stderr == *nowhere* ]]
}

@test "marks allow in UTF-16 text too, on the line or the one above" {
	credential 1
	mkdir wide
	for encoding in UTF-16LE UTF-16BE UTF-16; do
		for end in '' $'\r'; do
			printf '# keyhunt:allow%s\naws_access_key_id = %s%s\n' "$end" "$KEY_ID" "$end" | iconv -t $encoding >wide/file
			hunt --format jsonl wide
			[[ $status == 0 && $output == *'"allowed":1'* ]] || { echo "$encoding: $output"; return 1; }
			printf 'aws_access_key_id = %s # gitleaks:allow%s\n' "$KEY_ID" "$end" | iconv -t $encoding >wide/file
			hunt --format jsonl wide
			[[ $status == 0 && $output == *'"allowed":1'* ]]
			printf '# keyhunt:allow%s\n%s\naws_access_key_id = %s%s\n' "$end" "$end" "$KEY_ID" "$end" | iconv -t $encoding >wide/file
			hunt wide
			[[ $status == 1 ]]
		done
	done
}
