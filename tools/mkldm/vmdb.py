# SPDX-License-Identifier: GPL-2.0-or-later
"""The head of the database (VMDB)."""
import struct

from .codec import be, FILETIME_2012, fixed_text
from .description import COMING, LEAVING
from .values import SECTOR
from .vblk import database_records, slot_count, VBLK_BYTES


def record_counts(section, absent_status):
    """Volumes, components, partitions, disks, without the records that a state does not have."""
    counts = [0, 0, 0, 0]
    for record in database_records(section):
        kind = record.kind_revision & 0x0F
        if kind <= 4 and record.status != absent_status:
            counts[kind - 1] += 1
    return counts


def vmdb(section, geometry):
    group = section.group
    usual_state = 1 if section.following == section.committed else 2  # clean; change phase
    out = (b'VMDB' + be(4, slot_count(section, geometry.config_size)) + be(4, VBLK_BYTES) + be(4, SECTOR)
           + be(2, group.get('state', usual_state)) + struct.pack('>HH', *group.get('vmdb-version', (4, 10)))
           + fixed_text(group.name, 31) + fixed_text(str(section.guid_of(group)), 64)
           + be(8, section.committed) + be(8, section.following)
           + struct.pack('>4I', *group.get('counts', record_counts(section, absent_status=COMING))) + bytes(12)
           + struct.pack('>4I', *group.get('pending-counts', record_counts(section, absent_status=LEAVING))) + bytes(12)
           + be(8, group.get('vmdb-time', group.get('time', FILETIME_2012))))
    return out.ljust(SECTOR, b'\0')
