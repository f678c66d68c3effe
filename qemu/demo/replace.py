#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
make demo SCENE=replace: the disk that is left of a mirrored server does not start; ldmboot-rescue copies it to a new
disk; the new disk starts by itself, without ldmboot in the machine.
"""
import shutil
import subprocess
import sys
from pathlib import Path

from support import boots, disks, payloads
from support.harness import BUILD, Disk, Machine

from .bios import FOLDER, boot_alone, degraded_server, describe, heading, indented, say
from .words import judged

NEW = FOLDER / "new.img"
FIRST = 2048
ALONE = payloads.IDENTITY | payloads.DRIVES | payloads.SIZE | payloads.NTFS | payloads.EDD


def copy(image: Path) -> bool:
    heading("2. ldmboot-rescue copies it to a new disk")
    for path in (NEW, Path(f"{NEW}.map")):
        path.unlink(missing_ok=True)
    command = [BUILD / "ldmboot-rescue", "copy", "--yes", "--verify", image, NEW]
    say("    $ " + " ".join(str(word) for word in command))
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    say(indented(done.stdout))
    return done.returncode == 0


def start_new() -> bool:
    heading("3. The machine with the new disk alone: no stick, no ldmboot")
    boots.expect(NEW, FIRST, flags=ALONE)
    with Machine([Disk(NEW, "ahci", boot=0)]) as machine:
        machine.wait_serial("STANDIN: (PASS|FAIL)")
        say(indented(machine.serial.strip()))
        passed = "STANDIN: PASS" in machine.serial
    heading("4. The end of it")
    say(("The new disk starts by itself, from an ordinary partition. " if passed else "") + judged(passed))
    return passed


def main() -> int:
    if not (shutil.which("nbdkit") and (BUILD / "nbdkit-ldmboot-plugin.so").exists()):
        say("This scene needs nbdkit: apt-get install nbdkit nbdkit-plugin-dev, then make again.")
        return 1
    image = degraded_server()
    describe(image, False)
    boot_alone(image, False)
    before = (image.stat().st_mtime_ns, disks.run("sha256sum", image).stdout)
    good = copy(image) and start_new()
    assert before == (image.stat().st_mtime_ns, disks.run("sha256sum", image).stdout), "the old disk was written to"
    say("The old disk was not written to: it is the same byte for byte.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
