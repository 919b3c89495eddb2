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
        self.has_remote = bool(self.run("config", "--get-regexp", r"^remote\.", check=False))
        head = self.run("rev-parse", "-q", "--verify", "HEAD", check=False)
        self.head = head[0] if head else None
        self.order = self.kahn()

    def run(self, *args, check=True):
        out = subprocess.run(["git", "--git-dir=" + self.git, *args], check=check, stdout=subprocess.PIPE).stdout
        return os.fsdecode(out).splitlines()

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

    def kahn(self):
        """All commits, parents first, else oldest first, else by name."""
        waiting = {n: sum(p in self.commits for p in c["parents"]) for n, c in self.commits.items()}
        children = {}
        for name, commit in self.commits.items():
            for parent in commit["parents"]:
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
    def __init__(self, path):
        super().__init__(path)
        self.position = {name: i for i, name in enumerate(self.order)}
        tips = [oid for _, oid in self.refs]
        self.tips = {name: self.reach([oid]) for name, oid in self.refs}
        extra = [self.head] if self.head else []
        self.reachable = self.reach(tips + extra + self.reflogs())
        remote = [oid for name, oid in self.refs if name.startswith("refs/remotes/")]
        self.pushed = self.reach(remote)
        self.rows = []

    def reflogs(self):
        out = []
        for folder, _, names in os.walk(os.path.join(self.git, "logs")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    out += [oid.decode() for line in f for oid in line.split(b" ", 2)[:2]]
        return [oid for oid in out if oid.strip("0")]

    def row(self, cred, path, blob, line, holders, blobs, source, at_head):
        """holders: the commits that have it, any order."""
        key, secret = cred
        first = min(holders, key=self.position.get) if holders else None
        self.rows.append({
            "key_id": key.decode() if key else None, "secret_sha256": sha256(secret), "path": path.hex(), "source": source,
            "line": line, "commit": first, "blob": blob,
            "first_seen": self.commits[first]["when"] if first else None,
            "last_seen": max(self.commits[c]["when"] for c in holders) if holders else None,
            "occurrences": len(blobs),
            "reachable": any(c in self.reachable for c in holders),
            "at_head": at_head,
            "pushed": any(c in self.pushed for c in holders) if self.has_remote else None,
            "refs_total": sum(first in reach for reach in self.tips.values()) if first else 0,
        })

    def blobs(self):
        """Files, symlinks and blobs of no tree. (Notes are files of their own commits.)"""
        held = {n: texts.find(d) for n, (k, d) in self.objects.items() if k == packlib.BLOB}
        held = {n: found for n, found in held.items() if found}
        stories, placed = {}, set()  # (credential, path) -> list of (commit, blob)
        for name in self.order:
            for path, (mode, blob) in self.files(self.commits[name]["tree"]).items():
                if mode != GITLINK and blob in held:
                    placed.add(blob)
                    for key, secret, _ in held[blob]:
                        stories.setdefault((key, secret, path), []).append((name, blob))
        head = self.files(self.commits[self.head]["tree"]) if self.head else {}
        at_head = {c[:2] for mode, blob in head.values() for c in held.get(blob, ())}
        for (key, secret, path), story in stories.items():
            first, blob = story[0]
            offset = min(at for k, s, at in held[blob] if (k, s) == (key, secret))
            mode = self.files(self.commits[first]["tree"])[path][0]
            self.row((key, secret), path, blob, texts.line_of(self.objects[blob][1], offset), [c for c, _ in story],
                     {b for _, b in story}, "symlink" if mode == "120000" else "blob", (key, secret) in at_head)
        for blob in set(held) - placed:
            for cred in {c[:2] for c in held[blob]}:
                offset = min(at for k, s, at in held[blob] if (k, s) == cred)
                self.row(cred, blob.encode(), blob, texts.line_of(self.objects[blob][1], offset), [], {blob}, "blob", cred in at_head)

    def messages(self):
        stories = {}
        for name in self.order:
            commit = self.commits[name]
            for text, path, source in ((commit["message"], b"COMMIT_EDITMSG", "commit-message"), (commit["head"], b"author", "identity")):
                for key, secret, at in texts.find(text):
                    stories.setdefault((key, secret, path, source), []).append((name, texts.line_of(text, at)))
        for (key, secret, path, source), story in stories.items():
            first, line = story[0]
            holders = [n for n, _ in story]
            self.row((key, secret), path, first, line, holders, set(holders), source, False)

    def tag_messages(self):
        for name, data in self.tags.items():
            head, _, message = data.partition(b"\n\n")
            refs = sorted(r for r, oid in self.refs if oid == name)
            for cred in {c[:2] for c in texts.find(message)}:
                offset = min(at for k, s, at in texts.find(message) if (k, s) == cred)
                path = os.fsencode(refs[0]) if refs else name.encode()
                self.row(cred, path, name, texts.line_of(message, offset), [], {name}, "tag-message", False)

    def all(self):
        self.blobs()
        self.messages()
        self.tag_messages()
        return sorted(self.rows, key=lambda r: json.dumps(r, sort_keys=True))


def oracle(path):
    return Oracle(path).all()


if __name__ == "__main__":
    for found in oracle(sys.argv[1]):
        print(json.dumps(found))
