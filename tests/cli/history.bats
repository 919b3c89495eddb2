#!/usr/bin/env bats
# Everything in a repository that can hold a key, and every shape a repository comes in.

setup() {
	load helpers
	scene
	credential 7
}

# field NAME: that field of the one finding there must be, as JSON
field() {
	python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
assert len(rows) == 2, [(r.get("kind"), r.get("path")) for r in rows]
print(json.dumps(rows[0][sys.argv[1]]))' "$1" <<<"$output"
}

# found SOURCE PATH [REPO]: one finding, the credential of the test, there
found() {
	hunt --history --format jsonl --min-confidence low "${3-r}"
	[[ $status == 1 ]]
	[[ $(field key_id) == "\"$KEY_ID\"" ]]
	[[ $(field source) == "\"$1\"" ]]
	[[ $(field path) == "\"$2\"" ]]
}

base() {
	repository r
	commit r readme "first" <<<"nothing here"
}

@test "a merge's own resolution" {
	base
	git -C r checkout -q -b side
	commit r a "side" <<<"a"
	git -C r checkout -q main
	commit r b "main" <<<"b"
	git -C r merge -q --no-commit --no-ff side
	pair >r/evil
	git -C r add evil
	git_next -C r commit -q -m "merge"
	rm r/evil
	git -C r rm -q --cached evil
	git_next -C r commit -q -m "gone"
	found blob evil
	[[ $(field at_head) == false ]]
}

@test "a stash, tracked and untracked" {
	base
	pair >r/untracked
	git_next -C r stash push -q -u
	found blob untracked
	[[ $(field reachable) == true ]]
}

@test "a note" {
	base
	git_next -C r notes add -m "$(pair)" HEAD
	found note "$(git -C r rev-parse HEAD)"
}

@test "a commit message, an author, a tag message, a ref" {
	base
	git_next -C r commit -q --allow-empty -m "look $(pair)"
	found commit-message COMMIT_EDITMSG
	git -C r reset -q --hard HEAD~1
	git -C r reflog expire --expire=now --all
	git -C r gc -q --prune=now
	git_next -C r -c user.name="$KEY_ID" commit -q --allow-empty --author="$KEY_ID <a@example.com>" -m x
	GIT_COMMITTER_NAME=C found identity author
	git -C r update-ref refs/heads/main HEAD~1
	git -C r reflog expire --expire=now --all
	git -C r gc -q --prune=now
	git_next -C r tag -a -m "$(pair)" v1
	found tag-message refs/tags/v1
	git -C r tag -d v1
	git -C r gc -q --prune=now
	git -C r branch "was-$KEY_ID"
	found ref "refs/heads/was-$KEY_ID"
}

@test "a file's name, a link's target" {
	base
	commit r "dir/$KEY_ID.txt" "name" <<<"x"
	found path "dir/$KEY_ID.txt"
	git -C r reset -q --hard HEAD~1
	git -C r reflog expire --expire=now --all
	git -C r gc -q --prune=now
	ln -s "s3://$KEY_ID:${SECRET//\//%2F}@bucket" r/link
	git -C r add link
	git_next -C r commit -q -m link
	found symlink link
}

