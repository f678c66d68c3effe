# SPDX-License-Identifier: GPL-2.0-or-later
"""Which half: docs/how-it-chooses.md rule by rule, on disks of mkldm, as ldmboot-inspect decides for both firmwares."""
import re

import pytest

from ldmdisk import decide_in_every_order, make, used_since

MARCH, SEPTEMBER = 129753111600000000, 129918384000000000  # 2012-03-04 05:06 and 2012-09-11 12:00, UTC
SERVER = f"""
define volume ""
group Dg0 version=$version transaction=61 time={SEPTEMBER}
disk Disk1 table=$table size=100M
disk Disk2 table=$table size=100M
volume Volume1 id=1030 hint=C: flags=boot,system size=20M
  component Volume1-01 id=1031
    partition Disk1-01 id=1032 disk=Disk1
  component Volume1-02 id=1033
    partition Disk2-01 id=1034 disk=Disk2 start=3000
content Volume1 file=$volume boot=ntfs hidden=63
"""
# Disk1's database is from before Disk2's, and knows nothing of what came after.
DISK1_OLD = f"on Disk1: change group transaction=55 sequence=4 time={MARCH}\n"
DROPPED_1 = "change component Volume1-01 state=STALE flags=recover\n"
DROPPED_2 = "change component Volume1-02 state=STALE flags=recover\n"
TABLES = {"bios": {"table": "mbr", "version": "2.11"}, "uefi": {"table": "gpt", "version": "2.12"}}
HALVES = ("Volume1-01", "Volume1-02")


@pytest.fixture(params=TABLES)
def firmware(request):
    return request.param


@pytest.fixture
def decide(firmware, tmp_path, windows_volume):
    """
    The plan for a server with more lines of description; `disks`: which are connected, in the firmware's order. In every
    other order of theirs the answer is the same. `used`: a copy that is not an exact one any more.
    """
    def run(more="", disks=("Disk1", "Disk2"), config=None, used=None):
        make(SERVER + more, tmp_path, volume=windows_volume, **TABLES[firmware])
        if used:
            used_since(tmp_path / f"{used}.img")
        options = []
        if config:
            (tmp_path / "ldmboot.cfg").write_text(config)
            options = ["--config", tmp_path / "ldmboot.cfg"]
        return decide_in_every_order([tmp_path / f"{disk}.img" for disk in disks], firmware, *options)

    return run


def starts(document, half, *noted):
    plan = document["plan"]
    assert (plan["result"], plan["component"]) == ("boot", half)
    assert_noted(document, *noted)


def asks(document, reason, *noted):
    assert document["plan"]["result"] == "ask"
    assert codes(document)[0] == reason
    assert_noted(document, *noted)


def assert_noted(document, *noted):
    assert set(noted) <= set(codes(document))


def codes(document):
    return [note["code"] for note in document["plan"]["notes"]]


def texts(document, code):
    return [note["text"] for note in document["plan"]["notes"] if note["code"] == code]


def reasons(document, half):
    """What is held against a half, and its state."""
    (found,) = (c for g in document["groups"] for v in g["volumes"] for c in v["components"] if c["name"] == half)
    return found["state"], [note["code"] for note in found["reasons"]]


def rejected(document):
    return {entry["component"]: entry["code"] for entry in document["plan"]["rejected"]}


def turn_round(text):
    """The same with the disks' parts exchanged."""
    swap = {"Disk1": "Disk2", "Disk2": "Disk1", "Volume1-01": "Volume1-02", "Volume1-02": "Volume1-01"}
    return re.sub("|".join(swap), lambda match: swap[match[0]], text)


# ---- both good

def test_two_good_halves(decide):
    """The firmware's first; the other one is a spare."""
    starts(decide(), "Volume1-01", "LDM-0512")
    starts(decide(disks=("Disk2", "Disk1")), "Volume1-02", "LDM-0512")



# ---- the newest database counts

