# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts that must not happen by themselves: what another connected disk could know better (docs/how-it-chooses.md)."""
import itertools
import struct
import uuid
import zlib

import pytest

from ldmdisk import SECTOR, answer, decide, decide_in_every_order, make

MIRROR = """
define volume ""
group Dg0 version=$version transaction=61
disk Disk1 table=$table size=64M
disk Disk2 table=$table size=64M
volume Volume1 hint=C: flags=boot,system size=20M
  component Volume1-01
    partition Disk1-01 disk=Disk1
  component Volume1-02
    partition Disk2-01 disk=Disk2
content Volume1 file=$volume boot=ntfs hidden=63
"""
TABLES = {"bios": {"table": "mbr", "version": "2.11"}, "uefi": {"table": "gpt", "version": "2.12"}}
# What Disk2 knows and Disk1 does not: Windows went on without Disk1.
DISK1_STALE = """
on Disk1: change group transaction=55 sequence=4
on Disk2: change component Volume1-01 state=STALE flags=recover
"""
GPT_LDM_DATA = uuid.UUID("AF9B60A0-1431-4F62-BC68-3311714A69AD").bytes_le
# The type of the table's entry, 42 or EE, as a person changes it who wants to get at the data.
MADE_BASIC = "patch $disk at=sector0 offset=450 hex=07\n"


def in_every_order(folder, images, firmware="bios"):
    return decide_in_every_order([folder / f"{image}.img" for image in images], firmware)


def rejected(document):
    return {entry["component"]: entry["code"] for entry in document["plan"]["rejected"]}


def copy_front(source, target, sectors=63):
    with open(source, "rb") as other, open(target, "r+b") as file:
        file.write(other.read(sectors * SECTOR))


def zero_front(target, sectors=63):
    with open(target, "r+b") as file:
        file.write(bytes(sectors * SECTOR))


# ---- a disk that was made basic

@pytest.mark.parametrize("firmware", TABLES)
@pytest.mark.parametrize("more", ["", DISK1_STALE], ids=["agreeing", "the newer one"])
def test_a_disk_that_was_made_basic(tmp_path, windows_volume, more, firmware):
    """Its PRIVHEADs are left; Windows ran on it alone since, and no database knows."""
    make(MIRROR + more + MADE_BASIC, tmp_path, disk="Disk2", volume=windows_volume, **TABLES[firmware])
    document = in_every_order(tmp_path, ("Disk1", "Disk2"), firmware)
    assert answer(document) == ("ask", "LDM-0356")
    assert rejected(document) == {"Volume1-01": "LDM-0356", "Volume1-02": "LDM-0356"}
    assert "Disk2 (" in document["plan"]["notes"][0]["text"]
    alone = decide([tmp_path / "Disk1.img"], firmware)
    assert answer(alone) == ("boot", "Volume1-01")  # disconnected, as the next step says


def make_gpt(path, entries=None, array=None):
    """Write a GPT at both ends of an image: its own array with entries changed ({slot: 128 bytes}), or another one."""
    with open(path, "r+b") as file:
        sectors = file.seek(0, 2) // SECTOR
        if array is None:
            file.seek(2 * SECTOR)
            array = bytearray(file.read(32 * SECTOR))
        for slot, entry in (entries or {}).items():
            array[128 * slot:128 * slot + 128] = entry
        protective = bytes(446) + struct.pack("<B3sB3sII", 0, b"", 0xEE, b"", 1, sectors - 1) + bytes(48) + b"\x55\xaa"
        file.seek(0)
        file.write(protective)
        for here, other, place in ((1, sectors - 1, 2), (sectors - 1, 1, sectors - 33)):
            header = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, here, other, 34, sectors - 34, b"G" * 16,
                                 place, 128, 128, zlib.crc32(array))
            header = header[:16] + struct.pack("<I", zlib.crc32(header)) + header[20:]
            file.seek(here * SECTOR)
            file.write(header.ljust(SECTOR, b"\0"))
            file.seek(place * SECTOR)
            file.write(array)


BASIC_DATA = uuid.UUID("EBD0A0A2-B9E5-4433-87C0-68B6B72699C7").bytes_le


@pytest.mark.parametrize("more", ["", DISK1_STALE], ids=["agreeing", "the newer one"])
def test_a_gpt_disk_without_its_metadata_partition(tmp_path, windows_volume, more):
    """As tools do it that make a dynamic disk basic: no metadata partition any more, the data partition a basic one."""
    make(MIRROR + more, tmp_path, volume=windows_volume, **TABLES["uefi"])
    with open(tmp_path / "Disk2.img", "rb") as file:
        file.seek(2 * SECTOR)
        array = file.read(4 * 128)
    ldm_data, = (n for n in range(4) if array[128 * n:128 * n + 16] == GPT_LDM_DATA)
    make_gpt(tmp_path / "Disk2.img", {0: bytes(128), ldm_data: BASIC_DATA + array[128 * ldm_data + 16:128 * ldm_data + 128]})
    document = in_every_order(tmp_path, ("Disk1", "Disk2"), "uefi")
    assert answer(document) == ("ask", "LDM-0356")
    assert rejected(document) == {"Volume1-01": "LDM-0356", "Volume1-02": "LDM-0356"}
    assert answer(decide([tmp_path / "Disk1.img"], "uefi")) == ("boot", "Volume1-01")


