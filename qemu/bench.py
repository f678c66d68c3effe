#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
make bench: what a boot costs, as a table with its limits. Everything is counted, nothing
is timed but the copy through nbdkit in the last rows: reads and bytes by QEMU on AHCI (where a read is a read), instructions by the
time stamp counter under -icount, from a boot sector that starts the stick to the stand-in
for Windows's boot sector. Exit 1 when a limit is not kept.
"""
import json
import re
import resource
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from support import bootmgr, boots, disks, payloads, uefi
from support.harness import BUILD, Disk, Machine, Reads, copy_sparse

KIB = 1024
MIB = 1024 * KIB
LOW_KIB = 639                 # of low memory, as SeaBIOS leaves it
CLUSTER = 4096
REAL = ("ldm-2003r2-mirrored-2", 63, 96256)

FULL = (disks.DESCRIPTIONS / "full.ldm", 2048)     # a group whose database has no free slot; where its half lies


@dataclass
class Row:
    """One line of the table. limit None: for information."""
    what: str
    value: int
    unit: str
    limit: Optional[int] = None

    @property
    def kept(self) -> bool:
        return self.limit is None or self.value <= self.limit

    def __str__(self) -> str:
        limit = "" if self.limit is None else f"{self.limit:>12,} {'ok' if self.kept else 'EXCEEDED'}"
        return f"{self.what:<58} {self.value:>12,} {self.unit:<6}{limit}"


# ---------------------------------------------------------------- reads

def traced_reads(machine: Machine, total: Reads):
    """(LBA, bytes) of every read of the disk that QEMU counted `total` for.

    The trace also has QEMU's own look at the disk before the guest starts, which comes first and is not counted.
    """
    log = (machine.folder / "qemu.log").read_text()
    by_device = {}
    for device, offset, size in re.findall(r"blk_co_preadv blk (\S+) bs \S+ offset (\d+) bytes (\d+)", log):
        by_device.setdefault(device, []).append((int(offset) // 512, int(size)))
    tails = [reads[-total.operations:] for reads in by_device.values()]
    matching = [reads for reads in tails if Reads(len(reads), sum(size for _, size in reads)) == total]
    assert len(matching) == 1, (total, tails)
    return matching[0]


def reads_until(stick: Path, image: Path, sign: str):
    """Boot, wait for a sign on the serial line, and tell all reads of the disk until then."""
    disk = Disk(image, "ahci", boot=1)
    with Machine([Disk(stick, "usb", boot=0), disk], extra=["-trace", "blk_co_preadv"]) as machine:
        machine.wait_serial(sign)
        total = machine.reads(disk)
        return traced_reads(machine, total) if total.operations else []


def read_rows(name: str, folder: Path, image: Path, lba: int, sectors: int, most: Reads, most_probing: Optional[int],
              volume: str = "Volume1"):
    """Reads of ldmboot itself, before the jump: by a boot sector that says it was started and reads nothing."""
    copy = folder / "reads.img"
    copy_sparse(image, copy)
    payloads.install_stop(copy, lba)
    bios_only = reads_until(idle_stick(folder), copy, "OTHER: started")
    reads = reads_until(disks.stick(folder / "stick.img", f"volume = {volume}\n"), copy, "VBR: started")[len(bios_only):]
    probing = [size for at, size in reads if lba < at < lba + sectors]
    rest = [size for at, size in reads if not lba < at < lba + sectors]
    return [
        Row(f"{name}: reads, metadata and boot sector", len(rest), "", most.operations),
        Row(f"{name}: bytes, metadata and boot sector", sum(rest), "", most.bytes),
        Row(f"{name}: reads, files in the root", len(probing), "", most_probing),
        Row(f"{name}: bytes, files in the root", sum(probing), ""),
        Row(f"{name}: reads by the BIOS alone (not counted above)", len(bios_only), ""),
    ]


def idle_stick(folder: Path) -> Path:
    """A stick that is started and does nothing."""
    data = bytearray(payloads.payload("other").ljust(1 << 20, b"\0"))
    data[510:512] = b"\x55\xaa"
    (folder / "idle.img").write_bytes(data)
    return folder / "idle.img"


def real_reads(folder: Path) -> List[Row]:
    """The disk that Windows wrote; none when it is not there."""
    name, lba, sectors = REAL
    image = disks.real_image(name)
    return image and read_rows("real disk", folder, image, lba, sectors, Reads(12, 96 * KIB), 12, "Volume3") or []


def full_reads(folder: Path) -> List[Row]:
    """All 5,920 slots of the database in use."""
    description, lba = FULL
    disks.mkldm(folder, description, volume=disks.system_volume(folder / "volume.img"))
    return read_rows("full database", folder, folder / "Disk2.img", lba, disks.VOLUME_SECTORS,
                     Reads(40, 900 * KIB), None)


# ---------------------------------------------------------------- instructions

def bench_disk(folder: Path) -> Optional[Tuple[Path, int]]:
    """The disk that Windows wrote, with stand-ins for its boot sector and loader, and where its volume lies."""
    name, lba, sectors = REAL
    original = disks.real_image(name)
    if original is None:
        return None
    image = folder / "disk.img"
    copy_sparse(original, image)
    volume = disks.extract(image, lba, sectors, folder / "volume.img")
    disks.put_loader(volume, disks.LOADERS[2003], "bench")
    payloads.install_boot_sector(volume, 2003, "bench")
    disks.put_back(volume, image, lba)
    return image, lba


def bench_run(folder: Path, *images: Path, plain_lba: int, patched_lba: int) -> Dict[str, int]:
    """What the benchmark's loader on the last of these disks prints; it reads these two sectors."""
    payloads.expect_in_bench(images[-1], plain_lba=plain_lba, patched_lba=patched_lba, bios_drive=0x80 + len(images))
    floppy = payloads.shim_floppy(folder / "floppy.img", flags=payloads.BARE, drives={0x80 + n: 0x80 + n for n in range(1 + len(images))})
    stick = disks.stick(folder / "stick.img", "timeout = 0\n")
    devices = [Disk(image, "ahci", boot=2 + n) for n, image in enumerate(images)]
    with Machine([Disk(floppy, "floppy", boot=0), Disk(stick, "usb", boot=1), *devices], icount=True) as machine:
        machine.wait_serial("BENCH end")
        return {name: int(value) for name, value in re.findall(r"BENCH (\w+) (\d+)", machine.serial)}


