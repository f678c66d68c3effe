# SPDX-License-Identifier: GPL-2.0-or-later
"""A second BIOS and a second model of a processor: Bochs with each of its own ROM BIOSes. Stick as a disk, ldmboot.iso as a CD,
floppy; the disks are the same afterwards (support/bochs.py)."""
import itertools
import signal

import pytest

from support import bochs, bootmgr, boots, disks, media
from support.bochs import BochsMachine
from support.harness import Disk
from support.payloads import CHS, HANDED_OVER, NTFS

LEGACY = bochs.BIOSES[1]


def needs(bios: str) -> None:
    """A BIOS that a test names. The others take the first one that works."""
    fault = bios and bochs.rom_fault(bios)
    if fault:
        pytest.skip(f"this distribution's {bios} dies before it looks for a medium: {fault}")


@pytest.fixture(autouse=True)
def bochs_is_here():
    lacking = bochs.missing()
    if lacking:
        pytest.skip(lacking)


@pytest.fixture(scope="module")
def iso(built, tmp_path_factory):
    return media.iso(tmp_path_factory.mktemp("iso") / "ldmboot.iso")


@pytest.fixture(scope="module")
def floppy_iso(built, tmp_path_factory):
    return media.floppy_iso(tmp_path_factory.mktemp("iso") / "floppy.iso")


@pytest.fixture(scope="module")
def floppy(built, tmp_path_factory):
    return disks.floppy(tmp_path_factory.mktemp("floppy") / "floppy.img")


@pytest.fixture(scope="module")
def windows_alone(built, tmp_path_factory):
    return bootmgr.windows_volume(tmp_path_factory.mktemp("windows") / "windows.img")


def starts(images, drive, stick=None, cd=None, floppy=None, bios="", **machine) -> None:
    """The stick is the first disk, or the CD or the floppy is started and the disks are all there are."""
    needs(bios)
    sticks = [Disk(stick, "ide")] if stick else [Disk(floppy, "floppy")] if floppy else []
    with BochsMachine(sticks + [Disk(image, "ide") for image in images], cd=cd, bios=bios, **machine) as guest:
        boots.wait_for_boot(guest, images, drive)
        boots.wait_for_pass(guest)


def test_windows_2003(stick, volume, tmp_path):
    """NTLDR's stand-in on an MBR disk; every function of INT 13h that it calls, by Bochs's BIOS under the hook."""
    starts([boots.degraded(tmp_path, volume(2003), flags=HANDED_OVER | CHS)], 0x81, stick)


def test_windows_2008_on_gpt(stick, volume, tmp_path):
    """BOOTMGR's stand-in, by the older of the BIOSes."""
    starts([boots.degraded(tmp_path, volume(2008), 70000, HANDED_OVER | CHS, table="gpt")], 0x81, stick, bios=LEGACY)


def test_cd(iso, volume, tmp_path):
    starts([boots.degraded(tmp_path, volume(2003))], 0x80, cd=iso)


def test_floppy(floppy, volume, tmp_path):
    starts([boots.degraded(tmp_path, volume(2003))], 0x80, floppy=floppy)


def test_windows_alone(stick, windows_alone, tmp_path):
    """The system volume is made in memory; that is read through Bochs's own INT 15h AH=87h, and hidden in its E820."""
    starts([bootmgr.server(tmp_path, windows_alone)], 0x81, stick, memory=16)


def test_what_bochs_calls_an_error_is_a_failure(stick, volume, tmp_path):
    """The harness: an end of Bochs, and a line of its log, are seen."""
    image = boots.degraded(tmp_path, volume(2003))
    with pytest.raises(AssertionError, match="Bochs says: .*a fault of the test"), BochsMachine([Disk(image, "ide")]) as guest:
        guest.wait(guest.log, "the first words of the log")
        guest.process.send_signal(signal.SIGSTOP)       # it would write over what is put behind its own words
        with open(guest.folder / "bochs.log", "a") as log:
            log.write("00000000001e[TEST  ] a fault of the test\n")
        guest.wait_serial("never")
    assert guest.process.poll() is not None
    with pytest.raises(bochs.MachineGone, match="Bochs ended"), BochsMachine([Disk(image, "ide")], cpu="none such") as guest:
        guest.wait_serial("never")


