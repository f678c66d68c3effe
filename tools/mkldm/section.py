# SPDX-License-Identifier: GPL-2.0-or-later
"""One disk group as one disk knows it: what the lines say, and for what they leave out its usual value."""
import itertools

from .description import COMING, CONCAT, Item, LEAVING, OBJECTS, SCHEMA, Statement
from .geometry import Geometry
from .values import derived_guid, sectors
from .vblk import database_records, FIRST_SLOT, fragments, slot_count


class Section:
    """One disk group and everything that was said after it, as the disk `image` knows it."""

    def __init__(self, statements, image=None):
        self.objects = {kind: [] for kind in OBJECTS}
        self.others = {kind: [] for kind in SCHEMA if kind not in OBJECTS}
        self.made = dict.fromkeys(OBJECTS, 0)
        for statement in statements:
            if statement.image in (None, image):
                getattr(self, statement.verb)(statement)
        self.group = self.objects['group'][0]
        self.database = self.last('database')
        settle(self)
        if self.database['fill']:
            fill(self)
            settle(self)

    # -- the verbs of the language

    def add(self, statement):
        kind = statement.keyword
        if kind == 'spread':
            spread(self, statement)
        elif kind not in OBJECTS:
            self.others[kind].append(Item(statement))
        elif self.find(kind, statement.name):
            raise statement.error('%s %s is there already: use change' % (kind, statement.name))
        else:
            self.new(statement)

    def change(self, statement):
        self._known(statement).update(statement.keys)

    def delete(self, statement):
        item = self._known(statement)
        self.objects[item.kind].remove(item)
        if item.parent:
            item.parent.children.remove(item)

    def pending(self, statement):
        """The record as a pending transaction makes it: the old one is leaving, the new one coming."""
        old = self._known(statement)
        new = Item(statement, old.parent, old.number)
        new.name = old.name
        new.keys = dict(old.keys)
        new.update({**statement.keys, 'status': COMING})
        new.twin = old
        new.children = old.children
        old.keys['status'] = LEAVING
        self.objects[old.kind].append(new)

    def new(self, statement):
        kind = statement.keyword
        self.made[kind] += 1
        item = Item(statement, self._parent(statement), self.made[kind])
        if item.parent:
            item.parent.children.append(item)
        self.objects[kind].append(item)
        return item

    def _parent(self, statement):
        """A component belongs to the volume before it, a partition to the component before it, or as said."""
        above = {'component': 'volume', 'partition': 'component'}.get(statement.keyword)
        if above is None:
            return None
        name = statement.keys.get(above)
        found = self.find(above, name)
        if not found:
            raise statement.error('no such %s: %s' % (above, name or 'none before this line'))
        return found

    def _known(self, statement):
        found = self.find(statement.keyword, statement.name or None)
        if not found:
            raise statement.error('no such %s: %s' % (statement.keyword, statement.name))
        return found

    # -- questions

    def find(self, kind, name):
        """The object of that name; without a name the last one."""
        for item in reversed(self.objects[kind]):
            if name in (item.name, None):
                return item
        return None

    def last(self, keyword):
        """The line of that keyword that counts; without one, a line without keys."""
        lines = self.others[keyword]
        return lines[-1] if lines else Item(Statement(self.group.where, [keyword]))

    def is_clone(self, name):
        return any(clone.name == name for clone in self.others['clone'])

    def guid_of(self, item, key='guid'):
        return item.get(key, derived_guid(self.group.name, item.kind, item.name, key))

    @property
    def version(self):
        """Of PRIVHEAD; Windows 2000 to 2003 are 2.11, Vista and later 2.12."""
        return self.group.get('version', (2, 11))

    @property
    def committed(self):
        """The committed transaction."""
        return self.group.get('transaction', 40)

    @property
    def following(self):
        """The pending transaction: the committed one when nothing is pending."""
        return self.group.get('pending', self.committed)

    @property
    def sequence(self):
        """Update sequence number of PRIVHEAD and TOCBLOCK."""
        return self.group.get('sequence', 5 if self.version == (2, 11) else 1)


def new_object(section, line, keyword, name, **keys):
    statement = Statement(line.where, ['change', keyword, name])        # `change` asks for no key
    statement.keys = {key: value for key, value in keys.items() if value is not None}
    return section.new(statement)


