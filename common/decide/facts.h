/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts.h - what is on the volumes: what probe_volumes() read, and the decision goes by.
 */
#ifndef LDMBOOT_FACTS_H
#define LDMBOOT_FACTS_H

#include "extent_device.h"
#include "firmware_rules.h"
#include "common/fs/fs.h"
#include "common/ldm/view.h"
#include "common/windows/pe.h"
#include "loaderfiles.h"

/* Windows without a loader in the root of its volume: what it could be started by (alone.h). */
enum windows_alone {
    ALONE_NOT,
    ALONE_SPARE,  /* by the copy of BOOTMGR that it keeps */
    ALONE_VISTA,  /* by a BOOTMGR, but that copy cannot be used */
    ALONE_NT,     /* by NTLDR, of which Windows keeps no copy */
    ALONE_DAMAGED,/* by nothing: since Vista, and its winload.exe is lost, no program or cannot be read */
};

/* One component that could be read: present, concatenated, in a volume that is not striped or RAID-5. */
struct component_facts {
    struct ldm_volume    *volume;
    struct ldm_component *component;
    struct ldm_disk      *disk;                /* of the first extent */
    enum status           status;              /* OK: a sane boot sector was read */
    struct note_list      notes;               /* bad boot sector, backup used, unreadable directory, ... */
    enum fs_kind          fs;
    bool                  boot_sector_is_backup;
    uint8_t               boot_sector[512];    /* the first one, or its backup */
    uint64_t              backup_boot_sector;  /* its sector in the volume; 0: none */
    uint32_t              hidden_sectors;      /* BPB 0x1C, as on disk */
    uint16_t              sectors_per_track, heads;  /* BPB 0x18, 0x1A; 63, 255 when they are nonsense */
    bool                  retained;            /* an entry of the disk's table starts exactly at it */
    unsigned              partition_number;    /* what Windows's kernel calls that entry; 0: there is none */
    bool                  has_ntldr, has_bootmgr;        /* in the root directory, like the next two */
    bool                  has_bootini, has_boot_folder;
    uint16_t              bootmgfw_machine;    /* \Windows\Boot\EFI\bootmgfw.efi; PE_MACHINE_NONE: not there */
    uint16_t              winload_machine;     /* \Windows\System32\winload.efi; likewise */
    enum status           bootmgfw_status, winload_status;  /* why they cannot be read; OK: they can, or are not there */
    bool                  hibernated;          /* hiberfil.sys has a signature that its loader acts on */
    bool                  woken;               /* it has the one of an image whose resume was begun: NTLDR acts on it */
    enum status           loader_problem;      /* BIOS: why the boot sector cannot start NTLDR or BOOTMGR; OK: none is known */
    enum windows_alone    alone;               /* BIOS: Windows, and no loader in its root, or none that can be started */
    uint32_t              spare_bytes;         /* of the BOOTMGR that it keeps; ALONE_SPARE */
    unsigned              stick_number;        /* what the stick's boot.ini calls its volume (alone.h); 0: nothing does */
    uint32_t              read_errors;         /* of its disks, while scanning and probing */
    struct extent_device  device;              /* the volume's sectors, for who reads on */
    bool                  root_read;           /* the root directory was read: what has_* say is certain */
    struct fs_volume      filesystem;          /* open when root_read */
    struct loader_files   files;               /* BIOS: boot.ini, \Boot\BCD */
};

struct boot_facts {
    const struct firmware_rules *rules;
    uint16_t                     machine;      /* UEFI: what this firmware can start; x64 unless efi/ says otherwise */
    struct component_facts      *components;   /* view order */
    size_t                       count;
    struct fs_volume            *stick;        /* BIOS: where ldmboot came from; NULL: not known */
    unsigned                     stick_files;  /* what is there: enum stick_files (alone.h) */
    const struct ldm_disk       *former;       /* basic now, of no group here, with a Windows on it; NULL: none (former.h) */
};

/*
 * What Windows's kernel calls the volume's partition after a start by a BIOS loader, which names disks the MBR way
 * (a GPT disk it would look for by a GUID that nobody told it); and after one by UEFI. 0: it finds none.
 */
unsigned facts_mbr_number(const struct component_facts *f);
unsigned facts_any_number(const struct component_facts *f);

/* What was read from the component. NULL: it was never probed (disk missing, striped, ...), or nothing was: no facts. */
struct component_facts *facts_find(const struct boot_facts *facts, const struct ldm_component *component);

#endif
