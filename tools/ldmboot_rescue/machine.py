# SPDX-License-Identifier: GPL-2.0-or-later
"""A virtual machine on what is served; what it writes is kept by nbdkit's cow filter, and gone with it."""
import os
import shutil
import subprocess
from pathlib import Path

from .messages import Trouble
from .server import program

OVMF = (("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
        ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"))


def firmware(is_uefi, folder):
    """Arguments for QEMU; SeaBIOS is what it has by itself."""
    if not is_uefi:
        return ["-machine", "pc"]
    for code, variables in OVMF:
        if os.path.exists(code):
            shutil.copyfile(variables, Path(folder) / "variables.fd")
            return ["-machine", "q35", "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={code}",
                    "-drive", f"if=pflash,unit=1,format=raw,file={folder}/variables.fd"]
    raise Trouble(939, "UEFI firmware for QEMU (package ovmf)")


def command(server, is_uefi, block, memory, display, more):
    """The disk on IDE (BIOS) or AHCI: every Windows has a driver for these."""
    size = f",logical_block_size={block},physical_block_size={block}" if block != 512 else ""
    device = "nvme,serial=rescue,drive=rescue" + size if block != 512 else "ide-hd,drive=rescue"
    return [program("qemu-system-x86_64", "qemu-system-x86"), "-name", "ldmboot-rescue", "-m", memory,
            *firmware(is_uefi, server.folder), *(["-enable-kvm", "-cpu", "host"] if usable_kvm() else ["-accel", "tcg"]),
            "-display", display, "-net", "none", "-rtc", "base=localtime",
            "-drive", f"if=none,id=rescue,format=raw,file={server.uri()}", "-device", device, *more]


def usable_kvm():
    """Only where it was asked for: on a machine that is a virtual one itself it may be there and hang."""
    return os.environ.get("LDMBOOT_KVM") == "1" and os.access("/dev/kvm", os.R_OK | os.W_OK)


def run(*arguments):
    """QEMU's exit code. It ends with this program."""
    process = subprocess.Popen([str(word) for word in command(*arguments)])
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
