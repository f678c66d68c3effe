# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-inspect as people and scripts use it: output, JSON schema, exit status, errors, and reading only."""
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from conftest import REAL
from ldmdisk import BUILD, DISKS, make
from served import LIMIT

INSPECT = BUILD / "ldmboot-inspect"

# interfaces.md, schema 1: every key, in this order, always there.
TOP = ["schema", "firmware", "disks", "groups", "plan"]
DISK = ["path", "table", "status", "disk_guid", "group_guid", "privhead_lba", "version", "public_start", "public_size",
        "messages"]
GROUP = ["guid", "name", "transaction", "status", "volumes"]
VOLUME = ["name", "guid", "type", "size_sectors", "hint", "system", "boot", "retained", "state", "components"]
COMPONENT = ["name", "state", "usable", "reasons", "extents"]
EXTENT = ["disk", "disk_guid", "path", "lba", "sectors"]
PLAN = ["result", "volume", "guid", "component", "method", "path", "lba", "sectors", "extents", "partition",
        "windows_volume", "windows_partition", "notes", "rejected"]
REJECTED = ["volume", "component", "code", "text"]
NOTE = ["code", "text"]
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def inspect(*arguments, exit_status=None):
    done = subprocess.run([INSPECT, *map(str, arguments)], capture_output=True, check=False)
    if exit_status is not None:
        assert done.returncode == exit_status, done.stdout.decode() + done.stderr.decode()
    return done


def inspect_json(*arguments, exit_status=None):
    done = inspect("--json", *arguments, exit_status=exit_status)
    document = json.loads(done.stdout.decode("utf-8"))
    check_schema(document)
    return document


def check_note(note):
    assert list(note)[-2:] == NOTE
    assert re.fullmatch(r"LDM-\d{4}", note["code"]) and note["text"]


def check_guid(value, may_be_null=False):
    assert (value is None and may_be_null) or GUID.fullmatch(value)


def check_schema(document):
    assert list(document) == TOP and document["schema"] == 1 and document["firmware"] in ("bios", "uefi")
    for disk in document["disks"]:
        assert list(disk) == DISK
        assert disk["table"] in ("mbr", "gpt", "none") and isinstance(disk["status"], str)
        check_guid(disk["disk_guid"], True)
        check_guid(disk["group_guid"], True)
        for note in disk["messages"]:
            check_note(note)
    for group in document["groups"]:
        assert list(group) == GROUP
        check_guid(group["guid"])
        for volume in group["volumes"]:
            check_volume(volume)
    check_plan(document["plan"])


def check_volume(volume):
    assert list(volume) == VOLUME
    check_guid(volume["guid"])
    assert volume["type"] in ("simple", "mirrored", "spanned", "striped", "raid5")
    assert all(isinstance(volume[key], bool) for key in ("system", "boot", "retained"))
    for component in volume["components"]:
        assert list(component) == COMPONENT
        assert component["state"] in ("active", "stale", "resync", "failed", "missing", "unknown")
        assert component["usable"] == (not component["reasons"])
        for note in component["reasons"]:
            check_note(note)
        for extent in component["extents"]:
            assert list(extent) == EXTENT
            check_guid(extent["disk_guid"], True)
            assert (extent["path"] is None) == (extent["lba"] is None)


def check_plan(plan):
    assert list(plan) == PLAN and plan["result"] in ("boot", "ask", "none")
    chosen = [plan[key] for key in PLAN[1:9]]
    assert all(value is not None for value in chosen) if plan["result"] == "boot" else chosen == [None] * 8
    for note in plan["notes"]:
        check_note(note)
    for rejected in plan["rejected"]:
        assert list(rejected) == REJECTED
        check_note(rejected)
    assert plan["result"] == "boot" or plan["notes"]  # why not


def volumes(document):
    return {volume["name"]: volume for group in document["groups"] for volume in group["volumes"]}


def component(document, name):
    return next(c for v in volumes(document).values() for c in v["components"] if c["name"] == name)


def codes(notes):
    return [note["code"] for note in notes]


# ---- the disks that Windows wrote: data/README.md

RED = "03c0c4fc-8b6f-402b-9431-4be2e5823b1c"
WIN = "06495a84-fbfd-11e1-8cf9-52540061f5db"


def named(folder, volume):
    """A configuration that names a volume."""
    file = folder / "ldmboot.cfg"
    file.write_text(f"volume = {volume}\n")
    return file