@pytest.mark.parametrize("order", [("Disk1", "Disk2"), ("Disk2", "Disk1")])
def test_a_disk_that_was_away_is_judged_by_the_newer_database(decide, order):
    """Its own database calls its half good; so does the newer one: it is out of date for all that."""
    document = decide(DISK1_OLD, disks=order)
    starts(document, "Volume1-02", "LDM-0531")
    assert rejected(document)["Volume1-01"] == "LDM-0324"
    document = decide(turn_round(DISK1_OLD), disks=order)
    starts(document, "Volume1-01", "LDM-0531")
    assert rejected(document)["Volume1-02"] == "LDM-0324"


def test_the_newer_database_is_believed_about_the_older_disk(decide):
    document = decide(DISK1_OLD + "on Disk2: " + DROPPED_1)
    starts(document, "Volume1-02")
    assert reasons(document, "Volume1-01") == ("stale", ["LDM-0349", "LDM-0350"])


def test_a_disk_that_was_away_beside_one_that_has_lost_its_identity(decide, firmware):
    """It may be the newer one, or have split from this one: all copies of its PRIVHEAD are lost."""
    copies = ("privhead1", "privhead2", "privhead3")[firmware == "uefi":]
    lost = "".join(f"damage Disk2 at={copy} how=zero\n" for copy in copies)
    document = decide(DISK1_OLD + lost)
    asks(document, "LDM-0536")
    assert rejected(document)["Volume1-01"] == "LDM-0536"
    asks(decide(DROPPED_2 + lost), "LDM-0536")
    starts(decide(DISK1_OLD + lost, disks=["Disk1"]), "Volume1-01")


# ---- stale by a record, by the log

@pytest.mark.parametrize("line,code", [
    ("change component Volume1-01 state=STALE", "LDM-0349"),
    ("change component Volume1-01 flags=recover", "LDM-0350"),
    ("change component Volume1-01 flags=iofail", "LDM-0351"),
    ("change component Volume1-01 flags=pending", "LDM-0352"),
    ("change partition Disk1-01 flags=kdetach", "LDM-0347"),
    ("change partition Disk1-01 flags=recover", "LDM-0348"),
    ("change disk Disk1 flags=failing", "LDM-0344"),
    ("change disk Disk1 flags=removed", "LDM-0345"),
    ("change disk Disk1 flags=detached", "LDM-0346"),
    ("klog detach a=Volume1-01 b=61", "LDM-0328"),
    ("klog detach a=Disk1-01 b=61", "LDM-0328"),
    ("klog detach a=Disk1 b=61", "LDM-0328"),
    ("klog dirty a=Volume1-01 b=61", "LDM-0333"),
    ("klog app-dirty a=Disk1-01 b=61", "LDM-0333"),
])
def test_every_mark_makes_the_other_half_the_right_one(decide, line, code):
    document = decide(line + "\n")
    starts(document, "Volume1-02", "LDM-0531")
    assert reasons(document, "Volume1-01")[1] == [code] and rejected(document)["Volume1-01"] == code


@pytest.mark.parametrize("line", ["klog commit a=60 b=61", "klog logdetach a=Volume1-01 b=61", "klog dirty a=Volume1 b=61",
                                  "klog end\nklog detach a=Volume1-01 b=61"])
def test_log_entries_that_mean_nothing(decide, line):
    """Finished commits, unfinished writes to both halves, what is left over behind the end."""
    document = decide(line + "\n")
    starts(document, "Volume1-01")
    assert reasons(document, "Volume1-01") == ("active", [])


def test_unfinished_writes_matter_only_beside_a_half_without(decide):
    dirty = "klog dirty a=Volume1-01 b=61\n"
    starts(decide(dirty, disks=["Disk1"]), "Volume1-01")
    document = decide(dirty + DROPPED_2)
    starts(document, "Volume1-01")
    assert reasons(document, "Volume1-02")[0] == "stale"


def test_a_disk_that_was_away_has_no_unfinished_writes_and_is_not_better_for_that(decide):
    document = decide("on Disk1: klog dirty a=Volume1-01 b=61\n" + DISK1_OLD.replace("Disk1", "Disk2"))
    starts(document, "Volume1-01", "LDM-0531")
    assert rejected(document)["Volume1-02"] == "LDM-0324"


