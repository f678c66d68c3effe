# SPDX-License-Identifier: GPL-2.0-or-later
"""What the resident hook makes of memory maps (INT 15h E820): random ones, against arithmetic with sets of addresses.

The hook runs without ldmboot, with tables made here; a payload plays the BIOS and the caller (qemu/payloads/memorymap.asm)."""
import random
import re
import struct
from pathlib import Path

from support.harness import BUILD, Disk, Machine

MIB, TOP, FILL = 1 << 20, 1 << 36, 0xEE
CASES, ENTRIES, SLOTS, SLOT = 80, 8, 31, 24
RESULTS, RESULT = 0x40000, 4 + SLOTS * SLOT


def offsets():
    text = (BUILD / "bios/offsets.inc").read_text()
    return {name: int(value) for name, value in re.findall(r"^(\w+) equ (-?\d+)", text, re.MULTILINE)}


def random_case(source):
    """Holes where the product could have them, entries anywhere: in order or not, apart, adjoining, one in another, across 4 GiB."""
    low = source.randrange(0x60000, 0x9f000, 0x400)
    base = source.randrange(MIB, 64 * MIB, 0x1000)
    end = base + source.randrange(0x1000, 3 * MIB, source.choice((1, 0x1000)))
    if source.random() < 0.2:
        base = end = 0                                                  # no volume in memory
    edges = [0, low, 0xa0000, MIB, base, end, 15 * MIB, 16 * MIB, 64 * MIB, 1 << 32, TOP]
    entries = []
    for _ in range(source.randrange(1, ENTRIES + 1)):
        start, stop = sorted(max(0, source.choice(edges) + source.choice((0, 0, 0, -1, 1, -0x5000, 0x5000))) for _ in "ab")
        entries.append((start, stop - start, source.choice((1, 1, 1, 1, 2, 3))))
    return {"low": low, "base": base, "end": end, "room": source.choice((20, 24)), "ends_by_error": source.random() < 0.3,
            "entries": entries}


def pack(case):
    head = struct.pack("<6I", case["low"], case["base"], case["end"], case["room"], len(case["entries"]), case["ends_by_error"])
    return head + b"".join(struct.pack("<QQII", *entry, 1) for entry in case["entries"]).ljust(ENTRIES * 24, b"\0")


def without(pieces, start, stop):
    for a, b in pieces:
        yield from ((x, y) for x, y in ((a, min(b, start)), (max(a, stop), b)) if x < y)


def told(case):
    """Usable stretches that a caller may be told, an entry after the other. Entries that begin above 4 GiB are not ours."""
    out = []
    for start, size, kind in case["entries"]:
        if kind == 1:
            pieces = [(start, start + size)] if size else []
            pieces = list(without(pieces, case["low"], MIB))
            out += list(without(pieces, case["base"], case["end"])) if case["end"] else pieces
    return out


def image_of(cases, target: Path):
    at = offsets()
    sector = bytearray((BUILD / "qemu/memorymap.bin").read_bytes())
    fields = [at["HOOK_TABLES"] + at[name] for name in ("T_base", "T_memory_base", "T_memory_end", "T_old_int15")]
    struct.pack_into("<5H", sector, 6, *fields, at["HOOK_INT15_ENTRY"])
    block = (BUILD / "bios/hook.bin").read_bytes().ljust(0x1000, b"\0")
    target.write_bytes((bytes(sector) + block + struct.pack("<I", len(cases)) + b"".join(map(pack, cases))).ljust(MIB, b"\0"))
    return target


def test_random_memory_maps(built, tmp_path):
    """All that is usable outside of the two holes is told, nothing inside of them, in entries of their own where a hole is in
    the middle of one; what is not usable comes as the BIOS says it; no byte is written behind a caller's room."""
    source = random.Random(11)
    cases = [random_case(source) for _ in range(CASES)]
    with Machine([Disk(image_of(cases, tmp_path / "maps.img"), "ide", boot=0)], memory=16) as machine:
        machine.wait_serial(r"MAPS: done")
        results = machine.memory_at(RESULTS, RESULT * CASES)
    in_two = 0
    for number, case in enumerate(cases):
        at = number * RESULT
        count, = struct.unpack_from("<I", results, at)
        slots = [results[at + 4 + i * SLOT:at + 4 + (i + 1) * SLOT] for i in range(SLOTS)]
        answers = [struct.unpack_from("<QQI", slot) for slot in slots[:count]]
        usable = [(a, a + n) for a, n, kind in answers if kind == 1 and n]
        assert usable == told(case), (number, case, answers)
        others = [entry for entry in case["entries"] if entry[2] != 1]
        assert [answer for answer in answers if answer[2] not in (1, 2)] == [e for e in others if e[2] != 2], (number, case)
        assert all(answer in answers for answer in others), (number, case)
        assert case["room"] == 24 or all(slot[20:] == bytes([FILL]) * 4 for slot in slots), (number, case)
        assert all(slot == bytes([FILL]) * SLOT for slot in slots[count:]), (number, case)
        in_two += len(answers) > len(case["entries"])
    assert in_two > 5
