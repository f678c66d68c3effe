# SPDX-License-Identifier: GPL-2.0-or-later
"""Building the same sources in another folder, whose name has a blank, under another locale, time zone and umask, with
an ordinary user's PATH, gives the same files, byte for byte. What a machine without a compiler says."""
import os
import shutil
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PRODUCTS = ["ldmboot-inspect", "ldmboot-install", "mkldm", "stage2.bin", "ldmboot.img", "efi/BOOTX64.EFI", "efi/BOOTIA32.EFI",
            "ldmboot.iso", "ldmboot-144.img", "ldmboot-floppy.iso", "ldmboot.pxe", "ldmboot.lkrn"]


def make(folder, **env):
    subprocess.run(["make", "-j2", "all"], cwd=folder, check=True, capture_output=True, env={**os.environ, **env})


def without_sbin():
    return ":".join(folder for folder in os.environ["PATH"].split(":") if not folder.endswith("sbin"))


def test_two_builds_are_equal(tmp_path):
    make(TOP)
    copy = tmp_path / "somewhere else" / "ldm boot"
    shutil.copytree(TOP, copy, ignore=shutil.ignore_patterns("build", ".git", "__pycache__", ".pytest_cache"))
    os.chmod(copy / "README.md", 0o600)
    make(copy, LC_ALL="C", TZ="Asia/Tokyo", MAKEFLAGS="", PATH=without_sbin())
    for name in PRODUCTS:
        first, second = (TOP / "build" / name).read_bytes(), (copy / "build" / name).read_bytes()
        assert first == second, f"{name} differs between two builds"


def bare_machine(folder, *programs):
    """A folder for PATH, with make, what it needs to say something, and these."""
    for name in ("make", "sh", "sed", "cat", "find", *programs):
        (folder / name).symlink_to(shutil.which(name))
    return {"PATH": str(folder), "HOME": str(folder), "LANG": "C"}


def test_make_without_a_compiler_says_what_to_do(tmp_path):
    """`make` alone, and every goal that builds; what sets up by itself, or builds nothing, does not ask."""
    done = subprocess.run(["make", "CC=no-such-compiler", "dist"], cwd=TOP, env=bare_machine(tmp_path), capture_output=True,
                          text=True, check=False)
    assert done.returncode == 2
    named, _, advice = done.stderr.partition("not on this machine: ")[2].partition(" - ")
    assert {"no-such-compiler", "gcc", "nasm"} <= set(named.split()) and '"make deps" installs' in advice
    assert len(named.split()) == len(set(named.split())), "each once"
    assert done.stderr.count("\n") == 1
    for goal in ("help", "-n clean"):
        done = subprocess.run(["make", *goal.split()], cwd=TOP, env={"PATH": str(tmp_path)}, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