@pytest.mark.parametrize("name,volume,guid,half,lba,sectors", [
    ("ldm-2003r2-simple-1", "Volume1", "6e30daae-8e42-40fb-9af0-807416c3fede", "Volume1-01", 63, 96256),
    ("ldm-2003r2-mirrored-1", "Volume3", "1010eeb7-09e4-4a6d-9c43-6753ec9d3af2", "Volume3-01", 63, 96256),
    ("ldm-2003r2-mirrored-2", "Volume3", "1010eeb7-09e4-4a6d-9c43-6753ec9d3af2", "Volume3-02", 63, 96256),
    ("ldm-2008r2-mirrored-2", "Volume3", "06495aab-fbfd-11e1-8cf9-52540061f5db", "Volume3-02", 65664, 32768),
])
def test_real_disks_that_can_be_started(real, tmp_path, name, volume, guid, half, lba, sectors):
    """They are data volumes, with no loader in their root: not started unless a person says so."""
    plan = inspect_json(real[name], exit_status=3)["plan"]
    assert codes(plan["notes"])[0] == "LDM-0517"
    plan = inspect_json("--config", named(tmp_path, volume), real[name], exit_status=0)["plan"]
    assert plan["result"] == "boot" and plan["method"] == "vbr" and plan["path"] == str(real[name])
    assert (plan["volume"], plan["guid"], plan["component"]) == (volume, guid, half)
    assert (plan["lba"], plan["sectors"], plan["extents"]) == (lba, sectors, 1)
    assert "LDM-0517" in codes(plan["notes"])


def test_real_group_of_2003(real):
    document = inspect_json(real["ldm-2003r2-mirrored-2"], exit_status=3)
    disk, group = document["disks"][0], document["groups"][0]
    assert disk == {"path": str(real["ldm-2003r2-mirrored-2"]), "table": "mbr", "status": "ok",
                    "disk_guid": "47980158-abc7-46e3-a95f-7c00f8539073", "group_guid": RED, "privhead_lba": 6,
                    "version": "2.11", "public_start": 63, "public_size": disk["public_size"], "messages": []}
    assert [group[key] for key in GROUP[:4]] == [RED, "Red-nzv8x6obywgDg0", 1133, "clean"]
    found = volumes(document)
    assert {name: v["type"] for name, v in found.items()} == {
        "Volume1": "simple", "Volume2": "spanned", "Stripe1": "striped", "Volume3": "mirrored", "Raid1": "raid5",
        "Volume4": "spanned"}
    assert sum(len(v["components"]) for v in found.values()) == 7
    assert sum(len(c["extents"]) for v in found.values() for c in v["components"]) == 12
    assert (found["Volume3"]["hint"], found["Volume3"]["size_sectors"]) == ("H:", 96256)
    missing = component(document, "Volume3-01")
    assert missing["state"] == "missing" and not missing["usable"] and missing["extents"][0]["lba"] is None


def test_real_group_of_2008(real, tmp_path):
    document = inspect_json("--config", named(tmp_path, "Volume3"), real["ldm-2008r2-mirrored-2"], exit_status=0)
    group, plan = document["groups"][0], document["plan"]
    assert document["disks"][0]["table"] == "gpt" and document["disks"][0]["version"] == "2.12"
    assert (group["guid"], group["name"], group["transaction"]) == (WIN, "WIN-ERRDJSBDAVF-Dg0", 39)
    assert len(group["volumes"]) == 5
    assert sum(len(v["components"]) for v in group["volumes"]) == 6
    assert not volumes(document)["Volume3"]["retained"] and "LDM-0555" in codes(plan["notes"])   # GPT


def test_real_mirror_with_both_disks(real, tmp_path):
    images = [real["ldm-2003r2-mirrored-1"], real["ldm-2003r2-mirrored-2"]]
    config = named(tmp_path, "Volume3")
    plan = inspect_json("--config", config, *images, exit_status=0)["plan"]
    assert (plan["component"], plan["path"]) == ("Volume3-01", str(images[0]))
    assert {"volume": "Volume3", "component": "Volume3-02"}.items() <= plan["rejected"][0].items()
    assert plan["rejected"][0]["code"] == "LDM-0512" and "LDM-0512" in codes(plan["notes"])
    plan = inspect_json("--config", config, *reversed(images), exit_status=0)["plan"]
    assert plan["component"] == "Volume3-02"  # the firmware's order


