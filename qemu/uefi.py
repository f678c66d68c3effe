# SPDX-License-Identifier: GPL-2.0-or-later
"""
UEFI on top of harness.py: a PC with OVMF instead of the BIOS, and sticks for it.

Used by qemu/test_uefi_*.py, the demo and the benchmark. Without a display adapter
OVMF's console is the serial line, as text.
"""
import shutil
import subprocess
from pathlib import Path
from typing import Dict, Sequence

from harness import BootError, Machine

OVMF = Path("/usr/share/OVMF")
SNAKEOIL = Path("/usr/share/ovmf")   # key and certificate that Debian's OVMF can have enrolled; public, for tests only
STICK_OFFSET = 2048 * 512            # of the partition on a stick
SECTOR = 512

# Code and variables (Debian's package ovmf, ovmf-ia32), and what the machine must be like.
FLAVOURS = {
    "x64":      ("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd", "q35"),
    "ia32":     ("OVMF32_CODE_4M.secboot.fd", "OVMF32_VARS_4M.fd", "q35,smm=on"),
    "snakeoil": ("OVMF_CODE_4M.secboot.fd", "OVMF_VARS_4M.snakeoil.fd", "q35,smm=on"),
}


def have(flavour: str) -> bool:
    return all((OVMF / name).exists() for name in FLAVOURS[flavour][:2])


class UefiMachine(Machine):
    """A machine with OVMF; `flavour` is a key of FLAVOURS. Variables are a copy, forgotten afterwards."""

    def __init__(self, disks, flavour: str = "x64", extra: Sequence[str] = (), **rest):
        super().__init__(disks, extra=["-vga", "none", *extra], **rest)
        self.flavour = flavour

    def command(self):
        code, variables, machine = FLAVOURS[self.flavour]
        copy = self.folder / "variables.fd"
        shutil.copyfile(OVMF / variables, copy)
        return super().command() + [
            "-machine", machine, "-global", "driver=cfi.pflash01,property=secure,value=" + ("on" if "smm" in machine else "off"),
            "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={OVMF / code}",
            "-drive", f"if=pflash,unit=1,format=raw,file={copy}"]

    def wait_end(self, limit=None):
        """Wait until ldmboot has given control back and the firmware goes on."""
        return self.wait_serial(r"(?m)^(BdsDxe: |UEFI Interactive Shell|Shell>)", **({"limit": limit} if limit else {}))


def run(*command) -> None:
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise BootError(f"{' '.join(map(str, command))}: {done.stdout}")


def put_files(image: Path, files: Dict[str, Path], offset: int = STICK_OFFSET) -> Path:
    """Copy files into the FAT partition of an image; directories are made. Names with '/' from the root."""
    at = f"{image}@@{offset}"
    made = set()
    for name, source in files.items():
        parts = name.strip("/").split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folder not in made:
                subprocess.run(["mmd", "-D", "s", "-i", at, "::/" + folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL)   # it may be there already
                made.add(folder)
        run("mcopy", "-o", "-i", at, source, "::/" + "/".join(parts))
    return image


def make_stick(image: Path, files: Dict[str, Path], mib: int = 16) -> Path:
    """A stick with one FAT partition that holds these files."""
    sectors = mib * 2048
    sector0 = bytearray(SECTOR)
    sector0[446:462] = bytes([0x80, 0xFE, 0xFF, 0xFF, 0x0C, 0xFE, 0xFF, 0xFF]) + (2048).to_bytes(4, "little") \
        + (sectors - 2048).to_bytes(4, "little")
    sector0[510:512] = b"\x55\xAA"
    with open(image, "wb") as f:
        f.write(sector0)
        f.truncate(sectors * SECTOR)
    run("mkfs.fat", "--offset", "2048", "-F", "16", "-n", "LDMBOOT", image, (sectors - 2048) // 2)
    return put_files(image, files)
