/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netcfg.c - the settings of a start from the network; see netcfg.h. */
#include "netcfg.h"

#include "memory.h"
#include "realmode.h"

_Static_assert(NETCFG_BASE + sizeof(struct netcfg) <= RM_STACK_BOTTOM, "memory.h contradicts itself");

void netcfg_apply(struct arena *a, struct config *cfg, struct note_list *notes)
{
    const struct netcfg *fetched = (const struct netcfg *)low_memory(NETCFG_BASE);

    if (fetched->pxe_status)
        note_add(notes, a, STATUS_CONFIG_NOT_FETCHED, "ldmboot.cfg, PXE status %02x", fetched->pxe_status);
    else if (fetched->bytes <= NETCFG_TEXT_BYTES)
        config_parse(span_of(fetched->text, fetched->bytes), a, cfg, notes);
}
