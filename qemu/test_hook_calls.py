# SPDX-License-Identifier: GPL-2.0-or-later
"""
The hook against a BIOS's own disk: the same calls of INT 13h, random ones, in two machines. In one ldmboot shows its virtual
disk as 80h, in the other the BIOS has a disk of that content there. Every register, flag and byte of memory that a call may
change is compared; what may differ is the list WANTED, and what a hooked call delivers is also compared with the bytes
that were put on the disk.

`make check` makes CALLS calls in each of a few layouts, `make check-long` and `make firmware` in all of them, on every
controller: other calls in each. A failure names the seed and the number of the call: LDMBOOT_SEED=N makes them again.
"""
import os
import random
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple

import pytest

from support import bootmgr, boots, disks, payloads
from support.caller import BUFFERS, EDGE, FLAT, LAST_STATUS, PACKETS, PATTERN, WINDOWS, CallerMachine, Registers, boot_floppy
from support.harness import Disk, copy_sparse

CALLS = 250
SEED = int(os.environ.get("LDMBOOT_SEED", "13"))
SECTOR = payloads.SECTOR
BIG = 10 << 30               # the BIOS translates such a disk as the volume's boot sector does: 255 heads, 63 sectors
HEADS, TRACK, CYLINDERS = 255, 63, 1024

READ, VERIFY, READ_PACKET, VERIFY_PACKET, EDD, PARAMETERS, GEOMETRY, TYPE = 0x02, 0x04, 0x42, 0x44, 0x41, 0x48, 0x08, 0x15
WRITES = {0x03, 0x05, 0x06, 0x07, 0x0B, 0x1A, 0x43}
HARMLESS = {0x00, 0x01, 0x02, 0x04, 0x08, 0x09, 0x0A, 0x0C, 0x0D, 0x10, 0x11, 0x14, 0x15, 0x16, 0x49, 0x41, 0x42, 0x44, 0x47, 0x48}
FLAGS = [0x001, 0x004, 0x010, 0x040, 0x080, 0x200, 0x400, 0x800]     # without TF, NT and IOPL


# ---------------------------------------------------------------- calls

@dataclass
class Call:
    registers: Registers
    packet: bytes = b""                 # at DS:SI
    buffer: Optional[int] = None        # linear address; None: there is none
    lba: int = 0
    count: int = 0
    flat: bool = False

    @property
    def function(self) -> int:
        return self.registers.ah

    @property
    def drive(self) -> int:
        return self.registers.edx & 0xFF

    @property
    def is_virtual(self) -> bool:
        return self.drive == 0x80


@dataclass
class Layout:
    """A virtual disk, and what is known of it."""
    images: List[Path]                  # the machine's disks, in the BIOS's order
    plain: List[Path]                   # the same as the caller sees them
    sectors: int
    seams: List[int] = field(default_factory=list)       # where something else begins
    memory: Tuple[int, int] = (0, 0)    # virtual sectors that lie in memory
    bus: str = ""


def some_flags(rng: random.Random) -> int:
    return 2 | sum(flag for flag in FLAGS if rng.random() < 0.5)


def some_registers(rng: random.Random) -> Dict[str, int]:
    values = {name: rng.getrandbits(32) for name in ("eax", "ebx", "ecx", "edx", "esi", "edi", "ebp")}
    values.update({name: rng.getrandbits(16) for name in ("ds", "es", "fs", "gs")})
    return {**values, "flags": some_flags(rng)}


def some_drive(rng: random.Random) -> int:
    return 0x80 if rng.random() < 0.85 else rng.choice([0x81, 0x82, 0x83, 0x8F, 0x97, 0x98, 0xBF, 0xE0, 0xFF])


def some_lba(rng: random.Random, layout: Layout, last: int) -> int:
    """Anywhere, and often beside what begins somewhere, or in memory."""
    if layout.memory[1] and rng.random() < 0.5:
        return min(layout.memory[0] + rng.randrange(layout.memory[1]), last)
    if rng.random() < 0.6:
        return min(max(rng.choice(layout.seams) + rng.randrange(-130, 20), 0), last)
    return rng.randrange(last)


def some_count(rng: random.Random, most: int) -> int:
    """Few sectors more often than many, which take long on IDE."""
    return min(rng.choice([1, 1, 1, 1, 2, 2, 3, 7, 8, 8, 9, 17, 63, 64, most, rng.randint(1, most)]), most)


