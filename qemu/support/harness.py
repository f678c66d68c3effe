# SPDX-License-Identifier: GPL-2.0-or-later
"""
One QEMU machine for one boot: disks by bus name, keys and serial input, text from the
serial line and the VGA screen, and the proof that no disk was written to.

Every disk is a writable copy, so that a write would succeed and be seen: after the
run QEMU's write counters must be zero and each copy must equal its original byte for
byte. (snapshot=on would make that comparison one that cannot fail.)

Waiting is for an event, with a generous limit; nothing here measures time.
"""
import codecs
import contextlib
import json
import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, List, Optional, Sequence

from .nbd import SilentDisk

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LDMBOOT_BUILD", ROOT / "build"))

LIMIT = int(os.environ.get("LDMBOOT_LIMIT", "900"))   # seconds until a boot counts as hung: it takes some 20, and 20 times that at a load of 20
POLL = 0.1           # seconds between two looks at the screen: it has no event to wait for
SCREEN_TEXT = 0xB8000
COLUMNS, ROWS = 80, 25

# Controller (shared by the disks of one bus, or none) and disk device for each bus name.
# {n} counts the disks of that bus, from 0.
BUSES = {
    "ide":         ([], "ide-hd,bus=ide.{n}"),
    "ahci":        (["ich9-ahci,id=ahci"], "ide-hd,bus=ahci.{n}"),
    "ahci-255":    (["ich9-ahci,id=ahci"], "ide-hd,bus=ahci.{n},lcyls=1024,lheads=255,lsecs=63"),  # as BIOSes count large disks
    "virtio":      ([], "virtio-blk-pci"),
    "virtio-4k":   ([], "virtio-blk-pci,logical_block_size=4096,physical_block_size=4096"),
    "virtio-scsi": (["virtio-scsi-pci,id=vscsi"], "scsi-hd,bus=vscsi.0,scsi-id={n}"),
    "nvme":        ([], "nvme,serial=nvme{n}"),
    "nvme-4k":     ([], "nvme,serial=nvme{n},logical_block_size=4096,physical_block_size=4096"),
    "lsi":         (["lsi53c895a,id=lsi"], "scsi-hd,bus=lsi.0,scsi-id={n}"),
    "megasas":     (["megasas,id=megasas"], "scsi-hd,bus=megasas.0,scsi-id={n}"),
    "usb":         (["qemu-xhci,id=xhci"], "usb-storage,bus=xhci.0"),
    "floppy":      ([], "floppy"),
}


class BootError(AssertionError):
    """What was waited for did not come; the message holds the serial text and the screen."""


class MachineGone(BootError):
    """QEMU ended: somebody closed its window."""


@dataclass
class Disk:
    """A disk of the machine.

    image       the original; the machine gets a copy of it
    bus         a key of BUSES
    boot        rank in the firmware's boot order (0 first), None: not in it
    unreadable  sectors that answer with a read error (blkdebug)
    overlay     work on an overlay instead of a copy: for images of people, which may be huge. The
                original is opened read only, so there is nothing to compare afterwards
    silent      the server that stands for a disk that is there and answers no read; nobody reads `image` then
    """
    image: Path
    bus: str = "ahci"
    boot: Optional[int] = None
    unreadable: Sequence[int] = ()
    overlay: bool = False
    silent: Optional[SilentDisk] = None
    copy: Optional[Path] = field(default=None, init=False)


@dataclass
class Reads:
    """What QEMU counted for one disk."""
    operations: int
    bytes: int

    def __sub__(self, other: "Reads") -> "Reads":
        return Reads(self.operations - other.operations, self.bytes - other.bytes)


def copy_sparse(source: Path, target: Path) -> None:
    """Copy a file; holes stay holes, so that a 2 TiB disk image costs nothing."""
    subprocess.run(["cp", "--sparse=always", "--reflink=auto", source, target], check=True)
    os.chmod(target, 0o600)


def make_overlay(source: Path, target: Path) -> None:
    """An empty layer over an image of any format that QEMU knows, or over a disk device."""
    information = subprocess.run(["qemu-img", "info", "--output=json", source], check=True, capture_output=True)
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", json.loads(information.stdout)["format"],
                    "-b", Path(source).resolve(), target], check=True)