# ---- only a stale half is left

def test_a_stale_half_alone_is_explained(decide):
    """With what is known: since which transaction, and when its disk was last written."""
    document = decide("change component Volume1-01 state=STALE flags=recover commit=58\n"
                      "change partition Disk1-01 commit=40\n", disks=["Disk1"])
    asks(document, "LDM-0349", "LDM-0533", "LDM-0534", "LDM-0535")
    (since,), (written,) = texts(document, "LDM-0534"), texts(document, "LDM-0535")
    assert since.startswith("Volume1-01, transaction 58: ")
    assert re.search(r"\(Disk1\), transaction 61, 2012-09-11 12:00 UTC: ", written)


DISK3 = """disk Disk3 table=$table size=100M
volume Data hint=D: size=4M
  component Data-01
    partition Disk3-01 disk=Disk3
"""


def test_a_half_that_was_away_alone_with_a_newer_data_disk(decide):
    """A third disk, with no part of the volume, knows that this half is from March."""
    document = decide(DISK3 + DISK1_OLD, disks=("Disk1", "Disk3"))
    asks(document, "LDM-0324", "LDM-0533")
    assert any(re.search(r"\(Disk1\), transaction 55, 2012-03-04 05:06 UTC: ", text) for text in texts(document, "LDM-0535"))
    assert any(re.search(r"\(Disk3\), transaction 61, 2012-09-11 12:00 UTC: ", text) for text in texts(document, "LDM-0535"))


def test_a_clone_of_a_stale_half_is_an_old_half_all_the_same(decide):
    """A graver mark than its age must not make it one that Enter starts."""
    clone = DROPPED_1 + "clone Copy of=Disk1\n"
    document = decide(clone, disks=("Disk1", "Copy"), used="Copy")
    asks(document, "LDM-0349", "LDM-0533")
    assert reasons(document, "Volume1-01") == ("unknown", ["LDM-0349", "LDM-0350", "LDM-0325"])
    document = decide(clone, disks=("Disk1", "Copy", "Disk2"), config="component = Volume1-01\n",
                      used="Copy")
    asks(document, "LDM-0349", "LDM-0534")
    assert "LDM-0533" not in codes(document)


def test_a_better_half_beyond_the_reach_of_the_firmware_is_here(decide):
    """Windows sees the disk to its end, and would mount that half: no word is asked for."""
    document = decide(DROPPED_1 + "clip Disk2 size=15M\n")
    asks(document, "LDM-0349")
    assert "LDM-0343" in reasons(document, "Volume1-02")[1]
    assert "LDM-0533" not in codes(document)


def test_a_stale_half_beside_a_better_one_is_not_what_is_left(decide):
    """Also when the configuration names it: a person is asked, and is not told to type a word."""
    document = decide(DROPPED_1, config="component = Volume1-01\n")
    asks(document, "LDM-0349")
    assert "LDM-0533" not in codes(document)


# ---- split brain

SPLIT = f"on Disk1: change group transaction=$older sequence=4 time={MARCH}\non Disk1: {DROPPED_2}on Disk2: {DROPPED_1}"


@pytest.mark.parametrize("order", [("Disk1", "Disk2"), ("Disk2", "Disk1")])
@pytest.mark.parametrize("more", [
    SPLIT.replace("$older", "55"),
    SPLIT.replace("$older", "60"),
    turn_round(SPLIT.replace("$older", "55")),
    DISK1_OLD + f"on Disk1: {DROPPED_2}",                          # only the older one drops the other's half
    DISK1_OLD + "on Disk1: change disk Disk2 flags=removed\n",
    DISK1_OLD + "on Disk1: change partition Disk2-01 flags=kdetach\n",
    DISK1_OLD + "on Disk1: delete partition Disk2-01\non Disk1: delete component Volume1-02\n",
    DISK1_OLD + "on Disk1: klog detach a=Volume1-02 b=55\n",       # by its log alone
    "on Disk1: klog detach a=Volume1-02 b=61\non Disk2: klog detach a=Volume1-01 b=61\n",
], ids=["records", "one step", "turned round", "component", "disk", "partition", "deleted", "older log", "both logs"])
def test_split_brain_is_never_automatic(decide, more, order):
    document = decide(more, disks=order)
    asks(document, "LDM-0330", "LDM-0535")
    for half in HALVES:
        assert reasons(document, half)[1][0] == "LDM-0330" and rejected(document)[half] == "LDM-0330"
    for disk in ("Disk1", "Disk2"):
        assert any(f"({disk}), transaction " in text for text in texts(document, "LDM-0535"))


