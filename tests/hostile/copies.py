"""Objects that are damaged here and whole elsewhere, as git reads them; and objects larger than the memory they may have."""
import base64
import gzip
import os

from bench import p, synth
from blobs import MIB, zipped


def spoil(pack, oid, kind=p.BLOB):
    """An entry whose deflated bytes are none."""
    return pack.raw(oid, p.entry_header(kind, 500) + b"\x78\x9c" + b"\xff" * 400)


def family(b, pack, offset, base):
    """What is built on an object that this pack cannot give: two that only it has, one on the other."""
    first = base + b.text()
    at = pack.ofs(p.object_id(p.BLOB, first), offset, p.append_delta(base, first[len(base):]))
    second = first + b.text()
    pack.ofs(p.object_id(p.BLOB, second), at, p.append_delta(first, second[len(first):]))


def put_loose(objects, data, kind=p.BLOB):
    p.write_loose(objects, p.object_id(kind, data), p.loose_bytes(kind, data))


def alternate(b):
    path = os.path.join(b.path, "other", "objects")
    os.makedirs(os.path.join(path, "pack"))
    with open(os.path.join(b.objects, "info", "alternates"), "w", encoding="ascii") as f:
        f.write(path + "\n")
    return path


def damaged_root(b, entry=spoil):
    """Its pack without its good copy; the copy's content."""
    b.healthy()
    base, pack = b.text() + b.junk(700), p.Pack()
    family(b, pack, entry(pack, p.object_id(p.BLOB, base)), base)
    pack.write(b.objects)
    return base


def root_whole_as_loose_object(b):
    put_loose(b.objects, damaged_root(b))


def root_whole_in_another_pack(b):
    b.pack(damaged_root(b)).write(b.objects)


def root_whole_in_an_alternate(b):
    base = damaged_root(b)
    put_loose(alternate(b), base)


def header_damaged_and_whole_elsewhere(b):
    put_loose(b.objects, damaged_root(b, lambda pack, oid: pack.raw(oid, b"\x00" * 40)))


def base_not_in_the_pack_whole_elsewhere(b):
    """An offset that leads to no entry."""
    put_loose(b.objects, damaged_root(b, lambda pack, oid: pack.ofs(oid, 0, p.delta(5, 5, p.copy(0, 5)), distance=7)))


def middle_of_a_chain_whole_elsewhere(b):
    """And the copy is a delta on an object that is damaged in its pack, too, and whole in a third."""
    b.healthy()
    base, pack, other = b.junk(900), p.Pack(), p.Pack()
    middle = base + b.text()
    root = pack.add(p.BLOB, base)
    family(b, pack, pack.ofs(p.object_id(p.BLOB, middle), root, b"\x00" + p.append_delta(base, middle[len(base):])), middle)
    offset = spoil(other, p.object_id(p.BLOB, base))
    other.ofs(p.object_id(p.BLOB, middle), offset, p.append_delta(base, middle[len(base):]))
    pack.write(b.objects)
    other.write(b.objects)


def tree_and_commit_whole_elsewhere(b):
    """Attribution reads the copies as well."""
    b.healthy()
    b.attributed = True
    text = b.text()
    tree = p.tree_bytes([(b"100644", b"key", p.object_id(p.BLOB, text))])
    commit = p.commit_bytes(p.object_id(p.TREE, tree))
    pack = b.pack(text)
    spoil(pack, p.object_id(p.TREE, tree), p.TREE)
    spoil(pack, p.object_id(p.COMMIT, commit), p.COMMIT)
    pack.write(b.objects)
    put_loose(b.objects, tree, p.TREE)
    put_loose(b.objects, commit, p.COMMIT)
    p.set_ref(b.path, "refs/heads/main", p.object_id(p.COMMIT, commit))


def loose_object_whole_in_an_alternate(b):
    b.healthy()
    text = b.text()
    put_loose(alternate(b), text)
    p.write_loose(b.objects, p.object_id(p.BLOB, text), b"\x78\x9cno zlib")
    wrong = b.text()
    put_loose(os.path.join(b.path, "other", "objects"), wrong)
    p.write_loose(b.objects, p.object_id(p.BLOB, wrong), p.loose_bytes(p.BLOB, b"another's content"))


