"""Objects that are damaged, nonsensical or vast in number: loose ones, trees, commits, tags, names."""
import os
import struct
import zlib

from bench import p

BLOB_MODE, TREE_MODE = b"100644", b"40000"


def blob(b, pack, data=None):
    data = b.text() if data is None else data
    pack.add(p.BLOB, data)
    return p.object_id(p.BLOB, data)


# --- loose objects ---

def put_loose(b, raw, oid=None):
    return p.write_loose(b.objects, b.lost(oid or b.noise(20)), raw)


def loose_good(b):
    b.healthy()
    text = b.text()
    p.write_loose(b.objects, p.object_id(p.BLOB, text), p.loose_bytes(p.BLOB, text))


def loose_garbage(b):
    put_loose(b, b.noise(300))


def loose_empty(b):
    put_loose(b, b"")


def loose_cut_short(b):
    put_loose(b, p.loose_bytes(p.BLOB, b.noise(3000))[:1500])


def loose_declares_too_much(b):
    put_loose(b, p.loose_bytes(p.BLOB, b.junk(300), declared=301))


def loose_declares_too_little(b):
    put_loose(b, p.loose_bytes(p.BLOB, b.junk(300), declared=299))


def loose_declares_2_63(b):
    put_loose(b, p.loose_bytes(p.BLOB, b.junk(300), declared=1 << 63))


def loose_declares_a_number_without_end(b):
    put_loose(b, zlib.compress(b"blob " + b"9" * 5000 + b"\0x"))


def loose_header_without_end(b):
    put_loose(b, zlib.compress(b"blob " * 100000))


def loose_unknown_type(b):
    put_loose(b, zlib.compress(b"blub 3\0abc"))


def loose_negative_size(b):
    put_loose(b, zlib.compress(b"blob -3\0abc"))


def loose_is_a_folder(b):
    oid = b.lost(b.noise(20)).hex()
    os.makedirs(os.path.join(b.objects, oid[:2], oid[2:]))


def loose_is_a_fifo(b):
    oid = b.lost(b.noise(20)).hex()
    os.makedirs(os.path.join(b.objects, oid[:2]), exist_ok=True)
    os.mkfifo(os.path.join(b.objects, oid[:2], oid[2:]))


def loose_is_a_dangling_link(b):
    """Listed and then not there: what a prune between the two looks like."""
    b.exits, b.complete = (1, 2), None
    oid = b.noise(20).hex()
    os.makedirs(os.path.join(b.objects, oid[:2]), exist_ok=True)
    os.symlink("nowhere", os.path.join(b.objects, oid[:2], oid[2:]))


def loose_names_that_are_none(b):
    """Temporary files and strays are not objects."""
    b.healthy()
    os.makedirs(os.path.join(b.objects, "ab"), exist_ok=True)
    for name in ("tmp_obj_x", "x" * 38, "A" * 38, "0" * 37, "0" * 39, "0" * 38 + "~"):
        with open(os.path.join(b.objects, "ab", name), "wb") as f:
            f.write(b"stray")


def loose_bomb(b):
    """1 GiB of nothing in 1 MB: whether it is scanned in parts or declined, in bounds."""
    b.either()
    b.seconds = 40
    packer = zlib.compressobj(9)
    size = 1 << 30
    chunks = [packer.compress(b"blob %d\0" % size)]
    chunk = bytes(1 << 24)
    chunks += [packer.compress(chunk) for _ in range(size >> 24)]
    p.write_loose(b.objects, b.noise(20), b"".join(chunks) + packer.flush())


# --- trees ---

def in_tree(b, raw, also=()):
    """A commit whose tree is `raw` bytes."""
    pack = p.Pack()
    text = b.text()
    oid = blob(b, pack, text)
    raw = raw(oid) if callable(raw) else raw
    tree = p.object_id(p.TREE, raw)
    pack.add(p.TREE, raw)
    for kind, data in also:
        pack.add(kind, data)
    commit = p.commit_bytes(tree)
    pack.add(p.COMMIT, commit)
    p.set_ref(b.path, "refs/heads/main", p.object_id(p.COMMIT, commit))
    pack.write(b.objects)


