# SPDX-License-Identifier: GPL-2.0-or-later
"""
A PC that Bochs plays: a ROM BIOS and a processor that are not QEMU's and SeaBIOS's.

Bochs's terminal is a pseudo-terminal of ours; with the debugger in it, it opens another one for the screen, and says so.
Both are read: it stops for ever at the first byte that finds no room there. The serial port it writes to a file.
An error line or a panic in its log is a failure, and so is Bochs's end. It has no counters of writes: the disks'
copies, which it could write to, are compared with their originals.

Facts: bochsrc(5).
"""
import errno
import os
import pty
import re
import select
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import List, Optional, Sequence

from .harness import Disk, Guest, MachineGone

ROMS = Path("/usr/share/bochs")
DISPLAY_ROM = Path("/usr/share/vgabios/vgabios.bin")
TERMINAL = Path("/usr/lib")               # libbx_term_gui.so is below, in a folder named after the processor
PROGRAM = "/usr/bin/bochs"
BIOSES = ("BIOS-bochs-latest", "BIOS-bochs-legacy")
BAD_LINE = re.compile(r"^\d+[pe]\[.*$", re.MULTILINE)
NO_MEDIUM = "No bootable device"           # what a BIOS that works says where there is none
ITS_SCREEN = re.compile(rb'Bochs connected to screen "(/dev/[^"]+)"')
PLACES = ("ata0-master", "ata0-slave", "ata1-master", "ata1-slave")
STORY_LINES = 40

CONFIG = """\
display_library: term
romimage: file={rom}
vgaromimage: file={display_rom}
cpu: model={cpu}, count=1, ips=20000000, reset_on_triple_fault=0
clock: sync=none
memory: guest={memory}, host={memory}
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15
{drives}
boot: {boot}
com1: enabled=1, mode=file, dev={folder}/serial.txt
log: {folder}/bochs.log
logprefix: %t%e%d
panic: action=fatal
error: action=report
info: action=report
debug: action=ignore
sound: waveoutdrv=dummy
"""


def missing(bios: str = BIOSES[0]) -> Optional[str]:
    """What of it is not on this machine, in words; None: all is there."""
    for file, what in ((Path(PROGRAM), "Bochs (package bochs)"), (ROMS / bios, f"its {bios} (package bochsbios)"),
                       (DISPLAY_ROM, "a ROM for its display (package vgabios)")):
        if not file.exists():
            return f"{what} is not on this machine: {file}"
    if not list(TERMINAL.glob("**/bochs/plugins/libbx_term_gui.so*")):
        return "Bochs's text screen (package bochs-term) is not on this machine"
    return None


@lru_cache(maxsize=None)
def waits_for_command() -> bool:
    """Debian's has the debugger in it, which waits for a command before the machine starts."""
    done = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    return "-rc " in done.stdout + done.stderr


