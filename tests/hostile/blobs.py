"""Blobs that are huge, deep, or archives which are not what they say."""
import base64
import gzip
import io
import os
import struct
import subprocess
import threading
import zipfile
import zlib

from bench import p, synth

MIB = 1 << 20


def alone(b, data, level=1):
    """One blob in a pack and in a tree."""
    pack = p.Pack()
    pack.add(p.BLOB, data, level=level)
    b.files(pack, [(b"100644", b"thing.bin", p.object_id(p.BLOB, data))])
    pack.write(b.objects)


# --- size ---

def blob_of_300_mb(b):
    """Keys astride every 16 MiB and at the very end: parts must overlap enough, and line counts go on over parts."""
    b.healthy()
    b.seconds, b.megabytes = 40, 1200
    data = bytearray(300 * MIB)
    for at in range(16 * MIB, 300 * MIB, 16 * MIB):
        text = b"\n" + b.text(0)
        start = at - b.rng.randint(1, len(text) - 1)
        data[start:start + len(text)] = text
    text = b"\n" + b.text(0)
    data[-len(text):] = text
    alone(b, bytes(data))


def delta_over_300_mb(b):
    """A child of the vast blob: copies from all over it."""
    b.healthy()
    b.seconds, b.megabytes = 60, 1200
    base = bytearray(300 * MIB)
    text = b"\n" + b.text(0)
    base[200 * MIB:200 * MIB + len(text)] = text
    base = bytes(base)
    fresh = b"\n" + b.text(0)
    copies = [p.copy(i * MIB, MIB) for i in range(300)]
    child = p.delta(len(base), len(base) + len(fresh), *copies[:100], p.insert(fresh), *copies[100:])
    pack = p.Pack()
    offset = pack.add(p.BLOB, base)
    pack.ofs(b.name_of(1), offset, child)
    pack.write(b.objects)


def one_line_of_50_mb(b):
    b.healthy()
    b.megabytes = 600
    alone(b, b.text(0) + b"x" * (50 * MIB) + b"\n" + b.text(0))