@pytest.mark.parametrize("firmware", TABLES)
@pytest.mark.parametrize("more", ["", DISK1_STALE], ids=["agreeing", "the newer one"])
def test_an_mbr_disk_that_was_made_a_gpt_disk(tmp_path, windows_volume, more, firmware):
    """The table is new at both ends of the disk; of the metadata in its last megabyte one PRIVHEAD is left."""
    make(MIRROR + more, tmp_path, volume=windows_volume, table="mbr", version="2.11")
    entry = BASIC_DATA + b"U" * 16 + struct.pack("<QQQ", 2048, 120000, 0) + bytes(72)
    make_gpt(tmp_path / "Disk2.img", {0: entry}, bytearray(128 * 128))
    document = in_every_order(tmp_path, ("Disk1", "Disk2"), firmware)
    assert answer(document) == ("ask", "LDM-0356")
    assert rejected(document)["Volume1-01"] == "LDM-0356"


def test_only_the_copies_at_its_end_are_left(tmp_path, windows_volume):
    make(MIRROR + MADE_BASIC + "damage Disk1 at=privhead1 how=zero\n", tmp_path, disk="Disk1", volume=windows_volume, **TABLES["bios"])
    assert answer(in_every_order(tmp_path, ("Disk1", "Disk2"))) == ("ask", "LDM-0356")


def test_a_basic_disk_of_nobody_is_no_doubt(tmp_path, windows_volume):
    """Left-overs of a group that is not here; and a healthy mirror beside a copy of one of its disks that was made basic."""
    make("group Gone\ndisk Left table=mbr size=50M\n" + MADE_BASIC, tmp_path, disk="Left")
    make(MIRROR + "clone Copy of=Disk1\n" + MADE_BASIC, tmp_path, disk="Copy", volume=windows_volume, **TABLES["bios"])
    for disks in (("Disk1", "Disk2", "Left"), ("Disk2", "Left"), ("Disk1", "Disk2", "Copy")):
        document = decide([tmp_path / f"{disk}.img" for disk in disks])
        assert document["plan"]["result"] == "boot"
        assert "LDM-0308" in [message["code"] for message in document["disks"][-1]["messages"]]


OTHER_SERVER = MIRROR[MIRROR.index("group"):].replace("group Dg0", "group Other-Dg0").replace("Disk1", "Other1").replace("Disk2", "Other2")


@pytest.mark.parametrize("firmware", TABLES)
@pytest.mark.parametrize("kind", ["windows", "data", "unreadable"])
def test_the_own_disk_made_basic_beside_another_servers(tmp_path, windows_volume, data_volume, kind, firmware):
    """Its Windows is no dynamic volume any more, and may be this machine's all the same. A data disk is no doubt."""
    own = MIRROR[MIRROR.index("group"):].replace("disk Disk1", "disk Disk1 missing=yes")
    own += "entry Disk2 volume=Volume1 type=%s slot=%d\n" % (("7", 1) if firmware == "bios" else ("basic", 3))
    if firmware == "uefi":
        own = own.replace("disk Disk2 table=$table", "disk Disk2 cover=no table=$table")
    make('define volume ""\n' + own, tmp_path, volume=data_volume if kind == "data" else windows_volume, **TABLES[firmware])
    make_basic(tmp_path / "Disk2.img", firmware)
    if kind == "unreadable":
        wipe_mft(tmp_path / "Disk2.img", windows_volume)
    make('define volume ""\n' + OTHER_SERVER, tmp_path, volume=windows_volume, **TABLES[firmware])
    for others in (("Other1", "Other2"), ("Other2",)):
        document = in_every_order(tmp_path, (*others, "Disk2"), firmware)
        if kind == "data":
            assert document["plan"]["result"] == "boot"
            continue
        assert answer(document) == ("ask", "LDM-0557")
        assert "Disk2.img: a basic disk" in document["plan"]["notes"][0]["text"]
    config = tmp_path / "ldmboot.cfg"
    config.write_text("volume = Volume1\n")
    assert decide([tmp_path / "Disk2.img", tmp_path / "Other2.img"], firmware, "--config", config)["plan"]["result"] == "boot"


def make_basic(path, firmware):
    """Every entry of LDM is gone; the one at the volume stays. The PRIVHEADs stay."""
    if firmware == "uefi":
        make_gpt(path, {0: bytes(128)})
        return
    with open(path, "r+b") as file:
        table = bytearray(file.read(SECTOR))
        for at in range(446, 510, 16):
            if table[at + 4] == 0x42:
                table[at:at + 16] = bytes(16)
        file.seek(0)
        file.write(table)


def wipe_mft(path, volume):
    image = path.read_bytes()
    start = image.index(volume.read_bytes()[3:11]) - 3
    with open(path, "r+b") as file:
        file.seek(start + mft(volume) * SECTOR)
        file.write(bytes(16 * SECTOR))


