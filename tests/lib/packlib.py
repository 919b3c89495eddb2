"""Git packs, written byte by byte, so that tests can write wrong ones.

    pack:  "PACK" version count | entry ... | checksum        entry: header [base] deflated-bytes
    idx:   \\377tOc 2 fanout[256] names crcs offsets [big offsets] pack-checksum idx-checksum

Everything is a value that a test may change before the bytes are made: declared counts, sizes, bases, offsets.
"""
import hashlib
import os
import struct
import zlib

COMMIT, TREE, BLOB, TAG, OFS_DELTA, REF_DELTA = 1, 2, 3, 4, 6, 7
TYPE_NAMES = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob", TAG: b"tag"}
TYPE_NUMBERS = {name: number for number, name in TYPE_NAMES.items()}


def new_hash(algo="sha1"):
    return hashlib.new(algo)


def object_id(kind, data, algo="sha1"):
    """The object's name, as raw bytes."""
    h = new_hash(algo)
    h.update(TYPE_NAMES[kind] + b" %d\0" % len(data))
    h.update(data)
    return h.digest()


def loose_bytes(kind, data, declared=None, level=1):
    size = len(data) if declared is None else declared
    return zlib.compress(TYPE_NAMES[kind] + b" %d\0" % size + data, level)


def write_loose(objects, oid, raw):
    """Put `raw` where the loose object `oid` lies, whatever it is."""
    name = oid.hex()
    folder = os.path.join(objects, name[:2])
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name[2:])
    temporary = os.path.join(folder, "tmp_obj_" + name[2:10])
    with open(temporary, "wb") as out:
        out.write(raw)
    os.rename(temporary, path)
    return path


# --- deltas -------------------------------------------------------------------------------------------------------

def varint(n):
    out = bytearray()
    while True:
        byte = n & 0x7F
        n >>= 7
        out.append(byte | (0x80 if n else 0))
        if not n:
            return bytes(out)


def copy(offset, size):
    """One copy instruction; `size` 1 to 0xffffff."""
    op, args = 0x80, bytearray()
    for i in range(4):
        byte = offset >> (8 * i) & 0xFF
        if byte:
            op |= 1 << i
            args.append(byte)
    if size != 0x10000:
        for i in range(3):
            byte = size >> (8 * i) & 0xFF
            if byte:
                op |= 0x10 << i
                args.append(byte)
    return bytes([op]) + bytes(args)


def insert(data):
    return b"".join(bytes([len(data[i:i + 127])]) + data[i:i + 127] for i in range(0, len(data), 127))


def delta(base_size, result_size, *instructions):
    return varint(base_size) + varint(result_size) + b"".join(instructions)


def whole_copy(size):
    """Instructions that copy a base of `size` bytes as it is."""
    return b"".join(copy(i, min(0xFFFF, size - i)) for i in range(0, size, 0xFFFF))


def append_delta(base, extra):
    return delta(len(base), len(base) + len(extra), whole_copy(len(base)), insert(extra))


def common_prefix(a, i, b, j, limit):
    """How many bytes of a[i:] and b[j:] are equal, at most `limit`."""
    low, high = 0, min(limit, len(a) - i, len(b) - j)
    while low < high:
        middle = (low + high + 1) // 2
        if a[i:i + middle] == b[j:j + middle]:
            low = middle
        else:
            high = middle - 1
    return low


def random_delta(rng, base, target):
    """Some delta that makes `target` of `base`: copies cut anywhere, of any length, from any place that fits."""
    out, at = [], 0
    while at < len(target):
        probe = rng.choice((1, 2, 3, 5, 8, 16, 16, 40))
        found = -1 if rng.random() < 0.05 else base.find(target[at:at + probe], rng.randrange(len(base) + 1) if rng.random() < 0.3 else 0)
        if found >= 0:
            most = common_prefix(base, found, target, at, 0xFFFF)
            size = most if rng.random() < 0.7 else rng.randint(1, most)
            out.append(copy(found, size))
            at += size
        else:
            size = min(rng.choice((1, 2, 7, 30, 127)), len(target) - at)
            out.append(insert(target[at:at + size]))
            at += size
    return delta(len(base), len(target), *out)


# --- packs --------------------------------------------------------------------------------------------------------

def entry_header(kind, size):
    byte = kind << 4 | size & 0x0F
    size >>= 4
    out = bytearray()
    while size:
        out.append(byte | 0x80)
        byte = size & 0x7F
        size >>= 7
    out.append(byte)
    return bytes(out)


def ofs_bytes(distance):
    """An OFS delta's distance back to its base (git's odd big-endian varint)."""
    out = [distance & 0x7F]
    distance >>= 7
    while distance:
        distance -= 1
        out.append(0x80 | distance & 0x7F)
        distance >>= 7
    return bytes(reversed(out))


