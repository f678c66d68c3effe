# SPDX-License-Identifier: GPL-2.0-or-later
"""The RAM disk's FAT volume against fsck.fat and mtools: clean, and every file comes back byte for byte."""
import os
import random
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LDMBOOT_BUILD", TOP / "build"))
TOOL = BUILD / "tests/bootfiles"


@pytest.fixture(scope="module", autouse=True)
def tool():
    assert TOOL.exists(), "run `make test-programs` first"


def noise(size):
    return random.Random(size).randbytes(size)


def build(folder, files, out="volume.img"):
    """An image with {path: bytes}; also checks it with fsck and reads every file back."""
    arguments = []
    for number, (path, data) in enumerate(files.items()):
        (folder / f"in{number}").write_bytes(data)
        arguments.append(f"{path}={folder}/in{number}")
    image = folder / out
    subprocess.run([TOOL, "fat", image, "1234abcd", *arguments], check=True)
    fsck = subprocess.run(["fsck.fat", "-n", "-v", image], capture_output=True, text=True)
    assert fsck.returncode == 0, fsck.stdout + fsck.stderr
    for path, data in files.items():
        assert read(image, path) == data, path
    return image, fsck.stdout


def read(image, path):
    command = ["mcopy", "-n", "-i", image, "::" + path.replace("\\", "/"), "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def listing(image):
    out = subprocess.run(["mdir", "-b", "-/", "-i", image, "::"], capture_output=True, text=True, check=True).stdout
    return {line.removeprefix("::").rstrip("/") for line in out.split("\n") if line}


def test_the_boot_managers_disk(tmp_path):
    files = {"\\EFI\\Microsoft\\Boot\\bootmgfw.efi": noise(2_345_678), "\\EFI\\Microsoft\\Boot\\BCD": noise(8192)}
    image, fsck = build(tmp_path, files)
    assert "12 bit entries" in fsck
    assert image.stat().st_size < 2_345_678 + (1 << 20) + 65536
    names = {name.lower() for name in listing(image)}
    assert names == {"/efi", "/efi/microsoft", "/efi/microsoft/boot", "/efi/microsoft/boot/bootmgfw.efi",
                     "/efi/microsoft/boot/bcd"}                 # and no BOOTSTAT.DAT


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 15_000_000, 16_000_000, 40_000_000])
def test_file_sizes(tmp_path, size):
    _, fsck = build(tmp_path, {"\\A\\FILE.BIN": noise(size)})
    assert ("16 bit entries" in fsck) == (size > 15_500_000)


def test_long_names(tmp_path):
    files = {f"\\A long directory\\{name}": name.encode() for name in
             ["a name with spaces.text", "many.dots.in.it", ".hidden", "UPPER.EFI", "x~1.txt", "thirteenchars",
              "thirteenchars2", "a" * 39, "plus+comma,;=.x", "noext", "A name with other end.text"]}
    image, _ = build(tmp_path, files)
    expected = {"/a long directory"} | {path.replace("\\", "/").lower() for path in files}
    assert {name.lower() for name in listing(image)} == expected


def test_full_directory(tmp_path):
    """As many files with as long names as are allowed, all in one directory beside as many directories."""
    long = "n" * 37
    files = {f"\\D\\{long}{i:02}": bytes([i]) for i in range(2)}
    files.update({f"\\D\\{long}{i:02}\\F": bytes([i]) for i in range(2, 16)})
    build(tmp_path, files)


def test_a_volume_without_files(tmp_path):
    image, fsck = build(tmp_path, {})
    assert ": 0 files, 0/" in fsck
    assert list(image.read_bytes()[512:516]) == [0xF8, 0xFF, 0xFF, 0]


def test_two_images_are_equal(tmp_path):
    files = {"\\EFI\\Microsoft\\Boot\\BCD": noise(8192)}
    assert build(tmp_path, files, "one.img")[0].read_bytes() == build(tmp_path, files, "two.img")[0].read_bytes()


@pytest.mark.parametrize("path", ["\\EFI\\a:b", "EFI", "\\EFI\\"])
def test_bad_paths_are_told(tmp_path, path):
    (tmp_path / "in").write_bytes(b"x")
    done = subprocess.run([TOOL, "fat", tmp_path / "o", "0", f"{path}={tmp_path}/in"], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("LDM-0810:")
    assert not (tmp_path / "o").exists()