def test_real_spanned_volume_is_not_startable(real):
    plan = inspect_json(real["ldm-2003r2-spanned-1"], real["ldm-2003r2-spanned-2"], exit_status=2)["plan"]
    assert plan["result"] == "none"
    assert {r["component"]: r["code"] for r in plan["rejected"]}["Volume2-01"] == "LDM-0513"


def test_all_real_disks_at_once(real):
    document = inspect_json(*(real[name] for name in REAL), exit_status=3)
    assert [group["name"] for group in document["groups"]] == ["Red-nzv8x6obywgDg0", "WIN-ERRDJSBDAVF-Dg0"]
    spanned = next(v for v in document["groups"][0]["volumes"] if v["name"] == "Volume2")["components"][0]
    assert spanned["usable"] and [extent["disk"] for extent in spanned["extents"]] == ["Disk3", "Disk2"]
    assert document["plan"]["notes"][0]["code"] == "LDM-0507"  # a mirrored volume in each group: which one?


def test_real_disks_have_nothing_for_uefi(real):
    plan = inspect_json("--firmware", "uefi", real["ldm-2003r2-mirrored-2"], exit_status=2)["plan"]
    assert codes(plan["notes"]) == ["LDM-0527"]


# ---- disks of mkldm

@pytest.fixture(scope="module")
def server(tmp_path_factory, windows_volume):
    """Two halves of a mirror, both good."""
    return make("""
define volume ""
group Dg0
disk Disk1 table=mbr size=50M
disk Disk2 table=mbr size=50M
volume Volume1 hint=C: flags=boot,system,retained size=20M
  component Volume1-01
    partition Disk1-01 disk=Disk1
  component Volume1-02
    partition Disk2-01 disk=Disk2 lba=2048
content Volume1 file=$volume boot=ntfs hidden=63
""", tmp_path_factory.mktemp("server"), volume=windows_volume)


def test_flags_and_position(server):
    document = inspect_json(server / "Disk2.img", exit_status=0)
    volume, plan = volumes(document)["Volume1"], document["plan"]
    assert volume["boot"] and volume["system"] and volume["state"] == "active"
    # Flagged as retained, and no entry of this disk's table starts there: there is none.
    assert not volume["retained"] and plan["partition"] is None and plan["windows_partition"] is None
    assert (plan["component"], plan["lba"], plan["sectors"]) == ("Volume1-02", 2048, 40960)
    assert codes(plan["notes"]) == ["LDM-0530", "LDM-0531"]


def test_uefi_plan(server):
    document = inspect_json("--firmware", "uefi", server / "Disk2.img", exit_status=0)
    assert document["firmware"] == "uefi" and document["plan"]["method"].startswith("uefi-")


def test_a_foreign_and_a_missing_disk_beside_a_good_one(server, tmp_path):
    blank = tmp_path / "blank.img"
    blank.write_bytes(bytes(1 << 20))
    done = inspect("--json", blank, tmp_path / "nothing.img", server / "Disk2.img", exit_status=0)
    document = json.loads(done.stdout)
    check_schema(document)
    assert [disk["status"] for disk in document["disks"]] == ["basic", "unreadable", "ok"]
    assert "LDM-0301" in codes(document["disks"][0]["messages"])
    assert document["disks"][0]["disk_guid"] is None and document["disks"][0]["version"] is None
    assert done.stderr.decode().splitlines() == [f"ldmboot-inspect: {tmp_path}/nothing.img: No such file or directory"]


def test_stale_half_alone_is_a_question(tmp_path, windows_volume):
    make((DISKS / "stale.ldm").read_text().replace("size=40M", "size=20M"), tmp_path, volume=windows_volume)
    both = inspect_json(tmp_path / "Disk1.img", tmp_path / "Disk2.img", exit_status=0)
    assert both["plan"]["component"] == "Volume1-02"
    assert component(both, "Volume1-01")["state"] == "stale"
    (tmp_path / "Disk2.img").rename(tmp_path / "away.img")
    inspect_json(tmp_path / "Disk1.img", exit_status=0)  # all that is known then: its own database says good


def test_a_damaged_privhead_is_named_and_survived(server, tmp_path):
    copy = tmp_path / "Disk2.img"
    subprocess.run(["cp", "--sparse=always", server / "Disk2.img", copy], check=True)
    with open(copy, "r+b") as f:
        f.seek(6 * 512 + 100)
        f.write(b"\xff")
    document = inspect_json(copy, exit_status=0)
    assert document["plan"]["component"] == "Volume1-02"
    assert "LDM-0302" in codes(document["disks"][0]["messages"])


