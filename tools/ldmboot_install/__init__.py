# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-install: put ldmboot on a stick, a spare partition, an EFI system partition.

docs/man/ldmboot-install.8 is its manual. The modules, from the outside inward:

    cli         commands, what is asked and said
    target      from the name on the command line to a disk, a partition, a folder; what is refused
    system      what the running Linux knows of devices: mounted, in use, where it runs from
    dynamic     what ldmboot-inspect knows of a disk: regions that belong to dynamic volumes
    table       MBR and GPT of the target
    content     what a person would lose: file systems, parts of RAIDs, containers
    payload     what is installed: the stick image and the files in it
    plan        which sectors get which bytes; writing, reading back, saying what changed
    renew       a boot partition with newer programs
    esp, files  files into a folder
    interrupt   Ctrl-C and its like
    device      the bytes of a disk, partition or image; the only place that writes to one
    bootpart    the layout of the boot partition (shared with mkstick.py); fat reads the files in it
"""
