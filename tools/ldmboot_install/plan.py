# SPDX-License-Identifier: GPL-2.0-or-later
"""Which sectors of a target get which bytes, in which order; writing them, and reading them back.

The order is the safety: what is started comes last, so that a half-written target starts nothing.
"""
from dataclasses import dataclass

from . import bootpart, interrupt
from .bootpart import SECTOR
from .errors import Refusal

PIECE = 64 * 1024
TAIL_BYTES = 1 << 20       # there is a backup GPT, and the marks of RAIDs and of ZFS (content.py)


@dataclass(frozen=True)
class Write:
    """Bytes for a place in the target; `what` is for people."""
    offset: int
    data: bytes
    what: str

    @property
    def end(self):
        return self.offset + len(self.data)


# ---------------------------------------------------------------- what to write

def stick(payload, device):
    """A whole stick: nothing of what was at its start stays, and no mark at its end that a tool might go by."""
    start = payload.lba * SECTOR
    first, end = [], device.sectors * SECTOR
    tail = max(end - TAIL_BYTES, len(payload.image))
    if tail < end and any(device.read(tail, end - tail)):
        first = [Write(tail, bytes(end - tail), "zeros, over a backup GPT and marks of RAIDs")]
    return first + [
        Write(SECTOR, payload.image[SECTOR:start], "zeros between sector 0 and the boot partition"),
        Write(start + SECTOR, payload.partition[SECTOR:], "boot partition: stage 2 and the files"),
        Write(start, payload.partition[:SECTOR], "boot sector of the boot partition"),
        Write(0, payload.master, "boot code and partition table"),
    ]


def floppy(payload):
    return [Write(SECTOR, payload.image[SECTOR:], "stage 2 and the files"), Write(0, payload.image[:SECTOR], "boot sector")]


def partition(payload, lba):
    """A boot partition that starts at sector `lba` of its disk."""
    sector = bootpart.boot_sector(payload.partition, payload.partition, lba)
    return [Write(SECTOR, payload.partition[SECTOR:], "stage 2 and the files"), Write(0, sector, "boot sector")]


def update(old, new, what, late):
    """The runs of sectors in which `new` differs from `old` (same length): those in the range `late` after the
    others, the first sector, if among them, last."""
    start, end = late
    return ([Write(at, new[at:to], what) for first, last in ((SECTOR, start), (end, len(new)), late)
             for at, to in differing_runs(old, new, first, last)]
            + update_sector(old[:SECTOR], new[:SECTOR], "boot sector"))


def differing_runs(old, new, start, end):
    """[start, end] of each run of sectors that differ."""
    runs = []
    for at in range(start, end, SECTOR):
        if old[at:at + SECTOR] != new[at:at + SECTOR]:
            if runs and runs[-1][1] == at:
                runs[-1][1] = at + SECTOR
            else:
                runs.append([at, at + SECTOR])
    return runs


def update_sector(old, new, what):
    """The first sector, when it differs."""
    return [Write(0, new, what)] if old != new else []


def moved(writes, offset):
    """The same writes for a device that begins `offset` bytes earlier."""
    return [Write(w.offset + offset, w.data, w.what) for w in writes]


# ---------------------------------------------------------------- saying it

def span(device, start, end):
    """"sector 0", "sectors 1 to 2047": as the disk counts them."""
    first, last = device.lba + start // SECTOR, device.lba + end // SECTOR - 1
    return f"sector {first}" if first == last else f"sectors {first} to {last}"


def lines(device, writes):
    return [f"  {span(device, w.offset, w.end)}: {w.what}" for w in writes]


def changed(device, touched):
    """What a failure left behind. `touched`: the pieces that were begun."""
    merged = []
    for start, end in sorted((piece.offset, piece.end) for piece in touched):
        if merged and merged[-1][1] >= start:
            merged[-1][1] = max(end, merged[-1][1])
        else:
            merged.append([start, end])
    words = ", ".join(span(device, start, end) for start, end in merged)
    return f"Changed, perhaps in part: {words}; no other sector. Run the same command again, or on another target."


# ---------------------------------------------------------------- doing it

def bootcode(payload, sector0):
    """Our boot code in sector 0 of a disk; signature and table stay."""
    code = bootpart.MASTER_CODE_BYTES
    return [Write(0, payload.master[:code] + sector0[code:], "boot code, which starts the active partition")]


def carry_out(device, writes):
    """Write everything in order, then read everything back. On failure the old content is put back, or what was
    changed is said."""
    old = {piece.offset: Write(piece.offset, device.read(piece.offset, len(piece.data)), piece.what)
           for piece in pieces(writes)}
    touched = []
    try:
        for piece in pieces(writes):
            interrupt.check()
            touched.append(old[piece.offset])
            device.write(piece.offset, piece.data)
        device.settle()
        compare(device, writes)
    except (OSError, Refusal, KeyboardInterrupt) as error:
        reason = getattr(error, "strerror", None) or str(error) or "interrupted"
        left = "What was there before was put back" if put_back(device, touched) else changed(device, touched)
        raise Refusal(f"{device.path} was not written: {reason}. {left}") from error


def pieces(writes):
    for write in writes:
        for at in range(0, len(write.data), PIECE):
            yield Write(write.offset + at, write.data[at:at + PIECE], write.what)


def put_back(device, old):
    """Undo, the last write first; true when the target reads as it did before."""
    try:
        for piece in reversed(old):
            interrupt.check()
            device.write(piece.offset, piece.data)
        device.settle()
        compare(device, old)
    except (OSError, Refusal, KeyboardInterrupt):
        return False
    return True


def compare(device, writes):
    for piece in pieces(writes):
        found = device.read(piece.offset, len(piece.data))
        if found != piece.data:
            at = next(differing for differing, _ in differing_runs(found, piece.data, 0, len(found)))
            raise Refusal(f"{device.sector_name(piece.offset + at)} reads back differently; the medium is worn out, "
                          "or smaller than it says")
