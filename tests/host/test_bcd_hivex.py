# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot store against libhivex, a reader and writer of registry hives that shares no code with ours:
what common/windows/bcd.c makes is read back key by key and byte by byte, and what hivex makes is read by common/windows/bcd.c."""
import os
import shutil
import struct
import subprocess
import uuid
from pathlib import Path

import pytest

hivex = pytest.importorskip("hivex")

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LDMBOOT_BUILD", TOP / "build"))
TOOL = BUILD / "tests/bootfiles"

DISK = uuid.UUID("a1a2a3a4-b1b2-c1c2-d1d2-e1e2e3e4e5e6")
PARTITION = uuid.UUID("01020304-0506-0708-090a-0b0c0d0e0f10")
BOOTMGR = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"
SZ, BINARY, DWORD, MULTI_SZ = 1, 3, 4, 7


@pytest.fixture(scope="module", autouse=True)
def tool():
    assert TOOL.exists(), "run `make test-programs` first"


def make(path, *where, loader="efi", name=b"Volume3", options=()):
    subprocess.run([TOOL, "store", path, *map(str, where), loader, name, *options], check=True)
    return path


@pytest.fixture
def gpt_store(tmp_path):
    return make(tmp_path / "BCD", "gpt", DISK, PARTITION)


def tree(path):
    """{key path: {value name: (type, bytes)}} of a whole hive; hivex's strict mode (no 'unsafe' tolerance)."""
    h = hivex.Hivex(str(path))
    out, todo = {}, [(h.root(), "")]
    while todo:
        node, name = todo.pop()
        out[name] = {h.value_key(v): h.value_value(v) for v in h.node_values(node)}
        for child in h.node_children(node):
            todo.append((child, f"{name}\\{h.node_name(child)}"))
    return out


def sz(text):
    return SZ, (text + "\0").encode("utf-16-le")


def device_gpt():
    head = struct.pack("<16xIIII", 6, 0, 0x48, 0)
    return head + PARTITION.bytes_le + struct.pack("<II", 0, 0) + DISK.bytes_le + bytes(16)


def device_mbr(signature, offset):
    return struct.pack("<16xIIIIQQIII", 6, 0, 0x48, 0, offset, 0, 0, 1, signature) + bytes(28)


def expected(loader_id, device, title, loader="efi"):
    """The whole store, as docs/windows-boot.md describes it: nothing more, nothing less."""
    bootmgr, loader_key = f"\\Objects\\{BOOTMGR}", f"\\Objects\\{loader_id}"
    element = {
        f"{bootmgr}\\Elements\\12000004": sz("Windows Boot Manager"),
        f"{bootmgr}\\Elements\\12000005": sz("en-US"),
        f"{bootmgr}\\Elements\\23000003": sz(loader_id),
        f"{bootmgr}\\Elements\\24000001": (MULTI_SZ, (loader_id + "\0\0").encode("utf-16-le")),
        f"{bootmgr}\\Elements\\25000004": (BINARY, bytes(8)),
        f"{loader_key}\\Elements\\11000001": (BINARY, device),
        f"{loader_key}\\Elements\\12000002": sz(f"\\Windows\\system32\\winload.{loader}"),
        f"{loader_key}\\Elements\\12000004": sz(title),
        f"{loader_key}\\Elements\\12000005": sz("en-US"),
        f"{loader_key}\\Elements\\21000001": (BINARY, device),
        f"{loader_key}\\Elements\\22000002": sz("\\Windows"),
    }
    return {
        "": {}, "\\Description": {"KeyName": sz("BCD00000000")}, "\\Objects": {},
        bootmgr: {}, f"{bootmgr}\\Elements": {},
        f"{bootmgr}\\Description": {"Type": (DWORD, struct.pack("<I", 0x10100002))},
        loader_key: {}, f"{loader_key}\\Elements": {},
        f"{loader_key}\\Description": {"Type": (DWORD, struct.pack("<I", 0x10200003))},
        **{key: {"Element": value} for key, value in element.items()},
    }


def loader_id_of(store):
    """The one object besides the boot manager."""
    (found,) = {key.split("\\")[2] for key in store if key.count("\\") == 2} - {BOOTMGR}
    assert str(uuid.UUID(found)) == found.strip("{}")
    return found


def test_gpt_store_key_by_key(gpt_store):
    store = tree(gpt_store)
    assert store == expected(loader_id_of(store), device_gpt(), "Windows (volume Volume3)")


def test_mbr_store_key_by_key(tmp_path):
    store = tree(make(tmp_path / "BCD", "mbr", 0xDEADBEEF, 0x123456789000, loader="exe"))
    device = device_mbr(0xDEADBEEF, 0x123456789000)
    assert store == expected(loader_id_of(store), device, "Windows (volume Volume3)", "exe")


