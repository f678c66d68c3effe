# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot starts from the network: ldmboot.pxe by a BIOS's PXE, BOOTX64.EFI by UEFI, both from QEMU's TFTP server,
which may have an ldmboot.cfg in the same folder."""
import pytest

from support import boots, disks, media, payloads, uefi
from support.harness import BUILD, Disk, Machine


E1000_RCTL, RECEIVER_ENABLED = 0x100, 2      # Intel's manual of the 8254x, "Receive Control Register"


def receives(machine: Machine) -> bool:
    """Is the network card's receiver on?"""
    devices = [device for bus in machine.qmp.call("query-pci") for device in bus["devices"]]
    (card,) = [device for device in devices if device["class_info"]["class"] == 0x200]
    register = card["regions"][0]["address"] + E1000_RCTL
    answer = machine.qmp.call("human-monitor-command", **{"command-line": f"xp /1wx {register:#x}"})
    return bool(int(answer.split(":")[1], 16) & RECEIVER_ENABLED)


# Not to wait, and a line that will be complained of.
SETTINGS = {"ldmboot.cfg": "timeout = 0\ncolour = blue\n"}


def check_settings(serial: str) -> None:
    assert 'ldmboot.cfg line 2, "colour"' in serial and "Starting in" not in serial, serial


def pxe_starts(image, folder, **server) -> Machine:
    return Machine([Disk(image, "ahci", boot=1)], extra=media.network(folder, BUILD / "ldmboot.pxe", **server))


def test_pxe(built, volume, tmp_path):
    """The server has no ldmboot.cfg, and nothing is said of that."""
    image = boots.degraded(tmp_path, volume(2003))
    with pxe_starts(image, tmp_path) as machine:
        boots.wait_for_boot(machine, [image], 0x80)
        assert "ldmboot.cfg" not in machine.serial
        assert not receives(machine), "the card still writes into memory that Windows takes for its own"
        boots.wait_for_pass(machine)


def test_damaged(built, volume, tmp_path):
    """TFTP has no sum of its own: the program's is checked before anything of it runs."""
    image = boots.degraded(tmp_path, volume(2003))
    damaged = bytearray((BUILD / "ldmboot.pxe").read_bytes())
    damaged[-3000] ^= 1
    program = tmp_path / "damaged.pxe"
    program.write_bytes(damaged)
    with Machine([Disk(image, "ahci", boot=1)], extra=media.network(tmp_path, program)) as machine:
        machine.wait_screen("ldmboot: stage 2 is damaged")


def test_pxe_with_settings(built, volume, tmp_path):
    """They are beside the boot file, in a folder; more than a packet, and longer than they may be."""
    image = boots.degraded(tmp_path, volume(2003))
    text = SETTINGS["ldmboot.cfg"] + "# filled up\n" * 400
    with pxe_starts(image, tmp_path, files={"ldmboot.cfg": text}, inside="images/") as machine:
        boots.wait_for_boot(machine, [image], 0x80)
        check_settings(machine.serial)
        assert uefi.codes(machine.serial).count("LDM-0704") == 1
        assert not receives(machine), "the card still writes into memory that Windows takes for its own"
        boots.wait_for_pass(machine)


# ---------------------------------------------------------------- PXE ROMs that QEMU does not have (pxerom.asm)

SERVER = bytes((10, 0, 2, 3))
OPTION_67 = b"\x35\x01\x05\x00\x43\x10ldm/i386/ldm.pxe"
ASKED = "ROM: 20 server 0A000203 file ldm/i386/ldmboot.cfg"
STOPPED = "ROM: 05\nROM: 70\nROM: 15\n"


def rom_starts(folder, volume, **rom) -> str:
    """The serial text of a start from this ROM."""
    image = boots.degraded(folder, volume(2003))
    floppy = payloads.pxerom_floppy(folder / "rom.img", **rom)
    with Machine([Disk(floppy, "floppy", boot=0), Disk(image, "ahci", boot=1)]) as machine:
        boots.wait_for_boot(machine, [image], 0x80)
        boots.wait_for_pass(machine)
        assert STOPPED in machine.serial
        return machine.serial


@pytest.mark.parametrize("old", [False, True], ids=["!PXE", "PXENV+"])
def test_boot_file_in_an_option(old, volume, tmp_path):
    """As dnsmasq sends it to a ROM that asks for option 67. The file ends with a full packet."""
    text = SETTINGS["ldmboot.cfg"].encode().ljust(1024, b"#")
    answer = payloads.dhcp_answer(SERVER, b"other/name", OPTION_67)
    serial = rom_starts(tmp_path, volume, answer=answer, text=text, old=old)
    assert ASKED in serial and serial.count("ROM: 22") == 3
    check_settings(serial)