def test_split_brain_shows_times_and_transactions(decide):
    document = decide(SPLIT.replace("$older", "55"))
    shown = texts(document, "LDM-0535")
    assert any(re.search(r"\(Disk1\), transaction 55, 2012-03-04 05:06 UTC: ", text) for text in shown)
    assert any(re.search(r"\(Disk2\), transaction 61, 2012-09-11 12:00 UTC: ", text) for text in shown)
    assert "LDM-0533" not in codes(document)  # no half is called the old one


@pytest.mark.parametrize("line", [
    DROPPED_2, DROPPED_1, "change volume Volume1 flags=boot\n", "change partition Disk1-01 start=8\n",
    "change disk Disk1 flags=failing\n", "delete partition Disk2-01\ndelete component Volume1-02\n"])
@pytest.mark.parametrize("order", [("Disk1", "Disk2"), ("Disk2", "Disk1")])
def test_one_transaction_with_different_records(decide, line, order):
    document = decide("".join(f"on Disk1: {part}\n" for part in line.splitlines()), disks=order)
    assert document["plan"]["result"] == "ask"
    assert "LDM-0331" in rejected(document).values()
    for group in document["groups"]:  # two of them, when one database does not show what the other has on its own disk
        for component in group["volumes"][0]["components"]:
            codes_against = [reason["code"] for reason in component["reasons"]]
            assert component["extents"][0]["path"] is None or "LDM-0331" in codes_against


def test_differences_among_what_is_readable(decide):
    """A record that only one disk can still read is no difference; one that both can is."""
    differs = "on Disk1: change component Volume1-02 state=STALE\non Disk1: change disk Disk2 flags=removed\n"
    spread = "database spread=yes order=shuffled seed=3\n"
    starts(decide(spread + "damage Disk2 at=vblk:4+1481 how=zero\n"), "Volume1-01", "LDM-0512")
    assert "LDM-0331" in rejected(decide(spread + differs + "damage Disk2 at=vblk:4+1481 how=zero\n")).values()


@pytest.mark.parametrize("damage", ["damage Disk1 at=vblk:4+4 how=zero\n", "damage Disk1 at=klog:0 how=random\n"])
def test_an_older_disk_that_cannot_be_heard(decide, damage):
    """It may have called itself the survivor."""
    document = decide(DISK1_OLD + damage)
    asks(document, "LDM-0335", "LDM-0535")
    starts(decide(DISK1_OLD + damage, disks=["Disk2"]), "Volume1-02")


def test_one_disk_of_a_split_is_what_there_is(decide):
    """With one of them disconnected, as the next step says, the other one starts."""
    starts(decide(SPLIT.replace("$older", "55"), disks=["Disk1"]), "Volume1-01")
    starts(decide(SPLIT.replace("$older", "55"), disks=["Disk2"]), "Volume1-02")


# ---- a change that was under way

@pytest.mark.parametrize("state", ["change", "abort"])
def test_the_committed_state_is_used_and_said(decide, state):
    document = decide(f"change group pending=62 state={state}\npending volume Volume1 flags=crashed\n")
    starts(document, "Volume1-01", "LDM-0319")