# Microsoft's enumerations BcdOSLoaderElementTypes and BcdLibraryElementTypes, and their value enumerations.
OPTIONS = {
    "safeboot": {"minimal": 0, "network": 1, "dsrepair": 2}, "nx": {"optin": 0, "optout": 1, "alwaysoff": 2, "alwayson": 3},
    "hypervisorlaunchtype": {"off": 0, "auto": 1}, "debugtype": {"serial": 0, "1394": 1, "usb": 2},
    "debugport": {"1": 1}, "baudrate": {"115200": 115200}, "emsport": {"2": 2}, "emsbaudrate": {"9600": 9600},
    **{name: {"yes": 1, "no": 0} for name in ["safebootalternateshell", "lastknowngood", "advancedoptions", "optionsedit",
                                              "bootlog", "sos", "ems", "bootems", "debug"]}}
NUMBERS = {
    "safeboot": 0x25000080, "safebootalternateshell": 0x26000081, "lastknowngood": 0x26000025, "advancedoptions": 0x16000040,
    "optionsedit": 0x16000041, "bootlog": 0x26000090, "sos": 0x26000091, "nx": 0x25000020, "hypervisorlaunchtype": 0x250000F0,
    "ems": 0x260000B0, "bootems": 0x16000020, "emsport": 0x15000022, "emsbaudrate": 0x15000023, "debug": 0x260000A0,
    "debugtype": 0x15000011, "debugport": 0x15000013, "baudrate": 0x15000014}


def test_options_key_by_key(tmp_path):
    """Each option with each value, and all together: its element and nothing else is added."""
    def elements(*options):
        store = tree(make(tmp_path / "BCD", "gpt", DISK, PARTITION, options=options))
        plain = expected(loader_id_of(store), device_gpt(), "Windows (volume Volume3)")
        prefix = f"\\Objects\\{loader_id_of(store)}\\Elements\\"
        assert {key: store[key] for key in plain} == plain
        return {key[len(prefix):]: store[key]["Element"] for key in store if key not in plain}

    def element(name, value):
        number = NUMBERS[name]
        return f"{number:08x}", (BINARY, value.to_bytes(1 if number >> 24 & 15 == 6 else 8, "little"))

    for name, values in OPTIONS.items():
        for word, value in values.items():
            assert elements(f"{name}={word}") == dict([element(name, value)])
    last = {name: list(values.items())[-1] for name, values in OPTIONS.items()}
    assert elements(*[f"{name}={word}" for name, (word, _) in last.items()]) == dict(
        element(name, value) for name, (_, value) in last.items())


@pytest.mark.parametrize("name, title", [
    (b"", ""),
    ("Größe €".encode(), "Größe €"),
    ("データ💾".encode(), "データ💾"),
    (b"Gr\xf6\xdfe", "Größe"),
    (b"a\x01b", "a?b"),
    (b"n" * 255, "n" * 255),
    ("€".encode() * 85, "€" * 85),          # 255 bytes of UTF-8
    (b"\xff" * 255, "\xff" * 255),          # 255 characters of Latin-1
], ids=["empty", "utf8", "outside-bmp", "latin1", "control", "long", "long-utf8", "long-latin1"])
def test_any_volume_name(tmp_path, name, title):
    store = tree(make(tmp_path / "BCD", "gpt", DISK, PARTITION, name=name))
    assert store == expected(loader_id_of(store), device_gpt(), f"Windows (volume {title})")


def test_hivexsh_walks_it(gpt_store):
    """The command-line shell, which looks keys up by path, gets there too."""
    script = f"cd \\Objects\\{BOOTMGR}\\Elements\\12000004\nlsval Element\n"
    out = subprocess.run(["hivexsh", gpt_store], input=script, text=True, capture_output=True, check=True)
    assert "Windows Boot Manager" in out.stdout
    assert out.stderr == ""


def test_every_cell_is_reachable_or_free(gpt_store):
    """A reader of its own for the frame: cells fill the one bin, and the tree of keys refers to every used one."""
    data = gpt_store.read_bytes()
    assert len(data) % 4096 == 0 and data[:4] == b"regf" and data[4096:4100] == b"hbin"
    assert struct.unpack_from("<I", data, 0x28)[0] == len(data) - 4096
    checksum = 0
    for word in struct.unpack_from("<127I", data):
        checksum ^= word
    assert checksum == struct.unpack_from("<I", data, 0x1FC)[0]
    used, at = set(), 4096 + 32
    while at < len(data):
        size = struct.unpack_from("<i", data, at)[0]
        assert size and size % 8 == 0
        if size < 0:
            used.add(at - 4096)
        at += abs(size)
    assert at == len(data)
    assert used == reachable(data)


