# SPDX-License-Identifier: GPL-2.0-or-later
"""Sector 0: boot code, disk signature, four entries."""
import struct
import zlib

from .tables import asked_entries, Entry, in_slots
from .values import number, SECTOR

# Boot code of our own: where Windows's finds no active entry, it too ends in INT 18h.
# cli; xor ax,ax; mov ss,ax; mov sp,7C00h; sti; int 18h; hlt; jmp to the hlt
MBR_CODE = bytes.fromhex('fa 31c0 8ed0 bc007c fb cd18 f4 ebfd')
MBR_CODE_FILL = 0x17C           # XP's code leaves zeros from here to 1B0h, which the loader's overlay can use


def chs(lba):
    """Cylinder, head, sector as in an MBR entry, for 255 heads of 63 sectors; beyond them the greatest."""
    cylinder, rest = divmod(lba, 255 * 63)
    if cylinder > 1023:
        return bytes.fromhex('feffff')
    return bytes([rest // 63, rest % 63 + 1 | cylinder >> 2 & 0xC0, cylinder & 0xFF])


def mbr_entry(entry, geometry):
    start, size = geometry.blocks(entry.start), entry.size // geometry.unit
    size = min(size, 0xFFFFFFFF)                            # 32 bits hold no more; PRIVHEAD has the true size
    kind = number(entry.kind)
    end = b'\xff\xff\xff' if kind == 0xEE else chs(start + size - 1)     # seen in protective MBRs
    if start > 0xFFFFFFFF:
        raise geometry.disk.error('an MBR entry cannot start at sector %d' % entry.start)
    return bytes([0x80 if entry.active else 0]) + chs(start) + bytes([kind]) + end + struct.pack('<II', start, size)


def sector_0(geometry, entries):
    """Boot code, signature and four entries; sector0=blank|dense|FILE changes the code."""
    disk = geometry.disk
    how = disk.get('sector0', 'code')
    if how == 'blank':
        return bytes(SECTOR)
    if how in ('code', 'dense'):
        code = MBR_CODE.ljust(MBR_CODE_FILL if how == 'code' else 0x1B0, b'\xf4')
    else:
        with open(how, 'rb') as given:
            code = given.read(440)
    slots = {slot: mbr_entry(entry, geometry) for slot, entry in in_slots(entries, 4, disk).items()}
    signature = disk.get('signature', 0 if geometry.gpt else zlib.crc32(disk.name.encode()))
    table = b''.join(slots.get(slot, bytes(16)) for slot in range(1, 5))
    return code.ljust(440, b'\0') + struct.pack('<IH', signature, 0) + table + b'\x55\xaa'


def mbr_table(section, geometry, image):
    entries = asked_entries(section, geometry, image)
    if geometry.dynamic and geometry.disk.get('cover', True):
        entries.insert(0, Entry('0x42', geometry.public, geometry.public_size))
    return [(0, sector_0(geometry, entries))]