def instructions(folder: Path) -> List[Row]:
    """Instructions that the guest executes, from starting the stick to the boot sector, and per read afterwards."""
    made = bench_disk(folder)
    if made is None:
        return []
    image, lba = made
    runs = []
    while len(runs) < 4:
        (folder / str(len(runs))).mkdir()
        runs.append(bench_run(folder / str(len(runs)), image, plain_lba=lba + 64, patched_lba=lba))
        # Where other programs have the processors, a run's counts are of waiting for the disk: the least of some runs.
        rows = instruction_rows({name: min(run[name] for run in runs) for name in runs[0]})
        if all(row.kept for row in rows):
            break
    return rows


def instruction_rows(seen: Dict[str, int]) -> List[Row]:
    return [
        Row("low memory taken by the resident part", (LOW_KIB - seen["lowkib"]) * KIB, "bytes", 4 * KIB),
        Row("real disk: instructions, stick started to boot sector", seen["jump"], ""),
        Row("a BIOS read of 1 sector: instructions", seen["bios1"], ""),
        Row("  more when hooked", seen["hooked1"] - seen["bios1"], "", 400),
        Row("  more when hooked and patched", seen["patched1"] - seen["bios1"], ""),
        Row("a BIOS read of 64 sectors: instructions", seen["bios64"], ""),
        Row("  more when hooked", seen["hooked64"] - seen["bios64"], "", 400),
    ]