def copy_that_is_not_what_its_name_says(b):
    """A loose file under a packed object's name: not taken for it."""
    b.megabytes = 400
    base, pack = b.junk(700), p.Pack()
    oid = p.object_id(p.BLOB, base)
    spoil(pack, oid)
    pack.write(b.objects)
    p.write_loose(b.objects, oid, p.loose_bytes(p.BLOB, b.junk(700)))
    b.all_skipped = [oid.hex()]


def every_member_is_named(b):
    """Nobody has the root; of those on it one is elsewhere, the others are named, each by itself."""
    base, pack = b.junk(700), p.Pack()
    root = spoil(pack, b.lost(p.object_id(p.BLOB, base)))
    texts = [base + b.noise(40) for _ in range(3)]
    names = [p.object_id(p.BLOB, text) for text in texts]
    for name, text in zip(names, texts):
        pack.ofs(name, root, p.append_delta(base, text[700:]))
    pack.write(b.objects)
    put_loose(b.objects, texts[1])
    b.all_skipped = [p.object_id(p.BLOB, base).hex(), names[0].hex(), names[2].hex()]
    b.not_skipped = [names[1].hex()]


def two_packs_full_of_damage(b):
    """Chains of 20,000 in both, each broken in the middle: looking for copies comes to an end."""
    b.seconds = 60
    size, base = 40, b.junk(40)
    for turn in range(2):
        pack = p.Pack()
        offset = pack.add(p.BLOB, base)
        for n in range(20000):
            # the same names in both packs, and other bytes
            name = n.to_bytes(4, "big") * 5
            if n == 10000:
                offset = spoil(pack, name, p.TREE if turn else p.BLOB)
            else:
                offset = pack.ofs(name, offset, p.delta(size, size, p.copy(0, 36), p.insert(b"%04d" % (n % 10000))))
        pack.write(b.objects)
    b.skipped = [(10000).to_bytes(4, "big").hex() * 5]


# --- larger than the memory for objects ---

def large_loose_blob(b):
    """Whole and read in parts; attribution, which has no use for blobs, must not take its parts for commits."""
    b.healthy()
    b.options, b.attributed = ["--memory", "1m"], False
    for place in (0, 2 * MIB):
        data = b.noise(place) + b"\n" + b.text() + b"\n" + b.noise(3 * MIB - place)
        put_loose(b.objects, data)


def large_loose_commit(b):
    """Whole, or a skip: never in parts, whose lines and pairs are wrong."""
    b.options = ["--memory", "1m"]
    for kind in (p.COMMIT, p.TAG):
        data = p.commit_bytes(bytes(20), message=b.noise(1000) + b"x\n" * (2 * MIB)) + b.text()
        b.keys.pop()
        b.all_skipped.append(b.lost(p.object_id(kind, data)).hex())
        put_loose(b.objects, data, kind)
    b.reason = "larger than the memory budget (--memory)"


def large_packed_commit(b):
    b.options = ["--memory", "1m"]
    data = p.commit_bytes(bytes(20), message=b"x\n" * (2 * MIB)) + b.text()
    b.keys.pop()
    pack = p.Pack()
    pack.add(p.COMMIT, data, oid=b.lost(p.object_id(p.COMMIT, data)))
    pack.write(b.objects)
    b.reason = "larger than the memory budget (--memory)"


def large_commit_that_fits(b):
    """A quarter of the memory is for many objects at once, the rest for one."""
    b.healthy()
    b.options = ["--memory", "16m"]
    put_loose(b.objects, p.commit_bytes(bytes(20), message=b"x\n" * (2 * MIB) + b.text()), p.COMMIT)
    head = b"object " + b"0" * 40 + b"\ntype blob\ntag t\ntagger A <a@example.com> 1 +0000\n\n"
    put_loose(b.objects, head + b"x\n" * (2 * MIB) + b.text(), p.TAG)


