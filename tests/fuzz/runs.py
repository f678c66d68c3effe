#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Long runs of the fuzz targets, and the table of all that were made of this code: make fuzz.

Each target runs until it has done GOAL inputs with this code, or for SECONDS; what a run did is kept in a file, a line a
run, so that runs can be stopped and gone on with. Runs of another commit count where it has the same of common/ and of the
hook tables that the target is made of; those of a tree with changes count at once, but not later. A finding ends all; its
input is beside the corpus."""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

SLICE = 300  # seconds: what is lost when somebody stops it
# What was freed is kept back for a while, to be found in use: as much as many inputs free. Always new memory, and a
# long stack noted for each piece of it, took a fifth of fuzz_hive's time.
SANITIZER = "quarantine_size_mb=16:malloc_context_size=2"
FUZZED = ("common", "bios", "tests/fuzz", "tests/support")


def git(*words):
    done = subprocess.run(["git", *words], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def this_code():
    """The commit, and a plus when the tree is not that any more."""
    commit = git("rev-parse", "--short=10", "HEAD") or "none"
    return commit + ("+" if git("status", "--porcelain", "--", *FUZZED) else "")


def changed_between(one, other):
    """Files of the code that is fuzzed; None: there is no such commit, or the tree of one was changed."""
    if "+" in one + other:
        return None
    done = subprocess.run(["git", "diff", "--name-only", one, other, "--", "common", "bios/hooktab.c"], capture_output=True, text=True)
    return done.stdout.split() if done.returncode == 0 else None


def is_made_of(program, changed):
    """A program built with -g has the names of its sources in it; a header may be anywhere."""
    return any(not name.endswith(".c") or name.encode() in program for name in changed)


class Record:
    """Lines of: commit, target, executions, seconds of processor time."""

    def __init__(self, path, code, targets):
        self.path, self.code = path, code
        self.runs = {}
        programs = {target.name: target.read_bytes() for target in targets}
        changes = {}
        for line in path.read_text().splitlines() if path.exists() else []:
            commit, target, executions, seconds = line.split()
            if commit not in changes:
                changes[commit] = changed_between(commit, code)
            if changes[commit] is not None and target in programs and not is_made_of(programs[target], changes[commit]):
                self.count(target, int(executions), float(seconds))

    def count(self, target, executions, seconds):
        before = self.runs.get(target, (0, 0.0))
        self.runs[target] = before[0] + executions, before[1] + seconds

    def add(self, target, executions, seconds):
        with self.path.open("a") as f:
            f.write(f"{self.code} {target} {executions} {seconds:.2f}\n")
        self.count(target, executions, seconds)

    def executions(self, target):
        return self.runs.get(target, (0, 0.0))[0]

    def table(self):
        yield f"| target, at {self.code} | inputs | seconds of processor time | inputs a second |"
        yield "|---|---|---|---|"
        for target, (executions, seconds) in sorted(self.runs.items()):
            rate = f"{executions / seconds:,.0f}" if seconds else "-"
            yield f"| `{target}` | {executions:,} | {seconds:,.0f} | {rate} |"


def run(words, more):
    """One run; its exit code, inputs, and seconds of processor time."""
    before = os.times()
    child = subprocess.run([*words, "-print_final_stats=1", *more], stderr=subprocess.PIPE, text=True, errors="replace",
                           env={"ASAN_OPTIONS": SANITIZER, **os.environ})
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    found = re.search(r"number_of_executed_units:\s*(\d+)", child.stderr)
    if child.returncode != 0:
        sys.stderr.write(child.stderr)
    return child.returncode, int(found[1]) if found else 0, seconds


def long_run(target, opts, record):
    """True unless it found something."""
    corpus = opts.corpus / target.name
    corpus.mkdir(parents=True, exist_ok=True)
    words = [str(target), *opts.flag, f"-artifact_prefix={opts.corpus}/{target.name}-", str(corpus)]
    if opts.seeds and (opts.seeds / target.name).is_dir():
        words.append(str(opts.seeds / target.name))
    end = time.monotonic() + opts.seconds
    while (left := end - time.monotonic()) >= 1:
        limits = [f"-max_total_time={max(1, min(SLICE, int(left)))}"]
        if opts.goal:
            if record.executions(target.name) >= opts.goal:
                break
            limits.append(f"-runs={opts.goal - record.executions(target.name)}")
        code, executions, seconds = run(words, limits)
        if code != 0:
            return False
        record.add(target.name, executions, seconds)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="+", type=Path)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--goal", type=int, default=0, help="inputs, in all runs of this code; 0: none")
    parser.add_argument("--seeds", type=Path)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--flag", action="append", default=[], help="for libFuzzer")
    opts = parser.parse_args()
    record = Record(opts.record, this_code(), opts.targets)
    good = all(long_run(target, opts, record) for target in opts.targets)
    print("\n".join(record.table()))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
