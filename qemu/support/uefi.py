# SPDX-License-Identifier: GPL-2.0-or-later
"""
UEFI on top of harness.py: a PC with OVMF instead of the BIOS, Windows volumes whose boot
manager is the stand-in, and what a boot is checked for.

Without a display adapter OVMF's console is the serial line, as text.
"""
import random
import re
import shutil
import struct
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Dict, List, Optional, Sequence

from . import boots, mok
from .disks import STICK_PARTITION, run
from .harness import BUILD, ROOT, Disk, Machine
from .winload import winload

sys.path.insert(0, str(ROOT / "efi"))
import finish_pe  # noqa: E402  (it knows PE files)

OVMF = Path("/usr/share/OVMF")

# Code and variables (Debian's packages ovmf, ovmf-ia32), and what the machine must be like. Of 32 bits Debian 12 has only
# the code for Secure Boot; Ubuntu 24.04's of those dies by itself, on a machine without any disk.
IA32 = ("OVMF32_CODE_4M.fd", "q35") if (OVMF / "OVMF32_CODE_4M.fd").exists() else ("OVMF32_CODE_4M.secboot.fd", "q35,smm=on")
FLAVOURS = {
    "x64":      ("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd", "q35"),
    "ia32":     (IA32[0], "OVMF32_VARS_4M.fd", IA32[1]),
    "ms":       ("OVMF_CODE_4M.secboot.fd", "OVMF_VARS_4M.ms.fd", "q35,smm=on"),
    "snakeoil": ("OVMF_CODE_4M.secboot.fd", "OVMF_VARS_4M.snakeoil.fd", "q35,smm=on"),
}

BOOTMGFW = "Windows/Boot/EFI/bootmgfw.efi"
WINLOAD = "Windows/System32/winload.efi"
GAVE_UP = r"^The next boot device is tried after a key"
FIRMWARE_GOES_ON = r"BdsDxe: (failed to start|loading Boot0002|No bootable option)|UEFI Interactive Shell"


def have(flavour: str) -> bool:
    return all((OVMF / name).exists() for name in FLAVOURS[flavour][:2])


class UefiMachine(Machine):
    """A machine with OVMF; `flavour` is a key of FLAVOURS. Variables are a copy, forgotten afterwards."""

    def __init__(self, disks, flavour: str = "x64", extra: Sequence[str] = (), mok: Optional[bytes] = None, **rest):
        """mok: a certificate (DER) that is among shim's keys."""
        super().__init__(disks, extra=["-vga", "none", *extra], **rest)
        self.flavour = flavour
        self.mok = mok

    def command(self):
        code, variables, machine = FLAVOURS[self.flavour]
        copy = self.folder / "variables.fd"
        shutil.copyfile(OVMF / variables, copy)
        if self.mok:
            mok.enrol(copy, self.mok)
        return super().command() + [
            "-machine", machine,
            "-global", "driver=cfi.pflash01,property=secure,value=" + ("on" if "smm" in machine else "off"),
            "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={OVMF / code}",
            "-drive", f"if=pflash,unit=1,format=raw,file={copy}"]

    def wait_verdict(self) -> List[str]:
        """Wait until the stand-in has judged; its lines."""
        self.wait_serial(rf"^STANDIN (PASS|FAIL .*)\n|{GAVE_UP}")
        return re.findall(r"^STANDIN (.*)$", self.serial, re.MULTILINE)

    def wait_refusal(self) -> List[str]:
        """Wait until ldmboot has given up; the numbers it printed. A key then gives the firmware its turn."""
        self.wait_serial(GAVE_UP)
        self.type_serial(" ")
        self.wait_serial(FIRMWARE_GOES_ON)
        assert not boots.boot_lines(self.serial), self.story("control was handed over")
        return codes(self.serial)


def codes(text: str) -> List[str]:
    return re.findall(r"^LDM-\d{4}", text, re.MULTILINE)


# ---------------------------------------------------------------- sticks and volumes