def children_of_a_base_too_large(b):
    """The base is seen, in parts; its children are not, and they are what is named."""
    b.options = ["--memory", "1m"]
    text = b"\n" + b.text()
    base, pack = text + bytes(3 * MIB), p.Pack()
    oid = p.object_id(p.BLOB, base)
    offset = pack.add(p.BLOB, base, oid=oid)
    child, grandchild = b.name_of(1), b.name_of(2)
    at = pack.ofs(child, offset, p.delta(len(base), 100, p.copy(0, 100)))
    pack.ofs(grandchild, at, p.delta(100, 50, p.copy(0, 50)))
    pack.write(b.objects)
    b.all_skipped, b.not_skipped = [child.hex(), grandchild.hex()], [oid.hex()]
    b.reason = "built on an object larger than the memory budget (--memory)"


def size_without_sense(b, *options):
    """2^40 bytes of a few: damage, however it is scanned."""
    base, pack = b.junk(600), b.pack(b.text())
    offset = pack.add(p.BLOB, base)
    pack.ofs(b.lost(b.name_of(1)), offset, p.delta(600, 1 << 40, p.copy(0, 600)))
    pack.write(b.objects)
    b.options, b.reason = list(options), "damaged data"


def size_without_sense_whole(b):
    size_without_sense(b, "--whole-blobs")


# --- archives larger than that ---

def large_archive(b, data, loose):
    b.options = ["--memory", "8m"]
    oid = b.lost(p.object_id(p.BLOB, data))
    if loose:
        put_loose(b.objects, data)
    else:
        b.pack(data).write(b.objects)
    b.all_skipped = [oid.hex()]
    b.reason = "an archive larger than the memory budget (--memory)"


def members(b):
    """One at the beginning, which is found, and one behind the first part, which is not."""
    late = b.text()
    b.keys.pop()
    return [("early.env", b.text()), ("noise", b.noise(9 * MIB)), ("late.env", late)]


def large_zip(b):
    large_archive(b, zipped(members(b)), False)


def large_loose_zip(b):
    large_archive(b, zipped(members(b)), True)


def large_gzip(b):
    large_archive(b, gzip.compress(b"\n".join(data for _, data in members(b)), mtime=0), False)


def large_zip_behind_a_script(b):
    """Its directory is in the last part: nothing of it can be opened."""
    kept = list(b.keys)
    large_archive(b, b"#!/bin/sh\nexit\n" + zipped(members(b)), True)
    b.keys = kept


def large_gzip_behind_a_script(b):
    large_archive(b, b"#!/bin/sh\nexit\n" + b.text() + gzip.compress(b.noise(9 * MIB), mtime=0), False)


def large_base64_behind_a_script(b):
    large_archive(b, b"#!/bin/sh\n" + b.text() + b"\n" + base64.b64encode(gzip.compress(b.noise(9 * MIB), mtime=0)) + b"\n", True)


def archive_that_fits(b):
    """Larger than a share of the memory, not than the memory."""
    b.healthy()
    b.options = ["--memory", "16m"]
    for n in range(2):
        key = synth.key_id(b.rng)
        b.keys.append(key)
        put_loose(b.objects, zipped([("noise", b.noise(5 * MIB)), ("late.env", synth.block(key, synth.secret(b.rng)).encode())]))


COPIES = [root_whole_as_loose_object, root_whole_in_another_pack, root_whole_in_an_alternate, header_damaged_and_whole_elsewhere,
          base_not_in_the_pack_whole_elsewhere, middle_of_a_chain_whole_elsewhere, tree_and_commit_whole_elsewhere,
          loose_object_whole_in_an_alternate, copy_that_is_not_what_its_name_says, every_member_is_named, two_packs_full_of_damage]
BUDGETS = [large_loose_blob, large_loose_commit, large_packed_commit, large_commit_that_fits, children_of_a_base_too_large,
           size_without_sense, size_without_sense_whole, large_zip, large_loose_zip, large_gzip,
           large_zip_behind_a_script, large_gzip_behind_a_script, large_base64_behind_a_script, archive_that_fits]
