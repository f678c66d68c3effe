/* SPDX-License-Identifier: GPL-2.0-or-later */
/* connect.c - non-recursive ConnectController() passes; see connect.h. */
#include "connect.h"

#include "firmware.h"

#define MAX_PASSES 16  /* depth of a device tree: root, bridges, controller, bus, disk */

/* One pass over the handles there are; returns how many there are afterwards. */
static UINTN connect_pass(void)
{
    struct handle_list list = handles_all();
    UINTN              count;

    for (UINTN i = 0; i < list.count; i++)
        if (!protocol_on(list.handles[i], &guid_block_io))
            fw.boot->ConnectController(list.handles[i], NULL, NULL, FALSE);
    handles_free(&list);

    list = handles_all();
    count = list.count;
    handles_free(&list);
    return count;
}

void connect_controllers(struct log *log)
{
    UINTN before, after = 0;

    log_line(log, "connecting controllers ...");
    for (unsigned pass = 0; pass < MAX_PASSES; pass++) {
        before = after;
        after = connect_pass();
        if (after == before)
            return;
    }
}
