"""A bench for hostile repositories: make one, run keyhunt on it within bounds, say what is wrong.

Each case is a function `case(bench)` that writes damage into `bench.path` beside a healthy pack with a key. Whatever the
damage: no crash, bounded time and memory, the keys that can be read are found, and what cannot be read is said.
"""
import base64
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import packlib as p  # noqa: E402
import synth  # noqa: E402

GIB = 1 << 30


class Bench:
    def __init__(self, name, path):
        self.name, self.path = name, path
        self.rng = random.Random(name)
        self.objects = os.path.join(path, "objects")
        self.keys = []           # must be found
        self.or_incomplete = []  # must be found unless the summary says that not all was seen
        self.exits = (2,)        # allowed
        self.complete = False    # what the summary must say; None: either
        self.skipped = []        # names, one of which must stand in the skips
        self.all_skipped, self.not_skipped = [], []  # names that must, and must not, stand there
        self.reason = ""         # and a reason
        self.options = []        # for keyhunt
        self.seconds, self.megabytes = 60, 400
        self.address_space = 3 * GIB
        self.attributed = False  # all findings have a commit, or the summary says that not all was seen
        self.beside = None       # or a function that starts something beside keyhunt and returns how to stop it
        p.init_repo(path)

    def healthy(self):
        """All of it can be read: exit 1, complete."""
        self.exits, self.complete = (1,), True

    def either(self):
        """Reading it all and saying that some was not read are both right."""
        self.exits, self.complete = (1, 2), None

    def text(self, words=3):
        """A text with a pair that has to be found."""
        key = synth.key_id(self.rng)
        self.keys.append(key)
        return b"some words\n" * words + synth.block(key, synth.secret(self.rng)).encode()

    def junk(self, size):
        return bytes(self.rng.choices(b"abcdefghijklmnopqrstuvwxyz \n", k=size))

    def noise(self, size):
        return self.rng.randbytes(size)

    def name_of(self, n):
        """A made-up object name."""
        return bytes([n % 256]) + self.rng.randbytes(19)

    def lost(self, oid):
        self.skipped.append(oid.hex())
        return oid

    def files(self, pack, entries, ref="refs/heads/main", parents=()):
        """A commit of these (mode, name, oid) at `ref`, in `pack`."""
        tree = p.tree_bytes(entries)
        commit = p.commit_bytes(p.object_id(p.TREE, tree), parents)
        pack.add(p.TREE, tree)
        pack.add(p.COMMIT, commit)
        p.set_ref(self.path, ref, p.object_id(p.COMMIT, commit))
        return p.object_id(p.COMMIT, commit)

    def good(self):
        """The healthy pack that stands beside every damage."""
        pack, text = p.Pack(), self.text()
        pack.add(p.BLOB, text)
        self.files(pack, [(b"100644", b"good.env", p.object_id(p.BLOB, text))], "refs/heads/good")
        pack.write(self.objects)

    def pack(self, *blobs):
        """A pack with these blobs."""
        pack = p.Pack()
        for blob in blobs:
            pack.add(p.BLOB, blob)
        return pack


def sanitized(program):
    with open(program, "rb") as f:
        data = f.read()
    return b"__asan_init" in data or b"__tsan_init" in data


