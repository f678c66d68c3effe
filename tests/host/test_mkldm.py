# SPDX-License-Identifier: GPL-2.0-or-later
"""mkldm writes what Windows wrote, and what its manual page says.

The first part builds the databases of two real disks from descriptions and compares bytes with the
images; the others look at what each part of the language puts on a disk.
"""
import os
import struct
import zlib

import pytest

from ldmdisk import CONFIG, DISKS, LOG, REGION, SECTOR, Disk, checksum, make, mkldm, real_image

ONE_DISK = """
group Dg0 transaction=40
disk Disk1 size=50M
volume Volume1 hint=C: size=40M
  component Volume1-01
    partition Disk1-01 disk=Disk1
"""


# ---------------------------------------------------------------- against Windows

@pytest.fixture(name="pair2003", scope="module")
def fixture_pair2003(tmp_path_factory):
    """(what Windows Server 2003 R2 wrote, what mkldm wrote)."""
    real = real_image("ldm-2003r2-mirrored-2")
    ours = make(DISKS / "windows-2003r2.ldm", tmp_path_factory.mktemp("2003"))
    return Disk(real), Disk(ours / "Disk7.img")


@pytest.fixture(name="pair2008", scope="module")
def fixture_pair2008(tmp_path_factory):
    """(what Windows Server 2008 R2 wrote, what mkldm wrote): GPT, the private region begins at 34."""
    real = real_image("ldm-2008r2-mirrored-2")
    ours = make(DISKS / "windows-2008r2.ldm", tmp_path_factory.mktemp("2008"))
    return Disk(real, 34), Disk(ours / "Disk6.img", 34)


@pytest.mark.parametrize("sector", [6, -192, -1], ids=["lba6", "region+1856", "last"])
def test_privheads_of_2003_are_equal_byte_for_byte(pair2003, sector):
    real, ours = pair2003
    at = sector if sector > 0 else real.sectors + sector
    assert real.read(at).startswith(b"PRIVHEAD")
    assert ours.read(at) == real.read(at)


@pytest.mark.parametrize("slot", [1, 2, 2045, 2046])
def test_tocblocks_are_equal_byte_for_byte(pair2003, pair2008, slot):
    for real, ours in (pair2003, pair2008):
        assert ours.region(slot) == real.region(slot)


@pytest.mark.parametrize("place", [1856, 2047])
def test_privheads_of_2008_are_equal_byte_for_byte(pair2008, place):
    real, ours = pair2008
    assert ours.region(place) == real.region(place)
    assert not any(ours.read(6))


def test_vmdb_heads_are_equal_byte_for_byte(pair2003, pair2008):
    for real, ours in (pair2003, pair2008):
        assert ours.vmdb() == real.vmdb()


def test_records_are_equal_byte_for_byte(pair2003, pair2008):
    """Windows allocates slots as it goes, so their order is its own; the records are the same set."""
    for (real, ours), count in ((pair2003, 36), (pair2008, 33)):
        assert len(real.records()) == count
        assert ours.records() == real.records()


def test_every_slot_has_its_number(pair2003):
    for disk in pair2003:
        assert [slot[0] for slot in disk.slots()] == list(range(4, 5924))


def test_klogs_are_equal_byte_for_byte(pair2003, pair2008):
    for real, ours in (pair2003, pair2008):
        assert ours.region(LOG, 4) == real.region(LOG, 4)


def test_partition_table_of_2003_is_equal(pair2003):
    """Signature, table, 55AA; the boot code is our own."""
    real, ours = pair2003
    assert ours.read(0)[0x1B8:] == real.read(0)[0x1B8:]


def test_gpt_of_2008_is_equal_but_for_names_of_its_own(pair2008):
    """The GUIDs of the entries differ, and with them the CRCs."""
    real, ours = pair2008
    assert ours.read(0)[0x1B8:] == real.read(0)[0x1B8:]
    for header in (1, real.sectors - 1):
        assert masked(ours.read(header), (16, 4), (88, 4)) == masked(real.read(header), (16, 4), (88, 4))
    unique_guids = [(128 * i + 16, 16) for i in range(3)]
    for array in (2, real.sectors - 33):
        assert masked(ours.read(array, 32), *unique_guids) == masked(real.read(array, 32), *unique_guids)


def masked(data, *fields):
    out = bytearray(data)
    for start, length in fields:
        out[start:start + length] = bytes(length)
    return bytes(out)


# ---------------------------------------------------------------- the whole

