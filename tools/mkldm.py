#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mkldm - write test disks with Windows dynamic volumes (LDM) from a text description.

Used by the tests and by make demo. It shares no code with the reader in common/: both
were written from docs/ldm-format.md, so that an error in one shows against the other.
The manual page, docs/man/mkldm.1, describes the language.

The file reads from top to bottom as the data flows:

    values        texts of a description -> numbers, GUIDs, flags
    description   lines -> Statements -> Items (the objects of one group as one disk knows them)
    geometry      where on a disk each structure lies
    records       Items -> the bytes of PRIVHEAD, TOCBLOCK, VMDB, VBLK, KLOG
    tables        sector 0 and the GPT
    content       what is in the volumes
    images        all of it into sparse files, then the chosen damage

Positions and lengths are 512-byte sectors, except where a name says _blocks (blocks of the disk,
512 or 4096 bytes) or _bytes. Nothing depends on the clock or on chance: equal input, equal output.
"""

import argparse
import itertools
import os
import random
import shlex
import string
import struct
import sys
import uuid
import zlib

SECTOR = 512
VBLK_BYTES = 128
VBLK_BODY_BYTES = 112           # what a slot holds after its 16-byte head
FIRST_SLOT = 4                  # the VMDB head takes the place of slots 0..3
GPT_ENTRIES, GPT_ENTRY_BYTES = 128, 128     # what Windows makes
FILETIME_2012 = 0x01CD901CF2FAA120
ACTIVE, LEAVING, COMING = 0, 1, 2       # status of a record against the pending transaction
STRIPE, CONCAT, RAID5 = 1, 2, 3         # layout of a component


class DescriptionError(Exception):
    """Something is wrong with the description; the text says what and where."""


# ---------------------------------------------------------------- values

def number(text):
    return int(text, 0)


def sectors(text):
    """'96256' counts sectors; '47M' counts bytes, which must be whole sectors."""
    units = {'k': 1 << 10, 'M': 1 << 20, 'G': 1 << 30, 'T': 1 << 40}
    if text[-1:] not in units:
        return number(text)
    length = number(text[:-1]) * units[text[-1]]
    if length % SECTOR:
        raise ValueError('not a whole number of sectors')
    return length // SECTOR


def guid(text):
    return uuid.UUID(text)


def text_value(text):
    return text


def names(text):
    return text.split(',')


def numbers(text):
    return [number(part) for part in text.split(',')]


def hex_bytes(text):
    return bytes.fromhex(text)


def version(text):
    major, minor = text.split('.')
    return int(major), int(minor)


def truth(text):
    return {'yes': True, 'no': False}[text]


def choice(**words):
    """A converter: one of the words (dashes for underscores), or the number itself."""
    table = {word.replace('_', '-'): value for word, value in words.items()}

    def convert(text):
        return table[text] if text in table else number(text)
    return convert


def one_of(*words):
    def convert(text):
        if text not in words:
            raise ValueError('not one of ' + ', '.join(words))
        return text
    return convert


def flags(**bits):
    """A converter: 'boot,system' or '0x600000'. Names add to the usual value, a number replaces it."""
    table = {word.replace('_', '-'): value for word, value in bits.items()}

    def convert(text):
        parts = text.split(',')
        if all(part in table for part in parts):
            return 'add', sum(table[part] for part in parts)
        return 'set', sum(table[part] if part in table else number(part) for part in parts)
    return convert


def flag_value(given, usual):
    if given is None:
        return usual
    how, bits = given
    return usual | bits if how == 'add' else bits


def derived_guid(*what):
    """A GUID that depends on the names alone."""
    return uuid.uuid5(uuid.NAMESPACE_OID, '/'.join(what))


# ---------------------------------------------------------------- description

STATUS = choice(active=ACTIVE, leaving=LEAVING, coming=COMING)
RECORD_KEYS = {'id': number, 'commit': number, 'status': STATUS}

# keyword -> the keys that it takes, each with its converter
SCHEMA = {
    'group': {
        'guid': guid, 'host': guid, 'version': version, 'vmdb-version': version,
        'transaction': number, 'pending': number,
        'state': choice(clean=1, change=2, commit=3, abort=4, new=5, stale=6, offline=8),
        'sequence': number, 'toc': number, 'time': number, 'vmdb-time': number, 'identity': number,
        'privhead-flags': number,
        'counts': numbers, 'pending-counts': numbers,
        'record': choice(none=0), 'disk-record': number, 'id': number, 'commit': number, 'ids': hex_bytes,
        'number': number,
    },
    'database': {
        'order': one_of('normal', 'reversed', 'interleaved', 'shuffled'), 'seed': number,
        'spread': truth, 'free': number, 'fragments': number, 'fill': truth, 'slots': number,
    },
    'disk': {
        **RECORD_KEYS, 'table': one_of('mbr', 'gpt', 'none'), 'size': sectors, 'block': number, 'file': text_value,
        'guid': guid, 'gpt-guid': guid, 'signature': number, 'record': number, 'device': text_value,
        'flags': flags(reserved=1, spare=2, failing=4, removed=0x100, detached=0x200),
        'missing': truth, 'dynamic': truth, 'public': sectors, 'public-size': sectors, 'private': sectors,
        'cover': truth, 'msr': sectors, 'sector0': text_value,
    },
    'volume': {
        **RECORD_KEYS, 'guid': guid, 'type': one_of('gen', 'raid5'), 'state': text_value,
        'flags': flags(boot=0x200000, system=0x400000, retained=0x800000, crashed=4, kdetach=0x400),
        'hint': text_value, 'policy': text_value, 'parttype': number, 'size': sectors, 'number': number,
        'extra-id': number, 'id1': number, 'id2': number, 'column-size': sectors, 'components': number,
        'read-policy': number,
    },
    'component': {
        **RECORD_KEYS, 'volume': text_value, 'state': text_value,
        'layout': choice(stripe=STRIPE, concat=CONCAT, raid5=RAID5), 'stripe': sectors, 'columns': number,
        'flags': flags(recover=2, iofail=4, pending=8), 'partitions': number,
    },
    'partition': {
        **RECORD_KEYS, 'component': text_value, 'disk': text_value, 'start': sectors, 'lba': sectors,
        'offset': sectors, 'size': sectors, 'column': number, 'loose': truth,
        'flags': flags(recover=8, kdetach=0x10, relocate=0x20, boot_extended=0x40, origboot=0x100),
    },
    'spread': {
        'volumes': number, 'partitions': number, 'disks': names, 'size': sectors, 'start': sectors,
    },
    'entry': {
        'type': text_value, 'start': sectors, 'size': sectors, 'volume': text_value, 'active': truth,
        'slot': number, 'guid': guid, 'name': text_value,
    },
    'privhead': {
        'copy': numbers, 'version': version, 'time': number, 'sequence': number, 'disk-guid': guid,
        'host-guid': guid, 'group-guid': guid, 'group-name': text_value, 'block': number, 'flags': number,
        'public': sectors, 'public-size': sectors, 'private': sectors, 'private-size': sectors,
        'toc': numbers, 'identity': number,
    },
    'toc': {
        'slot': numbers, 'sequence': number, 'blank': truth, 'order': names,
        'config-flags': number, 'log-flags': number, 'config-start': sectors, 'config-size': sectors,
        'log-start': sectors, 'log-size': sectors,
    },
    'klog': {'a': text_value, 'b': text_value, 'recovery': number},
    'klog-head': {'id': number, 'sequence': number, 'pages': number},
    'content': {
        'file': text_value, 'hidden': text_value, 'boot': one_of('ntfs', 'none'), 'lba': sectors,
    },
    'clone': {'of': text_value, 'file': text_value},
    'damage': {'at': text_value, 'how': one_of('zero', 'random', 'flip'), 'seed': number},
    'patch': {'at': text_value, 'offset': number, 'hex': hex_bytes, 'checksum': truth},
    'clip': {'size': sectors},
    'grow': {'size': sectors},
}
REQUIRED = {'partition': ('disk',), 'spread': ('volumes', 'disks', 'size'), 'clone': ('of',), 'damage': ('at',),
            'patch': ('at', 'hex'), 'clip': ('size',), 'grow': ('size',)}
OBJECTS = ('group', 'disk', 'volume', 'component', 'partition')  # what change, delete and pending can name
KLOG_KINDS = {'end': 0, 'detach': 1, 'dirty': 2, 'commit': 3, 'logdetach': 4, 'app-dirty': 5}


class Statement:
    """One line: [on IMAGE:] [change|delete|pending] KEYWORD NAME KEY=VALUE..."""

    def __init__(self, where, words):
        self.where = where
        self.image = None
        self.verb = 'add'
        if words[0] == 'on' and len(words) > 2 and words[1].endswith(':'):
            self.image = words[1][:-1]
            words = words[2:]
        if words[0] in ('change', 'delete', 'pending') and len(words) > 1:
            self.verb = words[0]
            words = words[1:]
        self.keyword = words[0]
        if self.keyword not in SCHEMA or (self.verb != 'add' and self.keyword not in OBJECTS):
            raise self.error('unknown keyword "%s"' % self.keyword)
        self.name = words[1] if len(words) > 1 and '=' not in words[1] else ''
        self.keys = dict(self._key(word) for word in words[2 if self.name else 1:])
        missing = [key for key in REQUIRED.get(self.keyword, ()) if key not in self.keys]
        if missing and self.verb == 'add':
            raise self.error('"%s" needs %s=' % (self.keyword, missing[0]))

    def _key(self, word):
        key, equals, value = word.partition('=')
        if not equals or key not in SCHEMA[self.keyword]:
            raise self.error('"%s" has no key "%s"' % (self.keyword, key))
        try:
            return key, SCHEMA[self.keyword][key](value)
        except (ValueError, KeyError) as reason:
            raise self.error('%s=%s: bad value (%s)' % (key, value, reason)) from reason

    def error(self, text):
        return DescriptionError('%s: %s' % (self.where, text))


def read_statements(path, values):
    """The statements of a description; `values` are those of -D, `define` lines give defaults."""
    statements = []
    values = dict(values)
    with open(path, encoding='utf-8') as lines:
        for line_number, line in enumerate(lines, 1):
            where = '%s:%d' % (path, line_number)
            try:
                words = shlex.split(string.Template(line).substitute(values), comments=True)
            except KeyError as name:
                raise DescriptionError('%s: no value for $%s: give one with -D' % (where, name.args[0])) from None
            except ValueError as reason:
                raise DescriptionError('%s: %s' % (where, reason)) from reason
            if words and words[0] == 'define' and len(words) == 3:
                values.setdefault(words[1], words[2])
            elif words:
                statements.append(Statement(where, words))
    return statements


class Item:
    """An object of the description: item['size'] is what was given, or None."""

    def __init__(self, statement, parent=None, number_=0):
        self.kind = statement.keyword
        self.name = statement.name
        self.where = statement.where
        self.keys = dict(statement.keys)
        self.parent = parent
        self.children = []
        self.twin = None            # of a record that a pending transaction makes: the one that it replaces
        self.number = number_

    def __getitem__(self, key):
        return self.keys.get(key)

    def get(self, key, default):
        value = self.keys.get(key)
        return default if value is None else value

    def update(self, keys):
        """Other values; a position given one way takes the place of one given the other way."""
        for key, rival in (('start', 'lba'), ('lba', 'start')):
            if key in keys:
                self.keys.pop(rival, None)
        self.keys.update(keys)

    def error(self, text):
        return DescriptionError('%s: %s %s: %s' % (self.where, self.kind, self.name, text))

    @property
    def status(self):
        return self.get('status', ACTIVE)


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


# -- many objects from one line

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


# -- what was left out gets its usual value

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


def volume_size(volume):
    """As given, else what its first component holds."""
    if volume['size'] is not None:
        return volume['size']
    if not volume.children:
        return 0
    component = volume.children[0]
    columns = {}
    for part in component.children:
        columns[part['column']] = columns.get(part['column'], 0) + part['size']
    if component.get('layout', CONCAT) == CONCAT:
        return sum(columns.values())
    parity = 1 if component['layout'] == RAID5 else 0
    return min(columns.values()) * (len(columns) - parity)


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


def sections_of(statements):
    """The statements of each group; a group line begins the next section."""
    sections = []
    for statement in statements:
        if statement.keyword == 'group' and statement.verb == 'add' and not statement.image:
            sections.append([])
        if not sections:
            raise statement.error('the first line must be a group')
        sections[-1].append(statement)
    return sections


# ---------------------------------------------------------------- geometry

def is_dynamic(disk):
    return disk.get('dynamic', True) and disk['table'] != 'none'


class Geometry:
    """Where the structures of a disk lie (docs/ldm-format.md, "Where to look"); lengths in 512-byte sectors.

    On 4096-byte blocks everything keeps its place to within a block: the format describes none,
    Windows's positions (in sectors) are divided by 8 and rounded so that nothing overlaps.
    """

    def __init__(self, disk, section):
        self.disk = disk
        self.block_bytes = disk.get('block', SECTOR)
        self.unit = self.block_bytes // SECTOR
        self.gpt = disk['table'] == 'gpt'
        self.size = disk.get('size', 0)
        self.dynamic = is_dynamic(disk)
        self.gpt_array = GPT_ENTRIES * GPT_ENTRY_BYTES // SECTOR
        self.first_usable = 2 * self.unit + max(self.gpt_array, self.unit)
        self.last_usable = self.size - self.unit - self.gpt_array - 1
        self.private_size = 2048
        self.private = disk.get('private', self.first_usable if self.gpt else self.size - self.private_size)
        self._public(disk)
        self.config = self.up(17)
        self.config_size = self.down(1481)
        self.log = self.config + self.config_size
        self.log_size = self.down(224)
        self.version = section.version

    def up(self, count):
        return -(-count // self.unit) * self.unit

    def down(self, count):
        return count // self.unit * self.unit

    def blocks(self, count):
        if count % self.unit:
            raise self.disk.error('%d is not on a block boundary' % count)
        return count // self.unit

    def _public(self, disk):
        if self.gpt:
            usual_msr = self.up((32 << 11) - 2048 if self.size < (16 << 21) else (128 << 11) - 2048)
            self.msr = disk.get('msr', usual_msr)                  # Windows: 32 or 128 MB with the metadata
            start = self.private + self.private_size + self.msr
            end = self.last_usable + 1
        else:
            cylinder = 255 * 63
            start = 63 * self.unit
            whole = self.private // cylinder * cylinder         # Windows: whole cylinders
            end = whole if whole and self.unit == 1 else self.private
        self.public = disk.get('public', start)
        self.public_size = disk.get('public-size', max(end, start) - self.public)

    @property
    def privheads(self):
        """Copy number -> absolute sector. Copy 1 is LBA 6 of MBR disks; 3 is Windows's primary, 2 its secondary."""
        copies = {2: self.private + self.down(1856), 3: self.private + self.private_size - self.unit}
        return copies if self.gpt else {1: 6 * self.unit, **copies}

    @property
    def tocs(self):
        """Slot number -> sector in the private region: 1, 2 and 2045, 2046."""
        last = self.private_size
        return {1: self.unit, 2: 2 * self.unit, 3: last - 3 * self.unit, 4: last - 2 * self.unit}


