# SPDX-License-Identifier: GPL-2.0-or-later
"""The values that a description can have: texts to numbers, GUIDs, flags. Positions and lengths are 512-byte sectors."""
import uuid

SECTOR = 512


class DescriptionError(Exception):
    """Something is wrong with the description; the text says what and where."""


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
