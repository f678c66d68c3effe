/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alone.h - Windows on a volume whose own loader is lost (legacy BIOS): where another loader, and another boot store, can
 * come from.
 *
 * Facts: docs/windows-boot.md, "A system volume in memory". Rules in words: docs/how-it-chooses.md.
 */
#ifndef LDMBOOT_ALONE_H
#define LDMBOOT_ALONE_H

#include "facts.h"

/* What an administrator may have put on the stick. */
#define STICK_NTLDR    "\\system\\NTLDR"
#define STICK_NTDETECT "\\system\\NTDETECT.COM"
#define STICK_BOOTINI  "\\system\\boot.ini"
#define STICK_BOOTMGR  "\\system\\bootmgr"
#define STICK_STORE    "\\boot\\BCD"

#define NTDETECT_MAX   (64u << 10)    /* a .COM program: one segment */

/* There and good: NTLDR with NTDETECT.COM, bootmgr, the store; and there, but not what their names say. */
enum stick_files {
    STICK_HAS_NTLDR = 1, STICK_HAS_BOOTMGR = 2, STICK_HAS_STORE = 4,
    STICK_BAD_NTLDR = 8, STICK_BAD_BOOTMGR = 16, STICK_BAD_STORE = 32
};

#define STICK_NUMBER_NONE (~0u)  /* of a half: the stick's boot.ini does not start its Windows */

/*
 * After probe_volumes() and before plan_boot(): look at what is on the stick, if there is a Windows that may need it; what is
 * wrong with it becomes a note of the half. `stick` NULL: there is none that could be read.
 * loader_room: bytes of low memory that BOOTMGR or NTLDR may take; a spare BOOTMGR that is larger does not count.
 */
void facts_take_stick(struct boot_facts *facts, struct fs_volume *stick, uint32_t loader_room, struct arena *a);

/*
 * Could this file be BOOTMGR, or NTLDR? Its length, when OK. FILE_NOT_FOUND, SPARE_BOOTMGR_BAD, or why it cannot be read.
 */
NODISCARD enum status alone_check_loader(struct fs_volume *fs, const char *path, uint32_t *bytes);

/*
 * The number that a boot.ini for it calls the volume of this Windows; STICK_NUMBER_NONE: its default entry starts another
 * folder, or from another disk; or memory is short.
 */
unsigned alone_bootini_number(struct span text, struct component_facts *windows, struct arena *a);

/* Why none can, where there is nothing but that; OK: it can, or needs none. */
enum status alone_why_not(const struct boot_facts *facts, const struct component_facts *f);

/*
 * A boot store that may be this Windows's, though nothing vouches for it: the stick's, else its own (whose BOOTMGR cannot be
 * started), else that of another volume of its group whose half is not started (an out-of-date System Reserved). *half: of
 * the latter two, NULL for the stick's. OK; STORE_UNFIT: it does not start this Windows; STORE_NOT_THERE.
 */
enum status alone_find_store(const struct boot_facts *facts, const struct component_facts *windows,
                             struct component_facts **half);

#endif