def tree_without_nul(b):
    b.either()
    in_tree(b, lambda oid: b"100644 good\0" + oid + b"100644 no end of a name")


def tree_entry_cut_short(b):
    b.either()
    in_tree(b, lambda oid: b"100644 good\0" + oid + b"100644 name\0" + oid[:7])


def tree_mode_nonsense(b):
    b.either()
    in_tree(b, lambda oid: b"9z9 name\0" + oid + b" x\0" + oid + b"7777777777777777777777777 y\0" + oid + b"100644 \0" + oid)


def tree_garbage(b):
    b.either()
    in_tree(b, b.noise(3000))


def tree_that_is_a_blob(b):
    b.either()
    in_tree(b, lambda oid: b"40000 folder\0" + oid)


def tree_holds_itself(b):
    b.either()
    me, pack = b.noise(20), p.Pack()
    oid = blob(b, pack)
    pack.add(p.TREE, p.tree_bytes([(TREE_MODE, b"again", me), (BLOB_MODE, b"key", oid)]), oid=me)
    commit = p.commit_bytes(me)
    pack.add(p.COMMIT, commit)
    p.set_ref(b.path, "refs/heads/main", p.object_id(p.COMMIT, commit))
    pack.write(b.objects)


def tree_missing(b):
    """An object that a commit names and nobody has: not a partial clone, so something is lost. The rest is found."""
    in_tree(b, lambda oid: p.tree_bytes([(TREE_MODE, b"lost", b.lost(b.noise(20))), (BLOB_MODE, b"key", oid)]))


def nested(b, depth):
    pack = p.Pack()
    oid, mode, name = blob(b, pack), BLOB_MODE, b"key"
    for _ in range(depth):
        tree = p.tree_bytes([(mode, name, oid)])
        pack.add(p.TREE, tree)
        oid, mode, name = p.object_id(p.TREE, tree), TREE_MODE, b"d"
    commit = p.commit_bytes(oid)
    pack.add(p.COMMIT, commit)
    p.set_ref(b.path, "refs/heads/main", p.object_id(p.COMMIT, commit))
    pack.write(b.objects)


def trees_nested_10000(b):
    b.either()
    nested(b, 10000)


def trees_that_double(b):
    """40 trees, each holding the next one twice: 2^40 paths in a few bytes."""
    b.megabytes = 1000
    pack = p.Pack()
    oid, mode = blob(b, pack), BLOB_MODE
    for _ in range(40):
        tree = p.tree_bytes([(mode, b"a", oid), (mode, b"b", oid)])
        pack.add(p.TREE, tree)
        oid, mode = p.object_id(p.TREE, tree), TREE_MODE
    commit = p.commit_bytes(oid)
    pack.add(p.COMMIT, commit)
    p.set_ref(b.path, "refs/heads/main", p.object_id(p.COMMIT, commit))
    pack.write(b.objects)


def names_for_terminals(b):
    b.healthy()
    pack = p.Pack()
    names = [b"\x1b[31mred\x1b[0m", b"new\nline", b"tab\there", b"\xff\xfe\x80", b"bell\x07", b"cr\rback", b"\xe2\x80\xae\xe2\x81\xa6rtl",
             b'quo"te\\', b"\xc0\xaf", b"del\x7f", b"n" * 5000, b"..", b".git", b"\xed\xa0\x80"]
    b.files(pack, [(BLOB_MODE, name, blob(b, pack)) for name in names])
    pack.write(b.objects)


def many_files(b):
    """50,000 names in one tree, 300 commits: attribution is per tree, not per commit and file."""
    b.healthy()
    pack, parent = p.Pack(), ()
    key, other = blob(b, pack), blob(b, pack, b"nothing\n")
    for n in range(300):
        entries = [(BLOB_MODE, b"f%05d" % i, other) for i in range(n % 7 * 300)] + [(BLOB_MODE, b"key", key)]
        parent = (b.files(pack, entries, parents=parent),)
    big = [(BLOB_MODE, b"f%06d" % i, other) for i in range(50000)] + [(BLOB_MODE, b"key", key)]
    b.files(pack, big, parents=parent)
    pack.write(b.objects)


