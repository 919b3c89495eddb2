"""Entries and deltas that lie: each beside a good entry with a key in the same pack."""
import zlib

from bench import p


def spoiled(b, build):
    """A pack: a base, a good text, what `build(pack, base, base_offset, base_name)` adds, and a good delta at the end."""
    pack, base = b.pack(b.text()), b.junk(2000)
    offset = pack.add(p.BLOB, base)
    build(pack, base, offset, p.object_id(p.BLOB, base))
    text = b.text()
    pack.ofs(p.object_id(p.BLOB, base + text), offset, p.append_delta(base, text))
    pack.write(b.objects)


def dependant(b, pack, offset, size):
    """A delta upon the spoiled entry: lost with it."""
    pack.ofs(b.lost(b.name_of(9)), offset, p.delta(size, size, p.copy(0, min(size, 4000))))


def bad_delta(b, instructions, name=3):
    spoiled(b, lambda pack, base, offset, oid: pack.ofs(b.lost(b.name_of(name)), offset, instructions))


# --- headers ---

def header_endless_varint(b):
    spoiled(b, lambda pack, base, offset, oid: pack.raw(b.lost(b.name_of(1)), b"\xbf" + b"\xff" * 400))


def header_size_2_63(b):
    spoiled(b, lambda pack, base, offset, oid: pack.add(p.BLOB, b"x" * 50, declared=1 << 63, oid=b.lost(b.name_of(1))))


def header_size_max(b):
    spoiled(b, lambda pack, base, offset, oid: pack.add(p.BLOB, b"x" * 50, declared=(1 << 64) - 1, oid=b.lost(b.name_of(1))))


def header_size_1_tib(b):
    spoiled(b, lambda pack, base, offset, oid: pack.add(p.BLOB, b"x" * 50, declared=1 << 40, oid=b.lost(b.name_of(1))))


def header_type_0_and_5(b):
    def build(pack, base, offset, oid):
        pack.add(0, b"x" * 50, oid=b.lost(b.name_of(1)))
        pack.add(5, b"x" * 50, oid=b.lost(b.name_of(2)))
    spoiled(b, build)


def size_too_small(b):
    spoiled(b, lambda pack, base, offset, oid: pack.add(p.BLOB, b"x" * 500, declared=499, oid=b.lost(b.name_of(1))))


def size_too_large(b):
    spoiled(b, lambda pack, base, offset, oid: pack.add(p.BLOB, b"x" * 500, declared=501, oid=b.lost(b.name_of(1))))


def size_zero_of_something(b):
    spoiled(b, lambda pack, base, offset, oid: pack.add(p.BLOB, b"x" * 500, declared=0, oid=b.lost(b.name_of(1))))


def zlib_garbage(b):
    spoiled(b, lambda pack, base, offset, oid: pack.raw(b.lost(b.name_of(1)), p.entry_header(p.BLOB, 500) + b.noise(300)))


def zlib_cut_short(b):
    raw = zlib.compress(b.noise(500))[:200]
    spoiled(b, lambda pack, base, offset, oid: pack.raw(b.lost(b.name_of(1)), p.entry_header(p.BLOB, 500) + raw))


def zlib_nothing_at_all(b):
    spoiled(b, lambda pack, base, offset, oid: pack.raw(b.lost(b.name_of(1)), p.entry_header(p.BLOB, 500)))


def zlib_wants_a_dictionary(b):
    spoiled(b, lambda pack, base, offset, oid: pack.raw(b.lost(b.name_of(1)), p.entry_header(p.BLOB, 500) + b"\x78\xbb" + b.noise(200)))


def entry_at_the_very_end(b):
    """The last entry's header runs into the trailer."""
    pack = b.pack(b.text())
    pack.raw(b.lost(b.name_of(1)), b"\xb0")
    pack.write(b.objects)


def family_of_a_spoiled_base(b):
    def build(pack, base, offset, oid):
        bad = pack.raw(b.lost(b.name_of(1)), p.entry_header(p.BLOB, 500) + b.noise(300))
        dependant(b, pack, bad, 500)
        pack.ref(b.lost(b.name_of(4)), b.name_of(1), p.delta(500, 10, p.copy(0, 10)))
    spoiled(b, build)


# --- bases ---

def ofs_zero(b):
    spoiled(b, lambda pack, base, offset, oid: pack.ofs(b.lost(b.name_of(1)), 0, p.append_delta(base, b"x"), distance=0))


def ofs_before_the_pack(b):
    def build(pack, base, offset, oid):
        for n, distance in enumerate((pack.tell() + 1000, pack.tell(), pack.tell() - 11, 1 << 40, (1 << 63) + 5)):
            pack.ofs(b.lost(b.name_of(n)), 0, p.append_delta(base, b"x"), distance=distance)
    spoiled(b, build)


def ofs_endless(b):
    def build(pack, base, offset, oid):
        pack.raw(b.lost(b.name_of(1)), p.entry_header(p.OFS_DELTA, 20) + b"\xff" * 300)
    spoiled(b, build)


