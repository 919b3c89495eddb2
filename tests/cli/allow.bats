#!/usr/bin/env bats
# What somebody allowed: .keyhunt, the ignore files of other tools, baselines, --since.

setup() {
	load helpers
	scene
	repository r
	cd r
}

# One number of the summary.
sum() { python3 -c 'import json,sys; print(json.loads(sys.argv[1].splitlines()[-1])[sys.argv[2]])' "$output" "$1"; }
# One field of the only finding.
field() { python3 -c 'import json,sys; print(json.loads(sys.argv[1].splitlines()[0])[sys.argv[2]])' "$output" "$1"; }
unused() { python3 -c 'import json,sys; print(*(u["entry"] + " " + u["reason"] for u in json.loads(sys.argv[1].splitlines()[-1])["unused_allows"]))' "$output"; }

jsonl() { hunt --format jsonl "$@"; }

# allowed ARGUMENT...: nothing is reported, but counted as allowed.
allowed() {
	jsonl "$@"
	[[ $status == 0 && $(sum findings) == 0 && $(sum allowed) -ge 1 ]] || { echo "status $status: $output $stderr"; return 1; }
}
reported() {
	jsonl "$@"
	[[ $status == 1 && $(sum findings) == 1 ]] || { echo "status $status: $output $stderr"; return 1; }
}

@test ".keyhunt: each condition allows, in files and in the history, and from any folder" {
	credential 1
	commit . conf/prod.env 'Add it' < <(pair)
	jsonl
	local fingerprint kind hash commit
	fingerprint=$(field fingerprint) kind=$(field kind) hash=$(field secret_sha256) commit=$(git rev-parse HEAD)
	for line in "fingerprint = $fingerprint" "path = conf/" "path = *.env" "path = /conf/*.env" \
		"keyId = $KEY_ID" "secretSha256 = $hash" "kind = $kind"; do
		printf '[allow]\n\t%s\n' "$line" >.keyhunt
		allowed
		allowed --history
	done
	printf '[allow]\nfingerprint = %s\n' "$fingerprint" >.keyhunt
	(cd conf && allowed .)
	(cd "$HERE" && allowed r/conf)
	(cd "$HERE" && allowed "$PWD/r/conf/prod.env")
	printf '[allow "it"]\n\tcommit = %s\n' "${commit:0:12}" >.keyhunt
	allowed --history
	reported
	for line in "fingerprint = ${fingerprint//[0-7]/8}" "path = /prod.env" "path = prod.env/" "keyId = AKIAQQQQQQQQQQQQQQQQ"; do
		printf '[allow]\n\t%s\n' "$line" >.keyhunt
		reported
	done
}

@test ".keyhunt: conditions of different kinds must all hold, those of one kind any" {
	credential 1
	pair >a.env
	printf '[allow]\npath = b.env\nkeyId = %s\n' "$KEY_ID" >.keyhunt
	reported
	printf '[allow]\npath = b.env\npath = a.env\nkeyId = %s\n' "$KEY_ID" >.keyhunt
	allowed
}

@test ".keyhunt: an entry may expire, and says so" {
	credential 1
	pair >a.env
	printf '[allow "old"]\npath = a.env\nexpires = 2020-02-29\n' >.keyhunt
	reported
	[[ $(unused) == ".keyhunt:2 has expired" ]]
	printf '[allow "new"]\npath = a.env\nexpires = 2999-01-01\n' >.keyhunt
	allowed
}

@test "what is allowed is told with --verbose, with the entry and its reason" {
	credential 1
	pair >a.env
	printf '[allow "fixtures"]\npath = a.env\nreason = made up\n' >.keyhunt
	hunt -v
	[[ $status == 0 && -z $output && $stderr == *"a.env:1:"*"allowed: access-key-pair $KEY_ID, by .keyhunt:2: made up"* ]]
	[[ $stderr != *"$SECRET"* ]]
	rm .keyhunt
	printf '# keyhunt:allow\n' | cat - a.env >b.env
	rm a.env
	hunt -v
	[[ $stderr == *"b.env:2:"*"allowed: "*"by a mark in the text"* ]]
	allowed
	reported --no-allow
	git add b.env
	hunt -v --history
	[[ $status == 0 && $stderr == *"$(git rev-parse :b.env):2:"*"allowed: access-key-pair $KEY_ID, by a mark in the text"* ]]
	KEYHUNT_NO_ALLOW=1 reported --history
}

