# SPDX-License-Identifier: GPL-2.0-or-later
"""`make demo DISK=` with a disk about which ldmboot asks, or has nothing to say: what a person's terminal gets."""
import os
import re
import subprocess

import pytest

from support import disks
from support.harness import ROOT

DATA_ONLY = """
group Dg0
disk Disk1 size=64M
volume Volume1 size=20M
  component Volume1-01
    partition Disk1-01 disk=Disk1 lba=63
content Volume1 file=$volume
"""


def run(scene, *words):
    return subprocess.run(["/usr/bin/python3", "-m", scene, *words], cwd=ROOT, env={
        "PYTHONPATH": "qemu", "PATH": "/usr/bin:/bin:/usr/sbin", "HOME": "/tmp", "LANG": "C.UTF-8"}, capture_output=True, text=True,
        check=False)


def demo(image):
    done = run("demo.bios", "--disk", image)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\x1b" not in done.stdout, "the reader's terminal would be cleared"
    return done.stdout


@pytest.mark.parametrize("scene", ["demo.bios", "demo.uefi"])
@pytest.mark.parametrize("kind,words", [("absent", "there is no such file"), ("folder", "but a folder"), ("pipe", "neither"),
                                        ("empty", "this is empty"), ("half a VHDX", "QEMU cannot open it: ")])
@pytest.mark.quick("absent-there is no such file-demo.bios",
                   "pipe-neither-demo.bios",
                   "half a VHDX-QEMU cannot open it: -demo.bios",
                   "absent-there is no such file-demo.uefi")
def test_what_is_no_disk(tmp_path, scene, kind, words):
    """One plain sentence, and no traceback."""
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind != "absent":
        path.write_bytes(b"vhdxfile" + bytes(4096) if "VHDX" in kind else b"")
    done = run(scene, "--disk", path)
    assert done.returncode == 1 and done.stderr == "" and words in done.stdout
    assert len(done.stdout.splitlines()) == 1, done.stdout


def test_a_question(built, tmp_path):
    volume = tmp_path / "data.img"
    disks.run(disks.BUILD / "mkvolume", "-s", "20M", "-p", 63, volume)
    disks.mkldm(tmp_path, DATA_ONLY, volume=volume)
    said = demo(tmp_path / "Disk1.img")
    assert "LDM-0517" in said and "it asks a question, and the reason stands in the menu above" in said


def test_nothing_to_start(built, tmp_path):
    image = tmp_path / "blank.img"
    image.write_bytes(bytes(16 << 20))
    said = demo(image)
    assert "LDM-0503" in said and said.rstrip().endswith("build/ldmboot-inspect --explain DISK")


def test_no_scene_says_that_windows_would_start():
    """The loader is a stand-in, and its words are all that was seen."""
    for file in (ROOT / "qemu/demo").glob("*.py"):
        assert not re.search("would (now )?start Windows", file.read_text()), file


def test_the_scene_of_windows_alone(built):
    """From a bare disk to the stand-in, without a question, and the disk as it was."""
    done = run("demo.windows_only")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "method=bios-ram" in done.stdout and "STANDIN: PASS" in done.stdout
    assert "it is the same byte for byte" in done.stdout
