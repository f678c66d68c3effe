# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot.lkrn starts as a Linux kernel, in real mode (qemu -kernel, GRUB's linux16, the syslinux family, iPXE) and in
protected mode (GRUB's linux), and does what its command line says."""
import shutil
import struct
import tarfile
from pathlib import Path

import pytest

from support import boots, disks, media, payloads
from support.harness import BUILD, Disk, Machine

KERNEL = BUILD / "ldmboot.lkrn"
GRUB = Path("/usr/lib/grub/i386-pc")
ISOLINUX = Path("/usr/lib/ISOLINUX/isolinux.bin")
PXELINUX = Path("/usr/lib/PXELINUX/pxelinux.0")
SYSLINUX_MBR = Path("/usr/lib/syslinux/mbr/mbr.bin")
LDLINUX = Path("/usr/lib/syslinux/modules/bios/ldlinux.c32")

# A second volume that is as good: when the command line names none, a person is asked.
OTHER = """
volume "Volume 2" hint=D: size=81920 flags=boot,system
  component Volume2-01
    partition Disk2-02 disk=Disk2 lba=110000 size=81920
content Volume2-01 file=$volume
"""
SETTINGS = 'timeout=0 "volume=Volume 2"'
SYSLINUX_CONFIG = f"DEFAULT ldmboot\nLABEL ldmboot\n  KERNEL ldmboot.lkrn\n  APPEND {SETTINGS}\n"


@pytest.fixture
def image(built, volume, tmp_path):
    """The disk of a server with two volumes to choose from; the stand-in on the second knows where it is."""
    disks.mkldm(tmp_path, boots.DEGRADED + OTHER, volume=volume(2003), lba=20000)
    made = tmp_path / "Disk2.img"
    boots.expect(made, 110000, flags=payloads.HANDED_OVER)
    return made


def starts_second_volume(image: Path, extra, more=(), drive: str = "80") -> None:
    with Machine([*more, Disk(image, "ahci", boot=5)], extra=extra) as machine:
        machine.wait_serial(r"^LDM-BOOT .*\n")
        line, = boots.boot_lines(machine.serial)
        fields = boots.parse_boot_line(line)
        assert (fields["volume"], fields["drive"], fields["lba"]) == ("Volume 2", drive, "110000")
        assert "LDM-01" not in machine.serial, machine.story("a remark on the command line")
        boots.wait_for_pass(machine)


def test_qemu_kernel(image):
    starts_second_volume(image, media.kernel(KERNEL, SETTINGS))


def test_a_wrong_setting_is_said_and_nothing_is_chosen(image):
    with Machine([Disk(image, "ahci")], extra=media.kernel(KERNEL, "timeout=soon colour=blue")) as machine:
        machine.wait_serial(r"^LDM-\d{4}: .*\n(.*\n)*LDM-0507: ")
        assert '"timeout"' in machine.serial and '"colour"' in machine.serial
        assert not boots.boot_lines(machine.serial)


@pytest.mark.skipif(not GRUB.exists() or not shutil.which("grub-mkimage"), reason="no grub-pc-bin")
@pytest.mark.parametrize("command", ["linux", "linux16"])
def test_grub(command, image, tmp_path):
    with tarfile.open(tmp_path / "memdisk.tar", "w") as tar:
        tar.add(KERNEL, "ldmboot.lkrn")
    commands = tmp_path / "grub.cfg"
    commands.write_text(f"{command} (memdisk)/ldmboot.lkrn timeout=0 'volume=Volume 2'\nboot\n")
    core = tmp_path / "core.img"
    disks.run("grub-mkimage", "-O", "i386-pc", "-p", "/", "-c", commands, "-m", tmp_path / "memdisk.tar", "-o", core,
              "biosdisk", "memdisk", "tar", "linux", "linux16", "boot")
    floppy = tmp_path / "grub.img"
    floppy.write_bytes(((GRUB / "boot.img").read_bytes() + core.read_bytes()).ljust(payloads.FLOPPY_BYTES, b"\0"))
    starts_second_volume(image, [], [Disk(floppy, "floppy", boot=0)])


@pytest.mark.skipif(not (ISOLINUX.exists() and LDLINUX.exists() and shutil.which("xorriso")), reason="no isolinux")
def test_isolinux(image, tmp_path):
    tree = tmp_path / "cd"
    tree.mkdir()
    for file in (ISOLINUX, LDLINUX, KERNEL):
        shutil.copyfile(file, tree / file.name)
    (tree / "isolinux.cfg").write_text(SYSLINUX_CONFIG)
    disks.run("xorriso", "-as", "mkisofs", "-o", tmp_path / "cd.iso", "-b", "isolinux.bin", "-c", "boot.cat",
              "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", tree)
    starts_second_volume(image, media.cd(tmp_path / "cd.iso"))


@pytest.mark.skipif(not (SYSLINUX_MBR.exists() and shutil.which("syslinux")), reason="no syslinux")
def test_syslinux(image, tmp_path):
    """On a FAT stick, which syslinux's own tool makes bootable."""
    stick = tmp_path / "stick.img"
    start, size = 2048, 32768
    sector0 = SYSLINUX_MBR.read_bytes().ljust(446, b"\0") + struct.pack("<B3xB3xII", 0x80, 0x0E, start, size)
    stick.write_bytes(sector0.ljust(510, b"\0") + b"\x55\xAA" + bytes((start + size - 1) * disks.SECTOR))
    disks.run("mkfs.fat", "--offset", start, "-h", start, stick, size // 2)
    config = tmp_path / "syslinux.cfg"
    config.write_text(SYSLINUX_CONFIG)
    disks.run("mcopy", "-i", f"{stick}@@{start * disks.SECTOR}", KERNEL, config, "::")
    disks.run("syslinux", "--offset", start * disks.SECTOR, "--install", stick)
    starts_second_volume(image, [], [Disk(stick, "usb", boot=0)], drive="81")


@pytest.mark.skipif(not (PXELINUX.exists() and LDLINUX.exists()), reason="no pxelinux")
def test_pxelinux(image, tmp_path):
    starts_second_volume(image, media.network(tmp_path, PXELINUX, files={
        "ldlinux.c32": LDLINUX, "pxelinux.cfg/default": SYSLINUX_CONFIG, "ldmboot.lkrn": KERNEL}))


def test_ipxe(image, tmp_path):
    """The network card's ROM is iPXE."""
    script = tmp_path / "boot.ipxe"
    script.write_text(f"#!ipxe\nkernel ldmboot.lkrn {SETTINGS}\nboot\n")
    starts_second_volume(image, media.network(tmp_path, script, files={"ldmboot.lkrn": KERNEL}))


def test_damaged(tmp_path, image):
    """Whoever loads it checks nothing: it does itself."""
    damaged = bytearray(KERNEL.read_bytes())
    damaged[-3000] ^= 1
    kernel = tmp_path / "damaged.lkrn"
    kernel.write_bytes(damaged)
    with Machine([Disk(image, "ahci")], extra=media.kernel(kernel, SETTINGS)) as machine:
        machine.wait_screen("ldmboot: stage 2 is damaged")
