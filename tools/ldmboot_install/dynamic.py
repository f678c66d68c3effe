# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows dynamic disks must not be harmed: what ldmboot-inspect, the one reader of their metadata, says of a disk.

There is no override for these refusals.
"""
import json
import struct
import subprocess

from .bootpart import SECTOR
from .errors import Refusal
from .payload import beside
from .table import LDM_TYPES, ldm_behind

# docs/ldm-format.md "Where to look" and "PRIVHEAD"
PRIVHEAD_LBA = 6
PRIVHEAD_PRIVATE_START = 0x12B
FINDINGS = (0, 2, 3)     # exit codes of ldmboot-inspect when it could read the disk

# Each stands at the beginning of a sector in the private region, which Windows puts at the end of an MBR disk, and near the
# beginning of a GPT disk; a PRIVHEAD is at LBA 6 of an MBR disk, too. Windows 2000 leaves up to a cylinder (8 MB) behind the
# region.
MARKS = (b"PRIVHEAD", b"TOCBLOCK", b"VMDB")
HEAD_BYTES, TAIL_BYTES = 4 << 20, 16 << 20


def inspect(path):
    """The entry of ldmboot-inspect's `disks` for a disk."""
    done = subprocess.run([beside("ldmboot-inspect"), "--json", path], capture_output=True, text=True, check=False)
    if done.returncode not in FINDINGS:
        raise Refusal(f"ldmboot-inspect cannot read {path}, so nobody knows whether it is a dynamic disk: "
                      f"{done.stderr.strip()}")
    return json.loads(done.stdout)["disks"][0]


def is_dynamic(found, table):
    return found["status"] != "basic" or any(e.type in LDM_TYPES for e in table.entries)


def marked_sector(disk):
    """A sector that begins with a mark, or None."""
    head, tail = min(HEAD_BYTES, disk.size), max(disk.sectors * SECTOR - TAIL_BYTES, 0)
    for start, length in ((0, head), (tail, disk.sectors * SECTOR - tail)):
        data = disk.read(start, length)
        for at in range(0, length, SECTOR):
            if data.startswith(MARKS, at):
                return (start + at) // SECTOR
    return None


def refuse_disk(disk, table):
    """A whole disk that carries metadata of dynamic volumes is never written to, even when nothing but that is left, and
    whatever its partition table says: a table with type 42 changed to 07 is a known way to make things worse."""
    refuse_dynamic(disk, table)
    refuse_remains(disk, table)


def refuse_dynamic(disk, table):
    found = inspect(disk.path)
    if is_dynamic(found, table):
        raise Refusal(f"{disk.path} is a Windows dynamic disk ({found['status']}): it is never overwritten")


def refuse_remains(disk, table):
    lba = marked_sector(disk)
    if lba is None and not ldm_behind(disk, table):
        return
    what = "has lost its partition table, and was" if table.kind == "none" else \
        "was, whatever its partition table says now,"
    where = "its GPT" if lba is None else f"metadata in sector {lba}"
    raise Refusal(f"{disk.path} {what} a Windows dynamic disk ({where}): it is never overwritten")


def regions(disk, found):
    """(start, sectors, name) of what belongs to the dynamic volumes of a disk."""
    privhead = disk.read(found["privhead_lba"] * SECTOR, SECTOR)
    private = struct.unpack_from(">QQ", privhead, PRIVHEAD_PRIVATE_START)
    yield found["public_start"], found["public_size"], "public region"
    yield *private, "private region"
    if found["table"] == "mbr":
        yield PRIVHEAD_LBA, 1, "PRIVHEAD"


def refuse_partition(disk, table, entry):
    """A partition of a dynamic disk may be written to only when it is a basic one, outside all that is dynamic."""
    found = inspect(disk.path)
    if entry.type in LDM_TYPES:
        raise Refusal(f"partition {entry.number} of {disk.path} belongs to Windows dynamic volumes: "
                      "it is never overwritten")
    if not is_dynamic(found, table):
        refuse_remains(disk, table)
        return
    if found["privhead_lba"] is None:
        raise Refusal(f"{disk.path} is a Windows dynamic disk ({found['status']}), "
                      "and where its regions are cannot be read")
    for start, sectors, name in regions(disk, found):
        if entry.overlaps(start, sectors):
            raise Refusal(f"partition {entry.number} of {disk.path} overlaps the {name} of a Windows dynamic disk "
                          f"(sectors {start} to {start + sectors - 1}): it is never overwritten")
