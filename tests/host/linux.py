# SPDX-License-Identifier: GPL-2.0-or-later
"""What a Linux knows of its disks: a made-up /proc and /sys, and real loop devices where there are any."""
import os
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def nobody(tmp_path_factory):
    """A Linux on which nothing is mounted."""
    from ldmboot_install.system import System       # the one that the test is about: built, or of the sources

    folder = tmp_path_factory.mktemp("linux")
    return System(folder / "proc", folder / "sys")


def device_folder(linux, name, number, parts=(), under="devices", **attributes):
    """A disk in /sys. parts: {name: (device number, partition number)}"""
    disk = linux.sys / under / name
    disk.mkdir(parents=True)
    (disk / "dev").write_text(number + "\n")
    (disk / "uevent").write_text(f"DEVNAME={name}\n")
    for key, value in attributes.items():
        file = disk / key.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{value}\n")
    folders = {number: disk}
    for part, (part_number, index) in dict(parts).items():
        (disk / part).mkdir()
        (disk / part / "dev").write_text(part_number + "\n")
        (disk / part / "partition").write_text(f"{index}\n")
        folders[part_number] = disk / part
    (linux.sys / "dev" / "block").mkdir(parents=True, exist_ok=True)
    for key, folder in folders.items():
        (linux.sys / "dev" / "block" / key).symlink_to(folder)
    return disk


def mounted(linux, *lines):
    file = linux.proc / "self" / "mountinfo"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"30 1 {number} / {point} rw,relatime shared:1 - ext4 {source} rw\n"
                            for number, point, source in lines))


@pytest.fixture
def attach():
    """attach(image, options...): the image as a loop device with its partitions. Skips where that cannot be had."""
    devices = []

    def run(image, *options):
        done = subprocess.run(["losetup", "--find", "--show", *options, image], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no loop device: {done.stderr.strip()}")
        devices.append(done.stdout.strip())
        subprocess.run(["partx", "--add", devices[-1]], capture_output=True, check=False)
        return Path(devices[-1])
    if os.geteuid() or not os.path.exists("/dev/loop-control") or not os.path.isdir("/sys/dev/block"):
        pytest.skip("not root, or no loop devices, or no /sys (a bare chroot)")
    yield run
    for path in devices:
        subprocess.run(["umount", f"{path}p2"], capture_output=True, check=False)
        subprocess.run(["partx", "--delete", path], capture_output=True, check=False)
        subprocess.run(["losetup", "--detach", path], capture_output=True, check=False)
