#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mutants.py [options] [FILE...]: how many seeded slips of the pen do the unit tests notice?

One mutant at a time: the one file is compiled with the slip in it, the unit tests that are linked with it are linked
anew and run, all of them plain (of other rooms than the file's only quick ones), then the nearest four under the sanitizers; the
first that fails, crashes or does not end kills it (--quick: of its own room's tests, plain). Not counted: what does not compile, what compiles to the very same program, and what equivalent.txt calls
equivalent. Headers (inline functions), bios/ code that needs a machine, and efi/ are not mutated. `make mutants` calls it.
"""
import argparse
import concurrent.futures
import os
import random
import re
import resource
import shlex
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from slips import slips

HERE = Path(__file__).resolve().parent
QUICK = 0.3  # seconds: a test of another room than the file's is run when it takes no more
ENDLESS = 600  # seconds: no test takes so long
NEAREST = 4  # of a file's tests, those that are run under the sanitizers, too: they cost most


def run(command):
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True)


def measured(program, limit):
    """Exit status and seconds of processor time, which say the same on a busy machine; the status is that of SIGXCPU beyond the limit."""
    def bounded():
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    running = subprocess.Popen([program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=bounded)
    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    return running.returncode, usage.ru_utime + usage.ru_stime


def object_name(path):
    return path.replace("/", "_").removesuffix(".c") + ".o"


def is_newer(made, *of):
    return made.exists() and all(made.stat().st_mtime >= Path(path).stat().st_mtime for path in of)


class Build:
    """The tree's objects for one set of flags, an archive of them, and the unit tests."""

    def __init__(self, args, folder, flags):
        self.cc, self.flags, self.folder = shlex.split(args.cc), shlex.split(flags), Path(args.out) / folder
        self.flags_for = [(prefix, shlex.split(more)) for prefix, more in args.flags_for]
        self.archive = self.folder / "lib.a"
        self.libs = [str(self.archive), "-lcmocka"]
        self.locks = {test: threading.Lock() for test in args.tests}
        self.mutants = ["-O0"] if args.quick else []
        self.headers = [path for folder in {Path(source).parts[0] for source in args.sources + args.support}
                        for path in Path(folder).rglob("*") if path.suffix in (".h", ".def")]
        self.folder.mkdir(parents=True, exist_ok=True)

    def all_flags(self, path):
        return self.flags + [flag for prefix, more in self.flags_for if path.startswith(prefix) for flag in more]

    def compile(self, path):
        out = self.folder / object_name(path)
        if not is_newer(out, path, *self.headers):
            run([*self.cc, *self.all_flags(path), "-c", path, "-o", out])
        return out

    def compile_text(self, path, text, out):
        """The same object whatever the text's lines are: no debugging information, no name. False: no C."""
        done = subprocess.run([*self.cc, *self.all_flags(path), *self.mutants, "-g0", "-w", "-iquote", str(Path(path).parent), "-x", "c", "-c", "-", "-o", out],
                              input=text.encode(), stderr=subprocess.DEVNULL)
        return done.returncode == 0

    def link(self, test, out, extra=()):
        run([*self.cc, *self.flags, self.folder / object_name(test), *extra, *self.libs, "-o", out])
        return out

    def prepare(self, pool, sources):
        objects = list(pool.map(self.compile, sources))
        if not is_newer(self.archive, *objects):
            self.archive.unlink(missing_ok=True)
            run(["ar", "rc", self.archive, *objects])

    def program_of(self, test):
        """A test as it is, linked."""
        program, table = self.folder / Path(object_name(test)).stem, self.folder / (Path(object_name(test)).stem + ".map")
        with self.locks[test]:
            if not is_newer(program, self.archive, self.compile(test)):
                self.link(test, program, [f"-Wl,-Map={table}"])
        return program, table

    def used_by(self, test):
        """The objects that a test is linked with."""
        return set(re.findall(r"lib\.a\((.*?\.o)\)", self.program_of(test)[1].read_text().split("\n\n")[1]))

    def seconds(self, test):
        """How long a test takes when all is well; one that fails without a mutant would kill them all."""
        program = self.program_of(test)[0]
        known = program.with_suffix(".seconds")
        with self.locks[test]:
            if not is_newer(known, program):
                failed, seconds = measured(program, ENDLESS)
                if failed:
                    sys.exit(f"mutants.py: {test} fails as it is: {program}")
                known.write_text(f"{seconds:.3f}")
        return float(known.read_text())

    def killer(self, tests, mutant, where):
        """The first of these tests that notices the object of a mutant, or None."""
        for test in tests:
            limit = 2 + int(10 * self.seconds(test))
            failed, _ = measured(self.link(test, where / "program", [mutant]), limit)
            if failed:
                return f"{test} (no end)" if failed == -signal.SIGXCPU else test
        return None


class Equivalents:
    """equivalent.txt: mutants that no test can tell from the program, each with its reason.

    An entry is a line `FILE FUNCTION`, `- the line`, `+ the line with the slip`, and the reason in lines that follow,
    up to an empty line. It says nothing of line numbers, and an entry that fits no mutant any more is an error.
    Of several in the function that look the same `FILE FUNCTION N` is the N-th.
    """

    def __init__(self, path):
        self.entries = {}
        for block in re.split(r"\n\s*\n", re.sub(r"^#.*\n", "", path.read_text(), flags=re.M)) if path.exists() else []:
            lines = block.strip().splitlines()
            if not lines:
                continue
            if len(lines) < 4 or not re.fullmatch(r"\S+ \S+( [0-9]+)?", lines[0]) or lines[1][:2] != "- " or lines[2][:2] != "+ ":
                sys.exit(f"{path.name}: not an entry with a reason:\n{block}")
            file, function, *nth = lines[0].split()
            entry = (function, lines[1][2:], lines[2][2:], *map(int, nth))
            if entry in self.entries.setdefault(file, set()):
                sys.exit(f"{path.name}: twice:\n{block}")
            self.entries[file].add(entry)

    def stale(self, file, mutants):
        return sorted(self.entries.get(file, set()) - {key for slip in mutants for key in self.keys(slip)})

    def has(self, file, slip):
        return not self.entries.get(file, set()).isdisjoint(self.keys(slip))

    @staticmethod
    def keys(slip):
        return slip.key, (*slip.key, slip.nth)


class Score:
    """What became of one file's mutants."""

    def __init__(self, file):
        self.file, self.counted, self.killed, self.left_out, self.survivors = file, 0, 0, Counter(), []

    def row(self):
        left = ", ".join(f"{n} {why}" for why, n in sorted(self.left_out.items()))
        return f"{self.file:<36} {self.killed:>4} of {self.counted:>4} {percent(self):>8}  {left}"


def percent(*scores):
    counted, killed = (sum(getattr(s, what) for s in scores) for what in ("counted", "killed"))
    return f"{100 * killed / counted:.1f} %" if counted else "-"


class Hunt:
    def __init__(self, args, pool):
        self.args, self.pool = args, pool
        self.plain, self.checked = Build(args, "plain", args.cflags), Build(args, "san", f"{args.cflags} {args.san}")
        self.equivalents = Equivalents(Path(args.equivalents))
        self.kills = Counter()  # of each file's mutants, by each test

    def prepare(self):
        for build in (self.plain,) if self.args.quick else (self.plain, self.checked):
            build.prepare(self.pool, [*self.args.sources, *self.args.support])
        self.uses = dict(zip(self.args.tests, self.pool.map(self.plain.used_by, self.args.tests)))

    def tests_of(self, file):
        """That named after the file, those of its room, then other quick ones."""
        room, own = Path(file).parent.name, "test_" + Path(file).stem
        linked = [test for test in self.uses if object_name(file) in self.uses[test]]
        near = {test: Path(test).stem == own or Path(test).parent.name == room or room == "bios" for test in linked}
        seconds = dict(zip(linked, self.pool.map(self.plain.seconds, linked)))
        only_near = self.args.quick and any(near.values())
        return sorted((test for test in linked if near[test] or (seconds[test] < QUICK and not only_near)),
                      key=lambda test: (Path(test).stem != own, not near[test], seconds[test]))

    def try_one(self, file, text, tests, slip, original, number):
        """'killed by ...', 'survived', or why it is not counted."""
        where = Path(self.args.out) / f"at-{number}"
        where.mkdir(exist_ok=True)
        mutant = where / "mutant.o"
        if not self.plain.compile_text(file, slip.applied(text), mutant):
            return "does not compile"
        if mutant.read_bytes() == original:
            return "same program"
        if self.equivalents.has(file, slip):
            return "equivalent"
        tests = sorted(tests, key=lambda test: -self.kills[file, test])  # that which killed most so far goes first
        by = self.plain.killer(tests, mutant, where)
        if not by and not self.args.quick and self.checked.compile_text(file, slip.applied(text), mutant):
            by = self.checked.killer(tests[:NEAREST], mutant, where)
        self.kills[file, by] += 1
        return f"killed by {by}" if by else "survived"

    def file(self, file):
        score, text = Score(file), Path(file).read_text()
        every = list(slips(text))
        stale = self.equivalents.stale(file, every)
        if stale:
            sys.exit("equivalent.txt: no such mutant any more:\n" + "\n".join(f"{' '.join(map(str, (file, f, *nth)))}\n- {was}\n+ {now}" for f, was, now, *nth in stale))
        tests = self.tests_of(file)
        if not tests:
            return score
        original = Path(self.args.out) / f"original-{object_name(file)}"
        self.plain.compile_text(file, text, original)
        original = original.read_bytes()
        random.Random(f"{self.args.seed} {file}").shuffle(every)
        while every and (not self.args.sample or score.counted < self.args.sample):
            part = every[:max(1, self.args.sample - score.counted) if self.args.sample else len(every)]
            every = every[len(part):]
            ends = self.pool.map(lambda job: (job[1], self.try_one(file, text, tests, job[1], original, f"{object_name(file)}-{job[0]}")), enumerate(part))
            for slip, end in ends:
                self.note(score, slip, end)
        return score

    def note(self, score, slip, end):
        if self.args.verbose:
            print(f"{score.file}:{slip.line}: {end}: {slip.was}  ->  {slip.now}", file=sys.stderr, flush=True)
        if end == "survived" or end.startswith("killed"):
            score.counted += 1
            score.killed += end != "survived"
        else:
            score.left_out[end] += 1
        if end == "survived":
            score.survivors.append(slip)


ROOMS = ("common/ldm/", "common/fs/", "common/", "bios/")


def room(file):
    return next((r for r in ROOMS if file.startswith(r)), str(Path(file).parent) + "/")


def table(scores):
    """For docs/verified.md: one line a room, with the score of each of its files."""
    yield "| | killed of counted | | by file, % |"
    yield "|---|---:|---:|---|"
    for name in dict.fromkeys(room(s.file) for s in sorted(scores, key=lambda s: ROOMS.index(room(s.file)) if room(s.file) in ROOMS else 9)):
        these = [s for s in scores if room(s.file) == name and s.counted]
        files = ", ".join(f"{Path(s.file).stem} {100 * s.killed / s.counted:.0f}" for s in these)
        label = "the rest of `common/`" if name == "common/" else f"`{name.rstrip('/')}`"
        yield f"| {label} | {sum(s.killed for s in these)} of {sum(s.counted for s in these)} | {percent(*these)} | {files} |"


def report(scores):
    print("\n" + "\n".join(table(scores)))
    for title, what in (("linked to no unit test", [s.file for s in scores if not s.counted]),
                        ("survivors", [f"{s.file}:{slip.line} {slip.function}\n- {slip.was}\n+ {slip.now}" for s in scores for slip in s.survivors])):
        print(f"\n{title}: {len(what)}\n" + "\n".join(what))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE", help="which of the sources; all of them by default")
    parser.add_argument("--sources", nargs="+", required=True)
    parser.add_argument("--support", nargs="*", default=[], help="what tests are linked with, too")
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--cc", default="gcc")
    parser.add_argument("--cflags", default="-O2 -I.")
    parser.add_argument("--san", default="-O1 -fsanitize=address,undefined -fno-sanitize-recover=all")
    parser.add_argument("--flags-for", nargs=2, action="append", default=[], metavar=("FOLDER", "FLAGS"), help="more, for the C files of a folder")
    parser.add_argument("--equivalents", default=HERE / "equivalent.txt")
    parser.add_argument("--out", default="build/mutation")
    parser.add_argument("--sample", type=int, default=20, help="mutants counted of each file; 0: all of them")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--quick", action="store_true", help="only the tests of its room, plain; not optimised: five times as fast, and fewer are killed")
    parser.add_argument("-j", type=int, default=len(os.sched_getaffinity(0)), dest="jobs")
    parser.add_argument("-v", "--verbose", action="store_true", help="each mutant as it is tried")
    return parser.parse_args()


def main():
    args = arguments()
    wanted = [file for name in args.files or [""] for file in args.sources if file == name or not name or file.startswith(f"{name}/")]
    if not wanted:
        sys.exit(f"mutants.py: none of the sources: {' '.join(args.files)}")
    scores = []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        hunt = Hunt(args, pool)
        hunt.prepare()
        for file in wanted:
            scores.append(hunt.file(file))
            print(scores[-1].row(), flush=True)
    report(scores)
    return 0


if __name__ == "__main__":
    sys.exit(main())