def test_a_gpt_disk_whose_protective_entry_was_changed(tmp_path, windows_volume):
    """What is behind the entry cannot be read: it may be the machine's own."""
    make(MIRROR + MADE_BASIC, tmp_path, disk="Disk2", volume=windows_volume, **TABLES["uefi"])
    make('define volume ""\n' + OTHER_SERVER, tmp_path, volume=windows_volume, **TABLES["uefi"])
    assert answer(in_every_order(tmp_path, ("Disk2", "Other2"), "uefi")) == ("ask", "LDM-0557")


def test_one_half_has_a_basic_entry_of_its_own(tmp_path, windows_volume):
    """The table is a mixture: 07 at the volume, 42 elsewhere. The other half is not touched by that."""
    mixed = "entry Disk1 volume=Volume1 type=7 slot=2\n"
    make(MIRROR + mixed, tmp_path, volume=windows_volume, **TABLES["bios"])
    document = in_every_order(tmp_path, ("Disk1", "Disk2"))
    assert answer(document) == ("boot", "Volume1-02")
    assert rejected(document)["Volume1-01"] == "LDM-0357"
    assert answer(decide([tmp_path / "Disk1.img"])) == ("ask", "LDM-0357")


# A logical drive at sector 63, by a link of the chain in the sector before it; and partitions of other kinds in a GPT.
LOGICAL = """entry Disk1 type=%s start=62 size=40961 slot=2
patch Disk1 at=sector:62 offset=446 hex=00000000%s0000000100000000a00000
patch Disk1 at=sector:62 offset=510 hex=55aa
"""
LINUX_DATA, ESP = "0fc63daf-8483-4772-8e79-3d69d8477de4", "esp"


@pytest.mark.parametrize("firmware,entry", [
    ("bios", LOGICAL % ("5", "07")), ("bios", LOGICAL % ("15", "0c")), ("uefi", f"entry Disk1 volume=Volume1 type={LINUX_DATA}\n"),
    ("uefi", f"entry Disk1 volume=Volume1 type={ESP}\n"), ("uefi", "entry Disk1 volume=Volume1 type=basic\n"),
], ids=["logical drive", "by LBA", "Linux", "system partition", "basic data"])
def test_one_half_is_a_partition_of_another_kind_too(tmp_path, windows_volume, firmware, entry):
    make(MIRROR + entry, tmp_path, volume=windows_volume, **TABLES[firmware])
    document = in_every_order(tmp_path, ("Disk1", "Disk2"), firmware)
    assert answer(document) == ("boot", "Volume1-02")
    assert rejected(document)["Volume1-01"] == "LDM-0357"
    assert answer(decide([tmp_path / "Disk1.img"], firmware)) == ("ask", "LDM-0357")


@pytest.mark.parametrize("firmware,entry", [
    ("bios", LOGICAL % ("5", "42")), ("uefi", "entry Disk1 volume=Volume1 type=ldm-data\n"),
], ids=["logical drive of LDM", "LDM data"])
def test_an_entry_of_ldm_over_a_half_is_no_mark(tmp_path, windows_volume, firmware, entry):
    make(MIRROR + entry, tmp_path, volume=windows_volume, **TABLES[firmware])
    assert answer(in_every_order(tmp_path, ("Disk1", "Disk2"), firmware)) == ("boot", "Volume1")


# ---- a disk that may be the newer one, and has lost its front

def newer_disk(tmp_path, volume):
    make(MIRROR + DISK1_STALE, tmp_path, volume=volume, **TABLES["bios"])
    return tmp_path / "Disk2.img"


def test_a_newer_disk_whose_front_is_blank(tmp_path, windows_volume):
    """Its metadata at the end tells all, and that Disk1's half is old. It is started only when a person says so."""
    zero_front(newer_disk(tmp_path, windows_volume))
    document = in_every_order(tmp_path, ("Disk1", "Disk2"))
    assert answer(document) == ("ask", "LDM-0359")
    assert rejected(document)["Volume1-01"] == "LDM-0349"


@pytest.mark.parametrize("size", [64, 80], ids=["same size", "larger"])
def test_a_newer_disk_with_the_front_of_another_server(tmp_path, windows_volume, size):
    """LBA 6 names the other server's disk, the copies at the end this one."""
    target = newer_disk(tmp_path, windows_volume)
    make(f"group Other\ndisk Foreign table=mbr size={size}M\n", tmp_path)
    copy_front(tmp_path / "Foreign.img", target)
    assert answer(in_every_order(tmp_path, ("Disk1", "Disk2"))) == ("ask", "LDM-0329")
    document = in_every_order(tmp_path, ("Disk1", "Disk2", "Foreign"))
    assert answer(document) == ("ask", "LDM-0329")


@pytest.mark.parametrize("firmware", TABLES)
@pytest.mark.parametrize("size", [64, 80], ids=["same size", "larger"])
def test_a_newer_gpt_disk_with_two_megabytes_of_another_server(tmp_path, windows_volume, size, firmware):
    """All its metadata is overwritten, by an MBR disk's first sectors: it is a disk of a group of which nothing can be read."""
    make(MIRROR + DISK1_STALE, tmp_path, volume=windows_volume, **TABLES["uefi"])
    make(f"group Other\ndisk Foreign table=mbr size={size}M\n", tmp_path)
    copy_front(tmp_path / "Foreign.img", tmp_path / "Disk2.img", 4096)
    for disks in (("Disk1", "Disk2"), ("Disk1", "Disk2", "Foreign")):
        assert answer(in_every_order(tmp_path, disks, firmware)) == ("ask", "LDM-0521")


