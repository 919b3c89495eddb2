#!/usr/bin/env python3
"""Does keyhunt find a credential in every place one is written in, and nothing where there is none?

    places.py KEYHUNT [--draws N] [--seed N] [--only TEXT] [--keep DIR]

Each *.places file holds templates. One begins with a line that names its file, what keyhunt must report in it, and how the
whole file is wrapped, if it is:

    === name : pair id2 | crlf gzip

What may be expected: pair (ID, SECRET), temp (ASIA, SECRET, TOKEN), secret, id, token, none; a number behind it stands for
the second or third of them. In the text @ID@ is a key ID, @SECRET[:20]@ the first half of a secret, @SECRET:url@ a
percent-encoded one, @hex40@ forty random hex digits. Every draw fills all templates afresh from a seeded generator.

Found is what has the right kind, key ID, secret and session token, and the line where its first half is written. Everything else counts
as a false alarm. Prints each miss and each false alarm; fails when there is one.
"""
import argparse
import collections
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile

import fill
import wrap

HERE = os.path.dirname(os.path.abspath(__file__))
Case = collections.namedtuple("Case", "group name expect wraps text")
# what is expected: kind, and which drawn values name it
EXPECT = {
    "pair": ("access-key-pair", "ID", "SECRET"),
    "asiapair": ("access-key-pair", "ASIA", "SECRET"),
    "old": ("access-key-pair", "OLD", "SECRET"),
    "gov": ("access-key-pair", "GOV", "SECRET"),
    "first": ("access-key-pair", "FIRST", "SECRET"),
    "letters": ("access-key-pair", "LETTERS", "SECRET"),
    "canary": ("access-key-pair", "CANARY", "SECRET"),
    "temp": ("temporary-credentials", "ASIA", "SECRET"),
    "secret": ("secret-access-key", None, "SECRET"),
    "id": ("access-key-id", "ID", None),
    "oldid": ("access-key-id", "OLD", None),
    "token": ("session-token", None, "TOKEN"),
    "smtp": ("ses-smtp-password", "ID", "SMTP"),
}


def read_cases():
    for file in sorted(os.listdir(HERE)):
        if not file.endswith(".places"):
            continue
        with open(os.path.join(HERE, file), encoding="utf-8") as f:
            parts = re.split(r"^=== (.*)\n", f.read(), flags=re.M)
        for head, text in zip(parts[1::2], parts[2::2]):
            name, _, rest = head.partition(" : ")
            expect, _, wraps = rest.partition("|")
            yield Case(file[:-7], name, expect.split(), wraps.split(), text)


def expected(case, values):
    """What must be reported in one filled template: kind, key ID, hash of the secret, session token, line."""
    for word in case.expect:
        if word == "none":
            continue
        kind, number = re.fullmatch(r"([a-z]+)(\d?)", word).groups()
        kind, key_id, secret = EXPECT[kind]
        named = [n + number for n in (key_id, secret) if n]
        key_id = values[key_id + number] if key_id else None
        secret = hashlib.sha256(values[secret + number].encode()).hexdigest() if secret else None
        token = values["TOKEN" + number] if kind == "temporary-credentials" else None
        lines = [fill.line_of(case.text, n) for n in named if "@" + n in case.text]
        line = min(lines) if set(case.wraps) <= wrap.KEEPS_LINES else None
        yield kind, key_id, secret, token, line


def write(case, text, folder):
    """Each file has a folder to itself, so that no other file can help or disturb."""
    os.makedirs(folder)
    data = text.encode("latin-1" if "latin1" in case.wraps else "utf-8")
    for name in case.wraps:
        data = wrap.WRAPS[name](data)
    with open(os.path.join(folder, case.name), "wb") as f:
        f.write(data)


def scan(keyhunt, root):
    """What keyhunt reports below `root`: path of the file -> findings."""
    run = subprocess.run([keyhunt, "--no-ignore", "--no-progress", "--show-secrets", "--format", "jsonl", root], stdout=subprocess.PIPE, check=False)
    if run.returncode not in (0, 1):
        sys.exit(f"keyhunt ended with status {run.returncode}")
    found = collections.defaultdict(list)
    for line in run.stdout.decode().splitlines():
        finding = json.loads(line)
        if finding["type"] == "finding":
            found[os.path.relpath(finding["path"], root).split("!")[0]].append(finding)
    return found


def judge(where, want, findings):
    """Takes the findings off that are expected; says what is left on either side."""
    got = [(f["kind"], f["key_id"], f["secret_sha256"], f["session_token"], f["line"]) for f in findings]
    misses = []
    for w in want:
        hit = next((g for g in got if g[:4] == w[:4] and w[4] in (None, g[4])), None)
        if hit:
            got.remove(hit)
        else:
            misses.append(f"{where}: missed {w[0]} {'on line ' + str(w[4]) if w[4] else ''}")
    return misses, [f"{where}: false alarm {g[0]} on line {g[4]}" for g in got]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("keyhunt")
    ap.add_argument("--draws", type=int, default=3, help="how often each template is filled")
    ap.add_argument("--seed", default="places")
    ap.add_argument("--only", default="", help="templates whose group/name contains this")
    ap.add_argument("--keep", help="write the files here and leave them")
    args = ap.parse_args()
    cases = [c for c in read_cases() if args.only in c.group + "/" + c.name]
    total, misses, alarms = 0, [], []
    with tempfile.TemporaryDirectory() as scratch:
        root = args.keep or scratch
        want = {}
        for draw in range(args.draws):
            for case in cases:
                rng = random.Random(f"{args.seed} {draw} {case.group} {case.name}")
                text, values = fill.fill(case.text, rng)
                folder = os.path.join(str(draw), case.group, case.name)
                write(case, text, os.path.join(root, folder))
                want[os.path.join(folder, case.name)] = list(expected(case, values))
        found = scan(args.keyhunt, root)
        for where, entries in want.items():
            missed, false = judge(where, entries, found.get(where, []))
            total, misses, alarms = total + len(entries), misses + missed, alarms + false
    for line in misses + alarms:
        print(line)
    met = total - len(misses)
    print(f"{len(cases)} templates, {args.draws} draws: {total} credentials, {len(misses)} missed, {len(alarms)} false alarms; "
          f"recall {met / max(total, 1):.4f} precision {met / max(met + len(alarms), 1):.4f}")
    return 1 if misses or alarms or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
