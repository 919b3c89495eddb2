#!/usr/bin/env bats
# Reports that programs read: well-formed, in order, the same for any number of threads.

setup() {
	load helpers
	scene
}

# A history with five credentials in three files, one of them in a subfolder, one with a name that is not UTF-8.
five() {
	repository r
	for n in 1 2 3 4 5; do
		credential "$n"
		case $n in
		1 | 2) commit r "config/$n.ini" "Add $n" < <(pair) ;;
		3 | 4)
			pair >>app.env
			commit r app.env "Add $n" <app.env
			;;
		5) commit r $'caf\xe9.ini' "Add $n" < <(pair) ;;
		esac
	done
}

# run a Python expression over the parsed lines of $output as `rows`
rows() {
	python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin.buffer.read().decode("utf-8").splitlines()]
assert '"$1"', rows' <<<"$output"
}

@test "jsonl: findings, then one summary" {
	five
	hunt --history --format jsonl r
	[[ $status == 1 ]]
	rows 'len(rows) == 6 and [r["type"] for r in rows] == ["finding"] * 5 + ["summary"]'
	rows 'rows[-1]["findings"] == 5 and rows[-1]["credentials"] == 5 and rows[-1]["complete"] is True'
	rows 'all(r["schema"] == 1 and r["kind"] == "access-key-pair" for r in rows[:-1])'
	rows 'all(r["rule"].replace("-", "").isalnum() for r in rows[:-1])'
	rows 'all(len(r["secret_sha256"]) == 64 and len(r["fingerprint"]) >= 16 for r in rows[:-1])'
}

@test "jsonl: by path, then line" {
	five
	hunt --history --format jsonl r
	rows '[(r["path"], r["line"]) for r in rows[:-1]] == sorted((r["path"], r["line"]) for r in rows[:-1])'
}

@test "a path that is not UTF-8 is given exactly, in base64" {
	five
	hunt --history --format jsonl r
	rows '[r.get("path_base64") for r in rows if "caf" in r.get("path", "")] == ["Y2Fm6S5pbmk="]'
	rows '[r["path"] for r in rows if "caf" in r.get("path", "")] == ["caf\ufffd.ini"]'
}

@test "the commit that brought it in" {
	five
	hunt --history --format jsonl r
	rows 'len({r["commit"] for r in rows[:-1]}) == 5'
	rows '{r["author_name"] for r in rows[:-1]} == {"Ada Author"} and {r["author_email"] for r in rows[:-1]} == {"ada@example.com"}'
	rows 'rows[2]["committed_at"].startswith("2023-11-1")'
	rows 'all(r["reachable"] and r["at_head"] and r["pushed"] is None for r in rows[:-1])'
}

@test "the same for one thread, two threads and whole blobs" {
	five
	git -C r repack -q -adf
	for way in '-j 1' '-j 2' '--whole-blobs' '-j 7 --memory 1m'; do
		# shellcheck disable=SC2086
		hunt --history --format jsonl $way r
		grep '"finding"' <<<"$output" >"found.${way// /}"
	done
	cmp found.-j1 found.-j2
	cmp found.-j1 found.--whole-blobs
	cmp found.-j1 found.-j7--memory1m
}

@test "json: one object with findings and a summary" {
	five
	hunt --history --format json r
	[[ $status == 1 ]]
	python3 -c '
import json, sys
report = json.load(sys.stdin)
assert len(report["findings"]) == 5 and report["summary"]["complete"] is True, report' <<<"$output"
}

@test "sarif: version 2.1.0, each result in a file and with a rule" {
	five
	hunt --history --format sarif r
	[[ $status == 1 ]]
	python3 -c '
import json, sys
log = json.load(sys.stdin)
assert log["version"] == "2.1.0"
run, = log["runs"]
rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
assert len(run["results"]) == 5 and all(r["ruleId"] in rules and r["message"]["text"] for r in run["results"])
assert all(r["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1 for r in run["results"])' <<<"$output"
}

@test "no format shows a secret, unless asked" {
	five
	for n in 1 2 3 4 5; do
		credential "$n"
		echo "$SECRET"
	done >secrets
	for format in text json jsonl sarif; do
		run "$KEYHUNT" --history -v --format "$format" r
		[[ $status == 1 ]]
		! grep -qFf secrets <<<"$output"
	done
	hunt --history --show-secrets --format jsonl r
	[[ $(grep -oFf secrets <<<"${output//\\\//\/}" | sort -u | wc -l) == 5 ]]
}

@test "the text report has no colour in a pipe, and has it with --color always" {
	credential 1
	pair >file
	hunt file
	[[ $status == 1 && $output != *$'\x1b'* ]]
	hunt --color always file
	[[ $status == 1 && $output == *$'\x1b['* ]]
	NO_COLOR=1 hunt file
	[[ $output != *$'\x1b'* ]]
}

@test "names with control bytes reach no terminal raw" {
	credential 1
	repository r
	commit r $'a\x1b[2Jb\nc.ini' "Odd name" < <(pair)
	hunt --history r
	[[ $status == 1 && $output != *$'\x1b'* && $stderr != *$'\x1b'* ]]
	hunt r
	[[ $status == 1 && $output != *$'\x1b'* && $stderr != *$'\x1b'* ]]
}

@test "--stats says how much was read and matched" {
	five
	hunt --history --stats --format jsonl r
	for name in matched_bytes blob_bytes objects; do
		grep -qE "^stat $name [0-9]+$" <<<"$stderr"
	done
}
