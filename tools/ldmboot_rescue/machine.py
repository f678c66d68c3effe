# SPDX-License-Identifier: GPL-2.0-or-later
"""A virtual machine on what is served; what it writes is kept by nbdkit's cow filter, and gone with it."""
import os
import shutil
import signal
import subprocess
from pathlib import Path

from .messages import Trouble
from .programs import end, ends_with_this, program

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


SERIAL = "serial"     # beside QEMU's own words


def display_of(wish):
    """What was asked for; else a window where there is a display and QEMU has one, else this terminal."""
    if wish:
        return wish
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        done = subprocess.run([program("qemu-system-x86_64", "qemu-system-x86"), "-display", "help"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", check=False)
        for window in ("gtk", "sdl"):
            if window in done.stdout.split():
                return window
    return SERIAL


def screen(display):
    """Arguments for QEMU. With graphics=off SeaBIOS shows its text screen on the serial line, too (QEMU's hw/i386/pc.c,
    "etc/sercon-port"); OVMF does so anyway."""
    if display == SERIAL:
        return ["-machine", "graphics=off", "-display", "none", "-serial", "mon:stdio"]
    return ["-display", display]


def command(server, is_uefi, block, memory, display, more):
    """The disk on IDE (BIOS) or AHCI: every Windows has a driver for these."""
    size = f",logical_block_size={block},physical_block_size={block}" if block != 512 else ""
    device = "nvme,serial=rescue,drive=rescue" + size if block != 512 else "ide-hd,drive=rescue"
    return [program("qemu-system-x86_64", "qemu-system-x86"), "-name", "ldmboot-rescue", "-m", memory,
            *firmware(is_uefi, server.folder), *(["-enable-kvm", "-cpu", "host"] if usable_kvm() else ["-accel", "tcg"]),
            *screen(display), "-net", "none", "-rtc", "base=localtime",
            "-drive", f"if=none,id=rescue,format=raw,file={server.uri()}", "-device", device, *more]


def usable_kvm():
    """Only where it was asked for: on a machine that is a virtual one itself it may be there and hang."""
    return os.environ.get("LDMBOOT_KVM") == "1" and os.access("/dev/kvm", os.R_OK | os.W_OK)


def run(*arguments):
    """QEMU's exit code, 1 when a signal ended it. It ends with this program."""
    process = subprocess.Popen([str(word) for word in command(*arguments)], preexec_fn=ends_with_this(signal.SIGTERM))
    try:
        return max(process.wait(), 0) or (1 if process.returncode else 0)
    finally:
        end(process)
