/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pe.c - a program of the firmware or of Windows: its headers and sections, and the hash that it is revoked by.
 *
 * Sources: common/windows/pe.c common/windows/revocation.c common/base/sha256.c
 * Assumes: a file of 0 to 16 MiB (UEFI_BOOTMGFW_MAX), any bytes; any machine.
 * Accessors: by contract
 * Eva: -eva-precision 3
 */
#include "proof.h"

#include "common/windows/pe.h"
#include "common/windows/revocation.h"

#define FILE_MAX ((size_t)16 << 20)

static uint8_t image[SLACK * FILE_MAX];

/* No file is read here. */
enum status fs_find(struct fs_volume *vol, const char *path, struct fs_file *out)
{
    (void)vol;
    (void)path;
    (void)out;
    return STATUS_FILE_NOT_FOUND;
}

/* As fs.h has it: `buf` holds `len` bytes. */
enum status fs_read(struct fs_file *file, uint64_t off, void *buf, size_t len)
{
    (void)file;
    (void)off;
    any_bytes(buf, len);
    return any_bool() ? STATUS_OK : STATUS_READ_FAILED;
}

int main(void)
{
    struct fs_file file = { .bytes = any_u64(), .is_directory = any_bool() };
    struct span    program = any_span(image, FILE_MAX);
    uint16_t       machine = 0;
    uint8_t        hash[SHA256_BYTES];

    if (pe_file_machine(&file, &machine) != STATUS_OK)
        return 0;
    if (pe_check_uefi_program(program, (uint16_t)any_u32()) != STATUS_OK)
        return 0;
    return revocation_hash(program, hash);
}