def test_a_disk_that_another_machine_imported(tmp_path, windows_volume):
    """Its identity is that of the missing half, its group another one."""
    make(MIRROR, tmp_path, volume=windows_volume, **TABLES["bios"])
    make(MIRROR.replace("group Dg0", "group Elsewhere guid=6d4f2d5c-0000-4c11-a57e-0123456789ab")
         .replace("disk Disk1", "disk Disk1 missing=yes guid=6d4f2d5c-0001-4c11-a57e-0123456789ab")
         .replace("disk Disk2 table", "disk Disk2 file=Imported.img guid=$guid table"), tmp_path,
         volume=windows_volume, guid=guid_of(tmp_path, "Disk2"), **TABLES["bios"])
    document = in_every_order(tmp_path, ("Disk1", "Imported"))
    assert answer(document)[0] == "ask"
    (half,) = (c for g in document["groups"] if g["name"] == "Dg0" for v in g["volumes"] for c in v["components"]
               if c["name"] == "Volume1-01")
    assert [reason["code"] for reason in half["reasons"]] == ["LDM-0358"]


def guid_of(folder, disk):
    """The disk's own GUID, out of the PRIVHEAD at LBA 6."""
    with open(folder / f"{disk}.img", "rb") as file:
        file.seek(6 * SECTOR + 0x30)
        return file.read(64).split(b"\0")[0].decode()


# ---- another server's disk beside the own one

TWO_SERVERS = """
define volume ""
group Own-Dg0 version=$version
disk Dead table=$table size=64M missing=yes
disk Own table=$table size=64M
volume Volume1 hint=C: flags=$flags size=20M
  component Volume1-01
    partition Dead-01 disk=Dead
  component Volume1-02
    partition Own-01 disk=Own
content Volume1 file=$volume boot=ntfs hidden=63
group Other-Dg0 version=$version
disk OtherDead table=$table size=64M missing=yes
disk Other table=$table size=64M
volume Volume9 hint=C: flags=boot,system size=20M
  component Volume9-01
    partition OD-01 disk=OtherDead
  component Volume9-02
    partition O-01 disk=Other
content Volume9 file=$volume boot=ntfs hidden=63
"""


def two_servers(folder, volume, firmware, damaged=(), flags="boot,system"):
    damage = "".join(f"on Own: damage Own at={place} how=zero\n" for place in damaged)
    text = TWO_SERVERS.replace("group Other-Dg0", damage.replace("on Own: ", "") + "group Other-Dg0")
    make(text, folder, volume=volume, flags=flags, **TABLES[firmware])


@pytest.mark.parametrize("firmware", TABLES)
@pytest.mark.parametrize("damaged,code", [
    (("vmdb",), "LDM-0521"),
    (("toc1", "toc2", "toc3", "toc4"), "LDM-0521"),
    (("vblk:4+40",), "LDM-0521"),
    (("privhead1", "privhead2", "privhead3"), "LDM-0536"),
    (("volume", "backup"), "LDM-0522"),
    (("mft",), "LDM-0523"),
], ids=["vmdb", "tocblocks", "records", "privheads", "boot sectors", "root"])
def test_another_server_does_not_beat_the_own_damaged_one(tmp_path, windows_volume, firmware, damaged, code):
    """Whatever of the own disk is lost: the other server's Windows, flagged and whole, is not started by itself."""
    first = 63 if firmware == "bios" else public_start(tmp_path, windows_volume)
    places = {"volume": f"sector:{first}", "backup": f"sector:{first + 40959}", "mft": f"sector:{first + mft(windows_volume)}+16"}
    if "mft" in damaged and firmware == "uefi":  # a root that cannot be read has no boot manager to start
        code = "LDM-0522"
    damaged = [places.get(place, place) for place in damaged if not (place == "privhead1" and firmware == "uefi")]
    two_servers(tmp_path, windows_volume, firmware, damaged)
    assert answer(in_every_order(tmp_path, ("Own", "Other"), firmware)) == ("ask", code)
    config = tmp_path / "ldmboot.cfg"
    config.write_text("volume = Volume9\n")
    document = decide([tmp_path / "Own.img", tmp_path / "Other.img"], firmware, "--config", config)
    assert document["plan"]["result"] == ("ask" if code == "LDM-0536" else "boot")


def public_start(folder, volume):
    two_servers(folder, volume, "uefi")
    disk = decide([folder / "Own.img"], "uefi")["disks"][0]
    return disk["public_start"]


def mft(volume):
    """The sector of the volume where its MFT begins (boot sector, 30h: clusters)."""
    sector = volume.read_bytes()[:SECTOR]
    return int.from_bytes(sector[0x30:0x38], "little") * sector[0x0D]


