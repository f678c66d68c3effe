# SPDX-License-Identifier: GPL-2.0-or-later
"""The Linux kernel, which shares no code with us, finds the partitions of mkldm's MBR disks where described.

Linux lists the partitions of a disk (extents, not volumes), on MBR disks only, at most 255 of them.
It is compared on healthy disks; that it finds the same on the real images shows that it is a judge.
"""
import shutil

import pytest

import linuxpeer
from ldmdisk import DISKS, Described, make, real_image

MOST = 255
PUBLIC = 63             # where the public region of an MBR disk begins, in the descriptions used here
EXAMPLES = ("simple", "degraded-bios", "two-halves", "spanned-mirror", "retained", "two-candidates", "stale",
            "windows-2003r2", "big", "full")
PARTLY = ("big",)       # has partitions of `spread`, which the tests' parser of descriptions does not see
REAL = {"ldm-2003r2-mirrored-1": "Disk6", "ldm-2003r2-mirrored-2": "Disk7", "ldm-2003r2-simple-1": "Disk1",
        "ldm-2003r2-spanned-1": "Disk2", "ldm-2003r2-spanned-2": "Disk3"}


# One boot serves all of them, and the kernel is fetched once: one worker of `-n 2 --dist loadgroup`.
pytestmark = pytest.mark.xdist_group("linux")


@pytest.fixture(name="found", scope="module")
def fixture_found(tmp_path_factory):
    """{"example/disk" or real image: partitions that Linux found}, from one boot with all disks."""
    if not shutil.which("qemu-system-x86_64") or not linuxpeer.INIT.exists():
        pytest.skip("qemu-system-x86_64 or build/tests/linux-init is not there")
    linuxpeer.fetch()
    scratch = tmp_path_factory.mktemp("linux")
    images, serials = {}, {}
    for example in EXAMPLES:
        (scratch / example).mkdir()
        make(DISKS / f"{example}.ldm", scratch / example)
        for image in sorted((scratch / example).glob("*.img")):
            serials[f"d{len(serials)}"] = f"{example}/{image.stem}"
            images[f"d{len(serials) - 1}"] = image
    for name in REAL:
        try:
            images[f"d{len(serials)}"] = real_image(name)
        except pytest.skip.Exception:
            break
        serials[f"d{len(serials)}"] = name
    found = linuxpeer.partitions(images, scratch)
    return {serials[serial]: parts for serial, parts in found.items()}


def test_kernel_has_ldm_partitions(found):
    assert found
    assert "CONFIG_LDM_PARTITION=y" in (linuxpeer.CACHE / "config").read_text()


@pytest.mark.parametrize("example", EXAMPLES)
def test_linux_finds_the_described_partitions(found, example):
    described = Described(DISKS / f"{example}.ldm")
    disks = [name for name in described.present() if f"{example}/{name}" in found]
    assert disks == described.present()
    for disk in disks:
        expected = described.extents(disk, PUBLIC)
        parts = found[f"{example}/{disk}"]
        assert expected
        if example in PARTLY:
            assert set(expected) <= set(parts) and len(parts) == MOST
        else:
            assert parts == expected


@pytest.mark.parametrize("image", sorted(REAL))
def test_linux_finds_the_same_on_the_real_disks(found, image):
    if image not in found:
        pytest.skip("the real images are not here")
    assert found[image] == Described(DISKS / "windows-2003r2.ldm").extents(REAL[image], PUBLIC)
