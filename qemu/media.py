# SPDX-License-Identifier: GPL-2.0-or-later
"""Media that are no disks: arguments of QEMU for a CD, a network with a boot server, a kernel."""
import shutil
from pathlib import Path
from typing import List

SERVED = "10.0.2.2"          # QEMU's own TFTP server


def cd(image: Path, rank: int = 0) -> List[str]:
    """A CD drive with this image, read only as such drives are; `rank` in the boot order."""
    return ["-drive", f"if=none,id=cd,media=cdrom,readonly=on,format=raw,file={image}",
            "-device", f"ide-cd,bus=ide.1,drive=cd,bootindex={rank}"]


def network(folder: Path, program: Path, card: str = "e1000", rank: int = 0, rom: str = "") -> List[str]:
    """A network card, and a server that offers this boot program (TFTP).

    rom: the card's boot program when it is not QEMU's usual one
    """
    served = folder / "tftp"
    served.mkdir()
    shutil.copyfile(program, served / program.name)
    return ["-netdev", f"user,id=lan,tftp={served},bootfile={program.name}",
            "-device", f"{card},netdev=lan,bootindex={rank}" + (f",romfile={rom}" if rom else "")]


def kernel(image: Path, command_line: str) -> List[str]:
    return ["-kernel", str(image), "-append", command_line]
