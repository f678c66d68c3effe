# SPDX-License-Identifier: GPL-2.0-or-later
"""A server whose surviving disk has an EFI system partition of its own, with a boot store that leads to the volume."""
import uuid
from pathlib import Path

from . import disks, uefi
from .harness import BUILD

ESP_LBA, ESP_SECTORS = 67584, 32768
VOLUME_GUID = uuid.UUID("0d0d0d0d-1111-4222-8333-444444444444")

# A converted disk with its own EFI system partition, and an entry of its own for the Windows volume.
WITH_ESP = f"""
group Dg0 version=2.12
disk Disk1 table=gpt size=200M missing=yes
disk Disk2 table=gpt size=200M cover=no public=100352 public-size=309215
volume Volume1 hint=C: flags=boot,retained size=48M
  component Volume1-01
    partition Disk1-01 disk=Disk1
  component Volume1-02
    partition Disk2-01 disk=Disk2 lba=102400
entry Disk2 type=esp start={ESP_LBA} size={ESP_SECTORS}
entry Disk2 type=ldm-data start=100352 size=2048
entry Disk2 type=ldm-data volume=Volume1 guid={VOLUME_GUID}
entry Disk2 type=ldm-data start=200704 size=208863
content Volume1 file=$volume
content Disk2 file=$esp lba={ESP_LBA}
"""


def make_esp(folder: Path, partition: uuid.UUID, boot_manager=True, arch="x64") -> Path:
    """An EFI system partition whose store names this partition."""
    store, image = folder / "BCD", folder / "esp.img"
    disks.run(BUILD / "tests/bootfiles", "store", store, "gpt", uuid.UUID(int=5), partition, "efi", "C")
    files = {"EFI/Microsoft/Boot/BCD": store}
    if boot_manager:
        files["EFI/Microsoft/Boot/bootmgfw.efi"] = uefi.standin(arch)
    disks.run(BUILD / "mkvolume", "-t", "fat16", "-s", ESP_SECTORS * 512, "-p", ESP_LBA, image,
              *[f"{name}={file}" for name, file in files.items()])
    return image


def server_with_esp(folder: Path, volume: Path, esp: Path) -> Path:
    disks.mkldm(folder, WITH_ESP, volume=volume, esp=esp)
    return folder / "Disk2.img"
