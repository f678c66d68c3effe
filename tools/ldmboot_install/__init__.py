# SPDX-License-Identifier: GPL-2.0-or-later
"""ldmboot-install: put ldmboot on a stick, a spare partition, an EFI system partition.

docs/man/ldmboot-install.8 is its manual. The modules, from the outside inward:

    cli         commands, what is asked and said
    target      from the name on the command line to a disk, a partition, a folder; what is refused
    system      what the running Linux knows of devices: mounted, in use, where it runs from
    dynamic     what ldmboot-inspect knows of a disk: regions that belong to dynamic volumes
    table       MBR and GPT of the target
    payload     what is installed: the stick image and the files in it
    plan        which sectors get which bytes; writing, reading back, saying what changed
    esp         files into a folder
    fat, bootpart   the layout of the boot partition
"""
