# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of INT 13h in a machine whose memory the test shares (qemu/payloads/caller.asm): registers and memory go in, the
call is made, registers and memory are looked at."""
import mmap
import struct
import time
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from typing import Sequence

from . import payloads
from .harness import LIMIT, BootError, Disk, Machine


MEMORY_MIB = 64
LOADER, MAILBOX = 0x20000, 0x21000
LAYOUT = struct.Struct("<7I6H")
GO, DONE, ASKED = MAILBOX, MAILBOX + 4, MAILBOX + 8
ANSWER = ASKED + LAYOUT.size
STACK = 0xFFEE          # inside of the call
LAST_STATUS = 0x474          # BIOS data area

# What the calls may use: packets and other structures; buffers below 1 MiB; from 1 MiB on, where segment FFFF ends;
# buffers that only flat addresses reach.
PACKETS, BUFFERS, EDGE, FLAT = (0x30000, 0x40000), (0x40000, 0x80000), (0x100000, 0x122000), (0x400000, 0x440000)
WINDOWS = (PACKETS, BUFFERS, EDGE, FLAT)
PATTERN = bytes(range(1, 252))      # 251 bytes: a sector that is moved shows


@dataclass(frozen=True)
class Registers:
    eax: int = 0
    ebx: int = 0
    ecx: int = 0
    edx: int = 0
    esi: int = 0
    edi: int = 0
    ebp: int = 0
    ds: int = 0
    es: int = 0
    fs: int = 0
    gs: int = 0
    flags: int = 2
    sp: int = STACK

    @property
    def ah(self) -> int:
        return self.eax >> 8 & 0xFF

    @property
    def carry(self) -> bool:
        return bool(self.flags & 1)

    def __sub__(self, other: "Registers") -> set:
        """The names of those that differ."""
        return {f.name for f in fields(self) if getattr(self, f.name) != getattr(other, f.name)}

    def with_ah(self, ah: int) -> "Registers":
        return replace(self, eax=self.eax & ~0xFF00 | ah << 8)


def boot_floppy(target: Path) -> Path:
    """A floppy that starts the caller as the loader, where nothing is hooked."""
    image = payloads.payload("loadfloppy") + payloads.payload("caller")
    target.write_bytes(image.ljust(payloads.FLOPPY_BYTES, b"\0"))
    return target


class CallerMachine(Machine):
    """A machine in which the caller waits for calls. It looks for them without a rest, which would take a processor, so
    the machine is stopped between two; and its clock with it, so that no USB controller has frames to make up for."""

    def __init__(self, disks: Sequence[Disk], shared: Path, **rest):
        self.shared = shared
        with open(shared, "wb") as file:
            file.truncate(MEMORY_MIB << 20)
        super().__init__(disks, memory=MEMORY_MIB, extra=[
            "-object", f"memory-backend-file,id=ram,size={MEMORY_MIB}M,mem-path={shared},share=on",
            "-machine", "memory-backend=ram"], **rest)
        self.calls = 0

    def start(self) -> None:
        with open(self.shared, "r+b") as file:
            self.ram = mmap.mmap(file.fileno(), 0)
        super().start()

    def wait_ready(self) -> None:
        self.wait_serial("CALLER: ready")
        for start, end in WINDOWS:
            self.ram[start:end] = PATTERN[:1] * (end - start)
        self.qmp.post("stop")

    def call(self, registers: Registers) -> Registers:
        self.ask(registers)
        return self.answer()

    def ask(self, registers: Registers) -> None:
        """answer() has to come next."""
        self.qmp.take_answers()
        self.calls += 1
        self.ram[ASKED:ASKED + LAYOUT.size] = LAYOUT.pack(*astuple(registers))
        self.ram[GO:GO + 4] = struct.pack("<I", self.calls)
        self.qmp.post("cont")

    def answer(self) -> Registers:
        deadline = time.monotonic() + LIMIT
        while struct.unpack_from("<I", self.ram, DONE)[0] != self.calls:
            time.sleep(0.0002)
            if time.monotonic() > deadline:
                raise BootError(self.story(f"no answer to {Registers(*LAYOUT.unpack_from(self.ram, ASKED))}"))
        self.qmp.post("stop")
        return Registers(*LAYOUT.unpack_from(self.ram, ANSWER))