class Pack:
    """A pack being written. Entries are kept as (name, offset, crc); a name may be anything a test likes."""

    def __init__(self, algo="sha1", version=2):
        self.algo, self.version = algo, version
        self.body = bytearray()
        self.entries = []
        self.declared_count = None

    def tell(self):
        return 12 + len(self.body)

    def raw(self, oid, data):
        """An entry of these very bytes; its offset is returned."""
        offset = self.tell()
        self.body += data
        self.entries.append((oid, offset, zlib.crc32(data)))
        return offset

    def add(self, kind, data, declared=None, oid=None, level=1):
        size = len(data) if declared is None else declared
        oid = object_id(kind, data, self.algo) if oid is None else oid
        return self.raw(oid, entry_header(kind, size) + zlib.compress(data, level))

    def ofs(self, oid, base_offset, instructions, declared=None, distance=None):
        size = len(instructions) if declared is None else declared
        back = self.tell() - base_offset if distance is None else distance
        return self.raw(oid, entry_header(OFS_DELTA, size) + ofs_bytes(back) + zlib.compress(instructions, 1))

    def ref(self, oid, base, instructions, declared=None):
        size = len(instructions) if declared is None else declared
        return self.raw(oid, entry_header(REF_DELTA, size) + base + zlib.compress(instructions, 1))

    def pack_bytes(self):
        count = len(self.entries) if self.declared_count is None else self.declared_count
        body = struct.pack(">4sII", b"PACK", self.version, count) + bytes(self.body)
        h = new_hash(self.algo)
        h.update(body)
        return body + h.digest()

    def idx_bytes(self, trailer, version=2, entries=None):
        rows = sorted(self.entries if entries is None else entries, key=lambda row: row[0])
        return idx_bytes(rows, trailer, version, self.algo)

    def write(self, objects, version=2, name=None, mangle_pack=None, mangle_idx=None, promisor=False):
        """Write .pack and .idx below `objects`/pack; `mangle_*` may change their bytes first."""
        pack = self.pack_bytes()
        trailer = pack[-new_hash(self.algo).digest_size:]
        idx = self.idx_bytes(trailer, version)
        if mangle_pack:
            pack = mangle_pack(pack)
        if mangle_idx:
            idx = mangle_idx(idx)
        folder = os.path.join(objects, "pack")
        os.makedirs(folder, exist_ok=True)
        stem = os.path.join(folder, "pack-" + (name or trailer.hex()))
        for suffix, data in ((".pack", pack), (".idx", idx)):
            with open(stem + suffix, "wb") as out:
                out.write(data)
        if promisor:
            open(stem + ".promisor", "wb").close()
        return stem


def fanout(names):
    counts = [0] * 256
    for name in names:
        counts[name[0]] += 1
    total, out = 0, []
    for count in counts:
        total += count
        out.append(total)
    return struct.pack(">256I", *out)


def idx_bytes(rows, trailer, version=2, algo="sha1"):
    """The index of `rows`, (name, offset, crc) in the order of names. Offsets over 2 GiB go to the big table."""
    if version == 1:
        out = fanout([row[0] for row in rows])
        out += b"".join(struct.pack(">I", row[1]) + row[0] for row in rows)
    else:
        big, small = [], []
        for _, offset, _ in rows:
            if offset > 0x7FFFFFFF:
                small.append(0x80000000 | len(big))
                big.append(offset)
            else:
                small.append(offset)
        out = b"\377tOc" + struct.pack(">I", 2) + fanout([row[0] for row in rows])
        out += b"".join(row[0] for row in rows)
        out += b"".join(struct.pack(">I", row[2]) for row in rows)
        out += b"".join(struct.pack(">I", offset) for offset in small)
        out += b"".join(struct.pack(">Q", offset) for offset in big)
    out += trailer
    h = new_hash(algo)
    h.update(out)
    return out + h.digest()


# --- objects ------------------------------------------------------------------------------------------------------

def tree_bytes(entries, algo="sha1"):
    """entries: (mode as bytes, name as bytes, raw object name); sorted as git sorts."""
    ordered = sorted(entries, key=lambda e: e[1] + (b"/" if e[0] == b"40000" else b""))
    return b"".join(mode + b" " + name + b"\0" + oid for mode, name, oid in ordered)


def commit_bytes(tree, parents=(), message=b"x\n", when=1600000000, who=b"A U Thor <author@example.com>"):
    lines = [b"tree " + tree.hex().encode()]
    lines += [b"parent " + parent.hex().encode() for parent in parents]
    lines += [b"author " + who + b" %d +0000" % when, b"committer " + who + b" %d +0000" % when, b"", message]
    return b"\n".join(lines)


def init_repo(path, algo="sha1"):
    """A bare repository with nothing in it, made without running git."""
    for folder in ("objects/pack", "objects/info", "refs/heads", "refs/tags"):
        os.makedirs(os.path.join(path, folder), exist_ok=True)
    with open(os.path.join(path, "HEAD"), "w", encoding="ascii") as out:
        out.write("ref: refs/heads/main\n")
    with open(os.path.join(path, "config"), "w", encoding="ascii") as out:
        if algo == "sha1":
            out.write("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
        else:
            out.write("[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = %s\n" % algo)
    return path


def set_ref(path, name, oid):
    full = os.path.join(path, name)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="ascii") as out:
        out.write(oid.hex() + "\n")
