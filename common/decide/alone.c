/* SPDX-License-Identifier: GPL-2.0-or-later */
/* alone.c - see alone.h. */
#include "alone.h"

enum { HAS_NTLDR = 1, HAS_BOOTMGR = 2, HAS_STORE = 4 };

void facts_take_stick(struct boot_facts *facts, struct fs_volume *stick)
{
    facts->stick = stick;
    facts->stick_files = 0;
    if (!stick)
        return;
    if (loader_files_has(stick, STICK_NTLDR) && loader_files_has(stick, STICK_NTDETECT))
        facts->stick_files |= HAS_NTLDR;
    if (loader_files_has(stick, STICK_BOOTMGR))
        facts->stick_files |= HAS_BOOTMGR;
    if (loader_files_has(stick, STICK_STORE))
        facts->stick_files |= HAS_STORE;
}

enum status alone_why_not(const struct boot_facts *facts, const struct component_facts *f)
{
    if (f->alone == ALONE_DAMAGED)
        return STATUS_WINLOAD_LOST;
    if (f->alone == ALONE_NT && !(facts->stick_files & HAS_NTLDR))
        return STATUS_NTLDR_LOST;
    if (f->alone == ALONE_VISTA && !(facts->stick_files & HAS_BOOTMGR))
        return STATUS_BOOTMGR_LOST;
    return STATUS_OK;
}

bool alone_can_start(const struct boot_facts *facts, const struct component_facts *f)
{
    return f->alone != ALONE_NOT && alone_why_not(facts, f) == STATUS_OK;
}

bool alone_find_store(const struct boot_facts *facts, const struct component_facts *windows, struct component_facts **half)
{
    *half = NULL;
    if (facts->stick_files & HAS_STORE)
        return true;
    for (size_t i = 0; i < facts->count && !*half; i++) {
        struct component_facts *f = &facts->components[i];

        if (f->files.has_store && f->volume != windows->volume && f->volume->group == windows->volume->group)
            *half = f;
    }
    return *half != NULL;
}
