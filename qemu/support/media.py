# SPDX-License-Identifier: GPL-2.0-or-later
"""Media that are no disks: arguments of QEMU for a CD, a network with a boot server, a kernel."""
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import Dict, List, Optional, Union

from .disks import stick
from .harness import BUILD

ISO = BUILD / "ldmboot.iso"
FLOPPY_ISO = BUILD / "ldmboot-floppy.iso"
CD_SECTOR = 2048
CATALOG_POINTER = 17 * CD_SECTOR + 0x47       # El Torito specification 1.0: in the boot record
INITIAL_ENTRY_LBA = 32 + 8                    # in the catalog


def iso(target: Path, settings: str = "timeout = 0\n", source: Path = ISO) -> Path:
    """A copy of the CD image, or of another one, with this ldmboot.cfg in its boot partition."""
    start = struct.unpack_from("<I", source.read_bytes(), 454)[0]
    return stick(target, settings, source, start * 512)


def floppy_iso(target: Path, settings: str = "timeout = 0\n") -> Path:
    """The same of the CD that a BIOS shows as a floppy."""
    return stick(target, settings, FLOPPY_ISO, floppy_in_iso(FLOPPY_ISO.read_bytes()))


def floppy_in_iso(data: bytes) -> int:
    """Where the floppy lies in that CD image: offset in bytes."""
    catalog = struct.unpack_from("<I", data, CATALOG_POINTER)[0] * CD_SECTOR
    return struct.unpack_from("<I", data, catalog + INITIAL_ENTRY_LBA)[0] * CD_SECTOR


def cd(image: Path, rank: int = 0, bad_sector: Optional[int] = None, once: bool = False) -> List[str]:
    """A CD drive with this image, read only as such drives are; `rank` in the boot order. bad_sector: in units of 512
    bytes; it cannot be read, or only not at first."""
    file = f"file={image}"
    if bad_sector is not None:
        file = (f"file.driver=blkdebug,file.image.driver=file,file.image.filename={image},file.inject-error.0.event=none,"
                f"file.inject-error.0.iotype=read,file.inject-error.0.sector={bad_sector},"
                f"file.inject-error.0.once={'on' if once else 'off'}")
    return ["-drive", f"if=none,id=cd,media=cdrom,readonly=on,format=raw,{file}",
            "-device", f"ide-cd,bus=ide.1,drive=cd,bootindex={rank}"]


def network(folder: Path, program: Path, rank: int = 0, files: Optional[Dict[str, Union[str, Path]]] = None,
            inside: str = "", card: str = "e1000") -> List[str]:
    """A network card, and QEMU's own TFTP server, which offers this boot program and has these files (name: text, or a
    file to copy; all in the folder `inside`). Cards have iPXE in their ROM, unless that is taken out."""
    served = folder / "tftp"
    (served / inside).mkdir(parents=True)
    for name, content in {program.name: program, **(files or {})}.items():
        target = served / inside / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content.read_bytes())
    return ["-netdev", f"user,id=lan,tftp={served},bootfile={inside}{program.name}",
            "-device", f"{card},netdev=lan,bootindex={rank}"]


def kernel(image: Path, command_line: str) -> List[str]:
    return ["-kernel", str(image), "-append", command_line]


def ipxe_program() -> Optional[Path]:
    """iPXE as a UEFI program: Debian's package ipxe, fetched once with apt-get download and unpacked under build/, not
    installed. None when it cannot be had."""
    cache = BUILD / "cache" / "ipxe-unpacked"
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache.parent) as folder:      # all of it appears, or nothing
            got = subprocess.run(["apt-get", "download", "ipxe"], cwd=folder, capture_output=True, check=False)
            if got.returncode or not list(Path(folder).glob("*.deb")):
                return None
            subprocess.run(["dpkg-deb", "-x", next(Path(folder).glob("*.deb")), Path(folder) / "ipxe"], check=True)
            (Path(folder) / "ipxe").rename(cache)
    # Ubuntu's has the other one for all cards only as a link into its package grub-ipxe.
    folder = cache / "usr/lib/ipxe"
    return next(file for file in (folder / "ipxe.efi", folder / "snponly.efi") if not file.is_symlink())