def test_a_change_that_was_decided_is_carried_through(decide):
    """As Windows does; and where it needs no carrying any more, nothing is said of an earlier state."""
    commit = "change group pending=62 state=commit\n"
    document = decide(commit + "pending component Volume1-01 state=STALE\n")
    starts(document, "Volume1-02", "LDM-0380")
    assert "LDM-0319" not in codes(document) and document["groups"][0]["transaction"] == 62
    assert reasons(document, "Volume1-01") == ("stale", ["LDM-0349"])
    asks(decide(commit + "pending volume Volume1 flags=crashed\n"), "LDM-0354")
    document = decide(commit + "pending component Volume1-01 flags=0\n", disks=["Disk1"])
    starts(document, "Volume1-01", "LDM-0380")
    document = decide(commit)
    starts(document, "Volume1-01", "LDM-0512")
    assert not {"LDM-0319", "LDM-0380"} & set(codes(document))


def test_a_half_that_the_decided_change_removes(decide):
    commit = "change group pending=62 state=commit\npending volume Volume1 components=1\n"
    document = decide(commit + "".join(f"change {what} status=leaving\n" for what in ("component Volume1-01", "partition Disk1-01")))
    starts(document, "Volume1-02", "LDM-0380")
    assert "Volume1-01" not in rejected(document)


@pytest.mark.parametrize("state", ["new", "stale", "offline"])
def test_a_database_that_is_not_in_force(decide, state):
    asks(decide(f"change group state={state}\n"), "LDM-0320")


@pytest.mark.parametrize("state", ["0", "new", "stale", "offline", "9"])
def test_one_disks_database_is_not_in_force(decide, state):
    """The other disk's, of the same transaction, is: its half starts, this one is marked, whichever disk comes first."""
    document = decide(f"on Disk1: change group state={state}\n")
    starts(document, "Volume1-02", "LDM-0531")
    assert rejected(document)["Volume1-01"] == "LDM-0320"
    assert "LDM-0512" not in codes(document)  # it does not stand in for bad sectors either
    asks(decide(f"on Disk1: change group state={state}\n", config="disk = Disk1\n"), "LDM-0320")
    document = decide(f"change group state={state}\n")
    asks(document, "LDM-0320")
    assert "LDM-0319" not in codes(document)


@pytest.mark.parametrize("disk1,disk2", [("vblk:4+2", "vblk:9+2"), ("vblk:9+4", "vblk:4+2"), ("vblk:4+8", "vblk:6+4")])
def test_two_databases_that_are_both_damaged(decide, disk1, disk2):
    """What each can still read differs; the firmware's order must not decide which of the two is believed."""
    decide(f"damage Disk1 at={disk1} how=zero\ndamage Disk2 at={disk2} how=zero\n")
    decide(f"damage Disk1 at={disk1} how=zero\ndamage Disk2 at={disk2} how=zero\non Disk1: {DROPPED_2}")


LEAVING = "change group pending=62\nchange component Volume1-01 status=leaving\nchange partition Disk1-01 status=leaving\n"


def test_a_half_that_the_change_takes_away_is_not_preferred(decide):
    document = decide(LEAVING)
    starts(document, "Volume1-02", "LDM-0319")
    assert reasons(document, "Volume1-01") == ("active", ["LDM-0332"])


def test_a_half_that_the_change_alters_is_not_preferred(decide):
    document = decide("change group pending=62\npending component Volume1-01 state=STALE\n")
    starts(document, "Volume1-02", "LDM-0319")


@pytest.mark.parametrize("line", ["change disk Disk1 status=leaving\n", "pending disk Disk1 flags=removed\n"])
def test_a_half_whose_disk_the_change_takes_away_is_not_preferred(decide, line):
    document = decide("change group pending=62\n" + line)
    starts(document, "Volume1-02", "LDM-0319")
    assert rejected(document)["Volume1-01"] == "LDM-0332"


def test_a_half_that_the_change_takes_away_alone(decide):
    """The other disk may have the change behind it, and newer data. It is no old half: no word is asked for."""
    document = decide(LEAVING, disks=["Disk1"])
    asks(document, "LDM-0332", "LDM-0319")
    assert "LDM-0533" not in codes(document)


