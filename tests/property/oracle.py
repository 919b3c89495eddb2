#!/usr/bin/env python3
"""oracle.py DIR: what `keyhunt --history DIR` should find, worked out the slow and simple way.

Every object is read through `git cat-file`, searched whole with regular expressions, and each credential's story is told
by listing the files of every commit. No cleverness: where this and keyhunt differ, one of them is wrong.
"""
import hashlib
import heapq
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import packlib  # noqa: E402
import texts  # noqa: E402
from storage import read_objects  # noqa: E402

GITLINK = "160000"


def git_dir(path):
    inner = os.path.join(path, ".git")
    return inner if os.path.isdir(inner) else path


class Repository:
    def __init__(self, path):
        self.git = git_dir(path)
        self.objects = read_objects(self.git)
        self.commits = {n: self.parse_commit(d) for n, (k, d) in self.objects.items() if k == packlib.COMMIT}
        self.tags = {n: d for n, (k, d) in self.objects.items() if k == packlib.TAG}
        self.listing = {}
        self.refs = [tuple(reversed(line.split(" ", 1))) for line in self.run("for-each-ref", "--format=%(objectname) %(refname)")]
        self.has_remote = bool(self.run("config", "--get-regexp", r"^remote\.", check=False)) or \
            any(name.startswith("refs/remotes/") for name, _ in self.refs)
        head = self.run("rev-parse", "-q", "--verify", "HEAD", check=False)
        self.head = head[0] if head else None

    def run(self, *args, check=True, split="\n"):
        out = subprocess.run(["git", "--git-dir=" + self.git, *args], check=check, stdout=subprocess.PIPE).stdout
        return [line for line in os.fsdecode(out).split(split) if line]

    @staticmethod
    def parse_commit(data):
        head, _, message = data.partition(b"\n\n")
        commit = {"parents": [], "message": message, "head": head}
        for line in head.split(b"\n"):
            key, _, value = line.partition(b" ")
            if key == b"tree":
                commit["tree"] = value.decode()
            elif key == b"parent":
                commit["parents"].append(value.decode())
            elif key == b"committer":
                commit["when"] = int(value.rsplit(b" ", 2)[1])
        return commit

    def kahn(self, part):
        """These commits, parents first, else oldest first, else by name."""
        waiting = {n: len({p for p in self.commits[n]["parents"] if p in part}) for n in part}
        children = {}
        for name in part:
            for parent in set(self.commits[name]["parents"]):
                children.setdefault(parent, []).append(name)
        heap = [(self.commits[n]["when"], n) for n, k in waiting.items() if not k]
        heapq.heapify(heap)
        order = []
        while heap:
            _, name = heapq.heappop(heap)
            order.append(name)
            for child in children.get(name, ()):
                waiting[child] -= 1
                if not waiting[child]:
                    heapq.heappush(heap, (self.commits[child]["when"], child))
        return order

    def entries(self, tree):
        """(mode, name, object name) of one tree."""
        data, at, size = self.objects[tree][1], 0, len(tree) // 2
        while at < len(data):
            space = data.index(b" ", at)
            nul = data.index(b"\0", space)
            yield data[at:space].decode(), data[space + 1:nul], data[nul + 1:nul + 1 + size].hex()
            at = nul + 1 + size

    def files(self, tree):
        """path -> (mode, blob) of all files below a tree."""
        if tree not in self.listing:
            out = {}
            for mode, name, oid in self.entries(tree):
                if mode == "40000":
                    out.update({name + b"/" + path: entry for path, entry in self.files(oid).items()})
                else:
                    out[name] = (mode, oid)
            self.listing[tree] = out
        return self.listing[tree]

    def peel(self, oid):
        while oid in self.tags:
            oid = self.tags[oid].split(b"\n", 1)[0].split()[1].decode()
        return oid

    def reach(self, starts):
        seen, todo = set(), [self.peel(s) for s in starts]
        while todo:
            oid = todo.pop()
            if oid in self.commits and oid not in seen:
                seen.add(oid)
                todo += self.commits[oid]["parents"]
        return seen