def slot_count(section, config_sectors=1481):
    """Slots of the VMDB, the four of its head counted."""
    return section.database.get('slots', config_sectors * SECTOR // VBLK_BYTES)


# ---------------------------------------------------------------- records

def be(size, value):
    return value.to_bytes(size, 'big')


def with_checksum(block):
    """PRIVHEAD and TOCBLOCK: the sum of all bytes, the field itself (offset 8) taken as zero."""
    block = block[:8] + bytes(4) + block[12:]
    return block[:8] + be(4, sum(block)) + block[12:]


def fixed_text(text, size):
    return text.encode()[:size].ljust(size, b'\0')


def p_int(value):
    """A length byte, then the number in as few bytes as it needs."""
    length = max(1, (value.bit_length() + 7) // 8)
    return bytes([length]) + be(length, value)


def p_text(text):
    data = text.encode()
    return bytes([len(data)]) + data


class Record:
    """A record of the database: its four-byte head and its data, not yet cut into slots."""

    def __init__(self, kind_revision, status, record_flags, data):
        self.kind_revision = kind_revision
        self.status = status
        self.bytes = be(2, status) + bytes([record_flags, kind_revision]) + be(4, len(data)) + data


def optional(*fields):
    """Fields that are (record flag, bytes), or (flag, None) when not there -> the flags and the bytes together."""
    present = [(flag, data) for flag, data in fields if data is not None]
    return sum(flag for flag, _ in present), b''.join(data for _, data in present)


def count_children(item):
    """Children that the record counts: those of the committed state, or of the pending one."""
    foreign = LEAVING if item.status == COMING else COMING
    return sum(1 for child in item.children if child.status != foreign)


def p_int_or_none(value):
    return None if value is None else p_int(value)


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
    usual_state = 1 if section.following == section.committed else 3
    out = (b'VMDB' + be(4, slot_count(section, geometry.config_size)) + be(4, VBLK_BYTES) + be(4, SECTOR)
           + be(2, group.get('state', usual_state)) + struct.pack('>HH', *group.get('vmdb-version', (4, 10)))
           + fixed_text(group.name, 31) + fixed_text(str(section.guid_of(group)), 64)
           + be(8, section.committed) + be(8, section.following)
           + struct.pack('>4I', *group.get('counts', record_counts(section, absent_status=COMING))) + bytes(12)
           + struct.pack('>4I', *group.get('pending-counts', record_counts(section, absent_status=LEAVING))) + bytes(12)
           + be(8, group.get('vmdb-time', group.get('time', FILETIME_2012))))
    return out.ljust(SECTOR, b'\0')


def about_disk(section, kind, image, part_key, part):
    """What lines of `kind` (privhead, toc) say of one copy on one image; later lines win."""
    said = {}
    for item in section.others[kind]:
        if item.name == image and part in item.get(part_key, [part]):
            said.update(item.keys)
    return said


def toc_pair(section):
    """Windows writes a new TOCBLOCK into the other pair of slots: (1, 2046) or (2, 2045), seen both."""
    return section.group.get('toc', 2 if section.sequence == 1 else 1)


def privhead(section, geometry, image, copy):
    said = about_disk(section, 'privhead', image, 'copy', copy)
    group, blocks = section.group, geometry.blocks
    tocs = {1: (geometry.tocs[1], geometry.tocs[4]), 2: (geometry.tocs[2], geometry.tocs[3])}[toc_pair(section)]
    toc_blocks = said.get('toc', [blocks(place) for place in tocs])
    private_size = said.get('private-size', geometry.private_size)
    out = (b'PRIVHEAD' + bytes(4) + struct.pack('>HH', *said.get('version', geometry.version))
           + be(8, said.get('time', group.get('time', FILETIME_2012)))
           + be(8, said.get('sequence', section.sequence))
           + be(8, blocks(geometry.privheads[3] - geometry.private))
           + be(8, blocks(geometry.privheads[2] - geometry.private))
           + fixed_text(str(said.get('disk-guid', section.guid_of(geometry.disk))), 64)
           + fixed_text(str(said.get('host-guid', section.guid_of(group, 'host'))), 64)
           + fixed_text(str(said.get('group-guid', section.guid_of(group))), 64)
           + fixed_text(said.get('group-name', group.name), 31)
           + be(4, said.get('block', geometry.block_bytes))
           + be(4, said.get('flags', group.get('privhead-flags', 0))) + bytes(4)
           + be(8, blocks(said.get('public', geometry.public)))
           + be(8, said.get('public-size', geometry.public_size) // geometry.unit)
           + be(8, blocks(said.get('private', geometry.private))) + be(8, blocks(private_size))
           + be(8, toc_blocks[0]) + be(8, toc_blocks[1]) + struct.pack('>II', 1, 1)
           + be(8, blocks(geometry.config_size)) + be(8, blocks(geometry.log_size))
           + be(4, said.get('identity', group.get('identity', zlib.crc32(group.name.encode())))))
    return with_checksum(out.ljust(SECTOR, b'\0'))


TOC_REGION_TAIL = bytes.fromhex('0006000100000000')     # of each region, seen


def tocblock(section, geometry, image, slot):
    """One TOCBLOCK, or a blank sector. The older pair is one step behind and its log is marked disabled (seen)."""
    said = about_disk(section, 'toc', image, 'slot', slot)
    current = slot in {1: (1, 4), 2: (2, 3)}[toc_pair(section)]
    if said.get('blank', not current and section.sequence <= 1 and 'sequence' not in said):
        return bytes(SECTOR)
    usual = {'config': (0, geometry.config, geometry.config_size),
             'log': (0 if current else 8, geometry.log, geometry.log_size)}
    out = b'TOCBLOCK' + bytes(4) + be(8, said.get('sequence', section.sequence - (0 if current else 1))) + bytes(16)
    for name in said.get('order', ['config', 'log']):
        region_flags, start, size = usual[name]
        out += (fixed_text(name, 8) + be(2, said.get(name + '-flags', region_flags))
                + be(8, geometry.blocks(said.get(name + '-start', start)))
                + be(8, geometry.blocks(said.get(name + '-size', size))) + TOC_REGION_TAIL)
    return with_checksum(out.ljust(SECTOR, b'\0'))


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


# ---------------------------------------------------------------- tables

# Boot code of our own: where Windows's finds no active entry, it too ends in INT 18h.
# cli; xor ax,ax; mov ss,ax; mov sp,7C00h; sti; int 18h; hlt; jmp to the hlt
MBR_CODE = bytes.fromhex('fa 31c0 8ed0 bc007c fb cd18 f4 ebfd')
MBR_CODE_FILL = 0x17C           # XP's code leaves zeros from here to 1B0h, which the loader's overlay can use
GPT_TYPES = {
    'ldm-metadata': uuid.UUID('5808C8AA-7E8F-42E0-85D2-E1E90434CFB3'),
    'ldm-data': uuid.UUID('AF9B60A0-1431-4F62-BC68-3311714A69AD'),
    'msr': uuid.UUID('E3C9E316-0B5C-4DB8-817D-F92DF00215AE'),
    'esp': uuid.UUID('C12A7328-F81F-11D2-BA4B-00A0C93EC93B'),
    'basic': uuid.UUID('EBD0A0A2-B9E5-4433-87C0-68B6B72699C7'),
}
GPT_NAMES = {'ldm-metadata': 'LDM metadata partition', 'ldm-data': 'LDM data partition',
             'msr': 'Microsoft reserved partition', 'esp': 'EFI system partition', 'basic': 'Basic data partition'}


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


def chs(lba):
    """Cylinder, head, sector as in an MBR entry, for 255 heads of 63 sectors; beyond them the greatest."""
    cylinder, rest = divmod(lba, 255 * 63)
    if cylinder > 1023:
        return bytes.fromhex('feffff')
    return bytes([rest // 63, rest % 63 + 1 | cylinder >> 2 & 0xC0, cylinder & 0xFF])


def in_slots(entries, most, disk):
    """Slot (from 1) -> entry: those that ask for a slot get it, the others what is free, in their order."""
    slots = {entry.slot: entry for entry in entries if entry.slot}
    free = (slot for slot in range(1, most + 1) if slot not in slots)
    placed = {**slots, **dict(zip(free, (entry for entry in entries if not entry.slot)))}
    if len(placed) < len(entries) or max(placed, default=1) > most:
        raise disk.error('more than %d partition entries, or two in one slot' % most)
    return placed


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


def metadata(section, geometry, image):
    """[(first sector, bytes)] of everything in the private region, and of the PRIVHEAD at LBA 6."""
    private = geometry.private
    pieces = [(private + geometry.config, vmdb(section, geometry) + vblks(section, geometry)),
              (private + geometry.log, klog(section))]
    pieces += [(place, privhead(section, geometry, image, copy)) for copy, place in geometry.privheads.items()]
    pieces += [(private + place, tocblock(section, geometry, image, slot)) for slot, place in geometry.tocs.items()]
    return pieces


# ---------------------------------------------------------------- content

def ntfs_boot_sector(volume_sectors, block_bytes):
    """A boot sector with a sane NTFS BPB and no file system behind it; it halts when run."""
    per_cluster = 8 * SECTOR // block_bytes
    bpb = struct.pack('<HBHBHHBHHHII', block_bytes, per_cluster, 0, 0, 0, 0, 0xF8, 0, 63, 255, 63, 0)
    bpb += struct.pack('<IQQQbxxxbxxxQI', 0x00800080, volume_sectors * SECTOR // block_bytes - 1, 4, 8, -10, 1,
                       0x1122334455667788, 0)
    return (b'\xeb\x52\x90NTFS    ' + bpb + b'\xfa\xf4\xeb\xfd').ljust(510, b'\0') + b'\x55\xaa'


class Content:
    """What goes into a component or to a place of a disk: a file, and sectors laid over it."""

    def __init__(self, path, size):
        self.path = path
        self.size = size
        self.over = {}          # sector -> bytes that replace those of the file

    def runs(self):
        """(first sector, bytes) of the file's data, holes left out, at most 1 MiB each."""
        if self.path:
            with open(self.path, 'rb') as source:
                for start, end in data_ranges(source):
                    for offset in range(start, end, 1 << 20):
                        yield offset // SECTOR, pread(source, offset, min(end - offset, 1 << 20))
        yield from sorted(self.over.items())

    def sector(self, index):
        if index in self.over:
            return self.over[index]
        if not self.path:
            return bytes(SECTOR)
        with open(self.path, 'rb') as source:
            return pread(source, index * SECTOR, SECTOR)

    def patch_hidden(self, hidden):
        """Set HiddenSectors in the boot sector and its spare copy (NTFS: behind the volume; FAT32: BPB[32h])."""
        first = self.sector(0)
        spare = None
        if first[3:7] == b'NTFS':
            factor = struct.unpack_from('<H', first, 0x0B)[0] // SECTOR
            spare = struct.unpack_from('<Q', first, 0x28)[0] * factor
        elif first[0x52:0x57] == b'FAT32':
            spare = struct.unpack_from('<H', first, 0x32)[0]
        for index in (0, spare):
            if index is not None and index < self.size and self.sector(index)[510:] == b'\x55\xaa':
                old = self.sector(index)
                self.over[index] = old[:0x1C] + struct.pack('<I', hidden & 0xFFFFFFFF) + old[0x20:]


def pread(source, offset, length):
    """Whole sectors of a file; behind its end there are zeros."""
    source.seek(offset)
    data = source.read(length)
    return data.ljust(-(-length // SECTOR) * SECTOR, b'\0')


def data_ranges(source):
    """(start, end) of what is not a hole, from sector boundaries on."""
    end = 0
    size = os.fstat(source.fileno()).st_size
    while end < size:
        try:
            start = os.lseek(source.fileno(), end, os.SEEK_DATA)
        except OSError:                                     # no data behind `end`
            return
        end = min(os.lseek(source.fileno(), start, os.SEEK_HOLE), size)
        yield start // SECTOR * SECTOR, end


def component_map(component, first, count):
    """Where sectors of a component lie: yields (part, sector in the part, sector of the volume, sectors)."""
    layout = component.get('layout', CONCAT)
    parts = [part for part in component.children if part.status != COMING]
    if layout == RAID5:
        raise component.error('content of RAID-5 is not supported')
    columns = component.get('columns', len({part['column'] for part in parts}))
    stripe = component.get('stripe', 128)
    done = 0
    while done < count:
        sector = first + done
        if layout == STRIPE:
            row, column = divmod(sector // stripe, columns)
            in_column, step = row * stripe + sector % stripe, stripe - sector % stripe
        else:
            column, in_column, step = 0, sector, count - done
        part = next((p for p in parts if p['column'] == column
                     and p['offset'] <= in_column < p['offset'] + p['size']), None)
        if part is None:
            raise component.error('has no place for sector %d of its content' % sector)
        in_part = in_column - part['offset']
        step = min(step, count - done, part['size'] - in_part)
        yield part, in_part, sector, step
        done += step


def content_of(line, component, section, geometry):
    """The content of one component as a `content` line asks for it."""
    volume_sectors = volume_size(component.parent)
    path = line.get('file', '')
    content = Content(path, volume_sectors)
    if path and os.path.getsize(path) > volume_sectors * SECTOR:
        raise line.error('%s is longer than %s' % (path, component.name))
    if not path and line['boot'] == 'ntfs':
        boot = ntfs_boot_sector(volume_sectors, geometry.block_bytes)
        content.over = {0: boot, volume_sectors - geometry.unit: boot}
    if line['hidden'] is not None and (path or content.over):
        content.patch_hidden(hidden_sectors(line, component, geometry))
    return content


def hidden_sectors(line, component, geometry):
    """HiddenSectors as asked for; "right" is where the first partition of the component lies."""
    if line['hidden'] != 'right':
        return number(line['hidden'])
    first = min(component.children, key=lambda part: part['offset'])
    return geometry.public + first['start']


def components_named(section, line):
    """`content` names a volume (all its halves) or one component."""
    component = section.find('component', line.name)
    if component:
        return [component]
    volume = section.find('volume', line.name)
    if not volume:
        raise line.error('no such volume, component or disk')
    return volume.children


def write_component(image, content, component, geometry):
    for first, data in content.runs():
        for part, in_part, sector, count in component_map(component, first, len(data) // SECTOR):
            if part.disk is geometry.disk:
                offset = (sector - first) * SECTOR
                image.write(geometry.public + part['start'] + in_part, data[offset:offset + count * SECTOR])


def write_content(image, section, geometry):
    for line in section.others['content']:
        if line.name in (image.name, geometry.disk.name):
            for first, data in Content(line.get('file', ''), geometry.size).runs():
                image.write(line.get('lba', 0) + first, data)
        elif not section.find('disk', line.name) and not section.is_clone(line.name):
            for component in components_named(section, line):
                write_component(image, content_of(line, component, section, geometry), component, geometry)


# ---------------------------------------------------------------- images

class Image:
    """A sparse file, addressed in sectors."""

    def __init__(self, path, name, size):
        self.name = name
        self.file = open(path, 'w+b')
        self.file.truncate(size * SECTOR)

    def write(self, sector, data):
        self.write_bytes(sector * SECTOR, data)

    def write_bytes(self, offset, data):
        self.file.seek(offset)
        self.file.write(data)

    def read_bytes(self, offset, length):
        self.file.seek(offset)
        return self.file.read(length)

    def resize(self, size):
        self.file.truncate(size * SECTOR)

    def close(self):
        self.file.close()


def place(text, geometry, line):
    """(byte offset, bytes) of 'sector:6', 'toc2', 'vblk:17', 'klog:0', 'sector:6+3' (3 of them)."""
    name, plus, count = text.partition('+')
    word, _, index_text = name.partition(':')
    index = number(index_text) if index_text else 0
    config = (geometry.private + geometry.config) * SECTOR
    units = {'sector0': (0, geometry.unit), 'sector': (index, 1),
             'vmdb': (config // SECTOR, 1), 'klog': (geometry.private + geometry.log + index, 1)}
    units.update({'privhead%d' % copy: (at, geometry.unit) for copy, at in geometry.privheads.items()})
    units.update({'toc%d' % slot: (geometry.private + at, geometry.unit) for slot, at in geometry.tocs.items()})
    if geometry.gpt:
        units.update(gpt_places(geometry))
    if word == 'vblk':
        offset, length = config + SECTOR + (index - FIRST_SLOT) * VBLK_BYTES, VBLK_BYTES
    elif word in units:
        offset, length = units[word][0] * SECTOR, units[word][1] * SECTOR
    else:
        raise line.error('no such place on this disk: %s' % text)
    return offset, length * (number(count) if plus else 1)


def damage(image, line, geometry):
    offset, length = place(line['at'], geometry, line)
    how = line.get('how', 'zero')
    if how == 'zero':
        data = bytes(length)
    elif how == 'random':
        data = random.Random(line.get('seed', 0)).getrandbits(8 * length).to_bytes(length, 'little')
    else:
        data = bytes(byte ^ 0xFF for byte in image.read_bytes(offset, length))
    image.write_bytes(offset, data)


def patch(image, line, geometry):
    """Bytes at an offset of a place; checksum=yes makes the checksum of a PRIVHEAD or TOCBLOCK right again."""
    offset, _ = place(line['at'], geometry, line)
    image.write_bytes(offset + line.get('offset', 0), line['hex'])
    if line['checksum']:
        image.write_bytes(offset, with_checksum(image.read_bytes(offset, SECTOR)))


def resize(image, line, geometry):
    size = line['size']
    if (size > geometry.size) != (line.kind == 'grow'):
        raise line.error('size= must be %s than the disk' % ('greater' if line.kind == 'grow' else 'smaller'))
    image.resize(size)


def write_image(path, name, disk, section):
    geometry = Geometry(disk, section)
    image = Image(path, name, geometry.size)
    tables = {'mbr': mbr_table, 'gpt': gpt_table, 'none': lambda *_: []}[disk.get('table', 'mbr')]
    pieces = tables(section, geometry, name)
    if geometry.dynamic:
        pieces += metadata(section, geometry, name)
    for sector, data in pieces:
        image.write(sector, data)
    write_content(image, section, geometry)
    for kind, act in (('patch', patch), ('damage', damage), ('clip', resize), ('grow', resize)):
        for line in section.others[kind]:
            if line.name == name:
                act(image, line, geometry)
    image.close()


def images_of(section):
    """(image name, disk name, file name) of every disk that is present, and of every clone of one."""
    for disk in section.objects['disk']:
        if not disk['missing']:
            yield disk.name, disk.name, disk.get('file', disk.name + '.img')
    for clone in section.others['clone']:
        yield clone.name, clone['of'], clone.get('file', clone.name + '.img')


def write_section(statements, directory):
    general = Section(statements)
    for name, disk_name, file_name in images_of(general):
        section = Section(statements, name)
        check_places(section)
        disk = section.find('disk', disk_name)
        if not disk or not disk['size']:
            raise general.group.error('%s: no such disk, or it has no size' % (disk_name or name))
        write_image(os.path.join(directory, file_name), name, disk, section)


def definition(text):
    name, equals, value = text.partition('=')
    if not equals:
        raise argparse.ArgumentTypeError('NAME=VALUE is wanted')
    return name, value


def main():
    parser = argparse.ArgumentParser(prog='mkldm', description='Write test disks with dynamic volumes; see mkldm(1).')
    parser.add_argument('-o', metavar='DIR', dest='directory', default='.', help='where the images go')
    parser.add_argument('-D', metavar='NAME=VALUE', dest='values', action='append', default=[], type=definition,
                        help='value of $NAME in the description')
    parser.add_argument('description')
    arguments = parser.parse_args()
    try:
        for statements in sections_of(read_statements(arguments.description, arguments.values)):
            write_section(statements, arguments.directory)
    except (DescriptionError, OSError) as reason:
        sys.exit('mkldm: %s' % reason)
    except (OverflowError, ValueError, struct.error) as reason:
        sys.exit('mkldm: %s: a value does not fit into its field (%s)' % (arguments.description, reason))


if __name__ == '__main__':
    main()