def test_4096_byte_blocks_are_found_out_or_told(tmp_path, windows_volume):
    make("""
define volume ""
group Dg0 version=2.12
disk Disk1 table=gpt size=200M block=4096
volume Volume1 flags=boot size=20M
  component Volume1-01
    partition Disk1-01 disk=Disk1
content Volume1 file=$volume boot=ntfs hidden=63
""", tmp_path, volume=windows_volume)
    image = tmp_path / "Disk1.img"
    found = inspect_json("--firmware", "uefi", image)
    told = inspect_json("--firmware", "uefi", "--block-size", 4096, image)
    assert found == told and found["disks"][0]["status"] == "ok"
    assert inspect_json("--firmware", "uefi", "--block-size", 512, image, exit_status=2)["groups"] == []
    plan = inspect_json(image, exit_status=2)["plan"]  # no BIOS loader for it
    assert codes(plan["notes"]) == ["LDM-0526"]


def test_4096_byte_blocks_are_found_by_the_backup_gpt(tmp_path):
    make(DISKS / "4kn.ldm", tmp_path)
    image = tmp_path / "Disk1.img"
    with open(image, "r+b") as disk:
        disk.seek(4096)
        disk.write(bytes(4096))
    disk = inspect_json("--firmware", "uefi", image)["disks"][0]
    assert disk["status"] == "ok" and codes(disk["messages"]) == ["LDM-0202"]



def test_names_that_are_no_utf8_and_no_text(tmp_path, windows_volume):
    make('''
define volume ""
group Dg0
disk Disk1 table=mbr size=50M
volume "V\u00e4 1" size=20M
  component "V-01"
    partition P disk=Disk1
content "V\u00e4 1" file=$volume boot=ntfs hidden=63
''', tmp_path, volume=windows_volume)
    image = tmp_path / "Disk1.img"
    data = bytearray(image.read_bytes())
    at = data.index("V\u00e4 1".encode())
    assert volumes(inspect_json(image))["V\u00e4 1"]
    data[at:at + 5] = b'V\xe4\x1b"\\'
    image.write_bytes(data)
    assert "V\u00e4\x1b\"\\" in volumes(inspect_json(image))  # a stray byte stands for its code point
    assert b"\x1b" not in inspect(image).stdout  # no escape sequences from disks to terminals


# ---- configuration

@pytest.fixture(scope="module")
def two_volumes(tmp_path_factory, windows_volume):
    return make("""
define volume ""
group Dg0
disk Disk1 table=mbr size=60M
volume Old hint=D: size=20M
  component Old-01
    partition Disk1-01 disk=Disk1
volume New hint=C: size=20M
  component New-01
    partition Disk1-02 disk=Disk1
content Old file=$volume boot=ntfs hidden=63
content New file=$volume boot=ntfs hidden=63
""", tmp_path_factory.mktemp("two"), volume=windows_volume) / "Disk1.img"


def test_two_volumes_are_a_question(two_volumes):
    plan = inspect_json(two_volumes, exit_status=3)["plan"]
    assert codes(plan["notes"]) == ["LDM-0507"] and codes(plan["rejected"]) == ["LDM-0507", "LDM-0507"]


@pytest.mark.parametrize("line,volume", [("volume = new", "New"), ("volume = d:", "Old"), ("component=OLD-01", "Old"),
                                         ("# nothing\r\nvolume = New\r\n", "New"), ("\ufeffvolume = New", "New")])
def test_configuration_settles_it(two_volumes, tmp_path, line, volume):
    config = tmp_path / "ldmboot.cfg"
    config.write_bytes(line.encode("utf-8"))
    document = inspect_json("--config", config, two_volumes, exit_status=0)
    assert document["plan"]["volume"] == volume
    by_guid = tmp_path / "guid.cfg"
    by_guid.write_text(f"volume = {document['plan']['guid']}\n")
    assert inspect_json("--config", by_guid, two_volumes, exit_status=0)["plan"]["volume"] == volume


def test_configuration_that_fits_nothing(two_volumes, tmp_path):
    config = tmp_path / "ldmboot.cfg"
    config.write_text("volume = Newer\n")
    assert codes(inspect_json("--config", config, two_volumes, exit_status=3)["plan"]["notes"]) == ["LDM-0508"]
    said = inspect("--config", config, two_volumes, exit_status=3).stdout.decode()
    assert "(ldmboot.cfg line 1): that is what the configuration asks for, and it is not there" in said


