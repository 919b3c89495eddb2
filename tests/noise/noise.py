#!/usr/bin/env python3
"""noise.py KEYHUNT N: N random base64 characters in one line, in lines of 76, and in JSON strings; nothing of medium confidence is there.

    tests/noise/noise.py build/release/keyhunt 1000000000     what is promised; ctest -R noise tries fewer
"""
import base64
import json
import random
import subprocess
import sys

PIECE = 57 << 14  # bytes encoded in one go: whole lines of 76


def pieces(seed, n):
    """Random base64, `n` characters and up to a piece more."""
    rng = random.Random(seed)
    while n > 0:
        yield base64.b64encode(rng.randbytes(PIECE))
        n -= PIECE // 3 * 4


def one_line(seed, n):
    yield from pieces(seed, n)


def lines(seed, n):
    for piece in pieces(seed, n):
        yield b"".join(piece[i:i + 76] + b"\n" for i in range(0, len(piece), 76))


def strings(seed, n):
    """Of 1 to 120 characters; every fourth of 20, 40 or 44, as long as key IDs, secrets and passwords are. Names of a few letters."""
    rng = random.Random(seed + 1)
    yield b"{"
    for piece in pieces(seed, n):
        at, out = 0, []
        while at < len(piece):
            name, size = rng.randint(1, 12), rng.randint(1, 120) if rng.random() < 0.75 else rng.choice((20, 40, 44))
            out.append(b'"%s": "%s",\n' % (piece[at:at + name], piece[at + name:at + name + size]))
            at += name + size
        yield b"".join(out)
    yield b'"": ""}'


def scan(keyhunt, text):
    """The rules of what was found, and whether all was read."""
    command = [keyhunt, "--format", "jsonl", "--no-progress", "-q", "--memory", "4g", "-"]  # standard input is held in memory
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
        for part in text:
            p.stdin.write(part)
        p.stdin.close()
        found = [json.loads(line) for line in p.stdout]
    return [f["rule"] for f in found[:-1]], found[-1]["complete"] and found[-1]["bytes"]


def main():
    keyhunt, n = sys.argv[1], int(sys.argv[2])
    failed = False
    for seed, shape in enumerate((one_line, lines, strings)):
        rules, size = scan(keyhunt, shape(seed, n))
        print(f"{shape.__name__}: {size} bytes, {len(rules)} findings of medium confidence or above", *sorted(set(rules)), flush=True)
        failed |= bool(rules) or not size
    return failed


if __name__ == "__main__":
    sys.exit(main())
