# SPDX-License-Identifier: GPL-2.0-or-later
"""
The disks and sticks that the boots need: NTFS volumes with a loader of the tests in them,
dynamic disks around them (mkldm), copies of the real images, sticks with a configuration.
"""
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Optional, Union

from . import payloads
from .harness import BUILD, ROOT, copy_sparse

SECTOR = payloads.SECTOR
STICK = BUILD / "ldmboot.img"
STICK_PARTITION = 2048 * SECTOR
FLOPPY = BUILD / "ldmboot-144.img"
DATA = Path(os.environ.get("LDMBOOT_DATA", ROOT.parent / "shared" / "data"))
ARCHIVE = DATA / "windows-ldm-images.tar.xz"
UNPACKED = BUILD / "data"
LOADERS = {2000: "NTLDR", 2003: "NTLDR", 2008: "BOOTMGR"}
VOLUME_SECTORS = 81920
BOOT_INI = ROOT / "qemu" / "support" / "boot.ini"
DESCRIPTIONS = ROOT / "tests" / "disks"


def run(*command, **options) -> subprocess.CompletedProcess:
    """A host tool; its output is in the error when it fails."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done


def stick(target: Path, config: str = "timeout = 0\n", source: Path = STICK, at: int = STICK_PARTITION) -> Path:
    """A copy of the stick image, or of another one that has its FAT there, with this ldmboot.cfg."""
    copy_sparse(source, target)
    file = target.with_suffix(".cfg")
    file.write_text(config)
    run("mcopy", "-D", "o", "-i", f"{target}@@{at}", file, "::ldmboot.cfg")
    return target


def floppy(target: Path, config: str = "timeout = 0\n") -> Path:
    """The same of the floppy."""
    return stick(target, config, FLOPPY, 0)


def real_image(name: str) -> Optional[Path]:
    """An image that Windows wrote (docs: data/README.md), or None when the archive is not there."""
    image = UNPACKED / f"{name}.img"
    if not image.exists() and ARCHIVE.exists():
        unpack()
    return image if image.exists() else None


def unpack() -> None:
    """Unpack the real images. Tests run side by side, so each file appears whole or not at all."""
    UNPACKED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        run("tar", "xSJf", ARCHIVE, "-C", folder)
        for file in Path(folder).glob("*.img"):
            if not (UNPACKED / file.name).exists():
                file.rename(UNPACKED / file.name)


def put_loader(volume: Path, name: str, loader: str = "standin") -> None:
    """Copy a payload into the root of an NTFS volume, as NTLDR or BOOTMGR."""
    run("ntfscp", "-f", volume, payloads.PAYLOADS / f"{loader}.bin", name)


def system_volume(target: Path, flavour: int = 2003, loader: str = "standin") -> Path:
    """A bootable volume, made for LBA 63 like most: boot sector and loader are the tests' stand-ins.

    flavour: 2003 (NTFS, its loader is NTLDR), 2008 (NTFS, BOOTMGR) or 2000 (FAT32, NTLDR)
    loader: the payload that is put there, "standin" or "bench"
    """
    payload = payloads.PAYLOADS / f"{loader}.bin"
    kind = ["-t", "fat32", "-c", SECTOR] if flavour == 2000 else ["-t", "ntfs"]
    run(BUILD / "mkvolume", *kind, "-s", VOLUME_SECTORS * SECTOR, "-p", 63, "-l", "SYSTEM", target,
        f"{LOADERS[flavour]}={payload}", "Boot/" if flavour == 2008 else f"boot.ini={BOOT_INI}")
    payloads.install_boot_sector(target, flavour, loader)
    return target


def mkldm(folder: Path, description: Union[str, Path], **values) -> None:
    """Dynamic disks by a description (docs/man/mkldm.1), a text or a file: <disk>.img in the folder."""
    text = description
    if isinstance(description, str):
        text = folder / "disks.ldm"
        text.write_text(description)
    definitions = [part for name, value in values.items() for part in ("-D", f"{name}={value}")]
    run(BUILD / "mkldm", "-o", folder, *definitions, text)


def extract(image: Path, lba: int, sectors: int, target: Path) -> Path:
    """A volume out of a disk image."""
    target.write_bytes(payloads.read_at(image, lba * SECTOR, sectors * SECTOR))
    return target


def put_back(volume: Path, image: Path, lba: int) -> None:
    payloads.write_at(image, lba * SECTOR, volume.read_bytes())


def used_since(image: Path) -> None:
    """What a copy of a disk has become when only one of the two was used: somewhere they differ."""
    where = image.stat().st_size // 64 * 40
    with open(image, "r+b") as file:
        file.seek(where)
        byte = file.read(1)
        file.seek(where)
        file.write(bytes([byte[0] ^ 1]))