def put_files(image: Path, files: Dict[str, Path], offset: int = STICK_PARTITION) -> Path:
    """Copy files into the FAT partition of an image; directories are made. Names with '/' from the root."""
    at = f"{image}@@{offset}"
    folders = {"/".join(name.split("/")[:depth]) for name in files for depth in range(1, name.count("/") + 1)}
    for folder in sorted(folders):      # those that are there already are passed over
        subprocess.run(["mmd", "-D", "s", "-i", at, f"::/{folder}"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    for name, source in files.items():
        run("mcopy", "-o", "-i", at, source, f"::/{name}")
    return image


def standin(arch: str = "x64") -> Path:
    return BUILD / "qemu" / f"standin-{arch}.efi"


def windows_volume(target: Path, arch: str = "x64", bootmgfw: Optional[Path] = None, without: Sequence[str] = (),
                   sector: int = 512, size: str = "48M", action: str = "return", more: Sequence[str] = ()) -> Path:
    """An NTFS volume with the files that a Windows which starts by UEFI has; the stand-in is its boot manager.

    bootmgfw  another file as the boot manager
    without   BOOTMGFW, WINLOAD: not there
    action    what the stand-in does when all is well (winload.py)
    more      further arguments of mkvolume
    """
    loader = target.with_suffix(".winload")
    loader.write_bytes(winload(arch, action=action))
    files = {BOOTMGFW: bootmgfw or standin(arch), WINLOAD: loader}
    run(BUILD / "mkvolume", "-s", size, "-b", sector, "-p", 206848, "-l", "Windows", target,
        *[f"{name}={file}" for name, file in files.items() if name not in without], *more)
    return target


def big_boot_manager(target: Path, size: int, program: Optional[Path] = None) -> Path:
    """A program (the stand-in) made as long as a real boot manager: no two clusters equal, PE checksum right."""
    image = bytearray((program or standin()).read_bytes())
    image += random.Random(2).randbytes(size - len(image))
    field = finish_pe.Pe(image).optional + 64
    struct.pack_into("<I", image, field, finish_pe.checksum(image, field))
    target.write_bytes(image)
    return target


def put_windows(volume: Path, arch: str = "x64") -> None:
    """Copy the files into an NTFS volume that is there already."""
    loader = volume.with_suffix(".winload")
    loader.write_bytes(winload(arch))
    run(BUILD / "ntfsput", volume, f"{BOOTMGFW}={standin(arch)}", f"{WINLOAD}={loader}")


# ---------------------------------------------------------------- what a boot is checked for

def check_boot(machine: UefiMachine, images: Sequence[Path], lines: List[str],
               method: str = "uefi-ram") -> Dict[str, str]:
    """The stand-in passed, and half, place and boot store are as ldmboot-inspect foretells it for these disks."""
    assert lines and lines[-1] == "PASS", machine.story("the stand-in did not pass")
    line, = boots.boot_lines(machine.serial)
    boot = boots.parse_boot_line(line)
    store = machine.folder / "BCD"
    plan = boots.inspect(images, "--firmware", "uefi", "--bcd", store)["plan"]
    assert plan["result"] == "boot"
    assert boot["drive"] == "-"
    assert (boot["method"], plan["method"]) == (method, method)
    for key in ("volume", "guid", "component"):
        assert boot[key] == plan[key]
    for key in ("lba", "sectors", "extents"):
        assert int(boot[key]) == plan[key]
    if method == "uefi-ram" and partition_in_line(lines):
        assert partition_in_line(lines) in partitions_in_store(store), machine.story("not the partition of --bcd's store")
    return boot


def partition_in_line(lines: List[str]) -> Optional[str]:
    """The GUID of the partition that the stand-in found by the store's osdevice; None on an MBR disk."""
    return next((line.split("=")[1].split()[0] for line in lines if line.startswith("osdevice partition=")), None)


def partitions_in_store(store: Path) -> List[str]:
    """The partition GUIDs of the device elements in a boot store, by their bytes (docs/windows-boot.md)."""
    data, found = store.read_bytes(), []
    head = struct.pack("<16xIIII", 6, 0, 0x48, 0)
    at = data.find(head)
    while at >= 0:
        found.append(str(uuid.UUID(bytes_le=data[at + 0x20:at + 0x30])))
        at = data.find(head, at + 1)
    return found


def start(stick: Path, images: Sequence[Path], bus: str = "ahci", only_stick: bool = True, flavour: str = "x64",
          **rest) -> UefiMachine:
    """A machine with the stick on USB and these disks. only_stick: the firmware connects nothing else by itself."""
    return UefiMachine([Disk(stick, "usb", boot=0 if only_stick else None), *[Disk(image, bus) for image in images]],
                       flavour=flavour, **rest)
