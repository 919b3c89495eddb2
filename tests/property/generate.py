#!/usr/bin/env python3
"""generate.py SEED DIR: a random repository, the same for the same seed, with credentials where they hurt.

    edits of texts ──> commits (branches, merges, roots, skewed clocks) ──fast-import──> objects ──> stored at random:
    packs by git (any depth, OFS or REF), packs by hand (deltas cut anywhere), loose, twice, in an alternate

Every text keeps to one reading (texts.clear); an edit that would blur it is not made.
"""
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import packlib  # noqa: E402
import synth  # noqa: E402
import texts  # noqa: E402
from storage import store_objects  # noqa: E402

WORDS = ("river stone lamp window paper bridge garden music yellow button forest silver letter winter market kitchen engine "
         "module number table value return while print import config server client region bucket upload").split()
NAMES = ["a.py", "config/settings.ini", "src/deep/er/main.c", "README.md", "notes on it.txt", "dir/b.tf", "dir/c.yaml", "zz", "src/x.env",
         "\u00fcber/gr\u00fc\u00df.txt", os.fsdecode(b"latin-\xe9.cfg")]
ZONES = ["+0000", "+0200", "-0730", "+1245"]


class Generator:
    def __init__(self, seed, path):
        self.rng = random.Random(seed)
        self.path = path
        self.algo = "sha256" if seed % 10 == 7 else "sha1"
        self.bare = self.rng.random() < 0.6
        self.git = path if self.bare else os.path.join(path, ".git")
        self.commits = []    # (parents, tree, when, message, author)
        self.branches = {}   # name -> commit
        self.graveyard = []  # (path, text) as they once were
        self.pairs = [(synth.key_id(self.rng, self.rng.choice(("AKIA", "AKIA", "ASIA"))), self.secret())
                      for _ in range(self.rng.randint(2, 5))]
        self.bare_secrets = [self.secret(), self.secret()]
        self.clock = 1500000000 + self.rng.randrange(10**7)

    # --- texts ---

    def secret(self):
        while True:
            secret = synth.secret(self.rng)
            if texts.typical(secret):
                return secret

    def filler(self, low, high):
        rng = self.rng
        return "".join(" ".join(rng.choices(WORDS, k=rng.randint(2, 9))) + "\n" for _ in range(rng.randint(low, high))).encode()

    def credential(self):
        key, secret = self.rng.choice(self.pairs)
        shape = self.rng.random()
        if shape < 0.55:
            return synth.block(key, secret).encode()
        if shape < 0.7:
            return f"aws_access_key_id = {key}\n".encode()
        if shape < 0.8:
            return f"aws_secret_access_key = {secret}\n".encode()
        return f"window lamp {self.rng.choice(self.bare_secrets)} stone\n".encode()

    def line_starts(self, text):
        return [0] + [i + 1 for i, c in enumerate(text) if c == 10]

    def put(self, text):
        at = self.rng.choice(self.line_starts(text))
        return text[:at] + self.credential() + text[at:]

    def cut(self, text):
        """Destroy a credential: junk in the middle of its first or second half."""
        found = texts.find(text)
        if not found:
            return text
        key, secret, at = self.rng.choice(found)
        part = self.rng.choice([p for p in (key, secret) if p])
        middle = text.index(part, at) + self.rng.randint(1, len(part) - 1)
        return text[:middle] + b" ~ " + self.filler(0, 3) + b" ~ " + text[middle:]

    def join(self, text):
        """Delete the junk again: the halves meet at a seam."""
        a = text.find(b" ~ ")
        b = text.find(b" ~ ", a + 3)
        return text[:a] + text[b + 3:] if 0 <= a < b else text

    def straddle(self, text):
        """Take a few bytes out of a credential, or put some lost ones back, beside other words."""
        found = texts.find(text)
        if not found:
            return text
        key, secret, at = self.rng.choice(found)
        part = key or secret
        size = self.rng.randint(1, len(part) - 1)
        where = text.index(part, at)
        return text[:where] + part[:size] + b"\n" + self.filler(1, 2) + part[size:] + text[where + len(part):]

    def words(self, text):
        """An edit that has nothing to do with credentials."""
        starts = self.line_starts(text)
        at = self.rng.choice(starts)
        if self.rng.random() < 0.5:
            return text[:at] + self.filler(1, 6) + text[at:]
        end = self.rng.choice([s for s in starts if s >= at][:8])
        return text[:at] + text[end:]

    def move(self, text):
        """A stretch of lines goes elsewhere in the text."""
        a, b = sorted(self.rng.choices(self.line_starts(text), k=2))
        rest = text[:a] + text[b:]
        at = self.rng.choice(self.line_starts(rest))
        return rest[:at] + text[a:b] + rest[at:]

    def edit(self, text):
        change = self.rng.choice((self.words, self.words, self.put, self.put, self.cut, self.join, self.straddle, self.move))
        new = change(text)
        return new if texts.clear(new) and len(new) < 60000 else text

    # --- trees ---

    def change(self, tree):
        rng, tree = self.rng, dict(tree)
        paths = [p for p in tree if tree[p][0] == "100644"]
        kind = rng.random()
        if not paths or kind < 0.15:
            text = self.filler(1, rng.choice((10, 40, 300, 700)))
            if rng.random() < 0.4:
                text = self.put(text)
            tree = self.place(tree, rng.choice(NAMES), text)
        elif kind < 0.65:
            path = rng.choice(paths)
            tree[path] = (tree[path][0], self.edit(tree[path][1]))
        elif kind < 0.72:
            path = rng.choice(paths)
            self.graveyard.append((path, tree.pop(path)[1]))
        elif kind < 0.79 and self.graveyard:
            tree = self.place(tree, *rng.choice(self.graveyard))
        elif kind < 0.86:
            path = rng.choice(paths)
            text = tree.pop(path)[1]
            tree = self.place(tree, rng.choice(NAMES), self.edit(text) if rng.random() < 0.4 else text)
        elif kind < 0.92 and len(paths) > 1:
            tree = self.splice(tree, *rng.sample(paths, 2))
        elif kind < 0.95:
            path = rng.choice(paths)
            tree = self.place(tree, rng.choice(NAMES), tree[path][1])
        elif kind < 0.96:
            folder = rng.choice(("", "src/deep/", "dir/"))
            tree = self.place(tree, folder + "backup-%s.txt" % rng.choice(self.pairs)[0], self.filler(1, 3))
        elif kind < 0.98:
            tree = self.place(tree, "link" + str(rng.randrange(3)), ("../" + rng.choice(self.pairs)[0]).encode(), "120000")
        else:
            path = rng.choice(paths)
            tree[path] = ("100755", tree[path][1])
        return tree

    def splice(self, tree, a, b):
        """A new file of a head of one and a tail of the other; now and then the cut goes through a credential in both."""
        one, two = tree[a][1], tree[b][1]
        i, j = self.rng.randint(0, len(one)), self.rng.randint(0, len(two))
        mine, other = texts.find(one), texts.find(two)
        for key, _, at in mine:
            for key2, _, at2 in other:
                if key and key == key2 and self.rng.random() < 0.7:
                    split = self.rng.randint(0, 20)
                    i, j = at + split, at2 + split
        text = one[:i] + two[j:] if self.rng.random() < 0.8 or mine else one[:i] + b"\n" + two[j:]
        return self.place(tree, self.rng.choice(NAMES), text) if texts.clear(text) and text else tree

    def place(self, tree, path, text, mode="100644"):
        """Put a file where neither a folder nor another file's folder is in the way."""
        if any(p != path and (p.startswith(path + "/") or path.startswith(p + "/")) for p in tree):
            return tree
        tree[path] = (mode, text)
        return tree

    # --- commits ---

    def when(self):
        rng = self.rng
        if rng.random() < 0.85:
            self.clock += rng.choice((0, 1, 60, 3600, 86400))
        skew = rng.randint(-10**6, 10**6) if rng.random() < 0.15 else 0
        return self.clock + skew

    def commit(self, parents, tree):
        rng = self.rng
        message = self.filler(1, 3)
        if rng.random() < 0.08:
            message += b"\n" + self.credential()
        author = b"A U Thor"
        if rng.random() < 0.02:
            author = b"Robot " + rng.choice(self.pairs)[0].encode()
        self.commits.append((parents, tree, self.when(), message, author, rng.choice(ZONES), rng.choice(ZONES)))
        return len(self.commits) - 1

    def merge(self, a, b):
        rng, one, two = self.rng, self.commits[a][1], self.commits[b][1]
        tree = {}
        for path in sorted(set(one) | set(two)):
            side = rng.choice([t for t in (one, two) if path in t])
            self.place(tree, path, side[path][1], side[path][0])
        if rng.random() < 0.3:
            tree = self.change(tree)
        return self.commit([a, b], tree)

    def grow(self):
        rng = self.rng
        for _ in range(rng.randint(6, 30)):
            step = rng.random()
            if not self.branches or step < 0.04:
                self.branches["refs/heads/b%d" % len(self.branches)] = self.commit([], self.change({}))
                continue
            name = rng.choice(sorted(self.branches))
            tip = self.branches[name]
            if step < 0.14:
                name = "refs/heads/b%d" % len(self.branches)
                tip = rng.randrange(len(self.commits))
            if step > 0.88 and len(self.branches) > 1:
                other = rng.choice([b for b in self.branches.values()])
                if other != tip:
                    self.branches[name] = self.merge(tip, other)
                    continue
            tree = self.commits[tip][1]
            for _ in range(rng.randint(1, 3)):
                tree = self.change(tree)
            self.branches[name] = self.commit([tip], tree)

    # --- out ---

    def write(self):
        packlib.init_repo(self.git, self.algo)
        if not self.bare:
            with open(os.path.join(self.git, "config"), encoding="ascii") as f:
                config = f.read().replace("bare = true", "bare = false")
            with open(os.path.join(self.git, "config"), "w", encoding="ascii") as f:
                f.write(config)
        names = self.fast_import()
        self.refs(names)
        self.index(names)
        store_objects(self.rng, self.git, self.algo)

    def stream(self):
        out = bytearray()

        def data(raw):
            return b"data %d\n" % len(raw) + raw + b"\n"

        for mark, (parents, tree, when, message, author, zone, zone2) in enumerate(self.commits, 1):
            out += b"reset refs/import/all\n\n" if not parents else b""
            out += b"commit refs/import/all\nmark :%d\n" % mark
            out += b"author %s <a@example.com> %d %s\n" % (author, when - 100, zone.encode())
            out += b"committer C O Mitter <c@example.com> %d %s\n" % (when, zone2.encode()) + data(message)
            out += b"".join(b"%s :%d\n" % (b"merge" if i else b"from", p + 1) for i, p in enumerate(parents))
            out += b"deleteall\n"
            for path, (mode, text) in sorted(tree.items()):
                out += b"M %s inline %s\n" % (mode.encode(), os.fsencode(path)) + data(text)
        self.loners = self.rng.choice((0, 0, 1, 2))
        for i in range(self.loners):
            text = self.filler(0, 9) + self.credential()
            out += b"blob\nmark :%d\n" % (len(self.commits) + 1 + i) + data(text)
        if self.rng.random() < 0.3:
            out += b"tag v1\nfrom :%d\ntagger T <t@example.com> %d +0000\n" % (self.rng.randint(1, len(self.commits)), self.clock)
            out += data(self.filler(1, 2) + (self.credential() if self.rng.random() < 0.6 else b""))
        if self.rng.random() < 0.15:
            out += b"commit refs/notes/commits\ncommitter N <n@example.com> %d +0000\n" % self.clock + data(b"note\n")
            out += b"N inline :%d\n" % self.rng.randint(1, len(self.commits)) + data(self.filler(0, 1) + self.credential())
        return bytes(out) + b"done\n"

    def fast_import(self):
        marks = os.path.join(self.git, "marks")
        subprocess.run(["git", "--git-dir=" + self.git, "fast-import", "--quiet", "--force", "--done", "--export-marks=" + marks],
                       input=self.stream(), check=True, stdout=subprocess.DEVNULL)
        with open(marks, encoding="ascii") as f:
            names = {int(line.split()[0][1:]): line.split()[1] for line in f}
        os.unlink(marks)
        imported = os.path.join(self.git, "refs/import/all")
        if os.path.exists(imported):
            os.unlink(imported)
            os.rmdir(os.path.dirname(imported))
        return names

    def ref(self, name, oid):
        packlib.set_ref(self.git, name, bytes.fromhex(oid))

    def refs(self, names):
        """Some branches stay, some are only in a reflog, some are gone; remotes and a detached HEAD as it comes."""
        rng = self.rng
        branches = sorted(self.branches)
        head = rng.choice(branches)
        log = []
        for name in branches:
            oid = names[self.branches[name] + 1]
            fate = rng.random()
            if name == head or fate < 0.7:
                self.ref(name, oid)
            elif fate < 0.85:
                log.append(oid)
        with open(os.path.join(self.git, "HEAD"), "w", encoding="ascii") as f:
            f.write(names[self.branches[head] + 1] + "\n" if rng.random() < 0.15 else "ref: " + head + "\n")
        if rng.random() < 0.5:
            with open(os.path.join(self.git, "config"), "a", encoding="ascii") as f:
                f.write('[remote "origin"]\n\turl = https://git.example.com/x.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n')
            for i in range(rng.randint(1, 3)):
                self.ref("refs/remotes/origin/r%d" % i, names[rng.randint(1, len(self.commits))])
        if rng.random() < 0.1:
            with open(os.path.join(self.git, "config"), "a", encoding="ascii") as f:
                f.write("# was %s\n" % rng.choice(self.pairs)[0])
        if rng.random() < 0.15:
            kind = rng.choice(("heads", "remotes/origin"))
            self.ref("refs/%s/for-%s" % (kind, rng.choice(self.pairs)[0]), names[rng.randint(1, len(self.commits))])
        if rng.random() < 0.2:
            self.ref(rng.choice(("ORIG_HEAD", "MERGE_HEAD")), names[rng.randint(1, len(self.commits))])
        if rng.random() < 0.15:
            self.worktree(names[rng.randint(1, len(self.commits))])
        if log:
            self.log("HEAD", log)
        if rng.random() < 0.3:
            stash = [names[rng.randint(1, len(self.commits))] for _ in range(rng.randint(1, 3))]
            self.log("refs/stash", stash)
            self.ref("refs/stash", stash[-1])

    def log(self, name, oids):
        path = os.path.join(self.git, "logs", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as f:
            f.writelines("%s %s C <c@example.com> 1600000000 +0000\tmoved\n" % ("0" * len(oid), oid) for oid in oids)

    def worktree(self, oid):
        """A linked worktree with a HEAD of its own, as git has it in the repository's folder."""
        folder = os.path.join(self.git, "worktrees", "other")
        os.makedirs(folder)
        for name, text in (("HEAD", oid), ("gitdir", os.path.join(self.path, "other", ".git")), ("commondir", "../..")):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(text + "\n")

    def index(self, names):
        """What is staged: blobs that commits have, there or elsewhere, and one that none has."""
        rng = self.rng
        if self.bare or rng.random() < 0.5:
            return
        staged = [(path, text) for path, (mode, text) in sorted(rng.choice(self.commits)[1].items()) if mode == "100644"][:3]
        lines = []
        for path, text in staged:
            oid = packlib.object_id(packlib.BLOB, text, self.algo).hex()
            lines.append("100644 %s 0\t%s" % (oid, path if rng.random() < 0.5 else "staged"))
        if self.loners:
            lines.append("100644 %s 0\tnew file" % names[len(self.commits) + 1])
        subprocess.run(["git", "--git-dir=" + self.git, "update-index", "-z", "--index-info"], check=True,
                       input=b"".join(os.fsencode(line) + b"\0" for line in lines))


def generate(seed, path):
    g = Generator(seed, path)
    g.grow()
    g.write()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: generate.py SEED DIR")
    generate(int(sys.argv[1]), sys.argv[2])
