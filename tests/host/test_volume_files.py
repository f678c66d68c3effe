# SPDX-License-Identifier: GPL-2.0-or-later
"""
What is on the volume: files that Windows's loaders or ldmboot can read only after something was undone, or not at all.

The volumes are made by ntfs-3g (tests/tools/ntfsput.c), which also compresses as NTFS does; the forms that Windows
Overlay Filter stores are those of a WIM file's resources, which wimlib makes. Nothing here shares code with the readers.
"""
import json
import random
import subprocess
import sys

import pytest

from conftest import make_volume, pe_program
from ldmdisk import BUILD, DISKS, make
from wim import ALGORITHMS, argument, packed, WIMLIB

needs_wimlib = pytest.mark.skipif(not WIMLIB, reason="wimlib-imagex (wimtools) is not installed")

PROGRAM = bytes([0xE9, 0xD5, 0x01]) + bytes(range(256)) * 64


def plan(disk, firmware="bios"):
    """What would be done on this machine: the whole answer of ldmboot-inspect --json."""
    done = subprocess.run([BUILD / "ldmboot-inspect", "--json", "--firmware", firmware, disk], capture_output=True,
                          check=False)
    return json.loads(done.stdout)["plan"]


def bios_plan(folder, *files):
    volume = make_volume(folder / "windows.img", "20M", *files)
    make(DISKS / "degraded-bios.ldm", folder, volume=volume)
    return plan(folder / "Disk2.img")


@pytest.mark.parametrize("name, data, code", [
    ("BOOTMGR", PROGRAM, None), ("BOOTMGR,compressed", PROGRAM, "LDM-0547"), ("NTLDR,compressed", PROGRAM, "LDM-0547"),
    ("BOOTMGR,wof:0:16387", PROGRAM, "LDM-0547"), ("BOOTMGR,encrypted", PROGRAM, "LDM-0548"),
    ("NTLDR", b"", "LDM-0549"), ("BOOTMGR", bytes(600), "LDM-0549")], ids=lambda x: None if isinstance(x, str) else "-")
def test_a_loader_that_the_boot_sector_cannot_start(tmp_path, name, data, code):
    answer = bios_plan(tmp_path, (name, data))
    if code is None:
        assert answer["result"] == "boot"
    else:
        assert answer["result"] == "ask"
        assert code in [note["code"] for note in answer["notes"]], answer


@pytest.mark.parametrize("loader, head, result", [("NTLDR", b"wake", "ask"), ("NTLDR", b"WAKE", "boot"),
                                                  ("BOOTMGR", b"wake", "boot"), ("BOOTMGR", b"hibr", "ask")])
def test_a_resume_that_was_begun(tmp_path, loader, head, result):
    answer = bios_plan(tmp_path, (loader, PROGRAM), ("hiberfil.sys", head + bytes(4092)))
    assert answer["result"] == result
    assert ("LDM-0518" in [note["code"] for note in answer["notes"]]) == (result == "ask")


SPARE = ("Windows/Boot/PCAT/bootmgr", PROGRAM + bytes(80_000))
NTOSKRNL = ("Windows/System32/ntoskrnl.exe", b"MZ a kernel")   # every Windows has it, NTLDR's time or not


@pytest.mark.parametrize("winload", [
    None, ("winload.exe", b""), ("winload.exe", b"MZ" + bytes(60)), ("winload.exe,encrypted", b"MZ" + bytes(600))],
    ids=["missing", "empty", "no PE", "encrypted"])
def test_a_damaged_windows_is_no_older_one(tmp_path, winload):
    """BOOTMGR's spare copy shows that it is of Vista's time or later: nobody is sent for a CD with NTLDR."""
    files = [SPARE, NTOSKRNL] + ([(f"Windows/System32/{winload[0]}", winload[1])] if winload else [])
    answer = bios_plan(tmp_path, *files)
    assert answer["result"] == "ask" and answer["notes"][0]["code"] == "LDM-0657"
    said = subprocess.run([BUILD / "ldmboot-inspect", "--explain", tmp_path / "Disk2.img"], capture_output=True, text=True, check=False)
    assert any("LDM-0833" in line and "winload.exe" in line for line in said.stdout.splitlines()), said.stdout


def test_a_winload_that_only_windows_decodes(tmp_path):
    answer = bios_plan(tmp_path, SPARE, NTOSKRNL, ("Windows/System32/winload.exe,wof:4:5000", pe_program(0x8664)))
    assert (answer["result"], answer["method"]) == ("boot", "bios-ram")


def test_a_spare_boot_manager_that_the_bios_program_does_not_decode(tmp_path):
    """Windows's own compression (WOF: XPRESS, LZX) is read under UEFI only: said by number, with the stick as the way out."""
    answer = bios_plan(tmp_path, ("Windows/Boot/PCAT/bootmgr,wof:0:80000", SPARE[1][:70_000]),
                       ("Windows/System32/winload.exe", pe_program(0x8664)))
    assert answer["result"] == "ask" and answer["notes"][0]["code"] == "LDM-0655"
    said = subprocess.run([BUILD / "ldmboot-inspect", "--explain", tmp_path / "Disk2.img"], capture_output=True, text=True, check=False)
    assert any("LDM-0405" in line and "bootmgr" in line for line in said.stdout.splitlines()), said.stdout


