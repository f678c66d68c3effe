/* SPDX-License-Identifier: GPL-2.0-or-later */
/* connect.c - non-recursive ConnectController() passes; see connect.h. */
#include "connect.h"

#include "firmware.h"

#define MAX_PASSES 16  /* depth of a device tree: root, bridges, controller, bus, disk */

/* Was the handle there in the pass before? `at`: where it is looked for first, since new ones mostly come last. */
static bool is_in(const struct handle_list *list, EFI_HANDLE handle, UINTN *at)
{
    for (UINTN n = 0; n < list->count; n++) {
        UINTN i = *at < list->count ? *at : 0;

        *at = i + 1;
        if (list->handles[i] == handle)
            return true;
    }
    return false;
}

/* What has no path is no device: images, drivers, services. */
static bool is_worth_it(EFI_HANDLE handle)
{
    return protocol_on(handle, &guid_device_path) && !protocol_on(handle, &guid_block_io);
}

/* Connect what was not there before; false when there was nothing. */
static bool connect_new(const struct handle_list *now, const struct handle_list *before)
{
    bool  any = false;
    UINTN at = 0;

    for (UINTN i = 0; i < now->count; i++) {
        if (is_in(before, now->handles[i], &at))
            continue;
        any = true;
        if (is_worth_it(now->handles[i]))
            fw.boot->ConnectController(now->handles[i], NULL, NULL, FALSE);
    }
    return any;
}

void connect_controllers(struct log *log)
{
    struct handle_list before = { NULL, 0 }, now;
    bool               more = true;

    log_line(log, "connecting controllers ...");
    for (unsigned pass = 0; pass < MAX_PASSES && more; pass++) {
        now = handles_all();
        more = connect_new(&now, &before);
        handles_free(&before);
        before = now;
    }
    handles_free(&before);
}