# --- commits and tags ---

def end_commits(b, pack, tip):
    p.set_ref(b.path, "refs/heads/main", tip)
    pack.write(b.objects)


def in_commit(b, raw):
    b.either()
    pack = p.Pack()
    blob(b, pack)
    pack.add(p.COMMIT, raw)
    end_commits(b, pack, p.object_id(p.COMMIT, raw))


def commit_without_tree(b):
    in_commit(b, b"author A <a@example.com> 1 +0000\ncommitter A <a@example.com> 1 +0000\n\nx\n")


def commit_empty(b):
    in_commit(b, b"")


def commit_garbage(b):
    in_commit(b, b.noise(2000))


def commit_huge_line(b):
    tree = p.object_id(p.TREE, b"").hex().encode()
    in_commit(b, b"tree " + tree + b"\nauthor " + b"A" * (20 << 20) + b" <a@example.com> 1 +0000\ncommitter A <a@example.com> 1 +0000\n\nx\n")


def commit_without_end(b):
    in_commit(b, b"tree " + b"0" * 40)


def key_tree(b):
    """A pack with a tree that holds the key's blob, and the tree's name."""
    b.either()
    pack = p.Pack()
    tree = p.tree_bytes([(BLOB_MODE, b"key", blob(b, pack))])
    pack.add(p.TREE, tree)
    return pack, p.object_id(p.TREE, tree)


def commit_wild_dates(b):
    lines = [b"99999999999999999999 +0000", b"-5 +0000", b"1 +9999999", b"", b"1", b"1 -2359", b"9223372036854775807 -1200"]
    pack, tree = key_tree(b)
    parents = ()
    for when in lines:
        raw = b"tree " + tree.hex().encode() + b"".join(b"\nparent " + x.hex().encode() for x in parents)
        raw += b"\nauthor A <a@example.com> " + when + b"\ncommitter A <a@example.com> " + when + b"\n\nx\n"
        pack.add(p.COMMIT, raw)
        parents = (p.object_id(p.COMMIT, raw),)
    end_commits(b, pack, parents[0])


def commits_in_a_ring(b):
    """Names in an index can be made up, so parents can lead back."""
    pack, tree = key_tree(b)
    names = [b.noise(20) for _ in range(4)]
    for n, name in enumerate(names):
        pack.add(p.COMMIT, p.commit_bytes(tree, [names[(n + 1) % 4]]), oid=name)
    end_commits(b, pack, names[0])


def commit_with_10000_parents(b):
    pack, tree = key_tree(b)
    parents = []
    for n in range(10000):
        raw = p.commit_bytes(tree, when=1600000000 + n)
        pack.add(p.COMMIT, raw)
        parents.append(p.object_id(p.COMMIT, raw))
    raw = p.commit_bytes(tree, parents)
    pack.add(p.COMMIT, raw)
    end_commits(b, pack, p.object_id(p.COMMIT, raw))


def tags_in_a_ring(b):
    b.either()
    pack, names = p.Pack(), [b.noise(20) for _ in range(3)]
    blob(b, pack)
    for n, name in enumerate(names):
        raw = b"object " + names[(n + 1) % 3].hex().encode() + b"\ntype tag\ntag t\ntagger A <a@example.com> 1 +0000\n\nx\n"
        pack.add(p.TAG, raw, oid=name)
    p.set_ref(b.path, "refs/tags/ring", names[0])
    pack.write(b.objects)


def tags_nested_20000(b):
    b.either()
    pack = p.Pack()
    oid, kind = blob(b, pack), b"blob"
    for n in range(20000):
        raw = b"object " + oid.hex().encode() + b"\ntype " + kind + b"\ntag t%d\ntagger A <a@example.com> 1 +0000\n\nx\n" % n
        pack.add(p.TAG, raw)
        oid, kind = p.object_id(p.TAG, raw), b"tag"
    p.set_ref(b.path, "refs/tags/deep", oid)
    pack.write(b.objects)