def written(path):
    """Size, and place and checksum of every 4 KiB that are not zero; holes are not read."""
    size, end, found = path.stat().st_size, 0, []
    with open(path, "rb") as file:
        while end < size:
            try:
                start = os.lseek(file.fileno(), end, os.SEEK_DATA)
            except OSError:
                break
            end = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            file.seek(start)
            pages = ((at, file.read(4096)) for at in range(start, end, 4096))
            found += [(at, zlib.crc32(page)) for at, page in pages if any(page)]
    return size, found


@pytest.mark.parametrize("name", sorted(path.name for path in DISKS.glob("*.ldm")))
def test_examples_are_written_twice_alike(name, tmp_path):
    images = []
    for run in ("first", "second"):
        (tmp_path / run).mkdir()
        directory = make(DISKS / name, tmp_path / run)
        images.append({image.name: written(image) for image in sorted(directory.glob("*.img"))})
    assert images[0] and images[0] == images[1]


def test_images_are_sparse(tmp_path):
    """A disk of 3 TiB takes no more room than its metadata."""
    make("group Dg0 version=2.12\ndisk Big table=gpt size=3T\n", tmp_path)
    stat = (tmp_path / "Big.img").stat()
    assert stat.st_size == 3 << 40
    assert stat.st_blocks * 512 < 4 << 20


@pytest.mark.parametrize("text, says", [
    ("disk D size=1M\n", "the first line must be a group"),
    ("group G\nnonsense X\n", 'unknown keyword "nonsense"'),
    ("group G\ndisk D sice=1M\n", 'has no key "sice"'),
    ("group G\ndisk D size=1000k size=x\n", "size=x: bad value"),
    ("group G\ndisk D size=50M\nvolume V\ncomponent C\npartition P disk=E size=1M\n", "no such disk: E"),
    ("group G\ndisk D size=50M\npartition P disk=D size=1M\n", "no such component"),
    (ONE_DISK + "partition P2 disk=Disk1 start=100 size=1M\n", "overlaps"),
    (ONE_DISK + "partition P2 disk=Disk1 size=40M\n", "behind the public region"),
    (ONE_DISK + "volume Volume1\n", "there already"),
    (ONE_DISK + "content Volume1 file=$missing\n", "no value for $missing"),
    (ONE_DISK + "damage Disk1 at=privhead9\n", "no such place"),
    (ONE_DISK + "damage Disk1 how=zero\n", "needs at="),
    (ONE_DISK + "change volume Volume1 flags=0x100000000\n", "does not fit"),
    (ONE_DISK + "change group pending=x\n", "pending=x: bad value"),
    (ONE_DISK + "clip Disk1 size=60M\n", "must be smaller"),
    (ONE_DISK + "klog nonsense a=1\n", "is not one of"),
    (ONE_DISK + "content Volume2 boot=ntfs\n", "no such volume"),
    (ONE_DISK + "entry Disk1 type=7\n", "needs start="),
])
def test_mistakes_are_one_line_with_the_place(tmp_path, text, says):
    done = mkldm(text, tmp_path)
    assert done.returncode == 1
    assert says in done.stderr and done.stderr.count("\n") == 1
    assert "description.ldm:" in done.stderr and "Traceback" not in done.stderr


# ---------------------------------------------------------------- database

def test_long_records_are_split_and_shuffled_ones_come_together(tmp_path):
    plain = ONE_DISK.replace("size=50M", "size=50M device='" + "x" * 100 + "'")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    make(plain, tmp_path / "a")
    make(plain + "database order=shuffled seed=5 spread=yes fragments=3\n", tmp_path / "b")
    a, b = (Disk(tmp_path / run / "Disk1.img") for run in "ab")
    assert [slot[3] for slot in a.slots()[:6]] == [1, 2, 2, 1, 1, 1]
    assert a.records() == b.records()
    used = [(slot[1], slot[2]) for slot in b.slots() if slot[3]]
    assert len(used) == 15 and used != sorted(used)
    assert any(slot[3] for slot in b.slots()[1000:])


def test_interleaved_puts_all_first_fragments_first(tmp_path):
    disk = Disk(make(ONE_DISK + "database order=interleaved fragments=2\n", tmp_path) / "Disk1.img")
    assert [slot[2] for slot in disk.slots()[:10]] == [0] * 5 + [1] * 5


def test_free_slots_in_between(tmp_path):
    disk = Disk(make(ONE_DISK + "database free=2\n", tmp_path) / "Disk1.img")
    assert [slot[3] for slot in disk.slots()[:7]] == [1, 1, 0, 1, 1, 0, 1]