def data_ranges(fd: int):
    """The ranges of a file that are not holes, as (offset, length)."""
    end = os.fstat(fd).st_size
    position = 0
    while position < end:
        try:
            start = os.lseek(fd, position, os.SEEK_DATA)
        except OSError:        # ENXIO: only a hole is left
            return
        position = os.lseek(fd, start, os.SEEK_HOLE)
        yield start, position - start


def first_difference(a: Path, b: Path) -> Optional[int]:
    """Offset of the first 512 bytes in which two files differ, or None. Holes are skipped."""
    chunk = 1 << 20
    with open(a, "rb") as fa, open(b, "rb") as fb:
        if os.fstat(fa.fileno()).st_size != os.fstat(fb.fileno()).st_size:
            return min(os.fstat(fa.fileno()).st_size, os.fstat(fb.fileno()).st_size)
        for where in (fa, fb):
            for start, length in data_ranges(where.fileno()):
                for offset in range(start, start + length, chunk):
                    size = min(chunk, start + length - offset)
                    left, right = os.pread(fa.fileno(), size, offset), os.pread(fb.fileno(), size, offset)
                    if left != right:
                        return offset + next(i for i in range(0, size, 512) if left[i:i + 512] != right[i:i + 512])
    return None


class Qmp:
    """QEMU's machine protocol, as much of it as is needed here."""

    def __init__(self, connection: socket.socket):
        self.file = connection.makefile("rw", encoding="utf-8")
        self.file.readline()                       # greeting
        self.posted: List[str] = []
        self.call("qmp_capabilities")

    def post(self, command: str, **arguments) -> None:
        """Does not wait for the answer: QEMU does one after the other, and the next call takes the answers."""
        request = {"execute": command}
        if arguments:
            request["arguments"] = arguments
        self.file.write(json.dumps(request) + "\n")
        self.file.flush()
        self.posted.append(command)

    def call(self, command: str, **arguments):
        self.post(command, **arguments)
        return self.take_answers()

    def take_answers(self):
        """The last one."""
        last = None
        while self.posted:
            last = self.take_answer(self.posted.pop(0))
        return last

    def take_answer(self, command: str):
        while True:
            line = self.file.readline()
            if not line:
                raise BootError(f"QEMU went away during {command}")
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise BootError(f"{command}: {answer['error']['desc']}")
            # anything else is an event


def text_of_screen(memory: bytes) -> str:
    """VGA text memory (character, attribute, ...) as lines of text."""
    text = memory[0::2].decode("cp437").replace("\0", " ")
    return "\n".join(text[i:i + COLUMNS].rstrip() for i in range(0, ROWS * COLUMNS, COLUMNS)).rstrip()


class Guest:
    """A machine that somebody plays, with its disks; used in a with statement. Its text comes in by pump()."""

    def __init__(self, disks: Sequence[Disk], on_serial: Optional[Callable[[str], None]] = None):
        self.disks = list(disks)
        self.on_serial = on_serial
        self.serial = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")   # a letter can come in two pieces
        self.process: Optional[subprocess.Popen] = None

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="ldmboot-qemu-"))
        try:
            for index, disk in enumerate(self.disks):
                disk.copy = self.folder / f"disk{index}.img"
                (make_overlay if disk.overlay else copy_sparse)(disk.image, disk.copy)
            self.start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, kind, error, trace) -> None:
        try:
            if kind is None:
                self.check_untouched()
        finally:
            self.end()

    def start(self) -> None:
        raise NotImplementedError

    def pump(self, seconds: float) -> None:
        """Take over serial text; waits at most `seconds` for some."""
        raise NotImplementedError

    def story(self, headline: str) -> str:
        """A message for a person who has to find out what went wrong."""
        raise NotImplementedError

    def check_untouched(self) -> None:
        """Stop it, and see that no disk was written to."""
        raise NotImplementedError

    def end(self) -> None:
        """End the process, whatever state it is in, and remove the copies."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait(self, condition: Callable[[], object], what: str, limit: float = LIMIT):
        """Wait until `condition` returns something true; returns that."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            found = condition()
            if found:
                return found
            self.pump(POLL)
        raise BootError(self.story(f"waited in vain for {what}"))

    def wait_serial(self, pattern: str, limit: float = LIMIT) -> "re.Match[str]":
        """Wait for text on the serial line; `pattern` is a regular expression (^ and $ match at lines)."""
        return self.wait(lambda: re.search(pattern, self.serial, re.MULTILINE), f"serial /{pattern}/", limit)

    def took_text(self, data: bytes) -> None:
        text = self.decoder.decode(data).replace("\r", "")
        self.serial += text
        if self.on_serial:
            self.on_serial(text)

    def compare_disks(self) -> None:
        """Every copy still equals its original, byte for byte."""
        for disk in (d for d in self.disks if not d.overlay):
            where = first_difference(disk.image, disk.copy)
            assert where is None, f"{disk.image}: changed at offset {where} (sector {where // 512})"


