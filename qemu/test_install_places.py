# SPDX-License-Identifier: GPL-2.0-or-later
"""What ldmboot-install writes can be started: a stick (as USB and as a fixed disk, BIOS and UEFI), a spare partition
of another disk (by its active flag, by GRUB, by UEFI), a boot sector file in the hands of a boot manager."""
import os
import shutil
from pathlib import Path

import pytest

from support import boots, disks, payloads, uefi
from support.harness import BUILD, Disk, Machine

SECTOR = disks.SECTOR
START, SECTORS = 20480, 20480       # the spare partition
GRUB = Path("/usr/lib/grub/i386-pc")

# A second disk with a spare partition 2 behind another one, in the terms of mkldm.
SPARE = f"""
group Spare-Dg0
disk Spare table=$kind size=$size dynamic=no sector0=$code
entry Spare type=$type start=2048 size=18432
entry Spare type=$type start={START} size={SECTORS} $more
"""
TYPES = {"mbr": "0x0E", "gpt": "basic"}


def install(*arguments) -> None:
    disks.run(BUILD / "ldmboot-install", arguments[0], "--yes", *arguments[1:])


def configure(image: Path, lba: int) -> None:
    """Do not wait before starting what was chosen."""
    file = image.with_suffix(".cfg")
    file.write_text("timeout = 0\n")
    disks.run("mcopy", "-D", "o", "-i", f"{image}@@{lba * SECTOR}", file, "::ldmboot.cfg")


@pytest.fixture(scope="module")
def written_stick(built, tmp_path_factory):
    """A stick that has been something else."""
    stick = tmp_path_factory.mktemp("written") / "stick.img"
    stick.write_bytes(os.urandom(512) * (2 * 20 * 1024))
    install("stick", stick)
    configure(stick, 2048)
    return stick


def spare(folder: Path, kind: str, code: str = "code", more: str = "", size: str = "32M",
          bootsector_file: Path = None) -> Path:
    """A disk with a boot partition of ldmboot's on its spare partition."""
    own = folder / "spare"
    own.mkdir()
    disks.mkldm(own, SPARE, kind=kind, code=code, type=TYPES[kind], more=more, size=size)
    image = own / "Spare.img"
    options = ["--bootsector-file", bootsector_file] if bootsector_file else []
    install("partition", *options, f"{image}:2")
    configure(image, START)
    return image


def starts(machine_disks, image: Path, drive: int) -> None:
    """The BIOS starts the first disk, and the server's volume gets control."""
    fixed = [disk.image for disk in machine_disks if disk.bus not in ("usb", "floppy")]
    with Machine(machine_disks) as machine:
        boots.wait_for_boot(machine, fixed, drive)
        boots.wait_for_pass(machine)


# ---------------------------------------------------------------- stick

@pytest.mark.parametrize("bus", ["usb", "ahci", "ide"])
@pytest.mark.quick("usb", "ahci")
def test_stick_by_bios(bus, written_stick, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2003))
    starts([Disk(written_stick, bus, boot=0), Disk(image, "virtio", boot=1)], image, 0x81)


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
@pytest.mark.parametrize("bus", ["usb", "nvme"])
def test_stick_by_uefi(bus, written_stick, windows, tmp_path):
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=windows())
    image = tmp_path / "Disk2.img"
    with uefi.UefiMachine([Disk(written_stick, bus, boot=0), Disk(image, "ahci")]) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())


def test_updated_stick(written_stick, volume, tmp_path):
    """With stage 2 and a program destroyed it starts again after an update, with the configuration that it had."""
    stick = tmp_path / "stick.img"
    disks.copy_sparse(written_stick, stick)
    payloads.write_at(stick, (2048 + 9) * SECTOR, b"\xCC" * 50 * SECTOR)
    install("update", stick)
    image = boots.degraded(tmp_path, volume(2008))
    starts([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1)], image, 0x81)


# ---------------------------------------------------------------- spare partition

def active_code(name: str, folder: Path, real) -> Path:
    """440 bytes that start the active partition: ours, or Windows's own."""
    if name == "own":
        return BUILD / "bios" / "mbr.bin"
    code = folder / "code"
    code.write_bytes(payloads.read_at(real(name), 0, 440))
    return code


@pytest.mark.parametrize("code", ["own", "ldm-2003r2-simple-1"])
def test_active_partition(code, volume, tmp_path, real):
    """Windows's code goes by the CHS of the entry: on a disk that large, every BIOS has the geometry that they are for."""
    image = boots.degraded(tmp_path, volume(2003))
    disk = spare(tmp_path, "mbr", active_code(code, tmp_path, real), "active=yes", size="9G")
    starts([Disk(disk, "ahci", boot=0), Disk(image, "ahci", boot=1)], image, 0x81)


