# SPDX-License-Identifier: GPL-2.0-or-later
"""A copy as a disk of a virtual machine: qemu-img writes what its name ends in."""
import os
import subprocess
import sys

from .messages import Trouble
from .server import program

FORMATS = {".qcow2": "qcow2", ".vhdx": "vhdx", ".vmdk": "vmdk"}


def format_of(path):
    return FORMATS.get(os.path.splitext(path)[1].lower())


def carry_out(server, path, verify):
    """Under another name until it is whole."""
    qemu_img = program("qemu-img", "qemu-utils")
    part, kind = f"{path}.part", format_of(path)
    progress = ["-p"] if sys.stderr.isatty() else []
    commands = [["convert", *progress, "-f", "raw", "-O", kind, server.uri(), part]]
    if verify:
        commands.append(["compare", *progress, "-f", "raw", "-F", kind, server.uri(), part])
    for command in commands:
        if subprocess.run([qemu_img, *command], stdout=subprocess.DEVNULL if not progress else None).returncode:
            if os.path.exists(part):
                os.remove(part)
            raise Trouble(935 if command[0] == "compare" else 934, path)
    os.replace(part, path)
