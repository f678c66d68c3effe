# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-inspect on the files of virtual machines and of forensics: what is in them is read as a disk, by qemu-nbd and
ewfmount, of which nothing stays."""
import contextlib
import json
import os
import pathlib
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile

import pytest

from ldmdisk import DISKS, make
from served import LIMIT, wait_until
from test_inspect_images import INSPECT, contents_of, document, inspect, map_of

FORMATS = {"vhdx": "VHDX", "vpc": "VHD", "vmdk": "VMDK", "qcow2": "qcow2", "vdi": "VDI"}
KINDS = [*FORMATS, "vmdk of two files", "vmdk compressed", "snapshot", "E01", "E01 of many files"]
SECTOR = 512
if not shutil.which("qemu-nbd"):
    pytest.skip("qemu-nbd is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """One half of a mirror, as an image of its sectors."""
    folder = tmp_path_factory.mktemp("disk")
    make(DISKS / "stale.ldm", folder)
    return folder / "Disk2.img"


@pytest.fixture
def places():
    """For $TMPDIR. A socket's name has 107 letters, of which pytest's folders can take most."""
    with tempfile.TemporaryDirectory(prefix="ldmboot-") as folder:
        yield pathlib.Path(folder)


def convert(disk, target, kind, *options):
    subprocess.run(["qemu-img", "convert", "-O", kind, *options, disk, target], check=True)
    return target


def put_inside(disk, folder, kind):
    """The container of this kind, with a name that has what QEMU's options, and a shell, have other uses for."""
    target = folder / f"it's a, {kind}=1"
    if kind in FORMATS:
        return convert(disk, target, kind)
    if kind == "vmdk of two files":
        return convert(disk, target.with_suffix(".vmdk"), "vmdk", "-o", "subformat=monolithicFlat")
    if kind == "vmdk compressed":
        return convert(disk, target, "vmdk", "-o", "subformat=streamOptimized")
    if kind == "snapshot":
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", disk, "-F", "raw", target], check=True)
        return target
    if not shutil.which("ewfmount") or not os.access("/dev/fuse", os.R_OK | os.W_OK) or not shutil.which("fusermount"):
        pytest.skip("ewf-tools or fuse3 is not installed, or there is no /dev/fuse for it")
    small = ["-S", "1048576"] if "many" in kind else []
    with disk.open("rb") as data:
        subprocess.run(["ewfacquirestream", "-q", "-t", target, *small], stdin=data, stdout=subprocess.DEVNULL, check=True)
    return target.with_name(target.name + ".E01")


def runs(process):
    """Whether this one of /proc is there, and is not dead: who inherits those of a program that was killed may let them lie."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def helpers(image):
    """Processes that were started with this file."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (process / "cmdline").read_bytes()
            if str(image).replace(",", ",,").encode() in line.replace(b",,", b",").replace(b",", b",,") and runs(process):
                found.append(line)
    return [line for line in found if line.startswith((b"qemu-nbd", b"ewfmount"))]


def gone(image):
    return wait_until(lambda: not helpers(image))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_answer_as_for_the_image(disk, tmp_path, places, kind):
    files = tmp_path / "files"
    files.mkdir()
    image = put_inside(disk, files, kind)
    before = contents_of(files, "*")
    done = inspect("--json", image, env=dict(os.environ, TMPDIR=str(places)))
    assert done.stderr == ""
    assert done.stdout.replace(str(image), "X") == inspect("--json", disk).stdout.replace(str(disk), "X")
    assert gone(image) and not os.listdir(places)
    assert contents_of(files, "*") == before


def test_one_beside_another_and_an_image(disk, tmp_path):
    """As the disks of one computer."""
    images = [disk.with_name("Disk1.img"), disk]
    mixed = [put_inside(images[0], tmp_path, "qcow2"), put_inside(images[1], tmp_path, "vhdx")]
    for names in (mixed, [images[0], mixed[1]], [mixed[0], images[1]]):
        done, plain = inspect("--explain", *names).stdout, inspect("--explain", *images).stdout
        for name, image in zip(names, images):
            done, plain = done.replace(str(name), "X"), plain.replace(str(image), "X")
        assert done.split() == plain.split()


@pytest.mark.parametrize("kind", ["qcow2", "E01"])
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda s: s.name)
def test_nothing_stays_when_it_is_killed(disk, tmp_path, places, kind, by):
    """While it waits for a map of which nothing comes; the container is open then."""
    image, pipe = put_inside(disk, tmp_path, kind), tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([INSPECT, image, "--map", pipe, disk], env=dict(os.environ, TMPDIR=str(places))) as running:
        mute = []

        def asks():
            """It has opened the map. Only then can the other end be opened without waiting."""
            with contextlib.suppress(OSError):
                mute.extend([] if mute else [os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)])
            return mute or running.poll() is not None

        wait_until(asks)
        serving, named = helpers(image), os.listdir(places)
        running.send_signal(by)
    os.close(*mute)
    assert serving and not named and running.returncode == -by
    assert gone(image) and not os.listdir(places)
    assert str(places) not in pathlib.Path("/proc/mounts").read_text()