def reachable(data):
    """Offsets of all cells that the tree of keys refers to, with the structure of each checked."""
    def u32(cell, off):
        return struct.unpack_from("<I", data, 4096 + cell + 4 + off)[0]

    def u16(cell, off):
        return struct.unpack_from("<H", data, 4096 + cell + 4 + off)[0]

    def name(cell, off, length):
        return data[4096 + cell + 4 + off:4096 + cell + 4 + off + length].decode("ascii")

    def magic(cell):
        return data[4096 + cell + 4:4096 + cell + 6]

    seen, keys, security = set(), [u32_root(data)], set()
    for nk in keys:                                  # grows while it is walked
        assert magic(nk) == b"nk"
        seen.add(nk)
        security.add(u32(nk, 0x2C))
        children, values = u32(nk, 0x14), u32(nk, 0x24)
        if children:
            lh = u32(nk, 0x1C)
            assert magic(lh) == b"lh" and u16(lh, 2) == children
            seen.add(lh)
            names = []
            for i in range(children):
                child = u32(lh, 4 + 8 * i)
                names.append(name(child, 0x4C, u16(child, 0x48)))
                assert u32(lh, 8 + 8 * i) == lh_hash(names[-1])
                assert u32(child, 0x10) == nk        # its parent
                keys.append(child)
            assert names == sorted(names, key=str.upper)
            assert u32(nk, 0x34) == 2 * max(map(len, names))
        for i in range(values):
            seen.add(u32(nk, 0x28))
            vk = u32(u32(nk, 0x28), 4 * i)
            assert magic(vk) == b"vk"
            seen.add(vk)
            if not u32(vk, 4) & 0x80000000:
                assert u32(vk, 4) > 4
                seen.add(u32(vk, 8))
    (sk,) = security
    assert magic(sk) == b"sk" and u32(sk, 4) == u32(sk, 8) == sk and u32(sk, 0xC) == len(keys)
    return seen | security


def u32_root(data):
    return struct.unpack_from("<I", data, 0x24)[0]


def lh_hash(name):
    value = 0
    for c in name.upper():
        value = (value * 37 + ord(c)) & 0xFFFFFFFF
    return value


# ---------------------------------------------------------------- our reader on hives that hivex wrote

def read(path):
    out = subprocess.run([TOOL, "read", path], capture_output=True)
    if out.returncode:
        return out.stderr.decode()
    return dict(line.split("=", 1) for line in out.stdout.decode().splitlines())


class Editor:
    """A store that hivex changes: cells move, lists are rewritten in its own way."""

    def __init__(self, path):
        self.h, self.path = hivex.Hivex(str(path), write=True), path

    def node(self, path, create=False):
        node = self.h.root()
        for part in path.split("\\"):
            child = self.h.node_get_child(node, part)
            node = child if child or not create else self.h.node_add_child(node, part)
        return node

    def set(self, path, kind, data):
        self.h.node_set_value(self.node(path, True), {"key": "Element", "t": kind, "value": data})

    def done(self):
        self.h.commit(None)
        return read(self.path)


OTHER = "{11111111-2222-3333-4444-555555555555}"


def test_reads_an_entry_that_hivex_added(gpt_store):
    edit = Editor(gpt_store)
    for i in range(60):                              # many objects before and after it
        edit.node(f"Objects\\{{{i * 4 + 1:02x}000000-0000-0000-0000-000000000000}}\\Elements", True)
    elements = f"Objects\\{OTHER}\\Elements\\"
    edit.set(f"Objects\\{BOOTMGR}\\Elements\\23000003", *sz(OTHER.upper()))
    edit.set(elements + "11000001", BINARY, device_mbr(0x11223344, 1 << 20))
    edit.set(elements + "21000001", BINARY, struct.pack("<16xIIII", 8, 0, 0x48, 0) + bytes(0x38))
    edit.set(elements + "12000002", *sz("\\Windows\\system32\\winload.exe"))
    edit.set(elements + "12000004", *sz("Server «1» 💾"))
    got = edit.done()
    assert got["id"] == OTHER.strip("{}")
    assert got["device"] == f"mbr 11223344 {1 << 20}"
    assert got["osdevice"] == "locate"
    assert got["path"] == "\\Windows\\system32\\winload.exe"
    assert got["title"] == "Server «1» 💾"
    offset, length = map(int, got["device-place"].split())
    assert gpt_store.read_bytes()[offset:offset + length] == device_mbr(0x11223344, 1 << 20)


def test_reads_its_own(gpt_store):
    got = read(gpt_store)
    assert got["device"] == got["osdevice"] == f"gpt {DISK} {PARTITION}"
    assert "{" + got["id"] + "}" == loader_id_of(tree(gpt_store))


def test_default_that_is_gone(gpt_store):
    edit = Editor(gpt_store)
    edit.set(f"Objects\\{BOOTMGR}\\Elements\\23000003", *sz(OTHER))
    assert "LDM-0804" in edit.done()


def test_not_a_hive(tmp_path):
    (tmp_path / "x").write_bytes(b"no hive" * 2000)
    assert "LDM-0801" in read(tmp_path / "x")


def test_two_stores_are_equal(gpt_store, tmp_path):
    assert make(tmp_path / "again", "gpt", DISK, PARTITION).read_bytes() == gpt_store.read_bytes()
    shutil.copy(gpt_store, tmp_path / "copy")
    assert read(tmp_path / "copy") == read(gpt_store)