def ofs_inside_an_entry(b):
    spoiled(b, lambda pack, base, offset, oid: pack.ofs(b.lost(b.name_of(1)), offset + 7, p.append_delta(base, b"x")))


def ref_missing(b):
    spoiled(b, lambda pack, base, offset, oid: pack.ref(b.lost(b.name_of(1)), b.noise(20), p.append_delta(base, b"x")))


def ref_to_itself(b):
    def build(pack, base, offset, oid):
        me = b.lost(b.name_of(1))
        pack.ref(me, me, p.append_delta(base, b"x"))
    spoiled(b, build)


def ref_cycle(b):
    def build(pack, base, offset, oid):
        names = [b.lost(b.name_of(n)) for n in range(5)]
        for n, name in enumerate(names):
            pack.ref(name, names[(n + 1) % 5], p.append_delta(base, b"x"))
        dependant(b, pack, pack.entries[-1][1], 2001)
    spoiled(b, build)


def ref_cycle_over_two_packs(b):
    one, two = b.noise(20), b.noise(20)
    first, second = b.pack(b.text()), b.pack(b.text())
    first.ref(b.lost(one), two, p.delta(100, 100, p.copy(0, 100)))
    second.ref(b.lost(two), one, p.delta(100, 100, p.copy(0, 100)))
    first.write(b.objects)
    second.write(b.objects)


def ref_base_in_another_pack(b):
    """Not allowed in a stored pack, yet git reads it; so must we: a base is found by name."""
    b.either()
    base, text, pack = b.junk(900), b.text(), b.pack(b.text())
    other = b.pack(base)
    pack.ref(p.object_id(p.BLOB, base + text), p.object_id(p.BLOB, base), p.append_delta(base, text))
    other.write(b.objects)
    pack.write(b.objects)


def ref_base_is_loose(b):
    b.either()
    base, text, pack = b.junk(900), b.text(), b.pack(b.text())
    p.write_loose(b.objects, p.object_id(p.BLOB, base), p.loose_bytes(p.BLOB, base))
    pack.ref(p.object_id(p.BLOB, base + text), p.object_id(p.BLOB, base), p.append_delta(base, text))
    pack.write(b.objects)


# --- instructions ---

def delta_wrong_base_size(b):
    bad_delta(b, p.delta(1999, 100, p.copy(0, 100)))


def delta_result_too_small(b):
    bad_delta(b, p.delta(2000, 99, p.copy(0, 100)))


def delta_result_too_large(b):
    bad_delta(b, p.delta(2000, 101, p.copy(0, 100)))


def delta_result_huge(b):
    for n, size in enumerate((1 << 32, 1 << 40, (1 << 63), (1 << 64) - 1)):
        bad_delta(b, p.delta(2000, size, p.copy(0, 100)), n)


def delta_copies_beyond(b):
    bad_delta(b, p.delta(2000, 100, p.copy(1950, 100)))


def delta_copies_far_beyond(b):
    bad_delta(b, p.delta(2000, 100, p.copy(0xFFFFFFFF, 100)))


def delta_opcode_0(b):
    bad_delta(b, p.delta(2000, 100, p.copy(0, 50), b"\0", p.copy(0, 50)))


def delta_insert_beyond_end(b):
    bad_delta(b, p.delta(2000, 100, p.copy(0, 50), b"\x7f" + b"a" * 50))


def delta_copy_cut_short(b):
    bad_delta(b, p.delta(2000, 100, b"\xff\x01\x02"))


def delta_without_instructions(b):
    bad_delta(b, p.delta(2000, 100))


def delta_empty(b):
    bad_delta(b, b"")


def delta_sizes_only_started(b):
    bad_delta(b, b"\xff\xff\xff")


def delta_sizes_endless(b):
    bad_delta(b, b"\xff" * 500)


def delta_of_the_wrong_type(b):
    """A blob's bytes built on a tree stay a tree, whatever is in them."""
    b.either()
    spoiled(b, lambda pack, base, offset, oid: None)
    tree, pack = p.tree_bytes([(b"100644", b"x", b.noise(20))]), b.pack(b.text())
    offset = pack.add(p.TREE, tree)
    pack.ofs(b.name_of(1), offset, p.append_delta(tree, b.junk(300)))
    pack.write(b.objects)


CASES = [header_endless_varint, header_size_2_63, header_size_max, header_size_1_tib, header_type_0_and_5, size_too_small, size_too_large,
         size_zero_of_something, zlib_garbage, zlib_cut_short, zlib_nothing_at_all, zlib_wants_a_dictionary, entry_at_the_very_end,
         family_of_a_spoiled_base, ofs_zero, ofs_before_the_pack, ofs_endless, ofs_inside_an_entry, ref_missing, ref_to_itself, ref_cycle,
         ref_cycle_over_two_packs, ref_base_in_another_pack, ref_base_is_loose, delta_wrong_base_size, delta_result_too_small,
         delta_result_too_large, delta_result_huge, delta_copies_beyond, delta_copies_far_beyond, delta_opcode_0, delta_insert_beyond_end,
         delta_copy_cut_short, delta_without_instructions, delta_empty, delta_sizes_only_started, delta_sizes_endless,
         delta_of_the_wrong_type]
