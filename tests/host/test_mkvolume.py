# SPDX-License-Identifier: GPL-2.0-or-later
"""mkvolume's volumes, read back with ntfs-3g's tools, mtools and fsck.fat."""
import shutil
import struct
import subprocess

import pytest

from ldmdisk import BUILD

PROGRAM = BUILD / "mkvolume"
pytestmark = pytest.mark.skipif(not PROGRAM.exists() or not shutil.which("ntfscat"),
                                reason="build/mkvolume or ntfs-3g is not there")
CONTENT = bytes(range(256)) * 3000      # more than one cluster, less than a directory's worth of runs
FILES = ("NTLDR={0}", r"\Windows\System32\winload.efi={0}", r"\Windows\Boot\EFI\\", "boot.ini={0}")
BPB = {"ntfs": slice(3, 0x54), "fat16": slice(3, 0x3E), "fat32": slice(3, 0x5A)}


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, check=False)


@pytest.fixture(name="file")
def fixture_file(tmp_path):
    path = tmp_path / "content"
    path.write_bytes(CONTENT)
    return path


def volume(directory, file, *options, name="v.img"):
    image = directory / name
    done = run(PROGRAM, *options, image, *(argument.format(file) for argument in FILES))
    assert done.returncode == 0, done.stderr
    return image


@pytest.mark.parametrize("options", [("-s", "20M"), ("-s", "20M", "-c", "64k"), ("-s", "40M", "-b", "4096")],
                         ids=" ".join)
def test_ntfs_has_the_files(tmp_path, file, options):
    image = volume(tmp_path, file, *options)
    assert run("ntfscat", "-f", image, "/NTLDR").stdout == CONTENT
    assert run("ntfscat", "-f", image, "/Windows/System32/winload.efi").stdout == CONTENT
    assert set(run("ntfsls", "-f", image).stdout.split()) == {b"NTLDR", b"boot.ini", b"Windows"}
    assert run("ntfsls", "-f", "-p", "/Windows/Boot", image).stdout.split()[-1] == b"EFI"
    assert run("ntfsfix", "-n", image).returncode == 0


@pytest.mark.parametrize("kind", ["fat16", "fat32"])
def test_fat_has_the_files(tmp_path, file, kind):
    image = volume(tmp_path, file, "-t", kind, "-s", "40M")
    assert run("mtype", "-i", image, "::/windows/system32/WINLOAD.EFI").stdout == CONTENT
    assert b"EFI" in run("mdir", "-b", "-i", image, "::/Windows/Boot").stdout
    assert run("fsck.fat", "-n", image).returncode == 0


@pytest.mark.parametrize("kind", ["ntfs", "fat16", "fat32"])
def test_boot_code_goes_around_the_bpb(tmp_path, file, kind):
    code = tmp_path / "code"
    code.write_bytes(b"\xeb\x58\x90" + b"C" * 509)
    plain = volume(tmp_path, file, "-t", kind, "-s", "40M").read_bytes()
    image = volume(tmp_path, file, "-t", kind, "-s", "40M", "--boot-code", code, name="c.img")
    data = image.read_bytes()
    assert data[:3] == b"\xeb\x58\x90" and data[510:512] == b"\x55\xaa"
    assert data[BPB[kind]] == plain[BPB[kind]]
    assert data[BPB[kind].stop:510] == b"C" * (510 - BPB[kind].stop)
    spare = {"ntfs": len(data) - 512, "fat32": 6 * 512}.get(kind)
    if spare:
        assert data[spare:spare + 512] == data[:512]
    check = ["ntfsfix", "-n"] if kind == "ntfs" else ["fsck.fat", "-n"]
    assert run(*check, image).returncode == 0


def test_ntfs_boot_code_may_fill_the_boot_file(tmp_path, file):
    code = tmp_path / "code"
    code.write_bytes(b"B" * 8192)
    data = volume(tmp_path, file, "-s", "20M", "--boot-code", code).read_bytes()
    assert data[512:8192] == b"B" * 7680
    code.write_bytes(b"B" * 8193)
    assert run(PROGRAM, "-s", "20M", "--boot-code", code, tmp_path / "x.img").returncode == 1


@pytest.mark.parametrize("kind", ["ntfs", "fat16", "fat32"])
def test_equal_arguments_give_equal_volumes(tmp_path, file, kind):
    """NTFS counts 100 ns: two runs that looked at the clock would differ. FAT volumes carry one fixed time."""
    first = volume(tmp_path, file, "-t", kind, "-s", "40M").read_bytes()
    assert volume(tmp_path, file, "-t", kind, "-s", "40M", name="w.img").read_bytes() == first
    if kind != "ntfs":
        assert b"2011-01-01" in run("mdir", "-i", tmp_path / "v.img").stdout


def test_hidden_sectors(tmp_path, file):
    for kind in ("ntfs", "fat32"):
        data = volume(tmp_path, file, "-t", kind, "-s", "40M", "-p", "2048").read_bytes()
        assert struct.unpack_from("<I", data, 0x1C) == (2048,)


def test_mistakes_are_said(tmp_path, file):
    done = run(PROGRAM, "-s", "20M", tmp_path / "v.img", f"a={file}.missing")
    assert done.returncode == 1 and b"missing" in done.stderr
    done = run(PROGRAM, "-s", "20 apples", tmp_path / "v.img")
    assert done.returncode == 2 and b"not a size" in done.stderr
