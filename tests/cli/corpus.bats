#!/usr/bin/env bats
# The labelled corpus: what leaks is found, what does not is left alone; in files and in a history alike.

setup() {
	load helpers
	scene
	CORPUS=$(cd "$BATS_TEST_DIRNAME/../corpus" && pwd)
}

@test "the labels are true" {
	python3 -B "$CORPUS/score.py" --check "$CORPUS"
}

@test "every kind: all of them, and nothing else" {
	hunt --format jsonl --output out.jsonl "$CORPUS"
	[[ $status == 1 ]]
	python3 -B "$CORPUS/score.py" "$CORPUS" out.jsonl --min-precision 1 --min-recall 1
}

@test "with --advice: what is labelled so, too, and nothing else" {
	hunt --no-ignore --advice --format jsonl --output out.jsonl "$CORPUS"
	python3 -B "$CORPUS/score.py" "$CORPUS" out.jsonl --advisory --kinds env-credential-usage,root-access-key --min-precision 1 --min-recall 1
}

@test "no finding in any file that holds none, whatever its kind" {
	hunt --format jsonl "$CORPUS/negative"
	python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin][:-1]
tolerated = {json.loads(line)["path"] for line in open(sys.argv[1]) if json.loads(line)["expect"] == "either"}
wrong = [(r["path"], r["line"], r["kind"]) for r in rows if not any(r["path"].endswith(t) for t in tolerated)]
assert not wrong, wrong' "$CORPUS/expected.jsonl" <<<"$output"
}

# With advice, of which a file has one finding a rule in either.
@test "a history holds what its files hold" {
	cp -r "$CORPUS" r
	git -C r init -q
	git -C r add -f .
	git_next -C r commit -q -m all
	git -C r gc -q
	cd r
	"$KEYHUNT" --no-progress --advice --format jsonl . >../files || [[ $? == 1 ]]
	"$KEYHUNT" --no-progress --advice --format jsonl --history . >../history || [[ $? == 1 ]]
	python3 -c '
import json, sys
a, b = ({(r["path"], r["line"], r["column"], r["fingerprint"]) for r in map(json.loads, open(f)) if r["type"] == "finding"} for f in sys.argv[1:])
assert a and a == b, sorted(a ^ b)' ../files ../history
}
