# SPDX-License-Identifier: GPL-2.0-or-later
"""The log of the database (KLOG)."""
import struct

from .codec import be
from .description import KLOG_KINDS, OBJECTS
from .values import number, SECTOR


def klog_entries(section):
    """24-byte entries; without klog lines what the real disks carry: 2.11 a finished commit, 2.12 nothing."""
    lines = section.others['klog']
    if not lines and section.version == (2, 11):
        return [struct.pack('>BQQIxxx', KLOG_KINDS['commit'], section.committed - 1, section.committed, 0)]
    entries = []
    for line in lines:
        if line.name not in KLOG_KINDS and line.name != 'none':
            raise line.error('is not one of none, ' + ', '.join(KLOG_KINDS))
        if line.name != 'none':
            entries.append(struct.pack('>BQQIxxx', KLOG_KINDS[line.name], klog_value(section, line, 'a'),
                                       klog_value(section, line, 'b'), line.get('recovery', 0)))
    return entries


def klog_value(section, line, key):
    """A number, or the object id of what is named."""
    given = line.get(key, '0')
    for kind in OBJECTS:
        item = section.find(kind, given)
        if item:
            return item['id']
    try:
        return number(given)
    except ValueError as reason:
        raise line.error('%s=%s is neither a number nor an object' % (key, given)) from reason


def klog(section):
    """The pages of the log, two at least; 20 entries fit into one."""
    per_page = (SECTOR - 24) // 24
    head_line = section.last('klog-head')
    entries = klog_entries(section)
    pages = head_line.get('pages', max(2, -(-len(entries) // per_page)))
    identity = head_line.get('id', section.group.get('commit', 0))
    out = b''
    for page in range(pages):
        log_sequence = head_line.get('sequence', 3) if page == 0 else 0    # seen: the number is on the first page only
        out += (b'KLOG' + be(8, identity) + struct.pack('>III', log_sequence, pages, page)
                + b''.join(entries[page * per_page:(page + 1) * per_page])).ljust(SECTOR, b'\0')
    return out
