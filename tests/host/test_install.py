# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-install on image files, without root: what is written and where, every refusal, and what is said and
left behind when the medium or the person stops it. The program under test is the built one, imported from its file."""
import errno
import hashlib
import io
import os
import re
import signal
import struct
import subprocess
import sys
import uuid
import zipfile
import zlib

import pytest

from ldmdisk import BUILD, ROOT, make, real_image
from linux import attach, device_folder, mounted, nobody         # noqa: F401  (fixtures)

PROGRAM = BUILD / "ldmboot-install"
IMAGE = BUILD / "ldmboot.img"
if not PROGRAM.exists() or not IMAGE.exists():
    pytest.skip("build/ldmboot-install or build/ldmboot.img is not there", allow_module_level=True)
sys.path.insert(0, str(PROGRAM))

from ldmboot_install import bootpart, cli, device, files, payload, plan, renew, system, table, target  # noqa: E402
from ldmboot_install.errors import Refusal  # noqa: E402

SECTOR = 512
MIB = 1 << 20
STICK = 9 * MIB
PART = 8 * MIB                     # what the boot partition needs
BASIC_DATA = "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"
PROGRAMS = {"EFI/BOOT/BOOTX64.EFI", "EFI/BOOT/BOOTIA32.EFI", "README.TXT", "ldmboot.cfg", "ERRORS.TXT",
            "AFTER.TXT", "TROUBLE.TXT"}


# ---------------------------------------------------------------- helpers

class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def refused(self, words):
        """One sentence on standard error, exit code 1."""
        assert self.code == 1, self.out
        assert self.err.startswith("ldmboot-install: ") and self.err.count("\n") == 1, self.err
        assert re.search(words, self.err), self.err
        return self


@pytest.fixture
def install(monkeypatch, capsys, nobody):
    """install("stick", path, ...): run a command; `answer` is what the person types, None: --yes."""
    monkeypatch.setattr(sys, "argv", [str(PROGRAM)])

    def run(*arguments, answer=None, linux=nobody):
        words = [str(a) for a in arguments]
        if answer is None and "--dry-run" not in words:
            words.append("--yes")
        monkeypatch.setattr(sys, "stdin", io.StringIO((answer or "") + "\n"))
        code = cli.main(words, linux)
        out, err = capsys.readouterr()
        return Result(code, out, err)
    return run


def blank(path, size, fill=b""):
    """An image file; `fill` is repeated over its first 24 MiB, so that what is overwritten can be seen."""
    with open(path, "wb") as file:
        file.truncate(size)
        if fill:
            file.write((fill * (24 * MIB // len(fill)))[:min(size, 24 * MIB)])
    return path


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sector(path, lba, count=1):
    with open(path, "rb") as file:
        file.seek(lba * SECTOR)
        return file.read(count * SECTOR)


def put(path, lba, data):
    with open(path, "r+b") as file:
        file.seek(lba * SECTOR)
        file.write(data)


def mbr(path, *entries):
    """A partition table of (type, start, sectors)."""
    data = bytearray(sector(path, 0))
    data[440:512] = bytes(70) + b"\x55\xAA"
    for index, (kind, start, count) in enumerate(entries):
        struct.pack_into("<B3xB3xII", data, 446 + 16 * index, 0, kind, start, count)
    put(path, 0, data)
    return path


def gpt(path, *entries, primary=True, backup=True):
    """A GPT of (type GUID, first, sectors); both headers carry right checksums."""
    last = path.stat().st_size // SECTOR - 1
    mbr(path, (0xEE, 1, min(last, 0xFFFFFFFF)))
    array = b"".join(struct.pack("<16s16sQQ80x", uuid.UUID(kind).bytes_le, bytes([n + 1]) * 16, start,
                                 start + count - 1)
                     for n, (kind, start, count) in enumerate(entries)).ljust(128 * 128, b"\0")
    for own, other, table_lba, wanted in ((1, last, 2, primary), (last, 1, last - 32, backup)):
        head = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, own, other, 34, last - 34, bytes(16),
                           table_lba, 128, 128, zlib.crc32(array))
        crc = zlib.crc32(head) if wanted else 0
        put(path, own, head[:16] + struct.pack("<I", crc) + head[20:])
        put(path, table_lba, array)
    return path


def mtype(image, lba, name):
    return subprocess.run(["mtype", "-i", f"{image}@@{lba * SECTOR}", f"::{name}"], capture_output=True, check=True).stdout


def mcopy(image, lba, name, content, folder):
    file = folder / "content"
    file.write_bytes(content)
    subprocess.run(["mcopy", "-D", "o", "-i", f"{image}@@{lba * SECTOR}", file, f"::{name}"], check=True)


def changed_sectors(before, after):
    """Numbers of the sectors in which two contents of the same length differ."""
    assert len(before) == len(after)
    return {n // SECTOR for n in range(0, len(before), SECTOR) if before[n:n + SECTOR] != after[n:n + SECTOR]}


def named_sectors(text):
    """The sectors that a message names."""
    found = set()
    for first, last in re.findall(r"sectors? (\d+)(?: to (\d+))?", text):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def changed_in_words(message):
    return named_sectors(re.search(r"Changed, [^:]*: (.*); no other sector", message)[1])


# ---------------------------------------------------------------- the layout is that of the boot code

def test_numbers_are_those_of_the_boot_code():
    memory = (ROOT / "bios/memory.h").read_text()
    vbr = (ROOT / "bios/vbr.asm").read_text()
    assert int(re.search(r"STAGE2_SECTOR\s+(\d+)", memory)[1]) == bootpart.STAGE2_SECTOR
    assert struct.pack("<I", int(re.search(r"STAGE2_MAGIC\s+(0x\w+)", memory)[1], 0)) == bootpart.STAGE2_MAGIC
    assert int(re.search(r"OWN_LBA_OFFSET\s+equ (\w+)h", vbr)[1], 16) == bootpart.OWN_LBA_OFFSET
    assert int(re.search(r"BPB_END\s+equ (\w+)h", vbr)[1], 16) == bootpart.BPB_END
    assert bootpart.MARK in (BUILD / "bios/vbr.bin").read_bytes() and bootpart.MARK in (BUILD / "bios/mbr.bin").read_bytes()


def test_program_is_one_file_that_runs():
    done = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True)
    assert all(word in done.stdout for word in ("stick", "update", "partition", "esp"))
    assert subprocess.run([PROGRAM, "stick"], capture_output=True, check=False).returncode == 2
    assert subprocess.run([PROGRAM, "-h"], capture_output=True, text=True, check=True).stdout == done.stdout
    done = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"ldmboot-install {(ROOT / 'VERSION').read_text().strip()}\n"


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", ["cli", "errors"], ids=["first module", "last module"])
def test_signal_before_it_has_begun(tmp_path, kind, moment):
    """It comes while Python still reads the program's modules."""
    early = tmp_path / "ldmboot-install"
    with zipfile.ZipFile(PROGRAM) as built, zipfile.ZipFile(early, "w") as archive:
        for name in built.namelist():
            text = built.read(name)
            if name == f"ldmboot_install/{moment}.py":
                text = f"import os\nos.kill(os.getpid(), {int(kind)})\n".encode() + text
            archive.writestr(name, text)
    done = subprocess.run(["/usr/bin/python3", "-I", early, "stick", tmp_path / "nothing"], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "ldmboot-install: interrupted; nothing was changed\n"


# ---------------------------------------------------------------- stick

def test_stick_is_the_image_and_keeps_nothing(install, tmp_path):
    stick = blank(tmp_path / "stick", 32 * MIB, b"OLD.")
    before = stick.read_bytes()
    done = install("stick", stick)
    assert done.code == 0, done.err
    after = stick.read_bytes()
    assert after[:STICK] == IMAGE.read_bytes()
    assert after[STICK:] == before[STICK:]
    assert "read back and compared" in done.out


def test_stick_forgets_marks_at_the_end(install, tmp_path):
    """Those of RAIDs and ZFS, by which a Linux or a controller would take it for what it was."""
    stick = blank(tmp_path / "stick", 32 * MIB + 37 * SECTOR)
    size = stick.stat().st_size
    marks = {size // 65536 * 65536 - 65536: (b"\xfc\x4e\x2b\xa9", "a part of a RAID \\(md 0.90"),
             (size - 8192) // 4096 * 4096: (b"\xfc\x4e\x2b\xa9", "a part of a RAID \\(md 1.0"),
             size // 262144 * 262144 - 131072: (b"\x0c\xb1\xba" + bytes(5), "a part of ZFS"),
             size - SECTOR: (b"\xde\x11\xde\x11", "DDF")}
    with open(stick, "r+b") as file:
        for at, (mark, _words) in marks.items():
            file.seek(at)
            file.write(mark)
    done = install("stick", stick)
    assert done.code == 0, done.err
    assert all(re.search(words, done.out) for _mark, words in marks.values()), done.out
    after = stick.read_bytes()
    assert not any(any(after[at:at + 8]) for at in marks)


def mkfs(file, *command):
    subprocess.run([*command, file], check=True, capture_output=True)
    return file.read_bytes()


def test_stick_says_what_is_lost(install, tmp_path):
    """File systems that the systems' own programs made, by their labels, before it asks."""
    parts = {
        2048: mkfs(blank(tmp_path / "ntfs", 5 * MIB), "mkntfs", "-q", "-F", "-f", "-L", "Daten \u00e4"),
        14336: mkfs(blank(tmp_path / "fat", 8 * MIB), "mkfs.fat", "-n", "HOLIDAY"),
        32768: mkfs(blank(tmp_path / "ext", 8 * MIB), "mke2fs", "-q", "-F", "-L", "backup"),
    }
    stick = mbr(blank(tmp_path / "stick", 64 * MIB), (0x07, 2048, 10240), (0x0C, 14336, 16384), (0x83, 32768, 16384),
                (0x83, 49152, 1 << 31))
    for start, content in parts.items():
        put(stick, start, content)
    done = install("stick", "--dry-run", stick)
    assert done.code == 0, done.err
    for words in ("a partition table (MBR)", 'partition 1, type 07, 5 MB: an NTFS file system "Daten \u00e4"',
                  'partition 2, type 0c, 8 MB: a FAT file system "HOLIDAY"',
                  'partition 3, type 83, 8 MB: a Linux file system (ext) "backup"', "partition 4, type 83"):
        assert words in done.out, done.out


# As their formats' descriptions have it; qemu-img makes those that it can (test_containers_that_qemu_makes).
CONTAINERS = {"VHDX": (0, b"vhdxfile"), "VHD": (0, b"conectix"), "VMDK": (0, b"KDMV"), "qcow2": (0, b"QFI\xfb"),
              "VDI": (64, b"\x7f\x10\xda\xbe"), "E01": (0, b"EVF\x09\x0d\x0a\xff\x00"), "Ex01": (0, b"EVF2\x0d\x0a\x81\x00")}


@pytest.mark.parametrize("name", CONTAINERS)
def test_image_in_a_container(refuses, install, tmp_path, name):
    at, mark = CONTAINERS[name]
    image = blank(tmp_path / "image", 32 * MIB)
    with open(image, "r+b") as file:
        file.seek(at)
        file.write(mark)
    for command, path in (("stick", image), ("update", image), ("partition", tmp_path / "image:1")):
        refuses(f"is a {name}, not the sectors of a disk; qemu-img convert -O raw", command, path)


@pytest.mark.parametrize("kind, name", [("vhdx", "VHDX"), ("vpc", "VHD"), ("vmdk", "VMDK"), ("qcow2", "qcow2"), ("vdi", "VDI")])
def test_containers_that_qemu_makes(refuses, tmp_path, kind, name):
    image = tmp_path / "image"
    subprocess.run(["qemu-img", "create", "-q", "-f", kind, image, "32M"], check=True)
    refuses(f"is a {name}, not the sectors", "stick", image)


def test_image_of_a_disk_with_large_sectors(refuses, tmp_path):
    """A healthy one: nothing about it is damaged."""
    make(GPT_DISK.replace("table=gpt", "table=gpt block=4096"), tmp_path)
    refuses("is the image of a disk with sectors of 4096 bytes", "stick", tmp_path / "Disk1.img")
    disk = blank(tmp_path / "basic", 64 * MIB)
    mbr(disk, (0xEE, 1, 64 * MIB // 4096 - 1))
    head = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, 1, 16383, 6, 16378, bytes(16), 2, 128, 128, 0)
    put(disk, 8, head[:16] + struct.pack("<I", zlib.crc32(head)) + head[20:])
    refuses("is the image of a disk with sectors of 4096 bytes; the boot partition needs 512", "stick", disk)
    refuses("is the image of a disk with sectors of 4096 bytes", "partition", tmp_path / "basic:1")


def test_stick_forgets_a_backup_gpt(install, tmp_path):
    stick = gpt(blank(tmp_path / "stick", 32 * MIB), (BASIC_DATA, 2048, 4096))
    assert install("stick", stick).code == 0
    assert not any(stick.read_bytes()[-33 * SECTOR:])


def test_stick_that_is_just_large_enough(install, tmp_path):
    stick = gpt(blank(tmp_path / "stick", STICK), (BASIC_DATA, 2048, 4096))
    assert install("stick", stick).code == 0
    assert stick.read_bytes() == IMAGE.read_bytes()


def test_dry_run_names_sectors_and_files_and_changes_nothing(install, tmp_path):
    stick = gpt(blank(tmp_path / "stick", 32 * MIB, b"OLD."), (BASIC_DATA, 2048, 4096))
    before = stick.read_bytes()
    done = install("stick", "--dry-run", stick)
    assert done.code == 0 and stick.read_bytes() == before
    assert all(name in done.out for name in PROGRAMS)
    said = named_sectors(done.out)
    assert install("stick", stick).code == 0
    assert changed_sectors(before, stick.read_bytes()) <= said
    assert {0, 2048, STICK // SECTOR - 1, 32 * MIB // SECTOR - 1} <= said


@pytest.mark.parametrize("answer", ["", "no", "y", "YES"])
def test_without_a_yes_nothing_is_written(install, tmp_path, answer):
    stick = blank(tmp_path / "stick", 32 * MIB, b"OLD.")
    before = digest(stick)
    install("stick", stick, answer=answer).refused("nothing was changed")
    assert digest(stick) == before


def test_yes_typed(install, tmp_path):
    stick = blank(tmp_path / "stick", 32 * MIB)
    assert install("stick", stick, answer="yes").code == 0
    assert stick.read_bytes()[:STICK] == IMAGE.read_bytes()


# ---------------------------------------------------------------- stick: refusals

@pytest.fixture
def refuses(install):
    """refuses(words, command..., image): it says so, in the dry run too, and the file stays as it is."""
    def check(words, *command, **options):
        path = command[-1]
        file = path if path.is_file() else type(path)(str(path).rpartition(":")[0])
        before = digest(file) if file.is_file() and file.stat().st_size < 512 * MIB else None
        install(*command, **options).refused(words)
        install(*command[:-1], "--dry-run", path, **options).refused(words)
        assert before is None or digest(file) == before
    return check


def test_target_that_is_not_there(refuses, tmp_path):
    refuses("no such file", "stick", tmp_path / "nothing")


def test_folder_and_character_device(refuses, tmp_path):
    refuses("is a folder", "stick", tmp_path)
    refuses("neither a disk nor an image", "stick", type(tmp_path)("/dev/null"))


def test_file_without_an_end(install):
    install("stick", "/proc/version").refused("cannot be opened for reading: invalid argument|write-protected, or root is needed")


@pytest.mark.parametrize("size", [0, 100, SECTOR, STICK - 1])
def test_too_small(refuses, tmp_path, size):
    refuses("are needed", "stick", blank(tmp_path / "stick", size))


def test_partition_is_not_a_stick(refuses, tmp_path):
    image = mbr(blank(tmp_path / "disk", 32 * MIB), (0x0C, 2048, 20000))
    refuses("a stick is a whole disk", "stick", tmp_path / f"{image.name}:1")


def test_write_protected(refuses, tmp_path, monkeypatch):
    stick = blank(tmp_path / "stick", 32 * MIB)
    stick.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda path, mode: os.stat(path).st_mode & 0o200)     # root may always
    refuses("write-protected", "stick", stick)


def test_write_protected_as_seen_when_it_is_opened(install, tmp_path, monkeypatch):
    stick = blank(tmp_path / "stick", 32 * MIB)
    really = os.open

    def protected(path, flags, *rest, **more):
        if str(path) == str(stick) and flags & os.O_RDWR:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return really(path, flags, *rest, **more)
    monkeypatch.setattr(os, "open", protected)
    install("stick", stick).refused("cannot be opened for writing: read-only file system")


def test_both_gpts_damaged(refuses, tmp_path):
    refuses("both copies of its GPT are damaged", "stick",
            gpt(blank(tmp_path / "stick", 32 * MIB), (BASIC_DATA, 2048, 4096), primary=False, backup=False))


def test_attached_to_a_loop_device(refuses, tmp_path, nobody):
    stick = blank(tmp_path / "stick", 32 * MIB)
    folder = nobody.sys / "block" / "loop7" / "loop"
    folder.mkdir(parents=True)
    (folder / "backing_file").write_text(f"{stick}\n")
    refuses("attached to loop7", "stick", stick)


def test_image_to_install_that_is_short_foreign_or_damaged(install, tmp_path):
    stick = blank(tmp_path / "stick", 32 * MIB)
    short = tmp_path / "short.img"
    short.write_bytes(IMAGE.read_bytes()[:-SECTOR])
    install("stick", "--image", short, stick).refused("shorter than it should be")
    install("stick", "--image", stick, stick).refused("not a stick image")
    damaged = bytearray(IMAGE.read_bytes())
    damaged[2048 * SECTOR + 20 * SECTOR] ^= 1
    short.write_bytes(damaged)
    install("stick", "--image", short, stick).refused("sum over stage 2")
    install("stick", "--image", tmp_path / "nothing", stick).refused("no such file")
    assert not any(stick.read_bytes())


# ---------------------------------------------------------------- dynamic disks

MBR_DISK = """
group Dg0
disk Disk1 table=mbr size=50M
volume Volume1 size=20M
  component Volume1-01
    partition Disk1-01 disk=Disk1 lba=63
"""
GPT_DISK = """
group Dg0 version=2.12
disk Disk1 table=gpt size=80M
volume Volume1 size=20M
  component Volume1-01
    partition Disk1-01 disk=Disk1
"""


def dynamic_disk(folder, text, more=""):
    return make(text + more, folder) / "Disk1.img"


@pytest.mark.parametrize("text", [MBR_DISK, GPT_DISK], ids=["mbr", "gpt"])
@pytest.mark.parametrize("command", ["stick", "update"])
def test_dynamic_disk_is_never_overwritten(refuses, tmp_path, text, command):
    refuses("dynamic disk", command, dynamic_disk(tmp_path, text))


@pytest.mark.parametrize("damage", ["damage Disk1 at=sector0", "damage Disk1 at=privhead1", "damage Disk1 at=vmdb",
                                    "damage Disk1 at=privhead1\ndamage Disk1 at=privhead2\ndamage Disk1 at=privhead3"],
                         ids=["sector 0", "PRIVHEAD 1", "VMDB", "all PRIVHEADs"])
def test_damaged_dynamic_disk_is_one(refuses, tmp_path, damage):
    refuses("dynamic disk", "stick", dynamic_disk(tmp_path, MBR_DISK, damage))


# Overwritten at its beginning, as by hand or by a dying disk: the private region tells.
@pytest.mark.parametrize("text, lost", [
    (MBR_DISK, ["sector0", "privhead1"]), (MBR_DISK, ["sector0", "privhead1", "privhead2", "privhead3"]),
    (MBR_DISK, ["sector0", "privhead1", "privhead2", "privhead3", "toc1", "toc2", "toc3", "toc4"]),
    (GPT_DISK, ["sector0", "gpt-header", "gpt-backup"])], ids=["front", "every PRIVHEAD", "only VMDB", "GPT"])
def test_dynamic_disk_without_its_table_is_one(refuses, tmp_path, text, lost):
    disk = dynamic_disk(tmp_path, text, "".join(f"damage Disk1 at={place}\n" for place in lost))
    refuses("(has lost its partition table, and was|is) a Windows dynamic disk", "stick", disk)


# What people did to it, and what is left of it then. The table says in each case that this is an ordinary disk.
def type_changed(disk):
    """The forums' cure: one byte, 42 -> 07."""
    front = bytearray(sector(disk, 0))
    assert front[446 + 4] == 0x42
    front[446 + 4] = 0x07
    put(disk, 0, front)


def new_mbr(disk):
    put(disk, 0, bytes(SECTOR))
    mbr(disk, (0x07, 2048, 100000))


def new_mbr_and_front(disk):
    put(disk, 0, bytes(63 * SECTOR))
    mbr(disk, (0x07, 63, 100000))


def new_mbr_and_no_metadata(disk):
    """Only the GPTs are left, the primary one or its copy."""
    new_mbr(disk)
    put(disk, 34, bytes(4 * MIB))


@pytest.mark.parametrize("text, done_to", [
    (MBR_DISK, type_changed), (MBR_DISK, new_mbr), (MBR_DISK, new_mbr_and_front),
    (GPT_DISK, new_mbr), (GPT_DISK, new_mbr_and_front), (GPT_DISK, new_mbr_and_no_metadata)])
@pytest.mark.parametrize("command", ["stick", "partition"])
def test_dynamic_disk_under_a_table_that_denies_it(refuses, tmp_path, text, done_to, command):
    disk = dynamic_disk(tmp_path, text)
    done_to(disk)
    refuses("was, whatever its partition table says now, a Windows dynamic disk", command,
            tmp_path / ("Disk1.img:1" if command == "partition" else "Disk1.img"))


def test_disk_that_ldm_was_wiped_from_is_none(install, tmp_path):
    """As diskpart's clean leaves it: nothing in the first and the last megabyte."""
    disk = dynamic_disk(tmp_path, MBR_DISK)
    put(disk, 0, bytes(MIB))
    put(disk, disk.stat().st_size // SECTOR - 2048, bytes(MIB))
    assert install("stick", disk).code == 0


def test_type_42_in_a_hybrid_table(refuses, tmp_path):
    """A GPT that says nothing of it, and an MBR beside it that does."""
    disk = gpt(blank(tmp_path / "disk", 64 * MIB), (BASIC_DATA, 2048, 40960))
    mbr(disk, (0xEE, 1, 2047), (0x42, 43008, 20480))
    refuses("dynamic disk", "stick", disk)


@pytest.mark.parametrize("name", ["ldm-2003r2-mirrored-1", "ldm-2008r2-mirrored-2"])
def test_real_dynamic_disk(refuses, name):
    refuses("dynamic disk", "stick", real_image(name))


def test_whether_it_is_dynamic_must_be_known(install, tmp_path, monkeypatch):
    broken = tmp_path / "ldmboot-inspect"
    broken.write_text("#!/bin/sh\necho cannot >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr("ldmboot_install.dynamic.beside", lambda name: broken)
    stick = blank(tmp_path / "stick", 32 * MIB)
    install("stick", stick).refused("nobody knows whether it is a dynamic disk: cannot")
    assert not any(stick.read_bytes())


# A GPT disk with room before the regions of the dynamic volumes: private from 40960, public behind it.
SPARE = """
group Dg0 version=2.12
disk Disk1 table=gpt size=80M private=40960 public=43008 public-size=100000 msr=0 cover=no
volume Volume1 size=20M
  component Volume1-01
    partition Disk1-01 disk=Disk1
entry Disk1 type=ldm-data start=43008 size=100000
"""


def test_basic_partition_of_a_dynamic_disk(install, tmp_path):
    disk = dynamic_disk(tmp_path, SPARE, "entry Disk1 type=basic start=4096 size=20480 slot=5\n")
    before = disk.read_bytes()
    done = install("partition", tmp_path / "Disk1.img:5")
    assert done.code == 0, done.err
    assert changed_sectors(before, disk.read_bytes()) <= set(range(4096, 4096 + PART // SECTOR))
    assert bootpart.is_boot_partition(sector(disk, 4096, 9))
    found = subprocess.run([BUILD / "ldmboot-inspect", "--json", disk], capture_output=True, text=True, check=False).stdout
    assert '"status": "ok"' in found


@pytest.mark.parametrize("start, words", [(22000, "private region"), (120000, "public region")])
def test_basic_partition_that_overlaps_a_region(refuses, tmp_path, start, words):
    more = f"entry Disk1 type=basic start={start} size=20480 slot=5\n"
    dynamic_disk(tmp_path, SPARE, more)
    refuses(f"overlaps the {words} of a Windows dynamic disk", "partition", tmp_path / "Disk1.img:5")


def test_basic_partition_over_the_first_privhead(refuses, tmp_path):
    dynamic_disk(tmp_path, "group Dg0\ndisk Disk1 table=mbr size=80M public=40960 public-size=60000 cover=no\n"
                 "volume Volume1 size=10M\n component Volume1-01\n  partition Disk1-01 disk=Disk1\n"
                 "entry Disk1 type=0x42 start=40960 size=60000\nentry Disk1 type=0x0E start=1 size=20000\n")
    refuses("overlaps the PRIVHEAD", "partition", tmp_path / "Disk1.img:2")


def test_dynamic_disk_whose_regions_are_not_known(refuses, tmp_path):
    dynamic_disk(tmp_path, "group Dg0\ndisk Disk1 table=mbr size=80M public=40960 public-size=60000 cover=no\n"
                 "volume Volume1 size=10M\n component Volume1-01\n  partition Disk1-01 disk=Disk1\n"
                 "entry Disk1 type=0x42 start=40960 size=60000\nentry Disk1 type=0x0E start=63 size=20000\n"
                 "damage Disk1 at=privhead1\ndamage Disk1 at=privhead2\ndamage Disk1 at=privhead3\n")
    refuses("where its regions are cannot be read", "partition", tmp_path / "Disk1.img:2")


@pytest.mark.parametrize("text, number", [(MBR_DISK, 1), (GPT_DISK, 1), (GPT_DISK, 2), (GPT_DISK, 3)])
def test_partitions_of_a_dynamic_disk(refuses, tmp_path, text, number):
    dynamic_disk(tmp_path, text)
    refuses("never overwritten|not one of a spare partition", "partition", tmp_path / f"Disk1.img:{number}")


# ---------------------------------------------------------------- partition

@pytest.fixture(params=["mbr", "gpt"])
def spare(request, tmp_path):
    """A disk with a spare partition 2 at 20480, 10 MiB long, full of something, between two others."""
    disk = blank(tmp_path / "disk", 64 * MIB, b"OLD.")
    others = [(2048, 18432), (20480, 20480), (40960, 2048)]
    if request.param == "mbr":
        return mbr(disk, *[(0x0E, *place) for place in others])
    return gpt(disk, *[(BASIC_DATA, *place) for place in others])


def test_partition_gets_the_layout_and_nothing_else_is_touched(install, spare):
    before = spare.read_bytes()
    done = install("partition", f"{spare}:2")
    assert done.code == 0, done.err
    after = spare.read_bytes()
    assert changed_sectors(before, after) <= set(range(20480, 20480 + PART // SECTOR))
    part = after[20480 * SECTOR:20480 * SECTOR + PART]
    original = IMAGE.read_bytes()[MIB:]
    assert part[SECTOR:] == original[SECTOR:]
    assert struct.unpack_from("<I", part, 0x1C)[0] == 20480       # HiddenSectors
    assert struct.unpack_from("<I", part, 0x1F8)[0] == 20480      # own_lba of vbr.asm
    assert {n for n in range(SECTOR) if part[n] != original[n]} <= {*range(0x1C, 0x20), *range(0x1F8, 0x1FC)}
    assert mtype(spare, 20480, "ldmboot.cfg") == (BUILD / "stick/ldmboot.cfg").read_bytes()
    assert "chainloader +1" in done.out
    assert subprocess.run(["fsck.fat", "-n", "--", make_part(spare, part)], check=False).returncode == 0


def make_part(image, content):
    file = image.with_suffix(".part")
    file.write_bytes(content)
    return file


# ---------------------------------------------------------------- boot code in sector 0

@pytest.fixture
def bare(tmp_path):
    """A disk whose table was made by a program that leaves no boot code; nothing starts from it."""
    disk = mbr(blank(tmp_path / "disk", 64 * MIB), (0x0E, 2048, 20480), (0x07, 40960, 20480))
    front = bytearray(sector(disk, 0))
    front[440:444] = b"SIGN"
    put(disk, 0, front)
    return disk


def test_black_screen_is_foretold_and_cured(install, bare):
    before = sector(bare, 0)
    done = install("partition", f"{bare}:1")
    assert "no boot code, so a BIOS that starts this disk ends in a black screen" in done.out and "--bootcode" in done.out
    assert sector(bare, 0) == before
    done = install("partition", "--bootcode", f"{bare}:1", answer="yes")
    assert done.code == 0, done.err
    assert "sector 0 of" in done.out and "black screen" not in done.out
    after = sector(bare, 0)
    assert after[:440] == (BUILD / "bios/mbr.bin").read_bytes()[:440]
    assert after[440:] == before[440:]


def test_bootcode_is_asked_for(install, bare):
    before = digest(bare)
    install("partition", "--bootcode", f"{bare}:1", answer="no").refused("nothing was changed")
    done = install("partition", "--bootcode", "--dry-run", f"{bare}:1")
    assert done.code == 0 and re.search("sector 0 of .*boot code", done.out) and digest(bare) == before


def test_bootcode_where_there_is_some(refuses, bare):
    front = bytearray(sector(bare, 0))
    front[:4] = b"\xFA\x33\xC0\x8E"
    put(bare, 0, front)
    refuses("--bootcode: sector 0 of .* has boot code, another system's", "partition", "--bootcode", bare.with_name("disk:1"))
    front[:440] = IMAGE.read_bytes()[:440]
    put(bare, 0, front)
    refuses("has boot code, ldmboot's already", "partition", "--bootcode", bare.with_name("disk:1"))


def test_bootcode_on_a_gpt(refuses, tmp_path):
    gpt(blank(tmp_path / "disk", 64 * MIB), (BASIC_DATA, 2048, 20480))
    refuses("--bootcode: .* has a GPT", "partition", "--bootcode", tmp_path / "disk:1")


def test_bootcode_that_cannot_be_written(install, bare, monkeypatch):
    """The partition is in order then, and so is sector 0."""
    before = sector(bare, 0)
    really = device.Device.write

    def fails(self, offset, data):
        if self.lba + offset // SECTOR == 0 and data[:2] != before[:2]:
            raise OSError(errno.EIO, "Input/output error")
        return really(self, offset, data)
    monkeypatch.setattr(device.Device, "write", fails)
    install("partition", "--bootcode", f"{bare}:1").refused("was not written: .*put back")
    assert sector(bare, 0) == before and bootpart.is_boot_partition(sector(bare, 2048, 9))


def test_gpt_has_no_logical_partitions(install, tmp_path):
    disk = gpt(blank(tmp_path / "disk", 64 * MIB), (BASIC_DATA, 2048, 20480))
    install("partition", f"{disk}:5").refused("has no partition 5$")
    disk = mbr(blank(tmp_path / "disk2", 64 * MIB), (0x0E, 2048, 20480))
    install("partition", f"{disk}:5").refused("has no primary partition 5; logical partitions are not supported")


def test_partition_dry_run(install, spare):
    before = spare.read_bytes()
    done = install("partition", "--dry-run", f"{spare}:2")
    assert done.code == 0 and spare.read_bytes() == before
    assert named_sectors(done.out) >= set(range(20480, 20480 + PART // SECTOR))
    assert all(name in done.out for name in PROGRAMS)


@pytest.mark.parametrize("number, words", [(4, "has no (primary )?partition 4"), (3, "sectors; 16384 are needed")])
def test_partition_that_is_not_there_or_too_small(refuses, spare, number, words):
    refuses(words, "partition", type(spare)(f"{spare}:{number}"))


def test_whole_disk_is_not_a_partition(refuses, spare):
    refuses("is a whole disk; name a partition of it", "partition", spare)


@pytest.mark.parametrize("kind, words", [
    (0x05, "type 05, not one of a spare"), (0x0F, "type 0f, not one"), (0x27, "type 27, not one"),
    (0xEF, "use ldmboot-install esp"), (0x82, "not one"), (0x8E, "not one"), (0xFD, "not one"),
    (0x42, "Windows dynamic volumes")])
def test_mbr_types_that_are_not_spare(refuses, tmp_path, kind, words):
    disk = mbr(blank(tmp_path / "disk", 64 * MIB), (kind, 2048, 40960))
    refuses(words, "partition", type(disk)(f"{disk}:1"))


@pytest.mark.parametrize("kind, words", [
    ("c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "use ldmboot-install esp"),
    ("e3c9e316-0b5c-4db8-817d-f92df00215ae", "not one of a spare"),       # Microsoft reserved
    ("21686148-6449-6e6f-744e-656564454649", "not one of a spare"),       # BIOS boot: GRUB lives there
    ("de94bba4-06d1-4d40-a16a-bfd50179d6ac", "not one of a spare"),       # Windows recovery
    ("5808c8aa-7e8f-42e0-85d2-e1e90434cfb3", "Windows dynamic volumes"),
    ("af9b60a0-1431-4f62-bc68-3311714a69ad", "Windows dynamic volumes")])
def test_gpt_types_that_are_not_spare(refuses, tmp_path, kind, words):
    disk = gpt(blank(tmp_path / "disk", 64 * MIB), (kind, 2048, 40960))
    refuses(words, "partition", type(disk)(f"{disk}:1"))


def test_image_shorter_than_its_table_says(refuses, tmp_path):
    disk = mbr(blank(tmp_path / "disk", 16 * MIB), (0x0E, 2048, 40960))
    refuses("shorter than it should be", "partition", type(disk)(f"{disk}:1"))


def test_tables_that_lie(refuses, tmp_path):
    disk = mbr(blank(tmp_path / "disk", 64 * MIB), (0x0E, 2048, 40960), (0x0E, 30000, 20000))
    refuses("overlap", "partition", type(disk)(f"{disk}:1"))
    mbr(disk, (0x0E, 0, 40960))
    refuses("covers sectors of the partition table", "partition", type(disk)(f"{disk}:1"))
    gpt(disk, (BASIC_DATA, 20, 40960))
    refuses("covers sectors of the partition table", "partition", type(disk)(f"{disk}:1"))
    gpt(disk, (BASIC_DATA, 80000, 64 * MIB // SECTOR - 80000))
    refuses("covers sectors of the partition table", "partition", type(disk)(f"{disk}:1"))


def test_damaged_primary_gpt_falls_back(install, tmp_path):
    disk = gpt(blank(tmp_path / "disk", 64 * MIB), (BASIC_DATA, 2048, 40960), primary=False)
    assert install("partition", f"{disk}:1").code == 0


def test_partition_beyond_what_a_bios_reaches(refuses, tmp_path):
    disk = gpt(blank(tmp_path / "disk", 3 << 40), (BASIC_DATA, (1 << 32) - 20000, 40960))
    refuses("beyond 2 TB", "partition", type(disk)(f"{disk}:1"))


def test_no_boot_sector_of_a_file_system_is_taken_for_a_table(refuses, tmp_path):
    """A stick without a partition table: its boot sector ends in 55AA as well, and has text where a table would be."""
    disk = blank(tmp_path / "disk", 64 * MIB)
    put(disk, 0, b"text where entries would be. BBBB\r\n".ljust(446, b".").ljust(510, b"B") + b"\x55\xAA")
    refuses("has no primary partition 1", "partition", type(disk)(f"{disk}:1"))


# ---------------------------------------------------------------- the boot sector as a file

def test_bootsector_file(install, spare, tmp_path):
    file = tmp_path / "ldmboot.bin"
    assert install("partition", "--bootsector-file", file, f"{spare}:2").code == 0
    assert file.read_bytes() == sector(spare, 20480)
    file.write_bytes(file.read_bytes()[:100] + b"\x99" + file.read_bytes()[101:])       # of an older version
    assert install("partition", "--bootsector-file", file, f"{spare}:2").code == 0
    assert file.read_bytes() == sector(spare, 20480)
    assert not list(tmp_path.glob("*.new"))


def test_bootsector_file_does_not_replace_others(refuses, spare, tmp_path):
    file = tmp_path / "bootsect.dos"
    for content in (bytes(510) + b"\x55\xAA", b"", sector(IMAGE, 2048) + b"x"):
        file.write_bytes(content)
        refuses("is not a boot sector of ldmboot; nothing was changed", "partition", "--bootsector-file", file,
                type(spare)(f"{spare}:2"))
        assert file.read_bytes() == content


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("nowhere", path)],
                         ids=["FIFO", "folder", "link to nowhere"])
def test_bootsector_file_that_is_no_file(refuses, spare, tmp_path, make):
    make(tmp_path / "boot.bin")
    refuses("is not a boot sector of ldmboot; nothing was changed", "partition", "--bootsector-file", tmp_path / "boot.bin",
            type(spare)(f"{spare}:2"))


def test_bootsector_file_that_cannot_be_written(install, spare, tmp_path):
    before = digest(spare)
    (tmp_path / "file").write_text("")
    install("partition", "--bootsector-file", tmp_path / "file" / "boot.bin", f"{spare}:2").refused("nothing was changed")
    assert digest(spare) == before


def test_bootsector_file_that_cannot_be_put_in_place(install, spare, tmp_path, monkeypatch):
    """The partition is written by then, which is said."""
    def failing(*_):
        raise EIO
    monkeypatch.setattr(os, "replace", failing)
    install("partition", "--bootsector-file", tmp_path / "boot.bin", f"{spare}:2").refused(
        rf"boot.bin cannot be written: input/output error. Changed: {spare}")
    assert bootpart.is_boot_partition(sector(spare, 20480, 9))


def test_file_of_a_person_beside_it_stays(install, spare, tmp_path):
    own = tmp_path / "boot.bin.new"
    own.write_text("mine")
    before = digest(spare)
    install("partition", "--bootsector-file", tmp_path / "boot.bin", f"{spare}:2").refused(
        "boot.bin.new is in the way; remove or rename it. Nothing was changed")
    assert own.read_text() == "mine" and digest(spare) == before


def test_bootsector_file_dry_run_and_failure(install, spare, tmp_path, monkeypatch):
    file = tmp_path / "boot.bin"
    assert str(file) in install("partition", "--dry-run", "--bootsector-file", file, f"{spare}:2").out
    assert not file.exists()
    break_writes(monkeypatch, after=3)
    install("partition", "--bootsector-file", file, f"{spare}:2").refused("was not written")
    assert not file.exists() and not list(tmp_path.glob("*.new"))


# ---------------------------------------------------------------- when it fails half-way

EIO = OSError(errno.EIO, os.strerror(errno.EIO))


def break_writes(monkeypatch, after, error=EIO, for_good=True):
    """The write number `after` (from 0) fails, and when `for_good` all that follow."""
    write = device.Device.write
    count = iter(range(10 ** 6))

    def failing(self, offset, data):
        number = next(count)
        if number == after or for_good and number > after:
            raise error
        write(self, offset, data)
    monkeypatch.setattr(device.Device, "write", failing)


# ---------------------------------------------------------------- floppy

FLOPPY = 1474560
FLOPPY_IMAGE = BUILD / "ldmboot-144.img"


def test_floppy_is_the_image(install, tmp_path):
    """Says what is on it and what comes, asks, writes, reads back."""
    floppy = blank(tmp_path / "floppy", FLOPPY)
    mkfs(floppy, "mkfs.fat", "-n", "HOLIDAY")
    before = digest(floppy)
    install("floppy", floppy, answer="no").refused("nothing was changed: the answer was not yes")
    dry = install("floppy", "--dry-run", floppy)
    assert dry.code == 0 and digest(floppy) == before
    assert 'holds a FAT file system "HOLIDAY"' in dry.out and "Nothing was written" in dry.out
    assert "sectors 1 to 2879: stage 2 and the files\n  sector 0: boot sector\n" in dry.out
    assert set(re.findall(r"^  (\S+)$", dry.out, re.M)) == {name for name in PROGRAMS if not name.startswith("EFI/")}
    done = install("floppy", floppy, answer="yes")
    assert done.code == 0, done.err
    assert floppy.read_bytes() == FLOPPY_IMAGE.read_bytes() and "read back and compared" in done.out
    assert "holds a floppy of ldmboot)" in install("floppy", "--dry-run", floppy).out


def test_floppy_takes_the_files_by_their_chains(tmp_path):
    """FAT12, both kinds of its entries, as mtools writes them: files that do not lie in one piece."""
    image = tmp_path / "image"
    image.write_bytes(FLOPPY_IMAGE.read_bytes())
    contents = {name: os.urandom(size) for name, size in (("ONE.BIN", 5000), ("TWO.BIN", 700), ("BIG.BIN", 200_000))}
    mcopy(image, 0, "ONE.BIN", contents["ONE.BIN"], tmp_path)
    mcopy(image, 0, "GAP.BIN", bytes(3000), tmp_path)
    mcopy(image, 0, "TWO.BIN", contents["TWO.BIN"], tmp_path)
    subprocess.run(["mdel", "-i", image, "::GAP.BIN"], check=True)
    mcopy(image, 0, "BIG.BIN", contents["BIG.BIN"], tmp_path)
    found = payload.Floppy(image).files()
    assert {name: found[name] for name in contents} == contents and "ldmboot.cfg" in found


@pytest.mark.parametrize("size", [0, 737280, FLOPPY - 1, FLOPPY + SECTOR, 2 * FLOPPY, 16 * MIB])
def test_floppy_of_another_size(refuses, tmp_path, size):
    refuses("a floppy of 1.44 MB has 1474560" + (".*ldmboot-install stick" if size > FLOPPY else ""), "floppy",
            blank(tmp_path / "floppy", size))


def test_what_is_no_floppy(refuses, tmp_path, nobody):
    """A partition; a disk that happens to have the size; a floppy as a stick."""
    image = mbr(blank(tmp_path / "disk", 32 * MIB), (0x0C, 2048, 2880))
    refuses("is a partition; a floppy has none", "floppy", tmp_path / f"{image.name}:1")
    floppy = blank(tmp_path / "floppy", FLOPPY)
    for command in ("stick", "update"):
        refuses(r"has 1474560 bytes \(a floppy: ldmboot-install floppy writes it anew\); 9437184 are needed", command, floppy)
    fixed = device_folder(nobody, "sdc", "8:32", removable=0)
    with pytest.raises(Refusal, match="is no floppy drive"):
        target.check_floppy(as_target(fixed), nobody)


@pytest.mark.parametrize("name, number, under", [("fd0", "2:0", "devices/platform/floppy.0/block"),
                                                 ("sdd", "8:48", "devices/pci0000:00/usb1/1-1/block")])
def test_floppy_drives(nobody, name, number, under):
    """On the board and by USB; one that is mounted is in use."""
    drive = device_folder(nobody, name, number, under=under, removable=1, size=2880)
    assert nobody.is_floppy_drive(drive) and nobody.describe(drive) == "1.4 MB"
    with pytest.raises(Refusal, match="/dev/null has 0 bytes; a floppy of 1.44 MB"):
        target.check_floppy(as_target(drive), nobody)
    mounted(nobody, (number, "/media/floppy", f"/dev/{name}"))
    with pytest.raises(Refusal, match=f"{name} is mounted on /media/floppy; unmount it first"):
        target.check_floppy(as_target(drive), nobody)


@pytest.mark.parametrize("at, words", [(8 * SECTOR + 4, "is not a floppy image"), (60000, "sum over stage 2 is wrong"), (510, "is not a floppy")])
def test_damaged_floppy_image(refuses, tmp_path, at, words):
    data = bytearray(FLOPPY_IMAGE.read_bytes())
    data[at] ^= 1
    (tmp_path / "image").write_bytes(data)
    refuses(words, "floppy", "--image", tmp_path / "image", blank(tmp_path / "floppy", FLOPPY))
    refuses("it has 9437184 bytes, not 1474560", "floppy", "--image", IMAGE, tmp_path / "floppy")


def test_floppy_with_a_bad_sector(install, tmp_path, monkeypatch):
    """Written, but read back differently: what was there is put back."""
    floppy = blank(tmp_path / "floppy", FLOPPY, b"OLD.")
    before, compare = digest(floppy), plan.compare
    calls = iter(range(9))

    def worn(medium, writes):
        if next(calls) == 0:
            put(floppy, 1000, b"worn")
        compare(medium, writes)
    monkeypatch.setattr(plan, "compare", worn)
    install("floppy", floppy).refused("sector 1000 of .*floppy reads back differently.*was there before was put back")
    assert digest(floppy) == before


# Pieces of 64 KiB: 16 for sectors 1 to 2047, 128 for the partition, its boot sector, sector 0.
@pytest.mark.parametrize("after", [0, 1, 20, 144, 145])
@pytest.mark.parametrize("error", [EIO, KeyboardInterrupt()], ids=["EIO", "Ctrl-C"])
def test_interrupted_stick_is_put_back(install, tmp_path, monkeypatch, after, error):
    stick = blank(tmp_path / "stick", 32 * MIB, b"OLD.")
    before = digest(stick)
    break_writes(monkeypatch, after, error, for_good=False)
    install("stick", stick).refused("was not written: (Input/output error|interrupted). What was there before was put back")
    assert digest(stick) == before


@pytest.mark.parametrize("after", [0, 1, 20, 144, 145])
@pytest.mark.parametrize("error", [EIO, KeyboardInterrupt()], ids=["EIO", "Ctrl-C"])
def test_interrupted_stick_says_what_changed(install, tmp_path, monkeypatch, after, error):
    stick = blank(tmp_path / "stick", 32 * MIB, b"OLD.")
    before = stick.read_bytes()
    break_writes(monkeypatch, after, error)
    done = install("stick", stick).refused("was not written: (Input/output error|interrupted)")
    changed = changed_sectors(before, stick.read_bytes())
    assert changed <= changed_in_words(done.err)
    assert len(changed_in_words(done.err) - changed) <= plan.PIECE // SECTOR     # the piece that failed
    assert stick.read_bytes()[:SECTOR] == before[:SECTOR]                        # sector 0 comes last


# ---------------------------------------------------------------- Ctrl-C and its like, as real signals

def signals_at_writes(monkeypatch, *numbers, kind=signal.SIGINT):
    """This process gets the signal in each of these writes."""
    write = device.Device.write
    count = iter(range(10 ** 6))

    def interrupted(self, offset, data):
        if next(count) in numbers:
            signal.raise_signal(kind)
        write(self, offset, data)
    monkeypatch.setattr(device.Device, "write", interrupted)


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_it_and_all_is_put_back(install, tmp_path, monkeypatch, kind):
    stick = blank(tmp_path / "stick", 32 * MIB, b"OLD.")
    before = digest(stick)
    signals_at_writes(monkeypatch, 20, kind=kind)
    install("stick", stick).refused("was not written: interrupted. What was there before was put back")
    assert digest(stick) == before


def test_a_line_that_is_cut_does_not_stop_it_under_nohup(install, tmp_path, monkeypatch):
    stick = blank(tmp_path / "stick", 32 * MIB, b"OLD.")
    signals_at_writes(monkeypatch, 20, kind=signal.SIGHUP)
    usual = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        done = install("stick", stick)
    finally:
        signal.signal(signal.SIGHUP, usual)
    assert done.code == 0 and stick.read_bytes()[:STICK] == IMAGE.read_bytes(), done.err


def test_second_signal_stops_putting_back(install, tmp_path, monkeypatch):
    stick = blank(tmp_path / "stick", 32 * MIB, b"OLD.")
    before = stick.read_bytes()
    signals_at_writes(monkeypatch, 20, 25)
    done = install("stick", stick).refused("was not written: interrupted. Changed, perhaps in part")
    assert changed_sectors(before, stick.read_bytes()) <= changed_in_words(done.err)


def test_signal_that_comes_too_late(install, tmp_path, monkeypatch):
    """Everything is written: that is said, and not that nothing was changed."""
    stick = blank(tmp_path / "stick", 32 * MIB)
    signals_at_writes(monkeypatch, 145)
    done = install("stick", stick)
    assert done.code == 0 and "is a stick of ldmboot now" in done.out
    assert stick.read_bytes()[:STICK] == IMAGE.read_bytes()


def test_signal_while_files_are_written(install, partition_folder, monkeypatch):
    before = tree(partition_folder)
    write = files.write_through

    def interrupted(file, data):
        signal.raise_signal(signal.SIGINT)
        write(file, data)
    monkeypatch.setattr(files, "write_through", interrupted)
    install("esp", partition_folder).refused("interrupted; nothing was changed")
    assert tree(partition_folder) == before


def test_interrupted_partition_keeps_its_old_boot_sector(install, spare, monkeypatch):
    before = spare.read_bytes()
    break_writes(monkeypatch, after=128)
    done = install("partition", f"{spare}:2").refused("was not written")
    after = spare.read_bytes()
    assert changed_sectors(before, after) == changed_in_words(done.err) - {20480}
    assert sector(spare, 20480) == before[20480 * SECTOR:20481 * SECTOR]


def test_interrupted_command_can_be_run_again(install, spare, monkeypatch):
    with monkeypatch.context() as broken:
        break_writes(broken, after=50)
        install("partition", f"{spare}:2").refused("Run the same command again")
    assert install("partition", f"{spare}:2").code == 0
    assert sector(spare, 20481, 1000) == sector(IMAGE, 2049, 1000)


def test_readback_mismatch(install, tmp_path, monkeypatch):
    stick = blank(tmp_path / "stick", 32 * MIB)
    write = device.Device.write

    def rotten(self, offset, data):
        if offset <= 5000 * SECTOR < offset + len(data):
            data = bytearray(data)
            data[5000 * SECTOR - offset] ^= 0x10
        write(self, offset, bytes(data))
    monkeypatch.setattr(device.Device, "write", rotten)
    done = install("stick", stick).refused("sector 5000 of .* reads back differently")
    assert changed_in_words(done.err) == set(range(STICK // SECTOR))     # putting back failed as well
    assert bootpart.is_our_code(sector(stick, 0)) is False


def test_stick_that_wraps_around(install, tmp_path, monkeypatch):
    """It says 32 MiB and has four: what is written further on lands at the beginning."""
    stick = blank(tmp_path / "stick", 32 * MIB)
    write = device.Device.write
    monkeypatch.setattr(device.Device, "write", lambda self, offset, data: write(self, offset % (4 * MIB), data))
    install("stick", stick).refused("reads back differently; the medium is worn out, or smaller than it says")


def test_stick_whose_end_cannot_be_read(install, tmp_path, monkeypatch):
    stick = blank(tmp_path / "stick", 32 * MIB, b"OLD.")
    before = digest(stick)
    really = os.pread

    def ends_early(fd, length, offset):
        if offset >= 16 * MIB:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return really(fd, length, offset)
    with monkeypatch.context() as lying:
        lying.setattr(os, "pread", ends_early)
        install("stick", stick).refused("sector 65535 of .* cannot be read")
    assert digest(stick) == before


def test_target_that_shrinks_during_the_question(install, tmp_path, monkeypatch):
    stick = blank(tmp_path / "stick", 32 * MIB, b"OLD.")
    left = stick.read_bytes()[:5 * MIB]

    def shrinks(_options):
        os.truncate(stick, 5 * MIB)
        return True
    monkeypatch.setattr(cli, "agreed", shrinks)
    install("stick", stick).refused("cannot be read: .* ends before it")
    assert stick.read_bytes() == left


# ---------------------------------------------------------------- the program's own surroundings

def run_program(*arguments, **how):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False, **how)


def test_nobody_reads_what_it_says(tmp_path):
    stick = blank(tmp_path / "stick", 32 * MIB)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([PROGRAM, "stick", "--yes", stick], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert stick.read_bytes()[:STICK] == IMAGE.read_bytes()


def test_nobody_to_ask(tmp_path):
    stick = blank(tmp_path / "stick", 32 * MIB)
    done = subprocess.run(["sh", "-c", '"$0" stick "$1" <&-', PROGRAM, stick], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "nothing was changed" in done.stderr and done.stderr.count("\n") == 1
    assert not any(stick.read_bytes())


def test_name_that_is_no_text(tmp_path):
    stick = blank(os.fsencode(tmp_path / "stick") + b"\xff", 32 * MIB)
    done = run_program("stick", "--yes", stick)
    assert done.returncode == 0 and r"stick\udcff" in done.stdout, done.stderr


def test_target_given_twice(tmp_path):
    stick = blank(tmp_path / "stick", 32 * MIB)
    done = run_program("stick", "--yes", stick, stick)
    assert done.returncode == 2 and "unrecognized arguments" in done.stderr
    assert not any(stick.read_bytes())


def test_inspect_that_does_not_run(install, tmp_path, monkeypatch):
    broken = tmp_path / "ldmboot-inspect"
    broken.write_text("of another machine")
    broken.chmod(0o755)
    monkeypatch.setattr("ldmboot_install.dynamic.beside", lambda name: broken)
    stick = blank(tmp_path / "stick", 32 * MIB)
    install("stick", stick).refused("ldmboot-inspect: exec format error; nothing was changed")


@pytest.fixture
def loop(tmp_path):
    """loop(bytes per sector): a loop device on a file of 32 MiB, or the test is skipped."""
    made = []

    def attach(block):
        done = subprocess.run(["losetup", "--find", "--show", "--sector-size", str(block),
                               blank(tmp_path / f"loop{block}", 32 * MIB)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no loop device: {done.stderr.strip()}")
        made.append(done.stdout.strip())
        return type(tmp_path)(made[-1])
    yield attach
    for node in made:
        subprocess.run(["losetup", "--detach", node], check=True)


def test_loop_device(loop, tmp_path):
    """A block device that Linux knows: no fake /sys here."""
    node = loop(512)
    done = run_program("stick", "--yes", node)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "loop512").read_bytes()[:STICK] == IMAGE.read_bytes()
    assert f"attached to {node.name}; detach it first" in run_program("stick", "--yes", tmp_path / "loop512").stderr


def test_loop_device_with_large_sectors(loop, tmp_path):
    done = run_program("stick", "--yes", loop(4096))
    assert done.returncode == 1 and "has sectors of 4096 bytes; the boot partition needs 512" in done.stderr
    assert not any((tmp_path / "loop4096").read_bytes())


def test_no_write_leaves_the_window(tmp_path):
    disk = blank(tmp_path / "disk", MIB)
    with device.Device.open(disk, True, start=10 * SECTOR, size=2 * SECTOR, lba=10) as window:
        window.write(SECTOR, b"x" * SECTOR)
        for offset, length in ((2 * SECTOR, 1), (SECTOR, SECTOR + 1), (-1, 1)):
            with pytest.raises(Refusal):
                window.write(offset, bytes(length))
    assert changed_sectors(bytes(MIB), disk.read_bytes()) == {11}


# ---------------------------------------------------------------- update

def older(path, lba, folder, config=b"timeout = 42\n"):
    """Make the boot partition at `lba` look like one of an older version, with files of a person."""
    if config is not None:
        mcopy(path, lba, "ldmboot.cfg", config, folder)
    mcopy(path, lba, "README.TXT", b"an older text\n", folder)
    mcopy(path, lba, "notes of a person.txt", b"keep me\n", folder)
    mcopy(path, lba, "EFI/BOOT/BOOTX64.EFI", b"MZ old", folder)
    put(path, lba + 9, b"\xCC" * SECTOR * 20)               # stage 2
    boot = bytearray(sector(path, lba))
    boot[0x100] ^= 0xFF
    put(path, lba, boot)
    return path


def check_updated(path, lba):
    assert mtype(path, lba, "ldmboot.cfg") == b"timeout = 42\n"
    assert mtype(path, lba, "notes of a person.txt") == b"keep me\n"
    assert mtype(path, lba, "README.TXT") == (BUILD / "stick/README.TXT").read_bytes()
    assert mtype(path, lba, "EFI/BOOT/BOOTX64.EFI") == (BUILD / "efi/BOOTX64.EFI").read_bytes()
    reserved = bootpart.reserved_sectors(sector(path, lba))
    assert sector(path, lba + 1, reserved - 1) == sector(IMAGE, 2049, reserved - 1)
    code = slice(bootpart.BPB_END, bootpart.OWN_LBA_OFFSET)
    assert sector(path, lba)[code] == sector(IMAGE, 2048)[code]


@pytest.fixture
def old_stick(install, tmp_path):
    stick = blank(tmp_path / "stick", 32 * MIB, b"OLD.")
    assert install("stick", stick).code == 0
    older(stick, 2048, tmp_path)
    master = bytearray(sector(stick, 0))
    master[0x20] ^= 0xFF
    master[440:444] = b"SIGN"
    put(stick, 0, master)
    return stick


def test_update_renews_programs_and_keeps_files(install, old_stick):
    before = old_stick.read_bytes()
    done = install("update", old_stick)
    assert done.code == 0, done.err
    check_updated(old_stick, 2048)
    assert sector(old_stick, 0)[:440] == sector(IMAGE, 0)[:440]
    assert sector(old_stick, 0)[440:] == before[440:SECTOR]        # the disk's own signature and table
    assert old_stick.read_bytes()[STICK:] == before[STICK:]
    assert "nothing to do" in install("update", old_stick).out


def test_update_dry_run(install, old_stick):
    before = old_stick.read_bytes()
    done = install("update", "--dry-run", old_stick)
    assert done.code == 0 and old_stick.read_bytes() == before
    assert install("update", old_stick).code == 0
    assert changed_sectors(before, old_stick.read_bytes()) == named_sectors(done.out)


def test_update_of_a_partition(install, spare, tmp_path):
    assert install("partition", f"{spare}:2").code == 0
    older(spare, 20480, tmp_path)
    before = spare.read_bytes()
    assert install("update", f"{spare}:2").code == 0
    check_updated(spare, 20480)
    assert struct.unpack_from("<I", sector(spare, 20480), 0x1F8)[0] == 20480
    assert changed_sectors(before, spare.read_bytes()) <= set(range(20480, 20480 + PART // SECTOR))


def test_update_brings_a_configuration_when_there_is_none(install, old_stick):
    subprocess.run(["mdel", "-i", f"{old_stick}@@{MIB}", "::ldmboot.cfg"], check=True)
    assert install("update", old_stick).code == 0
    assert mtype(old_stick, 2048, "ldmboot.cfg") == (BUILD / "stick/ldmboot.cfg").read_bytes()


@pytest.mark.parametrize("after", [0, 2, 3, 4, 5])
def test_update_interrupted(install, old_stick, monkeypatch, after):
    """It is put back and can be run again."""
    before = digest(old_stick)
    with monkeypatch.context() as broken:
        break_writes(broken, after, for_good=False)
        install("update", old_stick).refused("What was there before was put back")
    assert digest(old_stick) == before
    assert install("update", old_stick).code == 0
    check_updated(old_stick, 2048)


def test_update_interrupted_for_good(install, old_stick, monkeypatch):
    """The file system is half old, half new: the next update sees that and does not build on it."""
    before = old_stick.read_bytes()
    with monkeypatch.context() as broken:
        break_writes(broken, after=3)
        done = install("update", old_stick).refused("Changed, perhaps in part")
    changed = changed_sectors(before, old_stick.read_bytes())
    assert changed and changed <= changed_in_words(done.err) and not changed & {0, 2048}
    before = digest(old_stick)
    install("update", old_stick).refused("its two FATs differ")
    assert digest(old_stick) == before


def test_update_of_what_is_not_ours(refuses, tmp_path, spare):
    refuses("is not a stick of ldmboot", "update", spare)
    refuses("no boot partition of ldmboot", "update", type(spare)(f"{spare}:2"))
    refuses("is not a stick of ldmboot", "update", blank(tmp_path / "blank", 32 * MIB))


def test_update_of_a_boot_partition_under_a_foreign_sector_0(install, refuses, spare):
    """Its sector 0 belongs to somebody else: only the partition may be named."""
    assert install("partition", f"{spare}:2").code == 0
    refuses("name its partition", "update", spare)


def test_update_without_room(refuses, old_stick, tmp_path):
    mcopy(old_stick, 2048, "README.TXT", bytes(10), tmp_path)
    for name, size in (("big", 7 * MIB), ("more", 512 * 1024), ("last", 200 * 1024)):
        file = tmp_path / name
        file.write_bytes(bytes(size))
        subprocess.run(["mcopy", "-D", "s", "-i", f"{old_stick}@@{MIB}", file, f"::{name}"], check=False,
                       capture_output=True)      # one of them does not fit any more
    refuses("does not fit|nothing was changed", "update", old_stick)


def test_update_of_another_layout(refuses, old_stick):
    boot = bytearray(sector(old_stick, 2048))
    struct.pack_into("<H", boot, bootpart.BPB_RESERVED, 200)
    put(old_stick, 2048, boot)
    refuses("another layout", "update", old_stick)


def test_update_without_room_for_its_copy(install, old_stick, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/x")
    before = digest(old_stick)
    monkeypatch.setattr(renew.tempfile, "TemporaryDirectory", full)
    install("update", old_stick).refused("/tmp/x: no space left on device; nothing was changed")
    assert digest(old_stick) == before


def test_update_without_mtools(refuses, old_stick, monkeypatch):
    monkeypatch.setattr(renew.shutil, "which", lambda name: None)
    refuses("install the package mtools", "update", old_stick)


# ---------------------------------------------------------------- esp

@pytest.fixture
def partition_folder(tmp_path):
    """A mounted EFI system partition, as far as files tell."""
    (tmp_path / "esp" / "EFI" / "BOOT").mkdir(parents=True)
    (tmp_path / "esp" / "EFI" / "BOOT" / "BOOTX64.EFI").write_text("of another system")
    return tmp_path / "esp"


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_esp(install, partition_folder):
    before = tree(partition_folder)
    done = install("esp", partition_folder)
    assert done.code == 0, done.err
    after = tree(partition_folder)
    assert after == {**before, "ldmboot.cfg": (BUILD / "stick/ldmboot.cfg").read_bytes(),
                     "EFI/ldmboot/BOOTX64.EFI": (BUILD / "efi/BOOTX64.EFI").read_bytes(),
                     "EFI/ldmboot/BOOTIA32.EFI": (BUILD / "efi/BOOTIA32.EFI").read_bytes()}
    assert r"efibootmgr --create --disk DISK --part NUMBER --label ldmboot --loader '\EFI\ldmboot\BOOTX64.EFI'" in done.out


def test_esp_keeps_the_configuration(install, partition_folder):
    (partition_folder / "ldmboot.cfg").write_text("timeout = 42\n")
    assert install("esp", partition_folder).code == 0
    assert (partition_folder / "ldmboot.cfg").read_text() == "timeout = 42\n"


def test_esp_dry_run_and_no(install, partition_folder):
    before = tree(partition_folder)
    done = install("esp", "--dry-run", partition_folder)
    assert done.code == 0 and "EFI/ldmboot/BOOTX64.EFI" in done.out
    install("esp", partition_folder, answer="no").refused("nothing was changed")
    assert tree(partition_folder) == before and not (partition_folder / "EFI" / "ldmboot").exists()


def test_esp_that_is_none(install, tmp_path):
    install("esp", tmp_path / "nothing").refused("is not a folder")
    (tmp_path / "plain").mkdir()
    install("esp", tmp_path / "plain").refused("is not an EFI system partition")
    assert not list((tmp_path / "plain").iterdir())


def test_empty_fat_is_an_esp(install, tmp_path, nobody):
    folder = tmp_path / "fat"
    folder.mkdir()
    mountinfo = nobody.proc / "self" / "mountinfo"
    mountinfo.parent.mkdir(parents=True)
    mountinfo.write_text(f"30 1 8:1 / {folder} rw - vfat /dev/nothing rw\n")
    assert install("esp", folder).code == 0
    assert (folder / "EFI/ldmboot/BOOTX64.EFI").exists()


def test_esp_that_cannot_be_written(install, partition_folder, monkeypatch):
    before = tree(partition_folder)
    count = iter(range(100))

    def full(file, data, really=files.write_through):
        if next(count) == 1:
            file.write(data[:1000])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        really(file, data)
    monkeypatch.setattr(files, "write_through", full)
    install("esp", partition_folder).refused("no space left on device; nothing was changed")
    assert tree(partition_folder) == before and not (partition_folder / "EFI" / "ldmboot").exists()


def test_esp_with_a_file_in_the_way(install, partition_folder):
    (partition_folder / "EFI" / "ldmboot").write_text("a file")
    before = tree(partition_folder)
    install("esp", partition_folder).refused("cannot be written: .*; nothing was changed")
    assert tree(partition_folder) == before


def test_esp_readback_mismatch(install, partition_folder, monkeypatch):
    before = tree(partition_folder)
    monkeypatch.setattr(files, "read_again", lambda path: b"something else")
    install("esp", partition_folder).refused("reads back differently than written; nothing was changed")
    assert tree(partition_folder) == before


def test_esp_interrupted_says_what_changed(install, partition_folder, monkeypatch):
    before = tree(partition_folder)
    really, count = os.replace, iter(range(100))

    def failing(source, destination):
        if next(count) == 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        really(source, destination)
    monkeypatch.setattr(os, "replace", failing)
    done = install("esp", partition_folder).refused("cannot be written: input/output error. Changed: ")
    new = set(tree(partition_folder)) - set(before)
    assert len(new) == 1 and all(done.err.rstrip().endswith(f"{partition_folder / name}") for name in new)


@pytest.fixture
def uefi(nobody, monkeypatch, partition_folder):
    """A Linux started by UEFI, on which the folder is partition 3 of sdb."""
    number = system.number_of(os.stat(partition_folder).st_dev)
    device_folder(nobody, "sdb", number="8:16", parts={"sdb3": (number, 3)})
    (nobody.sys / "firmware" / "efi").mkdir(parents=True)
    (nobody.sys / "firmware" / "efi" / "fw_platform_size").write_text("64\n")
    return nobody


def efibootmgr(folder, monkeypatch, code=0):
    tool = folder / "efibootmgr"
    tool.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{folder}/called\necho trouble >&2\nexit {code}\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder / "called"


def test_boot_entry(install, partition_folder, uefi, tmp_path, monkeypatch):
    called = efibootmgr(tmp_path, monkeypatch)
    done = install("esp", "--boot-entry", partition_folder)
    assert done.code == 0, done.err
    assert called.read_text().split("\n")[:-1] == ["--create", "--disk", "/dev/sdb", "--part", "3", "--label", "ldmboot",
                                                   "--loader", r"\EFI\ldmboot\BOOTX64.EFI"]


def test_boot_entry_of_a_32_bit_firmware(install, partition_folder, uefi):
    (uefi.sys / "firmware" / "efi" / "fw_platform_size").write_text("32\n")
    assert r"--disk /dev/sdb --part 3 --label ldmboot --loader '\EFI\ldmboot\BOOTIA32.EFI'" in install(
        "esp", "--dry-run", partition_folder).out


def test_boot_entry_that_fails(install, partition_folder, uefi, tmp_path, monkeypatch):
    efibootmgr(tmp_path, monkeypatch, code=2)
    install("esp", "--boot-entry", partition_folder).refused("the files are in place, but efibootmgr failed: trouble")
    monkeypatch.setenv("PATH", "/nowhere")
    install("esp", "--boot-entry", partition_folder).refused("the files are in place, but efibootmgr cannot be run")


def test_boot_entry_that_cannot_be(install, partition_folder, nobody):
    install("esp", "--boot-entry", partition_folder).refused("not on a partition of a disk")
    number = system.number_of(os.stat(partition_folder).st_dev)
    device_folder(nobody, "sdb", number="8:16", parts={"sdb3": (number, 3)})
    install("esp", "--boot-entry", partition_folder).refused("not started by UEFI")
    assert not (partition_folder / "ldmboot.cfg").exists()


# ---------------------------------------------------------------- what Linux knows

@pytest.fixture
def disk(nobody):
    return device_folder(nobody, "sdb", "8:16", {"sdb1": ("8:17", 1), "sdb2": ("8:18", 2)}, size=15625000, removable=1,
                         device__vendor="Acme", device__model="Stick")


def as_target(disk, number=None):
    """/dev/null stands in where the device's node is looked at."""
    return target.Target(target.Path("/dev/null"), target.Path("/dev/null"), number, disk)


def test_disk_that_nobody_uses(nobody, disk):
    mounted(nobody, ("8:1", "/", "/dev/sda1"))
    target.refuse_unusable(as_target(disk), nobody)
    target.refuse_unusable(as_target(disk, 1), nobody)
    assert nobody.describe(disk) == "7.5 GB, Acme Stick"


def test_mounted_disk_and_partition(nobody, disk):
    mounted(nobody, ("8:17", r"/mnt/a\040b", "/dev/sdb1"))
    for place in (as_target(disk), as_target(disk, 1)):
        with pytest.raises(Refusal, match="sdb1 is mounted on /mnt/a b; unmount it first"):
            target.refuse_unusable(place, nobody)
    target.refuse_unusable(as_target(disk, 2), nobody)


def test_btrfs_shows_a_number_of_its_own(nobody, disk, monkeypatch):
    mounted(nobody, ("0:45", "/mnt", "/dev/sdb2"))
    monkeypatch.setattr(nobody, "number_at", {"/dev/sdb2": "8:18"}.get)
    with pytest.raises(Refusal, match="sdb2 is mounted on /mnt"):
        target.refuse_unusable(as_target(disk), nobody)


def test_swap(nobody, disk, monkeypatch):
    nobody.proc.mkdir(exist_ok=True)
    (nobody.proc / "swaps").write_text("Filename Type Size Used Priority\n/dev/sdb2 partition 1 0 -2\n")
    monkeypatch.setattr(nobody, "number_at", {"/dev/sdb2": "8:18"}.get)
    with pytest.raises(Refusal, match="sdb2 is used as swap space"):
        target.refuse_unusable(as_target(disk, 2), nobody)


def test_part_of_a_volume(nobody, disk):
    (disk / "sdb1" / "holders" / "dm-0").mkdir(parents=True)
    with pytest.raises(Refusal, match="sdb1 is part of dm-0"):
        target.refuse_unusable(as_target(disk), nobody)


def test_disk_that_the_system_runs_from_below_lvm(nobody, disk):
    lvm = device_folder(nobody, "dm-0", "253:0")
    (lvm / "slaves").mkdir()
    (lvm / "slaves" / "sdb2").symlink_to(disk / "sdb2")
    mounted(nobody, ("253:0", "/", "/dev/mapper/root"))
    with pytest.raises(Refusal, match="is the disk that this system runs from"):
        target.refuse_unusable(as_target(disk), nobody)


def test_write_protected_device(nobody, disk):
    (disk / "ro").write_text("1\n")
    with pytest.raises(Refusal, match="write-protected"):
        target.refuse_unusable(as_target(disk), nobody)


def test_devices_that_are_no_disks(nobody, disk):
    lvm = device_folder(nobody, "dm-0", "253:0")
    (lvm / "dm").mkdir()
    with pytest.raises(Refusal, match="not a disk but a volume"):
        target.find_device("/dev/dm-0", lvm, nobody)
    large = device_folder(nobody, "sdc", "8:32", queue__logical_block_size=4096)
    with pytest.raises(Refusal, match="sectors of 4096 bytes"):
        target.find_device("/dev/sdc", large, nobody)
    assert target.find_device("/dev/sdb2", disk / "sdb2", nobody) == target.Target(
        target.Path("/dev/sdb2"), target.Path("/dev/sdb"), 2, disk)


def test_internal_disk_is_named_as_such(nobody):
    internal = device_folder(nobody, "sda", "8:0", size=1953525168, removable=0)
    assert "NOT a removable disk" in nobody.describe(internal)
    usb = device_folder(nobody, "sdd", "8:48", under="devices/pci/usb1", size=1953525168, removable=0)
    assert "NOT" not in nobody.describe(usb)


@pytest.mark.parametrize("start, size, words", [(4096, 40960, "begins at 4096 for Linux"),
                                                (2048, 1, "sectors for Linux and")])
def test_linux_and_the_table_disagree(nobody, disk, tmp_path, start, size, words):
    (disk / "sdb1" / "start").write_text(f"{start}\n")
    node = blank(tmp_path / "sdb1", size * SECTOR)
    with pytest.raises(Refusal, match=words):
        target.refuse_other_table(target.Target(node, node, 1, disk), table.Entry(1, "0e", 2048, 40960))


# ---------------------------------------------------------------- real block devices, as root

def partition_of(loop):
    path = target.Path(f"{loop}p2")
    if not path.is_block_device():
        pytest.skip("this Linux makes no partitions of loop devices")
    return path


def test_real_disk(install, attach, tmp_path):
    image = blank(tmp_path / "stick", 32 * MIB, b"OLD.")
    done = install("stick", attach(image), linux=system.System())
    assert done.code == 0, done.err
    assert image.read_bytes()[:STICK] == IMAGE.read_bytes()


def test_real_partition(install, attach, spare):
    before = spare.read_bytes()
    place = partition_of(attach(spare))
    done = install("partition", place, linux=system.System())
    assert done.code == 0, done.err
    assert changed_sectors(before, spare.read_bytes()) <= set(range(20480, 20480 + PART // SECTOR))
    assert struct.unpack_from("<I", sector(spare, 20480), 0x1F8)[0] == 20480
    install("stick", place, linux=system.System()).refused("is a partition; a stick is a whole disk")
    assert "nothing to do" in install("update", place, linux=system.System()).out


def test_real_mounted_partition(install, attach, spare, tmp_path):
    loop = attach(spare)
    place = partition_of(loop)
    (tmp_path / "mnt").mkdir()
    subprocess.run(["mkfs.ext4", "-q", "-F", place], check=True)
    if subprocess.run(["mount", place, tmp_path / "mnt"], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not possible here")
    for command, path in (("stick", loop), ("partition", place), ("update", place)):
        install(command, path, linux=system.System()).refused("p2 is mounted on .*/mnt; unmount it first")
    with pytest.raises(Refusal, match="it is in use"):       # what Linux itself says, if we had not seen it
        device.Device.open(place, writable=True)


def test_real_write_protected_disk(install, attach, tmp_path):
    image = blank(tmp_path / "stick", 32 * MIB, b"OLD.")
    before = digest(image)
    install("stick", attach(image, "--read-only"), linux=system.System()).refused("write-protected")
    assert digest(image) == before


def test_real_disk_attached_twice(install, attach, tmp_path):
    image = blank(tmp_path / "stick", 32 * MIB)
    attach(image)
    install("stick", image, linux=system.System()).refused("is attached to loop")
