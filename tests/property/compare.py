#!/usr/bin/env python3
"""compare.py KEYHUNT FIRST LAST [--keep DIR]: for each seed, keyhunt four ways and the oracle; all five must agree. Odd seeds are
scanned with --entropy.

A seed that fails is named with the commands that show it again. No secret is ever printed: differences show key IDs,
places and hashes.
"""
import base64
import calendar
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from generate import generate  # noqa: E402
from oracle import oracle  # noqa: E402

WAYS = ([], ["--whole-blobs"], ["-j", "1"], ["-j", "2"])
FIELDS = ("key_id", "secret_sha256", "path", "source", "line", "commit", "blob", "first_seen", "last_seen", "occurrences",
          "reachable", "at_head", "pushed", "refs_total")
ELAPSED = re.compile(rb'"(elapsed_seconds|matched_bytes)":\s*[0-9.e+-]+')
ISO = re.compile(r"(\d+-\d+-\d+T\d+:\d+:\d+)(Z|([+-])(\d\d):?(\d\d))$")


def run(keyhunt, path, way):
    command = [keyhunt, "--history", path, "--format", "jsonl", "--min-confidence", "low", "--no-progress", *way]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "KEYHUNT_"))}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, timeout=120)
    return done.returncode, ELAPSED.sub(rb'"\1":0', done.stdout), done.stderr


def seconds(text):
    if text is None:
        return None
    m = ISO.match(text)
    zone = 0 if m.group(2) == "Z" else (1 if m.group(3) == "+" else -1) * (int(m.group(4)) * 3600 + int(m.group(5)) * 60)
    return calendar.timegm(time.strptime(m.group(1), "%Y-%m-%dT%H:%M:%S")) - zone


def row(finding):
    out = {name: finding[name] for name in FIELDS}
    out["path"] = base64.b64decode(finding["path_base64"]).hex() if finding.get("path_base64") else finding["path"].encode().hex()
    if finding["other_half"] and finding["secret_sha256"]:
        out["key_id"] = None  # the oracle knows of no neighbours
    out["first_seen"], out["last_seen"] = seconds(out["first_seen"]), seconds(out["last_seen"])
    return out


def strangers(findings):
    """Findings whose other half is no finding with the same key ID at that place."""
    there = {(f["path"], f["line"], f["column"], f["commit"], f["key_id"]) for f in findings}
    return [f["path"] for f in findings if f["other_half"] and
            tuple(f["other_half"][n] for n in ("path", "line", "column", "commit")) + (f["key_id"],) not in there]


def difference(mine, theirs):
    """Rows on one side only, in words; a few of them."""
    a, b = {json.dumps(r, sort_keys=True) for r in mine}, {json.dumps(r, sort_keys=True) for r in theirs}
    lines = []
    for side, only in (("keyhunt only: ", a - b), ("oracle only:  ", b - a)):
        for text in sorted(only)[:4]:
            r = json.loads(text)
            r["path"] = bytes.fromhex(r["path"]).decode("utf-8", "backslashreplace")
            lines.append("  " + side + json.dumps(r))
    return lines


def check(keyhunt, seed, path):
    """Complaints about one seed."""
    generate(seed, path)
    bare = seed % 2 == 1
    expected = oracle(path, bare)
    results = [run(keyhunt, path, way + ["--entropy"] * bare) for way in WAYS]
    code, text, talk = results[0]
    out = ["  exit status and output of %s differ from the default's" % " ".join(way)
           for way, result in zip(WAYS, results) if result[:2] != (code, text)]
    if code != (1 if expected else 0):
        out.append("  exit status is %d; it said: %s" % (code, talk[-600:].decode("utf-8", "replace")))
    try:
        lines = [json.loads(line) for line in text.splitlines()]
        findings = [line for line in lines if line["type"] == "finding"]
        rows = [row(finding) for finding in findings]
        out += ["  the other half is not there: " + path for path in strangers(findings)]
    except (ValueError, KeyError) as error:
        return out + ["  output cannot be read: %r" % error]
    if not lines or lines[-1].get("type") != "summary" or lines[-1].get("complete") is not True:
        out.append("  the scan does not say that it was complete")
    if sorted(map(json.dumps, rows)) != sorted(json.dumps({n: r[n] for n in FIELDS}) for r in expected):
        out += difference(rows, expected)
    return out


def main():
    keep = None
    args = sys.argv[1:]
    if "--keep" in args:
        at = args.index("--keep")
        keep = args[at + 1]
        del args[at:at + 2]
    keyhunt, first, last = os.path.abspath(args[0]), int(args[1]), int(args[2])
    folder = keep or tempfile.mkdtemp(prefix="keyhunt-property-")
    failed = 0
    for seed in range(first, last + 1):
        path = os.path.join(folder, str(seed))
        os.makedirs(path)
        complaints = check(keyhunt, seed, path)
        if complaints:
            failed += 1
            print("seed %d fails. Again: tests/property/compare.py %s %d %d --keep /tmp/seed" % (seed, args[0], seed, seed))
            print("\n".join(complaints))
        if not keep:
            shutil.rmtree(path)
        if failed == 5:
            print("stopping after five failed seeds")
            break
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
    print("%d seeds, %d failed" % (last - first + 1, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