@test "entries that nothing needs are told, unless only a part was scanned" {
	mkdir part
	printf '[allow]\npath = gone.env\n' >.keyhunt
	printf 'gone.env:aws-access-token:3\n' >.gitleaksignore
	jsonl
	[[ $status == 0 && $(unused) == ".keyhunt:2 allows nothing .gitleaksignore:1 allows nothing" && $(sum unused_allows_total) == 2 ]]
	[[ $stderr == *".keyhunt:2: allows nothing"* ]]
	jsonl -q
	[[ -z $stderr ]]
	jsonl part
	[[ -z $(unused) ]]
}

@test "mistakes in .keyhunt: file, line and remedy, exit status 2, before anything is scanned" {
	credential 1
	pair >a.env
	while IFS='|' read -r text says; do
		printf '%b' "$text" >.keyhunt
		hunt
		[[ $status == 2 && -z $output && $stderr == "keyhunt: error: .keyhunt:$says"* ]] || { echo "$text: $output $stderr"; return 1; }
	done <<-'END'
		[allow]\npth = x\n|2: no such field; use fingerprint
		[allow]\nreason = x\n|2: an [allow] that names nothing
		[allow]\nfingerprint = 12\n|2: a fingerprint is 64 digits
		[allow]\nkeyId = akia\n|2: a key ID is
		[allow]\ncommit = main\n|2: a commit is its name
		[allow]\npath = x\nexpires = soon\n|3: expires is a day
		[allow]\npath =\n|2: an empty
		[other]\nx = y\n|2: a section that keyhunt does not know
		[allow\n|1: a section's name
		x = y\n|1: a setting before any section
		[allow]\npath = "x\n|2: a quote is not closed
		[keyhunt]\nminConfidence = most\n|2: keyhunt.minconfidence takes low, medium or high
		[keyhunt]\noutput = x\n|2: keyhunt.output: only the command line
		[keyhunt]\nformat = json\n|2: keyhunt.format: a repository may not say so
		[keyhunt]\nfoo = x\n|2: keyhunt.foo: no such setting
		[keyhunt]\npatterns = /etc\n|2: keyhunt.patterns: a path that is not there or outside
		[keyhunt]\npatterns = ../..\n|2: keyhunt.patterns: a path that is not there or outside
	END
	hunt --history
	[[ $status == 2 && -z $output && $stderr == "keyhunt: error: .keyhunt:2: "* ]]
	ln -sf /dev/zero .keyhunt
	hunt
	[[ $status == 2 && $stderr == *".keyhunt"*"a link"* ]]
}

@test "a bare repository: .keyhunt of HEAD's tree" {
	credential 1
	pair >a.env
	git add a.env
	commit . .keyhunt 'Allow it' <<<$'[allow]\npath = a.env'
	git clone -q --bare . "$HERE/bare.git"
	cd "$HERE"
	allowed --history bare.git
	allowed --history r
	rm -rf r/.keyhunt
	reported --history r
}

@test "several repositories at once: each with what it allows itself" {
	credential 1
	local kind
	repository one
	repository two
	for kind in one two; do commit $kind a.env 'Add it' < <(pair); done
	printf '[allow]\nkeyId = %s\n' "$KEY_ID" >two/.keyhunt
	for how in 'one two' 'two one' '--history one two' '--history two one'; do
		jsonl $how
		[[ $status == 1 && $(sum findings) == 1 && $output == *one* ]] || { echo "$how: $output"; return 1; }
	done
	printf '[allow]\n' >"$HERE/.keyhunt" # nobody's: the tops are below
	jsonl one two
	[[ $(sum findings) == 1 ]]
	printf '[allow]\nx = y\n' >two/.keyhunt
	for how in 'one two' '--history two one'; do
		jsonl $how
		[[ $status == 2 && $stderr == *".keyhunt:2: no such field"* ]] || { echo "$how: $stderr"; return 1; }
	done
}

@test ".gitleaksignore: a commit and a line are a value" {
	credential 1
	commit . a.env 'Add it' < <(pair)
	local id
	id=$(git rev-parse HEAD)
	echo "$id:a.env:aws-access-token:1" >.gitleaksignore
	allowed --history
	reported
	echo "$id:a.env:github-pat:1" >.gitleaksignore
	reported --history
	echo "$id:a.env:aws-access-token:2" >.gitleaksignore
	reported --history
	echo "nonsense" >.gitleaksignore
	reported
	[[ $stderr == *".gitleaksignore:1: neither"* ]]
}

@test ".gitleaksignore: a line alone stands for what was there when the entry was written" {
	credential 1
	pair >a.env
	echo 'a.env:aws-access-token:1' >.gitleaksignore
	allowed # not committed yet: it is about what stands there now
	git add .
	git_next commit -q -m 'Ignore it'
	allowed
	allowed --history
	{
		echo '# a line more'
		pair
	} | commit . a.env 'It moves'
	allowed
	credential 2
	commit . a.env 'Another one' < <(pair)
	reported
	jsonl --history
	[[ $status == 1 && $(sum findings) == 1 && $(field key_id) == "$KEY_ID" && $(sum allowed) == 1 ]]
}

@test ".secrets.baseline: a value in a file, unless somebody called it a secret" {
	credential 1
	pair >a.env
	local hash
	hash=$(printf %s "$SECRET" | sha1sum | cut -d' ' -f1)
	baseline() { printf '{"version": "1.4.0", "results": {"%s": [{"type": "AWS Access Key", "filename": "%s", "hashed_secret": "%s", "line_number": 9%s}]}}' "$1" "$1" "$hash" "${2-}" >.secrets.baseline; }
	baseline a.env
	allowed
	baseline a.env ', "is_secret": false'
	allowed
	baseline a.env ', "is_secret": true'
	reported
	baseline b.env
	reported
	hash=$(printf %s "$KEY_ID" | sha1sum | cut -d' ' -f1)
	baseline a.env
	reported # the ID says nothing of the secret
	echo '{"results"' >.secrets.baseline
	reported
	[[ $stderr == *".secrets.baseline"*"not a baseline of detect-secrets"* ]]
}

@test ".gitallowed and secrets.allowed: expressions on the path and each half" {
	credential 1
	pair >a.env
	echo '^a\.env:' >.gitallowed
	allowed
	echo "$KEY_ID" >.gitallowed
	reported # an allowed ID does not excuse the secret beside it
	printf '# both\n%s\n%s\n' "$KEY_ID" "${SECRET:0:12}" >.gitallowed
	allowed
	printf '(\n' >.gitallowed
	reported
	[[ $stderr == *".gitallowed:1: not an expression"* ]]
	rm .gitallowed
	git config --add secrets.allowed nothing
	git config --add secrets.allowed 'a.env:[0-9]+:'
	allowed
}

@test "--baseline: known by value and path, wherever the line is; a new value is news" {
	credential 1
	pair >a.env
	jsonl --write-baseline base
	[[ $status == 1 ]]
	! grep -q "$SECRET" base
	[[ $(wc -l <base) == 2 && $(stat -c %a base) == 644 ]]
	allowed --baseline base
	KEYHUNT_BASELINE=base allowed
	{
		echo '# moved'
		pair
	} >new && mv new a.env
	allowed --baseline base
	cp base first
	hunt --write-baseline base
	cmp base first
	credential 2
	pair >a.env
	jsonl --baseline base
	[[ $status == 1 && $(sum findings) == 1 && $(unused) == "base:2 is not there any more" ]]
	jsonl --output "$HERE/report"
	allowed --baseline "$HERE/report"
}

@test "a damaged baseline: exit status 2, with its line" {
	printf '{"type":"baseline","schema":1}\n{"fingerprint":"12"}\n' >base
	hunt --baseline base
	[[ $status == 2 && -z $output && $stderr == *"base:2: "* ]]
	printf 'x\n' >base
	hunt --baseline base
	[[ $status == 2 && $stderr == *"base:1: a line that is not JSON"* ]]
	printf '{"type":"baseline","schema":2}\n' >base
	hunt --history --baseline base
	[[ $status == 2 && $stderr == *"base:1: "*schema* ]]
	: >base
	hunt --baseline base
	[[ $status == 2 && $stderr == *"base:1: an empty file"* ]]
	hunt --baseline nowhere
	[[ $status == 2 ]]
	hunt --write-baseline nowhere/base
	[[ $status == 2 ]]
}

@test "settings: git's configuration, .keyhunt, --config, the environment and the command line, each over the one before" {
	credential 1
	pair >a.env
	format() {
		hunt "$@"
		case $output in
			*'"version"'*) echo sarif ;;
			'{"findings"'*) echo json ;;
			'{"type"'*) echo jsonl ;;
			*) echo text ;;
		esac
	}
	[[ $(format) == text ]]
	git config --global keyhunt.format json
	[[ $(format) == json ]]
	git config keyhunt.format jsonl
	[[ $(format) == jsonl ]]
	[[ $(KEYHUNT_FORMAT=sarif format) == sarif ]]
	[[ $(KEYHUNT_FORMAT=sarif format --format text) == text ]]
	printf '[keyhunt]\n\tformat = json\n[allow]\n\tpath = b.env\n' >"$HERE/config"
	[[ $(format --config "$HERE/config") == json ]]
	: >"$HERE/config"
	[[ $(format --config "$HERE/config") == text ]]
	git config --unset keyhunt.format
	git config --global keyhunt.format xml
	hunt
	[[ $status == 2 && $stderr == *".gitconfig:"*"keyhunt.format takes text"* ]]
	git config --global --unset keyhunt.format
	mkdir "$HERE/bin"
	ln -s "$KEYHUNT" "$HERE/bin/git-keyhunt"
	run env PATH="$HERE/bin:$PATH" git -c core.x="it's" -c keyhunt.noProgress -c keyhunt.Format=json keyhunt
	[[ $status == 1 && $output == '{"findings"'* ]]
	GIT_CONFIG_PARAMETERS="'keyhunt.format=jsonl'" hunt
	[[ $output == '{"type"'* ]]
	GIT_CONFIG_PARAMETERS="'a" hunt
	[[ $status == 1 ]]
	GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=keyhunt.format GIT_CONFIG_VALUE_0=json hunt
	[[ $output == '{"findings"'* ]]
	printf '[keyhunt]\nminConfidence = high\n' >.keyhunt
	printf 'AWS_SECRET_ACCESS_KEY=%s\n' "$SECRET" >a.env
	jsonl
	[[ $(sum findings) == 0 ]]
	git config keyhunt.minConfidence low
	jsonl
	[[ $(sum findings) == 1 ]]
}

