# SPDX-License-Identifier: GPL-2.0-or-later
"""Where ldmboot-rescue does not write: by what Linux knows of its disks, with a made-up /proc and /sys, and with real
loop devices where there are any."""
import os
import subprocess
from pathlib import Path

import pytest

from ldmdisk import make
from linux import attach, device_folder, mounted, nobody         # noqa: F401  (fixtures)
from served import BUILD, needs_nbdkit, pread
from test_nbdkit import HALF, MIB, SIZE
from test_rescue import Trouble, is_the_copy, refused, rescue

from ldmboot_rescue import target

pytestmark = needs_nbdkit
GIB = 1 << 30


# ---------------------------------------------------------------- a made-up machine

class Machine:
    """sda: this system; sdb: a source, with a basic partition that may be mounted; sdc: the new disk. Files stand in for
    the nodes in /dev."""

    def __init__(self, linux, folder, monkeypatch):
        self.linux, self.folder, self.numbers = linux, folder, {}
        self.sys = {}
        for letter, number in (("a", "8:0"), ("b", "8:16"), ("c", "8:32")):
            major, minor = number.split(":")
            name, part = f"sd{letter}", f"{major}:{int(minor) + 1}"
            self.sys[name] = device_folder(linux, name, number, {f"{name}1": (part, 1)}, size=100000)
            self.node(name, number)
            self.node(f"{name}1", part)
        monkeypatch.setattr(linux, "number_at", lambda path: self.numbers.get(str(path)))
        self.mounted()

    def node(self, name, number):
        path = self.folder / name
        path.write_bytes(bytes(2 * MIB))
        self.numbers[str(path)] = number
        return path

    def mounted(self, *lines):
        mounted(self.linux, ("8:1", "/", self.folder / "sda1"), *lines)

    def check(self, to, *disks, map_="/nonexistent/map"):
        target.check(str(self.folder / to), [str(self.folder / disk) for disk in disks], map_, self.linux)

    def refuses(self, to, *disks, number, why=""):
        before = {path: path.stat().st_mtime_ns for path in self.folder.iterdir()}
        with pytest.raises(Trouble, match=f"LDM-{number}: .*{why}"):
            self.check(to, *disks)
        assert before == {path: path.stat().st_mtime_ns for path in self.folder.iterdir()}


@pytest.fixture
def machine(nobody, tmp_path, monkeypatch):              # noqa: F811
    monkeypatch.setattr("sys.argv", [str(BUILD / "ldmboot-rescue")])     # ldmboot-inspect is beside it
    (tmp_path / "dev").mkdir()
    return Machine(nobody, tmp_path / "dev", monkeypatch)


def test_a_disk_that_nobody_uses(machine):
    machine.check("sdc", "sdb")


def test_sources_under_all_their_names(machine):
    machine.refuses("sdb", "sdb", number="0930")
    machine.refuses("sdb1", "sdb", number="0930")
    machine.refuses("sdb", "sdb1", number="0930")
    machine.refuses("sdb", "sdc", "sdb", number="0930")
    machine.node("wwn-0x5000c500", "8:16")               # as in /dev/disk/by-id, or another node of the same device
    machine.refuses("wwn-0x5000c500", "sdb", number="0930", why="on .*sdb")
    (machine.folder / "link").symlink_to("sdb")
    machine.numbers[str(machine.folder / "link")] = "8:16"
    machine.refuses("link", "sdb", number="0930")


def test_a_volume_on_a_source(machine):
    """LVM, LUKS and the like: dm-0 is on sdb1."""
    lvm = device_folder(machine.linux, "dm-0", "253:0", dm__name="root")
    (lvm / "slaves").mkdir()
    (lvm / "slaves" / "sdb1").symlink_to(machine.sys["sdb"] / "sdb1")
    machine.node("dm-0", "253:0")
    machine.refuses("dm-0", "sdb", number="0930")
    machine.refuses("sdb", "dm-0", number="0930")


def test_a_loop_device_of_a_source(machine):
    image = machine.folder / "half.img"
    image.write_bytes(bytes(MIB))
    device_folder(machine.linux, "loop0", "7:0", loop__backing_file=image)
    machine.node("loop0", "7:0")
    machine.refuses("loop0", "half.img", number="0930", why="on .*half.img")
    machine.refuses("half.img", "loop0", number="0930")
    (machine.folder / "hard").hardlink_to(image)
    machine.refuses("hard", "half.img", number="0930")
    (machine.folder / "soft").symlink_to(image)
    machine.refuses("soft", "half.img", number="0930")


def test_a_new_file_on_the_source_itself(machine):
    """A basic partition of the old disk is mounted, and looks like a good place."""
    place = machine.folder / "mnt"
    place.mkdir()
    machine.mounted(("8:17", place, machine.folder / "sdb1"))
    machine.refuses("mnt/new.img", "sdb", number="0930", why="on .*sdb")
    machine.mounted(("8:33", place, machine.folder / "sdc1"))
    machine.check("mnt/new.img", "sdb")
    (place / "half.img").write_bytes(b"x")
    machine.check("mnt/new.img", "mnt/half.img")         # beside an image of the old disk it may be


