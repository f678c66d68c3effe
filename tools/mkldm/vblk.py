# SPDX-License-Identifier: GPL-2.0-or-later
"""The records of the database (VBLK): their bytes, cut into slots."""
import random
import struct

from .codec import be, fixed_text, optional, p_int, p_int_or_none, p_text
from .description import COMING, CONCAT, LEAVING, RAID5
from .geometry import is_dynamic, volume_size
from .values import flag_value, SECTOR

VBLK_BYTES = 128
VBLK_BODY_BYTES = 112           # what a slot holds after its 16-byte head
FIRST_SLOT = 4                  # the VMDB head takes the place of slots 0..3


class Record:
    """A record of the database: its four-byte head and its data, not yet cut into slots."""

    def __init__(self, kind_revision, status, record_flags, data):
        self.kind_revision = kind_revision
        self.status = status
        self.bytes = be(2, status) + bytes([record_flags, kind_revision]) + be(4, len(data)) + data


def count_children(item):
    """Children that the record counts: those of the committed state, or of the pending one."""
    foreign = LEAVING if item.status == COMING else COMING
    return sum(1 for child in item.children if child.status != foreign)


def head(item):
    return p_int(item['id']) + p_text(item.name)


def commit_of(item, section):
    """The transaction that wrote the record."""
    usual = section.committed if item.status != COMING else section.following
    return be(8, item.get('commit', usual))


def group_record(section):
    group = section.group
    revision = group.get('record', 0x35)
    record_flags, tail = optional((0x08, group['ids']))
    if revision == 0x45:
        identity = section.guid_of(group).bytes + bytes(16)
    else:
        identity = p_text(str(section.guid_of(group)))
    data = head(group) + identity + bytes(4) + be(8, group.get('commit', 0)) + tail
    return Record(revision, 0, record_flags, data)


def disk_record(disk, section):
    revision = disk.get('record', section.group.get('disk-record', 0x34))
    identity = section.guid_of(disk).bytes + bytes(16) if revision == 0x44 else p_text(str(section.guid_of(disk)))
    data = (head(disk) + identity + p_text(disk.get('device', '')) + be(4, flag_value(disk['flags'], 0))
            + commit_of(disk, section))
    return Record(revision, disk.status, 0, data)


def volume_record(volume, section):
    raid5 = any(part['layout'] == RAID5 for part in volume.children)
    usual_number = (volume.number - 1) % 255 + 1        # one byte: ldmtool and Linux count on that
    kind = volume.get('type', 'raid5' if raid5 else 'gen')
    record_flags, tail = optional(
        (0x08, p_int_or_none(volume['id1'])), (0x20, p_int_or_none(volume['id2'])),
        (0x80, p_int_or_none(volume['column-size'])), (0x02, p_text(volume['hint']) if volume['hint'] else None))
    data = (head(volume) + p_text(kind) + p_text(volume.get('policy', ''))
            + fixed_text(volume.get('state', 'ACTIVE'), 14)
            + bytes([volume.get('read-policy', 4 if raid5 else 3)]) + p_int(volume.get('number', usual_number))
            + be(4, flag_value(volume['flags'], 0x13 if raid5 and section.version == (2, 11) else 0x11))
            + p_int(volume.get('components', count_children(volume)))
            + commit_of(volume, section) + be(8, volume.get('extra-id', 0)) + p_int(volume_size(volume))
            + bytes(4) + bytes([volume.get('parttype', 7)]) + section.guid_of(volume).bytes)
    return Record(0x51, volume.status, record_flags, data + tail)


def component_record(component, section):
    layout = component.get('layout', CONCAT)
    columns = len({part['column'] for part in component.children})
    stripe = p_int(component.get('stripe', 128)) + p_int(component.get('columns', columns))
    record_flags, tail = optional((0x10, None if layout == CONCAT else stripe))
    data = (head(component) + p_text(component.get('state', 'ACTIVE')) + bytes([layout])
            + be(4, flag_value(component['flags'], 0))
            + p_int(component.get('partitions', count_children(component)))
            + commit_of(component, section) + bytes(8) + p_int(component.parent['id']) + p_text(''))
    return Record(0x32, component.status, record_flags, data + tail)


def partition_record(part, section):
    # 2008 R2 sets flag 0x40 and ends its partition records with one empty field.
    record_flags, tail = optional((0x08, p_int(part['column']) if part['column'] else None),
                                  (0x40, p_text('') if section.version >= (2, 12) else None))
    data = (head(part) + be(4, flag_value(part['flags'], 0)) + commit_of(part, section)
            + be(8, part['start']) + be(8, part['offset']) + p_int(part['size'])
            + p_int(part.parent['id']) + p_int(part.disk['id']))
    return Record(0x33, part.status, record_flags, data + tail)


def database_records(section):
    """All records of the database, in the order in which they are numbered."""
    makers = {'disk': disk_record, 'volume': volume_record, 'component': component_record,
              'partition': partition_record}
    records = [] if section.group['record'] == 0 else [group_record(section)]
    for kind, make in makers.items():
        records += [make(item, section) for item in section.objects[kind] if kind != 'disk' or is_dynamic(item)]
    return records


def slot_count(section, config_sectors=1481):
    """Slots of the VMDB, the four of its head counted."""
    return section.database.get('slots', config_sectors * SECTOR // VBLK_BYTES)


def fragments(record, least=1):
    """The bodies of the slots that a record takes; `least` asks for more of them, which stay empty."""
    count = max(least, -(-len(record.bytes) // VBLK_BODY_BYTES))
    data = record.bytes.ljust(count * VBLK_BODY_BYTES, b'\0')
    return [data[i * VBLK_BODY_BYTES:(i + 1) * VBLK_BODY_BYTES] for i in range(count)]


def ordered_fragments(section):
    """(record number, index, count, body) of every used slot, in the order on disk."""
    database = section.database
    result = []
    for record_number, record in enumerate(database_records(section), 1):
        bodies = fragments(record, database.get('fragments', 1))
        result += [(record_number, index, len(bodies), body) for index, body in enumerate(bodies)]
    order = database.get('order', 'normal')
    if order == 'reversed':
        result.reverse()
    elif order == 'interleaved':
        result.sort(key=lambda fragment: fragment[1])       # stable: all first fragments, then all second ones
    elif order == 'shuffled':
        random.Random(database.get('seed', 0)).shuffle(result)
    return result


def slot_places(section, used, available):
    """Which slots (counted from the first VBLK) the fragments take: densely, with gaps, or anywhere."""
    database = section.database
    if used > available:
        raise section.group.error('%d slots are needed, the database has %d' % (used, available))
    if database['spread']:
        return sorted(random.Random(database.get('seed', 0)).sample(range(available), used))
    every = database.get('free', 0)                         # one free slot after every so many used ones
    places = [i + i // every for i in range(used)] if every else list(range(used))
    if places and places[-1] >= available:
        raise section.database.error('no room for so many free slots')
    return places


def vblks(section, geometry):
    """The slots after the VMDB head; each carries its magic and number, used or free."""
    available = slot_count(section, geometry.config_size) - FIRST_SLOT
    used = ordered_fragments(section)
    places = dict(zip(slot_places(section, len(used), available), used))
    out = bytearray()
    for slot in range(available):
        record_number, index, count, body = places.get(slot, (0, 0, 0, bytes(VBLK_BODY_BYTES)))
        out += b'VBLK' + struct.pack('>IIHH', slot + FIRST_SLOT, record_number, index, count) + body
    return bytes(out)
