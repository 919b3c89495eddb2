"""Packs and indexes that lie about themselves."""
import os
import struct

from bench import p

IDX_HEADER = 8
NAMES = IDX_HEADER + 256 * 4


def damaged(b):
    """What can be read is read, and the skips say that the pack or its index is damaged."""
    b.skipped.append("damaged: ")


def pack_truncated(b):
    """What lies before the cut is found, with what is built on it; what is cut is named."""
    pack = b.pack(b.junk(500), b.text())
    base = b.junk(300)
    offset = pack.add(p.BLOB, base)
    text = base + b.text()
    pack.ofs(p.object_id(p.BLOB, text), offset, p.append_delta(base, text[len(base):]))
    cut = b.noise(6000)
    b.lost(p.object_id(p.BLOB, cut))
    pack.add(p.BLOB, cut)
    pack.write(b.objects, mangle_pack=lambda raw: raw[:-3000])


def pack_without_trailer(b):
    """Cut where the last entry ends, inside the trailer, and with a bit of it flipped: all entries are there."""
    damaged(b)
    for cut in (lambda raw: raw[:-20], lambda raw: raw[:-7], lambda raw: raw[:-1] + bytes([raw[-1] ^ 1])):
        b.pack(b.junk(500), b.text()).write(b.objects, mangle_pack=cut)


def pack_bits_flipped(b):
    """In the middle of one entry: only that one is lost, and what is built on it."""
    pack = b.pack(b.text())
    hit = b.noise(500)
    base = b.lost(p.object_id(p.BLOB, hit))
    offset = pack.add(p.BLOB, hit)
    pack.ofs(p.object_id(p.BLOB, hit + b"x"), offset, p.append_delta(hit, b"x"))
    pack.add(p.BLOB, b.text())
    pack.write(b.objects, mangle_pack=lambda raw: raw[:offset + 250] + bytes([raw[offset + 250] ^ 4]) + raw[offset + 251:])
    assert base in [row[0] for row in pack.entries]


def pack_truncated_to_header(b):
    b.pack(b.junk(500)).write(b.objects, mangle_pack=lambda raw: raw[:12])


def pack_of_eleven_bytes(b):
    b.pack(b.junk(500)).write(b.objects, mangle_pack=lambda raw: raw[:11])


def pack_empty_file(b):
    b.pack(b.junk(500)).write(b.objects, mangle_pack=lambda raw: b"")


def pack_is_a_folder(b):
    stem = b.pack(b.junk(500)).write(b.objects)
    os.unlink(stem + ".pack")
    os.mkdir(stem + ".pack")


def pack_gone(b):
    os.unlink(b.pack(b.junk(500)).write(b.objects) + ".pack")


def pack_without_index(b):
    b.skipped.append("pack without an index")
    os.unlink(b.pack(b.junk(500)).write(b.objects) + ".idx")


def pack_wrong_magic(b):
    damaged(b)
    b.pack(b.junk(500), b.text()).write(b.objects, mangle_pack=lambda raw: b"KCAP" + raw[4:])


def pack_version_9(b):
    pack = b.pack(b.junk(500))
    pack.version = 9
    pack.write(b.objects)


def pack_version_3(b):
    b.healthy()
    pack = b.pack(b.text())
    pack.version = 3
    pack.write(b.objects)


def pack_count_too_large(b):
    damaged(b)
    pack = b.pack(b.junk(500), b.text())
    pack.declared_count = 0xFFFFFFFF
    pack.write(b.objects)


def pack_count_too_small(b):
    damaged(b)
    pack = b.pack(b.junk(500), b.text())
    pack.declared_count = 0
    pack.write(b.objects)


def pack_with_nothing(b):
    b.healthy()
    p.Pack().write(b.objects)


def idx_truncated_everywhere(b):
    for at in (0, 3, 7, 8, 500, NAMES - 1, NAMES, NAMES + 11, NAMES + 45, NAMES + 60, NAMES + 90):
        b.pack(b.junk(500 + at), b.junk(400)).write(b.objects, mangle_idx=lambda raw, at=at: raw[:at])


