# SPDX-License-Identifier: GPL-2.0-or-later
"""Media that are no disks: arguments of QEMU for a CD, a network with a boot server, a kernel."""
import shutil
from pathlib import Path
from typing import List


def cd(image: Path, rank: int = 0) -> List[str]:
    """A CD drive with this image, read only as such drives are; `rank` in the boot order."""
    return ["-drive", f"if=none,id=cd,media=cdrom,readonly=on,format=raw,file={image}",
            "-device", f"ide-cd,bus=ide.1,drive=cd,bootindex={rank}"]


def network(folder: Path, program: Path, rank: int = 0) -> List[str]:
    """A network card, and QEMU's own TFTP server, which offers this boot program."""
    served = folder / "tftp"
    served.mkdir()
    shutil.copyfile(program, served / program.name)
    return ["-netdev", f"user,id=lan,tftp={served},bootfile={program.name}",
            "-device", f"e1000,netdev=lan,bootindex={rank}"]


def kernel(image: Path, command_line: str) -> List[str]:
    return ["-kernel", str(image), "-append", command_line]
