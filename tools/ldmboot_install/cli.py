# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands of ldmboot-install: check, say, ask, do. docs/man/ldmboot-install.8 is the manual."""
import argparse
import importlib.resources
import os
import shlex
import sys

from . import bootpart, content, esp, plan, renew, target
from .bootpart import SECTOR
from .device import explain
from .errors import Refusal
from .files import Staged
from .interrupt import held, raise_at_once
from .payload import Floppy, Payload
from .system import System

PROGRAM = "ldmboot-install"
FAT_TYPES = ("0c", "0e", "06", "04", "01", "0b", "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7")


def say(*lines, end="\n"):
    """When nobody listens any more, that is no reason to stop half-way."""
    try:
        print(*lines, sep="\n", end=end, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def agreed(options):
    """Whether to go on. --dry-run says what would be done and goes no further."""
    if options.dry_run:
        say("Nothing was written (--dry-run).")
        return False
    if options.yes:
        return True
    say("Type yes to go on: ", end="")
    if sys.stdin is None or sys.stdin.readline().strip() != "yes":
        raise Refusal("nothing was changed: the answer was not yes")
    return True


def file_lines(payload):
    return ["Files:", *(f"  {name}" for name in payload.files())]


# ---------------------------------------------------------------- stick

def stick(options, system):
    payload = Payload(options.image)
    place = target.find(options.target, system)
    table = target.check_disk(place, system, payload)
    with target.open_disk(place, writable=not options.dry_run) as disk:
        writes = plan.stick(payload, disk)
        say(f"{place.path} ({describe(place, disk, system)}): everything on it will be lost.",
            *content.lines(disk, table), "It gets:", *plan.lines(disk, writes), *file_lines(payload))
        if not agreed(options):
            return
        with held():
            plan.carry_out(disk, writes)
            disk.announce_table()
            say(f"{place.path} is a stick of ldmboot now: written, read back and compared.")


# ---------------------------------------------------------------- floppy

def floppy(options, system):
    payload = Floppy(options.image)
    place = target.find(options.target, system)
    target.check_floppy(place, system)
    with target.open_disk(place, writable=not options.dry_run) as disk:
        writes = plan.floppy(payload)
        say(f"{place.path} ({describe(place, disk, system)}, holds {content.words(disk)}): everything on it will be lost.",
            *plan.lines(disk, writes), *file_lines(payload))
        if not agreed(options):
            return
        with held():
            plan.carry_out(disk, writes)
            say(f"{place.path} is a floppy of ldmboot now: written, read back and compared.")


def describe(place, device, system):
    return system.describe(place.folder) if place.folder else f"an image file of {device.size} bytes"


# ---------------------------------------------------------------- partition

def partition(options, system):
    payload = Payload(options.image)
    place = target.find(options.target, system)
    table, entry = target.check_partition(place, system, payload)
    sector0 = target.sector0(place)
    if options.bootcode:
        target.check_bootcode(place, table, sector0, writable=not options.dry_run)
    with target.open_partition(place, entry, writable=not options.dry_run) as device:
        writes = plan.partition(payload, entry.start)
        say(f"{place.path} (partition {entry.number} of {place.disk}, sectors {entry.start} to {entry.end - 1}, "
            f"type {entry.type}, holds {content.words(device)}): everything in it will be lost.",
            *plan.lines(device, writes), *file_lines(payload))
        if options.bootsector_file:
            say(f"  {options.bootsector_file}: the boot sector as a file")
            refuse_foreign_file(options.bootsector_file)
        if options.bootcode:
            say(f"  sector 0 of {place.disk}: boot code in its first {bootpart.MASTER_CODE_BYTES} bytes, "
                "where there is none; signature and table stay")
        if not agreed(options):
            return
        with held():
            write_partition(options, device, writes)
            say(f"{place.path} is a boot partition of ldmboot now: written, read back and compared.")
    with held():
        if options.bootcode:
            sector0 = write_bootcode(payload, place)
        say(*next_steps(place, table, entry, sector0))


def write_bootcode(payload, place):
    """After the partition, which is of no use to it otherwise. The new sector 0."""
    with target.open_disk(place, writable=True) as disk:
        write, = writes = plan.bootcode(payload, disk.read(0, SECTOR))
        plan.carry_out(disk, writes)
    say(f"Sector 0 of {place.disk} has boot code now: written, read back and compared.")
    return write.data


def write_partition(options, device, writes):
    """The boot sector file is on its disk before the partition is touched, and in its place after it."""
    with Staged() as staged:
        if options.bootsector_file:
            staged.add(options.bootsector_file, writes[-1].data)
        plan.carry_out(device, writes)
        staged.commit(changed=[device.path])


def refuse_foreign_file(path):
    """A file that is there is replaced only when it is a boot sector of ours."""
    if not os.path.lexists(path):
        return
    old = b""
    if os.path.isfile(path):
        with open(path, "rb") as file:
            old = file.read(SECTOR + 1)
    if len(old) != SECTOR or not bootpart.is_our_code(old):
        raise Refusal(f"{path} is there already, and is not a boot sector of ldmboot; nothing was changed")


def next_steps(place, table, entry, sector0):
    """How to get it started."""
    if table.kind == "gpt":
        yield f"To start it on a BIOS, in GRUB: set root=(hdX,gpt{entry.number}); chainloader +1; boot"
    elif not entry.active:
        yield f"To start it: make it the active partition (sfdisk --activate {place.disk} {entry.number}),"
        yield f"or in GRUB: set root=(hdX,msdos{entry.number}); chainloader +1; boot"
    if table.kind == "mbr" and not bootpart.has_code(sector0):
        yield f"But sector 0 of {place.disk} has no boot code, so a BIOS that starts this disk ends in a black screen:"
        yield "run the same command with --bootcode, which writes one there that starts the active partition."
    if entry.type not in FAT_TYPES:
        yield f"Its type is {entry.type}; with 0C, or basic data, Windows and UEFI see its files too."


# ---------------------------------------------------------------- update

def update(options, system):
    payload = Payload(options.image)
    place = target.find(options.target, system)
    if place.number is None:
        update_stick(options, system, payload, place)
    else:
        _table, entry = target.check_partition(place, system, payload)
        with target.open_partition(place, entry, writable=not options.dry_run) as device:
            old = renew.read_file_system(device, payload)
            finish_update(options, place, device, renew.plan_of(old, payload, entry.start))


def update_stick(options, system, payload, place):
    table = target.check_disk(place, system, payload, renew=True)
    entry = next((e for e in table.entries if e.active), None)
    with target.open_disk(place, writable=not options.dry_run) as disk:
        master = disk.read(0, SECTOR)
        if table.kind != "mbr" or entry is None or not bootpart.is_our_code(master) or entry.end > disk.sectors:
            raise Refusal(f"{place.path} is not a stick of ldmboot; use ldmboot-install stick, or name its partition")
        with target.open_partition(place, entry, writable=False) as part:
            old = renew.read_file_system(part, payload)
        writes = plan.moved(renew.plan_of(old, payload, entry.start), entry.start * SECTOR)
        code = bootpart.MASTER_CODE_BYTES
        writes += plan.update_sector(master, payload.master[:code] + master[code:], "boot code")
        finish_update(options, place, disk, writes)


def finish_update(options, place, device, writes):
    if not writes:
        say(f"{place.path} has this version already: nothing to do.")
        return
    say(f"{place.path}: programs will be renewed; ldmboot.cfg and other files stay.", *plan.lines(device, writes))
    if not agreed(options):
        return
    with held():
        plan.carry_out(device, writes)
        say(f"{place.path} is up to date: written, read back and compared.")


# ---------------------------------------------------------------- esp

def esp_files(options, system):
    payload = Payload(options.image)
    directory = esp.check(options.directory, system)
    wanted = esp.files(directory, payload)
    command = esp.boot_entry(directory, system)
    if options.boot_entry:
        esp.refuse_boot_entry(command, system)
    say(f"Files for the EFI system partition at {directory}:", *(f"  {path}" for path in wanted),
        ("Boot entry: " if options.boot_entry else "To make a boot entry: ") + shlex.join(command))
    if not agreed(options):
        return
    with held():
        with Staged() as staged:
            for path, data in wanted.items():
                staged.add(path, data)
            staged.commit()
        say("The files are in place: written, read back and compared.")
        if options.boot_entry:
            esp.make_boot_entry(command)
            say("The boot entry is made; it is the first in the boot order.")


# ---------------------------------------------------------------- command line

def version():
    """VERSION of the sources, which stands in the program's file (mkzipapp.py)."""
    return (importlib.resources.files(__package__) / "VERSION").read_text(encoding="ascii").strip()


def parser():
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--yes", action="store_true", help="do not ask")
    common.add_argument("--dry-run", action="store_true",
                        help="check everything, print sectors and files, write nothing")
    common.add_argument("--image", metavar="FILE", help="the image to install from (ldmboot.img of this package; of a floppy: ldmboot-144.img)")
    top = argparse.ArgumentParser(prog=PROGRAM,
                                  description="Put ldmboot where a machine can start it. See ldmboot-install(8).")
    top.add_argument("--version", action="version", version=f"{PROGRAM} {version()}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    def command(name, function, help_text):
        sub = commands.add_parser(name, parents=[common], help=help_text, description=help_text)
        sub.set_defaults(function=function)
        return sub

    command("stick", stick, "write a stick; nothing of what is on it stays").add_argument("target", metavar="TARGET")
    command("floppy", floppy, "write a floppy of 1.44 MB; nothing of what is on it stays").add_argument(
        "target", metavar="TARGET")
    command("update", update, "renew the programs of a stick or boot partition, keep ldmboot.cfg").add_argument(
        "target", metavar="TARGET")
    sub = command("partition", partition, "make a spare partition the boot partition")
    sub.add_argument("--bootsector-file", metavar="FILE",
                     help="also write its boot sector to a file, for NTLDR or BOOTMGR")
    sub.add_argument("--bootcode", action="store_true",
                     help="also write boot code into sector 0 of its disk, if there is none")
    sub.add_argument("target", metavar="TARGET")
    sub = command("esp", esp_files, "copy the EFI programs into a mounted EFI system partition")
    sub.add_argument("--boot-entry", action="store_true", help="run efibootmgr")
    sub.add_argument("directory", metavar="DIRECTORY")
    return top


def main(arguments=None, system=None):
    """Exit code: 0 done, 1 refused or failed, 2 usage."""
    try:
        raise_at_once()
        sys.stdout.reconfigure(errors="backslashreplace")     # names of files need not be text
        options = parser().parse_args(arguments)
        options.function(options, system or System())
    except Refusal as refusal:
        print(f"{PROGRAM}: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted; nothing was changed", file=sys.stderr)
        return 1
    except OSError as error:     # on the way to the target: what fails at it is a Refusal
        print(f"{PROGRAM}: {error.filename or 'a file'}: {explain(error)}; nothing was changed", file=sys.stderr)
        return 1
    return 0