def grub_floppy(target: Path, root: str) -> Path:
    """GRUB on a floppy that starts a partition's first sector."""
    commands = target.with_suffix(".cfg")
    commands.write_text(f"set root={root}\nchainloader +1\nboot\n")
    core = target.with_suffix(".core")
    disks.run("grub-mkimage", "-O", "i386-pc", "-p", "/", "-c", commands, "-o", core,
              "biosdisk", "part_msdos", "part_gpt", "chain", "boot")
    target.write_bytes(((GRUB / "boot.img").read_bytes() + core.read_bytes()).ljust(payloads.FLOPPY_BYTES, b"\0"))
    return target


@pytest.mark.skipif(not GRUB.exists() or not shutil.which("grub-mkimage"), reason="no grub-pc-bin")
@pytest.mark.parametrize("kind, root", [("gpt", "(hd0,gpt2)"), ("mbr", "(hd0,msdos2)")])
def test_chainloaded_by_grub(kind, root, volume, tmp_path):
    image = boots.degraded(tmp_path, volume(2008))
    disk = spare(tmp_path, kind)
    floppy = grub_floppy(tmp_path / "grub.img", root)
    starts([Disk(floppy, "floppy", boot=0), Disk(disk, "ahci", boot=1), Disk(image, "ahci", boot=2)], image, 0x81)


@pytest.mark.skipif(not GRUB.exists() or not shutil.which("grub-mkimage"), reason="no grub-pc-bin")
def test_basic_partition_of_the_dynamic_disk_itself(volume, tmp_path):
    """One disk is all that is left, and it carries ldmboot too: a GPT disk with a basic partition beside its regions."""
    lba = 70000
    disks.mkldm(tmp_path, boots.DEGRADED.replace("table=$table size=$size", "table=gpt size=128M private=61440 "
                                                 "public=63488 public-size=190000 msr=0 cover=no")
                + "entry Disk2 type=ldm-data start=63488 size=190000\n"
                f"entry Disk2 type=basic start={START} size={SECTORS} slot=4\n",
                volume=volume(2008), lba=lba)
    image = tmp_path / "Disk2.img"
    install("partition", f"{image}:4")
    configure(image, START)
    boots.expect(image, lba)
    floppy = grub_floppy(tmp_path / "grub.img", "(hd0,gpt4)")
    starts([Disk(floppy, "floppy", boot=0), Disk(image, "ahci", boot=1)], image, 0x80)


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
@pytest.mark.parametrize("kind", ["mbr", "gpt"])
def test_partition_by_uefi(kind, windows, tmp_path):
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=windows())
    image = tmp_path / "Disk2.img"
    with uefi.UefiMachine([Disk(spare(tmp_path, kind), "nvme", boot=0), Disk(image, "ahci")]) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())


# ---------------------------------------------------------------- EFI system partition

@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
def test_efi_system_partition(windows, tmp_path):
    """The programs are in a folder of their own; OVMF's shell starts them as a boot entry would."""
    disks.mkldm(tmp_path, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=windows())
    image = tmp_path / "Disk2.img"
    root = tmp_path / "esp"
    (root / "EFI").mkdir(parents=True)
    (root / "ldmboot.cfg").write_text("timeout = 0\n")
    install("esp", root)
    (root / "startup.nsh").write_text("\r\n".join(rf"FS{n}:\EFI\ldmboot\BOOTX64.EFI" for n in range(4)))
    esp = tmp_path / "esp.img"
    disks.run("mkfs.fat", "-C", esp, 32 * 1024)
    disks.run("mcopy", "-s", "-i", esp, *root.iterdir(), "::/")
    with uefi.UefiMachine([Disk(esp, "ahci"), Disk(image, "ahci")]) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())


# ---------------------------------------------------------------- boot sector file

def boot_manager(folder: Path, file: Path) -> Path:
    """A disk whose sector 0 starts a boot sector file as NTLDR and BOOTMGR do."""
    target = folder / "manager.img"
    sector0 = payloads.payload("bootmanager").ljust(510, b"\0") + b"\x55\xAA"
    assert len(sector0) == SECTOR
    target.write_bytes((sector0 + file.read_bytes()).ljust(4 << 20, b"\0"))
    return target


def test_bootsector_file(volume, tmp_path):
    """The file says nothing of the drive, and DL says the wrong one: 80h is the boot manager's disk."""
    image = boots.degraded(tmp_path, volume(2003))
    file = tmp_path / "ldmboot.bin"
    disk = spare(tmp_path, "mbr", bootsector_file=file)
    manager = boot_manager(tmp_path, file)
    with Machine([Disk(manager, "ahci", boot=0), Disk(image, "ahci", boot=1), Disk(disk, "ahci", boot=2)]) as machine:
        machine.wait_serial("MANAGER: starts the boot sector file")
        boots.wait_for_boot(machine, [manager, image, disk], 0x81)
        boots.wait_for_pass(machine)