@lru_cache(maxsize=None)
def usual_cpu() -> str:
    """Bochs's own model of a processor; or, where there is none any more (3.0), one that each version has."""
    done = subprocess.run([PROGRAM, "--help", "cpu"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    return "bx_generic" if "bx_generic" in done.stdout + done.stderr else "p4_willamette"


@lru_cache(maxsize=None)
def rom_fault(bios: str) -> Optional[str]:
    """What ends this BIOS before it looks for a medium, in Bochs's words; None: nothing does. Ubuntu 24.04's
    BIOS-bochs-latest jumps to 322F3130h, which is "01/2" of its date 08/01/21; the other one there works."""
    try:
        with BochsMachine([], bios=bios) as guest:
            guest.wait_serial("there is no medium, so nobody says anything")
    except (AssertionError, MachineGone) as end:
        bad = BAD_LINE.search(str(end))
        if not bad:
            raise
        return None if NO_MEDIUM in str(end) else bad[0]
    return None


@lru_cache(maxsize=None)
def usual_bios() -> str:
    """The first one that works."""
    return next((bios for bios in BIOSES if not rom_fault(bios)), BIOSES[0])


class BochsMachine(Guest):
    """disks: in the BIOS's order; but one whose bus is "floppy" is in drive A:, and is started then. Other buses do not
    count. cd: an image, on the last place of the second channel, which is started then; cpu: a name that
    `bochs --help cpu` lists."""

    def __init__(self, disks: Sequence[Disk], bios: str = "", cpu: str = "", memory: int = 64, cd: Optional[Path] = None):
        super().__init__(disks)
        self.bios = bios or usual_bios()
        self.cpu = cpu or usual_cpu()
        self.memory = memory
        self.cd = cd
        self.terminals: List[int] = []
        self.drawn = 0
        self.said = b""
        self.read_bytes = 0

    def start(self) -> None:
        (self.folder / "bochsrc").write_text(self.config())
        (self.folder / "commands").write_text("continue\n")
        (self.folder / "serial.txt").touch()
        ours, end = pty.openpty()
        self.terminals.append(ours)
        command = [PROGRAM, "-q", "-f", "bochsrc"] + (["-rc", "commands"] if waits_for_command() else [])
        self.process = subprocess.Popen(command, stdin=end, stdout=end, stderr=end, cwd=self.folder,
                                        env={**os.environ, "TERM": "linux"}, start_new_session=True)
        os.close(end)

    def config(self) -> str:
        return CONFIG.format(rom=ROMS / self.bios, display_rom=DISPLAY_ROM, cpu=self.cpu, memory=self.memory,
                             drives="\n".join(self.drives()), boot=self.boots_from(), folder=self.folder)

    def boots_from(self) -> str:
        if any(disk.bus == "floppy" for disk in self.disks):
            return "floppy"
        return "cdrom" if self.cd else "disk"

    def drives(self) -> List[str]:
        fixed = [disk for disk in self.disks if disk.bus != "floppy"]
        assert len(fixed) <= len(PLACES) - (self.cd is not None)
        lines = [f"{place}: type=disk, path={disk.copy}, mode=flat" for place, disk in zip(PLACES, fixed)]
        lines += [f"floppya: 1_44={disk.copy}, status=inserted" for disk in self.disks if disk.bus == "floppy"]
        if self.cd:
            lines.append(f"{PLACES[-1]}: type=cdrom, path={self.cd}, status=inserted")
        return lines

    def end(self) -> None:
        super().end()
        while self.terminals:
            os.close(self.terminals.pop())

    def pump(self, seconds: float) -> None:
        """What is drawn is thrown away."""
        for terminal in select.select(self.terminals, [], [], seconds)[0]:
            self.take_drawn(terminal)
        self.take_serial()
        self.check_log()
        if self.process.poll() is not None:
            raise MachineGone(self.story(f"Bochs ended, exit status {self.process.returncode}"))

    def take_drawn(self, terminal: int) -> None:
        try:
            data = os.read(terminal, 65536)
        except OSError as error:
            if error.errno != errno.EIO:       # Linux: the other end is closed
                raise
            return
        if terminal != self.terminals[0]:
            self.drawn += len(data)
        elif len(self.terminals) == 1:
            self.said = (self.said + data)[-1000:]
            found = ITS_SCREEN.search(self.said)
            if found:
                self.terminals.append(os.open(found[1], os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK))

    def take_serial(self) -> None:
        with open(self.folder / "serial.txt", "rb") as file:
            file.seek(self.read_bytes)
            data = file.read()
        self.read_bytes += len(data)
        if data:
            self.took_text(data)

    def log(self) -> str:
        file = self.folder / "bochs.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def check_log(self) -> None:
        bad = BAD_LINE.search(self.log())
        assert not bad, self.story(f"Bochs says: {bad[0]}")

    def story(self, headline: str) -> str:
        log = "\n".join(self.log().splitlines()[-STORY_LINES:])
        return f"{headline}\n--- serial ---\n{self.serial}\n--- Bochs ---\n{log}"

    def check_untouched(self) -> None:
        self.check_log()
        assert self.drawn or not waits_for_command(), self.story("nobody reads what Bochs draws")
        self.process.kill()
        self.process.wait()
        self.compare_disks()