def test_one_disk_has_the_change_behind_it(decide):
    """The power went between the two disks' commits."""
    document = decide("on Disk1: change group transaction=60 pending=61 state=commit\n")
    starts(document, "Volume1-02")
    assert rejected(document)["Volume1-01"] == "LDM-0381"
    starts(decide("on Disk1: change group transaction=60 pending=61 state=commit\n", disks=["Disk1"]), "Volume1-01")


# ---- resync

@pytest.mark.parametrize("mark", ["state=SYNC", "state=STALE", "flags=recover", "flags=pending"])
def test_a_resync_has_one_good_source(decide, mark):
    volume = "change volume Volume1 state=SYNC\n"
    document = decide(volume + f"change component Volume1-01 {mark}\n")
    starts(document, "Volume1-02", "LDM-0532", "LDM-0531")
    assert reasons(document, "Volume1-01")[0] in ("resync", "stale")
    starts(decide(volume + f"change component Volume1-02 {mark}\n"), "Volume1-01", "LDM-0532")


def test_the_target_of_a_resync_alone(decide):
    document = decide("change volume Volume1 state=SYNC\nchange component Volume1-01 state=SYNC\n", disks=["Disk1"])
    asks(document, "LDM-0349", "LDM-0533")


def test_a_resync_without_a_source(decide):
    """Nothing tells the halves apart, or both are marked."""
    document = decide("change volume Volume1 state=SYNC\n")
    asks(document, "LDM-0353")
    assert [reasons(document, half) for half in HALVES] == [("resync", ["LDM-0353"])] * 2
    asks(decide("change volume Volume1 state=SYNC\n" + DROPPED_1 + DROPPED_2), "LDM-0349")


# ---- clones, overlaps, an unreadable root

def test_cloned_disks_are_shown_and_not_guessed(decide):
    document = decide("clone Copy of=Disk2\n", disks=("Disk2", "Copy"), used="Copy")
    asks(document, "LDM-0325")
    (text,) = texts(document, "LDM-0325")
    for disk in document["disks"]:
        assert "LDM-0325" in [note["code"] for note in disk["messages"]]
        assert disk["path"] in text.split(": ")[0]
    starts(decide("clone Copy of=Disk2\n", disks=("Disk1", "Disk2", "Copy"), used="Copy"), "Volume1-01")  # this one is not a copy


def test_one_disk_that_is_shown_twice(decide):
    """Two paths, or a number that the BIOS answers with another drive: the same everywhere, so it is no question."""
    document = decide("clone Path of=Disk2\nclone Path3 of=Disk2\n", disks=("Disk2", "Path", "Path3"))
    starts(document, "Volume1-02")
    (disk,) = document["disks"]
    (text,) = [note["text"] for note in disk["messages"] if note["code"] == "LDM-0110"]
    assert "Path.img and 1 more" in text


def test_a_copy_whose_windows_ran_since(tmp_path, windows_volume):
    """Every mount writes to the log of an NTFS volume: that is looked at, so such a copy is a question."""
    make(SERVER + "clone Copy of=Disk2\n", tmp_path, volume=windows_volume, **TABLES["bios"])
    image = tmp_path / "Copy.img"
    data = bytearray(image.read_bytes())
    log = data.index(b"\xff" * 65536, 1 << 20)       # mkntfs fills it so
    data[log + 48] = 1
    image.write_bytes(data)
    asks(decide_in_every_order([tmp_path / "Disk2.img", image]), "LDM-0325")


def test_a_clone_that_is_older(decide):
    document = decide("clone Copy of=Disk2\non Copy: change group transaction=55 sequence=4\n", disks=("Copy", "Disk2"))
    asks(document, "LDM-0325")


OVERLAP = """volume Data hint=D: size=4M
  component Data-01
    partition Disk1-02 disk=Disk1 start=1000 loose=yes
"""