@test "a file's name that holds a secret with its slashes encoded is not shown" {
	base
	local n=1
	credential $n
	while [[ $SECRET != *[a-z0-9]/* ]]; do
		n=$((n + 1))
		credential $n
	done
	commit r "dir/$KEY_ID:${SECRET//\//%2F}@bucket" "name" < <(pair)
	hunt --history --format jsonl r
	[[ $status == 1 && $output == *'"path":"dir/****"'* ]]
	[[ $output$stderr != *"${SECRET//\//%2F}"* && $output$stderr != *"$SECRET"* ]]
	[[ $output == *'"source":"path"'* && $output == *'"source":"blob"'* ]]
}

@test "a URL in the repository's configuration" {
	base
	git -C r config remote.origin.url "https://$KEY_ID:${SECRET//\//%2F}@example.com/x.git"
	found config .git/config
}

@test "what only the index holds" {
	base
	pair >r/staged
	git -C r add staged
	rm r/staged
	found index staged
	[[ $(field commit) == null ]]
}

@test "the index of another worktree, and its HEAD" {
	base
	git -C r worktree add -q --detach ../w
	pair >w/there
	git -C w add there
	found index there
	git_next -C w commit -q -m "only in the worktree"
	found blob there
	[[ $(field reachable) == true ]]
	found blob there w
}

@test "what only the reflog knows; what nothing knows" {
	base
	commit r key "oops" < <(pair)
	git -C r reset -q --hard HEAD~1
	found blob key
	[[ $(field reachable) == false ]]
	git -C r reflog expire --expire=now --all
	found blob key
	git -C r gc -q --prune=now
	hunt --history r
	[[ $status == 0 ]]
	blob=$(pair | git -C r hash-object -w --stdin)
	found blob "$blob"
	[[ $(field commit) == null ]]
}

@test "UTF-16, base64, gzip and zip" {
	base
	pair | iconv -t UTF-16LE | commit r wide "wide"
	found blob wide
	git -C r reset -q --hard HEAD~1 && git -C r reflog expire --expire=now --all && git -C r gc -q --prune=now
	pair | base64 -w 76 | commit r b64 "base64"
	found blob b64
	git -C r reset -q --hard HEAD~1 && git -C r reflog expire --expire=now --all && git -C r gc -q --prune=now
	pair | gzip -n | commit r log.gz "gzip"
	found archive log.gz
	git -C r reset -q --hard HEAD~1 && git -C r reflog expire --expire=now --all && git -C r gc -q --prune=now
	pair >env
	python3 -c 'import sys, zipfile; zipfile.ZipFile("a.zip", "w").write("env")'
	commit r a.zip "zip" <a.zip
	found archive a.zip
	[[ $(field inner_path) == '"env"' ]]
}

@test "one finding per credential and path; dates, versions, head, pushed, refs" {
	base
	commit r key "in" < <(pair)
	commit r key "edited" < <(
		pair
		echo '# more'
	)
	git clone -q --bare r up
	git -C r remote add origin ../up
	git -C r fetch -q origin
	found blob key
	[[ $(field occurrences) == 2 ]]
	[[ $(field at_head) == true ]]
	[[ $(field pushed) == true ]]
	[[ $(field commit) == "\"$(git -C r rev-parse HEAD~1)\"" ]]
	[[ $(field refs) == '["refs/heads/main", "refs/remotes/origin/main"]' ]]
	commit r key "out" <<<"clean"
	found blob key
	[[ $(field at_head) == false ]]
	python3 -c 'import sys; assert sys.argv[1] < sys.argv[2]' "$(field first_seen)" "$(field last_seen)"
}

@test "a work tree, a folder in it, .git, a bare clone, a .git file" {
	base
	commit r sub/key "in" < <(pair)
	found blob sub/key r
	found blob sub/key r/sub
	found blob sub/key r/.git
	git clone -q --bare r bare.git
	found blob sub/key bare.git
	git clone -q --separate-git-dir=elsewhere r file
	found blob sub/key file
	found blob sub/key file/.git
	cd r/sub
	run --separate-stderr "$KEYHUNT" --history --format jsonl
	[[ $status == 1 ]]
}

@test "alternates, and the variables of a hook's quarantine" {
	base
	commit r key "in" < <(pair)
	git clone -q --shared r shared
	found blob key shared
	mkdir -p q/incoming
	repository empty
	blob=$(pair | GIT_OBJECT_DIRECTORY=$PWD/q/incoming git -C empty hash-object -w --stdin)
	cd empty
	GIT_OBJECT_DIRECTORY=$PWD/../q/incoming run --separate-stderr "$KEYHUNT" --history --format jsonl
	[[ $status == 1 && $output == *$blob* ]]
}

@test "SHA-256 repositories" {
	repository --object-format=sha256 r
	commit r key "in" < <(pair)
	found blob key
	git -C r gc -q
	found blob key
	[[ $(field commit) == "\"$(git -C r rev-parse HEAD)\"" ]]
}

@test "shallow is said, and is no failure" {
	base
	commit r key "in" < <(pair)
	git clone -q --depth 1 "file://$PWD/r" shallow
	hunt --history --format jsonl shallow
	[[ $status == 1 && $output == *'"shallow":true'* && $output == *'"complete":true'* ]]
}

@test "a partial clone is incomplete, unless that is allowed" {
	base
	commit r key "in" < <(pair)
	commit r key "out" <<<"clean"
	git -C r config uploadpack.allowFilter true
	git clone -q --no-checkout --filter=blob:none "file://$PWD/r" partial
	hunt --history --format jsonl partial
	[[ $status == 2 && $output == *'"complete":false'* && $output == *'"missing_objects":3'* ]]
	hunt --history --format jsonl --missing allow partial
	[[ $status == 0 && $output == *'"missing_objects":3'* ]]
}

# lose OBJECT: its file goes
lose() {
	local name
	name=$(git -C r rev-parse "$1")
	rm -f "r/.git/objects/${name:0:2}/${name:2}"
}

@test "what is lost below HEAD makes a scan incomplete, what only dangling objects lack does not" {
	base
	commit r key "in" < <(pair)
	commit r key "out" <<<"clean"
	git -C r commit -q --amend -m "again" --allow-empty
	lose HEAD~1:key
	hunt --history --format jsonl --missing allow r
	[[ $status == 2 && $output == *'"complete":false'* && $output == *'"missing_objects":1'* && $output == *'"reason":"missing"'* ]]
	git -C r update-ref HEAD "$(git -C r rev-list --max-parents=0 HEAD)"
	git -C r read-tree HEAD
	rm -rf r/.git/logs
	hunt --history --format jsonl r
	[[ $status == 0 && $output == *'"complete":true'* && $output == *'"missing_objects":0'* ]]
}

@test "an unknown extension and a ref storage we cannot read: what is there is scanned, and incomplete" {
	base
	commit r key "in" < <(pair)
	git -C r config core.repositoryformatversion 1
	git -C r config extensions.fancy true
	hunt --history --format jsonl r
	[[ $status == 2 && $output == *"$KEY_ID"*'"reachable":true'* && $output == *'extensions.fancy is not known here'* ]]
	sed -i 's/fancy = true/refStorage = reftable/' r/.git/config
	hunt --history --format jsonl r
	[[ $status == 2 && $output == *"$KEY_ID"*'"reachable":true,"at_head":null'* && $output == *'extensions.refStorage'* ]]
}

@test "a commit message larger than a share of the memory is read whole, with its lines" {
	base
	{ seq 600000; pair; } >message
	git_next -C r commit -q --allow-empty -F "$HERE/message"
	hunt --history --format jsonl --memory 16m r
	[[ $status == 1 ]]
	local small=${output%$'\n'*}
	hunt --history --format jsonl r
	[[ $small == "${output%$'\n'*}" && $small == *'"line":600001,'* ]]
}

@test "what git gc packs while we look is not lost" {
	base
	commit r key "in" < <(pair)
	for i in $(seq 40); do commit r "f$i" "$i" <<<"$i"; done
	(for _ in $(seq 6); do git -C r repack -qad && git -C r prune-packed && git -C r unpack-objects -q <"$(echo r/.git/objects/pack/*.pack)" || :; done) &
	for _ in $(seq 12); do
		hunt --history --format jsonl r
		[[ $status == 1 || $status == 2 ]]
		[[ $output == *"$KEY_ID"* ]]
	done
	wait
}

@test "several repositories: each finding says in which" {
	base
	commit r key "in" < <(pair)
	git clone -q r two
	hunt --history --format jsonl r two
	[[ $status == 1 && $output == *'"repository":"r"'* && $output == *'"repository":"two"'* ]]
	hunt --history r nowhere
	[[ $status == 2 && $output == *"$KEY_ID"* ]]
}

@test "a repository named twice is one repository" {
	base
	commit r key "in" < <(pair)
	git -C r worktree add -q ../w
	ln -s r link
	mkdir r/d
	hunt --history --format jsonl r
	once=$(grep -v '"type":"summary"' <<<"$output")
	for again in r r/d r/.git link w; do
		hunt --history --format jsonl r "$again"
		[[ $status == 1 ]]
		diff <(printf '%s\n' "$once") <(grep -v '"type":"summary"' <<<"$output")
	done
	git clone -q r two
	hunt --history --format jsonl r two r
	[[ $(grep -c '"repository":"r"' <<<"$output") == 1 && $(grep -c '"repository":"two"' <<<"$output") == 1 ]]
}

@test "no secret in the name of what cannot be read" {
	base
	credential_for_name 1
	mkdir -p "r/.git/refs/heads/$KEY_ID:$SECRET"
	echo damaged >"r/.git/refs/heads/$KEY_ID:$SECRET/main"
	hunt --history --format json r
	[[ $status == 2 && $output == *"$KEY_ID:****/main"* && $stderr == *"$KEY_ID:****/main"* ]]
	[[ $output$stderr != *"$SECRET"* ]]
	hunt --history -q "nowhere/$KEY_ID:$SECRET"
	[[ $status == 2 && $stderr == *"$KEY_ID:****"* && $output$stderr != *"$SECRET"* ]]
}

@test "no secret in any message, however verbose" {
	base
	commit r key "in" < <(pair)
	hunt --history -v --stats r
	[[ $output$stderr != *"$SECRET"* ]]
}

@test "a loose object that holds another's content is not taken for it" {
	base
	commit r key "in" < <(pair)
	blob=$(git -C r rev-parse HEAD:key)
	file=r/.git/objects/${blob:0:2}/${blob:2}
	chmod u+w "$file"
	python3 -c 'import sys, zlib; open(sys.argv[1], "wb").write(zlib.compress(b"blob 2\0hi"))' "$file"
	hunt --history --format jsonl r
	[[ $status == 2 && $output == *"$blob"* && $output == *'"complete":false'* ]]
}

@test "a private key is CloudFront's by the name of its file: at each path that has such a name, and nowhere else" {
	local name=pk-APKAUOLPQX4VFNW2IDGM.pem
	repository r
	openssl ecparam -genkey -name prime256v1 -noout | tee key | commit r a/signing.key "no such name"
	hunt --history r
	[[ $status == 0 ]]
	commit r "pk-APKAUOLPQX4VFNW2IDGM.txt" "no private key" <<<"read me"
	hunt --history r
	[[ $status == 0 ]]
	git -C r mv a/signing.key "a/$name"
	git_next -C r commit -q -m "its name"
	(cd r && cp ../key "$name" && python3 -m zipfile -c keys.zip "$name" && rm "$name" && git add keys.zip)
	git_next -C r commit -q -m "in an archive"
	git -C r mv "a/$name" a/other
	git_next -C r commit -q -m "and away"
	openssl ecparam -genkey -name prime256v1 -noout >"r/pk-APKAUOLPQX4VFNW2IDGA.pem"
	git -C r add .
	for how in "" --whole-blobs -j1; do
		hunt --history $how --format jsonl r
		[[ $status == 1 ]]
		python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin][:-1]
got = [(r["kind"], r["key_id"], r["path"], r["inner_path"], r["source"], r["commit"] == sys.argv[1]) for r in rows]
kind, name, staged = "cloudfront-private-key", "pk-APKAUOLPQX4VFNW2IDGM.pem", "pk-APKAUOLPQX4VFNW2IDGA.pem"
assert got == [(kind, name[3:-4], "a/" + name, None, "blob", True), (kind, name[3:-4], "keys.zip", name, "archive", False),
               (kind, staged[3:-4], staged, None, "index", False)], got' "$(git -C r rev-parse HEAD~2)" <<<"$output"
	done
	echo '# keyhunt:allow' | cat - key >"r/$name"
	(cd r && "$KEYHUNT" -q --format jsonl . | tail -1 | grep -q '"findings":2,"credentials":2,.*"allowed":1,')
	rm -r r/keys.zip r/pk-* && cp key r/file
	hunt r
	[[ $status == 0 ]]
	run "$KEYHUNT" explain - <key
	[[ $status == 1 ]]
}