# ---- compressed files are read

def words(size, seed=1):
    """Text: compresses well, with matches near and far."""
    source = random.Random(seed)
    some = [bytes(source.choice(b"abcdefghijklmnop ") for _ in range(source.randrange(2, 14))) for _ in range(400)]
    return b" ".join(source.choice(some) for _ in range(size // 4 + 1))[:size]


def contents():
    noise = random.Random(2).randbytes
    program = open(sys.executable, "rb").read(2_000_000)
    return {"words": words(300_000), "program": program, "zeros": bytes(200_000), "noise": noise(70_000),
            "mixed": words(40_000) + noise(50_000) + bytes(90_000) + words(4097, 3), "one": b"x", "chunk": words(32768),
            "chunk and one": words(32769), "calls": (b"\xe8\x01\x02\x00\x00" + b"\xe8\xff\xff\xff\xff") * 9000,
            "long match": b"ab" * 40_000, "few": words(5000)}


CONTENTS = contents()


def fscat(image, path, piece=0):
    return subprocess.run([BUILD / "tests/fscat", image, path, str(piece)], capture_output=True, check=False).stdout


@pytest.mark.parametrize("cluster", ["512", "1k", "4k"])
def test_files_that_ntfs_compressed(tmp_path, cluster):
    files = [(f"{name},compressed", data) for name, data in CONTENTS.items()]
    image = make_volume(tmp_path / "volume.img", "20M", *files, options=("-c", cluster))
    for name, data in CONTENTS.items():
        assert fscat(image, name) == data, name
    assert fscat(image, "words", 1777) == CONTENTS["words"]


@needs_wimlib
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_files_that_windows_overlay_filter_compressed(tmp_path, algorithm):
    forms = {name: packed(tmp_path / name, data, algorithm) for name, data in CONTENTS.items()}
    forms = {name: form for name, form in forms.items() if form is not None}
    assert {"words", "program", "mixed", "calls", "long match", "few"} <= set(forms)
    image = make_volume(tmp_path / "volume.img", "20M",
                        *((argument(name, len(CONTENTS[name]), algorithm), form) for name, form in forms.items()))
    for name in forms:
        assert fscat(image, name) == CONTENTS[name], name
        assert fscat(image, name, 9999) == CONTENTS[name], name


@pytest.mark.parametrize("how, code", [("encrypted", "LDM-0407"), ("wof:4:5000", "LDM-0405"), ("wof:0:5000", "LDM-0402"),
                                       ("wof:1:5000", "LDM-0402")])
def test_files_that_cannot_be_read(tmp_path, how, code):
    """Encrypted; an algorithm that is not known; bytes that are no compressed form."""
    image = make_volume(tmp_path / "volume.img", "8M", (f"file,{how}", b"\x99" * 900))
    assert fscat(image, "file").decode().strip() == code


# ---- what UEFI starts

BOOTMGFW, WINLOAD = "Windows/Boot/EFI/bootmgfw.efi", "Windows/System32/winload.efi"


def uefi_plan(folder, *files):
    volume = make_volume(folder / "windows.img", "20M", *files)
    make(DISKS / "degraded-uefi.ldm", folder, volume=volume)
    return plan(folder / "Disk2.img", "uefi")


@pytest.mark.parametrize("how", ["compressed", pytest.param("lzx", marks=needs_wimlib),
                                 pytest.param("xpress4k", marks=needs_wimlib)])
def test_a_windows_whose_files_are_compressed(tmp_path, how):
    program = pe_program(0x8664) + words(100_000)

    def file(path):
        if how == "compressed":
            return f"{path},{how}", program
        return argument(path, len(program), how), packed(tmp_path / path, program, how)

    assert uefi_plan(tmp_path, file(BOOTMGFW), file(WINLOAD))["result"] == "boot"


@pytest.mark.parametrize("bad, code", [(BOOTMGFW, "LDM-0840"), (WINLOAD, "LDM-0841")])
def test_the_true_reason_is_named(tmp_path, bad, code):
    """It is not missing, it cannot be read; and why."""
    answer = uefi_plan(tmp_path, *((path + (",encrypted" if path == bad else ""), pe_program(0x8664))
                                   for path in (BOOTMGFW, WINLOAD)))
    assert answer["result"] == "none"
    assert code in json.dumps(answer)
    shown = subprocess.run([BUILD / "ldmboot-inspect", "--firmware", "uefi", tmp_path / "Disk2.img"],
                           capture_output=True, text=True, check=False).stdout
    assert "LDM-0407" in shown and bad.rsplit("/", 1)[1] in shown