# ---------------------------------------------------------------- a system volume in memory

WINDOWS_LBA = 40000


def windows_alone(folder: Path, loader: str) -> Tuple[Path, bytes]:
    """The disk of a server that lost its system volume; the payload is its boot manager, of which no two sectors are the
    same. And that file."""
    program = payloads.payload(loader)
    file = program + bootmgr.bootmgr_file()[len(program):]
    disks.mkldm(folder, bootmgr.SERVER, volume=bootmgr.windows_volume(folder / "windows.img", bootmgr=file), lba=WINDOWS_LBA,
                flags="boot")
    return folder / "Disk2.img", file


def reads_from_memory(folder: Path) -> List[Row]:
    """Reads of the disk until a boot manager runs that reads nothing: all that is needed to make the volume in memory."""
    image, file = windows_alone(folder, "caller")
    bios_only = reads_until(idle_stick(folder), image, "OTHER: started")
    reads = reads_until(disks.stick(folder / "stick.img"), image, "CALLER: ready")[len(bios_only):]
    own = sectors_of(image, file)
    rest = [size for at, size in reads if at not in own]
    return [
        Row("volume in memory: reads, all but BOOTMGR's own extents", len(rest), "", 40),
        Row("volume in memory: bytes, all but BOOTMGR's own extents", sum(rest), ""),
        Row(f"volume in memory: reads of BOOTMGR ({len(file):,} bytes)", len(reads) - len(rest), ""),
    ]


def instructions_from_memory(folder: Path) -> List[Row]:
    image, _ = windows_alone(folder, "bench")
    seen = bench_run(folder, image, plain_lba=WINDOWS_LBA + 64, patched_lba=WINDOWS_LBA)
    return [
        Row("volume in memory: instructions, a hooked read of 64 sectors", seen["active64"], ""),
        Row("  the same of the disk, by the BIOS", seen["hooked64"], ""),
        Row("  low memory taken by the resident part", (LOW_KIB - seen["lowkib"]) * KIB, "bytes", 4 * KIB),
    ]


def instructions_to_boot_sector(folder: Path, *images: Path) -> int:
    """From starting the stick to the boot sector of the last disk's volume, which begins at sector 63."""
    return bench_run(folder, *images, plain_lba=63 + 64, patched_lba=63)["jump"]


def instructions_with_store(folder: Path, store: str, *arguments: str) -> Tuple[int, int]:
    """The store's bytes, and instructions from starting the stick to the boot sector of a volume that has it."""
    folder.mkdir()
    bcd = folder / "BCD"
    disks.run(BUILD / "tests" / "bootfiles", store, bcd, *arguments)
    volume = disks.system_volume(folder / "volume.img", 2008, "bench")
    disks.run("ntfscp", "-f", volume, bcd, "Boot/BCD")
    disks.mkldm(folder, boots.DEGRADED, volume=volume, lba=63)
    return bcd.stat().st_size, instructions_to_boot_sector(folder, folder / "Disk2.img")


def costly_store(folder: Path) -> List[Row]:
    """A boot store that has 34 million values to look at, for a reader without a bound."""
    _, usual = instructions_with_store(folder / "usual", "store", "mbr", "0x1234ABCD", str(63 * 512), "exe", "Volume1")
    size, costly = instructions_with_store(folder / "costly", "costly")
    return [Row(f"instructions more for a boot store made to cost ({size:,} bytes)", costly - usual, "", 1000 * size)]


OLDER = "on Disk1: change group transaction=30\n"
HALVES = 640  # of 20 volumes: striped, so that they are compared and not read


def many_halves() -> str:
    """Halves on both disks for every database and log to have an opinion about."""
    lines = []
    for n in range(HALVES):
        if n % 32 == 0:
            lines.append(f"volume V{n} size=8k")
        lines += [f"component C{n} layout=stripe columns=1", f"partition P{n} disk=Disk{1 + n % 2}"]
    return "\n".join(lines) + "\n"


