# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines to Statements, and Statements to Items (the objects of one group as one disk knows them)."""
import shlex
import string

from .values import (choice, DescriptionError, flags, guid, hex_bytes, names, number, numbers, one_of, sectors,
                     text_value, truth, version)

ACTIVE, LEAVING, COMING = 0, 1, 2       # status of a record against the pending transaction
STRIPE, CONCAT, RAID5 = 1, 2, 3         # layout of a component
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
        'private-size': sectors, 'config': sectors, 'config-size': sectors, 'privhead2': sectors,
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
                # A value is put in after the line is split: one with blanks stays one word, an empty one is none.
                pairs = [(word, string.Template(word).substitute(values)) for word in shlex.split(line, comments=True)]
                words = [filled for word, filled in pairs if filled or not word]
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