def some_place(rng: random.Random, size: int, virtual: bool) -> Tuple[int, int]:
    """Segment and offset of a buffer: aligned and odd, with small offsets and such that wrap in their segment, at the
    top of the first megabyte, where segment FFFF leads beyond it."""
    if virtual and size <= 0xFFF0 and rng.random() < 0.1:
        return 0xFFFF, rng.randrange(0x10, 0x10000)
    linear = rng.randrange(BUFFERS[0], BUFFERS[1] - size)
    if rng.random() < 0.5:
        linear &= ~0x1FF
    offset = (linear & 15) + 16 * rng.randrange(min(0xFFF, (linear >> 4) - 1))
    return (linear - offset) >> 4, offset


def some_structure(rng: random.Random, values: Dict[str, int]) -> None:
    """DS:SI somewhere in the window of packets."""
    linear = rng.randrange(PACKETS[0], PACKETS[1] - 128)
    offset = (linear & 15) + 16 * rng.randrange(0xFFF)
    values["ds"] = (linear - offset) >> 4
    values["esi"] = rng.getrandbits(16) << 16 | offset


def packet_call(rng: random.Random, layout: Layout, values: Dict[str, int]) -> Call:
    some_structure(rng, values)
    count = some_count(rng, 127)
    lba = some_lba(rng, layout, layout.sectors - 128)
    virtual = values["edx"] & 0xFF == 0x80
    flat = virtual and rng.random() < 0.2
    if flat:
        address = rng.randrange(FLAT[0], FLAT[1] - count * SECTOR)
        size, place, behind = 24, 0xFFFFFFFF, struct.pack("<Q", address)
    else:
        segment, offset = some_place(rng, count * SECTOR, virtual)
        address = segment * 16 + offset
        size, place, behind = rng.choice([16, 16, 16, 24, 18, 32]), segment << 16 | offset, rng.randbytes(8)
    packet = struct.pack("<BBHIQ", size, rng.choice([0, 0, 0x55]), count, place, lba) + behind
    return Call(Registers(**values), packet, address, lba, count, flat)


def chs_call(rng: random.Random, layout: Layout, values: Dict[str, int]) -> Call:
    reach = min(layout.sectors, CYLINDERS * HEADS * TRACK)
    count = some_count(rng, 127)
    lba = min(some_lba(rng, layout, layout.sectors - 128), reach - 128)
    segment, offset = some_place(rng, count * SECTOR, values["edx"] & 0xFF == 0x80)
    cylinder, rest = divmod(lba, HEADS * TRACK)
    head, sector = divmod(rest, TRACK)
    values["eax"] = values["eax"] & ~0xFF | count
    values["ecx"] = values["ecx"] & ~0xFFFF | (cylinder & 0xFF) << 8 | (cylinder >> 2 & 0xC0) | sector + 1
    values["edx"] = values["edx"] & ~0xFF00 | head << 8
    values["es"] = segment
    values["ebx"] = values["ebx"] & ~0xFFFF | offset
    return Call(Registers(**values), b"", segment * 16 + offset, lba, count)


def other_call(rng: random.Random, layout: Layout, values: Dict[str, int]) -> Call:
    """Any function, with what is likely to be asked with it."""
    some_structure(rng, values)
    packet = b""
    if values["eax"] >> 8 & 0xFF == PARAMETERS:
        packet = struct.pack("<H", rng.choice([0, 1, 25, 26, 27, 30, 66, 74])) + PATTERN[:70]
    elif values["eax"] >> 8 & 0xFF == EDD and rng.random() < 0.7:
        values["ebx"] = values["ebx"] & ~0xFFFF | 0x55AA
    elif values["eax"] >> 8 & 0xFF in (0x43, 0x47):       # write, seek
        packet = struct.pack("<BBHIQ", 16, 0, 1, BUFFERS[0] >> 4 << 16, some_lba(rng, layout, layout.sectors - 1)) + bytes(16)
    return Call(Registers(**values), packet)