class Machine(Guest):
    """A PC. Use it in a with statement: leaving it checks all disks and always ends QEMU.

    disks      list of Disk
    firmware   further arguments that choose a firmware; none: QEMU's BIOS (SeaBIOS)
    icount     count instructions: the time stamp counter is then the same in every run
    display    "none", or one of QEMU's displays
    on_serial  called with each piece of serial text as it comes
    extra      further arguments of QEMU
    vga        QEMU's name of a display card, or "none"
    has_serial there is a serial port
    """

    def __init__(self, disks: Sequence[Disk], firmware: Sequence[str] = (), icount: bool = False,
                 display: str = "none", memory: int = 256, on_serial: Optional[Callable[[str], None]] = None,
                 extra: Sequence[str] = (), vga: str = "std", has_serial: bool = True):
        super().__init__(disks, on_serial)
        self.firmware = list(firmware)
        self.icount = icount
        self.display = display
        self.memory = memory
        self.extra = list(extra)
        self.vga = vga
        self.has_serial = has_serial
        self.serial_ends: List[int] = []

    # ------------------------------------------------------------ start and end

    def start(self) -> None:
        self.open_serial()
        with self.listen("qmp") as qmp, open(self.folder / "qemu.log", "w") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                self.qmp = Qmp(self.accept(qmp))
            except OSError:
                raise BootError(f"QEMU did not start: {(self.folder / 'qemu.log').read_text()}")
        self.qmp.call("cont")

    def end(self) -> None:
        super().end()
        for end in self.serial_ends:
            os.close(end)
        self.serial_ends = []

    def open_serial(self) -> None:
        """Two pipes. A socket holds a few hundred of the serial line's one-byte writes only; when nobody
        reads for a second, firmware gives up on the line and drops text."""
        for name in ("serial.in", "serial.out"):
            os.mkfifo(self.folder / name)
        self.serial_ends = [os.open(self.folder / "serial.in", os.O_RDWR),
                            os.open(self.folder / "serial.out", os.O_RDONLY | os.O_NONBLOCK)]
        self.serial_to, self.serial_from = self.serial_ends

    def listen(self, name: str) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.folder / name))
        listener.listen(1)
        listener.settimeout(1)
        return listener

    def accept(self, listener: socket.socket) -> socket.socket:
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            with contextlib.suppress(socket.timeout):
                connection, _ = listener.accept()
                connection.setblocking(True)
                return connection
            if self.process.poll() is not None:
                break
        raise ConnectionError(listener)

    def command(self) -> List[str]:
        arguments = ["qemu-system-x86_64", "-accel", "tcg", "-m", str(self.memory), "-nodefaults", "-no-user-config",
                     "-S", "-vga", self.vga, "-display", self.display, "-net", "none",
                     "-chardev", f"pipe,id=serial,path={self.folder}/serial", "-serial", "chardev:serial" if self.has_serial else "none",
                     "-qmp", f"unix:{self.folder}/qmp"]
        if self.icount:
            arguments += ["-icount", "shift=0,sleep=off"]
        return arguments + self.firmware + self.disk_arguments() + self.extra

    def disk_arguments(self) -> List[str]:
        arguments, used = [], {}
        for index, disk in enumerate(self.disks):
            controllers, device = BUSES[disk.bus]
            n = used.get(disk.bus, 0)
            used[disk.bus] = n + 1
            if n == 0:
                arguments += [part for c in controllers for part in ("-device", c)]
            device = device.format(n=n) + f",id=dev{index},drive=disk{index}"
            if disk.bus == "floppy":       # its controller is on the board, and holds its place in the boot order
                arguments += ["-global", f"isa-fdc.bootindexA={disk.boot}"]
            elif disk.boot is not None:
                device += f",bootindex={disk.boot}"
            if disk.silent:                # or QEMU itself reads sector 0, to guess them
                device += ",cyls=260,heads=16,secs=63"
            arguments += ["-drive", self.drive(index, disk), "-device", device]
        return arguments

    @staticmethod
    def drive(index: int, disk: Disk) -> str:
        format_name = "qcow2" if disk.overlay else "raw"
        options = f"if=none,id=disk{index},format={format_name},cache=unsafe,"
        if disk.silent:
            return options + f"file.driver=nbd,file.server.type=unix,file.server.path={disk.silent.path}"
        if not disk.unreadable:
            return options + f"file={disk.copy}"
        options += f"file.driver=blkdebug,file.image.driver=file,file.image.filename={disk.copy}"
        for n, sector in enumerate(disk.unreadable):
            error = f"file.inject-error.{n}"
            options += f",{error}.event=none,{error}.iotype=read,{error}.sector={sector},{error}.once=off"
        return options

    # ------------------------------------------------------------ what the guest shows

    def pump(self, seconds: float) -> None:
        if not select.select([self.serial_from], [], [], seconds)[0]:
            return
        data = os.read(self.serial_from, 65536)
        if not data:                     # QEMU closed the line: it went away
            raise MachineGone(self.story("QEMU went away"))
        self.took_text(data)

    def screen(self) -> str:
        """The text on the VGA screen."""
        return text_of_screen(self.memory_at(SCREEN_TEXT, COLUMNS * ROWS * 2))

    def memory_at(self, address: int, size: int) -> bytes:
        file = self.folder / "memory.bin"
        self.qmp.call("pmemsave", val=address, size=size, filename=str(file))
        return file.read_bytes()

    def word(self, address: int) -> int:
        """16 bits of the guest's memory."""
        return int.from_bytes(self.memory_at(address, 2), "little")

    def wait_screen(self, pattern: str, limit: float = LIMIT) -> "re.Match[str]":
        """Wait for text on the screen."""
        return self.wait(lambda: re.search(pattern, self.screen(), re.MULTILINE), f"screen /{pattern}/", limit)

    def story(self, headline: str) -> str:
        try:
            screen = self.screen()
        except (BootError, OSError, ValueError):
            screen = "(not available)"
        log = (self.folder / "qemu.log").read_text()
        return f"{headline}\n--- serial ---\n{self.serial}\n--- screen ---\n{screen}\n--- QEMU ---\n{log}"

    def screenshot(self, target: Path) -> None:
        """The screen as a PNG file."""
        target.parent.mkdir(parents=True, exist_ok=True)
        self.qmp.call("screendump", filename=str(target), format="png")

    # ------------------------------------------------------------ what the person does

    def press(self, *keys: str) -> None:
        """Press keys together, by QEMU's names ("ret", "ctrl", "a")."""
        self.qmp.call("send-key", keys=[{"type": "qcode", "data": key} for key in keys])

    def type_serial(self, text: str) -> None:
        os.write(self.serial_to, text.encode())

    # ------------------------------------------------------------ what the disks went through

    def statistics(self, disk: Disk) -> dict:
        name = f"disk{self.disks.index(disk)}"
        return next(d["stats"] for d in self.qmp.call("query-blockstats") if d.get("device") == name)

    def reads(self, disk: Disk) -> Reads:
        stats = self.statistics(disk)
        return Reads(stats["rd_operations"], stats["rd_bytes"])

    def check_untouched(self) -> None:
        """No write was tried on any disk, and every copy still equals its original."""
        for disk in self.disks:
            if disk.silent:
                disk.silent.close()      # QEMU would wait for its answers before it stops
        self.qmp.call("stop")
        for disk in self.disks:
            stats = self.statistics(disk)
            tried = {key: stats[key] for key in ("wr_operations", "failed_wr_operations", "invalid_wr_operations",
                                                 "unmap_operations") if stats[key]}
            assert not tried, self.story(f"{disk.image} was written to: {tried}")
        with contextlib.suppress(BootError, OSError):      # its answer may be lost when it is quick to end
            self.qmp.call("quit")
        self.process.wait(LIMIT)
        self.compare_disks()
