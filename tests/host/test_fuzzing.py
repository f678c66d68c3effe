# SPDX-License-Identifier: GPL-2.0-or-later
"""What `make fuzz` and `make fuzz-smoke` start from and tell; what the targets find, they say themselves."""
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
TARGETS = sorted(p.stem for folder in ("tests/fuzz", "bios/fuzz") for p in (TOP / folder).glob("fuzz_*.c"))


def make_seeds(out):
    subprocess.run([TOP / "tests/fuzz/seeds.py", out], check=True)
    return {p.name: {f.name: f.read_bytes() for f in p.iterdir()} for p in out.iterdir()}


def test_every_target_has_seeds_and_they_are_small(tmp_path):
    seeds = make_seeds(tmp_path / "seeds")
    assert sorted(seeds) == TARGETS and "fuzz_menu" in TARGETS and "fuzz_hook" in TARGETS
    for target, files in seeds.items():
        assert len(set(files.values())) == len(files), f"{target}: two seeds are one"
        assert all(len(data) <= 1024 for data in files.values()), target
    assert seeds["fuzz_plan"]["nt-stick-bootini"] == bytes([0, 0, 0x33])
    assert b"[boot loader]" in seeds["fuzz_bootini"]["windows"]


def test_seeds_are_made_anew(tmp_path):
    (tmp_path / "seeds/fuzz_gone").mkdir(parents=True)
    assert "fuzz_gone" not in make_seeds(tmp_path / "seeds")


def played_target(folder, name, executions, code=0):
    """What runs.py reads of libFuzzer: its exit code, and one line."""
    target = folder / name
    target.write_text(f"#!/bin/sh\necho \"$@\" >>'{folder}/calls'\n"
                      f"echo 'stat::number_of_executed_units: {executions}' >&2\nexit {code}\n")
    target.chmod(0o755)
    return target


def long_runs(folder, *targets, goal, seconds=3600):
    return subprocess.run([sys.executable, TOP / "tests/fuzz/runs.py", "--goal", str(goal), "--seconds", str(seconds),
                           "--corpus", folder / "corpus", "--record", folder / "runs.txt", "--flag=-verbosity=0", *targets],
                          cwd=TOP, capture_output=True, text=True)


def test_runs_go_on_until_the_goal_and_are_told_in_a_table(tmp_path):
    fast, slow = played_target(tmp_path, "fuzz_fast", 1000), played_target(tmp_path, "fuzz_slow", 400)
    done = long_runs(tmp_path, fast, slow, goal=1000)
    assert done.returncode == 0, done.stderr
    assert "| `fuzz_fast` | 1,000 |" in done.stdout and "| `fuzz_slow` | 1,200 |" in done.stdout
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [call.split("-runs=")[1] for call in calls] == ["1000", "1000", "600", "200"]  # what is left of the goal
    assert len((tmp_path / "runs.txt").read_text().splitlines()) == 4


def test_no_seconds_are_the_table_alone(tmp_path):
    target = played_target(tmp_path, "fuzz_fast", 1000)
    before = long_runs(tmp_path, target, goal=1000)
    recorded = (tmp_path / "runs.txt").read_text()
    done = long_runs(tmp_path, target, goal=5000, seconds=0)
    assert len((tmp_path / "calls").read_text().splitlines()) == 1 and (tmp_path / "runs.txt").read_text() == recorded
    assert done.returncode == 0
    changed = recorded.split()[0].endswith("+")  # a run of a changed tree counts at once, not later
    assert done.stdout.splitlines() == before.stdout.splitlines()[:2 if changed else 3]


def test_a_finding_ends_the_runs(tmp_path):
    found, other = played_target(tmp_path, "fuzz_found", 7, code=77), played_target(tmp_path, "fuzz_other", 1000)
    done = long_runs(tmp_path, found, other, goal=1000)
    assert done.returncode == 1 and "fuzz_other" not in (tmp_path / "calls").read_text()
    assert "number_of_executed_units: 7" in done.stderr and not (tmp_path / "runs.txt").exists()


def test_runs_of_other_code_count_for_what_is_not_made_of_the_change(tmp_path):
    def git(*words):
        return subprocess.run(["git", "-C", tmp_path, "-c", "user.name=n", "-c", "user.email=e", *words], check=True, capture_output=True, text=True).stdout.strip()

    def change(name):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(str(len(commits)))
        git("add", "common")
        git("commit", "-qm", "-")
        commits.append(git("rev-parse", "--short=10", "HEAD"))

    def table():
        (tmp_path / "runs.txt").write_text("".join(f"{commit} fuzz_{name} {count} 1.00\n" for commit, count in zip(commits, (1000, 200, 30))
                                                   for name in ("of_both", "of_one", "gone")))
        rows = subprocess.run([sys.executable, TOP / "tests/fuzz/runs.py", "--seconds", "0", "--corpus", "corpus", "--record", "runs.txt", *targets],
                              cwd=tmp_path, check=True, capture_output=True, text=True).stdout
        return dict(re.findall(r"\| `fuzz_(\w+)` \| ([\d,]+) \|", rows))

    commits = []
    targets = [played_target(tmp_path, "fuzz_of_both", 1), played_target(tmp_path, "fuzz_of_one", 1)]
    for target, sources in zip(targets, ("common/one.c common/other.c", "common/one.c")):
        target.write_text(target.read_text() + f"# {sources}\n")
    git("init", "-q")
    change("common/one.c")
    change("common/other.c")
    assert table() == {"of_both": "200", "of_one": "1,200"}
    change("common/any.h")
    assert table() == {"of_both": "30", "of_one": "30"}


def test_runs_of_other_code_are_not_counted(tmp_path):
    (tmp_path / "runs.txt").write_text("0123456789 fuzz_fast 5000 1.00\n" "0123456789+ fuzz_fast 5000 1.00\n")
    done = long_runs(tmp_path, played_target(tmp_path, "fuzz_fast", 1000), goal=1000)
    assert done.returncode == 0 and "| `fuzz_fast` | 1,000 |" in done.stdout
