# SPDX-License-Identifier: GPL-2.0-or-later
"""An existing EFI system partition, mounted at a folder: where the files go, and the firmware's boot entry.

The programs go to a folder of their own: \\EFI\\BOOT belongs to whatever the machine starts without ldmboot.
efi/main.c reads ldmboot.cfg from the root of the device it was loaded from.
"""
import os
import re
import subprocess
from pathlib import Path

from .errors import Refusal
from .payload import CONFIGURATION
from .system import number_of, word

PROGRAMS = re.compile(r"EFI/BOOT/(BOOT(?:X64|IA32)\.EFI)")
FOLDER = "EFI/ldmboot"


def check(directory, system):
    """The folder must be a mounted FAT file system, or at least look like the root of one that UEFI starts from."""
    directory = Path(directory)
    if not directory.is_dir():
        raise Refusal(f"{directory} is not a folder; mount the EFI system partition and name its mount point")
    if not (directory / "EFI").is_dir() and str(directory.resolve()) not in fat_mounts(system):
        raise Refusal(f"{directory} is not an EFI system partition: it has no folder EFI, "
                      "and is not where a FAT is mounted")
    return directory


def fat_mounts(system):
    for line in word(system.proc / "self" / "mountinfo").splitlines():
        left, _, right = line.partition(" - ")
        if right.split()[:1] in (["vfat"], ["msdos"]):
            yield left.split()[4]


def files(directory, payload):
    """{path: content} to be written. A configuration that is there stays."""
    wanted = {}
    for name, content in payload.files().items():
        program = PROGRAMS.fullmatch(name)
        if program:
            wanted[directory / FOLDER / program[1]] = content
        elif name == CONFIGURATION and not (directory / CONFIGURATION).exists():
            wanted[directory / CONFIGURATION] = content
    return wanted


def boot_entry(directory, system):
    """The efibootmgr command that makes a boot entry; with words in its place what cannot be found out."""
    folder = system.folder(number_of(os.stat(directory).st_dev))
    number = system.partition_number(folder)
    disk = str(system.node(folder.parent)) if number else "DISK"
    program = "BOOTIA32.EFI" if word(system.sys / "firmware" / "efi" / "fw_platform_size") == "32" else "BOOTX64.EFI"
    loader = "\\" + f"{FOLDER}/{program}".replace("/", "\\")
    return ["efibootmgr", "--create", "--disk", disk, "--part", str(number or "NUMBER"), "--label", "ldmboot",
            "--loader", loader]


def refuse_boot_entry(command, system):
    """Before anything is written: could the boot entry be made?"""
    if "DISK" in command:
        raise Refusal("--boot-entry: the folder is not on a partition of a disk, "
                      "so the firmware cannot be told where it is")
    if not (system.sys / "firmware" / "efi").is_dir():
        raise Refusal("--boot-entry: this Linux was not started by UEFI, so it cannot make boot entries")


def make_boot_entry(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Refusal(f"the files are in place, but efibootmgr cannot be run: {error.strerror.lower()}") from error
    if done.returncode:
        raise Refusal(f"the files are in place, but efibootmgr failed: {done.stderr.strip() or done.returncode}")