def test_disks_that_are_used(machine):
    machine.refuses("sda", "sdb", number="0931", why="is the disk that this system runs from")
    machine.refuses("sdc1", "sdb", number="0931", why="is a partition, and a whole disk is needed")
    machine.mounted(("8:33", "/mnt", machine.folder / "sdc1"))
    machine.refuses("sdc", "sdb", number="0931", why="sdc1 is mounted on /mnt")
    machine.mounted()
    (machine.linux.proc / "swaps").write_text(f"Filename Type Size Used Priority\n{machine.folder}/sdc1 partition 1 0 -2\n")
    machine.refuses("sdc", "sdb", number="0931", why="sdc1 is used as swap")
    (machine.linux.proc / "swaps").unlink()
    (machine.sys["sdc"] / "sdc1" / "holders" / "md0").mkdir(parents=True)
    machine.refuses("sdc", "sdb", number="0931", why="sdc1 is part of md0")
    (machine.sys["sdc"] / "sdc1" / "holders" / "md0").rmdir()
    (machine.sys["sdc"] / "ro").write_text("1\n")
    machine.refuses("sdc", "sdb", number="0931", why="write-protected")


def test_a_dynamic_disk_is_refused_with_a_map_too(machine, tmp_path, windows_volume):
    """After a restart the old disk may have the name of the new one."""
    (tmp_path / "made").mkdir()
    make(HALF, tmp_path / "made", volume=windows_volume)
    (machine.folder / "sdc").write_bytes((tmp_path / "made" / "Disk2.img").read_bytes())
    (tmp_path / "map").write_text("# Mapfile. Created by ldmboot-rescue, copy x\n")
    with pytest.raises(Trouble, match="LDM-0932"):
        machine.check("sdc", "sdb", map_=str(tmp_path / "map"))


def test_sectors_of_another_size(machine):
    large = device_folder(machine.linux, "sdd", "8:48", queue__logical_block_size=4096)
    assert large.exists()
    path = str(machine.node("sdd", "8:48"))
    with pytest.raises(Trouble, match="LDM-0942: .* has 4096 bytes, the volume was made for 512"):
        target.refuse_block_size(path, 512, machine.linux)
    target.refuse_block_size(path, 4096, machine.linux)


# ---------------------------------------------------------------- real devices, as root

@pytest.fixture
def disk(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    return tmp_path / "Disk2.img"


def blank(path, size):
    with open(path, "wb") as file:
        file.truncate(size)
    return path


def test_a_copy_onto_a_device_goes_on(disk, tmp_path, windows_volume, attach):     # noqa: F811
    """With something of another system on it, which does not start any more; stopped in between; then onto it once more."""
    image = blank(tmp_path / "new", 10 * GIB)
    with open(image, "r+b") as file:
        file.write(b"\x66" * (3 * MIB))
        file.seek(-5 * MIB, os.SEEK_END)
        file.write(b"\x66" * (5 * MIB))
    new = attach(image)
    with subprocess.Popen([BUILD / "ldmboot-rescue", "copy", "--yes", disk, new], cwd=tmp_path, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        while process.poll() is None and not (tmp_path / f"ldmboot-rescue-{new.name}.map").exists():
            pass
        process.kill()
        process.communicate()
    for _ in range(2):
        done = rescue("copy", "--yes", "--verify", disk, new, cwd=tmp_path)
        assert done.returncode == 0 and "everything on it will be lost" in done.stdout, done.stderr
        is_the_copy(image, windows_volume)
        assert not any(pread(image, 10 * GIB - MIB, MIB)) and not any(pread(image, 1024, 512))
        assert pread(image, 10 * GIB - 5 * MIB, 4 * MIB) == b"\x66" * (4 * MIB)    # hours of zeros are not written
        assert not list(tmp_path.glob("*.map"))


def test_a_device_that_is_too_small(disk, tmp_path, attach):     # noqa: F811
    new = attach(blank(tmp_path / "new", 12 * MIB))
    said = refused("copy", "--yes", disk, new, number="0943")
    assert "LDM-0926: " in said and "bytes are needed" in said and "are missing" in said
    assert int(said.split(" bytes are needed")[0].split()[-1]) >= SIZE * 512
    assert not any((tmp_path / "new").read_bytes())


def test_real_devices_that_are_refused(disk, tmp_path, windows_volume, attach):     # noqa: F811
    other = tmp_path / "other"
    other.mkdir()
    make(HALF, other, volume=windows_volume)
    source, dynamic = attach(disk), attach(other / "Disk2.img")
    before = disk.read_bytes(), (other / "Disk2.img").read_bytes()
    refused("copy", "--yes", source, source, number="0930")
    refused("copy", "--yes", disk, source, number="0930")
    refused("copy", "--yes", source, disk, number="0930")
    (tmp_path / "by-id").symlink_to(source)
    refused("copy", "--yes", source, tmp_path / "by-id", number="0930")
    number = os.stat(source).st_rdev
    subprocess.run(["mknod", tmp_path / "node", "b", str(os.major(number)), str(os.minor(number))], check=True)
    refused("copy", "--yes", source, tmp_path / "node", number="0930")
    refused("copy", "--yes", source, dynamic, number="0932")
    assert before == (disk.read_bytes(), (other / "Disk2.img").read_bytes())


def test_a_real_disk_that_is_mounted_or_has_other_sectors(disk, tmp_path, attach):     # noqa: F811
    image = blank(tmp_path / "new", 64 * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    new = attach(image)
    place = tmp_path / "mnt"
    place.mkdir()
    if subprocess.run(["mount", new, place], capture_output=True).returncode:
        pytest.skip("mounting is not possible here")
    try:
        assert "is mounted on" in refused("copy", "--yes", disk, new, number="0931")
    finally:
        subprocess.run(["umount", place], check=True)
    large = attach(blank(tmp_path / "large", 10 * GIB), "--sector-size", "4096")
    refused("copy", "--yes", disk, large, number="0942")
    protected = attach(blank(tmp_path / "protected", 10 * GIB), "--read-only")
    assert "write-protected" in refused("copy", "--yes", disk, protected, number="0931")
    assert Path(protected).exists()