@pytest.mark.parametrize("firmware", TABLES)
@pytest.mark.parametrize("flags", ["boot,system", "0x11"], ids=["flagged", "unflagged"])
def test_two_servers_that_are_both_whole(tmp_path, windows_volume, firmware, flags):
    """A flag says that a volume starts a Windows, not that it is this machine's."""
    two_servers(tmp_path, windows_volume, firmware, flags=flags)
    document = in_every_order(tmp_path, ("Own", "Other"), firmware)
    assert answer(document) == ("ask", "LDM-0507")
    config = tmp_path / "ldmboot.cfg"
    config.write_text("component = Volume1-02\n")
    assert answer(decide([tmp_path / "Other.img", tmp_path / "Own.img"], firmware, "--config", config)) == ("boot", "Volume1-02")


def test_a_foreign_data_disk_beside_the_system_is_no_doubt(tmp_path, windows_volume, data_volume):
    """Whole, read to its end, and with nothing on it that starts."""
    make(MIRROR + "group Foreign\ndisk Third table=mbr size=50M\nvolume Data size=4M\n  component Data-01\n    partition D-01 disk=Third\n"
         "content Data file=$data boot=ntfs hidden=63\n", tmp_path, volume=windows_volume, data=data_volume, **TABLES["bios"])
    assert in_every_order(tmp_path, ("Disk2", "Third"))["plan"]["component"] == "Volume1-02"


# ---- disks of one group that went on without each other

PRODUCTION = """
define volume ""
group Dg0 version=$version transaction=80
disk Disk2 id=3 table=$table size=64M
disk Disk3 id=70 table=$table size=64M
volume Volume2 id=58 commit=72 hint=C: flags=$flags size=20M
  component Volume2-01 id=13 commit=60
    partition Disk2-01 id=14 commit=60 disk=Disk2
  component Volume2-02 id=71 commit=72
    partition Disk3-01 id=73 commit=72 disk=Disk3
content Volume2 file=$volume boot=ntfs hidden=63
"""
FALLBACK = """
define volume ""
group Dg0 version=$version transaction=$transaction
disk Disk1 id=2 table=$table size=64M
#more
volume Volume1 id=10 commit=60 hint=C: flags=$flags size=20M
  component Volume1-01 id=11 commit=60
    partition Disk1-01 id=12 commit=60 disk=Disk1
content Volume1 file=$volume boot=ntfs hidden=63
"""

# What the fall-back knows of the day it was put away: the other half became a volume of its own, 58, on Disk2.
LISTS_DISK2 = """disk Disk2 id=3 table=$table size=64M missing=yes
volume Volume2 id=58 commit=60 size=20M
  component Volume2-01 id=13 commit=60
    partition Disk2-01 id=14 commit=60 disk=Disk2"""


def fallback(folder, volume, firmware, transaction=95, more="", flags="boot,system"):
    """The mirror was broken at 60 and its second half kept for a rainy day; the server was mirrored again, on Disk3."""
    make(PRODUCTION, folder, volume=volume, flags=flags, **TABLES[firmware])
    make(FALLBACK.replace("#more", more), folder, volume=volume, flags=flags, transaction=transaction, **TABLES[firmware])


@pytest.mark.parametrize("firmware", TABLES)
@pytest.mark.parametrize("transaction", [95, 75], ids=["newest", "older"])
@pytest.mark.parametrize("flags", ["boot,system", "0x11"], ids=["flagged", "unflagged"])
def test_one_disk_that_ran_alone_does_not_outvote_two(tmp_path, windows_volume, firmware, transaction, flags):
    """Neither side lists a disk of the other: the one with more transactions is not the right one for that."""
    fallback(tmp_path, windows_volume, firmware, transaction, flags=flags)
    document = in_every_order(tmp_path, ("Disk1", "Disk2", "Disk3"), firmware)
    assert answer(document) == ("ask", "LDM-0330")
    assert rejected(document) == {half: "LDM-0330" for half in ("Volume1-01", "Volume2-01", "Volume2-02")}  # all can be chosen
    times = " ".join(note["text"] for note in document["plan"]["notes"] if note["code"] == "LDM-0535")
    assert f"transaction {transaction}" in times and "transaction 80" in times
    assert len(document["groups"]) == 2
    assert in_every_order(tmp_path, ("Disk2", "Disk3"), firmware)["plan"]["result"] == "boot"  # the other one disconnected
    assert decide([tmp_path / "Disk1.img"], firmware)["plan"]["component"] == "Volume1-01"


def test_a_fall_back_that_never_ran_is_left_alone(tmp_path, windows_volume):
    """Its database is that of the day it was put away, and still counts Disk2 as good."""
    fallback(tmp_path, windows_volume, "bios", transaction=60, more=LISTS_DISK2)
    document = in_every_order(tmp_path, ("Disk3", "Disk1"))
    assert answer(document) == ("boot", "Volume2-02")
    (disk,) = (disk for disk in document["disks"] if disk["path"].endswith("Disk1.img"))
    assert "LDM-0326" in [message["code"] for message in disk["messages"]]