@pytest.mark.parametrize("failure, said", [
    ({"bad_call": 0x71, "status": 0x01}, "01"), ({"bad_call": 0x20, "status": 0x32}, "32"),
    ({"bad_call": 0x22, "status": 0x35}, "35"), ({"packet": 1432}, "3f")],
    ids=["no-answer-cached", "open", "read", "packets-too-large"])
@pytest.mark.quick("no-answer-cached", "read")
def test_fetching_fails(failure, said, volume, tmp_path):
    """The number is said, the defaults count, and the file that was opened is closed."""
    answer = payloads.dhcp_answer(SERVER, b"ldm/i386/ldmboot.pxe")
    serial = rom_starts(tmp_path, volume, answer=answer, text=b"colour = blue\n", **failure)
    assert f"LDM-0751: ldmboot.cfg, PXE status {said}: " in serial and "colour" not in serial
    assert ("ROM: 21" in serial) == (ASKED in serial and said != "32")


def test_answer_without_a_server(volume, tmp_path):
    """Nobody to ask. The options have no end."""
    answer = payloads.dhcp_answer(bytes(4), b"ldmboot.pxe", b"\x01" * 1231)
    serial = rom_starts(tmp_path, volume, answer=answer)
    assert "ROM: 20" not in serial and "LDM-07" not in serial


# ---------------------------------------------------------------- UEFI

# EDK II of 2024 and later has no network before it has random numbers, and takes none from QEMU's processor.
RANDOM = ["-device", "virtio-rng-pci"]

# The two implementations of PXE that there are for UEFI.
IPXE, EDK2 = "e1000", "virtio-net-pci,romfile="


def uefi_starts(folder, windows, program=BUILD / "efi/BOOTX64.EFI", on_serial=None, **server) -> str:
    """The serial text of a start of BOOTX64.EFI."""
    disks.mkldm(folder, disks.DESCRIPTIONS / "degraded-uefi.ldm", volume=windows())
    image = folder / "Disk2.img"
    extra = media.network(folder, program, **server) + RANDOM
    with uefi.UefiMachine([Disk(image, "ahci")], extra=extra, on_serial=on_serial) as machine:
        uefi.check_boot(machine, [image], machine.wait_verdict())
        return machine.serial


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
@pytest.mark.parametrize("card", [IPXE, EDK2], ids=["iPXE", "EDK2"])
@pytest.mark.quick("EDK2")
def test_uefi_with_settings(card, windows, tmp_path):
    serial = uefi_starts(tmp_path, windows, files=SETTINGS, inside="images/", card=card)
    check_settings(serial)


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
@pytest.mark.parametrize("card", [IPXE, EDK2], ids=["iPXE", "EDK2"])
@pytest.mark.quick("iPXE")
def test_uefi_without_settings(card, windows, tmp_path):
    """There are none, which is not mentioned."""
    assert "ldmboot.cfg" not in uefi_starts(tmp_path, windows, card=card)


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
def test_uefi_cannot_fetch(windows, tmp_path):
    """A file that is too long by far; the reason is said, and the defaults count."""
    serial = uefi_starts(tmp_path, windows, files={"ldmboot.cfg": "colour = blue\n" * 10000}, card=EDK2)
    assert "LDM-0751: ldmboot.cfg, EFI_BUFFER_TOO_SMALL: " in serial and '"colour"' not in serial


CHAIN = "#!ipxe\ndhcp\nchain BOOTX64.EFI timeout=0 size=large\n"


def rom_runs_scripts(folder, script) -> bool:
    """Is iPXE in the card's ROM, or (Debian since 2025) only its driver, so that the firmware's own PXE fetches?"""
    with uefi.UefiMachine([], extra=media.network(folder, script) + RANDOM) as machine:
        return "iPXE" in machine.wait_serial(r"iPXE \d|>>Start PXE")[0]


@pytest.mark.skipif(not uefi.have("x64"), reason="no OVMF")
def test_uefi_chained_by_ipxe(windows, tmp_path):
    """What stands behind the program's name wins over the server's file."""
    script = tmp_path / "boot.ipxe"
    script.write_text(CHAIN)
    (tmp_path / "try").mkdir()
    program = script if rom_runs_scripts(tmp_path / "try", script) else media.ipxe_program()
    if not program:
        pytest.skip("no iPXE in the ROM, and the package ipxe cannot be had")
    said = []

    def ipxe_runs(text):
        """What it fetched is the script from now on: it asks again for what it was itself (2024's runs autoexec.ipxe of
        the server, too, but that of 2022 does not)."""
        said.append(text)
        if "iPXE" in "".join(said) and script.exists():
            script.replace(tmp_path / "tftp" / program.name)

    serial = uefi_starts(tmp_path, windows, program=program, on_serial=ipxe_runs, files={
        "ldmboot.cfg": "timeout = 60\ncolour = blue\n", "BOOTX64.EFI": BUILD / "efi/BOOTX64.EFI"})
    check_settings(serial)
    assert 'command line, "size"' in serial