@test "a repository's own settings lead nowhere else" {
	git config include.path "$HERE/elsewhere"
	printf '[keyhunt]\nformat = nonsense\n' >"$HERE/elsewhere"
	hunt
	[[ $status == 0 ]]
	printf '[broken\n' >>.git/config
	hunt # git's own file, and git's to complain of
	[[ $status == 0 ]]
	sed -i '$d' .git/config
	git config keyhunt.output stolen
	hunt
	[[ $status == 2 && $stderr == *"only the command line or the environment"* && ! -e stolen ]]
}

@test "--config: its [allow] counts instead of .keyhunt's" {
	credential 1
	pair >a.env
	printf '[allow]\npath = a.env\n' >.keyhunt
	: >"$HERE/none"
	reported --config "$HERE/none"
	mv .keyhunt "$HERE/config"
	allowed --config "$HERE/config"
	hunt --config "$HERE/nowhere"
	[[ $status == 2 && $stderr == *nowhere* ]]
}

@test "--since: what commits since then brought, and what no commit has" {
	credential 1
	commit . a.env 'First day' < <(pair)
	credential 2
	commit . b.env 'Second day' < <(pair)
	credential 3
	pair >c.env
	git add c.env
	jsonl --history
	[[ $(sum findings) == 3 ]]
	jsonl --history --since 2023-11-16
	[[ $(sum findings) == 2 ]]
	jsonl --history --since 2023-11-15T12:00:00Z
	[[ $(sum findings) == 3 ]]
	jsonl --history --since '@1700136001'
	[[ $(sum findings) == 1 ]]
	jsonl --history --since '2 days ago'
	[[ $(sum findings) == 1 ]]
	hunt --history --since tomorrow
	[[ $status == 2 && $stderr == *"--since takes a date"* ]]
	hunt --since yesterday
	[[ $status == 2 && $stderr == *"goes with --history only"* ]]
}
