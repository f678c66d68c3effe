# SPDX-License-Identifier: GPL-2.0-or-later
"""The menu on a BIOS machine: the same on the screen and on a VT100 at the serial line, used by keyboard and by
the line. What keys do in detail is tested in tests/unit/ui/test_menu.c; here it is the way there and back."""
import re

import pytest

from support import boots, disks, menus
from support.harness import Disk, Machine

pytestmark = pytest.mark.usefixtures("built")

# Disk1 was away for a while. Archive reaches over a disk that is not there.
SERVER = """
group Server-Dg0 transaction=61
disk Disk1 table=mbr size=40G signature=0x11112222
disk Disk2 table=mbr size=40G signature=0x1234ABCD
disk Disk3 table=mbr size=80G missing=yes
volume Volume1 hint=C: flags=boot,system size=81920
  component Volume1-01 state=STALE flags=recover
    partition Disk1-01 disk=Disk1 lba=20000 flags=recover
  component Volume1-02
    partition Disk2-01 disk=Disk2 lba=20000
volume Data hint=D: size=18G
  component Data-01
    partition Disk1-02 disk=Disk1 lba=2000000
  component Data-02
    partition Disk2-02 disk=Disk2 lba=2000000
volume Archive hint=E: size=12G
  component Archive-01
    partition Disk2-03 disk=Disk2 lba=50000000 size=4G
    partition Disk3-01 disk=Disk3 size=8G
content Volume1 file=$volume
"""

# A long name, cut in its middle in the list; code page 437, which the screen has, lacks two of its letters.
OFFICE = "Büro-Řehoř-Rechenzentrum-Köln-2"

HALVES = """\
 1  Volume1 C:             40 MB  Volume1-02       hd82    active   yes
 2  Volume1 C:             40 MB  Volume1-01       hd81    stale    no, older
 3  Data D:                18 GB  Data-01          hd81    active   no
 4  Data D:                18 GB  Data-02          hd82    active   no
 5  Büro-Ře..-Köln-2 E:    12 GB  Büro-Ře..ln-2-01 hd82    missing  no"""


def as_shown(reason: str, hd81: str, hd82: str) -> str:
    return menus.list_page("BIOS", HALVES, reason, f"""\
 hd80         9 MB  not a dynamic disk
 hd81        40 GB  {hd81}  Disk1
 hd82        40 GB  {hd82}  Disk2""")


FIRST = as_shown(" Volume1-02 on hd82: a good half, NTFS, NTLDR; not a retained partition, so\n Windows may stop with 0x7B.",
                 "3" + "=" * 18 + "." * 21, "1" + "=" * 18 + "...." "5====" + "." * 12)
SECOND = as_shown(" LDM-0349: Volume1-01 (STALE): its state is not ACTIVE; its data is probably\n old: use the other half if there is one.",
                  "2" + "=" * 18 + "." * 21, "4" + "=" * 18 + "...." "5====" + "." * 12)
FOURTH = as_shown(" LDM-0514: Data-02 on hd82: no boot sector: neither the first sector nor its\n"
                  " backup is one; the volume was never formatted, or is encrypted or damaged.",
                  "3" + "=" * 18 + "." * 21, "4" + "#" * 18 + "...." "5====" + "." * 12)


def as_terminal(screen: str) -> str:
    """The BIOS screen, with the terminal's characters for its glyphs."""
    return screen.translate(str.maketrans("█▒░", "#=."))


def on_screen(text: str) -> str:
    """A terminal's text, without the letters that the screen has not."""
    return text.translate(str.maketrans("Řř", "??"))


def wait_both(guest: Machine, expected: str) -> None:
    """The terminal and the screen show exactly this."""
    guest.wait(lambda: menus.on_terminal(guest) == expected, f"this on the terminal:\n{expected}")
    guest.wait(lambda: as_terminal(guest.screen()) == on_screen(expected), f"this on the screen:\n{expected}")


@pytest.fixture
def server(tmp_path, volume):
    disks.mkldm(tmp_path, SERVER.replace("Archive", OFFICE), volume=volume(2003))
    for image in (tmp_path / "Disk1.img", tmp_path / "Disk2.img"):
        boots.expect(image, 20000, flags=boots.payloads.HANDED_OVER)
    return [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]