def test_a_disk_whose_half_the_other_calls_lost_is_not_one_of_the_good_ones(tmp_path, windows_volume):
    """The fall-back lists Disk2, but as removed: it did go on without it."""
    fallback(tmp_path, windows_volume, "bios", more="disk Disk2 id=3 table=mbr size=64M flags=removed missing=yes")
    assert answer(in_every_order(tmp_path, ("Disk1", "Disk2", "Disk3")))[0] == "ask"
    assert answer(in_every_order(tmp_path, ("Disk1", "Disk3")))[0] == "ask"


BROKEN = """volume Volume2 id=58 commit=$commit size=20M
  component Volume2-01 id=13 commit=$commit
    partition Disk2-01 id=14 commit=$commit disk=Disk2"""
MISSING_DISK2 = "disk Disk2 id=3 table=$table size=64M missing=yes\n"
# What the fall-back still lists of the other half: its disk; the broken-off half as of that day; the same, changed since.
KNOWS_DISK2 = {
    "nothing": "",
    "its disk": MISSING_DISK2,
    "the half, as of 60": MISSING_DISK2 + BROKEN.replace("$commit", "60"),
    "the half, written since": MISSING_DISK2 + BROKEN.replace("$commit", "74"),
}
# What production still lists of the fall-back: with the half, or nothing on it.
MISSING_DISK1 = "disk Disk1 id=2 table=$table size=64M missing=yes\n"
KNOWS_DISK1 = {
    "nothing": "",
    "its disk": MISSING_DISK1,
    "the half": MISSING_DISK1 + """volume Volume1 id=10 commit=60 size=20M
  component Volume1-01 id=11 commit=60
    partition Disk1-01 id=12 commit=60 disk=Disk1
""",
}


@pytest.mark.parametrize("firmware", TABLES)
@pytest.mark.parametrize("transaction", [95, 80, 75], ids=["newest", "the same", "older"])
@pytest.mark.parametrize("disk2", KNOWS_DISK2.values(), ids=KNOWS_DISK2)
@pytest.mark.parametrize("disk1", KNOWS_DISK1.values(), ids=KNOWS_DISK1)
def test_a_disk_that_both_list_does_not_hide_that_they_parted(tmp_path, windows_volume, firmware, transaction, disk2, disk1):
    """Whatever each still lists of the other, both have records that the other must have seen, and has not."""
    known_gap = transaction == 95 and "volume" in disk1 and "volume" not in disk2  # as if all the rest had been deleted
    production = PRODUCTION.replace("disk Disk3", disk1.split("volume")[0] + "disk Disk3")
    production = production.replace("content", "volume".join(["", *disk1.split("volume")[1:]]) + "content")
    make(production, tmp_path, volume=windows_volume, flags="boot,system", **TABLES[firmware])
    make(FALLBACK.replace("#more", disk2), tmp_path, volume=windows_volume, flags="boot,system", transaction=transaction,
         **TABLES[firmware])
    document = in_every_order(tmp_path, ("Disk1", "Disk2", "Disk3"), firmware)
    assert document["plan"]["result"] == "ask"
    code = document["plan"]["notes"][0]["code"]
    assert code in ("LDM-0330", "LDM-0331", "LDM-0360")
    if known_gap:  # Disk2 and Disk3 together are a pair; either of them alone looks like a disk that was put out
        return
    assert startable(document) == {"Volume1-01", "Volume2-01", "Volume2-02"}  # each can be chosen
    for disks in (("Disk1", "Disk2"), ("Disk1", "Disk3")):
        assert in_every_order(tmp_path, disks, firmware)["plan"]["result"] == "ask"
    assert decide([tmp_path / "Disk1.img"], firmware)["plan"]["component"] == "Volume1-01"
    assert in_every_order(tmp_path, ("Disk2", "Disk3"), firmware)["plan"]["result"] == "boot"


@pytest.mark.parametrize("firmware", TABLES)
@pytest.mark.parametrize("transaction, damaged", [(75, "Disk1"), (95, "Disk2"), (95, "both")])
def test_a_lost_record_does_not_hide_that_they_parted(tmp_path, windows_volume, firmware, transaction, damaged):
    """What could tell is the record of the volume itself, on the older side."""
    hurt = {name: f"damage {name} at=vblk:7 how=zero\n" for name in ("Disk1", "Disk2", "Disk3")}
    production = PRODUCTION + {"Disk1": "", "Disk2": hurt["Disk2"], "both": hurt["Disk2"] + hurt["Disk3"]}[damaged]
    make(production, tmp_path, volume=windows_volume, flags="boot,system", **TABLES[firmware])
    make(FALLBACK.replace("#more", LISTS_DISK2) + (hurt["Disk1"] if damaged == "Disk1" else ""), tmp_path,
         volume=windows_volume, flags="boot,system", transaction=transaction, **TABLES[firmware])
    assert in_every_order(tmp_path, ("Disk1", "Disk2"), firmware)["plan"]["result"] == "ask"
    for order in itertools.permutations(("Disk1", "Disk2", "Disk3")):  # which of the two reasons heads the list may differ
        plan = decide([tmp_path / f"{name}.img" for name in order], firmware)["plan"]
        assert plan["result"] == "ask" and plan["notes"][0]["code"] in ("LDM-0330", "LDM-0335", "LDM-0360")


