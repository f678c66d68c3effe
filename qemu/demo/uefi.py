#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
make demo FIRMWARE=uefi: a UEFI server whose first disk died, and the EFI system partition with
it. The firmware finds nothing to start on what is left; the ldmboot stick starts the Windows
Boot Manager (here a stand-in for it) from there. DISK=image: an image of yours, only read.

Stands on the same harness as the tests, so it also checks that no disk was written to.
"""
import argparse
import re
import sys
from pathlib import Path

from support import disks, uefi
from demo.bios import FOLDER, heading, indented, say
from support.harness import Disk

from .words import ENDS, ESCAPES, cannot_be_shown, verdict

JUDGE = "STANDIN "
SHELL = r"UEFI Interactive Shell|BdsDxe: No bootable option"      # where this firmware ends up when no boot option works
SILENCE = 100                          # looks at the console without anything new: nothing more is expected


class Console:
    """Prints line by line what comes over the serial line, until the stand-in speaks."""

    def __init__(self):
        self.rest = ""
        self.judge = []

    def __call__(self, piece: str) -> None:
        *lines, self.rest = (self.rest + piece).split("\n")
        for line in (ESCAPES.sub("", line).rstrip() for line in lines):
            if line.startswith(JUDGE):
                self.judge.append(line)
            elif not self.judge:
                say("    " + line)


def degraded_server() -> Path:
    """The disk that is left, with our stand-in as \\Windows\\Boot\\EFI\\bootmgfw.efi."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    volume = uefi.windows_volume(FOLDER / "windows.img")
    disks.mkldm(FOLDER, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=volume)
    return FOLDER / "Disk2.img"


def boot_alone(image: Path, own: bool) -> None:
    heading("1. The machine alone, without ldmboot")
    with uefi.UefiMachine([Disk(image, "ahci", overlay=own)]) as machine:
        machine.wait_serial(SHELL)
        lines = [ESCAPES.sub("", line) for line in machine.serial.splitlines()]
        say(indented("\n".join(line for line in lines if line.startswith("BdsDxe") or re.match(SHELL, line))))
        say("\n(The firmware found no boot option on the disk and went on to what it has besides.)")


def settle(machine) -> None:
    """Wait until nothing more comes."""
    seen, same = 0, 0
    while same < SILENCE:
        machine.pump(0.1)
        same = same + 1 if len(machine.serial) == seen else 0
        seen = len(machine.serial)


def boot_with_stick(image: Path, own: bool) -> bool:
    heading("2. The same machine, with the ldmboot stick")
    say("Its serial console (a screen would show the same):\n")
    console = Console()
    machine_disks = [Disk(disks.STICK, "usb", boot=0), Disk(image, "ahci", overlay=own)]
    with uefi.UefiMachine(machine_disks, on_serial=console) as machine:
        if own:
            machine.wait_serial(ENDS)
            settle(machine)
            say("\n" + verdict(machine.serial))
            return True
        machine.wait_verdict()
    heading("3. What the stand-in for the Windows Boot Manager saw, through the firmware's own calls")
    say(indented("\n".join(console.judge)))
    say()
    say("The disk was not written to: QEMU counted no write, and it is the same byte for byte.")
    return f"{JUDGE}PASS" in console.judge


def main() -> int:
    parser = argparse.ArgumentParser(description="Boot a degraded UEFI server's disk in QEMU through ldmboot.")
    parser.add_argument("--disk", type=Path, help="an image or disk of yours; it is only read")
    parser.add_argument("--window", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.window:
        say("make qemu shows the BIOS demo; for UEFI there is make demo FIRMWARE=uefi")
        return 1
    own = arguments.disk is not None
    reason = own and cannot_be_shown(arguments.disk)
    if reason:
        say(f"{arguments.disk}: {reason}")
        return 1
    if not uefi.have("x64"):
        say("make demo FIRMWARE=uefi needs the package ovmf")
        return 1
    image = arguments.disk if own else degraded_server()
    if not own:
        heading("A UEFI server whose first disk died")
        say("The EFI system partition was on the first disk. On the second, Windows lies in a mirrored volume\n"
            "inside the LDM data partition, at a sector where no entry of the partition table starts.\n")
    say(f"The disk: {image}")
    boot_alone(image, own)
    return 0 if boot_with_stick(image, own) else 1


if __name__ == "__main__":
    sys.exit(main())