def test_full_database_uses_every_slot(tmp_path):
    disk = Disk(make(DISKS / "full.ldm", tmp_path) / "Disk2.img")
    assert all(slot[3] for slot in disk.slots())
    counts = struct.unpack_from(">4I", disk.vmdb(), 0x85)
    assert sum(counts) == len(disk.records()) - 1   # the group's record is not counted


def test_big_database_has_1900_partitions(tmp_path):
    disk = Disk(make(DISKS / "big.ldm", tmp_path) / "Disk1.img")
    assert struct.unpack_from(">4I", disk.vmdb(), 0x85) == (950, 951, 1900, 2)


def test_pending_transaction(tmp_path):
    """The volume twice, with one id; counts of before and after."""
    disk = Disk(make(DISKS / "pending.ldm", tmp_path) / "Disk1.img")
    status, = struct.unpack_from(">H", disk.vmdb(), 0x10)
    transactions = struct.unpack_from(">QQ", disk.vmdb(), 0x75)
    assert (status, transactions) == (2, (60, 61))
    assert struct.unpack_from(">4I", disk.vmdb(), 0x85) == (1, 2, 2, 2)
    assert struct.unpack_from(">4I", disk.vmdb(), 0xA1) == (1, 1, 1, 2)
    volumes = [record for record in disk.records() if record[3] == 0x51]
    assert [record[1] for record in volumes] == [1, 2]
    assert volumes[0][8:11] == volumes[1][8:11]
    assert [record[1] for record in disk.records() if record[3] == 0x32] == [0, 1]


def test_pending_partition_keeps_what_is_not_said(tmp_path):
    """It moves; size, offset and parent stay those of the committed record."""
    text = ONE_DISK + "change group pending=41\npending partition Disk1-01 start=2048\n"
    before, after = [record for record in Disk(make(text, tmp_path) / "Disk1.img").records() if record[3] == 0x33]
    start = before.index(b"Disk1-01") + 8 + 4 + 8
    assert struct.unpack_from(">QQ", before, start) == (0, 0)
    assert struct.unpack_from(">QQ", after, start) == (2048, 0)
    assert before[start + 16:] == after[start + 16:]


def test_disks_that_are_not_dynamic_are_not_in_the_database(tmp_path):
    make(ONE_DISK + "disk Plain table=gpt size=20M dynamic=no\nentry Plain type=esp start=2048 size=10M\n", tmp_path)
    assert struct.unpack_from(">4I", Disk(tmp_path / "Disk1.img").vmdb(), 0x85) == (1, 1, 1, 1)
    plain = Disk(tmp_path / "Plain.img")
    assert struct.unpack_from("<QQ", plain.read(2), 32) == (2048, 2048 + 20479)
    assert b"PRIVHEAD" not in plain.path.read_bytes()


def test_small_disks_have_a_public_region_too(tmp_path):
    """Less than one cylinder before the private region: the region ends there."""
    disk = Disk(make("group G\ndisk D size=4M\n", tmp_path) / "D.img")
    assert struct.unpack_from(">QQ", disk.read(6), 0x11B) == (63, 8192 - 2048 - 63)


def test_one_disk_can_have_an_older_database(tmp_path):
    make(DISKS / "stale.ldm", tmp_path)
    old, new = Disk(tmp_path / "Disk1.img"), Disk(tmp_path / "Disk2.img")
    assert struct.unpack_from(">Q", old.vmdb(), 0x75) == (55,)
    assert struct.unpack_from(">Q", new.vmdb(), 0x75) == (61,)
    assert not any(b"STALE" in record for record in old.records())
    assert sum(b"STALE" in record for record in new.records()) == 1


def test_disk_and_group_records_of_the_newer_revisions(tmp_path):
    guid = "00112233-4455-6677-8899-aabbccddeeff"
    text = ONE_DISK.replace("disk Disk1", f"change group record=0x45 disk-record=0x44\ndisk Disk1 guid={guid}")
    records = Disk(make(text, tmp_path) / "Disk1.img").records()
    disk, = [record for record in records if record[3] == 0x44]
    assert bytes.fromhex(guid.replace("-", "")) in disk
    assert [record[3] for record in records if record[3] & 15 == 5] == [0x45]


def test_klog_entries_name_objects_by_id(tmp_path):
    disk = Disk(make(ONE_DISK.replace("volume Volume1", "volume Volume1 id=1091")
                     + "klog detach a=Volume1 b=39\nklog commit a=39 b=40\n", tmp_path) / "Disk1.img")
    page = disk.region(LOG)
    assert page[:4] == b"KLOG"
    assert struct.unpack_from(">BQQ", page, 0x18) == (1, 1091, 39)
    assert struct.unpack_from(">BQQ", page, 0x30) == (3, 39, 40)


