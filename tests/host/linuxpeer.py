# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's Linux kernel in QEMU, as a reader of dynamic disks: which partitions does it find on an image?

The kernel is that of the package linux-image-amd64 (CONFIG_LDM_PARTITION=y; the cloud kernel has it not), fetched
once with apt-get download and unpacked under build/, not installed. Its only program is tests/tools/linux-init.c.
"""
import lzma
import os
import re
import shutil
import subprocess
import tarfile
import warnings
from pathlib import Path

import pytest

from ldmdisk import BUILD

CACHE = BUILD / "cache" / "linux"
INIT = BUILD / "tests" / "linux-init"
MODULES = ("virtio", "virtio_ring", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk")
BOOT_SECONDS = 1800     # a hung machine, not a slow one
# The kernel counts timer ticks in a loop of fixed length at its start, and panics ("IO-APIC + timer doesn't work") when an
# emulator on a busy computer gives it none in that time: no_timer_check. The TSC is not what to trust there, either.
COMMAND_LINE = "console=ttyS0 quiet loglevel=4 panic=-1 no_timer_check tsc=unstable nowatchdog"
TRIES = 3               # an emulator whose guest panics before it runs our program; what /init says is never tried again


def package_name() -> str:
    """linux-image-amd64 depends on the package of the day."""
    if not shutil.which("apt-cache"):
        pytest.skip("no apt-cache: not Debian")
    out = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True, check=False)
    found = re.search(r"Depends: (linux-image-\d\S+)", out.stdout)
    if not found:
        pytest.skip("this distribution has no package linux-image-amd64")
    return found[1]


def fetch() -> None:
    """Kernel, its configuration and the modules for virtio disks into CACHE; skips when the package cannot be had."""
    if (CACHE / "complete").exists():
        return
    name = package_name()
    shutil.rmtree(CACHE, ignore_errors=True)
    CACHE.mkdir(parents=True)
    got = subprocess.run(["apt-get", "download", name], cwd=CACHE, capture_output=True, text=True, check=False)
    packages = list(CACHE.glob("*.deb"))
    if got.returncode or not packages:
        pytest.skip(f"the package {name} cannot be had: {got.stderr.strip().splitlines()[-1:]}")
    unpack(packages[0])
    packages[0].unlink()
    (CACHE / "complete").touch()


def unpack(package: Path) -> None:
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            for member in archive:
                base = os.path.basename(member.name)
                if not member.isfile():
                    continue
                if base.startswith(("vmlinuz-", "config-")):
                    (CACHE / base.split("-")[0]).write_bytes(archive.extractfile(member).read())
                elif base in [f"{name}.ko" for name in MODULES]:
                    (CACHE / base).write_bytes(archive.extractfile(member).read())
                elif base in [f"{name}.ko.xz" for name in MODULES]:
                    (CACHE / base[:-3]).write_bytes(lzma.decompress(archive.extractfile(member).read()))


def cpio_member(name: str, mode: int, data: bytes) -> bytes:
    """One file of an initramfs: "newc", the format of the kernel's buffer-format.rst."""
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def initramfs(path: Path) -> None:
    members = [cpio_member("init", 0o100755, INIT.read_bytes())]
    members += [cpio_member(module.name, 0o100644, module.read_bytes()) for module in sorted(CACHE.glob("*.ko"))]
    path.write_bytes(b"".join(members) + cpio_member("TRAILER!!!", 0, b""))


def boot(command) -> subprocess.CompletedProcess:
    """Run the machine; once more when its Linux panicked before our program said anything, which a warning tells."""
    for attempt in range(1, TRIES + 1):
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        panic = re.search(r"Kernel panic.*", done.stdout)
        if not panic or "DISK " in done.stdout or attempt == TRIES:
            return done
        warnings.warn(f"the emulator's Linux panicked, and is started again: {panic[0]}")
    raise AssertionError("not reached")


def partitions(images: dict, scratch: Path) -> dict:
    """{name: image path} -> {name: sorted [(start, sectors)]}, all found in one boot. Names: at most 20 letters."""
    initramfs(scratch / "initramfs")
    command = ["timeout", str(BOOT_SECONDS), "qemu-system-x86_64", "-accel", "tcg", "-m", "512", "-display", "none",
               "-nodefaults", "-no-reboot", "-serial", "stdio", "-kernel", CACHE / "vmlinuz",
               "-initrd", scratch / "initramfs", "-append", COMMAND_LINE]
    for index, (name, image) in enumerate(images.items()):
        command += ["-drive", f"if=none,id=d{index},format=raw,readonly=on,file={image}",
                    "-device", f"virtio-blk-pci,drive=d{index},serial={name}"]
    done = boot(command)
    lines = [line.strip().split() for line in done.stdout.splitlines()]
    assert ["END"] in lines, done.stdout + done.stderr
    assert {line[1] for line in lines if line[:1] == ["DISK"]} == set(images), done.stdout
    return {name: sorted((int(line[2]), int(line[3])) for line in lines if line[:2] == ["PARTITION", name])
            for name in images}
