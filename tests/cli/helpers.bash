# helpers.bash: repositories that come out the same every time, with credentials made up on the spot.
#
#     setup() { load helpers; scene; }          an empty folder of the test's own, a git that knows nothing of the user
#     credential 7                              KEY_ID and SECRET, the seventh pair; never anybody's
#     repository r                              an empty repository r with one branch, main
#     commit r file "message" <<<"contents"     writes the file and commits it, a day after the commit before
#     hunt --history r                          runs keyhunt: $status, $output (stdout), $stderr
#     golden name                               compares $output with golden/name; UPDATE_GOLDEN=1 rewrites it

bats_require_minimum_version 1.5.0

scene() {
	HERE=$BATS_TEST_TMPDIR
	LIB=$(cd "$BATS_TEST_DIRNAME/../lib" && pwd)
	GOLDEN=$BATS_TEST_DIRNAME/golden
	DAY=0
	local name
	for name in $(compgen -e); do
		if [[ $name == GIT_* || $name == KEYHUNT_* ]]; then unset "$name"; fi
	done
	unset NO_COLOR
	export HOME=$HERE/home GIT_CONFIG_NOSYSTEM=1 LC_ALL=C TZ=UTC TERM=dumb
	export GIT_AUTHOR_NAME='Ada Author' GIT_AUTHOR_EMAIL=ada@example.com
	export GIT_COMMITTER_NAME='Carl Committer' GIT_COMMITTER_EMAIL=carl@example.com
	mkdir -p "$HOME"
	git config --global init.defaultBranch main
	git config --global gc.auto 0
	git config --global advice.detachedHead false
	cd "$HERE" || return
}

credential() {
	local pair
	pair=$(PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$LIB python3 -c '
import random, sys, synth
rng = random.Random(int(sys.argv[1]))
print(synth.key_id(rng, sys.argv[2]), synth.secret(rng))' "$1" "${2-AKIA}") || return
	KEY_ID=${pair% *} SECRET=${pair#* }
}

# The same with a secret that can stand in a file's name, and does not break off in one.
credential_for_name() {
	local n=$1
	credential "$n"
	while [[ $SECRET == *[/+]* ]]; do
		n=$((n + 100))
		credential "$n"
	done
}

# The pair of `credential` as a credentials file has it.
pair() {
	printf 'aws_access_key_id = %s\naws_secret_access_key = %s\n' "$KEY_ID" "$SECRET"
}

repository() { git init -q "$@"; }

# Git with the clock at noon of the next day, UTC.
git_next() {
	local date
	date=$((1700049600 + DAY * 86400))
	DAY=$((DAY + 1))
	GIT_AUTHOR_DATE="$date +0000" GIT_COMMITTER_DATE="$date +0000" git "$@"
}

commit() {
	local repo=$1 path=$2 message=$3
	mkdir -p "$(dirname "$repo/$path")"
	cat >"$repo/$path"
	git -C "$repo" add -f -- "$path"
	git_next -C "$repo" commit -q -m "$message"
}

hunt() { run --separate-stderr "$KEYHUNT" --no-progress "$@"; }

golden() {
	local file=$GOLDEN/$1
	if [[ -n ${UPDATE_GOLDEN-} ]]; then
		mkdir -p "$GOLDEN"
		printf '%s\n' "$output" >"$file"
	fi
	diff -u "$file" <(printf '%s\n' "$output")
}
