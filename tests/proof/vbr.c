/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vbr.c - a volume's boot sector: geometry, what is put right in it, where its copy is; which file system it announces.
 *
 * Sources: common/windows/vbr.c
 * Assumes: 512 bytes, any of them; either file system, or none; a volume of any size.
 */
#include "proof.h"

#include "common/windows/vbr.h"

static uint8_t sector[512], out[512];

int main(void)
{
    enum fs_kind        kind = (enum fs_kind)Frama_C_interval(FS_NONE, FS_FAT);
    struct vbr_geometry g;

    any_bytes(sector, sizeof sector);
    g = vbr_geometry(sector);
    //@ check 1 <= g.sectors_per_track <= 63 && 1 <= g.heads <= 255;
    vbr_patch(sector, kind, any_u32(), out);
    return vbr_backup_sector(kind, sector, any_u64()) > 0;
}