@pytest.mark.parametrize("firmware", TABLES)
def test_a_data_disk_that_is_behind_and_damaged_asks_nothing(tmp_path, windows_volume, data_volume, firmware):
    """Its lost record is that of a volume of its own, of which there was never another half."""
    make(MIRROR + """\
disk Disk3 table=$table size=50M
volume Data hint=D: size=4M
  component Data-01
    partition Disk3-01 disk=Disk3
content Data file=$data boot=ntfs hidden=63
on Disk3: change group transaction=30
damage Disk3 at=vblk:7 how=zero
""", tmp_path, volume=windows_volume, data=data_volume, **TABLES[firmware])
    assert in_every_order(tmp_path, ("Disk1", "Disk2", "Disk3"), firmware)["plan"]["result"] == "boot"
    assert in_every_order(tmp_path, ("Disk2", "Disk3"), firmware)["plan"]["component"] == "Volume1-02"


def startable(document):
    """The halves on connected disks of all groups: those that a person is offered."""
    return {component["name"] for group in document["groups"] for volume in group["volumes"] for component in volume["components"]
            if all(extent["lba"] is not None for extent in component["extents"])}


# ---- one id for two objects

SPLIT_SERVER = """
define volume ""
group Dg0 version=$version transaction=$transaction
disk Disk1 id=2 table=$table size=64M
disk Disk2 id=3 table=$table size=64M
$disk3 missing=yes
volume Volume1 id=10 commit=20 hint=C: flags=boot,system size=20M
  component Volume1-01 id=11 commit=20
    partition Disk1-01 id=12 commit=20 disk=Disk1
  component Volume1-02 id=13 commit=20
    partition Disk2-01 id=14 commit=20 disk=Disk2
$data
content Volume1 file=$volume boot=ntfs hidden=63
"""
DATA = """volume Data id=51 commit=51 hint=D: size=4M
  component Data-01 id=52 commit=$commit
    partition Disk1-02 id=53 commit=$commit disk=Disk1"""


def split_server(folder, volume, firmware, newer, older):
    """Disk1 of the newer, Disk2 of the older description; each has other lines for what came after the split, at 50."""
    for name, transaction, (disk3, data) in (("newer", 95, newer), ("older", 80, older)):
        (folder / name).mkdir()
        text = SPLIT_SERVER.replace("$disk3", disk3).replace("$data", data)
        make(text, folder / name, volume=volume, transaction=transaction, **TABLES[firmware])
    (folder / "newer" / "Disk1.img").rename(folder / "Disk1.img")
    (folder / "older" / "Disk2.img").rename(folder / "Disk2.img")


DISK3 = "disk Disk3 id=54 guid=6d4f2d5c-0003-4c11-a57e-0123456789ab table=mbr size=50M"
DATA_51 = DATA.replace("$commit", "52")


@pytest.mark.parametrize("firmware", TABLES)
@pytest.mark.parametrize("older", [
    (DISK3.replace("0003", "0004"), DATA_51),
    (DISK3, DATA_51.replace("size=4M", "size=4M guid=6d4f2d5c-0002-4c11-a57e-0123456789ab")),
    (DISK3, DATA_51.replace("Data-01", "Data-02")),
    (DISK3, DATA_51.replace("Disk1-02", "Disk1-03")),
    (DISK3, DATA_51.replace("disk=Disk1", "disk=Disk2")),
    (DISK3, DATA_51.replace("size=4M", "size=5M")),
    (DISK3.replace("id=54", "id=51"), DATA_51.replace("id=51", "id=54")),
    (DISK3, DATA_51.replace("id=51", "id=61").replace("id=52", "id=62").replace("id=53", "id=63").replace("=52", "=64")),
    (DISK3.replace("id=54", "id=64"), DATA_51),
    (DISK3, DATA_51.replace("=52", "=60").replace("id=60", "id=52")),
], ids=["disk", "volume", "component", "partition", "parent", "size", "kind", "other ids", "other disk id", "commit"])
def test_one_id_for_two_objects(tmp_path, windows_volume, firmware, older):
    """After a split the same action gives the same id on both sides, to different things, or each side has its own ids."""
    split_server(tmp_path, windows_volume, firmware, (DISK3, DATA_51), older)
    document = in_every_order(tmp_path, ("Disk1", "Disk2"), firmware)
    assert answer(document) == ("ask", "LDM-0360")
    assert rejected(document)["Volume1-01"] == rejected(document)["Volume1-02"] == "LDM-0360"
    assert startable(document) >= {"Volume1-01", "Volume1-02"}


@pytest.mark.parametrize("newer", ["", DATA.replace("$commit", "92").replace("id=5", "id=9").replace("commit=51", "commit=93")],
                         ids=["deleted", "made anew"])
def test_what_was_deleted_while_a_disk_was_away_is_no_contradiction(tmp_path, windows_volume, newer):
    """Its database still has the volume. One made anew has a new id, beyond what that disk could have seen."""
    split_server(tmp_path, windows_volume, "bios", (DISK3, newer), (DISK3, DATA_51))
    document = in_every_order(tmp_path, ("Disk1", "Disk2"))
    assert answer(document) == ("boot", "Volume1-01")
    assert rejected(document)["Volume1-02"] == "LDM-0324"


