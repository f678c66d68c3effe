#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the pictures in docs/images anew: the menu on a BIOS screen and under OVMF. Needs python3-pil.
Run by: PYTHONPATH=qemu python3 -m demo.screenshots"""
import tempfile
from pathlib import Path

from PIL import Image

from support import disks, menus, uefi
import test_menu_bios
import test_menu_uefi
from support.harness import ROOT, Disk, Machine

IMAGES = ROOT / "docs" / "images"
COLOURS = 16          # as many as a text screen has


class UefiMachine(uefi.UefiMachine):
    """With a screen beside the serial line."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.extra = []


def save(machine: Machine, name: str) -> None:
    """The screen without the black around it, with a small palette."""
    raw = machine.folder / "screen.png"
    machine.screenshot(raw)
    picture = Image.open(raw).convert("RGB")
    left, top, right, bottom = picture.getbbox()
    IMAGES.mkdir(exist_ok=True)
    picture.crop((left, top, right, bottom)).quantize(COLOURS).save(IMAGES / name, optimize=True)
    print(IMAGES / name, (IMAGES / name).stat().st_size, "bytes")


def bios(folder: Path) -> None:
    disks.mkldm(folder, test_menu_bios.SERVER, volume=disks.system_volume(folder / "volume.img", 2003))
    images = [folder / "Disk1.img", folder / "Disk2.img"]
    with test_menu_bios.start(folder, images, "timeout = 60\n") as machine:
        machine.wait_serial("press any key")
        machine.press("spc")
        menus.wait_list(machine)
        machine.press("down")
        menus.wait_list(machine, "LDM-0349", "4" + "=" * 18)        # the last row that changes
        machine.wait(lambda: test_menu_bios.as_terminal(machine.screen()) == menus.on_terminal(machine), "the same on both")
        save(machine, "menu-bios.png")


def under_uefi(folder: Path) -> None:
    disks.mkldm(folder, test_menu_uefi.SERVER, volume=uefi.windows_volume(folder / "volume.img"))
    stick = test_menu_uefi.patient_stick(folder)
    with UefiMachine([Disk(stick, "usb", boot=0), *[Disk(folder / f"Disk{n}.img") for n in (1, 2)]]) as machine:
        machine.wait_serial("press any key")
        machine.type_serial(" ")
        menus.wait_list(machine)
        save(machine, "menu-uefi.png")
        machine.type_serial("d")
        menus.wait_page(machine, "details, lines 1-")
        save(machine, "menu-details.png")


def main() -> None:
    for make in (bios, under_uefi):
        with tempfile.TemporaryDirectory(prefix="ldmboot-pictures-") as folder:
            make(Path(folder))


if __name__ == "__main__":
    main()