def bad_packet(rng: random.Random, layout: Layout, values: Dict[str, int]) -> Call:
    """Sizes, counts and sectors that no good caller gives."""
    call = packet_call(rng, layout, values)
    packet = bytearray(call.packet)
    kind = rng.randrange(4)
    if kind == 0:
        packet[0] = rng.randrange(16)
    elif kind == 1:
        struct.pack_into("<H", packet, 2, 0)
    elif kind == 2:
        struct.pack_into("<Q", packet, 8, layout.sectors + rng.choice([0, 1, 1 << 20, 1 << 31]))
    else:
        struct.pack_into("<Q", packet, 8, rng.getrandbits(64) | 1 << 40)
    return replace(call, packet=bytes(packet), buffer=None)


def some_call(rng: random.Random, layout: Layout) -> Call:
    values = some_registers(rng)
    values["edx"] = values["edx"] & ~0xFF | some_drive(rng)
    make, functions = rng.choices([
        (packet_call, [READ_PACKET, READ_PACKET, READ_PACKET, VERIFY_PACKET]),
        (chs_call, [READ, READ, READ, VERIFY]),
        (bad_packet, [READ_PACKET, VERIFY_PACKET]),
        (other_call, [GEOMETRY, EDD, PARAMETERS, TYPE, 0x00, 0x01, 0x47, 0x0C, *WRITES]),
        (other_call, [f for f in range(256) if f not in (READ, VERIFY, READ_PACKET, VERIFY_PACKET)]),
    ], [45, 20, 8, 17, 10])[0]
    values["eax"] = values["eax"] & ~0xFF00 | rng.choice(functions) << 8
    return make(rng, layout, values)


# ---------------------------------------------------------------- two machines

