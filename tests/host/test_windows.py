# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-inspect.exe says on Windows what ldmboot-inspect says on Linux. Wine plays Windows, where that is here.

Both programs, as far as this wine goes: the 32-bit one needs Debian's wine32.
"""
import os
import shutil
import struct
import subprocess

import pytest

from ldmdisk import BUILD, DISKS, make

PROGRAMS = {"ldmboot-inspect.exe": "x86_64-w64-mingw32-gcc", "ldmboot-inspect-32.exe": "i686-w64-mingw32-gcc"}
LINUX = BUILD / "ldmboot-inspect"


@pytest.fixture(scope="module", params=PROGRAMS)
def windows(request, tmp_path_factory):
    """Runs the program; everything that wine makes for itself goes into a folder of this test."""
    program = BUILD / "windows" / request.param
    if not program.exists():
        pytest.skip(f"{program.name} was not built: there is no {PROGRAMS[program.name]}")
    if not shutil.which("wine"):
        pytest.skip("there is no wine here")
    home = tmp_path_factory.mktemp("wine")
    environment = dict(os.environ, WINEPREFIX=str(home / "prefix"), HOME=str(home), WINEDEBUG="-all",
                       WINEDLLOVERRIDES="mscoree=;mshtml=")

    def run(*arguments, cwd=None):
        return subprocess.run(["wine", str(program), *map(str, arguments)], cwd=cwd, env=environment, capture_output=True,
                              check=False)
    (home / "prefix").mkdir()
    # Services that wine starts once keep the ends of its first program's pipes.
    subprocess.run(["wineserver", "-p"], env=environment, check=False)
    subprocess.run(["wine", "wineboot", "-i"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    started = run("--version")
    if not started.stdout.startswith(b"ldmboot-inspect "):  # one without 32 bits says nothing, and 0
        subprocess.run(["wineserver", "-k"], env=environment, check=False)
        pytest.skip(f"this wine does not start {program.name}: {started.stderr[-200:]!r}")
    yield run
    subprocess.run(["wineserver", "-k"], env=environment, check=False)


def linux(*arguments, cwd=None):
    return subprocess.run([LINUX, *map(str, arguments)], cwd=cwd, capture_output=True, check=False)


@pytest.mark.parametrize("name", sorted(path.stem for path in DISKS.glob("*.ldm")))
def test_the_same_answer_as_on_linux(windows, tmp_path, name):
    make(DISKS / f"{name}.ldm", tmp_path)
    images = sorted(path.name for path in tmp_path.glob("*.img"))
    assert images
    for options in (["--json"], ["--json", "--firmware", "uefi"], ["--explain"]):
        there, here = windows(*options, *images, cwd=tmp_path), linux(*options, *images, cwd=tmp_path)
        assert (there.stdout, there.returncode) == (here.stdout, here.returncode)
        assert here.stdout


def test_files_that_it_writes_are_the_same_and_are_new(windows, tmp_path, windows_volume):
    make((DISKS / "degraded-uefi.ldm").read_text().replace("size=40M", "size=20M"), tmp_path, volume=windows_volume)
    image = next(tmp_path.glob("*.img")).name
    assert windows("--firmware", "uefi", "--bcd", "w.bcd", image, cwd=tmp_path).returncode == 0
    assert linux("--firmware", "uefi", "--bcd", "l.bcd", image, cwd=tmp_path).returncode == 0
    assert (tmp_path / "w.bcd").read_bytes() == (tmp_path / "l.bcd").read_bytes()
    before = (tmp_path / image).read_bytes()
    refused = windows("--firmware", "uefi", "--bcd", image, image, cwd=tmp_path)
    assert refused.returncode == 1 and b"exists" in refused.stderr
    assert (tmp_path / image).read_bytes() == before


def test_a_name_with_letters_of_no_code_page(windows, tmp_path):
    make(DISKS / "simple.ldm", tmp_path)
    image = next(tmp_path.glob("*.img"))
    image.rename(tmp_path / "Größe 磁盘.img")
    there = windows("--json", "Größe 磁盘.img", cwd=tmp_path)
    assert there.stdout == linux("--json", "Größe 磁盘.img", cwd=tmp_path).stdout
    assert "Größe 磁盘.img" in there.stdout.decode()


@pytest.mark.parametrize("path, words", [
    (".", "this is a folder"), ("missing.img", "File not found"), ("empty.img", "it holds no disk"),
    ("disk.vhdx", "this is a VHDX"), ("NUL", "neither an image file nor a disk device")])
def test_what_is_no_disk_is_said(windows, tmp_path, path, words):
    (tmp_path / "empty.img").touch()
    (tmp_path / "disk.vhdx").write_bytes(b"vhdxfile" + bytes(4096))
    done = windows(path, cwd=tmp_path)
    assert done.returncode == 1 and done.stdout == b""
    assert words in done.stderr.decode() and path in done.stderr.decode()


def test_drives_are_listed_by_names_that_it_takes(windows):
    done = windows("--drives")
    if done.returncode == 2:
        assert b"no drive of this computer was found" in done.stderr
    else:
        assert done.returncode == 0 and done.stdout.startswith(b"\\\\.\\PhysicalDrive")


def test_drives_of_linux():
    """Every disk that the kernel has is in the list, with its size."""
    done = linux("--drives")
    lines = done.stdout.decode().splitlines()
    own = ("loop", "ram", "zram", "dm-", "md", "nbd", "fd")
    disks = [name for name in (os.listdir("/sys/block") if os.path.isdir("/sys/block") else [])
             if not name.startswith(own) and open(f"/sys/block/{name}/size", encoding="ascii").read().strip() != "0"]
    assert sorted(line.split()[0] for line in lines) == sorted(f"/dev/{name.replace('!', '/')}" for name in disks)
    assert all(" GB" in line for line in lines) and done.returncode == (0 if disks else 2)


@pytest.mark.parametrize("name, machine", [("ldmboot-inspect.exe", 0x8664), ("ldmboot-inspect-32.exe", 0x014C)])
def test_it_needs_nothing_but_what_every_windows_has(name, machine):
    """Its imports are of Windows's own libraries, the old C library among them; no time stamp: built twice, the same."""
    program = BUILD / "windows" / name
    if not program.exists():
        pytest.skip(f"{name} was not built: there is no mingw-w64 for it")
    data = program.read_bytes()
    head = struct.unpack_from("<I", data, 0x3C)[0]
    assert data[head:head + 4] == b"PE\0\0" and struct.unpack_from("<H", data, head + 4)[0] == machine
    assert struct.unpack_from("<I", data, head + 8)[0] == 0
    listed = subprocess.run(["objdump", "-p", program], capture_output=True, text=True, check=True).stdout
    libraries = {line.split()[-1].lower() for line in listed.splitlines() if "DLL Name" in line}
    assert libraries <= {"kernel32.dll", "msvcrt.dll", "shell32.dll"}, libraries
