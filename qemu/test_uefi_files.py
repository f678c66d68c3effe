# SPDX-License-Identifier: GPL-2.0-or-later
"""A Windows whose system files are compressed: by NTFS ("compress this drive"), by Windows Overlay Filter ("CompactOS")."""
import sys

import pytest

from support import disks, uefi
from support.harness import ROOT

sys.path.append(str(ROOT / "tests" / "host"))
from wim import ALGORITHMS, argument, packed, WIMLIB  # noqa: E402

DESCRIPTION = disks.DESCRIPTIONS / "degraded-uefi.ldm"

needs_wimlib = pytest.mark.skipif(not WIMLIB, reason="wimlib-imagex (wimtools) is not installed")


@pytest.mark.parametrize("how", ["compressed", *(pytest.param(name, marks=needs_wimlib) for name in ALGORITHMS)])
@pytest.mark.quick("compressed", "xpress4k", "lzx")
def test_the_boot_manager_is_compressed(tmp_path, stick, how):
    program = uefi.standin()
    wanted = f"{uefi.BOOTMGFW},{how}={program}"
    if how != "compressed":
        data = program.read_bytes()
        form = tmp_path / "packed"
        form.write_bytes(packed(tmp_path / "wim", data, how))
        assert len(form.read_bytes()) < len(data)
        wanted = f"{argument(uefi.BOOTMGFW, len(data), how)}={form}"
    volume = uefi.windows_volume(tmp_path / "windows.img", without=[uefi.BOOTMGFW], more=[wanted])
    disks.mkldm(tmp_path, DESCRIPTION, volume=volume)
    image = tmp_path / "Disk2.img"
    with uefi.start(stick, [image]) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