def test_configuration_mistakes_are_warnings(two_volumes, tmp_path):
    config = tmp_path / "ldmboot.cfg"
    config.write_text("colour = blue\ntimeout = soon\nvolume = Old\nvolume = New\n")
    done = inspect("--config", config, two_volumes, exit_status=0)
    assert done.stderr.decode().splitlines() == [
        'LDM-0701: ldmboot.cfg line 1, "colour": unknown key, ignored',
        'LDM-0702: ldmboot.cfg line 2, "timeout": bad value, ignored',
        'LDM-0703: ldmboot.cfg line 4, "volume": given twice, this line counts']


# ---- text, usage, errors

def test_text(server):
    out = inspect("--explain", server / "Disk2.img", exit_status=0).stdout.decode()
    assert re.search(r"^  .*Disk2\.img +50 MB  MBR       Disk2 of group Dg0$", out, re.M)
    assert "Volume1 C:  mirrored, 20 MB, system volume, boot volume, retained" in out
    assert re.search(r"^    Volume1-01     missing  its disk is not connected$", out, re.M)
    assert re.search(r"^    Volume1-02     active   .*Disk2\.img, sector 2048, NTFS, NTLDR, (not )?retained$", out, re.M)
    assert re.search(r"^Starting volume Volume1 \(Volume1-02 on\b", out, re.M)
    assert "Not started:\nLDM-0342: Volume1-01, Disk1: its disk is not connected\n" in out
    assert "Not started:" not in inspect(server / "Disk2.img", exit_status=0).stdout.decode()
    for line in out.splitlines():
        assert not line.startswith("LDM-") or re.match(r"LDM-\d{4}: \S", line)


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--firmware", "amiga", "x.img"], ["--firmware"],
                                       ["--frobnicate", "x.img"], ["--block-size", "513", "x.img"],
                                       ["--config", "/nonexistent", "x.img"]], ids=str)
def test_usage_errors(arguments, tmp_path):
    done = inspect(*arguments, exit_status=1)
    assert done.stdout == b"" and len(done.stderr.decode().splitlines()) == 1
    assert b"ldmboot-inspect: " in done.stderr


def test_a_disk_is_for_root():
    """What an ordinary user meets at first: not only that it is denied, but what to do."""
    disk = next((p for p in sorted(Path("/dev").iterdir()) if not re.match(r"dm-|loop\d+p", p.name)       # of tests, they come and go
                 and p.is_block_device() and not p.stat().st_mode & stat.S_IROTH), None)
    if disk is None:
        pytest.skip("no disk device here")
    ordinary = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:   # where nobody may look, too
        os.chmod(folder, 0o755)
        program = shutil.copy(BUILD / "ldmboot-inspect", folder)
        done = subprocess.run([program, disk], capture_output=True, text=True, check=False, cwd="/", **ordinary)
    if done.returncode != 1 and not ordinary:
        pytest.skip("this user may read disks")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"ldmboot-inspect: {disk}: only root may read this disk device: the same command with sudo\n"


def test_nothing_readable(tmp_path):
    done = inspect(tmp_path / "none.img", tmp_path, exit_status=1)
    assert done.stdout == b""
    assert done.stderr.decode().splitlines() == [f"ldmboot-inspect: {tmp_path}/none.img: No such file or directory",
                                                 f"ldmboot-inspect: {tmp_path}: this is a folder; name an image file or a disk device"]


def test_what_is_no_disk_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    done = subprocess.run([INSPECT, tmp_path / "pipe"], capture_output=True, check=False, timeout=LIMIT)
    assert done.returncode == 1
    assert done.stderr.decode().endswith(": this is neither an image file nor a disk device; a disk cannot be read from it\n")


def test_the_same_disk_twice_is_used_once(server):
    document = inspect_json(server / "Disk2.img", server / "Disk2.img")
    (disk,) = document["disks"]
    assert "LDM-0110" in codes(disk["messages"])


def test_no_dynamic_disk(tmp_path):
    for size in (1 << 20, 512):
        image = tmp_path / f"{size}.img"
        image.write_bytes(bytes(size))
        assert codes(inspect_json(image, exit_status=2)["plan"]["notes"]) == ["LDM-0503"]


def test_what_holds_no_sector_is_not_readable(tmp_path):
    (tmp_path / "empty.img").write_bytes(b"")
    (tmp_path / "short.img").write_bytes(bytes(511))
    for path, words in ((tmp_path / "empty.img", "this is empty, or shorter than one sector: it holds no disk"),
                        (tmp_path / "short.img", "this is empty, or shorter than one sector: it holds no disk"),
                        ("/dev/null", "this is neither an image file nor a disk device; a disk cannot be read from it"),
                        ("/dev/zero", "this is neither an image file nor a disk device; a disk cannot be read from it")):
        done = inspect(path, exit_status=1)
        assert done.stdout == b"" and done.stderr.decode() == f"ldmboot-inspect: {path}: {words}\n"


