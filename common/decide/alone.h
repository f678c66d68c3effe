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
#define SYSTEM_STORE   "\\Boot\\BCD"  /* and where Windows has it on its system volume */

/* Look at what is on the stick; before plan_boot(). NULL: there is no stick that could be read. */
void facts_take_stick(struct boot_facts *facts, struct fs_volume *stick);

/* Can a loader be had for it: its own spare one, or the stick's? */
bool alone_can_start(const struct boot_facts *facts, const struct component_facts *f);

/* Why none can, where there is nothing but that; OK: it can, or needs none. */
enum status alone_why_not(const struct boot_facts *facts, const struct component_facts *f);

/*
 * A boot store that may be this Windows's, though nothing vouches for it: the stick's, else that of another volume of its
 * group whose half is not started (an out-of-date System Reserved). *half: of the latter, NULL for the stick's. False: none.
 */
bool alone_find_store(const struct boot_facts *facts, const struct component_facts *windows, struct component_facts **half);

#endif
