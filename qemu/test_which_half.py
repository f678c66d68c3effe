# SPDX-License-Identifier: GPL-2.0-or-later
"""Which half, on machines: stale, split, resyncing, torn and cloned disks do what tests/host/test_which_half.py says
that ldmboot-inspect foretells."""
import pytest

from support import boots, disks, menus, uefi
from support.harness import Disk, Machine
from support.payloads import HANDED_OVER

pytestmark = pytest.mark.usefixtures("built")

SERVER = """
group Server-Dg0 version=$version transaction=61 time=129918384000000000
disk Disk1 table=$table size=$size
disk Disk2 table=$table size=$size
volume Volume1 hint=C: flags=boot,system size=$sectors
  component Volume1-01
    partition Disk1-01 disk=Disk1
  component Volume1-02
    partition Disk2-01 disk=Disk2 start=20000
content Volume1 file=$volume hidden=63
"""
AWAY = "on Disk1: change group transaction=55 sequence=4 time=129753111600000000\n"
SPLIT = AWAY + """on Disk1: change component Volume1-02 state=STALE flags=recover
on Disk2: change component Volume1-01 state=STALE flags=recover
"""
RESYNC = "change volume Volume1 state=SYNC\nchange component Volume1-01 state=SYNC flags=recover\n"
TORN = "change group pending=62 state=change\nchange component Volume1-01 status=leaving\nchange partition Disk1-01 status=leaving\n"


def server(folder, volume, more, table="mbr", images=("Disk1", "Disk2"), description=SERVER):
    folder.mkdir(exist_ok=True)
    sectors = volume.stat().st_size // 512
    disks.mkldm(folder, description + more, volume=volume, sectors=sectors, size=f"{sectors // 2048 + 80}M", table=table,
                version={"mbr": "2.11", "gpt": "2.12"}[table])
    return [folder / f"{image}.img" for image in images]


def bios(stick, images, *unreadable):
    bad = [*unreadable, *[()] * len(images)]
    return Machine([Disk(stick, "usb", boot=0),
                    *[Disk(image, "ahci", boot=n + 1, unreadable=bad[n]) for n, image in enumerate(images)]])


@pytest.mark.parametrize("more,said", [(AWAY, "LDM-0324"), (RESYNC, "LDM-0532"), (TORN, "LDM-0319")], ids=["stale", "resync", "torn"])
def test_the_right_half_starts(more, said, stick, volume, tmp_path):
    """It is on the second disk; the firmware's first one has the other."""
    images = server(tmp_path, volume(2003), more)
    with bios(stick, images) as guest:
        fields = boots.wait_for_boot(guest, images, drive=0x82)
        assert fields["component"] == "Volume1-02"
        assert said in guest.serial


def all_but_its_front(image):
    """What is asked of a disk, but for sector 0 and the PRIVHEAD behind it: the other copies, where the database begins,
    and the front of its half."""
    region = image.stat().st_size // 512 - 2048
    return [*(region + place for place in (1, 2, 17, 1498, 1856, 2045, 2046, 2047)), *range(63, 63 + 16)]


def test_a_dying_disk_that_windows_had_given_up(stick, volume, tmp_path):
    """The product's main case: the first disk answers for hardly more than its identity. The other one's database says
    that it is failing and its half old, so that nothing it could say matters: no question, a warning."""
    given_up = "change component Volume1-01 state=STALE flags=recover\nchange disk Disk1 flags=failing\n"
    images = server(tmp_path, volume(2003), given_up)
    boots.expect(images[1], 63 + 20000, flags=HANDED_OVER)
    with bios(stick, images, all_but_its_front(images[0])) as guest:
        fields = boots.parse_boot_line(guest.wait_serial(r"^(LDM-BOOT .*)\n")[1])
        assert (fields["component"], fields["drive"]) == ("Volume1-02", "82")
        assert "LDM-0571: hd81 (Disk1)" in guest.serial
        boots.wait_for_pass(guest)


def test_a_dying_disk_that_may_be_the_newer_one(untouched_stick, volume, tmp_path):
    """The same disk, and nobody said that its half is old."""
    images = server(tmp_path, volume(2003), "change disk Disk1 flags=failing\n")
    with bios(untouched_stick, images, all_but_its_front(images[0])) as guest:
        menus.wait_list(guest, "LDM-0520")
        assert not boots.boot_lines(guest.serial)


def goes_back_to_the_firmware(guest):
    """With a key the BIOS's next device gets its turn, and nothing was started."""
    guest.type_serial("b")
    guest.wait_screen("No bootable device|Booting from")
    assert not boots.boot_lines(guest.serial)


