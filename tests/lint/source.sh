#!/usr/bin/env bash
# The shape of src/: which room includes which, how long files and functions are, what is not used at all.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C

failed=0
# complain ABOUT: each line on standard input is one offence.
complain() {
	local line
	while IFS= read -r line; do
		echo "$1: $line"
		failed=1
	done
}

# Arrows: a room includes itself and the rooms to its left.
rooms=(util objects match patterns findings policy report commands)
allowed=''
for room in "${rooms[@]}"; do
	allowed+=${allowed:+|}$room
	complain "a room may include only itself and the rooms to its left" < <(
		grep -nE '^#include "' "src/$room"/*.[ch] | grep -vE "#include \"(($allowed)/|builtin_[a-z]*\.inc)" || true)
done

complain "longer than 600 lines" < <(find src -name '*.[ch]' -exec awk 'END { if (FNR > 600) print FILENAME ": " FNR }' {} \;)

# A function begins at the brace in column 1 and ends at its partner.
complain "a function longer than 70 lines" < <(find src -name '*.c' -exec awk '
	/^\{/ { start = FNR }
	/^\}/ { if (start && FNR - start > 70) print FILENAME ":" start ": " FNR - start " lines"; start = 0 }' {} \;)

# Libraries stay behind their own door.
only() { # only LIBRARY HEADER FILE...
	local files
	files=$(printf '|%s' "${@:3}")
	complain "$1 is known elsewhere" < <(grep -nE "#include <$2" -r src | grep -vE "^src/(${files#|})" || true)
}
only libgit2 git2 objects/ findings/attribute policy/witness commands/ignored
only Hyperscan 'hs(/hs)?\.h' match/matcher.c
only libdeflate libdeflate objects/inflate.c patterns/
only PCRE2 pcre2 patterns/ policy/expressions.c
only jansson jansson policy/
only libyaml yaml patterns/
only libarchive archive patterns/

complain "no bounds, or a shell: not used here" < <(
	grep -nEw '(strcpy|strcat|sprintf|vsprintf|strtok|gets|system|popen|alloca|goto)' -r src --include='*.[ch]' |
		grep -E '\b(strcpy|strcat|sprintf|vsprintf|strtok|gets|system|popen|alloca) ?\(|\bgoto [a-z_]+;' || true)

complain "allocation goes through util/alloc.h" < <(
	grep -nE '\b(malloc|calloc|realloc|strdup) ?\(' -r src --include='*.c' | grep -v '^src/util/alloc.c:' || true)

# Tests and documentation included: nothing of anybody's machine.
complain "a path of somebody's machine" < <(
	git grep -nE '(^|[^A-Za-z0-9_.])/(work|home/[a-z]+|Users|root)/' -- ':!tests/corpus' ':!tests/lint' ':!patterns' 2>/dev/null || true)

complain "versions differ" < <(
	cmake=$(sed -n 's/^project(keyhunt VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
	grep -q "#define KEYHUNT_VERSION \"$cmake\"" src/commands/help.h || echo "CMakeLists.txt says $cmake, src/commands/help.h does not")

exit "$failed"
