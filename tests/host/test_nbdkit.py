# SPDX-License-Identifier: GPL-2.0-or-later
"""What the nbdkit plugin serves: every volume, the disk as it is shown at a boot, the basic disk that starts by itself.

Judges are other people's programs: sfdisk, sgdisk, fsck.fat, mtools, ntfsinfo, hivex, ldmtool, nbdinfo.
"""
import contextlib
import errno
import json
import os
import random
import re
import shlex
import shutil
import socket
import struct
import subprocess
import threading
import uuid

import pytest

from conftest import make_volume, pe_program
from ldmdisk import DISKS, ROOT, SECTOR, make
from linux import attach                # noqa: F401  (a fixture)
from served import BUILD, PATH, PLUGIN, PRELOAD_BAD_SECTORS, Server, needs_nbdkit, pread, refused, same, serve
from test_inspect_images import map_of as ddrescue_map

pytestmark = needs_nbdkit

MIB = 1 << 20
FIRST = 2048                  # sector of the first volume of a BIOS's basic disk
UEFI_FIRST = 2048 + (260 + 16) * 2048
SIZE = 20 * 2048              # of windows_volume

MIRROR = """
group Dg0 transaction=40
disk Disk1 table=mbr size=50M signature=0x11112222
disk Disk2 table=mbr size=50M signature=0x33334444
volume Volume1 hint=C: size=20M flags=boot,system
  component Volume1-01
    partition Disk1-01 disk=Disk1 lba=63
  component Volume1-02
    partition Disk2-01 disk=Disk2 lba=4000
content Volume1 file=$volume
"""
HALF = MIRROR.replace("signature=0x11112222", "missing=yes").replace("content Volume1 ", "content Volume1-02 ")
OLD_TOO = HALF + """
volume Data hint=D: size=4M
  component Data-01
    partition Disk1-02 disk=Disk1
  component Data-02 state=STALE flags=recover
    partition Disk2-02 disk=Disk2 flags=recover
"""
UEFI = """
group Dg0 version=2.12 transaction=40
disk Disk1 table=gpt size=200M block=$block
disk Disk2 table=gpt size=200M block=$block missing=yes
volume Volume1 hint=C: size=20M flags=boot
  component Volume1-01
    partition Disk1-01 disk=Disk1 start=128
  component Volume1-02
    partition Disk2-01 disk=Disk2 start=128
content Volume1-01 file=$volume
"""


def tool(*command, check=True):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          env={**os.environ, "PATH": PATH, "MTOOLS_SKIP_CHECK": "1"})
    assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def exports(server: Server):
    return {e["export-name"]: e for e in json.loads(tool("nbdinfo", "--list", "--json", server.uri()))["exports"]}


def entries(sector0):
    """(active, type, start, sectors) of the four entries."""
    return [struct.unpack_from("<B3xB3xII", sector0, 446 + 16 * n) for n in range(4)]


