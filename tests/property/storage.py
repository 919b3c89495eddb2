"""How a repository's objects are stored is nobody's business: this stores them in some random way that git allows."""
import os
import shutil
import subprocess

import packlib


def read_objects(git):
    """Every object of the repository: name -> (type, bytes)."""
    raw = subprocess.run(["git", "--git-dir=" + git, "cat-file", "--batch-all-objects", "--batch", "--buffer"],
                         check=True, stdout=subprocess.PIPE).stdout
    out, at = {}, 0
    while at < len(raw):
        end = raw.index(b"\n", at)
        name, kind, size = raw[at:end].split()
        out[name.decode()] = (packlib.TYPE_NUMBERS[kind], raw[end + 1:end + 1 + int(size)])
        at = end + 2 + int(size)
    return out


def pack_by_git(rng, git, names, target):
    """git's own deltas: any depth and window, OFS or REF."""
    command = ["git", "--git-dir=" + git, "pack-objects", "-q", "--no-reuse-delta", "--depth=%d" % rng.choice((0, 1, 5, 50, 4000)),
               "--window=%d" % rng.choice((1, 5, 10, 40)), "--threads=1"]
    if rng.random() < 0.6:
        command.append("--delta-base-offset")
    command.append(os.path.join(target, "pack", "pack"))
    subprocess.run(command, input="".join(n + "\n" for n in names).encode(), check=True, stdout=subprocess.DEVNULL)


def pack_by_hand(rng, algo, objects, names, target):
    """Deltas that git would never make: cut anywhere, against any object of the same type, OFS and REF mixed, any order."""
    pack = packlib.Pack(algo, rng.choice((2, 2, 3)))
    chain = rng.random()
    done = {}
    names = list(names)
    rng.shuffle(names)
    for name in names:
        kind, data = objects[name]
        oid = bytes.fromhex(name)
        bases = done.setdefault(kind, [])
        instructions = b""
        if data and bases and rng.random() < 0.85:  # nor one that makes nothing
            base, base_offset = bases[-1] if rng.random() < chain else rng.choice(bases)
            instructions = packlib.random_delta(rng, objects[base][1], data)
        if len(instructions) < 4:  # git reads none that are shorter
            offset = pack.add(kind, data, oid=oid)
        elif rng.random() < 0.5:
            offset = pack.ofs(oid, base_offset, instructions)
        else:
            offset = pack.ref(oid, bytes.fromhex(base), instructions)
        bases.append((name, offset))
    pack.write(target, version=rng.choice((1, 2, 2)))


def loose(algo, objects, names, target):
    del algo
    for name in names:
        kind, data = objects[name]
        packlib.write_loose(target, bytes.fromhex(name), packlib.loose_bytes(kind, data))


def store_objects(rng, git, algo):
    """Take what fast-import wrote and store it anew: in parts that overlap, each in a way of its own."""
    folder = os.path.join(git, "objects")
    objects = read_objects(git)
    names = sorted(objects)
    parts = [[] for _ in range(rng.choice((1, 1, 2, 3, 4)))]
    for name in names:
        parts[rng.randrange(len(parts))].append(name)
        if len(parts) > 1 and rng.random() < 0.1:
            parts[rng.randrange(len(parts))].append(name)
    fresh, other = folder + ".new", os.path.join(git, "elsewhere")
    targets = []
    for part in parts:
        part = sorted(set(part))
        if not part:
            continue
        target = other if rng.random() < 0.1 else fresh
        targets.append(target)
        os.makedirs(os.path.join(target, "pack"), exist_ok=True)
        way = rng.random()
        if way < 0.4:
            pack_by_git(rng, git, part, target)
        elif way < 0.85:
            pack_by_hand(rng, algo, objects, part, target)
        else:
            loose(algo, objects, part, target)
    shutil.rmtree(folder)
    os.makedirs(os.path.join(fresh, "pack"), exist_ok=True)
    os.makedirs(os.path.join(fresh, "info"), exist_ok=True)
    os.rename(fresh, folder)
    if other in targets:
        with open(os.path.join(folder, "info", "alternates"), "w", encoding="utf-8") as f:
            f.write(os.path.abspath(other) + "\n")
    if rng.random() < 0.15 and any(n.endswith(".pack") for n in os.listdir(os.path.join(folder, "pack"))):
        subprocess.run(["git", "--git-dir=" + git, "multi-pack-index", "write"], check=True, stderr=subprocess.DEVNULL)