def start(tmp_path, images, config: str) -> Machine:
    stick = disks.stick(tmp_path / "stick.img", config)
    return Machine([Disk(stick, "usb", boot=0), *[Disk(image, "ahci", boot=n + 1) for n, image in enumerate(images)]])


def test_the_menu_on_screen_and_terminal(tmp_path, server):
    with start(tmp_path, server, "timeout = 900\n") as guest:
        guest.wait_serial("press any key")
        assert f"  {OFFICE} E:  spanned, 12 GB\n" in guest.serial
        guest.wait_screen(re.escape(on_screen(f"  {OFFICE} E:  spanned, 12 GB\n")))
        guest.press("spc")
        wait_both(guest, FIRST)
        guest.press("down")                          # keyboard
        wait_both(guest, SECOND)
        guest.type_serial("\x1b[B\x1b[B")            # terminal
        wait_both(guest, FOURTH)
        guest.type_serial("d")
        menus.wait_page(guest, "details, lines 1-", "Half      Data-02, active", "sector 2000000, 37748736 sectors")
        guest.type_serial(menus.ESCAPE)              # a bare one
        wait_both(guest, FOURTH)
        guest.type_serial("[A")                      # unless it is the rest of a key that stalled on the way
        menus.wait_list(guest, " LDM-0514: Data-01 on hd81")
        guest.type_serial("\x1b[B")
        wait_both(guest, FOURTH)
        guest.press("l")
        log = menus.wait_page(guest, "log, lines ")
        assert "Windows's kernel: no entry on hd82." in log
        guest.press("home")
        menus.wait_terminal(guest, "log, lines 1-19 of ", "reading hd81 ...")
        guest.press("q")
        wait_both(guest, FOURTH)
        guest.type_serial("2\r")
        menus.wait_list(guest, "Not started: a better half of the same volume is connected.")
        guest.press("home")
        menus.wait_list(guest, "Volume1-02 on hd82: a good half")  # two lines into the machine: the keyboard may be the slower one
        guest.type_serial("\r")
        fields = boots.parse_boot_line(guest.wait_serial(r"^(LDM-BOOT .*)\n")[1])
        assert (fields["component"], fields["drive"]) == ("Volume1-02", "82")
        boots.wait_for_pass(guest)


def test_an_old_half_alone_starts_after_the_word(tmp_path, server):
    with start(tmp_path, server[:1], "timeout = 900\n") as guest:
        assert "out of date" in menus.wait_list(guest, "LDM-0349")
        guest.type_serial("\r")
        menus.wait_terminal(guest, "Volume1-01 of volume Volume1 is out of date.", "type OLDER and press Enter: _")
        guest.type_serial("yes\r")
        menus.wait_list(guest, "Not started: that was not the word.")
        assert not boots.boot_lines(guest.serial)
        guest.press("ret")
        menus.wait_terminal(guest, "press Enter: _")
        for key in "older":
            guest.press(key)
        menus.wait_terminal(guest, "press Enter: older_")
        guest.press("ret")
        fields = boots.parse_boot_line(guest.wait_serial(r"^(LDM-BOOT .*)\n")[1])
        assert (fields["component"], fields["drive"]) == ("Volume1-01", "81")
        boots.wait_for_pass(guest)


def test_on_error_menu_rescan_and_nobody(tmp_path):
    """After an error the menu comes when the configuration says so. It works without serial line; looking again
    finds the same; and when nobody is there the BIOS's next device gets its turn."""
    with start(tmp_path, [], "question-timeout = 10\non-error = menu\nserial = off\n") as guest:
        guest.wait_screen("No volume was found.")
        guest.press("r")
        guest.wait_screen(r"gets its turn in \d+ s(.|\n)*b next device")
        guest.wait_screen("(?s)LDM-050[23]: .*Nothing was started.*(No bootable device|Booting from)")    # it stays
        assert guest.serial == "" or "ldmboot" not in guest.serial
