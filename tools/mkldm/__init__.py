# SPDX-License-Identifier: GPL-2.0-or-later
"""mkldm - write test disks with Windows dynamic volumes (LDM) from a text description.

It shares no code with the reader in common/: both were written from docs/ldm-format.md, so that an error in one
shows against the other. The manual page, docs/man/mkldm.1, describes the language.

The modules in the order in which the data flows; each imports from those above it:

    values        texts of a description -> numbers, GUIDs, flags
    description   lines -> Statements -> Items (the objects of one group as one disk knows them)
    geometry      where on a disk each structure lies, where sectors of a component lie
    codec         numbers, texts and checksums as the structures have them
    vblk          Items -> records -> slots of the database
    section       one group as one disk knows it; what was left out gets its usual value
    vmdb, toc, privhead, klog       one structure each
    tables, mbr, gpt                entries, sector 0, the GPT
    content       what is in the volumes
    damage        damage and patches by the name of a place
    images        all of it into sparse files
    cli           the command line

Positions and lengths are 512-byte sectors, except where a name says _blocks (blocks of the disk,
512 or 4096 bytes) or _bytes. Nothing depends on the clock or on chance: equal input, equal output.
"""
