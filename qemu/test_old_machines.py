# SPDX-License-Identifier: GPL-2.0-or-later
"""Old machines: processors without what came after the 386's instructions, an ISA board without PCI, 8 MB of memory."""
import itertools

import pytest

from support import bootmgr, boots
from support.harness import Disk, Machine
from support.payloads import CHS, HANDED_OVER

ISA = ["-M", "isapc"]


def starts(stick, image, memory=8, bus="ide", extra=()):
    with Machine([Disk(stick, bus, boot=0), Disk(image, bus, boot=1)], memory=memory, extra=extra) as machine:
        boots.wait_for_boot(machine, [image], 0x81)
        boots.wait_for_pass(machine)


def test_486_on_an_isa_board(stick, volume, tmp_path):
    starts(stick, boots.degraded(tmp_path, volume(2003), flags=HANDED_OVER | CHS), extra=[*ISA, "-cpu", "486"])


def test_pentium_and_windows_alone(stick, tmp_path):
    """The system volume in memory, where 8 MB have to do."""
    volume = bootmgr.windows_volume(tmp_path / "windows.img")
    starts(stick, bootmgr.server(tmp_path, volume), extra=["-cpu", "pentium"])


@pytest.mark.long
@pytest.mark.parametrize("flavour, board, cpu, memory", itertools.product(
    (2000, 2003, 2008), ("isapc", "pc"), ("486", "pentium"), (8, 64)))
def test_each(flavour, board, cpu, memory, stick, volume, tmp_path):
    flags = (HANDED_OVER | CHS) & ~(boots.payloads.NTFS if flavour == 2000 else 0)
    starts(stick, boots.degraded(tmp_path, volume(flavour), flags=flags), memory, extra=["-M", board, "-cpu", cpu])
