#!/usr/bin/env python3
"""seed.py: writes the first inputs of every fuzz corpus (tests/fuzz/corpus/X/seed-*). Credentials in them are made up."""
import base64
import gzip
import io
import os
import random
import struct
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import packlib as p  # noqa: E402
import synth  # noqa: E402

rng = random.Random(20)


def save(target, *inputs):
    folder = os.path.join(HERE, "corpus", target)
    os.makedirs(folder, exist_ok=True)
    for n, data in enumerate(inputs):
        with open(os.path.join(folder, "seed-%d" % n), "wb") as f:
            f.write(data)


def pair():
    return synth.block(synth.key_id(rng), synth.secret(rng)).encode()


def on_base(base, delta):
    return struct.pack(">H", len(base)) + base + delta


def git_index():
    """Version 2, three entries, one of them in a conflict."""
    out = b"DIRC" + struct.pack(">II", 2, 3)
    for name, flags in ((b"a", 0), (b"dir/b", 0x1000), (b"dir/b", 0x2000)):
        entry = struct.pack(">10I", 0, 0, 0, 0, 0, 0, 0o100644, 0, 0, 9) + rng.randbytes(20) + struct.pack(">H", flags | len(name)) + name
        out += entry + b"\0" * (8 - len(entry) % 8)
    out += b"TREE" + struct.pack(">I", 6) + b"\0-1 0\n"
    return out + p.new_hash().digest()