def full_of_literals(b):
    """Nothing but beginnings: 20 MB of words that look worth a thought."""
    b.healthy()
    b.seconds, b.megabytes = 60, 900
    # Beginnings only; the key stands apart from them.
    word = b"AK" + b"IA aws_secret_access_key secret AS" + b"IA "
    alone(b, b.text(0) + b"\n" * 20 + word * (20 * MIB // len(word)))


def full_of_bare_ids(b):
    """20,000 different key IDs in one file: each a finding, none quadratic."""
    b.healthy()
    b.seconds = 60
    ids = [synth.key_id(b.rng) for _ in range(20000)]
    b.keys += ids
    alone(b, "".join("aws_access_key_id = %s\n%s\n" % (i, "-" * 70) for i in ids).encode())


# --- deltas ---

def chain(b, depth, ref=False):
    b.healthy()
    pack, text = p.Pack(), b.junk(600)
    offset, oid = pack.add(p.BLOB, text), p.object_id(p.BLOB, text)
    for n in range(depth):
        base = text
        if n in (depth // 2, depth - 1):
            text = text + b.text(0)
            instructions = p.append_delta(base, text[len(base):])
        else:
            text = base[:10] + b"%06d" % n + base[16:]
            instructions = p.delta(len(base), len(text), p.copy(0, 10), p.insert(b"%06d" % n), p.copy(16, len(base) - 16))
        name = p.object_id(p.BLOB, text)
        if ref:
            pack.ref(name, oid, instructions)
        else:
            offset = pack.ofs(name, offset, instructions)
        oid = name
    pack.write(b.objects)


def chain_of_4000(b):
    chain(b, 4000)


def chain_of_20000(b):
    chain(b, 20000)


def chain_of_20000_by_name(b):
    chain(b, 20000, ref=True)


def fan_of_big_bases(b):
    """A chain in which each of 30 objects of 30 MB has a child that needs it late: bases do not all fit."""
    b.healthy()
    b.seconds, b.megabytes = 60, 1400
    size, pack = 30 * MIB, p.Pack()
    base = bytes(size)
    trunk = pack.add(p.BLOB, base)
    for n in range(30):
        whole = [p.copy(i * MIB, MIB) for i in range(30)]
        trunk = pack.ofs(b.name_of(n), trunk, p.delta(size, size, *whole))
        text = b"\n" + b.text(0)
        pack.ofs(b.name_of(100 + n), trunk, p.delta(size, size + len(text), *whole, p.insert(text)))
    pack.write(b.objects)


def delta_bomb_4_gib(b):
    """64 KB blown up by copies: a few KB that make 4 GiB and more. What is behind the 4 GiB is found, or said not to be seen."""
    b.exits, b.complete = (1, 2), None
    base, pack = b.junk(0x10000), b.pack(b.text())
    offset = pack.add(p.BLOB, base)
    count = (1 << 32) // 0x10000 + 2
    text = b"\n" + b.text(0)
    late = b.keys.pop()
    size = count * 0x10000 + len(text)
    pack.ofs(b.name_of(1), offset, p.delta(0x10000, size, p.copy(0, 0x10000) * count, p.insert(text)))
    b.or_incomplete = [late]
    pack.write(b.objects)


def delta_bomb_4_gib_with_children(b):
    """The same as somebody's base."""
    b.either()
    base, pack = b.junk(0x10000), b.pack(b.text())
    offset = pack.add(p.BLOB, base)
    count = (1 << 32) // 0x10000 + 2
    size = count * 0x10000
    offset = pack.ofs(b.name_of(1), offset, p.delta(0x10000, size, p.copy(0, 0x10000) * count))
    text = b"\n" + b.text(0)
    b.or_incomplete = [b.keys.pop()]
    pack.ofs(b.name_of(2), offset, p.delta(size, 50000 + len(text), p.copy(0, 50000), p.insert(text)))
    pack.write(b.objects)


def delta_bomb_in_steps(b):
    """Each delta doubles its base 12 times over: 2^12 times the size at the sixth step alone."""
    b.either()
    pack, size = b.pack(b.text()), 0x1000
    offset = pack.add(p.BLOB, b.junk(size))
    for n in range(6):
        times = 16
        instructions = p.delta(size, size * times, *([p.whole_copy(size)] * times if size < MIB else
                               [p.copy(i * 0x10000, 0x10000) for _ in range(times) for i in range(size // 0x10000)]))
        size *= times
        offset = pack.ofs(b.name_of(n), offset, instructions)
        if size >= 1 << 30:
            break
    pack.write(b.objects)


def zlib_bomb(b):
    """1 GiB of zeros in 1 MB, honestly declared."""
    b.either()
    b.seconds, b.megabytes = 60, 1200
    packer, chunk, size = zlib.compressobj(9), bytes(16 * MIB), 1 << 30
    raw = b"".join(packer.compress(chunk) for _ in range(size // len(chunk))) + packer.flush()
    pack = b.pack(b.text())
    pack.raw(b.name_of(1), p.entry_header(p.BLOB, size) + raw)
    pack.write(b.objects)


def zlib_bomb_in_an_instruction(b):
    """A delta that says it is 100 bytes of instructions and inflates to 1 GiB."""
    packer, chunk = zlib.compressobj(9), bytes(16 * MIB)
    raw = b"".join(packer.compress(chunk) for _ in range(64)) + packer.flush()
    pack = b.pack(b.text())
    offset = pack.add(p.BLOB, b.junk(1000))
    pack.raw(b.lost(b.name_of(1)), p.entry_header(p.OFS_DELTA, 100) + p.ofs_bytes(pack.tell() - offset) + raw)
    pack.write(b.objects)


def mother_of_100000(b):
    """One base, 100,000 children."""
    b.healthy()
    b.seconds = 40
    base, pack = b.junk(200), p.Pack()
    offset = pack.add(p.BLOB, base)
    for n in range(100000):
        pack.ofs(n.to_bytes(4, "big") * 5, offset, p.delta(200, 205, p.copy(0, 200), p.insert(b"%05d" % n)))
    text = b.text()
    pack.ofs(p.object_id(p.BLOB, base + text), offset, p.append_delta(base, text))
    pack.write(b.objects)


# --- archives ---

def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members:
            z.writestr(name, data)
    return out.getvalue()


def gzip_with_key(b):
    b.healthy()
    alone(b, gzip.compress(b.text(), mtime=0))


def zip_with_key(b):
    b.healthy()
    alone(b, zipped([("a.txt", b"nothing"), ("dir/b.env", b.text()), ("c", b.text())]))


def gzip_bomb(b):
    b.either()
    b.seconds, b.megabytes = 40, 600
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as z:
        z.write(b.text())
        for _ in range(2048):
            z.write(bytes(MIB))
    alone(b, out.getvalue())


def gzip_in_gzip(b):
    b.either()
    data = b.junk(500)
    for _ in range(40):
        data = gzip.compress(data, mtime=0)
    alone(b, data)


def gzip_cut_short(b):
    b.either()
    text = b.text() + b.noise(3000)
    alone(b, gzip.compress(text, mtime=0)[:-1500])


def gzip_header_only(b):
    b.either()
    alone(b, b"\x1f\x8b\x08\xff" + b"a" * 100)


def zip_bomb(b):
    """Overlapping members: every central entry names the same megabytes of zeros."""
    b.either()
    b.seconds = 40
    one = zipped([("zeros", bytes(50 * MIB))])
    end = one.rindex(b"PK\5\6")
    start = struct.unpack("<I", one[end + 16:end + 20])[0]
    central = one[start:end] * 1000
    alone(b, one[:start] + central + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1000, 1000, len(central), start, 0))


def zip_with_100000_members(b):
    b.either()
    b.seconds = 60
    alone(b, zipped([("first.env", b.text())] + [("f%d" % n, b"x") for n in range(100000)], zipfile.ZIP_STORED))


def zip_garbage(b):
    b.either()
    for n in range(30):
        raw = bytearray(zipped([("a", b.junk(400)), ("b", b.junk(300))]))
        for _ in range(n + 1):
            raw[b.rng.randrange(4, len(raw))] = b.rng.randrange(256)
        pack = b.pack(bytes(raw))
        pack.write(b.objects)


def heads_of_archives(b):
    """Text full of what archives begin and end with, plain and in base64: none of them is one, the key is found."""
    b.either()
    b.seconds, b.megabytes = 60, 400
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\x03"
    end = b"PK\1\2" + bytes(42) + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, 46, 0, 0)
    one = head + end + b"\n" + base64.b64encode(head + bytes(20)) + b"\n" + end
    alone(b, b.text(0) + b"\n" * 20 + one * (10 * MIB // len(one)))


def zip_names(b):
    b.healthy()
    alone(b, zipped([("\x1b[2J../../etc/passwd", b.text()), ("a" * 60000, b.text())]))


# --- git gc running beside ---

def moving(b, rounds):
    """80 keys that a commit has and 40 that nothing leads to, moved between loose files and packs by one `rounds` list of git
    commands after another, without end. At every moment each object is somewhere: all keys, every time, or words."""
    b.either()
    b.seconds, b.attributed = 60, len(rounds) == 1
    texts = [b.text(n) for n in range(80)]
    strays = [b.text(n) for n in range(40)] if len(rounds) > 1 else []
    tree = p.tree_bytes([(b"100644", b"f%d" % n, p.object_id(p.BLOB, text)) for n, text in enumerate(texts)])
    commit = p.commit_bytes(p.object_id(p.TREE, tree))
    everything = [(p.BLOB, text) for text in texts + strays] + [(p.TREE, tree), (p.COMMIT, commit)]
    p.set_ref(b.path, "refs/heads/main", p.object_id(p.COMMIT, commit))
    b.or_incomplete, b.keys = b.keys, []
    packs = os.path.join(b.objects, "pack")

    def explode():
        """Loose files first, then away with the packs."""
        for kind, data in everything:
            p.write_loose(b.objects, p.object_id(kind, data), p.loose_bytes(kind, data))
        for name in sorted(os.listdir(packs)):
            if not name.startswith("pack-kept"):
                os.unlink(os.path.join(packs, name))

    for name in os.listdir(packs):
        os.rename(os.path.join(packs, name), os.path.join(packs, "pack-kept" + os.path.splitext(name)[1]))
    open(os.path.join(packs, "pack-kept.keep"), "wb").close()
    explode()

    def start(_):
        stop = threading.Event()

        def loop():
            while not stop.is_set():
                for command in b.rng.choice(rounds):
                    subprocess.run(["git", "--git-dir=" + b.path, "-c", "gc.autoDetach=false", *command.split()], check=False, stderr=subprocess.DEVNULL)
                explode()
        thread = threading.Thread(target=loop)
        thread.start()

        def end():
            stop.set()
            thread.join()
        return end
    b.beside = start


def gc_beside(b):
    moving(b, [["gc -q --prune=now"]])


def repack_beside(b):
    """The unreachable are packed (-k), unpacked again (-A), put into a pack of their own (--cruft), and never pruned."""
    moving(b, [["repack -qadk", "repack -qAd", "prune-packed"], ["repack -qd", "repack -qAd", "repack -qadk"],
               ["gc -q --prune=never", "repack -qadk", "repack -qAd"], ["repack -qd --cruft --cruft-expiration=never", "repack -qadk -f", "multi-pack-index write"]])


SIZES = [blob_of_300_mb, delta_over_300_mb, one_line_of_50_mb, full_of_literals, full_of_bare_ids, zlib_bomb, fan_of_big_bases]
DELTAS = [chain_of_4000, chain_of_20000, chain_of_20000_by_name, delta_bomb_4_gib, delta_bomb_4_gib_with_children, delta_bomb_in_steps, zlib_bomb_in_an_instruction,
          mother_of_100000]
ARCHIVES = [gzip_with_key, zip_with_key, gzip_bomb, gzip_in_gzip, gzip_cut_short, gzip_header_only, zip_bomb, zip_with_100000_members,
            zip_garbage, heads_of_archives, zip_names]
RACES = [gc_beside, repack_beside]
