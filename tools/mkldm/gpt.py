# SPDX-License-Identifier: GPL-2.0-or-later
"""The GPT: protective sector 0, both headers, both arrays."""
import struct
import uuid
import zlib

from .geometry import GPT_ENTRIES, GPT_ENTRY_BYTES
from .mbr import sector_0
from .tables import asked_entries, Entry, in_slots
from .values import derived_guid, guid, SECTOR

GPT_TYPES = {
    'ldm-metadata': uuid.UUID('5808C8AA-7E8F-42E0-85D2-E1E90434CFB3'),
    'ldm-data': uuid.UUID('AF9B60A0-1431-4F62-BC68-3311714A69AD'),
    'msr': uuid.UUID('E3C9E316-0B5C-4DB8-817D-F92DF00215AE'),
    'esp': uuid.UUID('C12A7328-F81F-11D2-BA4B-00A0C93EC93B'),
    'basic': uuid.UUID('EBD0A0A2-B9E5-4433-87C0-68B6B72699C7'),
}
GPT_NAMES = {'ldm-metadata': 'LDM metadata partition', 'ldm-data': 'LDM data partition',
             'msr': 'Microsoft reserved partition', 'esp': 'EFI system partition', 'basic': 'Basic data partition'}


def gpt_entries(section, geometry, image):
    """As Windows orders them: metadata, reserved, data; then what was asked for."""
    entries = []
    if geometry.dynamic:
        entries.append(Entry('ldm-metadata', geometry.private, geometry.private_size))
        if geometry.msr:
            entries.append(Entry('msr', geometry.private + geometry.private_size, geometry.msr))
        if geometry.disk.get('cover', True):
            entries.append(Entry('ldm-data', geometry.public, geometry.public_size))
    return entries + asked_entries(section, geometry, image)


def gpt_array(section, geometry, image):
    slots = {}
    for slot, entry in in_slots(gpt_entries(section, geometry, image), GPT_ENTRIES, geometry.disk).items():
        kind = GPT_TYPES.get(entry.kind) or guid(entry.kind)
        unique = entry.unique or derived_guid(section.group.name, geometry.disk.name, 'gpt entry', str(slot))
        name = GPT_NAMES.get(entry.kind, '') if entry.name is None else entry.name
        first = geometry.blocks(entry.start)
        last = first + geometry.blocks(entry.size) - 1
        slots[slot] = (kind.bytes_le + unique.bytes_le + struct.pack('<QQQ', first, last, 0)
                       + name.encode('utf-16-le')[:72].ljust(72, b'\0'))
    return b''.join(slots.get(slot, bytes(GPT_ENTRY_BYTES)) for slot in range(1, GPT_ENTRIES + 1))


def gpt_header(section, geometry, array, backup):
    last_block = geometry.size // geometry.unit - 1
    array_blocks = geometry.up(geometry.gpt_array) // geometry.unit
    mine, other, array_at = (last_block, 1, last_block - array_blocks) if backup else (1, last_block, 2)
    disk_guid = section.guid_of(geometry.disk, 'gpt-guid')
    fields = struct.pack('<QQQQ16sQIII', mine, other, geometry.first_usable // geometry.unit,
                         (geometry.last_usable + 1) // geometry.unit - 1, disk_guid.bytes_le, array_at, GPT_ENTRIES,
                         GPT_ENTRY_BYTES, zlib.crc32(array))
    start = b'EFI PART' + struct.pack('<II', 0x10000, 92)
    crc = zlib.crc32(start + bytes(8) + fields)
    return (start + struct.pack('<II', crc, 0) + fields).ljust(SECTOR, b'\0')


def gpt_table(section, geometry, image):
    """[(first sector, bytes)] of protective MBR, both headers and both arrays."""
    array = gpt_array(section, geometry, image)
    places = gpt_places(geometry)
    protective = sector_0(geometry, [Entry('0xee', geometry.unit, 0xFFFFFFFF * geometry.unit)])
    return [(0, protective), (places['gpt-array'][0], array), (places['gpt-backup-array'][0], array),
            (places['gpt-header'][0], gpt_header(section, geometry, array, backup=False)),
            (places['gpt-backup'][0], gpt_header(section, geometry, array, backup=True))]


def gpt_places(geometry):
    """Name -> (first sector, sectors)."""
    unit, array = geometry.unit, geometry.up(geometry.gpt_array)
    return {'gpt-header': (unit, unit), 'gpt-array': (2 * unit, array), 'gpt-backup': (geometry.size - unit, unit),
            'gpt-backup-array': (geometry.size - unit - array, array)}