def instructions_with_group(folder: Path, more: str) -> int:
    """Of a mirror with these lines more, from starting the stick to the boot sector on its second disk."""
    folder.mkdir()
    volume = disks.system_volume(folder / "volume.img", 2008, "bench")
    disks.mkldm(folder, boots.BOTH_HALVES + more, volume=volume, lba=63)
    return instructions_to_boot_sector(folder, folder / "Disk1.img", folder / "Disk2.img")


def costly_groups(folder: Path) -> List[Row]:
    """What two databases say of many halves, and logs that name them all: each record costs what one costs, not more."""
    log = "".join(f"on Disk2: klog detach a=C{n % HALVES} b={n}\n" for n in range(1, 1270))
    usual = instructions_with_group(folder / "usual", OLDER)
    halves = instructions_with_group(folder / "halves", OLDER + many_halves())
    logged = instructions_with_group(folder / "logged", OLDER + many_halves() + log)
    return [
        Row(f"instructions more for each of {HALVES} halves in two databases", (halves - usual) // HALVES, "", 250_000),
        Row("  more for each when a log of 1,269 entries detaches them", (logged - halves) // HALVES, "", 250_000),
    ]


# ---------------------------------------------------------------- UEFI

def sectors_of(image: Path, content: bytes) -> set:
    """The sectors of a disk that hold this file, found by its bytes (no two clusters of it are equal)."""
    data, found = image.read_bytes(), set()
    for at in range(0, len(content), CLUSTER):
        piece = content[at:at + CLUSTER]
        place = data.find(piece)
        assert place >= 0 and place % 512 == 0
        found.update(range(place // 512, (place + len(piece) + 511) // 512))
    return found


def uefi_reads(folder: Path) -> List[Row]:
    """Reads of the disk before StartImage: by a boot manager of real size that reads nothing and says it was started."""
    if not uefi.have("x64"):
        return []
    boot_manager = uefi.big_boot_manager(folder / "big.efi", 3_300_000, BUILD / "qemu" / "door-x64.efi")
    volume = uefi.windows_volume(folder / "volume.img", bootmgfw=boot_manager, size="9M")
    disks.mkldm(folder, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=volume)
    image = folder / "Disk2.img"
    with uefi.start(disks.stick(folder / "stick.img"), [image], extra=["-trace", "blk_co_preadv"]) as machine:
        machine.wait_serial("DOOR no GRUB")
        reads = traced_reads(machine, machine.reads(machine.disks[1]))
    own = sectors_of(image, boot_manager.read_bytes())
    rest = [size for at, size in reads if at not in own]
    of_file = [size for at, size in reads if at in own]
    return [
        Row("UEFI: reads, all but the boot manager's own extents", len(rest), "", 40),
        Row("UEFI: bytes, all but the boot manager's own extents", sum(rest), ""),
        Row(f"UEFI: reads of the boot manager ({boot_manager.stat().st_size:,} bytes)", len(of_file), ""),
        Row("UEFI: bytes of the boot manager", sum(of_file), ""),
    ]


# ---------------------------------------------------------------- sizes

def sizes(_folder: Path) -> List[Row]:
    return [
        Row("stage 2, as stored", (BUILD / "stage2.bin").stat().st_size, "bytes", 80 * KIB),  # its room in the boot partition; 64 KiB before there was a system volume in memory
        Row("resident hook, code", (BUILD / "bios" / "hook.bin").stat().st_size, "bytes", 2 * KIB),
        Row("BOOTX64.EFI", (BUILD / "efi" / "BOOTX64.EFI").stat().st_size, "bytes", 160 * KIB),  # as in test_efi_image.py
        Row("BOOTIA32.EFI", (BUILD / "efi" / "BOOTIA32.EFI").stat().st_size, "bytes"),
    ]


# ---------------------------------------------------------------- the nbdkit plugin

BIG_GIB = 4
PLUGIN = BUILD / "nbdkit-ldmboot-plugin.so"
BIG = """
group Dg0 transaction=40
disk Disk2 table=mbr size=%dM signature=0x1234ABCD
volume Volume1 hint=C: size=%dG flags=boot,system
  component Volume1-01
    partition Disk2-01 disk=Disk2 lba=20480
"""
TIMES = 7      # the best of so many runs, in turns: other programs want the machine too
NINE_TENTHS = 111     # % of the other's time, for nine tenths of its rate


def processor_seconds() -> float:
    """Of all programs that have ended: nbdkit, its threads, the client."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def copy_seconds(export: str, *plugin) -> Tuple[float, float]:
    start, spent = time.monotonic(), processor_seconds()
    disks.run("nbdkit", "-U", "-", *plugin, "--run", f'nbdcopy "nbd+unix:///{export}?socket=$unixsocket" null:')
    return time.monotonic() - start, processor_seconds() - spent


def rate_beside_file(folder: Path) -> List[Row]:
    """One image without a hole, by nbdkit's file plugin (all of it: 0.4 % more) and by ours (its volume)."""
    disks.mkldm(folder, BIG % (BIG_GIB * 1024 + 16, BIG_GIB))
    image = folder / "Disk2.img"
    disks.run("dd", "if=/dev/urandom", f"of={image}", "bs=1M", f"count={BIG_GIB * 1024}", "seek=10", "conv=notrunc")
    ways = [("", "file", image), ("Volume1", PLUGIN, f"disk={image}", "layout=volume")]
    runs = [[copy_seconds(*way) for way in ways] for _ in range(TIMES)]
    file, ours = ([min(figures) for figures in zip(*way)] for way in zip(*runs))
    return [Row(f"nbdcopy of 4 GB: our {what}, of its file plugin's", int(100 * mine / its), "%", NINE_TENTHS)
            for what, mine, its in zip(("time", "processor time"), ours, file)]


def big_disk(folder: Path) -> List[Row]:
    """2 TB, nearly all of it a hole of the image: that stays a hole for whoever copies it."""
    disks.mkldm(folder, BIG % (2 << 20, 2000))
    status, told = folder / "status", folder / "told"
    disks.run("nbdkit", "-U", "-", "-P", folder / "pid", PLUGIN, f"disk={folder / 'Disk2.img'}", "layout=volume", "--run",
              f'nbdcopy "nbd+unix:///Volume1?socket=$unixsocket" null: && '
              f"nbdinfo --map --json \"nbd+unix:///Volume1?socket=$unixsocket\" >'{told}' && "
              f"cat /proc/$(cat '{folder}/pid')/status >'{status}'")
    peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
    data = sum(piece["length"] for piece in json.loads(told.read_text()) if piece["type"] & 1 == 0)
    return [Row("nbdkit with our plugin, a disk of 2 TB: memory", int(peak[1]), "KB", 64 << 10),
            Row("  told to be no hole (block status)", data, "bytes", MIB)]


def served(folder: Path) -> List[Row]:
    if not PLUGIN.exists() or not shutil.which("nbdcopy"):
        return []
    return [*big_disk(folder), *rate_beside_file(folder)]


MEASUREMENTS = [real_reads, full_reads, uefi_reads, instructions, reads_from_memory, instructions_from_memory, costly_store, costly_groups, sizes]
TIMED = [served]      # not in the tests: a rate depends on what else the machine does


def measure(measurement) -> List[Row]:
    with tempfile.TemporaryDirectory(prefix="ldmboot-bench-") as folder:
        return measurement(Path(folder))


def main() -> int:
    print(f"{'':<58} {'measured':>12} {'':<6}{'limit':>12}")
    good = True
    for measurement in MEASUREMENTS + TIMED:
        rows = measure(measurement)
        if not rows:
            print(f"({measurement.__name__} left out: the real images, OVMF or nbdkit are not there)")
        for row in rows:
            print(row, flush=True)
            good = good and row.kept
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
