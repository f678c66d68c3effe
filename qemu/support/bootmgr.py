# SPDX-License-Identifier: GPL-2.0-or-later
"""The stand-in for BOOTMGR that a system volume in memory starts (qemu/payloads/bios-bootmgr.c), the volume of a Windows
whose own system volume is lost, and what the stand-in is told to expect."""
import struct
from pathlib import Path

from . import disks, payloads
from .harness import BUILD
from .winload import winload

FILE_BYTES = 100_000          # Microsoft's have 300 to 420 KB; more than one segment, so that two are loaded
PCAT = "Windows/Boot/PCAT/bootmgr"
WINLOAD_EXE = "Windows/System32/winload.exe"
STORE_PATH = "\\Windows\\system32\\winload.exe"
WINLOAD_BYTES = 200_000
MARK = b"LDMBOOT-BOOTMGR1"
NO_FILL, ALONE, NTLDR = 1, 2, 4
NTDETECT = b"\xe9NTDETECT of the tests" * 2000   # Microsoft's has 47 KB

# A server of 2008 R2: system volume ("System Reserved") and Windows on disk 1, Windows alone mirrored.
SERVER = """
define size 200M
define table mbr
define flags boot
group Server-Dg0 transaction=40
disk Disk1 size=200M missing=yes
disk Disk2 table=$table size=$size signature=0x1234ABCD
volume Volume1 size=20480 flags=system
  component Volume1-01
    partition Disk1-01 disk=Disk1 lba=63 size=20480
volume Volume2 hint=C: size=163840 flags=$flags
  component Volume2-01
    partition Disk1-02 disk=Disk1 lba=40000 size=163840
  component Volume2-02
    partition Disk2-01 disk=Disk2 lba=$lba size=163840
content Volume2-02 file=$volume
"""
VOLUME_SECTORS = 163840


def bootmgr_file() -> bytes:
    """The program, and behind it bytes of which no two sectors are the same."""
    program = payloads.payload("bios-bootmgr")
    rest = b"".join(struct.pack("<I", 0x51ED0000 + i) for i in range((FILE_BYTES - len(program)) // 4 + 1))
    return (program + rest)[:FILE_BYTES]


def windows_volume(target: Path, *more: str, bootmgr: bytes = None, pcat: str = PCAT, winload_exe: bytes = None) -> Path:
    """C: of a Windows without its system volume. `more`: further files, PATH=FILE; pcat: where its spare BOOTMGR is."""
    folder = target.parent
    (folder / "bootmgr").write_bytes(bootmgr_file() if bootmgr is None else bootmgr)
    (folder / "winload.exe").write_bytes(winload("ia32", WINLOAD_BYTES) if winload_exe is None else winload_exe)
    disks.run(BUILD / "mkvolume", "-s", VOLUME_SECTORS * 512, "-p", 63, "-l", "Windows", target,
              f"{pcat}={folder / 'bootmgr'}", f"{WINLOAD_EXE}={folder / 'winload.exe'}", *more)
    return target


def nt_volume(target: Path) -> Path:
    """Windows of NTLDR's time, whose NTLDR was on another volume."""
    kernel = target.parent / "ntoskrnl.exe"
    kernel.write_bytes(winload("ia32", WINLOAD_BYTES))
    disks.run(BUILD / "mkvolume", "-s", VOLUME_SECTORS * 512, "-p", 63, "-l", "Windows", target,
              f"WINDOWS/system32/ntoskrnl.exe={kernel}")
    return target


def nt_files(folder: Path, image: Path, windows_lba: int, number: int) -> dict:
    """What an administrator puts on the stick for it, with the stand-in as NTLDR: names and files."""
    folder.mkdir(exist_ok=True)
    (folder / "NTLDR").write_bytes(bootmgr_file())
    (folder / "NTDETECT.COM").write_bytes(NTDETECT)
    expect(image, windows_lba, NTLDR, program=folder / "NTLDR", number=number)
    return {f"system/{name}": folder / name for name in ("NTLDR", "NTDETECT.COM")}


def expect(image: Path, windows_lba: int, flags: int = 0, known_at=lambda lba: lba, program: Path = None, number: int = 0) -> None:
    """Tell the stand-in, in a disk image or in its own file, what to find. known_at: where a sector of the image is shown."""
    known = find(image, winload("ia32", WINLOAD_BYTES)[4096:4608])
    path = (STORE_PATH + "\0").encode("utf-16-le")
    data = struct.pack("<9I", windows_lba, known_at(known // 512), payloads.sum32(payloads.read_at(image, known, 512)), FILE_BYTES,
                       flags, sum(path), number, len(NTDETECT), payloads.sum32(NTDETECT + bytes(-len(NTDETECT) % 4)))
    program = program or image
    places = list(payloads.find_mark(program, MARK))
    assert places, f"no stand-in in {program}"
    for place in places:
        payloads.write_at(program, place + payloads.DATA_OFFSET, data)


def find(image: Path, sector: bytes) -> int:
    """Where these 512 bytes stand in the image."""
    with open(image, "rb") as file:
        for start, length in payloads.data_ranges(file.fileno()):
            file.seek(start)
            at = file.read(length).find(sector)
            if at >= 0:
                return start + at
    raise AssertionError(f"not in {image}")


def server(folder: Path, volume: Path, lba: int = 40000, flags: int = 0, more: str = "", **values) -> Path:
    """The disk that survived of the server."""
    disks.mkldm(folder, SERVER + more, volume=volume, lba=lba, **values)
    image = folder / "Disk2.img"
    expect(image, lba, flags)
    return image