# ---------------------------------------------------------------- make check-long: all of them with each other

KINDS = {
    "2000": dict(flavour=2000, flags=(HANDED_OVER | CHS) & ~NTFS),
    "2003": dict(flavour=2003, flags=HANDED_OVER | CHS),
    "2008": dict(flavour=2008, flags=HANDED_OVER | CHS),
    "2003 beyond 8 GB": dict(flavour=2003, lba=30_000_000, size="20G"),
    "2003 on GPT": dict(flavour=2003, lba=70000, flags=HANDED_OVER | CHS, table="gpt"),
    "2008 on GPT": dict(flavour=2008, lba=70000, flags=HANDED_OVER | CHS, table="gpt"),
}
CPUS = ("", "pentium", "p2_klamath", "corei7_sandy_bridge_2600k")
MEDIA = ("stick", "cd", "floppy", "cd shown as a floppy")


@pytest.mark.long
@pytest.mark.parametrize("bios, kind, medium", itertools.product(bochs.BIOSES, KINDS, MEDIA))
def test_each_disk_by_each_bios(bios, kind, medium, stick, iso, floppy, floppy_iso, volume, tmp_path):
    values = dict(KINDS[kind])
    image = boots.degraded(tmp_path, volume(values.pop("flavour")), **values)
    if medium == "stick":
        starts([image], 0x81, stick, bios=bios)
    elif medium == "floppy":
        starts([image], 0x80, floppy=floppy, bios=bios)
    else:
        starts([image], 0x80, cd=iso if medium == "cd" else floppy_iso, bios=bios)


@pytest.mark.long
@pytest.mark.parametrize("bios", bochs.BIOSES)
def test_floppy_with_an_error(bios, floppy, tmp_path):
    """A copy that was cut off behind its boot sector: what Bochs makes of the rest is refused by number."""
    needs(bios)
    short = tmp_path / "short.img"
    short.write_bytes(floppy.read_bytes()[:4096])
    with BochsMachine([Disk(short, "floppy")], bios=bios) as guest:
        guest.wait_serial("^LDM-072[01]: ")


@pytest.mark.long
@pytest.mark.parametrize("cpu, bios", itertools.product(CPUS, bochs.BIOSES))
def test_each_processor(cpu, bios, stick, volume, tmp_path):
    starts([boots.degraded(tmp_path, volume(2003), flags=HANDED_OVER | CHS)], 0x81, stick, cpu=cpu, bios=bios)


@pytest.mark.long
@pytest.mark.parametrize("bios, memory", itertools.product(bochs.BIOSES, (8, 64, 512)))
def test_memory(bios, memory, stick, volume, tmp_path):
    starts([boots.degraded(tmp_path, volume(2003))], 0x81, stick, bios=bios, memory=memory)


@pytest.mark.long
@pytest.mark.parametrize("bios", bochs.BIOSES)
@pytest.mark.parametrize("table, lba, medium", [("mbr", 40000, "stick"), ("gpt", 70000, "stick"), ("mbr", 40000, "cd")])
def test_windows_alone_by_each_bios(table, lba, medium, bios, stick, iso, windows_alone, tmp_path):
    image = bootmgr.server(tmp_path, windows_alone, lba, table=table)
    if medium == "stick":
        starts([image], 0x81, stick, bios=bios, memory=16)
    else:
        starts([image], 0x80, cd=iso, bios=bios, memory=16)


@pytest.mark.long
@pytest.mark.parametrize("bios", bochs.BIOSES)
def test_both_halves(bios, stick, volume, tmp_path):
    disks.mkldm(tmp_path, boots.BOTH_HALVES, volume=volume(2003), lba=20000)
    images = [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]
    for file, lba in zip(images, (63, 20000)):
        boots.expect(file, lba)
    starts(images, 0x81, stick, bios=bios)