def gpt_of(image, block=512):
    """{name: (first sector, sectors, unique GUID)}, and the disk's GUID."""
    header, array = pread(image, block, 512), pread(image, 2 * block, 16384)
    found = {}
    for at in range(0, len(array), 128):
        kind, unique, first, last = struct.unpack_from("<16s16sQQ", array, at)
        if any(kind):
            name = array[at + 56:at + 128].decode("utf-16-le").rstrip("\0")
            found[name] = (first * block // 512, (last + 1 - first) * block // 512, uuid.UUID(bytes_le=unique))
    return found, uuid.UUID(bytes_le=header[56:72])


# ---------------------------------------------------------------- exports, volumes

def test_lists_what_there_is(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk2.img") as server:
        found = exports(server)
        assert list(found)[:3] == ["basic", "seen", "Volume1"]
        assert uuid.UUID(list(found)[3]) and len(found) == 4
        assert "C:" in found["Volume1"]["description"] and "Volume1-02" in found["Volume1"]["description"]
        assert found["Volume1"]["export-size"] == SIZE * SECTOR and found["Volume1"]["is_read_only"]
        assert found["seen"]["export-size"] == 50 * MIB
        assert found["basic"]["export-size"] == 9 << 30     # where every BIOS counts 255 heads of 63 sectors
        assert tool("nbdinfo", "--size", server.uri()) == f"{9 << 30}\n"


def test_a_volume_by_name_and_by_guid_is_its_half(tmp_path, windows_volume):
    make(MIRROR, tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk1.img", tmp_path / "Disk2.img") as server:
        for number, name in enumerate(list(exports(server))[2:]):
            server.copy(tmp_path / f"copy{number}", name)
            same(tmp_path / f"copy{number}", 0, windows_volume, 0, SIZE * SECTOR)


def test_volumes_of_one_name_in_two_groups_are_each_their_own(tmp_path, windows_volume, data_volume):
    make(DISKS / "two-groups.ldm", tmp_path, volume=windows_volume, data=data_volume)
    disks = [tmp_path / "Data.img", tmp_path / "Half.img"]
    sizes = {"C:": 100 * MIB, "E:": 40 * MIB}
    with serve(*disks, layout="volume", map=tmp_path / "map") as server:
        found = exports(server)
        guids = {e["export-size"]: name for name, e in found.items() if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]+){4}", name)}
        names = {e["export-size"]: name for name, e in found.items() if name not in guids.values() and name not in ("basic", "seen")}
        assert set(guids) == set(sizes.values())
        assert names == {sizes["C:"]: "Volume1 (Other-Dg0)", sizes["E:"]: "Volume1 (Own-Dg0)"}
        for size, name in [*guids.items(), *names.items()]:
            server.copy(tmp_path / name, name)
            same(tmp_path / name, SECTOR, windows_volume if size == sizes["C:"] else data_volume, SECTOR, 3 * MIB)
    written = list(tmp_path.glob("map*"))
    assert sorted(map_lines(path)[-1][0] + map_lines(path)[-1][1] for path in written) == sorted(sizes.values()), written
    for hint, size in sizes.items():
        for word in (hint, guids[size], names[size]):
            with serve(*disks, layout="volume", volume=word) as server:
                assert tool("nbdinfo", "--size", server.uri()) == f"{size}\n", word


def test_volumes_of_one_name_and_one_guid_are_each_their_own(tmp_path, windows_volume, data_volume):
    """Two servers were made of one image: their groups have one name, one GUID, and so have their volumes, and go on by themselves."""
    for disk, volume, more in (("One", windows_volume, ""), ("Two", data_volume, "volume Extra id=50 guid=%s size=1M\n  component "
                               "Extra-01 id=51\n    partition E1 id=52 disk=Two lba=70000\n" % uuid.UUID(int=50))):
        make(f"""
group Dg0 guid={uuid.UUID(int=7)} transaction=40
disk {disk} table=mbr size=50M guid={uuid.uuid4()}
volume Volume1 hint=C: guid={uuid.UUID(int=9)} size=20M
  component Volume1-01
    partition Disk1-01 disk={disk} lba=63
{more}content Volume1 file={volume}
""", tmp_path)
    disks, words = [tmp_path / "One.img", tmp_path / "Two.img"], {"component": "Volume1-01", "old_half": "yes"}
    assert "0925" not in refused(*disks, **words)               # of which of them?
    for disk, content in (("One", windows_volume), ("Two", data_volume)):
        for order in (disks, disks[::-1]):
            with serve(*order, layout="volume", volume=f"Volume1 (Dg0, {disk}.img)", **words) as server:
                assert server.codes()[0] == "0925" and f"Volume1 (Dg0, {disk}.img)" in exports(server)
                assert str(uuid.UUID(int=9)) not in exports(server)
                server.copy(tmp_path / "copy")
            same(tmp_path / "copy", 0, content, 0, 4 * MIB)


def test_names_that_are_no_text(tmp_path, windows_volume):
    """Latin-1, and what a terminal would obey, as no mkldm writes it: clients get UTF-8 without control characters."""
    make(HALF, tmp_path, volume=windows_volume)
    data = (tmp_path / "Disk2.img").read_bytes()
    assert data.count(b"Volume1") == 3
    with open(tmp_path / "Disk2.img", "r+b") as file:
        for found in re.finditer(b"Volume1", data):
            file.seek(found.start())
            file.write(b"V\x1b[\xe4\x9bm1")
    with serve(tmp_path / "Disk2.img") as server:
        name = list(exports(server))[2]
        assert name == "V?[ä?m1" and server.codes() == []
        server.copy(tmp_path / "copy", name)
        assert "\x1b" not in exports(server)[name]["description"]
    same(tmp_path / "copy", 0, windows_volume, 0, SIZE * SECTOR)
    for word in (name, "C:"):
        with serve(tmp_path / "Disk2.img", layout="volume", volume=word) as server:
            assert tool("nbdinfo", "--size", server.uri()) == f"{SIZE * SECTOR}\n"
    done = subprocess.run([BUILD / "ldmboot-rescue", "list", tmp_path / "Disk2.img"], capture_output=True, text=True)
    assert done.returncode == 0 and name in done.stdout and "\x1b" not in done.stdout


def test_disks_that_are_given_twice_are_used_once(tmp_path, windows_volume):
    """By two paths, or as an exact copy: as the boot programs do."""
    make(HALF, tmp_path, volume=windows_volume)
    (tmp_path / "link.img").symlink_to(tmp_path / "Disk2.img")
    shutil.copy(tmp_path / "Disk2.img", tmp_path / "copy.img")
    for other in ("link.img", "copy.img"):
        with serve(tmp_path / "Disk2.img", tmp_path / other) as server:
            assert server.codes() == ["0110"] and f"Disk2.img, also as {tmp_path}/{other}" in server.said
            server.copy(tmp_path / "copy", "Volume1")
        same(tmp_path / "copy", 0, windows_volume, 0, SIZE * SECTOR)


TWO_TABLES = MIRROR.replace("table=mbr size=50M signature=0x33334444", "table=gpt size=90M").replace("lba=4000", "start=0")


def test_the_firmware_is_that_of_the_half_that_starts(tmp_path, windows_volume, data_volume):
    """An old half with an MBR, or another group's data disk, says nothing about how the one with the GPT was started."""
    old = TWO_TABLES.replace("component Volume1-01", "component Volume1-01 state=STALE flags=recover")
    make(old, tmp_path, volume=windows_volume)
    make(DISKS / "two-groups.ldm", tmp_path, volume=windows_volume, data=data_volume)
    pairs = ("Disk1", "Disk2"), ("Data", "Half")
    for names in [*pairs, *[pair[::-1] for pair in pairs]]:
        with serve(*[tmp_path / f"{name}.img" for name in names]) as server:
            assert server.read(512, 8) == b"EFI PART" and "seen" not in exports(server), names
        with serve(*[tmp_path / f"{name}.img" for name in names], firmware="bios") as server:
            assert entries(server.read(0, 512))[0][:2] == (0x80, 7)


def test_two_halves_that_start_by_two_firmwares_are_a_question(tmp_path, windows_volume):
    make(TWO_TABLES, tmp_path, volume=windows_volume)
    disks = [tmp_path / "Disk1.img", tmp_path / "Disk2.img"]
    for order in (disks, disks[::-1]):
        assert refused(*order) == ["0558"]
        with serve(*order, layout="volume") as server:      # no start, no question
            assert exports(server)["Volume1"] and server.codes() == []
        with serve(*order, component="Volume1-02") as server:
            assert server.read(512, 8) == b"EFI PART"
        for firmware, gpt in (("bios", False), ("uefi", True)):
            with serve(*order, firmware=firmware) as server:
                assert (server.read(512, 8) == b"EFI PART") == gpt


def test_a_volume_in_pieces_and_in_the_wrong_order_is_whole(tmp_path, windows_volume):
    volume = make_volume(tmp_path / "volume.img", "40M", ("NTLDR", os.urandom(30 * MIB)))
    make(DISKS / "spanned-mirror.ldm", tmp_path, volume=volume)
    with serve(tmp_path / "Disk2.img") as server:
        server.copy(tmp_path / "copy", "Volume1")
        server.copy(tmp_path / "basic")
    same(tmp_path / "copy", 0, volume, 0, 40 * MIB, but=(0, 40 * 2048 - 1))     # hidden=63 is put there by mkldm
    same(tmp_path / "basic", MIB, volume, 0, 40 * MIB, but=(0, 40 * 2048 - 1))


@pytest.mark.parametrize("disks, volume, pieces", [
    (["ldm-2003r2-simple-1"], "Volume1", [("ldm-2003r2-simple-1", 63, 96256)]),
    (["ldm-2003r2-mirrored-1"], "Volume3", [("ldm-2003r2-mirrored-1", 63, 96256)]),
    (["ldm-2003r2-mirrored-2"], "Volume3", [("ldm-2003r2-mirrored-2", 63, 96256)]),
    (["ldm-2003r2-spanned-1", "ldm-2003r2-spanned-2"], "Volume2",
     [("ldm-2003r2-spanned-2", 63, None), ("ldm-2003r2-spanned-1", 63, None)]),
    (["ldm-2008r2-mirrored-2"], "Volume3", [("ldm-2008r2-mirrored-2", 65664, 32768)])])
def test_volumes_of_disks_that_windows_wrote(tmp_path, real, disks, volume, pieces):
    with serve(*[real[name] for name in disks], layout="volume", volume=volume) as server:
        size = exports(server)[volume]["export-size"]
        server.copy(tmp_path / "copy")
    at = 0
    for name, lba, sectors in pieces:
        length = min(sectors * SECTOR if sectors else 96256 * SECTOR, size - at)
        same(tmp_path / "copy", at, real[name], lba * SECTOR, length)
        at += length
    assert at == size


def test_holes_are_reported_and_stay_holes(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk2.img") as server:
        kinds = json.loads(tool("nbdinfo", "--map", "--json", server.uri("basic")))
        assert kinds[0]["offset"] == 0 and kinds[0]["type"] == 0        # sector 0 lies over a hole
        assert sum(k["length"] for k in kinds if k["type"] == 3) > 8 << 30
        server.copy(tmp_path / "copy")
    assert (tmp_path / "copy").stat().st_blocks * 512 < 30 * MIB


def test_a_device_that_knows_of_no_holes_has_none(tmp_path, windows_volume):
    """A block device answers EINVAL when it is asked. A copier that trusts block status would write nothing at all."""
    make(HALF, tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk2.img", environment=PRELOAD_BAD_SECTORS | {"NOHOLES": "1"}) as server:
        server.copy(tmp_path / "copy", "Volume1")
        server.copy(tmp_path / "basic")
        kinds = json.loads(tool("nbdinfo", "--map", "--json", server.uri("Volume1")))
        assert [kind["type"] for kind in kinds] == [0]
    same(tmp_path / "copy", 0, windows_volume, 0, SIZE * SECTOR)
    same(tmp_path / "basic", MIB, windows_volume, 0, SIZE * SECTOR, but=(0, SIZE - 1))


def test_a_copy_from_a_block_device(tmp_path, windows_volume, attach):
    make(HALF, tmp_path, volume=windows_volume)
    device = attach(tmp_path / "Disk2.img", "--read-only")
    with serve(device) as server:
        server.copy(tmp_path / "copy", "Volume1")
        server.copy(tmp_path / "basic")
    same(tmp_path / "copy", 0, windows_volume, 0, SIZE * SECTOR)
    same(tmp_path / "basic", MIB, windows_volume, 0, SIZE * SECTOR, but=(0, SIZE - 1))


def test_opens_its_disks_for_reading_only(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    trace, before = tmp_path / "trace", (tmp_path / "Disk2.img").read_bytes()
    with serve(tmp_path / "Disk2.img", wrapper=("strace", "-f", "-o", trace, "-e", "trace=open,openat,pwrite64,write")) as server:
        server.copy(tmp_path / "copy", "Volume1")
    opened = [line for line in trace.read_text().splitlines() if "Disk2.img" in line]
    assert opened and all("O_RDONLY" in line for line in opened)
    assert (tmp_path / "Disk2.img").read_bytes() == before


def test_requests_that_are_no_whole_sectors_or_lie_beyond_the_end(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk2.img") as server:
        assert server.read(3, 8, "Volume1") == b"NTFS    "
        assert server.read(510, 4, "Volume1") == pread(windows_volume, 510, 4)
        assert server.read(SIZE * SECTOR - 8, 512, "Volume1") is None
        assert exports(server)      # it still answers


class RawClient:
    """One connection, by the NBD protocol's description: it asks for what the library and QEMU do not let through."""

    def __init__(self, path, name):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        assert self.take(18)[:16] == b"NBDMAGICIHAVEOPT"
        self.socket.sendall(struct.pack(">I8sII", 3, b"IHAVEOPT", 1, len(name)) + name.encode())
        self.size = struct.unpack(">QH", self.take(10))[0]

    def close(self):
        self.socket.close()

    def take(self, length):
        data = b""
        while len(data) < length:
            piece = self.socket.recv(length - len(data))
            assert piece, "the server went away"
            data += piece
        return data

    def ask(self, command, offset, length, data=b""):
        """(error, bytes)"""
        self.socket.sendall(struct.pack(">IHHQQI", 0x25609513, 0, command, 7, offset, length) + data)
        magic, error, handle = struct.unpack(">IIQ", self.take(16))
        assert (magic, handle) == (0x67446698, 7)
        return error, self.take(length) if command == 0 and not error else b""


def test_clients_that_ask_for_what_is_not_there(tmp_path, windows_volume):
    """Beyond the end, across it, at the end of all numbers; and to write. Each is an error, and the next question is answered."""
    make(HALF, tmp_path, volume=windows_volume)
    size, first = SIZE * SECTOR, pread(windows_volume, 0, 4096)
    with serve(tmp_path / "Disk2.img") as server, contextlib.closing(RawClient(server.folder / "socket", "Volume1")) as client:
        assert client.size == size
        for offset, length in ((size, 512), (size - 512, 1024), (1 << 62, 512), ((1 << 64) - 512, 512), ((1 << 64) - 512, 1024)):
            assert client.ask(0, offset, length)[0] == errno.EINVAL, (offset, length)
            assert client.ask(0, 0, 4096) == (0, first)
        assert client.ask(0, size - 512, 512) == (0, pread(windows_volume, size - 512, 512))
        assert client.ask(1, 0, 512, bytes(512))[0] == errno.EPERM
        assert client.ask(0, 0, 4096) == (0, first)


def examples():
    """The commands of the manual page, as they are typed."""
    text = (ROOT / "docs/man/nbdkit-ldmboot-plugin.1").read_text()
    return [line.replace(r"\(dq", '"') for line in re.findall(r"^\.Dl (nbdkit .*)$", text, re.M)]


@pytest.mark.parametrize("command", examples(), ids=lambda command: command.split("--run '")[1].split()[0])
def test_examples_of_the_manual_page(tmp_path, windows_volume, command):
    """Typed in an empty folder; only the disk and where the plugin is are others. Programs that start a machine tell what they got."""
    make(HALF, tmp_path, volume=windows_volume)
    folder, programs = tmp_path / "empty", tmp_path / "programs"
    folder.mkdir()
    programs.mkdir()
    for name in ("qemu-system-x86_64", "guestfish"):
        (programs / name).write_text("""#!/bin/sh\nfor word; do uri=${word#file=}; uri=${uri%,format=raw}
    case $uri in nbd*) nbdinfo --size "$uri" && exit;; esac\ndone\nexit 1\n""")
        (programs / name).chmod(0o755)
    done = subprocess.run(command.replace(" ldmboot ", f" {shlex.quote(str(PLUGIN))} ").replace("/dev/sdb", str(tmp_path / "Disk2.img")), shell=True,
                          cwd=folder, capture_output=True, text=True, env={**os.environ, "PATH": f"{programs}:{PATH}"})
    assert done.returncode == 0, done.stderr
    if "nbdcopy" in command:
        same(folder / "c.img", 0, windows_volume, 0, SIZE * SECTOR)
        assert [status for _, _, status in map_lines(folder / "c.map")] == ["+"]
    else:
        assert re.search(r"\b(20971520|9663676416)\b", done.stdout), done.stdout


def test_many_clients_at_once_while_disks_fail(tmp_path):
    """Sixteen connections at random places, bad sectors on both halves, at two places the same ones: whoever asks gets the bytes, or
    an error exactly there; and one map of it all."""
    volume = make_volume(tmp_path / "volume.img", "20M", ("NTLDR", os.urandom(15 * MIB)))
    make(MIRROR, tmp_path, volume=volume)
    lost = {10000, 10001, 30007}
    bad = {f"{tmp_path}/Disk{disk}.img": ",".join(str(lba + at) for at in sorted(lost | set(range(own, SIZE - 8, 977))))
           for disk, lba, own in ((1, 63, 500), (2, 4000, 900))}
    data, wrong = volume.read_bytes(), []

    def ask(number):
        chance = random.Random(number)
        with contextlib.closing(RawClient(server.folder / "socket", "Volume1")) as client:
            for _ in range(40):
                first, count = chance.randrange(8, SIZE - 1000), chance.randrange(1, 600)
                if chance.randrange(4) == 0:
                    first, count = chance.choice(sorted(lost)) - chance.randrange(100), 100
                error, got = client.ask(0, first * SECTOR, count * SECTOR)
                if (error, got) != ((errno.EIO, b"") if lost & set(range(first, first + count)) else
                                    (0, data[first * SECTOR:(first + count) * SECTOR])):
                    wrong.append((number, first, count, error))

    with serve(tmp_path / "Disk1.img", tmp_path / "Disk2.img", environment=faulty(**bad), map=tmp_path / "map") as server:
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == [] and server.process.poll() is None
    assert {at // SECTOR + n for at, size, kind in map_lines(tmp_path / "map.Volume1") if kind == "-"
            for n in range(size // SECTOR)} <= lost


# ---------------------------------------------------------------- seen

@pytest.mark.parametrize("name, lba, sectors, volume", [("ldm-2003r2-simple-1", 63, 96256, "Volume1"),
                                                        ("ldm-2003r2-mirrored-1", 63, 96256, "Volume3"),
                                                        ("ldm-2008r2-mirrored-2", 65664, 32768, "Volume3")])
def test_seen_and_basic_of_disks_that_windows_wrote(tmp_path, real, name, lba, sectors, volume):
    """They are data volumes: with a loader in them they are started, and served. All but sector 0 and the boot sectors is theirs."""
    disk, taken = tmp_path / "disk.img", tmp_path / "volume.img"
    shutil.copy(real[name], disk)
    taken.write_bytes(pread(disk, lba * SECTOR, sectors * SECTOR))
    (tmp_path / "loader").write_bytes(b"a loader")
    tool("ntfscp", "-f", taken, tmp_path / "loader", "BOOTMGR" if "2008" in name else "NTLDR")
    with open(disk, "r+b") as file:
        file.seek(lba * SECTOR)
        file.write(taken.read_bytes())
    with serve(disk, firmware="bios", volume=volume, size="100M") as server:
        server.copy(tmp_path / "seen", "seen")
        server.copy(tmp_path / "basic", "basic")
    same(tmp_path / "seen", 0, disk, 0, disk.stat().st_size, but=(0, lba, lba + sectors - 1, lba + sectors))
    same(tmp_path / "basic", MIB, taken, 0, sectors * SECTOR, but=(0, sectors - 1))
    assert "No errors" in tool("sfdisk", "--verify", tmp_path / "basic") and json.loads(tool("ldmtool", "scan", tmp_path / "basic")) == []
    assert [entry for entry in entries(pread(tmp_path / "basic", 0, 512)) if entry[1]] == [(0x80, 7, FIRST, sectors)]


def test_seen_is_the_disk_with_a_sector_0_and_boot_sectors_of_its_own(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk2.img", layout="seen") as server:
        seen = server.copy(tmp_path / "seen")
    same(seen, 0, tmp_path / "Disk2.img", 0, 50 * MIB, but=(0, 4000, 4000 + SIZE - 1))
    table = entries(pread(seen, 0, 512))
    assert (0x80, 0x07, 4000, SIZE) in table and not any(kind == 0x42 for _, kind, _, _ in table)
    assert struct.unpack("<I", pread(seen, 4000 * SECTOR + 0x1C, 4)) == (4000,)


# ---------------------------------------------------------------- basic, BIOS

def basic(tmp_path, description, volume, disks=("Disk2.img",), target="basic", **parameters):
    """A copy of the basic disk, and what was said."""
    values = {key: parameters.pop(key) for key in ("block",) if key in parameters}
    make(description, tmp_path, volume=volume, **values)
    with serve(*[tmp_path / disk for disk in disks], **parameters) as server:
        server.copy(tmp_path / target)
        said = server.codes()
    return tmp_path / target, said


def test_bios_table_boot_code_and_volume(tmp_path, windows_volume):
    disk, said = basic(tmp_path, HALF, windows_volume)
    assert said == []
    sector0 = pread(disk, 0, 512)
    assert entries(sector0) == [(0x80, 0x07, FIRST, SIZE), (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0)]
    assert sector0[:440] == (BUILD / "bios/mbr.bin").read_bytes()[:440]
    assert struct.unpack_from("<I", sector0, 440) == (0x33334444,) and sector0[510:] == b"\x55\xaa"
    assert "No errors" in tool("sfdisk", "--verify", disk)
    same(disk, MIB, windows_volume, 0, SIZE * SECTOR, but=(0, SIZE - 1))
    for sector in (FIRST, FIRST + SIZE - 1):
        assert struct.unpack("<HHI", pread(disk, sector * SECTOR + 0x18, 8)) == (63, 255, FIRST)
        assert pread(disk, sector * SECTOR + 0x24, 1) == b"\x80"
    assert not any(pread(disk, SECTOR, (FIRST - 1) * SECTOR))


def test_nothing_of_ldm_is_left_and_ntfs_is_content(tmp_path, windows_volume):
    disk, _ = basic(tmp_path, HALF, windows_volume)
    with open(disk, "r+b") as file:      # what is behind it is a hole
        file.truncate(FIRST * SECTOR + SIZE * SECTOR + MIB)
    assert json.loads(tool("ldmtool", "scan", disk)) == []
    volume = tmp_path / "taken"
    volume.write_bytes(pread(disk, MIB, SIZE * SECTOR))
    assert "NTLDR" in tool("ntfsls", volume)
    tool("ntfsfix", "-n", volume)


def with_boot_ini(tmp_path, partition):
    ini = (f"[boot loader]\r\ndefault=multi(0)disk(0)rdisk(0)partition({partition})\\WINDOWS\r\n[operating systems]\r\n"
           f"multi(0)disk(0)rdisk(0)partition({partition})\\WINDOWS=\"x\"\r\n").encode()
    return make_volume(tmp_path / "volume.img", "20M", ("NTLDR", b"a loader"), ("boot.ini", ini), ("WINDOWS/system32/x", b"x"))


def test_the_numbers_are_those_that_the_loaders_were_shown(tmp_path, windows_volume):
    """boot.ini says partition(2): an entry that only counts comes before it."""
    disk, _ = basic(tmp_path, HALF, with_boot_ini(tmp_path, 2))
    with serve(tmp_path / "Disk2.img", layout="seen") as server:
        shown = entries(pread(server.copy(tmp_path / "seen"), 0, 512))
    table = entries(pread(disk, 0, 512))
    slot = next(n for n, e in enumerate(shown) if e[0] == 0x80)
    assert table[slot] == (0x80, 0x07, FIRST, SIZE)
    assert all((shown[n][1] == 0) == (table[n][1] == 0) for n in range(4))
    assert not any(kind == 0x42 for _, kind, _, _ in table)


def test_other_volumes_of_the_disk_come_behind(tmp_path, windows_volume, data_volume):
    disk, said = basic(tmp_path, HALF + """
volume Data hint=D: size=4M
  component Data-01
    partition Disk2-02 disk=Disk2 lba=60000
content Data file=%s
""" % data_volume, windows_volume)
    second = FIRST + SIZE
    assert entries(pread(disk, 0, 512))[:2] == [(0x80, 7, FIRST, SIZE), (0, 7, second, 8192)] and said == []
    same(disk, second * SECTOR, data_volume, 0, 4 * MIB, but=(0, 8191))
    assert struct.unpack("<I", pread(disk, second * SECTOR + 0x1C, 4)) == (second,)


def volumes(count, size="2M", content=None):
    """Further volumes of Disk2, behind the first."""
    text = ""
    for n in range(count):
        text += f"volume V{n} size={size}\n  component V{n}-01\n    partition P{n} disk=Disk2 lba={60000 + 4096 * n}\n"
        text += f"content V{n} file={content}\n" if content else ""
    return text


def partitions(disk):
    """[(start, sectors, type)] in the order of their numbers, as sfdisk reads them; of the extended one the type only."""
    dump = json.loads(tool("sfdisk", "--json", disk))["partitiontable"]["partitions"]
    return [(p["start"], p["size"], p["type"]) for p in dump if p["type"] not in ("f", "5")]


@pytest.mark.parametrize("further", [1, 3, 4, 8])
def test_volumes_that_a_table_of_four_has_no_room_for_are_logical_drives(tmp_path, windows_volume, further):
    small = make_volume(tmp_path / "small.img", "2M", ("text", b"x" * 5000))
    disk, said = basic(tmp_path, HALF + volumes(further, content=small), windows_volume, size="100M")
    assert said == [] and "No errors" in tool("sfdisk", "--verify", disk)
    table = entries(pread(disk, 0, 512))
    assert table[0] == (0x80, 7, FIRST, SIZE)
    assert [e[1] for e in table[1:]] == ([7] * further + [0, 0])[:3] if further <= 3 else [7, 7, 15]
    found = partitions(disk)
    assert len(found) == 1 + further and all(kind == "7" and start % 2048 == 0 for start, _, kind in found)
    for start, sectors, _ in found[1:]:
        assert sectors == 4096
        same(disk, start * SECTOR, small, 0, 2 * MIB, but=(0, 4095))
        logical = start not in [e[2] for e in table]
        assert struct.unpack("<I", pread(disk, start * SECTOR + 0x1C, 4)) == (2048 if logical else start,)


def logical_drives(disk):
    """(start, sectors), along the chain of tables."""
    first = table = next(start for _, kind, start, _ in entries(pread(disk, 0, 512)) if kind == 15)
    found = []
    while table:
        sector = pread(disk, table * SECTOR, 512)
        (_, kind, start, sectors), (_, link, following, _) = entries(sector)[:2]
        assert kind == 7 and sector[510:] == b"\x55\xaa" and link in (0, 5)
        found.append((table + start, sectors))
        table = first + following if link else 0
    return found


def test_more_volumes_than_are_copied_are_said(tmp_path, windows_volume):
    """64 are: the first one and 63 others, of which two have entries of their own."""
    more = "".join(f"volume V{n} size=128\n  component V{n}-01\n    partition P{n} disk=Disk2 lba={60000 + 128 * n}\n"
                   for n in range(66))
    disk, said = basic(tmp_path, HALF + more, windows_volume)
    assert said == ["0913"] * 3 and "No errors" in tool("sfdisk", "--verify", disk)
    found = logical_drives(disk)           # sfdisk knows 60 partitions at most
    assert len(found) == 61 and all(sectors == 128 for _, sectors in found)
    assert all(b > a for (a, _), (b, _) in zip(found, found[1:]))


def test_logical_drives_leave_the_numbers_alone(tmp_path):
    """boot.ini says partition(4): entries that are only counted give their places to volumes, and no extended one may come
    between: a fifth volume and those behind it are left out, which is said."""
    volume = with_boot_ini(tmp_path, 4)
    disk, said = basic(tmp_path, HALF + volumes(5), volume)
    assert said == ["0913", "0913"]
    table = entries(pread(disk, 0, 512))
    assert [e[1] for e in table] == [7, 7, 7, 7] and table[3] == (0x80, 7, FIRST, SIZE)


def test_an_entry_that_is_empty_on_the_old_disk_stays_so(tmp_path):
    """The kernel does not count it: a retained volume in the second entry is partition 1."""
    text = HALF.replace("signature=0x33334444", "signature=0x33334444 cover=no") + "entry Disk2 slot=2 type=0x42 volume=Volume1\n"
    disk, _ = basic(tmp_path, text, with_boot_ini(tmp_path, 1))
    assert [e[1] for e in entries(pread(disk, 0, 512))] == [0, 7, 0, 0]
    disk, said = basic(tmp_path, text + volumes(4), with_boot_ini(tmp_path, 1))
    assert said == [] and [e[1] for e in entries(pread(disk, 0, 512))] == [15, 7, 7, 7]
    assert len(partitions(disk)) == 5


def test_what_a_table_of_32_bits_does_not_reach_is_said(tmp_path, windows_volume):
    text = HALF.replace("table=mbr", "table=gpt").replace("size=50M signature=0x33334444", "size=5T").replace(
        "size=50M missing", "size=90M missing").replace("lba=63", "start=0").replace("lba=4000", "start=0") + """
volume Big1 size=1500G
  component Big1-01
    partition B1 disk=Disk2 start=100000
volume Big2 size=1500G
  component Big2-01
    partition B2 disk=Disk2
"""
    make(text, tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk2.img", firmware="bios") as server:
        assert server.codes()[-1] == "0914"
        assert entries(server.read(0, 512))[1][3] == 1500 << 21
        status = (tmp_path / "status")
        status.write_text(open(f"/proc/{server.process.pid}/status").read())
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        assert int(peak.split()[1]) < 64 << 10       # KiB, of a disk of 5 TiB


def test_what_is_left_out_is_counted_all_the_same(tmp_path):
    """Volumes fill 2 TB but for what the database takes: on whole MB the last one is beyond. Windows is partition 2 of boot.ini, behind it."""
    large = 2048 * 1000000 + 1
    sizes = {"A": large, "B": large, "Volume1": SIZE, "Last": 4294961622 - SIZE - 2 * large}
    text, at = f"group Dg0 transaction=40\ndisk Disk2 table=mbr size={(1 << 32) - 1} signature=0x33334444 cover=no\n", 63
    for name, size in sizes.items():
        text += f"volume {name} size={size}{' hint=C: flags=boot,system' if name == 'Volume1' else ''}\n"
        text += f"  component {name}-01\n    partition {name}-P disk=Disk2 lba={at}\n"
        at += size
    text += "content Volume1 file=$volume\n" + "".join(f"entry Disk2 slot={slot} type=0x42 volume={name}\n"
                                                       for slot, name in ((1, "Last"), (2, "Volume1")))
    make(text, tmp_path, volume=with_boot_ini(tmp_path, 2))
    with serve(tmp_path / "Disk2.img") as server:
        assert server.codes() == ["0914"]
        table = entries(server.read(0, 512))
        assert [e[1] for e in table] == [0x12, 7, 7, 7] and table[1] == (0x80, 7, FIRST, SIZE)


ALONE = """
group Dg0 transaction=40
disk Disk1 table=mbr size=50M missing=yes
disk Disk2 table=mbr size=50M signature=0x33334444
volume System size=4M flags=system
  component System-01
    partition Disk1-01 disk=Disk1 lba=63
volume Volume1 hint=C: size=20M flags=boot
  component Volume1-01
    partition Disk1-02 disk=Disk1
  component Volume1-02
    partition Disk2-01 disk=Disk2 lba=4000
content Volume1-02 file=$volume
"""


def windows_without_a_system_volume(tmp_path, bootmgr):
    return make_volume(tmp_path / "windows.img", "20M", ("Windows/Boot/PCAT/bootmgr", bootmgr),
                       ("Windows/System32/winload.exe", pe_program(0x14C)))


def test_windows_alone_gets_a_system_volume(tmp_path):
    """fsck.fat and mtools look at it; the store names the disk's own signature and the new place of C:."""
    bootmgr = b"\xe9" + os.urandom(100_000)
    disk, said = basic(tmp_path, ALONE, windows_without_a_system_volume(tmp_path, bootmgr))
    assert said == ["0920"] and "No errors" in tool("sfdisk", "--verify", disk)
    windows, system = entries(pread(disk, 0, 512))[0], entries(pread(disk, 0, 512))[3]
    assert windows[:2] == (0, 7) and windows[3] == SIZE and system[:3] == (0x80, 1, FIRST)
    taken = tmp_path / "system"
    taken.write_bytes(pread(disk, system[2] * SECTOR, system[3] * SECTOR))
    tool("fsck.fat", "-n", taken)
    tool("mcopy", "-o", "-i", taken, "::bootmgr", tmp_path / "loader")
    tool("mcopy", "-o", "-i", taken, "::Boot/BCD", tmp_path / "BCD")
    assert (tmp_path / "loader").read_bytes() == bootmgr
    device = struct.pack("<QQIII", windows[2] * SECTOR, 0, 0, 1, 0x33334444)
    assert (tmp_path / "BCD").read_bytes().count(device) == 2
    assert struct.unpack("<I", pread(disk, FIRST * SECTOR + 0x1C, 4)) == (FIRST,)
    same(disk, windows[2] * SECTOR, tmp_path / "windows.img", 0, SIZE * SECTOR, but=(0, SIZE - 1))


def test_a_boot_manager_too_large_for_a_bios_is_said(tmp_path):
    disk, said = basic(tmp_path, ALONE, windows_without_a_system_volume(tmp_path, b"\xe9\x01\0" + b"\x90" * 600_000))
    assert said == ["0644", "0919"] and entries(pread(disk, 0, 512))[0] == (0x80, 7, FIRST, SIZE)


def test_striped_volumes_have_no_export(tmp_path, windows_volume):
    make(HALF + """
volume Fast size=2M
  component Fast-01 layout=stripe columns=2
    partition F1 disk=Disk2 lba=60000 size=1M
    partition F2 disk=Disk2 size=1M
""", tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk2.img") as server:
        assert "Fast" not in exports(server) and server.codes() == ["0915"]


def test_a_new_identity_has_another_signature_everywhere(tmp_path, windows_volume):
    old, _ = basic(tmp_path, HALF, windows_volume)
    new, _ = basic(tmp_path, HALF, windows_volume, target="new", identity="new")
    assert pread(new, 440, 4) != pread(old, 440, 4)
    same(new, SECTOR, old, SECTOR, 30 * MIB)
    again, _ = basic(tmp_path, HALF, windows_volume, target="again", identity="new")    # to be gone on with
    second, _ = basic(tmp_path, HALF, windows_volume, target="second", identity="new", seed="a second copy")
    assert pread(again, 440, 4) == pread(new, 440, 4) != pread(second, 440, 4)


def test_no_new_identity_where_boot_ini_names_the_disk_by_it(tmp_path):
    ini = b"[boot loader]\r\ndefault=signature(33334444)disk(0)rdisk(0)partition(1)\\WINDOWS\r\n"
    volume = make_volume(tmp_path / "volume.img", "20M", ("NTLDR", b"a loader"), ("boot.ini", ini), ("WINDOWS/system32/x", b"x"))
    disk, said = basic(tmp_path, HALF, volume, identity="new")
    assert "0924" in said and struct.unpack("<I", pread(disk, 440, 4)) == (0x33334444,)


def test_a_disk_without_a_signature_gets_one(tmp_path):
    """A GPT's sector 0 has none: Windows would make one up, and the letters that name it would lead nowhere."""
    text = NAMED[0].replace("table=mbr size=50M", "table=gpt size=90M").replace("signature=0x33334444", "").replace(
        "lba=63", "start=0").replace("lba=4000", "start=0")
    volume = with_registry(tmp_path, hive(tmp_path / "hive", {"\\DosDevices\\C:": b"DMIO:ID:" + GUID.bytes_le}))
    copies = [basic(tmp_path, text, volume, target=str(n), firmware="bios")[0] for n in range(2)]
    assert not any(pread(tmp_path / "Disk2.img", 440, 4))
    signature = pread(copies[0], 440, 4)
    assert any(signature) and pread(copies[1], 440, 4) == signature
    assert values_of(system_of(copies[0], FIRST, tmp_path)) == {"\\DosDevices\\C:": signature + struct.pack("<Q", FIRST * SECTOR)}


def test_a_list_of_what_goes_where_that_cannot_be_written(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    assert refused(tmp_path / "Disk2.img", contents=tmp_path / "no" / "where") == ["0954"]


def test_size_of_the_new_disk(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk2.img", size="40M") as server:
        assert exports(server)["basic"]["export-size"] == 40 * MIB
    assert refused(tmp_path / "Disk2.img", size="20M") == ["0926"]


# ---------------------------------------------------------------- basic, UEFI

@pytest.mark.parametrize("block", [512, 4096])
def test_uefi_tables_system_partition_store_and_volume(tmp_path, block):
    sector = ["-b", block] if block == 4096 else []
    volume = make_volume(tmp_path / "volume.img", "20M", ("Windows/Boot/EFI/bootmgfw.efi", pe_program(0x8664)),
                         ("Windows/System32/winload.efi", pe_program(0x8664)), options=[str(word) for word in sector])
    disk, said = basic(tmp_path, UEFI, volume, disks=["Disk1.img"], block=block)
    assert said == ["0843"]
    if block == 512:                     # sgdisk believes what the kernel says, which is 512 for a file
        assert "No problems found" in tool("sgdisk", "-v", disk)
        assert json.loads(tool("ldmtool", "scan", disk)) == []
    table, disk_guid = gpt_of(disk, block)
    assert disk_guid == gpt_of(tmp_path / "Disk1.img", block)[1]
    esp, esp_sectors, _ = table["EFI system partition"]
    first, sectors, partition = table["Basic data partition"]
    assert (esp, esp_sectors, first, sectors) == (2048, 260 * 2048, UEFI_FIRST, SIZE)
    taken = tmp_path / "esp"
    taken.write_bytes(pread(disk, esp * SECTOR, esp_sectors * SECTOR))
    tool("fsck.fat", "-n", taken)
    assert pread(taken, 0x52, 8) == b"FAT32   "
    for name in ("EFI/BOOT/BOOTX64.EFI", "EFI/Microsoft/Boot/bootmgfw.efi"):
        tool("mcopy", "-o", "-i", taken, f"::{name}", tmp_path / "program")
        assert (tmp_path / "program").read_bytes() == pe_program(0x8664)
    tool("mcopy", "-o", "-i", taken, "::EFI/Microsoft/Boot/BCD", tmp_path / "BCD")
    assert partition.bytes_le in (tmp_path / "BCD").read_bytes()
    assert disk_guid.bytes_le in (tmp_path / "BCD").read_bytes()
    same(disk, first * SECTOR, volume, 0, SIZE * SECTOR, but=(0, SIZE - block // SECTOR))
    assert struct.unpack("<I", pread(disk, first * SECTOR + 0x1C, 4)) == (first * SECTOR // block,)


def test_uefi_from_an_mbr_disk(tmp_path, windows_volume, data_volume):
    """Its volumes have no GUIDs of a table: each gets one of its own."""
    text = HALF + "entry Disk2 slot=2 type=0x42 volume=Volume1\n" + """
volume Data hint=D: size=4M
  component Data-01
    partition Disk2-02 disk=Disk2 lba=60000
content Data file=%s
""" % data_volume
    disk, said = basic(tmp_path, text, windows_volume, firmware="uefi")
    assert said == ["0843"] and "No problems found" in tool("sgdisk", "-v", disk)
    found = [uuid.UUID(bytes_le=pread(disk, 1024 + 128 * n + 16, 16)) for n in range(4)]
    assert len(set(found)) == 4 and uuid.UUID(int=0) not in found
    tool("mcopy", "-o", "-i", f"{disk}@@{MIB}", "::EFI/Microsoft/Boot/BCD", tmp_path / "BCD")
    assert found[2].bytes_le in (tmp_path / "BCD").read_bytes()


def test_uefi_table_of_a_larger_disk_has_its_copy_at_the_end(tmp_path, windows_volume):
    disk, _ = basic(tmp_path, UEFI, windows_volume, disks=["Disk1.img"], block=512, size="1G")
    assert disk.stat().st_size == 1 << 30 and "No problems found" in tool("sgdisk", "-v", disk)
    assert pread(disk, (1 << 30) - 512, 8) == b"EFI PART"


def test_uefi_new_identity(tmp_path, windows_volume):
    old, _ = basic(tmp_path, UEFI, windows_volume, disks=["Disk1.img"], block=512)
    new, _ = basic(tmp_path, UEFI, windows_volume, disks=["Disk1.img"], block=512, identity="new", target="new")
    (old_table, old_guid), (new_table, new_guid) = gpt_of(old), gpt_of(new)
    assert old_guid != new_guid
    assert all(old_table[name][2] != new_table[name][2] and old_table[name][:2] == new_table[name][:2]
               for name in old_table)
    store = tmp_path / "BCD"
    (tmp_path / "esp").write_bytes(pread(new, MIB, 260 * MIB))
    tool("mcopy", "-o", "-i", tmp_path / "esp", "::EFI/Microsoft/Boot/BCD", store)
    names = new_table["Basic data partition"][2].bytes_le, new_guid.bytes_le
    assert all(name in store.read_bytes() for name in names)
    assert len({table[2] for table in new_table.values()}) == 3 and "No problems found" in tool("sgdisk", "-v", new)


# ---------------------------------------------------------------- drive letters

hivex = pytest.importorskip("hivex")


def hive(path, values):
    """A SYSTEM hive of the tests' own: hivex fills an empty one that bootfiles made."""
    subprocess.run([BUILD / "tests/bootfiles", "store", path, "mbr", "1", "512", "exe", "x"], check=True)
    h = hivex.Hivex(str(path), write=True)
    for child in h.node_children(h.root()):
        h.node_delete_child(child)
    key = h.node_add_child(h.root(), "MountedDevices")
    h.node_set_values(key, [{"key": name, "t": 3, "value": value} for name, value in values.items()])
    h.commit(None)
    return path.read_bytes()


def values_of(path):
    h = hivex.Hivex(str(path))
    key = h.node_get_child(h.root(), "MountedDevices")
    return {h.value_key(v): h.value_value(v)[1] for v in h.node_values(key)}


def with_registry(tmp_path, content):
    return make_volume(tmp_path / "volume.img", "20M", ("NTLDR", b"a loader"), ("Windows/System32/config/SYSTEM", content),
                       ("Windows/Boot/EFI/bootmgfw.efi", pe_program(0x8664)),
                       ("Windows/System32/winload.efi", pe_program(0x8664)))


def system_of(disk, first, tmp_path):
    """SYSTEM as ntfs-3g reads it out of the volume."""
    volume = tmp_path / "taken"
    volume.write_bytes(pread(disk, first * SECTOR, SIZE * SECTOR))
    done = subprocess.run(["ntfscat", volume, "Windows/System32/config/SYSTEM"], capture_output=True, check=True,
                          env={**os.environ, "PATH": PATH})
    (tmp_path / "SYSTEM").write_bytes(done.stdout)
    return tmp_path / "SYSTEM"


GUID = uuid.UUID("11111111-2222-3333-4444-555555555566")
NAMED = (HALF.replace("volume Volume1 ", f"volume Volume1 guid={GUID} "),
         UEFI.replace("volume Volume1 ", f"volume Volume1 guid={GUID} "))
OTHER = {"\\DosDevices\\D:": b"\x01\x02\x03\x04" + bytes(8), "\\DosDevices\\E:": b"DMIO:ID:" + uuid.uuid4().bytes,
         "\\DosDevices\\A:": "\\??\\FDC#GENERIC".encode("utf-16-le")}


@pytest.mark.parametrize("order", ["bytes_le", "bytes"])
def test_letters_of_an_mbr_disk_name_signature_and_offset(tmp_path, order):
    dynamic = b"DMIO:ID:" + getattr(GUID, order)
    name = "\\??\\Volume{%s}" % GUID
    before = hive(tmp_path / "hive", {"\\DosDevices\\C:": dynamic, name: dynamic, **OTHER})
    disk, said = basic(tmp_path, NAMED[0], with_registry(tmp_path, before))
    assert said == ["0916"]
    system = system_of(disk, FIRST, tmp_path)
    wanted = struct.pack("<IQ", 0x33334444, FIRST * SECTOR)
    assert values_of(system) == {"\\DosDevices\\C:": wanted, name: wanted, **OTHER}
    after = system.read_bytes()
    assert len(after) == len(before) and sum(a != b for a, b in zip(after, before)) <= 2 * (12 + 1)


def test_letters_behind_those_of_many_sticks(tmp_path):
    """A server of fifteen years."""
    sticks = {f"#{{{uuid.UUID(int=n)}}}": f"_??_USBSTOR#Disk{n}".encode("utf-16-le") for n in range(1100)}
    before = hive(tmp_path / "hive", {**sticks, "\\DosDevices\\C:": b"DMIO:ID:" + GUID.bytes_le})
    disk, said = basic(tmp_path, NAMED[0], with_registry(tmp_path, before))
    assert said == ["0916"]
    assert values_of(system_of(disk, FIRST, tmp_path)) == {
        **sticks, "\\DosDevices\\C:": struct.pack("<IQ", 0x33334444, FIRST * SECTOR)}


def test_letters_of_a_gpt_disk_name_the_partition(tmp_path):
    before = hive(tmp_path / "hive", {"\\DosDevices\\C:": b"DMIO:ID:" + GUID.bytes_le, **OTHER})
    disk, said = basic(tmp_path, NAMED[1], with_registry(tmp_path, before), disks=["Disk1.img"], block=512)
    partition = gpt_of(disk)[0]["Basic data partition"][2]
    assert said == ["0843", "0916"] and partition != GUID
    system = system_of(disk, UEFI_FIRST, tmp_path)
    assert values_of(system) == {"\\DosDevices\\C:": b"DMIO:ID:" + partition.bytes_le, **OTHER}
    after = system.read_bytes()
    assert len(after) == len(before) and sum(a != b for a, b in zip(after, before)) <= 16


def scattered(volume, path, content):
    """Put a file into an NTFS volume of 2048-byte clusters, none before the next: over a file whose clusters tell their
    places. Returns the volume's bytes."""
    subprocess.run([BUILD / "mkntfsimg", volume], check=True, text=True, input=f"scatter {path} {len(content)} 1\n")
    pattern = subprocess.run(["ntfscat", volume, path], capture_output=True, check=True, env={**os.environ, "PATH": PATH}).stdout
    data = bytearray(volume.read_bytes())
    places = [data.find(pattern[at:at + 2048]) for at in range(0, len(content), 2048)]
    assert len(set(places)) == len(places) and all(b - a != 2048 for a, b in zip(places, places[1:])) and min(places) > 0
    for number, place in enumerate(places):
        data[place:place + 2048] = content[number * 2048:number * 2048 + 2048]
    volume.write_bytes(data)
    return bytes(data)


def test_letters_in_a_hive_whose_file_is_in_pieces(tmp_path):
    """Clusters of 2048 bytes, and a value across a border of two: a hive's bins have 4096. All else stays."""
    dynamic = b"DMIO:ID:" + GUID.bytes_le
    for length in range(40):
        values = {f"{'x' * (n * length % 41)}{n}": dynamic for n in range(200)}
        before = hive(tmp_path / "hive", {**values, **OTHER})
        if any(found.start() % 2048 > 2048 - 12 for found in re.finditer(re.escape(dynamic), before)):
            break
    else:
        raise AssertionError("no value lies across a border")
    volume = make_volume(tmp_path / "volume.img", "20M", ("NTLDR", b"a loader"), ("Windows/System32/config/x", b"x"),
                         options=["-c", "2048"])
    data = scattered(volume, "Windows/System32/config/SYSTEM", before)
    disk, said = basic(tmp_path, NAMED[0], volume)
    assert said == ["0916"]
    system, wanted = system_of(disk, FIRST, tmp_path), struct.pack("<IQ", 0x33334444, FIRST * SECTOR)
    assert values_of(system) == {**dict.fromkeys(values, wanted), **OTHER}
    new = pread(disk, MIB, SIZE * SECTOR)
    changed = [at for at, (a, b) in enumerate(zip(data, new)) if a != b and SECTOR <= at < (SIZE - 1) * SECTOR]
    assert len(changed) <= len(values) * (12 + 1)


def test_a_registry_that_ntfs_compressed_is_said(tmp_path):
    """Its bytes are nowhere on the disk as they are read, so none of them can be answered."""
    before = hive(tmp_path / "hive", {"\\DosDevices\\C:": b"DMIO:ID:" + GUID.bytes_le})
    volume = make_volume(tmp_path / "volume.img", "20M", ("NTLDR", b"a loader"),
                         ("Windows/System32/config/SYSTEM,compressed", before))
    disk, said = basic(tmp_path, NAMED[0], volume)
    assert said == ["0918"] and system_of(disk, FIRST, tmp_path).read_bytes() == before


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_letters_of_a_new_identity_name_it(tmp_path, firmware):
    content = with_registry(tmp_path, hive(tmp_path / "hive", {"\\DosDevices\\C:": b"DMIO:ID:" + GUID.bytes_le}))
    if firmware == "bios":
        disk, _ = basic(tmp_path, NAMED[0], content, identity="new")
        wanted, first = pread(disk, 440, 4) + struct.pack("<Q", FIRST * SECTOR), FIRST
        assert wanted[:4] != struct.pack("<I", 0x33334444)
    else:
        disk, _ = basic(tmp_path, NAMED[1], content, disks=["Disk1.img"], block=512, identity="new")
        wanted, first = b"DMIO:ID:" + gpt_of(disk)[0]["Basic data partition"][2].bytes_le, UEFI_FIRST
    assert values_of(system_of(disk, first, tmp_path)) == {"\\DosDevices\\C:": wanted}


def test_a_registry_that_was_not_closed_is_left_alone_and_said(tmp_path):
    data = bytearray(hive(tmp_path / "hive", {"\\DosDevices\\C:": b"DMIO:ID:" + GUID.bytes_le}))
    struct.pack_into("<I", data, 4, struct.unpack_from("<I", data, 8)[0] + 1)
    words = struct.unpack_from("<127I", data)
    check = 0
    for word in words:
        check ^= word
    struct.pack_into("<I", data, 508, check)
    disk, said = basic(tmp_path, NAMED[0], with_registry(tmp_path, bytes(data)))
    assert said == ["0917"]
    assert system_of(disk, FIRST, tmp_path).read_bytes() == data


def test_a_registry_that_is_none_is_said(tmp_path):
    disk, said = basic(tmp_path, NAMED[0], with_registry(tmp_path, b"no hive" * 1000))
    assert said == ["0918"]


# ---------------------------------------------------------------- sectors that cannot be read

def faulty(**sectors):
    """Environment in which these sectors of these files cannot be read."""
    assert (BUILD / "tests/badsectors.so").exists()
    return PRELOAD_BAD_SECTORS | {
            "BADSECTORS": ";".join(f"{path}={list_}" for path, list_ in sectors.items())}


def map_lines(path):
    lines = [line.split() for line in path.read_text().splitlines() if not line.startswith("#")]
    return [(int(a, 16), int(b, 16), c) for a, b, c in lines[1:]]


def test_a_sector_that_one_half_cannot_read_comes_from_the_other(tmp_path, windows_volume):
    make(MIRROR, tmp_path, volume=windows_volume)
    bad = faulty(**{str(tmp_path / "Disk1.img"): f"{63 + 30000},{63 + 40000}-{63 + 40050}",
                    str(tmp_path / "Disk2.img"): f"{4000 + 35000}"})
    with serve(tmp_path / "Disk1.img", tmp_path / "Disk2.img", environment=bad, map=tmp_path / "map") as server:
        server.copy(tmp_path / "copy", "Volume1")
        server.copy(tmp_path / "basic")
    same(tmp_path / "copy", 0, windows_volume, 0, SIZE * SECTOR)
    same(tmp_path / "basic", MIB, windows_volume, 0, SIZE * SECTOR, but=(0, SIZE - 1))
    assert {status for _, _, status in map_lines(tmp_path / "map")} == {"+"}


def test_a_sector_that_no_half_can_read_is_an_error_and_in_the_map(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    environment = faulty(**{str(tmp_path / "Disk2.img"): "24000,24001"})
    with serve(tmp_path / "Disk2.img", environment=environment, map=tmp_path / "map") as server:
        at = (FIRST + 20000) * SECTOR
        assert server.read(at - SECTOR, SECTOR) == pread(windows_volume, 19999 * SECTOR, SECTOR)
        assert server.read(at, SECTOR) is None and server.read(at - SECTOR, 4 * SECTOR) is None
        assert server.read(at + 2 * SECTOR, SECTOR) == pread(windows_volume, 20002 * SECTOR, SECTOR)
        server.copy(tmp_path / "copy", check=False)
        server.stop()
        assert "0921" in server.codes() and "2 sectors" in server.said
    assert (at, 2 * SECTOR, "-") in map_lines(tmp_path / "map")
    lines = map_lines(tmp_path / "map")
    assert [a + b for a, b, _ in lines][:-1] == [a for a, _, _ in lines][1:] and lines[-1][0] + lines[-1][1] == 9 << 30


def test_at_once_a_request_is_whole_or_an_error(tmp_path, windows_volume):
    """Nothing of it is tried block by block, and so nothing but what a request of one block found is called bad. What the one
    half cannot read comes whole from the other."""
    make(HALF, tmp_path, volume=windows_volume)
    (tmp_path / "both").mkdir()
    make(MIRROR, tmp_path / "both", volume=windows_volume)
    at, half = (FIRST + 20000) * SECTOR, tmp_path / "Disk2.img"
    with serve(half, environment=faulty(**{str(half): "24000"}), map=tmp_path / "map", unreadable="at-once") as server:
        assert server.read(at - SECTOR, 64 * SECTOR) is None and server.read(at + SECTOR, SECTOR) is not None
        server.stop()
    assert not [line for line in map_lines(tmp_path / "map") if line[2] == "-"]
    with serve(half, environment=faulty(**{str(half): "24000"}), map=tmp_path / "map", unreadable="at-once") as server:
        assert server.read(at, SECTOR) is None
        server.stop()
    assert (at, SECTOR, "-") in map_lines(tmp_path / "map")
    with serve(half, environment=faulty(**{str(half): "24000"}), map=tmp_path / "seen.map", layout="seen", unreadable="at-once") as server:
        assert server.read(23999 * SECTOR, 64 * SECTOR) is None and server.read(24001 * SECTOR, SECTOR) is not None
        server.stop()
    assert not [line for line in map_lines(tmp_path / "seen.map") if line[2] == "-"]
    both = [tmp_path / "both" / name for name in ("Disk1.img", "Disk2.img")]
    with serve(*both, environment=faulty(**{str(both[0]): "20000-20010", str(both[1]): "30000"}), unreadable="at-once") as server:
        server.copy(tmp_path / "copy")
    same(tmp_path / "copy", MIB, windows_volume, 0, SIZE * SECTOR, but=(0, SIZE - 1))


def test_failures_without_end_do_not_fill_the_log(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    half = tmp_path / "Disk2.img"
    with serve(half, environment=faulty(**{str(half): "24000-24999"})) as server:
        for sector in range(20000, 20070):
            server.read((FIRST + sector) * SECTOR, SECTOR)
        server.stop()
        assert server.said.count("LDM-0921: basic, 1 blocks from") == 50 and "LDM-0921: basic, 70 sectors: " in server.said


@pytest.fixture
def rescued(tmp_path, windows_volume):
    """The volume, and two images; ddrescue did not read 80 sectors of it for the second one, which has zeros there, some of
    them a hole of the file, as where ddrescue never wrote."""
    volume = shutil.copy(windows_volume, tmp_path / "rescued-volume.img")
    with open(volume, "r+b") as file:
        file.seek(19990 * SECTOR)
        file.write(os.urandom(100 * SECTOR))
    make(MIRROR, tmp_path, volume=volume)
    at, end = (4000 + 20000) * SECTOR, (4000 + 20080) * SECTOR
    with open(tmp_path / "Disk2.img", "r+b") as file:
        file.seek(at)
        file.write(bytes(end - at))
    tool("fallocate", "--punch-hole", "--offset", at, "--length", 64 * SECTOR, tmp_path / "Disk2.img")
    ddrescue_map(tmp_path / "Disk2.img.map", (at, end, "-"), size=50 * MIB)
    return volume, tmp_path / "Disk1.img", tmp_path / "Disk2.img"


def test_what_ddrescue_did_not_read_comes_from_the_other_half(tmp_path, rescued):
    volume, *disks = rescued
    with serve(*disks, component="Volume1-02", layout="volume", map=tmp_path / "map") as server:
        assert "0927" in server.codes() and "Disk2.img.map, 80 sectors" in server.said and "Disk1.img.map" not in server.said
        assert "Volume1-02" in exports(server)["Volume1"]["description"]
        server.copy(tmp_path / "copy")
        server.copy(tmp_path / "basic", "basic")
    same(tmp_path / "copy", 0, volume, 0, SIZE * SECTOR)
    same(tmp_path / "basic", MIB, volume, 0, SIZE * SECTOR, but=(0, SIZE - 1))
    assert {status for _, _, status in map_lines(tmp_path / "map")} == {"+"}


@pytest.mark.parametrize("tail", ["map", "mapfile"])
def test_what_ddrescue_did_not_read_is_an_error_without_another_half(tmp_path, rescued, tail):
    volume, _, disk = rescued
    (tmp_path / "Disk2.img.map").rename(tmp_path / f"Disk2.img.{tail}")
    with serve(disk, layout="volume", map=tmp_path / "map") as server:
        holes = json.loads(tool("nbdinfo", "--map", "--json", server.uri()))
        assert not [h for h in holes if h["type"] and h["offset"] < 20080 * SECTOR and h["offset"] + h["length"] > 20000 * SECTOR]
        for at in (19999, 20080):
            assert server.read(at * SECTOR, SECTOR) == pread(volume, at * SECTOR, SECTOR)
        assert server.read(20000 * SECTOR, SECTOR) is None and server.read(20079 * SECTOR, SECTOR) is None
        server.stop()
        assert "0921" in server.codes()
    bad = [(at, size) for at, size, status in map_lines(tmp_path / "map") if status == "-"]
    assert bad == [(20000 * SECTOR, SECTOR), (20079 * SECTOR, SECTOR)]


@pytest.mark.parametrize("text", [b"", b"# Mapfile. Created by GNU ddrescue version 1.27\n0x0 + 1\n0x0 0x200\n", b"\x00\xff\n" * 2000],
                         ids=["empty", "cut", "no text"])
def test_a_broken_map_beside_an_image_is_named_and_not_used(tmp_path, rescued, text):
    (tmp_path / "Disk2.img.map").write_bytes(text)
    with serve(rescued[2], layout="volume") as server:
        assert "0928" in server.codes() and "0927" not in server.codes()
        assert "this is no whole map file of ddrescue: line " in server.said
        assert server.read(20000 * SECTOR, SECTOR) == bytes(SECTOR)


def test_maps_of_copies_and_exports_are_not_taken_for_the_image_s(tmp_path, windows_volume, rescued):
    """The plugin's own, where a person names it so; the second start finds it there."""
    (tmp_path / "Disk2.img.map").unlink()
    for _ in range(2):
        with serve(rescued[2], layout="volume", map=tmp_path / "Disk2.img.map") as server:
            server.read(0, SECTOR)
            assert server.codes() == []
    assert "ldmboot" in (tmp_path / "Disk2.img.map").read_text()
    (tmp_path / "Disk2.img.map").write_text("# Mapfile. Created by ldmboot-rescue, copy 12-ab\n0x0 ? 1\n0x0 0x200 ?\n")
    with serve(rescued[2], layout="volume") as server:
        assert server.codes() == [] and server.read(SECTOR, SECTOR) == pread(windows_volume, SECTOR, SECTOR)


def test_the_server_outlives_clients_that_leave_at_an_error(tmp_path):
    """nbdcopy ends at an error with other requests under way; a server that ended then would have written no map."""
    make(HALF, tmp_path, volume=make_volume(tmp_path / "volume.img", "20M", ("NTLDR", os.urandom(15 * MIB))))
    disk = tmp_path / "Disk2.img"
    with serve(disk, environment=faulty(**{str(disk): str(4000 + SIZE // 2)}), map=tmp_path / "map") as server:
        for _ in range(10):
            done = subprocess.run(["nbdcopy", server.uri("Volume1"), "null:"], capture_output=True)
            assert done.returncode != 0 and server.process.poll() is None, server.said
        assert server.read(3, 4, "Volume1") == b"NTFS"
        server.stop()
        assert server.process.returncode == 0 and "0921" in server.codes()
    assert "-" in {status for _, _, status in map_lines(tmp_path / "map.Volume1")}


def test_zeros_only_when_they_are_asked_for_and_said(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    environment = faulty(**{str(tmp_path / "Disk2.img"): "24000"})
    with serve(tmp_path / "Disk2.img", environment=environment, unreadable="zero", map=tmp_path / "map") as server:
        server.copy(tmp_path / "copy")
        server.stop()
        assert server.codes() == ["0922", "0921"]
    same(tmp_path / "copy", MIB, windows_volume, 0, SIZE * SECTOR, but=(0, 20000, SIZE - 1))
    assert not any(pread(tmp_path / "copy", (FIRST + 20000) * SECTOR, SECTOR))
    assert [line for line in map_lines(tmp_path / "map") if line[2] == "-"] == [((FIRST + 20000) * SECTOR, SECTOR, "-")]


@pytest.mark.parametrize("options", ["error-rate=100%", "error-pread-rate=30%"])
def test_errors_of_a_filter_reach_the_client(tmp_path, windows_volume, options):
    """nbdkit's own error filter before the plugin: the client is told, and the server goes on. Of the 14 reads of one copy of
    this volume a third fails by chance; that of 30 copies none does, nobody will see."""
    make(HALF, tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk2.img", filters=["error"], **dict([options.split("=")])) as server:
        assert any(subprocess.run(["nbdcopy", server.uri("Volume1"), "null:"], capture_output=True).returncode for _ in range(30))
        assert server.process.poll() is None


def test_a_disk_that_gets_shorter_meanwhile(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    copy = tmp_path / "clipped.img"
    shutil.copy(tmp_path / "Disk2.img", copy)
    with pytest.raises(AssertionError, match="written to"):     # it was: by us
        with serve(copy, map=tmp_path / "map") as server:
            os.truncate(copy, (4000 + 30000) * SECTOR)
            assert server.read((FIRST + 30000) * SECTOR, SECTOR) is None
            assert server.read(FIRST * SECTOR, 512)[3:7] == b"NTFS"
            told = json.loads(tool("nbdinfo", "--map", "--json", server.uri("Volume1")))
            assert not [t for t in told if t["type"] and t["offset"] + t["length"] > 30000 * SECTOR], told     # no hole
            assert subprocess.run(["nbdcopy", server.uri("Volume1"), tmp_path / "copy"], capture_output=True).returncode != 0
    assert ((FIRST + 30000) * SECTOR, SECTOR, "-") in map_lines(tmp_path / "map")


def test_a_map_that_cannot_be_written_is_said(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk2.img", map=tmp_path / "no" / "map") as server:
        server.stop()
        assert server.codes() == ["0923"]


# ---------------------------------------------------------------- refusals

def test_disks_that_cannot_be_opened(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    assert refused(tmp_path / "Disk2.img", tmp_path / "Disk2.img", disk=tmp_path / "none") == ["0910"]
    assert refused(tmp_path) == ["0910"]


def test_an_export_that_is_not_there(tmp_path, windows_volume):
    make(HALF, tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk2.img") as server:
        assert subprocess.run(["nbdinfo", server.uri("Volume9")], capture_output=True).returncode != 0
        server.stop()
        assert "0912" in server.codes()


def test_no_dynamic_disk(tmp_path, windows_volume):
    assert refused(windows_volume)[0] == "0503"


@pytest.mark.parametrize("parameters", [{"firmware": "coreboot"}, {"layout": "all"}, {"colour": "blue"},
                                        {"component": "x" * 200}, {"size": "many"}])
def test_bad_parameters(tmp_path, windows_volume, parameters):
    make(HALF, tmp_path, volume=windows_volume)
    assert refused(tmp_path / "Disk2.img", **parameters) == []


OLD = """
define volume ""
group Dg0 transaction=61
disk Disk1 table=mbr size=50M missing=$missing
disk Disk2 table=mbr size=50M
volume Volume1 hint=C: flags=boot,system size=20M
  component Volume1-01
    partition Disk1-01 disk=Disk1
  component Volume1-02 state=STALE flags=recover
    partition Disk2-01 disk=Disk2 flags=recover
content Volume1 file=$volume
"""


def test_an_old_half_takes_its_name_and_the_word_for_it(tmp_path, windows_volume):
    make(OLD, tmp_path, volume=windows_volume, missing="yes")
    disk = tmp_path / "Disk2.img"
    first = refused(disk)
    assert first[-1] == "0911"                             # which half, and how it is said
    assert "0911" in refused(disk, component="Volume1-02")
    assert refused(disk, old_half="yes") == first          # of which half?
    for words in ({}, {"component": "Volume1-02"}, {"old_half": "yes"}, {"volume": "C:"}):
        assert refused(disk, layout="volume", **words) == refused(disk, **words)
    with serve(disk, component="Volume1-02", old_half="yes") as server:
        assert "0925" in server.codes()
        server.copy(tmp_path / "copy", "Volume1")
    same(tmp_path / "copy", 0, windows_volume, 0, SIZE * SECTOR)


def test_an_old_half_of_another_volume_is_said(tmp_path, windows_volume, data_volume):
    """Neither "cannot be read", nor without a word: what lies on it may be asked for."""
    make(OLD_TOO + f"content Data-02 file={data_volume}\n", tmp_path, volume=windows_volume)
    with serve(tmp_path / "Disk2.img") as server:
        assert server.codes() == ["0953"] and "Data, Data-02" in server.said and "Data" not in exports(server)
    with serve(tmp_path / "Disk2.img", layout="volume", component="Data-02", old_half="yes") as server:
        server.copy(tmp_path / "copy")
        assert server.codes()[0] == "0925"
    same(tmp_path / "copy", 0, data_volume, 0, 4 * MIB)


def test_an_old_half_beside_a_good_one_is_never_taken(tmp_path, windows_volume):
    make(OLD, tmp_path, volume=windows_volume, missing="no")
    both = tmp_path / "Disk1.img", tmp_path / "Disk2.img"
    with serve(*both) as server:
        assert "Volume1-01" in exports(server)["Volume1"]["description"]
    codes = refused(*both, component="Volume1-02", old_half="yes")
    assert codes and "0925" not in codes


def test_two_volumes_are_a_question_and_a_name_answers_it(tmp_path, windows_volume):
    text = HALF.replace("flags=boot,system", "") + """
volume Other size=20M
  component Other-01
    partition Disk2-02 disk=Disk2
content Other file=$volume
"""
    make(text, tmp_path, volume=windows_volume)
    assert refused(tmp_path / "Disk2.img") == ["0507"]
    with serve(tmp_path / "Disk2.img", volume="Other") as server:
        assert exports(server)["basic"]
    with serve(tmp_path / "Disk2.img", layout="volume") as server:
        assert set(exports(server)) >= {"Volume1", "Other"} and "basic" not in exports(server)
