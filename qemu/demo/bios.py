#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
make demo: a server whose first disk died. The BIOS alone cannot boot what is left; the
ldmboot stick can. make demo DISK=image does it with an image of yours, which is only
read. make qemu opens a window instead.

Stands on the same harness as the tests, so it also checks that no disk was written to.
"""
import argparse
import os
import subprocess
import sys
from pathlib import Path

from support import boots, disks
from support.harness import BUILD, Disk, Machine, MachineGone

from .words import ENDS, ESCAPES, cannot_be_shown, judged, verdict

FOLDER = BUILD / "demo"
HALF_LBA = 14112          # in tests/disks/degraded-bios.ldm
LOADER_SPEAKS = ("STANDIN:", "BOOTMGR:")
STILL = 30                # looks at an unchanging screen until nothing more is expected


def say(text: str = "") -> None:
    print(text, flush=True)


def heading(text: str) -> None:
    say(f"\n=== {text}\n")


def indented(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())


class Console:
    """Prints line by line what comes over the serial line, until the stand-in for the loader speaks."""

    def __init__(self):
        self.rest = ""
        self.loader = []

    def __call__(self, piece: str) -> None:
        *lines, self.rest = (self.rest + piece).split("\n")
        for line in (ESCAPES.sub("", line) for line in lines):
            if self.loader or line.startswith(LOADER_SPEAKS):
                self.loader.append(line)
            else:
                say("    " + line)


def degraded_server() -> Path:
    """The disk that is left of a mirrored Windows Server 2003, with our stand-in for NTLDR on it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    volume = disks.system_volume(FOLDER / "system.img", 2003)
    disks.mkldm(FOLDER, disks.DESCRIPTIONS / "degraded-bios.ldm", volume=volume)
    image = FOLDER / "Disk2.img"
    boots.expect(image, HALF_LBA)
    return image


def boot_alone(image: Path, overlay: bool) -> None:
    heading("1. The machine alone, without ldmboot")
    with Machine([Disk(image, "ahci", boot=0, overlay=overlay)]) as machine:
        settle(machine)
        say("The screen:\n\n" + indented(machine.screen()))


def settle(machine: Machine) -> None:
    """Wait until the screen does not change any more."""
    last, same = None, 0
    while same < STILL:
        screen = machine.screen()
        same = same + 1 if screen == last else 0
        last = screen
        machine.pump(0.1)


def boot_with_stick(image: Path, overlay: bool) -> bool:
    heading("2. The same machine, with the ldmboot stick")
    say("Its serial console (the screen shows the same):\n")
    console = Console()
    with Machine([Disk(disks.STICK, "usb", boot=0), Disk(image, "ahci", boot=1, overlay=overlay)],
                 on_serial=console) as machine:
        machine.wait_serial(ENDS)
        try:
            if not overlay:
                machine.wait_serial("STANDIN: (PASS|FAIL)")
        finally:
            settle(machine)
        machine.screenshot(FOLDER / "screen.png")
        if overlay:
            heading("3. The screen now")
            say(indented(machine.screen()))
            say(f"\n(as a picture: {FOLDER / 'screen.png'})\n\n{verdict(machine.serial)}")
            return True
    heading("3. What the stand-in for Windows's loader saw, through the BIOS's own calls")
    say(indented("\n".join(console.loader)))
    passed = "STANDIN: PASS" in console.loader
    heading("4. The end of it")
    say(judged(passed))
    say("The disk was not written to: QEMU counted no write, and it is the same byte for byte.")
    return passed


def window(image: Path, overlay: bool) -> int:
    """The same in a window, until it is closed."""
    known = subprocess.run(["qemu-system-x86_64", "-display", "help"], capture_output=True, text=True).stdout.split()
    displays = [name for name in ("gtk", "sdl") if name in known]
    if not os.environ.get("DISPLAY") or not displays:
        say("make qemu needs a graphical display and the package qemu-system-gui; `make demo` needs neither.")
        return 1
    try:
        with Machine([Disk(disks.STICK, "usb", boot=0), Disk(image, "ahci", boot=1, overlay=overlay)],
                     display=displays[0]) as machine:
            while True:
                machine.pump(1)
    except MachineGone:
        return 0


def describe(image: Path, own: bool) -> None:
    if not own:
        heading("A server whose first disk died")
        say("Windows was mirrored onto two dynamic disks. What is left is the second disk, where the\n"
            f"half begins at sector {HALF_LBA}: not where the first one was. Its boot sector still says 63,\n"
            "and no partition is marked active.\n")
    say(f"The disk: {image}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Boot a degraded server's disk in QEMU through ldmboot.")
    parser.add_argument("--disk", type=Path, help="an image or disk of yours; it is only read")
    parser.add_argument("--window", action="store_true", help="in a window")
    arguments = parser.parse_args()
    own = arguments.disk is not None
    reason = own and cannot_be_shown(arguments.disk)
    if reason:
        say(f"{arguments.disk}: {reason}")
        return 1
    image = arguments.disk if own else degraded_server()
    if arguments.window:
        return window(image, own)
    describe(image, own)
    boot_alone(image, own)
    return 0 if boot_with_stick(image, own) else 1


if __name__ == "__main__":
    sys.exit(main())