@pytest.mark.parametrize("older", [DATA_51, DATA.replace("$commit", "52").replace("Data-01", "Data-02").replace("Disk1-02", "Disk1-03")])
def test_what_was_written_since_is_no_contradiction(tmp_path, windows_volume, older):
    """Disk2 was away when the half of another volume got another name: it is old, and nothing more."""
    split_server(tmp_path, windows_volume, "bios", (DISK3, DATA.replace("$commit", "90")), (DISK3, older))
    document = in_every_order(tmp_path, ("Disk1", "Disk2"))
    assert answer(document) == ("boot", "Volume1-01")
    assert rejected(document)["Volume1-02"] == "LDM-0324"


# ---- what a disk was, told by places that are left of it

STALE_SERVER = MIRROR.replace("disk Disk2 table=$table size=64M", "disk Disk2 table=$table size=64M $place") + """\
on Disk1: change group transaction=55 sequence=4
on Disk2: change component Volume1-01 state=STALE flags=recover
"""


def ldm_data_entry(path):
    """Slot, bytes and first sector of the data partition's entry."""
    with open(path, "rb") as file:
        file.seek(2 * SECTOR)
        array = file.read(SECTOR)
    (slot,) = (n for n in range(4) if array[128 * n:128 * n + 16] == GPT_LDM_DATA)
    entry = array[128 * slot:128 * slot + 128]
    return slot, entry, struct.unpack_from("<Q", entry, 32)[0]


def test_a_gpt_disk_that_was_made_an_mbr_disk(tmp_path, windows_volume):
    """Both GPTs wiped, an entry of type 07 at the volume: the metadata stays where GPT disks have it."""
    make(STALE_SERVER.replace("$place", ""), tmp_path, volume=windows_volume, **TABLES["uefi"])
    start = ldm_data_entry(tmp_path / "Disk2.img")[2]
    with open(tmp_path / "Disk2.img", "r+b") as file:
        file.seek(446)
        file.write(struct.pack("<B3sB3sII", 0x80, b"", 7, b"", start, 40960) + bytes(48))
        file.seek(SECTOR)
        file.write(bytes(33 * SECTOR))
        file.seek(-33 * SECTOR, 2)
        file.write(bytes(33 * SECTOR))
    for firmware in TABLES:
        assert answer(in_every_order(tmp_path, ("Disk1", "Disk2"), firmware)) == ("ask", "LDM-0356")


def test_a_reserved_partition_that_was_given_its_megabyte_back(tmp_path, windows_volume):
    """Windows cuts the metadata out of it, when a GPT disk is made dynamic."""
    make(STALE_SERVER.replace("$place", "private=8192 msr=8192"), tmp_path, volume=windows_volume, **TABLES["uefi"])
    _, entry, start = ldm_data_entry(tmp_path / "Disk2.img")

    def partition(kind, first, last):
        return uuid.UUID(kind).bytes_le + bytes([first & 255]) * 16 + struct.pack("<QQQ", first, last, 0) + bytes(72)
    make_gpt(tmp_path / "Disk2.img", {0: partition("C12A7328-F81F-11D2-BA4B-00A0C93EC93B", 2048, 8191),
                                      1: partition("E3C9E316-0B5C-4DB8-817D-F92DF00215AE", 8192, start - 1),
                                      2: BASIC_DATA + entry[16:], 3: bytes(128)})
    for firmware in TABLES:
        assert answer(in_every_order(tmp_path, ("Disk1", "Disk2"), firmware)) == ("ask", "LDM-0356")


BROKEN_MIRROR = """
define volume ""
group Dg0 version=$version transaction=70
disk Disk1 id=2 table=$table size=64M
disk Disk2 id=3 table=$table size=64M
volume Volume1 id=10 commit=60 hint=C: flags=$production size=20M
  component Volume1-01 id=11 commit=60
    partition Disk1-01 id=12 commit=60 disk=Disk1
volume Volume2 id=58 commit=60 flags=$fallback size=20M
  component Volume2-01 id=13 commit=60
    partition Disk2-01 id=14 commit=60 disk=Disk2
content Volume1 file=$volume boot=ntfs hidden=63
content Volume2 file=$volume boot=ntfs hidden=63
"""


@pytest.mark.parametrize("firmware", TABLES)
@pytest.mark.parametrize("production", ["boot,system", "0x11"])
@pytest.mark.parametrize("fallback_flags", ["boot,system", "0x11"])
def test_a_disk_of_another_volume_made_basic(tmp_path, windows_volume, firmware, production, fallback_flags):
    """The mirror was broken; then the disk that went on was made basic. The half that was put away is none of its own."""
    make(BROKEN_MIRROR + MADE_BASIC, tmp_path, disk="Disk1", volume=windows_volume, production=production,
         fallback=fallback_flags, **TABLES[firmware])
    assert in_every_order(tmp_path, ("Disk1", "Disk2"), firmware)["plan"]["result"] == "ask"
    assert decide([tmp_path / "Disk2.img"], firmware)["plan"]["result"] in ("boot", "ask")