def idx_v1_truncated(b):
    for at in (1023, 1024, 1040, 1060, 1080):
        b.pack(b.junk(500 + at), b.junk(400)).write(b.objects, version=1, mangle_idx=lambda raw, at=at: raw[:at])


def idx_v1(b):
    b.healthy()
    pack = b.pack(b.text(), b.text())
    base = b.junk(300)
    offset = pack.add(p.BLOB, base)
    text = b.text()
    pack.ofs(p.object_id(p.BLOB, base + text), offset, p.append_delta(base, text))
    pack.write(b.objects, version=1)


def idx_version_3(b):
    b.pack(b.junk(500)).write(b.objects, mangle_idx=lambda raw: raw[:4] + struct.pack(">I", 3) + raw[8:])


def idx_fanout_falls(b):
    damaged(b)

    def mangle(raw):
        return raw[:IDX_HEADER + 400] + struct.pack(">I", 0xFFFF) + raw[IDX_HEADER + 404:]
    pack = b.pack(b.junk(500), b.text())
    base, text = b.junk(300), b.text()
    pack.add(p.BLOB, base)
    pack.ref(p.object_id(p.BLOB, base + text), p.object_id(p.BLOB, base), p.append_delta(base, text))
    pack.write(b.objects, mangle_idx=mangle)


def idx_fanout_huge(b):
    """The last number says how many names there are; the pack says it too."""
    damaged(b)
    for count in (0xFFFFFFFF, 0x7FFFFFFF, 0x10000000, 0):
        def mangle(raw, count=count):
            return raw[:NAMES - 4] + struct.pack(">I", count) + raw[NAMES:]
        b.pack(b.junk(count % 613), b.text()).write(b.objects, mangle_idx=mangle)


def idx_bit_flipped(b):
    """One bit of a name, of an offset's checksum, of the trailer: nothing else would notice the first."""
    damaged(b)
    for at in (NAMES + 25, NAMES + 3 * 20 + 2, -1):
        def mangle(raw, at=at % (NAMES + 3 * 28 + 40)):
            return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1:]
        b.pack(b.junk(500 + at % 7), b.text(), b.junk(300)).write(b.objects, mangle_idx=mangle)


def idx_v1_bit_flipped(b):
    damaged(b)
    b.pack(b.junk(500), b.text()).write(b.objects, version=1, mangle_idx=lambda raw: raw[:1040] + bytes([raw[1040] ^ 1]) + raw[1041:])


def idx_all_ones(b):
    b.pack(b.junk(500)).write(b.objects, mangle_idx=lambda raw: raw[:IDX_HEADER] + b"\xff" * (len(raw) - IDX_HEADER))


def rewrite(b, change):
    """Beside good entries, entries whose index rows `change` has spoiled."""
    pack = b.pack(b.junk(700), b.junk(400), b.text())
    pack.entries = change(pack.entries)
    pack.write(b.objects)


def idx_offset_beyond(b):
    rewrite(b, lambda rows: [(b.lost(rows[0][0]), 0x7FFFFF00, 0)] + rows[1:])


def idx_offset_beyond_64(b):
    rewrite(b, lambda rows: [(b.lost(rows[0][0]), 1 << 62, 0)] + rows[1:])


def idx_offset_zero(b):
    rewrite(b, lambda rows: [(b.lost(rows[0][0]), 0, 0)] + rows[1:])


def idx_offset_in_trailer(b):
    b.skipped = []
    pack = b.pack(b.junk(700), b.text())
    pack.entries[0] = (b.lost(pack.entries[0][0]), pack.tell() + 4, 0)
    pack.write(b.objects)


def idx_offset_inside_an_entry(b):
    rewrite(b, lambda rows: [(b.lost(rows[0][0]), rows[0][1] + 5, 0)] + rows[1:])