def tag_garbage(b):
    b.either()
    pack = p.Pack()
    blob(b, pack)
    for raw in (b"", b"object", b"object " + b"z" * 40 + b"\n", b.noise(500)):
        pack.add(p.TAG, raw)
    p.set_ref(b.path, "refs/tags/bad", pack.entries[-1][0])
    pack.write(b.objects)


# --- references ---

def references_nonsense(b):
    b.either()
    os.makedirs(os.path.join(b.path, "refs/heads/x"), exist_ok=True)
    for name, data in (("empty", b""), ("x/garbage", b.noise(99)), ("x/short", b"abc\n"), ("x/loop", b"ref: refs/heads/x/loop\n"),
                       ("x/up", b"ref: ../../../../etc/passwd\n"), ("x/nul", b"\0" * 50), ("x/long", b"a" * 70000)):
        with open(os.path.join(b.path, "refs/heads", name), "wb") as f:
            f.write(data)
    with open(os.path.join(b.path, "packed-refs"), "wb") as f:
        f.write(b"# pack-refs with: peeled\n^" + b"0" * 40 + b"\n" + b"z" * 40 + b" refs/heads/z\n" + b"1" * 40 + b"\n" + b.noise(500) + b"\nlast")


def head_missing_object(b):
    p.set_ref(b.path, "refs/heads/main", b.lost(b.noise(20)))


def alternates_loop(b):
    b.either()
    with open(os.path.join(b.objects, "info", "alternates"), "w", encoding="ascii") as f:
        f.write(b.objects + "\n../objects\n" + "x" * 9000 + "\n/nonexistent/objects\n# comment\n\"quoted\\")


def index_garbage(b):
    b.either()
    with open(os.path.join(b.path, "index"), "wb") as f:
        f.write(b"DIRC\0\0\0\2\xff\xff\xff\xff" + b.noise(900))


def index_bit_flipped(b):
    """In an entry's object name: without the checksum nobody would know. The entries are used all the same."""
    b.skipped.append("index")
    text = b.text()
    pack = b.pack(text)
    pack.write(b.objects)
    body = b"DIRC" + struct.pack(">II", 2, 1) + bytes(24) + struct.pack(">I", 0o100644) + bytes(12)
    body += p.object_id(p.BLOB, text) + struct.pack(">H", 5) + b"a.env" + bytes(5)
    raw = bytearray(body + p.new_hash().digest())
    h = p.new_hash()
    h.update(body)
    raw[-20:] = h.digest()
    raw[12 + 40 + 19] ^= 1
    with open(os.path.join(b.path, "index"), "wb") as f:
        f.write(raw)


def config_with_nul(b):
    """libgit2 takes it for the end of the file; git says: bad config line 1."""
    b.skipped.append("a NUL byte in line 1")
    b.keys = []
    with open(os.path.join(b.path, "config"), "wb") as f:
        f.write(b"\0\0\xff")


def config_garbage(b):
    """Git itself refuses such a repository, so exit 2 without findings is right too."""
    with open(os.path.join(b.path, "config"), "ab") as f:
        f.write(b"[unclosed \"x\n = = \0\n[" + b.noise(400))
    b.keys, b.exits, b.complete = [], (1, 2), None


LOOSE = [loose_good, loose_garbage, loose_empty, loose_cut_short, loose_declares_too_much, loose_declares_too_little, loose_declares_2_63,
         loose_declares_a_number_without_end, loose_header_without_end, loose_unknown_type, loose_negative_size, loose_is_a_folder,
         loose_is_a_fifo, loose_is_a_dangling_link, loose_names_that_are_none, loose_bomb]
OBJECTS = [tree_without_nul, tree_entry_cut_short, tree_mode_nonsense, tree_garbage, tree_that_is_a_blob, tree_holds_itself, tree_missing,
           trees_nested_10000, trees_that_double, names_for_terminals, many_files, commit_without_tree, commit_empty, commit_garbage,
           commit_huge_line, commit_without_end, commit_wild_dates, commits_in_a_ring, commit_with_10000_parents, tags_in_a_ring,
           tags_nested_20000, tag_garbage, references_nonsense, head_missing_object, alternates_loop, index_garbage, index_bit_flipped, config_with_nul,
           config_garbage]