def limits(seconds, address_space):
    """Time is CPU time, so that a busy machine does not look like a hang; sanitizers map more addresses than anybody has."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    if address_space:
        resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def peak_memory(pid, program):
    """Megabytes, as of now; what wait4 says counts our own, from before the program was loaded."""
    try:
        with open("/proc/%d/comm" % pid, "rb") as f:
            if f.read().strip() != os.path.basename(program).encode()[:15]:
                return 0
        with open("/proc/%d/status" % pid, "rb") as f:
            return max([int(line.split()[1]) for line in f if line.startswith(b"VmHWM")], default=0) / 1024
    except OSError:
        return 0


def launch(program, bench, slow):
    """Run keyhunt: (exit status or negative signal, stdout, stderr, seconds, peak MB). Killed when over time: bench.seconds of a
    CPU, or five times as long while nothing happens."""
    command = [program, "--history", bench.path, "--format", "jsonl", "--min-confidence", "low", "--no-progress", *bench.options]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "KEYHUNT_"))}
    started, cpu = time.monotonic(), bench.seconds * (6 if slow else 1)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, env=environment, preexec_fn=lambda: limits(cpu, 0 if slow else bench.address_space))
        deadline, peak, pid = started + 5 * cpu, 0, 0
        while not pid:
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if not pid and time.monotonic() > deadline:
                os.kill(child.pid, signal.SIGKILL)
                pid, status = os.waitpid(child.pid, 0)
            elif not pid:
                peak = max(peak, peak_memory(child.pid, program))
                time.sleep(0.002)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return child.returncode, out.read(), err.read(), time.monotonic() - started, peak


def judge(bench, result, slow):
    """Complaints about one run."""
    code, out, err, seconds, megabytes = result
    talk = err[-800:].decode("utf-8", "replace")
    if code in (-signal.SIGKILL, -signal.SIGXCPU):
        return ["over %d seconds, or out of memory" % seconds]
    if code not in bench.exits:
        return ["exit status %d, not %s; it said: %s" % (code, " or ".join(map(str, bench.exits)), talk)]
    complaints = []
    if not slow and megabytes > bench.megabytes:
        complaints.append("peak memory %d MB" % megabytes)
    try:
        lines = [json.loads(line) for line in out.decode("utf-8").splitlines()]
        summary = lines[-1]
    except (ValueError, IndexError) as error:
        return complaints + ["output cannot be read (%r); it said: %s" % (error, talk)]
    found = {line.get("key_id") for line in lines if line["type"] == "finding"}
    must = bench.keys + (bench.or_incomplete if summary.get("complete") else [])
    missed = [key for key in must if key not in found]
    if missed:
        complaints.append("%d of %d keys not found: %s" % (len(missed), len(bench.keys), " ".join(missed[:5])))
    if bench.attributed and summary.get("complete") and not all(line.get("commit") for line in lines[:-1]):
        complaints.append("complete, but a finding lacks its commit")
    if bench.complete is not None and summary.get("complete") is not bench.complete:
        complaints.append("complete is %s; skipped: %s" % (summary.get("complete"), json.dumps(summary.get("skipped"))[:600]))
    skipped = json.dumps(summary.get("skipped"))
    if bench.complete is False and not summary.get("skipped_total"):
        complaints.append("incomplete, but nothing is said to be skipped")
    if bench.skipped and not any(name in skipped for name in bench.skipped):
        complaints.append("the skips do not name %s: %s" % (bench.skipped[0], skipped[:600]))
    if not all(name in skipped for name in bench.all_skipped) or any(name in skipped for name in bench.not_skipped) or bench.reason not in skipped:
        complaints.append("the skips are not %s: %s" % (bench.reason or "what they should be", skipped[:600]))
    if b"\x1b" in err or b"\x1b" in out:
        complaints.append("an escape byte reached the terminal")
    return complaints


def run_case(program, function, keep=None):
    path = tempfile.mkdtemp(prefix="keyhunt-hostile-") if keep is None else os.path.join(keep, function.__name__)
    os.makedirs(path, exist_ok=True)
    slow = sanitized(program)
    try:
        bench = Bench(function.__name__, path)
        bench.good()
        function(bench)
        if bench.beside:
            stop = bench.beside(bench)
            try:
                results = [launch(program, bench, slow) for _ in range(60)]
            finally:
                stop()
        else:
            results = [launch(program, bench, slow)]
        complaints = [c for r in results for c in judge(bench, r, slow)]
        code, _, _, seconds, megabytes = results[-1]
        exits = "exit %d" % code if len(results) == 1 else "exit " + ", ".join("%d: %d times" % (e, [r[0] for r in results].count(e)) for e in bench.exits)
        print("%s %s (%s, %.2f s, %d MB)" % ("not ok" if complaints else "ok", function.__name__, exits, seconds, megabytes), flush=True)
        for complaint in complaints:
            print("    " + complaint, flush=True)
        return not complaints
    finally:
        if keep is None:
            shutil.rmtree(path, ignore_errors=True)


def main(groups):
    """hostile.py KEYHUNT GROUP[.CASE] [--keep DIR]"""
    args = sys.argv[1:]
    keep = None
    if "--keep" in args:
        keep = args[args.index("--keep") + 1]
        args = args[:args.index("--keep")]
    group, _, only = args[1].partition(".")
    cases = [f for f in groups[group] if only in ("", f.__name__)]
    results = [run_case(os.path.abspath(args[0]), case, keep) for case in cases]
    if not all(results):
        print("Again: tests/hostile/hostile.py KEYHUNT %s.CASE --keep DIR" % group)
    return 0 if all(results) else 1


def b64(raw):
    return base64.b64encode(raw)