def sha256(raw):
    return hashlib.sha256(raw).hexdigest() if raw else None


class Oracle(Repository):
    def __init__(self, path, bare):
        super().__init__(path)
        self.bare = bare  # what only --entropy finds counts
        self.tips = {name: self.reach([oid]) for name, oid in self.refs}
        notes = [name for name in self.tips if name.startswith("refs/notes/")]
        head = self.reach(self.pseudo_refs() + self.stash())
        self.noted = set().union(*(self.tips[name] for name in notes))
        self.other = head.union(*(self.tips[name] for name in self.tips if name not in notes))
        self.pushed = set().union(*(reach for name, reach in self.tips.items() if name.startswith("refs/remotes/")))
        self.reachable = self.noted | self.other
        # what nobody reaches comes after all that somebody does
        self.order = self.kahn(self.reachable) + self.kahn(set(self.commits) - self.reachable)
        self.position = {name: i for i, name in enumerate(self.order)}
        self.staged = set()
        self.sightings = {}  # (key, secret, path, space) -> list of (commit or None, object, line, source)

    def find(self, text):
        return texts.find(text, self.bare)

    def pseudo_refs(self):
        """HEAD of every worktree; ORIG_HEAD and its like keep nothing alive."""
        out, folders = [], [self.git, os.path.join(self.git, "worktrees", "other")]
        for path in [os.path.join(folder, name) for folder in folders for name in ("HEAD",)]:
            if os.path.exists(path):
                with open(path, encoding="ascii") as f:
                    text = f.read().strip()
                out += [text] if not text.startswith("ref:") else [self.head] if self.head else []
        return out

    def stash(self):
        """All its entries: refs/stash is the last one only."""
        path = os.path.join(self.git, "logs", "refs", "stash")
        if not os.path.exists(path):
            return []
        with open(path, encoding="ascii") as f:
            return [line.split()[1] for line in f]

    def see(self, cred, path, space, commit, oid, line, source):
        self.sightings.setdefault((cred[0], cred[1], path, space), []).append((commit, oid, line, source))

    def places(self):
        """Where each blob with a credential lies: (blob, path) -> commits that have it there; and the blobs themselves."""
        held = {n: self.find(d) for n, (k, d) in self.objects.items() if k == packlib.BLOB}
        held = {n: found for n, found in held.items() if found}
        places = {}
        for name in self.order:
            for path, (mode, blob) in self.files(self.commits[name]["tree"]).items():
                if mode != GITLINK and blob in held:
                    places.setdefault((blob, path, mode == "120000"), []).append(name)
        return held, places

    def blobs(self):
        """Files, symlinks, notes, and blobs of no tree."""
        held, places = self.places()
        for (blob, path, link), commits in places.items():
            note = any(c in self.noted for c in commits) and not any(c in self.other for c in commits)
            if note:
                path = path.replace(b"/", b"")
            for key, secret, at in held[blob]:
                line = texts.line_of(self.objects[blob][1], at)
                for commit in commits:
                    self.see((key, secret), path, "message" if note else "tree", commit, blob, line,
                             "note" if note else "symlink" if link else "blob")
        staged = [line.split("\t", 1) for line in self.run("ls-files", "-s", "-z", split="\0")]
        for (_, blob, _), path in [(info.split(), path) for info, path in staged]:
            for key, secret, at in held.get(blob, ()):
                self.staged.add((key, secret, os.fsencode(path)))
                self.see((key, secret), os.fsencode(path), "tree", None, blob, texts.line_of(self.objects[blob][1], at), "index")
        everywhere = {place[0] for place in places} | {info.split()[1] for info, _ in staged}
        for blob in set(held) - everywhere:
            for key, secret, at in held[blob]:
                self.see((key, secret), blob.encode(), "tree", None, blob, texts.line_of(self.objects[blob][1], at), "blob")

    def names(self):
        """Names of files and folders; the object is the tree that has the name."""
        for name in self.order:
            todo = [(self.commits[name]["tree"], b"")]
            while todo:
                tree, prefix = todo.pop()
                for mode, entry, oid in self.entries(tree):
                    for key, secret, _ in self.find(entry):
                        self.see((key, secret), prefix + entry, "path", name, tree, 1, "path")
                    if mode == "40000":
                        todo.append((oid, prefix + entry + b"/"))
        for name, _ in self.refs:
            for key, secret, _ in self.find(os.fsencode(name)):
                self.see((key, secret), os.fsencode(name), "ref", None, None, 1, "ref")
        with open(os.path.join(self.git, "config"), "rb") as f:
            config = f.read()
        for key, secret, at in self.find(config):
            self.see((key, secret), b".git/config", "config", None, None, texts.line_of(config, at), "config")

    def messages(self):
        for name in self.order:
            commit = self.commits[name]
            for key, secret, at in self.find(commit["message"]):
                self.see((key, secret), b"COMMIT_EDITMSG", "message", name, name, texts.line_of(commit["message"], at), "commit-message")
            for line in commit["head"].split(b"\n"):
                for key, secret, _ in self.find(line):
                    self.see((key, secret), b"author", "identity", name, name, 1, "identity")
        for name, data in self.tags.items():
            message = data.partition(b"\n\n")[2]
            refs = sorted(r for r, oid in self.refs if oid == name)
            for key, secret, at in self.find(message):
                path = os.fsencode(refs[0]) if refs else b"TAG_EDITMSG"
                self.see((key, secret), path, "message", None, name, texts.line_of(message, at), "tag-message")

    def in_head(self):
        """Secrets, and key IDs, of all that HEAD's tree has."""
        head = self.files(self.commits[self.head]["tree"]) if self.head else {}
        found = [c for mode, blob in head.values() if mode != GITLINK for c in self.find(self.objects[blob][1])]
        found += [c for path in head for name in path.split(b"/") for c in self.find(name)]
        return {c[1] for c in found if c[1]}, {c[0] for c in found if c[0]}

    def row(self, cred, path, space, sightings, head):
        key, secret = cred
        commits = {s[0] for s in sightings if s[0]}
        first, oid, line, source = min(sightings, key=lambda s: (self.position.get(s[0], len(self.order)), s[2], s[1] or ""))
        seen = [self.commits[c]["when"] for c in (commits & self.reachable or commits)]
        tags = {t for s in sightings for t in self.tags if s[1] == t}
        tagged = any(o in tags for _, o in self.refs)
        return {
            "key_id": key.decode() if key else None, "secret_sha256": sha256(secret), "path": path.hex(), "source": source,
            "line": line, "commit": first, "blob": oid,
            "first_seen": min((self.commits[c]["when"] for c in commits), default=None), "last_seen": max(seen) if seen else None,
            "occurrences": len({s[1] for s in sightings}),
            "reachable": bool(commits & self.reachable) or tagged or space == "ref" or space == "tree" and (key, secret, path) in self.staged,
            "at_head": space in ("tree", "path") and (secret in head[0] if secret else key in head[1]),
            "pushed": bool(commits & self.pushed) or path.startswith(b"refs/remotes/") if self.has_remote else None,
            "refs_total": sum(first in reach for reach in self.tips.values()) if first else 0,
        }

    def all(self):
        self.blobs()
        self.names()
        self.messages()
        head, rows = self.in_head(), []
        pairs = [k for k in self.sightings if k[0] and k[1]]
        whole = {(part, *k[2:]) for k in pairs for part in k[:2]}
        for (key, secret, path, space), sightings in self.sightings.items():
            half = not (key and secret)
            if not (half and (key or secret, path, space) in whole):  # a half says nothing new where the whole is
                rows.append(self.row((key, secret), path, space, sightings, head))
        return sorted(rows, key=lambda r: json.dumps(r, sort_keys=True))


def oracle(path, bare=False):
    return Oracle(path, bare).all()


if __name__ == "__main__":
    for found in oracle(sys.argv[1]):
        print(json.dumps(found))