def test_disk_that_was_dynamic_is_the_reason(server, tmp_path):
    """The forums' cure: type 42 changed to 07. That, and what to do, is said; not that no disk is there."""
    disk = bytearray((server / "Disk2.img").read_bytes())
    assert disk[450] == 0x42
    disk[450] = 0x07
    (tmp_path / "disk.img").write_bytes(disk)
    plan = inspect_json(tmp_path / "disk.img", exit_status=2)["plan"]
    assert codes(plan["notes"]) == ["LDM-0308"]
    said = inspect(tmp_path / "disk.img", exit_status=2).stdout.decode()
    assert "give the entry its type 42 back" in said and "LDM-0503" not in said
    assert said.count("LDM-0308") == 1, "the plan's reason has it, with its next step: once is enough"


def test_output_that_cannot_be_written(server):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([INSPECT, server / "Disk2.img"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1 and b"cannot write the output" in done.stderr


def test_boot_store_goes_into_a_new_file_only(server, tmp_path):
    store = tmp_path / "BCD"
    inspect("--firmware", "uefi", "--bcd", store, server / "Disk2.img", exit_status=0)
    assert store.read_bytes()[:4] == b"regf"
    before = hashlib.sha256((server / "Disk2.img").read_bytes()).digest()
    config = tmp_path / "ldmboot.cfg"
    config.write_text("safeboot = minimal\nbaudrate = 9600\n")
    done = inspect("--firmware", "uefi", "--config", config, "--bcd", tmp_path / "safe", server / "Disk2.img", exit_status=0)
    assert done.stderr == b"boot store: safeboot (25000080) = minimal\nboot store: baudrate (15000014) = 9600\n"
    assert b"25000080" in (tmp_path / "safe").read_bytes() and b"25000080" not in store.read_bytes()
    config.write_text("safeboot = minimal\nstore = found\n")  # which is of BIOS
    done = inspect("--firmware", "uefi", "--config", config, "--bcd", tmp_path / "found", server / "Disk2.img", exit_status=0)
    assert done.stderr == b"boot store: safeboot (25000080) = minimal\n"
    assert b"25000080" in (tmp_path / "found").read_bytes() and b"LDM-0654" not in done.stdout
    done = inspect("--firmware", "uefi", "--bcd", server / "Disk2.img", server / "Disk2.img", exit_status=1)
    assert b"File exists" in done.stderr
    assert hashlib.sha256((server / "Disk2.img").read_bytes()).digest() == before
    inspect("--bcd", tmp_path / "other", server / "Disk2.img", exit_status=1)  # means nothing to a BIOS


def test_help_and_version():
    usage = inspect("--help", exit_status=0).stdout.decode()
    assert inspect("-h", exit_status=0).stdout.decode() == usage
    for option in ("--json", "--explain", "--firmware", "--config", "--block-size", "--version"):
        assert option in usage
    version = (BUILD.parent / "VERSION").read_text().strip()
    assert inspect("--version", exit_status=0).stdout.decode() == f"ldmboot-inspect {version}\n"


def test_images_are_only_read(server):
    image = server / "Disk2.img"
    image.chmod(0o444)

    def traces():
        stat = image.stat()
        return stat.st_mtime_ns, stat.st_ctime_ns, hashlib.sha256(image.read_bytes()).hexdigest()

    before = traces()
    for arguments in ([], ["--json"], ["--explain", "--firmware", "uefi"]):
        inspect(*arguments, image, exit_status=0)
    assert traces() == before
    image.chmod(0o644)


def test_a_stick_that_is_none(server, tmp_path):
    """A wrong --stick is a wrong command, not a stick without files."""
    (tmp_path / "empty").write_bytes(bytes(1 << 20))
    done = inspect("--stick", tmp_path / "empty", server / "Disk2.img", exit_status=1)
    assert b"empty: " in done.stderr and done.stdout == b""
    done = inspect("--stick", tmp_path / "absent", server / "Disk2.img", exit_status=1)
    assert b"absent: No such file" in done.stderr
    inspect("--stick", BUILD / "ldmboot.img", server / "Disk2.img", exit_status=0)
