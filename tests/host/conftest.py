# SPDX-License-Identifier: GPL-2.0-or-later
"""What the host tests share: the real images, and a volume that both firmwares would start."""
import signal
import struct
import subprocess

import pytest

from ldmdisk import BUILD, real_image

REAL = ("ldm-2003r2-simple-1", "ldm-2003r2-mirrored-1", "ldm-2003r2-mirrored-2", "ldm-2003r2-spanned-1",
        "ldm-2003r2-spanned-2", "ldm-2008r2-mirrored-2")

# What was started in the background, or by nohup, ignores these, and so would what it starts. Tests send them.
for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)


@pytest.fixture(scope="session")
def real():
    """The disks that Windows wrote, by name (without .img); skips when the archive is not there."""
    return {name: real_image(name) for name in REAL}


def pe_program(machine: int) -> bytes:
    """The least that counts as a PE program for a machine."""
    program = bytearray(1024)
    program[:2] = b"MZ"
    struct.pack_into("<I", program, 0x3C, 0x80)
    program[0x80:0x84] = b"PE\0\0"
    struct.pack_into("<H", program, 0x84, machine)
    return bytes(program)


def make_volume(target, size, *files, options=()):
    """An image of a volume by mkvolume; files are (path, bytes)."""
    arguments = []
    for number, (path, data) in enumerate(files):
        source = target.with_suffix(f".file{number}")
        source.write_bytes(data)
        arguments.append(f"{path}={source}")
    subprocess.run([BUILD / "mkvolume", *options, "-s", size, target, *arguments], check=True, capture_output=True)
    return target


@pytest.fixture(scope="session")
def windows_volume(tmp_path_factory):
    """NTFS, 20 MB, with a loader for a BIOS and the files that UEFI needs."""
    return make_volume(tmp_path_factory.mktemp("volume") / "windows.img", "20M", ("NTLDR", b"a loader"),
                       ("Windows/Boot/EFI/bootmgfw.efi", pe_program(0x8664)),
                       ("Windows/System32/winload.efi", pe_program(0x8664)))


@pytest.fixture(scope="session")
def data_volume(tmp_path_factory):
    """NTFS, 4 MB, with nothing on it to start."""
    return make_volume(tmp_path_factory.mktemp("volume") / "data.img", "4M", ("letter.txt", b"Dear Sir or Madam"))