def test_partitions_that_overlap_are_refused(decide):
    document = decide(OVERLAP)
    starts(document, "Volume1-02")
    assert rejected(document)["Volume1-01"] == rejected(document)["Data-01"] == "LDM-0334"
    document = decide(OVERLAP, disks=["Disk1"])
    assert document["plan"]["result"] == "none"


@pytest.mark.parametrize("start,half", [("40960", "Volume1-01"), ("40959", "Volume1-02")])
def test_partitions_that_touch_do_not_overlap(decide, start, half):
    starts(decide(OVERLAP.replace("start=1000", f"start={start}")), half)


# ---- a failing disk is not an old one

STALE_1_ON_FAILING_2 = DROPPED_1 + "change disk Disk2 flags=failing\n"


@pytest.mark.parametrize("disks", [["Disk2"], ["Disk1", "Disk2"], ["Disk2", "Disk1"]])
def test_the_current_half_on_a_failing_disk(decide, disks):
    """A plain question that says which half is the current one; the really old one does not get better by it."""
    document = decide(STALE_1_ON_FAILING_2, disks=disks)
    asks(document, "LDM-0344", "LDM-0570")
    assert texts(document, "LDM-0570")[0].startswith("Volume1-02 on ")
    assert not {"LDM-0533", "LDM-0534"} & set(codes(document))  # nothing of an old half, and no word


def test_a_failing_disk_beside_nothing_older(decide):
    """Nothing tells which half is newer: neither is called the current one."""
    document = decide("change disk Disk1 flags=failing\nchange disk Disk2 flags=failing\n")
    asks(document, "LDM-0344")
    assert not {"LDM-0570", "LDM-0533"} & set(codes(document))


@pytest.mark.parametrize("flag,code", [("crashed", "LDM-0354"), ("kdetach", "LDM-0355")])
def test_what_is_said_of_a_volume_makes_no_half_old(decide, flag, code):
    document = decide(f"change volume Volume1 flags=boot,system,{flag}\n")
    asks(document, code)
    assert not {"LDM-0533", "LDM-0534"} & set(codes(document))


def test_a_resync_that_says_nothing_of_the_halves_is_a_plain_question(decide):
    document = decide("change volume Volume1 state=SYNC\n")
    asks(document, "LDM-0353")
    assert not {"LDM-0533", "LDM-0534"} & set(codes(document))


# ---- the dying disk, the product's main case

DYING_1 = "damage Disk1 at=vmdb how=zero\n"


@pytest.mark.parametrize("order", [("Disk1", "Disk2"), ("Disk2", "Disk1")])
def test_a_dying_disk_whose_database_cannot_be_read(decide, order):
    """Windows gave up the disk and its half: what its own database could say does not change the answer."""
    given_up = DROPPED_1 + "change disk Disk1 flags=failing\n"
    document = decide(given_up + DYING_1, disks=order)
    starts(document, "Volume1-02", "LDM-0571", "LDM-0531")
    assert "(Disk1)" in texts(document, "LDM-0571")[0]
    asks(decide(DROPPED_1 + DYING_1, disks=order), "LDM-0520")
    asks(decide("change disk Disk1 flags=failing\n" + DYING_1, disks=order), "LDM-0520")


# ---- a data disk one step ahead

def test_the_only_good_half_is_one_step_behind(decide):
    """The power went when the third disk had the last change, and the half's own disk not yet."""
    behind = DISK3 + DROPPED_2 + "on Disk1: change group transaction=60 sequence=4\n"
    document = decide(behind, disks=("Disk1", "Disk3"))
    starts(document, "Volume1-01", "LDM-0572")
    asks(decide(behind.replace("=60", "=59"), disks=("Disk1", "Disk3")), "LDM-0324", "LDM-0533")
    asks(decide(behind.replace(DROPPED_2, ""), disks=("Disk1", "Disk3")), "LDM-0324", "LDM-0533")


# ---- the log: what is history