# ---------------------------------------------------------------- structures of a disk

def test_privhead_copies_can_differ_and_stay_valid(tmp_path):
    disk = Disk(make(ONE_DISK + "privhead Disk1 copy=1 sequence=4 toc=2,2045\n", tmp_path) / "Disk1.img")
    first, last = disk.read(6), disk.region(REGION - 1)
    assert struct.unpack_from(">Q", first, 0x18) == (4,)
    assert struct.unpack_from(">Q", last, 0x18) == (5,)
    assert struct.unpack_from(">QQ", first, 0x13B) == (2, 2045)
    for block in (first, last):
        assert struct.unpack_from(">I", block, 8) == (checksum(block),)


def test_toc_slots_can_differ(tmp_path):
    disk = Disk(make(ONE_DISK + "toc Disk1 slot=1 order=log,config log-flags=8\ntoc Disk1 slot=4 blank=yes\n",
                     tmp_path) / "Disk1.img")
    toc = disk.region(1)
    assert toc[0x24:0x27] == b"log" and toc[0x2C:0x2E] == b"\0\x08" and toc[0x46:0x4C] == b"config"
    assert struct.unpack_from(">I", toc, 8) == (checksum(toc),)
    assert not any(disk.region(2046))


def test_4096_byte_blocks(tmp_path):
    """Positions in PRIVHEAD and TOCBLOCK count blocks; the database is found through them."""
    disk = Disk(make(DISKS / "4kn.ldm", tmp_path) / "Disk1.img")
    entry = disk.read(16)
    first, last = struct.unpack_from("<QQ", entry, 32)
    privhead = disk.read(last * 8)
    assert privhead.startswith(b"PRIVHEAD")
    assert struct.unpack_from(">I", privhead, 0x10F) == (4096,)
    private, = struct.unpack_from(">Q", privhead, 0x12B)
    toc, = struct.unpack_from(">Q", privhead, 0x13B)
    assert private == first
    config, = struct.unpack_from(">Q", disk.read((private + toc) * 8), 0x24 + 10)
    head = disk.read((private + config) * 8, 8)
    assert head.startswith(b"VMDB") and head[SECTOR:SECTOR + 4] == b"VBLK"
    public, = struct.unpack_from(">Q", privhead, 0x11B)
    assert disk.read(public * 8 + 128)[3:7] == b"NTFS"


def test_sector_0_variants(tmp_path):
    text = "group G\ndisk Usual size=50M\ndisk Blank size=50M sector0=blank\ndisk Dense size=50M sector0=dense\n"
    make(text, tmp_path)
    usual, blank, dense = (Disk(tmp_path / f"{name}.img").read(0) for name in ("Usual", "Blank", "Dense"))
    assert usual.endswith(b"\x55\xaa") and usual[0x1BE] == 0 and usual[0x1C2] == 0x42
    assert not any(blank)
    zero_dwords = [at for at in range(0, 0x1B8, 4) if not any(dense[at:at + 4])]
    assert zero_dwords == [0x1B0, 0x1B4]


def test_retained_entries(tmp_path):
    make(DISKS / "retained.ldm", tmp_path)
    table = Disk(tmp_path / "Disk2.img").read(0)[0x1BE:0x1FE]
    entries = [(table[i + 4], *struct.unpack_from("<II", table, i + 8)) for i in (0, 16, 32, 48)]
    assert entries == [(0x42, 63, 81920), (0x42, 81983, 30472), (0, 0, 0), (0, 0, 0)]


def test_entries_get_the_slot_that_they_ask_for(tmp_path):
    text = "group G\ndisk D size=50M\nentry D slot=1 type=0x12 start=40000 size=100 active=yes\n"
    table = Disk(make(text, tmp_path) / "D.img").read(0)[0x1BE:]
    assert (table[0], table[4], table[20]) == (0x80, 0x12, 0x42)
    done = mkldm(text + "entry D slot=1 start=50000 size=100\n", tmp_path)
    assert done.returncode == 1 and "two in one slot" in done.stderr


# ---------------------------------------------------------------- content and damage

def test_content_goes_to_every_half_with_hidden_sectors(tmp_path):
    make(DISKS / "two-halves.ldm", tmp_path)
    for name, lba in (("Disk1", 63), ("Disk2", 2048)):
        disk = Disk(tmp_path / f"{name}.img")
        for sector in (lba, lba + 81919):           # the boot sector and its copy behind the volume
            assert disk.read(sector)[3:7] == b"NTFS"
            assert struct.unpack_from("<HB", disk.read(sector), 0x0B) == (512, 8)
            assert struct.unpack_from("<HHI", disk.read(sector), 0x18) == (63, 255, 63)
            assert struct.unpack_from("<QQ", disk.read(sector), 0x28) == (81919, 4)
            assert disk.read(sector).endswith(b"\x55\xaa")
            assert struct.unpack_from("<I", disk.read(sector), 0x1C) == (63,)


