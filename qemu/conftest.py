# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the regression boots. Everything built comes from `make`; nothing is built here."""

import pytest

from support import disks, uefi
from support.harness import BUILD


def pytest_collection_modifyitems(items):
    """Mark as long what a `quick` mark does not name. One that names a case which is not there is a mistake."""
    named, seen = {}, {}
    for item in items:
        for mark in item.iter_markers("quick"):
            named[item.location[0], item.originalname] = set(mark.args)
            seen.setdefault((item.location[0], item.originalname), set()).add(item.callspec.id)
            if item.callspec.id not in mark.args:
                item.add_marker("long")
    for test, cases in named.items():
        if len(seen[test]) > 1 and cases - seen[test]:
            raise pytest.UsageError(f"{test[0]}: {test[1]} has no case {', '.join(sorted(cases - seen[test]))}")


@pytest.fixture(scope="session")
def built():
    for file in ("ldmboot.img", "ldmboot-inspect", "mkldm", "mkvolume", "qemu/standin.bin"):
        assert (BUILD / file).exists(), f"{BUILD / file} is missing: run make all payloads"


@pytest.fixture(scope="session")
def stick(built, tmp_path_factory):
    """The stick, told not to wait before it starts what it has chosen."""
    return disks.stick(tmp_path_factory.mktemp("stick") / "stick.img")


@pytest.fixture(scope="session")
def untouched_stick(built, tmp_path_factory):
    """The stick as it was built, with everything at its default. A copy: the build may go on meanwhile."""
    copy = tmp_path_factory.mktemp("stick") / "untouched.img"
    disks.copy_sparse(disks.STICK, copy)
    return copy


@pytest.fixture(scope="session")
def volume(built, tmp_path_factory):
    """volume(2003), volume(2008), volume(2000): bootable volumes with the stand-in as their loader."""
    folder = tmp_path_factory.mktemp("volumes")
    made = {flavour: disks.system_volume(folder / f"{flavour}.img", flavour) for flavour in disks.LOADERS}
    return made.__getitem__


@pytest.fixture(scope="session")
def windows(built, tmp_path_factory):
    """windows(...): an NTFS volume of a Windows that starts by UEFI (uefi.windows_volume), made once per kind.
    big: its boot manager has several megabytes, in more than one piece."""
    folder = tmp_path_factory.mktemp("windows")
    made = {}

    def get(big=False, **kind):
        key = (big, *sorted(kind.items()))
        if key not in made:
            if big:
                kind.update(bootmgfw=uefi.big_boot_manager(folder / "big.efi", 3_300_000), size="9M")
            made[key] = uefi.windows_volume(folder / f"{len(made)}.img", **kind)
        return made[key]
    return get


@pytest.fixture
def real():
    """real(name): an image that Windows wrote, or the test is skipped. It is an original: boots work on copies."""
    def find(name):
        image = disks.real_image(name)
        if image is None:
            pytest.skip(f"no real images: {disks.ARCHIVE} is not there")
        return image
    return find
