# SPDX-License-Identifier: GPL-2.0-or-later
"""Building the same sources in another folder, under another locale, time zone
and umask, gives the same files, byte for byte."""
import os
import shutil
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PRODUCTS = ["ldmboot-inspect", "ldmboot-install", "mkldm", "stage2.bin", "ldmboot.img", "efi/BOOTX64.EFI", "efi/BOOTIA32.EFI",
            "ldmboot.iso", "ldmboot.pxe", "ldmboot.lkrn"]


def make(folder, **env):
    subprocess.run(["make", "-j2", "all"], cwd=folder, check=True, capture_output=True, env={**os.environ, **env})


def test_two_builds_are_equal(tmp_path):
    make(TOP)
    copy = tmp_path / "elsewhere" / "ldmboot"
    shutil.copytree(TOP, copy, ignore=shutil.ignore_patterns("build", ".git", "__pycache__", ".pytest_cache"))
    os.chmod(copy / "README.md", 0o600)
    make(copy, LC_ALL="C", TZ="Asia/Tokyo", MAKEFLAGS="")
    for name in PRODUCTS:
        first, second = (TOP / "build" / name).read_bytes(), (copy / "build" / name).read_bytes()
        assert first == second, f"{name} differs between two builds"