def spread(section, line):
    """NAME volumes=V partitions=P disks=D,E size=S: V volumes of P partitions each, dealt out to the disks."""
    disks = line.keys['disks']
    start = {disk: line.keys.get('start') for disk in disks}
    dealt = 0
    for index in range(1, line.keys['volumes'] + 1):
        name = '%s%d' % (line.name, index)
        new_object(section, line, 'volume', name)
        new_object(section, line, 'component', name + '-01')
        for part in range(1, line.keys.get('partitions', 1) + 1):
            disk = disks[dealt % len(disks)]
            new_object(section, line, 'partition', '%s-01-%02d' % (name, part), disk=disk, start=start[disk],
                       size=line.keys['size'])
            start[disk] = None              # the next one follows this one
            dealt += 1


def fill(section):
    """Simple volumes of three slots each on a missing disk, then disks of one slot, until no slot is free."""
    line = section.database
    disk = new_object(section, line, 'disk', 'FillDisk', missing=True, size=sectors('1T'))
    settle(section)
    used = sum(len(fragments(record, line.get('fragments', 1))) for record in database_records(section))
    room = slot_count(section) - FIRST_SLOT - used
    for index in range(1, room // 3 + 1):
        new_object(section, line, 'volume', 'Fill%d' % index)
        new_object(section, line, 'component', 'Fill%d-01' % index)
        new_object(section, line, 'partition', 'FillDisk-%d' % index, disk=disk.name, size=2048)
    for index in range(room % 3):
        new_object(section, line, 'disk', 'FillDisk%d' % (index + 2), missing=True)


def settle(section):
    settle_ids(section)
    following = {}                          # disk -> where a partition without a start begins
    for part in section.objects['partition']:
        settle_disk(part, section)
        if not part.twin:
            settle_place(part, section, following)
    for component in section.objects['component']:
        settle_offsets(component)
    for part in section.objects['partition']:
        if part.twin:
            part.keys = {**part.twin.keys, **part.keys}


def settle_ids(section):
    """Object ids: as given, else counted up from where Windows begins (1025 in 2003, 1 in 2008)."""
    following = 1025 if section.version == (2, 11) else 1
    items = [item for kind in OBJECTS for item in section.objects[kind]]
    taken = {item['id'] for item in items}
    for item in items:
        if item['id'] is None and item.twin:
            item.keys['id'] = item.twin['id']
        elif item['id'] is None:
            following = next(number_ for number_ in itertools.count(following) if number_ not in taken)
            item.keys['id'] = following
            following += 1


def settle_disk(part, section):
    part.disk = section.find('disk', part['disk'])
    if not part.disk:
        raise part.error('no such disk: %s' % part['disk'])


def settle_place(part, section, following):
    """Without a start a partition follows the one before it on the disk, in the order of the description."""
    if part['size'] is None:
        part.keys['size'] = part.parent.parent['size']
    if part['size'] is None:
        raise part.error('no size, neither here nor at the volume')
    if part['lba'] is not None:
        part.keys['start'] = part['lba'] - Geometry(part.disk, section).public
    elif part['start'] is None:
        part.keys['start'] = following.get(part.disk.name, 0)
    following[part.disk.name] = part['start'] + part['size']


def settle_offsets(component):
    """Partitions follow each other in the volume; those of a striped one are a column each."""
    striped = component.get('layout', CONCAT) != CONCAT
    filled = {}
    for index, part in enumerate(component.children):
        if part['column'] is None:
            part.keys['column'] = index if striped else 0
        if part['offset'] is None:
            part.keys['offset'] = filled.get(part['column'], 0)
        filled[part['column']] = part['offset'] + part['size']


def check_places(section):
    """Partitions must lie in the public region and not overlap, unless loose=yes."""
    for disk in section.objects['disk']:
        room = Geometry(disk, section).public_size if disk['size'] else None
        parts = [part for part in section.objects['partition']
                 if part.disk is disk and part.status != COMING and not part['loose']]
        end = 0
        for part in sorted(parts, key=lambda part: part['start']):
            if part['start'] < end:
                raise part.error('overlaps the partition before it on %s' % disk.name)
            end = part['start'] + part['size']
            if room is not None and end > room:
                raise part.error('ends at %d, behind the public region of %s (%d sectors)' % (end, disk.name, room))