def test_what_has_not_answered_yet_ends_with_it_too(disk, tmp_path):
    """qemu-nbd counts a client that goes before it has said hello as none, and forgets a SIGTERM before its main loop."""
    image = convert(disk, tmp_path / "late", "qcow2")
    (tmp_path / "qemu-nbd").write_text("#!/bin/sh\ntrap '' TERM\necho $$ >here.new && mv here.new here && exec sleep 1000\n")
    (tmp_path / "qemu-nbd").chmod(0o755)
    with subprocess.Popen([INSPECT, image], cwd=tmp_path, env=dict(os.environ, PATH=f"{tmp_path}:{os.environ['PATH']}")) as running:
        wait_until((tmp_path / "here").exists)
        running.kill()
    server = pathlib.Path("/proc", (tmp_path / "here").read_text().strip())
    assert wait_until(lambda: not runs(server))


def test_a_slow_disk_is_spoken_of_on_a_terminal_only(disk, tmp_path):
    """qemu-nbd is stopped before the disk is looked at, and goes on once the terminal has shown what is waited for."""
    image = convert(disk, tmp_path / ("a long name of " * 8), "qcow2")
    other = disk.with_name("Disk1.img")
    screen, terminal = os.openpty()
    running = []
    for number, errors in enumerate((subprocess.PIPE, terminal)):
        pipe = tmp_path / f"map{number}"
        os.mkfifo(pipe)
        running.append(subprocess.Popen([INSPECT, "--json", image, "--map", pipe, other], stdout=subprocess.PIPE, stderr=errors))
        with pipe.open("w") as damage:  # it waits for that; both disks are open
            (server,) = [int(pid) for pid in pathlib.Path(f"/proc/{running[-1].pid}/task/{running[-1].pid}/children")
                         .read_text().split()]
            os.kill(server, signal.SIGSTOP)
            damage.write(f"0x0 + 1\n0x0 {other.stat().st_size:#x} +\n")
        running[-1].server = server
    os.close(terminal)
    shown = b""
    while not re.search(rb"\rldmboot-inspect: reading \.\.\.[^\r]*name of , sector \d+ *\r", shown):
        if not select.select([screen], [], [], LIMIT)[0]:
            for process in running:
                os.kill(process.server, signal.SIGKILL)
            pytest.fail(f"nothing more comes after {shown}")
        shown += os.read(screen, 4096)
    assert max(len(line) for line in shown.split(b"\r")) == 79
    for process in running:
        os.kill(process.server, signal.SIGCONT)
    answers = [process.communicate() for process in running]
    assert answers[0] == (answers[1][0], b"")
    with contextlib.suppress(OSError):  # Linux's end of a terminal
        while more := os.read(screen, 4096):
            shown += more
    os.close(screen)
    assert shown.endswith(b"\r" + b" " * 79 + b"\r")


@pytest.mark.parametrize("kind", FORMATS)
def test_without_the_program_it_is_named(disk, tmp_path, kind):
    image = convert(disk, tmp_path / "image", kind)
    done = inspect(image, exit_status=1, env={"PATH": "/nowhere"})
    assert done.stdout == "" and done.stderr == (
        f"ldmboot-inspect: {image}: this is a {FORMATS[kind]}, not the sectors of a disk; make an image of them: qemu-img convert "
        "-O raw FILE disk.img; or install qemu-nbd (package qemu-utils), by which it is read as it is\n")


def test_without_ewfmount_an_e01_is_named(tmp_path):
    image = tmp_path / "disk.E01"
    image.write_bytes(b"EVF\x09\x0d\x0a\xff\x00".ljust(4096, b"\0"))
    done = inspect(image, exit_status=1, env={"PATH": "/nowhere"})
    assert "this is an E01, not the sectors of a disk; make an image of them: ewfexport -f raw FILE" in done.stderr
    assert "install ewfmount (package ewf-tools)" in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("mark, words", [(b"vhdxfile", "this is a VHDX, and qemu-nbd cannot read it: "),
                                         (b"QFI\xfb", "this is a qcow2, and qemu-nbd cannot read it: "),
                                         (b"EVF\x09\x0d\x0a\xff\x00", "this is an E01, and ewfmount cannot read it: ")])
def test_a_broken_one_is_said_in_a_sentence(tmp_path, places, mark, words):
    if b"EVF" in mark and not shutil.which("ewfmount"):
        pytest.skip("ewf-tools is not installed")
    image = tmp_path / "broken"
    image.write_bytes(mark.ljust(70000, b"\0"))
    done = inspect(image, exit_status=1, env=dict(os.environ, TMPDIR=str(places)))
    said = done.stderr.removeprefix(f"ldmboot-inspect: {image}: ")
    assert said.startswith(words) and len(said) > len(words) + 8 and len(said.splitlines()) == 1
    assert done.stdout == "" and not os.listdir(places) and gone(image)


