#!/usr/bin/env bats
# What is typed, what is said, and the exit status.

setup() {
	load helpers
	scene
}

# A usage error: one line on standard error, nothing on standard output, exit status 2.
refuses() {
	local says=$1
	shift
	run --separate-stderr "$KEYHUNT" "$@"
	[[ $status == 2 ]]
	[[ -z $output ]]
	[[ ${#stderr_lines[@]} == 1 ]]
	[[ $stderr == "keyhunt: error: "*"$says"* ]] || { echo "said: $stderr"; return 1; }
}

@test "-h fits one screen" {
	run --separate-stderr "$KEYHUNT" -h
	[[ $status == 0 && -z $stderr ]]
	[[ ${#lines[@]} -le 24 ]]
	[[ ${lines[0]} == "usage: keyhunt "* ]]
	golden help-short.txt
}

@test "--help is grouped by purpose and names the exit status" {
	run --separate-stderr "$KEYHUNT" --help
	[[ $status == 0 && -z $stderr ]]
	for title in 'What to scan' 'What to report' 'How to report it' 'Threads and memory' 'Exit status'; do
		grep -qx "$title" <<<"$output"
	done
	golden help.txt
}

@test "--version is one line" {
	run "$KEYHUNT" --version
	[[ $status == 0 && $output =~ ^keyhunt\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "an unknown option is refused in one line" {
	refuses "unknown option '--x' (see keyhunt --help)" --x
	refuses "unknown option '-Z' (see keyhunt --help)" -Z
}

@test "control bytes in an argument do not reach the terminal" {
	refuses "unknown option '--\\x1b[31m'" $'--\x1b[31m'
}

@test "what comes in a later version is refused, not ignored" {
	for option in --staged --pre-push --pre-receive --verify; do
		refuses "not available in this version" "$option"
	done
	refuses "not available in this version" --commits A..B
	refuses "not available in this version" org scan --config file
	for word in install uninstall playbook; do
		refuses "not available in this version" "$word"
	done
	for format in gitlab junit csv html markdown; do
		refuses "not available in this version" --format "$format"
	done
}

@test "values are checked" {
	refuses "--format takes text, json, jsonl or sarif, not 'xml'" --format xml
	refuses "--threads takes a number from 1 to 1024, not '0'" -j 0
	refuses "--memory takes a size" --memory lots
	refuses "needs a value" --format
	refuses "takes no value" --history=yes
	refuses "goes with --history only" --whole-blobs
}

@test "the environment mirrors long options and is checked too" {
	KEYHUNT_FORMAT=xml refuses "KEYHUNT_FORMAT takes text"
	KEYHUNT_STATS=perhaps refuses "KEYHUNT_STATS takes 1 or 0"
	mkdir empty
	KEYHUNT_FORMAT=jsonl hunt empty
	[[ $status == 0 ]]
	grep -qE '"type": ?"summary"' <<<"$output"
	KEYHUNT_FORMAT=jsonl hunt --format text empty
	[[ $status == 0 && -z $output ]]
}

@test "a clean folder: exit status 0 and nothing on standard output" {
	mkdir clean
	echo 'nothing to see' >clean/file
	hunt clean
	[[ $status == 0 && -z $output ]]
}

@test "--quiet says nothing when there is nothing" {
	mkdir clean
	hunt -q clean
	[[ $status == 0 && -z $output && -z $stderr ]]
}

@test "a credential in a file: exit status 1, the key ID shown, the secret not" {
	credential 1
	mkdir found
	pair >found/credentials
	hunt found
	[[ $status == 1 ]]
	[[ $output == *"$KEY_ID"* && $output == *credentials* ]]
	[[ $output != *"$SECRET"* && $stderr != *"$SECRET"* ]]
	hunt --show-secrets found
	[[ $status == 1 && $output == *"$SECRET"* ]]
}

@test "standard input" {
	credential 2
	run --separate-stderr "$KEYHUNT" - < <(pair)
	[[ $status == 1 && $output == *"$KEY_ID"* ]]
	run --separate-stderr "$KEYHUNT" - <<<'nothing'
	[[ $status == 0 && -z $output ]]
}

@test "what cannot be read is not counted as scanned, and no secret in its name is shown" {
	credential_for_name 1
	mkdir d
	echo nothing >d/file
	ln -s /dev/fd/3 "d/$KEY_ID:$SECRET"
	run --separate-stderr "$KEYHUNT" --format json --memory 16M d "d/$KEY_ID:$SECRET" "no-$KEY_ID:$SECRET/file" \
		3< <(head -c 20M /dev/zero)
	[[ $status == 2 && $output$stderr != *"$SECRET"* ]]
	[[ $stderr == *"error: d/$KEY_ID:****: larger than the memory budget"* && $stderr == *"error: no-$KEY_ID:****/file: "* ]]
	[[ $stderr == *"scanned 1 file "* && $output == *'"blobs":1,'* ]]
}

@test "what archives unpack to keeps to --memory, and the rest is said" {
	credential 2
	repository r
	(pair && head -c 100M /dev/zero | tr '\0' '\n') | gzip -1 | commit r log.gz log
	for threads in 1 5; do
		run --separate-stderr "$KEYHUNT" --history --stats --memory 16m -j "$threads" r
		[[ $status == 2 && $output == *"$KEY_ID"* && $stderr == *"archive member is larger than its share of memory (--memory)"* ]]
		[[ $stderr =~ rss_peak_kib\ ([0-9]+) ]]
		((BASH_REMATCH[1] < 120000)) # sanitizers take their share
	done
}

@test "a path that is not there: exit status 2" {
	hunt no-such-path
	[[ $status == 2 && $stderr == *no-such-path* ]]
	hunt --history no-such-path
	[[ $status == 2 && $stderr == *no-such-path* ]]
}

@test "a folder that is no repository: --history exits with 2" {
	mkdir plain
	GIT_CEILING_DIRECTORIES=$HERE hunt --history plain
	[[ $status == 2 && -n $stderr ]]
}

@test "a credential in a history, removed since: exit status 1" {
	credential 3
	repository r
	commit r config.ini 'Add the configuration' < <(pair)
	commit r config.ini 'Take it out again' <<<'# nothing'
	hunt --history r
	[[ $status == 1 && $output == *"$KEY_ID"* ]]
	hunt r
	[[ $status == 0 ]]
}

@test "--output writes a file and leaves nothing beside it" {
	credential 4
	mkdir found reports
	pair >found/credentials
	hunt --format jsonl --output reports/all.jsonl found
	[[ $status == 1 && -z $output ]]
	grep -q "$KEY_ID" reports/all.jsonl
	[[ $(ls -A reports) == all.jsonl ]]
	hunt --output no-such-folder/report found
	[[ $status == 2 && -n $stderr ]]
}

@test "output that cannot be written: exit status 2" {
	[[ -w /dev/full ]] || skip "no /dev/full"
	credential 5
	pair >file
	run bash -c '"$KEYHUNT" --format jsonl file >/dev/full'
	[[ $status == 2 ]]
}

@test "a folder with a command's name is scanned as ./name" {
	mkdir org
	hunt ./org
	[[ $status == 0 ]]
	hunt -- org
	[[ $status == 0 ]]
}

@test "--generate prints a manual page and completions that load" {
	run "$KEYHUNT" --generate man
	[[ $status == 0 && $output == ".TH KEYHUNT 1"* ]]
	"$KEYHUNT" --generate bash >completion
	bash -n completion
	run bash -c 'source ./completion; COMP_WORDS=(keyhunt --format s); COMP_CWORD=2; _keyhunt; echo "${COMPREPLY[*]}"'
	[[ $output == sarif ]]
	refuses "man, bash, zsh or fish" --generate csh
}

@test "stopped by a signal: what was found is printed, marked incomplete, exit status 128 + signal" {
	credential 6
	interrupted() {
		{
			pair
			sleep 2
		} | timeout --preserve-status -s "$1" 0.7 "$KEYHUNT" --format jsonl -
	}
	run --separate-stderr interrupted TERM
	[[ $status == 143 && $output == *"$KEY_ID"* ]]
	grep -qE '"complete": ?false' <<<"$output"
	run --separate-stderr interrupted INT
	[[ $status == 130 && $output == *"$KEY_ID"* ]]
}

@test "patterns: each on a line; their examples hold" {
	hunt patterns
	[[ $status == 2 ]] # --no-progress does not go with it
	run "$KEYHUNT" patterns
	[[ $status == 0 && ${#lines[@]} -ge 1 && $output == *access-key* ]]
	run "$KEYHUNT" patterns test
	[[ $status == 0 ]]
}

# Runs a command that must end with status 2, say why, and not be killed.
cannot_write() {
	run --separate-stderr bash -c "$1" sh "$KEYHUNT"
	[[ $status == 2 && $stderr == "keyhunt: error: cannot write"* ]] || { echo "$1: $status, said: $stderr"; return 1; }
}

@test "what cannot be written is an error, whatever it is" {
	credential 1
	for what in '--generate man' '--generate zsh' --help -h --version patterns "explain $KEY_ID"; do
		cannot_write "\$1 $what >/dev/full"
		[[ $what == -h || $what == --version || $what == explain* ]] || cannot_write "ulimit -f 1; \$1 $what >out"
	done
}

@test "a value in the wrong place may be a secret: a long one is not told" {
	credential 1
	export KEYHUNT_FORMAT
	local long=aws_secret_access_key=$SECRET option
	for option in format since min-confidence color missing memory threads generate; do
		run "$KEYHUNT" --history "--$option" "$long"
		[[ $status == 2 && $output == *"a value of 62 bytes (not shown)"* && $output != *"${SECRET:0:8}"* ]]
	done
	KEYHUNT_FORMAT=$long hunt
	[[ $status == 2 && $stderr == *"not a value of 62 bytes"* ]]
	refuses "unexpected argument a value of 40 bytes" patterns "$SECRET"
	refuses "text, json, jsonl or sarif, not 'xml'" --format xml
	repository r
	for option in format minConfidence patterns baseline entropy threads "k${SECRET//[^a-z]/}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"; do
		git -C r config "keyhunt.$option" "$long"
		hunt r
		[[ $status == 2 && $stderr == *config:* && $stderr != *"${SECRET:0:8}"* && $stderr != *xxxxx* ]] || { echo "$option: $stderr"; return 1; }
		git -C r config --unset "keyhunt.$option"
	done
	printf '[keyhunt]\n\tminConfidence = %s\n' "$long" >r/.keyhunt
	hunt r
	[[ $status == 2 && $stderr == *".keyhunt:2: keyhunt.minconfidence takes"* && $stderr != *"${SECRET:0:8}"* ]]
}

@test "an archive that is too large to be opened whole is named" {
	credential 1
	pair | gzip -c >early.gz
	truncate -s 600M early.gz
	hunt --format jsonl early.gz
	[[ $status == 2 && $output == *"$KEY_ID"* && $output == *"early.gz"*"an archive too large to be opened whole"* ]]
	run --separate-stderr bash -c "head -c 2M early.gz | $KEYHUNT --memory 1m --format jsonl -"
	[[ $status == 2 && $output == *"larger than the memory budget"* ]]
}