def main():
    base = b"The quick brown fox jumps over the lazy dog.\n" * 3
    save("delta", on_base(base, p.append_delta(base, b"more")), on_base(base, p.delta(len(base), 30, p.copy(5, 20), p.insert(b"0123456789"))),
         on_base(b"", p.delta(0, 3, p.insert(b"abc"))), on_base(base, p.random_delta(rng, base, base[::-1])))

    tree = p.tree_bytes([(b"100644", b"f%d" % i, rng.randbytes(20)) for i in range(6)] + [(b"40000", b"dir", rng.randbytes(20)),
                        (b"120000", b"link", rng.randbytes(20)), (b"160000", b"module", rng.randbytes(20))])
    other = tree[:80] + p.tree_bytes([(b"100755", b"new", rng.randbytes(20))]) + tree[80:]
    save("tree", on_base(tree, p.random_delta(rng, tree, other)), on_base(tree, p.delta(len(tree), len(tree) - 27, p.copy(27, len(tree) - 27))),
         on_base(tree, p.append_delta(tree, b"100644 x\0short")))

    pack = p.Pack()
    at = pack.add(p.BLOB, base)
    pack.ofs(rng.randbytes(20), at, p.append_delta(base, b"x"))
    pack.ref(rng.randbytes(20), pack.entries[0][0], p.append_delta(base, b"y"))
    raw = pack.pack_bytes()
    save("pack", raw, raw[12:] + b"\0" * 40)
    big = p.Pack()
    big.entries = [(rng.randbytes(20), 1 << 33, 1), (rng.randbytes(20), 12, 1), (rng.randbytes(20), 1 << 32, 1)]
    save("idx", pack.idx_bytes(raw[-20:]), pack.idx_bytes(raw[-20:], version=1), big.idx_bytes(raw[-20:]), p.Pack().idx_bytes(raw[-20:]))

    save("loose", p.loose_bytes(p.BLOB, base), p.loose_bytes(p.TREE, tree), b"\1blob 5\0hello", b"\1commit 0\0", b"\1tag 99999999999999999999\0x")

    commit = p.commit_bytes(rng.randbytes(20), [rng.randbytes(20), rng.randbytes(20)])
    tag = b"object " + b"a1" * 20 + b"\ntype commit\ntag v1\ntagger T <t@example.com> 1600000000 -0730\n\nmessage\n"
    save("commit", commit, p.commit_bytes(rng.randbytes(32), [rng.randbytes(32)]), tag, b"tree " + b"0" * 40 + b"\nauthor <> \n")

    oid = b"a1" * 20
    save("refs", b"# pack-refs with: peeled fully-peeled sorted\n" + oid + b" refs/heads/main\n" + oid + b" refs/tags/v1\n^" + oid + b"\n",
         b"ref: refs/heads/main\n", oid + b"\n", b"b2" * 32 + b"\n")

    def part(number, content):
        return bytes([number]) + struct.pack(">H", len(content)) + content

    config = b'[core]\n\tbare = false\n[remote "origin"]\n\turl = /x\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n[extensions]\n\tworktreeConfig = true\n'
    log = oid + b" " + oid + b" A <a@example.com> 1600000000 +0000\tmoved\n"
    index = git_index()
    save("repo", part(0, b"ref: refs/heads/main\n") + part(1, config) + part(3, oid + b"\n") + part(8, log) + part(5, oid + b"\n"),
         part(2, oid + b" refs/heads/x\n") + part(6, b"../other\n") + part(7, index), part(12, oid) + part(13, b"/tmp/x/.git\n") + part(14, b"../..\n"))
    save("index", index, index[:-20], b"DIRC\0\0\0\4" + index[8:])

    # kind, size or pieces, ...: see the harnesses
    def whole(kind, content):
        return bytes([kind]) + struct.pack(">H", len(content)) + content

    grow = p.append_delta(base, b"more")
    save("walk", whole(3, base) + whole(6, grow) + b"\0" + whole(7, p.append_delta(base, b"z")) + b"\0", whole(7, grow) + b"\0",
         whole(3, base) + whole(0x53, base) + b"\1\0\3", whole(7, grow) + b"\1" + whole(7, grow) + b"\0")
    save("scan", bytes([0, 20]) + bytes(range(20)) + bytes([0x41, 0, 3, 0, 5, 9, 1, 4, 2, 0]) + bytes([0x81, 5, 2, 0, 3, 2, 1, 0, 1, 3, 0, 9, 4]),
         bytes([0, 63]) + rng.randbytes(63) + b"".join(bytes([0xC1, 12]) + rng.randbytes(40) for _ in range(8)))

    yaml = (b"id: fuzz\nkind: access-key-id\ndescription: a pattern\nseverity: high\nconfidence: medium\nliterals: [AKIA, ASIA]\n"
            b"confirm: '(?<id>A[KS]IA[A-Z2-7]{16})'\nvalidators: []\nreferences: [https://docs.aws.amazon.com/]\n"
            b"examples:\n  match: ['x']\n  no_match: ['y']\n")
    source = os.path.join(HERE, "..", "..", "patterns")
    own = sorted(name for name in os.listdir(source) if name.endswith(".yaml"))[:4] if os.path.isdir(source) else []
    files = []
    for name in own:
        with open(os.path.join(source, name), "rb") as f:
            files.append(f.read())
    save("pattern", yaml, b"- a\n- b: {c: d}\n", b"&a [*a]", b"id: |\n  x\n", *files)

    text = pair()
    wrapped = base64.encodebytes(text)
    save("view", text.replace(b"=", b"%3D"), b'"\\u0041\\x4b\\n" +\n  "IA"', "AKIA\n".encode("utf-16"), wrapped, b"&#65;&amp;&quot;=\n=41")
    digest = b"0123456789abcdef" * 4
    save("allow", b"\0[allow \"x\"]\n\tpath = src/**/*.env # c\n\tpath = [a-z].env\n\tkind = access-key-pair\n\texpires = 2999-01-01\n",
         b"\0[allow]\nfingerprint = " + digest + b"\n[keyhunt]\nminConfidence = low\n", b"\1" + b"a" * 40 + b":src/a.env:aws-access-token:3\nsrc/a.env:aws:3\n",
         b'\2{"results": {"src/a.env": [{"type": "AWS Access Key", "hashed_secret": "' + digest[:40] + b'", "line_number": 3, "is_secret": false}]}}',
         b"\3# x\n^src/[^:]*:[0-9]+:\nAKIA(Y|Z)+\n", b'\4{"type":"baseline","schema":1,"of":"files"}\n{"fingerprint":"' + digest + b'","kind":"x"}\n')
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo("a/b.env"), text)
        z.writestr(zipfile.ZipInfo("c.gz"), gzip.compress(text, mtime=0))
    save("detect", text, text.decode().encode("utf-16"), text.decode().encode("utf-16-be"), wrapped, archive.getvalue(),
         gzip.compress(text, mtime=0), b'{"AccessKeyId": "' + synth.key_id(rng).encode() + b'",\n "SecretAccessKey": "' + synth.secret(rng).encode() + b'"}',
         b"s3://" + synth.key_id(rng).encode() + b":" + synth.secret(rng).encode().replace(b"/", b"%2F") + b"@bucket")


if __name__ == "__main__":
    main()