def test_a_split_mirror_is_a_question(untouched_stick, volume, tmp_path):
    """Both halves are shown, with transactions and times; with a key the BIOS's next device gets its turn."""
    images = server(tmp_path, volume(2003), SPLIT)
    with bios(untouched_stick, images) as guest:
        screen = menus.wait_list(guest, "LDM-0330")
        assert screen.count("in doubt") == 2
        assert "hd81 (Disk1), transaction 55, 2012-03-04 05:06 UTC" in guest.serial
        assert "hd82 (Disk2), transaction 61, 2012-09-11 12:00 UTC" in guest.serial
        goes_back_to_the_firmware(guest)


THEIRS = SERVER.replace("group Server-Dg0", "group Other-Dg0").replace("Volume1", "Volume9").replace("disk Disk1", "disk Disk1 missing=yes")
ALONE = """
group Server-Dg0 version=$version transaction=95
disk Disk3 id=900 table=$table size=$size
volume Volume9 id=901 hint=C: flags=boot,system size=$sectors
  component Volume9-01 id=902
    partition Disk3-01 id=903 disk=Disk3 start=20000
content Volume9 file=$volume hidden=63
"""


@pytest.mark.parametrize("more,other,code", [(THEIRS.replace("disk Disk2", "disk Disk2 file=Other.img"), "Other", "LDM-0507"), (ALONE, "Disk3", "LDM-0330")],
                         ids=["another server", "ran alone"])
def test_a_windows_that_may_not_be_the_right_one_is_a_question(more, other, code, untouched_stick, volume, tmp_path):
    """Another server's disk beside the own half, and a disk of the own group that went on without the others."""
    server(tmp_path, volume(2003), "")
    images = server(tmp_path / "other", volume(2003), "", description=more, images=(other,))
    with bios(untouched_stick, [tmp_path / "Disk2.img", *images]) as guest:
        screen = menus.wait_list(guest, code)
        assert "Volume1" in screen and "Volume9" in screen
        goes_back_to_the_firmware(guest)


MADE_BASIC = "patch Disk1 at=sector0 offset=450 hex=07\n"  # the type of the table's only entry, 42 or EE


def test_a_disk_that_was_made_basic_is_a_question(untouched_stick, volume, tmp_path):
    """Its PRIVHEADs are left: it is the other half's disk, and may have been used alone."""
    images = server(tmp_path, volume(2003), MADE_BASIC)
    with bios(untouched_stick, images) as guest:
        screen = menus.wait_list(guest, "LDM-0356")
        assert "Disk1 (hd81)" in screen
        goes_back_to_the_firmware(guest)


def test_cloned_disks_are_a_question(untouched_stick, volume, tmp_path):
    images = server(tmp_path, volume(2003), "clone Copy of=Disk2\n", images=("Disk2", "Copy"))
    disks.used_since(images[1])
    with bios(untouched_stick, images) as guest:
        screen = menus.wait_list(guest, "LDM-0325")
        assert "Disk2 on hd81 and hd82" in screen
        guest.press("b")
        guest.wait_screen("No bootable device|Booting from")
        assert not boots.boot_lines(guest.serial)


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
def test_the_right_half_starts_by_uefi(stick, windows, tmp_path):
    images = server(tmp_path, windows(), AWAY, "gpt")
    with uefi.start(stick, images) as machine:
        fields = uefi.check_boot(machine, images, machine.wait_verdict())
        assert fields["component"] == "Volume1-02"


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
@pytest.mark.parametrize("more,images,code", [(SPLIT, ("Disk1", "Disk2"), "LDM-0330"), ("clone Copy of=Disk2\n", ("Disk2", "Copy"), "LDM-0325"),
                                              (MADE_BASIC, ("Disk1", "Disk2"), "LDM-0356")],
                         ids=["split", "cloned", "made basic"])
@pytest.mark.quick("split", "made basic")
def test_questions_by_uefi(more, images, code, untouched_stick, windows, tmp_path):
    images = server(tmp_path, windows(), more, "gpt", images)
    disks.used_since(images[1])                # of a copy
    with uefi.start(untouched_stick, images) as machine:
        menus.wait_list(machine, code)
        machine.type_serial("b")
        machine.wait_serial(uefi.FIRMWARE_GOES_ON)
        assert not boots.boot_lines(machine.serial)


ONE_HALF = ("Disk2",)


def test_one_disk_on_two_controllers(stick, volume, tmp_path):
    """Multipath: the same in all that is compared; used once, said once, and no question."""
    (image,) = server(tmp_path, volume(2003), "", images=ONE_HALF)
    boots.expect(image, 63 + 20000, flags=HANDED_OVER)
    with Machine([Disk(stick, "usb", boot=0), Disk(image, "ahci", boot=1), Disk(image, "virtio", boot=2)]) as guest:
        fields = boots.parse_boot_line(guest.wait_serial(r"^(LDM-BOOT .*)\n")[1])
        assert (fields["component"], fields["drive"]) == ("Volume1-02", "81")
        assert guest.serial.count("LDM-0110") == 1 and "LDM-0325" not in guest.serial
        boots.wait_for_pass(guest)
