#!/usr/bin/env bash
# --help, the manual page, the completions and docs/usage.md list exactly the same options.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C

options_of() { grep -oE -- "$1" | grep -oE -- '--[a-z][a-z-]*' | sort -u; }

want=$("$KEYHUNT" --help | options_of '^ +(-[a-z], )?--[a-z][a-z-]*')
failed=0
same() {
	if ! diff <(echo "$want") <(cat) >/dev/null; then
		echo "$1 lists other options than --help:"
		failed=1
	fi
}
same "the manual page" < <("$KEYHUNT" --generate man | sed 's/\\f[BIR]//g; s/\\-/-/g' | options_of '^(-[a-z], )?--[a-z][a-z-]*')
same "the bash completion" < <("$KEYHUNT" --generate bash | grep -- '--help' | options_of '--[a-z][a-z-]*')
same "the zsh completion" < <("$KEYHUNT" --generate zsh | options_of "^"$'\t'"'--[a-z][a-z-]*")
same "the fish completion" < <("$KEYHUNT" --generate fish | sed -n 's/.* -l \([a-z-]*\).*/--\1/p' | sort -u)
same "docs/usage.md" < <(options_of '^\| `(-[a-z], )?--[a-z][a-z-]*' <docs/usage.md)

# Short options too.
letters=$("$KEYHUNT" --help | grep -oE '^  -[a-z],' | sort -u | tr -d ' ,\n')
for where in man bash zsh fish; do
	for letter in ${letters//-/ }; do
		text=$("$KEYHUNT" --generate "$where" | sed 's/\\f[BIR]//g; s/\\-/-/g')
		if ! grep -qE -- "(-|-s )$letter\b" <<<"$text"; then
			echo "$where lacks -$letter"
			failed=1
		fi
	done
done
exit "$failed"