BACKGROUND = {window: (PATTERN * ((window[1] - window[0]) // len(PATTERN) + 1))[:window[1] - window[0]] for window in WINDOWS}


EARLIER_STATUS = 0x40


@dataclass
class Seen:
    registers: Registers
    memory: Dict[Tuple[int, int], bytes]
    status: int                         # of the last operation, BIOS data area


def make_call(call: Call, *machines: CallerMachine) -> List[Seen]:
    """In all of them at the same time."""
    for machine in machines:
        for (start, end), content in before(call).items():
            machine.ram[start:end] = content
        machine.ram[LAST_STATUS] = EARLIER_STATUS     # all begin alike: what AH=01 asks for
        machine.ask(call.registers)
    return [Seen(machine.answer(), {w: machine.ram[w[0]:w[1]] for w in WINDOWS}, machine.ram[LAST_STATUS]) for machine in machines]


# ---------------------------------------------------------------- what may differ

def refused(call: Call, status: int) -> Seen:
    """Nothing but AH, CF and the last status changes."""
    registers = replace(call.registers, flags=call.registers.flags | 1).with_ah(status)
    return Seen(registers, before(call), status)


def before(call: Call) -> Dict[Tuple[int, int], bytes]:
    return put(dict(BACKGROUND), structure_at(call), call.packet)


def structure_at(call: Call) -> int:
    return call.registers.ds * 16 + (call.registers.esi & 0xFFFF)


def put(memory: Dict[Tuple[int, int], bytes], address: int, data: bytes) -> Dict[Tuple[int, int], bytes]:
    """The same memory with other bytes somewhere, which all lie in one window."""
    for (start, end), content in memory.items():
        if data and start <= address < end:
            at = address - start
            memory[start, end] = content[:at] + data + content[at + len(data):]
    return memory


def delivered(call: Call, _plain: None, layout: Layout) -> Seen:
    """What lies on the disk."""
    memory = before(call)
    if call.function in (READ, READ_PACKET):
        put(memory, call.buffer, payloads.read_at(layout.plain[0], call.lba * SECTOR, call.count * SECTOR))
    return Seen(replace(call.registers, flags=call.registers.flags & ~1).with_ah(0), memory, 0)


def beyond_the_end(call: Call, plain: Seen, _layout: Layout) -> Seen:
    """SeaBIOS answers 01 and leaves the count."""
    assert plain.registers.carry
    seen = refused(call, 0x04)
    return replace(seen, memory=put(seen.memory, structure_at(call) + 2, bytes(2)))


def edd(call: Call, plain: Seen, _layout: Layout) -> Seen:
    """Version 3.0 and packets, not what the BIOS has beyond; and nothing without 55AA, which SeaBIOS does not look at."""
    if call.registers.ebx & 0xFFFF != 0x55AA:
        return refused(call, 0x01)
    return replace(plain, registers=replace(plain.registers, ecx=plain.registers.ecx & ~0xFFFF | 1))


def parameters(call: Call, plain: Seen, layout: Layout) -> Seen:
    """The first version's 26 bytes, with the geometry that AH=08 gives."""
    if plain.registers.carry:
        return plain
    cylinders = min(layout.sectors // (HEADS * TRACK), CYLINDERS)
    answer = struct.pack("<HHIIIQH", 26, 3, cylinders, HEADS, TRACK, layout.sectors, SECTOR)
    return replace(plain, memory=put(before(call), structure_at(call), answer))


def last_cylinder(_call: Call, plain: Seen, _layout: Layout) -> Seen:
    """SeaBIOS keeps the last cylinder for itself."""
    return replace(plain, registers=replace(plain.registers, ecx=plain.registers.ecx & ~0xFFFF | 0xFF00 | 0xC0 | TRACK))


@dataclass(frozen=True)
class Wanted:
    """A difference that is wanted: which calls it is about, and what the hook answers where the BIOS answers something."""
    why: str
    when: Callable[[Call, Layout], bool]
    answer: Callable[[Call, Optional[Seen], Layout], Seen]
    ask_bios: bool = True


WANTED = [
    Wanted("no call writes, on any drive", lambda c, _: c.function in WRITES, lambda c, *_: refused(c, 0x03), ask_bios=False),
    Wanted("what is not known to be harmless does not reach the BIOS", lambda c, _: c.function not in HARMLESS,
           lambda c, *_: refused(c, 0x01)),
    Wanted("a read with ECC would not be patched", lambda c, _: c.is_virtual and c.function == 0x0A, lambda c, *_: refused(c, 0x01)),
    Wanted("a packet shorter than one is not read",
           lambda c, _: c.is_virtual and c.function in (READ_PACKET, VERIFY_PACKET) and c.packet[0] < 16,
           lambda c, *_: refused(c, 0x01)),
    # SeaBIOS 1.16 takes -1 for the address FFFF:FFFF, and on IDE lets what is beyond 1 MiB wrap to the interrupt table.
    Wanted("flat addresses, and those beyond 1 MiB", lambda c, _: (c.buffer or 0) >= EDGE[0], delivered, ask_bios=False),
    Wanted("memory is read to any address, SeaBIOS's NVMe to some only",
           lambda c, lay: c.is_virtual and c.buffer is not None and c.buffer % 4 != 0 and lay.memory[1] > 0
           and c.lba >= lay.memory[0], delivered, ask_bios=False),
    Wanted("beyond the end of the disk", lambda c, lay: c.is_virtual and c.function in (READ_PACKET, VERIFY_PACKET)
           and struct.unpack_from("<H", c.packet, 2)[0] > 0 and struct.unpack_from("<Q", c.packet, 8)[0] >= lay.sectors,
           beyond_the_end),
    Wanted("what AH=41 promises is honoured here", lambda c, _: c.is_virtual and c.function == EDD, edd),
    Wanted("the parameters are the virtual disk's", lambda c, _: c.is_virtual and c.function == PARAMETERS, parameters),
    Wanted("the last cylinder", lambda c, _: c.is_virtual and c.function == GEOMETRY, last_cylinder),
]


AS_THE_BIOS = Wanted("no difference", lambda *_: True, lambda _call, plain, _layout: plain)


def without_failed_data(call: Call, ours: Seen, wanted: Seen) -> Seen:
    """A read that fails promises nothing of its buffer: what came before the error is there, not patched. (SeaBIOS fails on
    NVMe when the last sectors go to an odd address.)"""
    if call.buffer is None or not (ours.registers.carry and wanted.registers.carry):
        return wanted
    window = next(w for w in WINDOWS if w[0] <= call.buffer < w[1])
    at = call.buffer - window[0]
    return replace(wanted, memory=put(dict(wanted.memory), call.buffer, ours.memory[window][at:at + call.count * SECTOR]))


def failed_piece(call: Call, ours: Seen, wanted: Seen, layout: Layout) -> Seen:
    """What lies across a seam is read by one call of the BIOS for each piece; and where SeaBIOS's NVMe reads all of it to an
    odd address, it can fail for one piece. What was read before counts."""
    if layout.bus != "nvme" or call.buffer is None or call.buffer % 4 == 0 or wanted.registers.carry or not ours.registers.carry:
        return wanted
    before_seams = [seam - call.lba for seam in layout.seams if call.lba < seam < call.lba + call.count]
    failed = refused(call, 0x0C)
    for done in [0, *before_seams] if before_seams and call.function == READ_PACKET else []:
        told = replace(failed, memory=put(dict(failed.memory), structure_at(call) + 2, struct.pack("<H", done)))
        if not differences(ours, without_failed_data(call, ours, told)):
            return told
    return failed if before_seams else wanted


def find_wanted(call: Call, layout: Layout) -> Wanted:
    return next((wanted for wanted in WANTED if wanted.when(call, layout)), AS_THE_BIOS)


def differences(hooked: Seen, wanted: Seen) -> List[str]:
    found = [f"{name}: {getattr(hooked.registers, name):#x} instead of {getattr(wanted.registers, name):#x}"
             for name in sorted(hooked.registers - wanted.registers)]
    if hooked.status != wanted.status:
        found.append(f"40:74: {hooked.status:#x} instead of {wanted.status:#x}")
    for start, end in WINDOWS:
        ours, theirs = hooked.memory[start, end], wanted.memory[start, end]
        if ours != theirs:
            at = next(i for i in range(end - start) if ours[i] != theirs[i])
            found.append(f"memory from {start + at:#x}: {ours[at:at + 8].hex()} instead of {theirs[at:at + 8].hex()}")
    return found


# ---------------------------------------------------------------- disks

PIECES = """
group Server-Dg0 transaction=40
disk Disk1 size=128M missing=yes
disk Disk2 table=mbr size=10G signature=0x1234ABCD
disk Disk3 table=mbr size=10G signature=0x1234ABCE
volume Volume1 hint=C: size=81920 flags=boot,system
  component Volume1-01
    partition Disk1-01 disk=Disk1 lba=63 size=81920
  component Volume1-02
    partition Disk2-01 disk=Disk2 lba=20000 size=$first
    partition $second-02 disk=$second lba=150001 size=$rest
content Volume1-02 file=$volume
"""
VOLUME = disks.VOLUME_SECTORS


def read_hooked(machine: CallerMachine, lba: int) -> bytes:
    packet = struct.pack("<BBHIQ", 16, 0, 1, BUFFERS[0] >> 4 << 16, lba)
    seen, = make_call(Call(Registers(eax=READ_PACKET << 8, edx=0x80, ds=PACKETS[0] >> 4), packet), machine)
    assert not seen.registers.carry
    return seen.memory[BUFFERS][:SECTOR]


def make_plain(machine: CallerMachine, layout: Layout, patched: List[int]) -> None:
    """The disk that is shown, for a BIOS alone: the sectors of sector 0 and boot sectors as they are shown, which the
    stand-ins judge (standin.asm)."""
    for lba in patched:
        payloads.write_at(layout.plain[0], lba * SECTOR, read_hooked(machine, lba))


def one_disk(folder: Path, volume: Path, table: str, lba: int) -> Tuple[Layout, List[int]]:
    disks.mkldm(folder, boots.DEGRADED, volume=volume, lba=lba, size="10G", table=table)
    return laid_out(folder, [folder / "Disk2.img"], lba, [])


def laid_out(folder: Path, images: List[Path], lba: int, seams: List[int], shown: int = 0,
             sectors: int = VOLUME) -> Tuple[Layout, List[int]]:
    """The layout of a volume, and its patched sectors; images[shown] is 80h."""
    plain = folder / "plain.img"
    copy_sparse(images[shown], plain)
    return (Layout(images, [plain], images[shown].stat().st_size // SECTOR, [0, 1, lba, lba + 1, lba + sectors - 1, lba + sectors, *seams]),
            [0, lba, lba + sectors - 1])


def two_pieces(folder: Path, volume: Path, second: str) -> Tuple[Layout, List[int]]:
    """A seam inside of the volume; what is shown behind it lies elsewhere."""
    first, lba = 30001, 20000
    disks.mkldm(folder, PIECES, volume=volume, first=first, rest=VOLUME - first, second=second)
    images = [folder / "Disk2.img"] + ([folder / "Disk3.img"] if second == "Disk3" else [])
    layout, patched = laid_out(folder, images, lba, [lba + first])
    payloads.write_at(layout.plain[0], (lba + first) * SECTOR, payloads.read_at(volume, first * SECTOR, (VOLUME - first) * SECTOR))
    layout.plain += images[1:]
    return layout, patched


def two_halves(folder: Path, volume: Path) -> Tuple[Layout, List[int]]:
    """The other half is there, for bad sectors; it is not shown."""
    disks.mkldm(folder, boots.BOTH_HALVES.replace("128M", "10G"), volume=volume, lba=20000)
    return laid_out(folder, [folder / "Disk1.img", folder / "Disk2.img"], 63, [])


def in_memory(folder: Path, volume: Path) -> Tuple[Layout, List[int]]:
    """A system volume in memory, behind the disk's end."""
    windows = bootmgr.windows_volume(folder / "windows.img", bootmgr=payloads.payload("caller").ljust(bootmgr.FILE_BYTES, b"\xA5"))
    disks.mkldm(folder, bootmgr.SERVER, volume=windows, lba=40000, size="10G", flags="boot")
    return laid_out(folder, [folder / "Disk2.img"], 40000, [], sectors=bootmgr.VOLUME_SECTORS)


LAYOUTS = {
    "MBR":         lambda folder, volume: one_disk(folder, volume, "mbr", 20000),
    "GPT":         lambda folder, volume: one_disk(folder, volume, "gpt", 70000),
    "two pieces":  lambda folder, volume: two_pieces(folder, volume, "Disk2"),
    "two disks":   lambda folder, volume: two_pieces(folder, volume, "Disk3"),
    "two halves":  two_halves,
    "in memory":   in_memory,
}


def add_memory(machine: CallerMachine, layout: Layout) -> None:
    """The volume in memory, as it lies there, goes to where sector 0 says that it is."""
    sector0 = read_hooked(machine, 0)
    entries = [struct.unpack_from("<8xII", sector0, 446 + 16 * n) for n in range(4)]
    start, sectors = next(entry for entry in entries if entry[1] and entry[0] >= layout.sectors)
    place = machine.ram.rfind(read_hooked(machine, start))
    assert place % SECTOR == 0 and place > 1 << 20
    layout.sectors, layout.memory = start + sectors, (start, sectors)
    layout.seams += [start, start + sectors]
    with open(layout.plain[0], "r+b") as file:
        file.truncate(layout.sectors * SECTOR)
    payloads.write_at(layout.plain[0], start * SECTOR, machine.ram[place:place + sectors * SECTOR])


def compare_calls(hooked: CallerMachine, plain: CallerMachine, layout: Layout, rng: random.Random) -> None:
    for n in range(CALLS):
        call = some_call(rng, layout)
        wanted = find_wanted(call, layout)
        ours, *theirs = make_call(call, hooked, *[plain] * wanted.ask_bios)
        answer = failed_piece(call, ours, wanted.answer(call, theirs[0] if theirs else None, layout), layout)
        found = differences(ours, without_failed_data(call, ours, answer))
        assert not found, "\n".join([f"seed {SEED}, call {n} ({wanted.why}): {call}", *found])


def run_calls(layout_name: str, bus: str, stick: Path, volume: Path, folder: Path) -> None:
    layout, patched = LAYOUTS[layout_name](folder, volume)
    layout.bus = bus
    floppy = boot_floppy(folder / "floppy.img")
    machine = [Disk(stick, "usb", boot=0), *[Disk(image, bus, boot=1 + n) for n, image in enumerate(layout.images)],
               Disk(floppy, "floppy", boot=9)]
    with CallerMachine(machine, folder / "hooked.ram") as hooked:
        hooked.wait_ready()
        if layout_name == "in memory":
            add_memory(hooked, layout)
        make_plain(hooked, layout, patched)
        machine = [Disk(floppy, "floppy", boot=0), *[Disk(image, bus, boot=1 + n) for n, image in enumerate(layout.plain)]]
        with CallerMachine(machine, folder / "plain.ram") as plain:
            plain.wait_ready()
            compare_calls(hooked, plain, layout, random.Random(f"{SEED}, {layout_name}, {bus}"))


@pytest.fixture(scope="module")
def volume(built, tmp_path_factory):
    return disks.system_volume(tmp_path_factory.mktemp("caller") / "volume.img", 2003, "caller")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("bus", ["ahci", "ide", "virtio", "virtio-scsi", "nvme", "lsi", "megasas"])
@pytest.mark.quick("ahci-MBR", "ide-two disks", "virtio-in memory")
def test_the_hook_answers_as_a_disk_of_the_bios(layout, bus, stick, volume, tmp_path):
    run_calls(layout, bus, stick, volume, tmp_path)