def test_a_detach_of_an_earlier_transaction_is_history(decide):
    starts(decide("klog detach a=Volume1-01 b=60\n"), "Volume1-01", "LDM-0512")
    starts(decide("klog detach a=Volume1-01 b=62\n"), "Volume1-02")
    split = DISK1_OLD + "on Disk1: klog detach a=Volume1-02 b=$b\n"
    starts(decide(split.replace("$b", "54")), "Volume1-02")
    asks(decide(split.replace("$b", "55")), "LDM-0330")


# ---- the disk that was replaced

OLD_DISK = """
define volume ""
group Dg0 version=$version transaction=50
disk Disk1 id=2 table=$table size=100M
disk Disk2 id=3 table=$table size=100M
volume Volume1 id=10 commit=20 hint=C: flags=boot,system size=20M
  component Volume1-01 id=11 commit=30
    partition Disk1-01 id=12 commit=30 disk=Disk1
  component Volume1-02 id=13 commit=30
    partition Disk2-01 id=14 commit=30 disk=Disk2
content Volume1 file=$volume boot=ntfs hidden=63
"""
NEW_MIRROR = """
define volume ""
group Dg0 version=$version transaction=80
disk Disk2 id=3 table=$table size=100M
disk Disk3 id=60 commit=62 table=$table size=100M
volume Volume1 id=10 commit=70 hint=C: flags=boot,system size=20M
  component Volume1-02 id=13 commit=30
    partition Disk2-01 id=14 commit=30 disk=Disk2
  component Volume1-01 id=64 commit=70
    partition Disk3-01 id=65 commit=70 disk=Disk3 start=3000
content Volume1 file=$volume boot=ntfs hidden=63
"""


@pytest.fixture
def decide_both(firmware, tmp_path, windows_volume):
    """The plan for disks of two descriptions of one group: ("old", "Disk1"), ("new", "Disk3")."""
    def run(old, new, disks):
        for name, text in (("old", old), ("new", new)):
            (tmp_path / name).mkdir(exist_ok=True)
            make(text, tmp_path / name, volume=windows_volume, **TABLES[firmware])
        return decide_in_every_order([tmp_path / folder / f"{disk}.img" for folder, disk in disks], firmware)

    return run


@pytest.mark.parametrize("disks,half", [
    ([("old", "Disk1"), ("new", "Disk2"), ("new", "Disk3")], "Volume1-02"),
    ([("new", "Disk3"), ("new", "Disk2"), ("old", "Disk1")], "Volume1-01"),
    ([("new", "Disk3"), ("old", "Disk1")], "Volume1-01"),
    ([("old", "Disk1"), ("new", "Disk2")], "Volume1-02"),
])
def test_a_replaced_disk_that_is_plugged_in_still(decide_both, disks, half):
    """It cannot know the half that was made after its time; it is named, and left alone."""
    document = decide_both(OLD_DISK, NEW_MIRROR, disks)
    starts(document, half)
    (old,) = (disk for disk, (folder, _) in zip(document["disks"], disks) if folder == "old")
    assert "LDM-0326" in [note["code"] for note in old["messages"]]


@pytest.mark.parametrize("disks", [[("old", "Disk1"), ("new", "Disk2"), ("new", "Disk3")], [("new", "Disk3"), ("old", "Disk1")]])
def test_a_replaced_disk_that_ran_alone(decide_both, disks):
    """It dropped the half that the new one was copied from: the times of both sides are shown, also its own."""
    document = decide_both(OLD_DISK + "change component Volume1-02 state=STALE\n", NEW_MIRROR, disks)
    asks(document, "LDM-0330")
    assert any("(not listed), transaction 50" in text for text in texts(document, "LDM-0535"))
    assert any("(Disk3), transaction 80" in text for text in texts(document, "LDM-0535"))


# ---- the headline

def test_the_headline_is_about_the_volume_that_would_have_been_started(decide):
    """A data volume that could be started is not what the person has to hear about first."""
    document = decide(DISK3 + "change component Volume1-02 state=STALE\n" + DISK1_OLD, disks=("Disk1", "Disk3"))
    asks(document, "LDM-0324")
    assert texts(document, "LDM-0324")[0].startswith("Volume1-01")