def test_hidden_right_is_where_the_half_is(tmp_path):
    text = (DISKS / "two-halves.ldm").read_text().replace("hidden=63", "hidden=right")
    make(text, tmp_path)
    assert struct.unpack_from("<I", Disk(tmp_path / "Disk2.img").read(2048), 0x1C) == (2048,)


def numbered_file(path, count):
    """A file whose every sector says its own number."""
    path.write_bytes(b"".join((b"sector %d " % i).ljust(SECTOR, b"\0") for i in range(count)))
    return path


def test_content_of_spanned_and_striped_volumes(tmp_path):
    make("""
group G
disk D1 size=50M
disk D2 size=50M
volume Span
  component Span-01
    partition D1-01 disk=D1 size=100
    partition D2-01 disk=D2 start=1000 size=200
volume Stripe
  component Stripe-01 layout=stripe stripe=16
    partition D1-02 disk=D1 start=5000 size=160
    partition D2-02 disk=D2 start=5000 size=160
content Span file=$file
content Stripe file=$file
""", tmp_path, file=numbered_file(tmp_path / "numbers", 300))
    d1, d2 = Disk(tmp_path / "D1.img"), Disk(tmp_path / "D2.img")
    assert d1.read(63 + 99).startswith(b"sector 99 ")
    assert d2.read(63 + 1000).startswith(b"sector 100 ")
    assert d2.read(63 + 1199).startswith(b"sector 299 ")
    assert d1.read(63 + 5000 + 15).startswith(b"sector 15 ")
    assert d2.read(63 + 5000).startswith(b"sector 16 ")
    assert d1.read(63 + 5000 + 16).startswith(b"sector 32 ")


def test_damage_patch_clip_grow(tmp_path):
    damage = "damage Disk1 at=privhead1\ndamage Disk1 at=vblk:5 how=flip\ndamage Disk1 at=toc1 how=random seed=1\n"
    patch = "patch Disk1 at=privhead3 offset=0x18 hex=00000000000000ff checksum=yes\n"
    for name, more in (("plain", ""), ("bad", damage + patch), ("clip", "clip Disk1 size=40M\n"),
                       ("grow", "grow Disk1 size=60M\n")):
        (tmp_path / name).mkdir()
        make(ONE_DISK + more, tmp_path / name)
    plain, bad = (Disk(tmp_path / name / "Disk1.img") for name in ("plain", "bad"))
    assert not any(bad.read(6))
    slot = slice(128, 256)
    assert bytes(b ^ 0xFF for b in bad.region(CONFIG + 1)[slot]) == plain.region(CONFIG + 1)[slot]
    assert bad.region(CONFIG + 1)[:128] == plain.region(CONFIG + 1)[:128]
    assert len(set(bad.region(1))) > 100
    privhead = bad.region(2047)
    assert privhead[0x1F] == 0xFF and struct.unpack_from(">I", privhead, 8) == (checksum(privhead),)
    assert (tmp_path / "clip" / "Disk1.img").stat().st_size == 40 << 20
    assert (tmp_path / "grow" / "Disk1.img").stat().st_size == 60 << 20


def test_clones_are_the_same_disk(tmp_path):
    make(DISKS / "clones.ldm", tmp_path)
    assert (tmp_path / "Disk2.img").read_bytes() == (tmp_path / "Copy.img").read_bytes()


def test_value_with_blanks(tmp_path):
    """A path to a file in a folder whose name has some, given with -D."""
    content = tmp_path / "a folder" / "the volume.img"
    content.parent.mkdir()
    content.write_bytes(b"content".ljust(SECTOR, b"!"))
    make(ONE_DISK.replace("disk=Disk1\n", "disk=Disk1 lba=63\n") + "content Volume1 file=$volume\n", tmp_path, volume=content)
    assert Disk(tmp_path / "Disk1.img").read(63) == content.read_bytes()


def test_empty_value(tmp_path):
    """A word that may be left out, with -D or by `define`."""
    text = "define rest \"\"\n" + ONE_DISK.replace("disk=Disk1\n", "disk=Disk1 lba=63 $more\n") + "$rest\n"
    make(text, tmp_path, more="")
    assert (tmp_path / "Disk1.img").exists()
