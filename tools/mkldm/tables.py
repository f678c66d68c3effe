# SPDX-License-Identifier: GPL-2.0-or-later
"""The entries of a partition table, MBR or GPT, as a description asks for them."""


class Entry:
    """An entry of a partition table, MBR or GPT; lengths in sectors."""

    def __init__(self, kind, start, size, active=False, slot=None, unique=None, name=None):
        self.kind, self.start, self.size, self.active = kind, start, size, active
        self.slot, self.unique, self.name = slot, unique, name


def volume_extent(section, geometry, name, line):
    """(first sector, sectors) of a volume's first extent on this disk."""
    for part in section.objects['partition']:
        if part.disk is geometry.disk and part.parent.parent.name == name:
            return geometry.public + part['start'], part['size']
    raise line.error('volume %s has nothing on %s' % (name, geometry.disk.name))


def asked_entries(section, geometry, image):
    """The entries that `entry` lines ask for on this disk."""
    entries = []
    for line in section.others['entry']:
        if line.name not in (image, geometry.disk.name):
            continue
        start, size = line['start'], line['size']
        if line['volume']:
            start, size = volume_extent(section, geometry, line['volume'], line)
        if start is None or size is None:
            raise line.error('needs start= and size=, or volume=')
        kind = line.get('type', 'ldm-data' if geometry.gpt else '0x42')
        entries.append(Entry(kind, start, size, line['active'], line['slot'], line['guid'], line['name']))
    return entries


def in_slots(entries, most, disk):
    """Slot (from 1) -> entry: those that ask for a slot get it, the others what is free, in their order."""
    slots = {entry.slot: entry for entry in entries if entry.slot}
    free = (slot for slot in range(1, most + 1) if slot not in slots)
    placed = {**slots, **dict(zip(free, (entry for entry in entries if not entry.slot)))}
    if len(placed) < len(entries) or max(placed, default=1) > most:
        raise disk.error('more than %d partition entries, or two in one slot' % most)
    return placed
