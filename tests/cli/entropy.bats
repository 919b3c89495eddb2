#!/usr/bin/env bats
# --entropy: secrets that no word and no key ID speaks for.

setup() {
	load helpers
	scene
	credential 5
}

# bare [OPTION...]: how many findings the last report has, in JSON Lines, that nothing but their characters speaks for
bare() { grep -c '"confidence":"low".*"random-looking"' <<<"$output"; }

@test "in files, in standard input, in members of archives" {
	printf 'so\n%s\n' "$SECRET" >notes.txt
	hunt notes.txt
	[[ $status == 0 ]]
	hunt --entropy -v notes.txt
	[[ $status == 1 && $output == *secret-access-key*"confidence low"*notes.txt:2:1*random-looking* ]]
	hunt --entropy - <notes.txt
	[[ $status == 1 ]]
	gzip -k notes.txt
	hunt --entropy --format jsonl notes.txt.gz
	[[ $status == 1 && $output == *'"source":"archive"'* ]]
}

@test "shown without --min-confidence low, and hidden by a minimum that somebody set" {
	echo "$SECRET" >notes.txt
	hunt --entropy --min-confidence low notes.txt
	[[ $status == 1 ]]
	hunt --entropy --min-confidence medium notes.txt
	[[ $status == 0 ]]
	KEYHUNT_MIN_CONFIDENCE=high hunt --entropy notes.txt
	[[ $status == 0 ]]
	KEYHUNT_ENTROPY=1 hunt notes.txt
	[[ $status == 1 ]]
	# other findings of confidence low stay hidden
	printf 'GET /?AWSAccessKeyId=%s&Signature=x\n' "$KEY_ID" >access.log
	hunt --entropy access.log
	[[ $status == 0 ]]
}

@test "a setting of the repository too" {
	repository r
	commit r a.txt "notes" <<<"$SECRET"
	printf '[keyhunt]\n\tentropy = true\n' >r/.keyhunt
	hunt --history r
	[[ $status == 1 ]]
}

@test "in histories, the same by deltas and whole" {
	local n
	repository r
	{ seq 1 400; echo "$SECRET"; seq 401 800; } >text
	commit r a.txt "one" <text
	for n in 300 399 400 401 402 500; do # edits away from it, right before it, and in it
		sed -i "${n}s/\$/x/" text
		commit r a.txt "edit $n" <text
	done
	git -C r gc -q --aggressive
	for n in "" --whole-blobs "-j 1"; do
		hunt --history --entropy --format jsonl $n r
		[[ $status == 1 && $(bare) == 1 && $output == *'"occurrences":4'* ]]
	done
}

@test "allowed by a mark, and by value" {
	printf '%s # keyhunt:allow\n' "$SECRET" >notes.txt
	hunt --entropy notes.txt
	[[ $status == 0 && $stderr == *"1 "*allowed* ]]
}

@test "a list of many is something else" {
	local n
	for n in $(seq 1 40); do
		credential "$n"
		echo "$SECRET"
	done >list.txt
	hunt --entropy list.txt
	[[ $status == 0 ]]
	head -n 20 list.txt >some.txt
	hunt --entropy --format jsonl some.txt
	[[ $status == 1 && $(bare) == 20 ]]
}

@test "a signature elsewhere proves it" {
	IFS=$'\t' read -r _ _ KEY_ID SECRET TEXT < <(grep "^s3-token"$'\t' "$BATS_TEST_DIRNAME/../unit/signed.tsv")
	echo "see $TEXT" >link.md
	printf 'so\n%s\n' "$SECRET" >notes.txt
	hunt --entropy --format jsonl .
	[[ $status == 1 && $(grep notes.txt <<<"$output") == *'"confidence":"high"'*signature-verified* ]]
}
