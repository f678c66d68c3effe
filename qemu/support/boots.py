# SPDX-License-Identifier: GPL-2.0-or-later
"""
What a boot through ldmboot is checked for: the LDM-BOOT line, that ldmboot-inspect
foretold it, and what the stand-in for the loader saw.
"""
import json
import re
import subprocess
from pathlib import Path
from typing import Dict, List, Sequence, Set
from urllib.parse import unquote

from . import disks, payloads
from .harness import BUILD, Disk, Machine

BOOT_LINE_KEYS = ["volume", "guid", "component", "disk", "drive", "lba", "sectors", "extents", "method"]

# A server with one disk left of its mirrored system volume. The other half was at LBA 63.
DEGRADED = """
define size 128M
define table mbr
group Server-Dg0 transaction=40
disk Disk1 size=128M missing=yes
disk Disk2 table=$table size=$size signature=0x1234ABCD
volume Volume1 hint=C: size=81920 flags=boot,system
  component Volume1-01
    partition Disk1-01 disk=Disk1 lba=63 size=81920
  component Volume1-02
    partition Disk2-01 disk=Disk2 lba=$lba size=81920
content Volume1-02 file=$volume
"""

# The same server with both disks.
BOTH_HALVES = DEGRADED.replace("size=128M missing=yes", "size=128M signature=0x11112222").replace(
    "content Volume1-02", "content Volume1")


def degraded(folder: Path, volume: Path, lba: int = 20000, flags: int = payloads.HANDED_OVER, more: str = "",
             **values) -> Path:
    """The disk of a degraded server, with the stand-in told what to find. `more`: further lines of the description."""
    disks.mkldm(folder, DEGRADED + more, volume=volume, lba=lba, **values)
    image = folder / "Disk2.img"
    expect(image, lba, flags=flags)
    return image


def expect(image: Path, lba: int, sectors: int = disks.VOLUME_SECTORS, **more) -> None:
    """Tell the stand-in what to find; among it the last sector in use in the volume and, by EDD, that of the disk."""
    wanted = [last_used(image, lba, sectors)]
    if more.get("flags", payloads.EDD) & payloads.EDD:
        wanted += [n for n in [image.stat().st_size // 512 - 1] if n < 1 << 32]
    changed = {sector for element in more.get("elements", ()) for sector, _, _ in element.pieces}
    wanted = [n for n in wanted if n not in changed]      # a store is shown with other names in it
    payloads.expect(image, payloads.Expect(lba, sectors, known=[known_sector(image, n) for n in wanted], **more))


def known_sector(image: Path, lba: int):
    return lba, payloads.sum32(payloads.read_at(image, lba * 512, 512))


def last_used(image: Path, lba: int, sectors: int) -> int:
    """The last sector of a volume that is not empty; its spare boot sector, which is shown patched, does not count."""
    data = payloads.read_at(image, lba * 512, (sectors - 1) * 512)
    return lba + (len(data.rstrip(b"\0")) - 1) // 512


def boot_lines(text: str) -> List[str]:
    return re.findall(r"^LDM-BOOT .*$", text, re.MULTILINE)


def parse_boot_line(line: str) -> Dict[str, str]:
    """The LDM-BOOT line as a dict; its form (docs/interfaces.md) is checked."""
    assert re.fullmatch(r"LDM-BOOT( [a-z]+=([A-Za-z0-9._:{}-]|%[0-9A-F]{2})*)+", line), line
    pairs = [word.split("=") for word in line.split(" ")[1:]]
    assert [key for key, _ in pairs] == BOOT_LINE_KEYS, line
    return {key: unquote(value) for key, value in pairs}


def inspect(images: Sequence[Path], *options: str, code: int = 0) -> dict:
    """What ldmboot-inspect foretells for these disks."""
    done = subprocess.run([BUILD / "ldmboot-inspect", "--json", *options, *images], capture_output=True, text=True)
    assert done.returncode == code, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    return json.loads(done.stdout)


def plan_codes(text: str) -> Set[str]:
    """The codes of the decision (05xx, 06xx) that were printed."""
    return set(re.findall(r"^(LDM-0[56]\d\d): ", text, re.MULTILINE))


def check_prediction(machine: Machine, line: Dict[str, str], images: Sequence[Path], drive: int) -> None:
    """The machine did what the tool foretold, key by key, and said the same about it.

    drive: the firmware's number of the chosen disk
    """
    foretold = inspect(images)
    plan = foretold["plan"]
    assert plan["result"] == "boot"
    disk = next(d for d in foretold["disks"] if d["path"] == plan["path"])
    expected = {key: str(plan[key]) for key in ("volume", "guid", "component", "lba", "sectors", "extents", "method")}
    expected.update(disk=disk["disk_guid"], drive=f"{drive:02x}")
    assert line == expected
    assert plan_codes(machine.serial) == {note["code"] for note in plan["notes"] if note["code"] >= "LDM-05"}


def wait_for_boot(machine: Machine, images: Sequence[Path], drive: int) -> Dict[str, str]:
    """Wait for the hand-over; it must be announced exactly once and as foretold. `images`: in the BIOS's order."""
    machine.wait_serial(r"^LDM-BOOT .*\n")
    (line,) = boot_lines(machine.serial)
    fields = parse_boot_line(line)
    check_prediction(machine, fields, images, drive)
    return fields


def wait_for_pass(machine: Machine) -> None:
    """The stand-in for the loader found everything as it should be."""
    verdict = machine.wait_serial(r"STANDIN: (PASS|FAIL)")
    assert verdict[1] == "PASS", machine.story("the stand-in is not content")
    assert len(boot_lines(machine.serial)) == 1


def boots_to_standin(stick: Path, image: Path, bus: str = "ahci") -> None:
    """The usual boot: stick first, one disk, its volume starts and the stand-in is content."""
    with Machine([Disk(stick, "usb", boot=0), Disk(image, bus, boot=1)]) as machine:
        wait_for_boot(machine, [image], drive=0x81)
        wait_for_pass(machine)


def gives_up(machine: Machine, code: str) -> None:
    """ldmboot says why it starts nothing, waits for a person, and lets the BIOS try its next device."""
    machine.wait_serial(rf"^LDM-{code}: .*\n")
    machine.wait_serial(r"(?i)press|key")
    machine.press("ret")
    machine.wait_screen(r"No bootable device|Booting from")
    assert not boot_lines(machine.serial)
