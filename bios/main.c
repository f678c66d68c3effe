/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main.c - first light. */
#include "console.h"
#include "int13.h"
#include "realmode.h"

void bios_main(void);
void bios_main(void)
{
    static struct int13_disk disks[INT13_MAX_DISKS];
    struct config cfg = { .serial = SERIAL_AUTO, .serial_baud = 115200 };
    struct log *log = console_log();
    size_t n;

    log_line(log, "ldmboot %s (BIOS), started from drive %02x, partition at %u", LDMBOOT_VERSION, boot_drive, boot_partition_lba);
    console_open_serial(&cfg);
    n = int13_list(disks);
    for (size_t i = 0; i < n; i++)
        log_line(log, "%s: %llu blocks of %u, edd %u", disks[i].name, (unsigned long long)disks[i].dev.block_count, disks[i].dev.block_size, disks[i].has_edd);
    log_line(log, "key %d", console_wait_key(3));
}