def idx_offset_inside_a_header(b):
    """Another entry begins where the one before has its header's second byte: that one is whole."""
    rewrite(b, lambda rows: [(b.lost(rows[0][0]), rows[2][1] + 1, 0)] + rows[1:])


def idx_big_table_too_short(b):
    def mangle(raw):
        row = NAMES + 3 * 20 + 3 * 4
        return raw[:row] + struct.pack(">I", 0x80000000 | 0x7FFFFFF0) + raw[row + 4:]
    b.pack(b.junk(700), b.junk(400), b.junk(100)).write(b.objects, mangle_idx=mangle)


def idx_names_out_of_order(b):
    b.either()
    text = b.text()
    pack = b.pack(b.junk(700), text, b.junk(50))

    def mangle(raw):
        names = [raw[NAMES + i * 20:NAMES + i * 20 + 20] for i in range(3)]
        return raw[:NAMES] + b"".join(reversed(names)) + raw[NAMES + 60:]
    pack.write(b.objects, mangle_idx=mangle)


def idx_name_twice(b):
    b.either()
    rewrite(b, lambda rows: rows + [rows[0]])


def idx_one_offset_two_names(b):
    b.either()
    rewrite(b, lambda rows: rows + [(b.name_of(7), rows[0][1], 0)])


def idx_entries_missing(b):
    """The pack holds more than its index names; pack and index disagree, so the pack is not to be believed whole."""
    b.either()
    rewrite(b, lambda rows: rows[1:])


def offsets_over_two_gib(b):
    """A pack with a real hole: entries behind 2 GiB and 5 GiB, found through the table of 64-bit offsets."""
    b.healthy()
    first, near, far = b.pack(b.text()), p.Pack(), p.Pack()
    near.add(p.BLOB, b.text())
    base, text = b.junk(300), b.text()
    offset = far.add(p.BLOB, base)
    far.ofs(p.object_id(p.BLOB, base + text), offset, p.append_delta(base, text))
    places = ((12, first), (0x80000000 + 77, near), (5 << 30, far))
    rows = sorted((oid, at + where - 12, crc) for at, part in places for oid, where, crc in part.entries)
    end = places[-1][0] + len(far.body)
    trailer = b.noise(20)
    stem = os.path.join(b.objects, "pack", "pack-" + trailer.hex())
    with open(stem + ".pack", "wb") as f:
        f.write(struct.pack(">4sII", b"PACK", 2, len(rows)))
        for at, part in places:
            f.seek(at)
            f.write(part.body)
        f.seek(end)
        f.write(trailer)
    with open(stem + ".idx", "wb") as f:
        f.write(p.idx_bytes(rows, trailer))
    b.address_space = 9 << 30  # the mapped pack counts


def midx_garbage(b):
    b.either()
    with open(os.path.join(b.objects, "pack", "multi-pack-index"), "wb") as f:
        f.write(b"MIDX" + b.noise(500))


CASES = [pack_truncated, pack_without_trailer, pack_bits_flipped, pack_truncated_to_header, pack_of_eleven_bytes, pack_empty_file, pack_is_a_folder, pack_gone, pack_without_index,
         pack_wrong_magic, pack_version_9, pack_version_3, pack_count_too_large, pack_count_too_small, pack_with_nothing,
         idx_truncated_everywhere, idx_v1_truncated, idx_v1, idx_version_3, idx_fanout_falls, idx_fanout_huge, idx_bit_flipped, idx_v1_bit_flipped,
         idx_all_ones,
         idx_offset_beyond, idx_offset_beyond_64, idx_offset_zero, idx_offset_in_trailer, idx_offset_inside_an_entry,
         idx_offset_inside_a_header,
         idx_big_table_too_short, idx_names_out_of_order, idx_name_twice, idx_one_offset_two_names, idx_entries_missing,
         offsets_over_two_gib, midx_garbage]