def test_no_folder_for_the_socket(disk, tmp_path):
    image = convert(disk, tmp_path / "image", "qcow2")
    done = inspect(image, exit_status=1, env=dict(os.environ, TMPDIR="/nowhere"))
    assert done.stderr == (f"ldmboot-inspect: {image}: this is a qcow2, and qemu-nbd cannot read it: there is no room for a name "
                           "of it in $TMPDIR or /tmp\n")


def test_of_a_running_machine_it_is_refused(disk, tmp_path):
    """Who writes to it holds QEMU's lock."""
    image = convert(disk, tmp_path / "image", "qcow2")
    with subprocess.Popen(["qemu-io", image], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        writer.stdin.write("read 0 512\n")
        writer.stdin.flush()
        assert "read 512/512" in writer.stdout.readline()
        done = inspect(image, exit_status=1)
        writer.communicate("quit\n")
    assert "lock" in done.stderr and len(done.stderr.splitlines()) == 1


def test_what_cannot_be_read_in_it_is_unreadable(disk, tmp_path):
    """A snapshot of a disk with bad sectors: the first PRIVHEAD, the volume's boot sector, and one of the database. As with a
    map that says the same of the image."""
    bad = [6, 63, disk.stat().st_size // SECTOR - 2048 + 1]
    errors = [{"event": "none", "iotype": "read", "sector": sector, "once": False} for sector in bad]
    rules = {"driver": "raw", "file": {"driver": "blkdebug", "image": {"driver": "file", "filename": str(disk)},
                                       "inject-error": errors}}
    image = tmp_path / "snapshot"
    subprocess.run(["qemu-img", "create", "-q", "-u", "-f", "qcow2", "-b", "json:" + json.dumps(rules, separators=(",", ":")),
                    "-F", "raw", image, str(disk.stat().st_size)], check=True)
    damage = map_of(tmp_path / "map", *((s * SECTOR, (s + 1) * SECTOR, "-") for s in bad), size=disk.stat().st_size)
    answer = inspect("--json", image).stdout.replace(str(image), "X")
    assert answer == inspect("--json", "--map", damage, disk).stdout.replace(str(disk), "X")
    assert answer != inspect("--json", disk).stdout.replace(str(disk), "X")


def test_a_vhd_has_the_size_that_stands_in_it(disk, tmp_path):
    """QEMU takes the geometry's for some programs', which ends before the database does: of each version for Virtual PC's."""
    image = convert(disk, tmp_path / "image", "vpc", "-o", "force_size=on")
    data = bytearray(image.read_bytes())
    for at in (0, len(data) - SECTOR):  # the footer and its copy: creator, sum of all bytes but its own
        assert data[at:at + 8] == b"conectix"
        data[at + 28:at + 32] = b"vpc "
        data[at + 56:at + 60] = struct.pack(">HBB", disk.stat().st_size // SECTOR // 136 - 1, 8, 17)
        data[at + 64:at + 68] = bytes(4)
        data[at + 64:at + 68] = struct.pack(">I", ~sum(data[at:at + SECTOR]) & 0xFFFFFFFF)
    image.write_bytes(data)
    assert json.loads(subprocess.run(["qemu-img", "info", "--output=json", "-f", "vpc", image], capture_output=True, check=True)
                      .stdout)["virtual-size"] < disk.stat().st_size
    assert document(image)["groups"] and document(image)["disks"][0]["status"] == "ok"


def test_no_command_for_a_disk_that_is_no_file_of_sectors(disk, tmp_path):
    """dd into a container would be its end; losetup shows its bytes."""
    image = convert(disk, tmp_path / "image", "vmdk")
    done = inspect("--mount", image)
    assert "no command; its disk is inside of a container file" in done.stdout and "losetup" not in done.stdout
    (tmp_path / "map").write_text("0x0 ? 1\n0x0 0x200 +\n")
    done = inspect("--map", tmp_path / "map", image, exit_status=1)
    assert "which --map knows nothing of" in done.stderr
    (tmp_path / "image.map").write_text("")
    assert inspect(image).stderr == ""


def test_no_sector_0_for_a_container(tmp_path, windows_volume):
    make((DISKS / "degraded-bios.ldm").read_text().replace("size=40M", "size=20M"), tmp_path, volume=windows_volume)
    disk = next(tmp_path.glob("*.img"))
    image = convert(disk, tmp_path / "image", "qcow2")
    assert inspect("--sector0", tmp_path / "new", disk).returncode == 0
    (tmp_path / "new").unlink(missing_ok=True)
    done = inspect("--sector0", tmp_path / "new", image, exit_status=1)
    assert "inside of a container file, into which dd cannot put a sector" in done.stderr
    assert not (tmp_path / "new").exists() and " dd if=" not in done.stdout
