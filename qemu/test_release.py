# SPDX-License-Identifier: GPL-2.0-or-later
"""Each medium of the release is started as it comes out of the zip, in an empty folder; the disk is made, and the start
foretold, by the release's own tools, which have no source, no library and no other program beside them. (What is no medium:
tests/host/test_package.py.)"""
import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from support import boots, disks, media, uefi
from support.harness import ROOT, Disk, Machine

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("release")]
RANDOM = ["-device", "virtio-rng-pci"]        # without it EDK II of 2024 and later has no network


@pytest.fixture(scope="module")
def release(built, tmp_path_factory):
    made, unpacked = tmp_path_factory.mktemp("dist") / "dist", tmp_path_factory.mktemp("unpacked")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    subprocess.run(["make", "--no-print-directory", "-s", "dist", f"DIST={made}"], cwd=ROOT, env=environment, check=True,
                   capture_output=True)
    (package,) = made.glob("*.zip")
    with zipfile.ZipFile(package) as archive:
        archive.extractall(unpacked)
        for entry in archive.infolist():
            (unpacked / entry.filename).chmod(entry.external_attr >> 16 & 0o777)     # as unzip does
    (folder,) = unpacked.iterdir()
    return folder


def tool(release: Path, name: str, *arguments) -> str:
    done = subprocess.run([release / name, *map(str, arguments)], env={}, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def server(release: Path, folder: Path, description: str, **values) -> Path:
    (folder / "server.ldm").write_text(description)
    tool(release, "mkldm", "-o", folder, *(f"-D{name}={value}" for name, value in values.items()), folder / "server.ldm")
    return folder / "Disk2.img"


def foretold(release: Path, image: Path, firmware: str, line: str) -> None:
    """The LDM-BOOT line is what the release's ldmboot-inspect says."""
    plan = json.loads(tool(release, "ldmboot-inspect", "--json", "--firmware", firmware, image))["plan"]
    said = boots.parse_boot_line(line)
    keys = ("volume", "guid", "component", "lba", "sectors", "extents", "method")
    assert {key: said[key] for key in keys} == {key: str(plan[key]) for key in keys}


# What the machine has: drives, and arguments of QEMU.
BY_BIOS = {
    "ldmboot.img": lambda file, folder: ([Disk(file, "usb", boot=0)], []),
    "ldmboot.iso": lambda file, folder: ([], media.cd(file)),
    "ldmboot-144.img": lambda file, folder: ([Disk(file, "floppy", boot=0)], []),
    "ldmboot-floppy.iso": lambda file, folder: ([], media.cd(file)),
    "ldmboot.pxe": lambda file, folder: ([], media.network(folder, file)),
    "ldmboot.lkrn": lambda file, folder: ([], media.kernel(file, "timeout=0")),
}


@pytest.mark.parametrize("name", BY_BIOS)
def test_by_bios(name, release, volume, tmp_path):
    image = server(release, tmp_path, boots.DEGRADED, volume=volume(2003), lba=20000)
    boots.expect(image, 20000)
    drives, extra = BY_BIOS[name](release / name, tmp_path)
    with Machine([*drives, Disk(image, "ahci", boot=1)], extra=extra) as machine:
        machine.wait_serial(r"^LDM-BOOT .*\n")
        boots.wait_for_pass(machine)
        foretold(release, image, "bios", boots.boot_lines(machine.serial)[0])


def alone(program: Path, folder: Path) -> Path:
    """A stick on which there is no program but this one."""
    stick = disks.stick(folder / "stick.img")
    at = f"{stick}@@{disks.STICK_PARTITION}"
    disks.run("mdeltree", "-i", at, "::EFI")
    return uefi.put_files(stick, {f"EFI/BOOT/{program.name}": program})


BY_UEFI = {
    "ldmboot.img": lambda file, folder: ([Disk(file, "usb", boot=0)], []),
    "ldmboot.iso": lambda file, folder: ([], media.cd(file)),
    "BOOTX64.EFI": lambda file, folder: ([], media.network(folder, file) + RANDOM),
    "BOOTIA32.EFI": lambda file, folder: ([Disk(alone(file, folder), "usb", boot=0)], []),
}


@pytest.mark.parametrize("name", BY_UEFI)
def test_by_uefi(name, release, windows, tmp_path):
    arch = "ia32" if name == "BOOTIA32.EFI" else "x64"
    if not uefi.have(arch):
        pytest.skip(f"no OVMF for {arch}")
    image = server(release, tmp_path, (disks.DESCRIPTIONS / "degraded-uefi.ldm").read_text(), volume=windows(arch=arch))
    drives, extra = BY_UEFI[name](release / name, tmp_path)
    with uefi.UefiMachine([*drives, Disk(image, "ahci")], flavour=arch, extra=extra) as machine:
        lines = machine.wait_verdict()
        assert lines[-1:] == ["PASS"], machine.story("the stand-in did not pass")
        if arch == "x64":              # the desk's answer is that of a firmware of 64 bits
            foretold(release, image, "uefi", boots.boot_lines(machine.serial)[0])


@pytest.mark.parametrize("command, name, bus", [("stick", "ldmboot.img", "usb"), ("floppy", "ldmboot-144.img", "floppy")])
def test_what_its_installer_writes_starts(command, name, bus, release, volume, tmp_path):
    image = server(release, tmp_path, boots.DEGRADED, volume=volume(2008), lba=20000)
    boots.expect(image, 20000)
    written = tmp_path / "written.img"
    written.write_bytes(bytes((release / name).stat().st_size))
    tool(release, "ldmboot-install", command, "--yes", written)
    with Machine([Disk(written, bus, boot=0), Disk(image, "ahci", boot=1)]) as machine:
        boots.wait_for_pass(machine)
