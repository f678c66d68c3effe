/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pe.c - see pe.h. */
#include "pe.h"

#include "common/base/checked.h"

/* Where the PE header starts, in the DOS header; and the header's fields, relative to "PE\0\0". */
#define DOS_BYTES    0x40
#define DOS_PE_START 0x3c
enum pe_offset {
    PE_MACHINE = 4, PE_SECTIONS = 6, PE_OPTIONAL_BYTES = 20, PE_OPTIONAL = 24, PE_SUBSYSTEM = PE_OPTIONAL + 68
};
enum pe_section_offset { SECTION_RAW_BYTES = 16, SECTION_RAW_START = 20, SECTION_HEADER_BYTES = 40 };

#define PE_SUBSYSTEM_EFI_APPLICATION 10

static bool is_dos(struct span image)
{
    return span_starts_with(image, "MZ", 2);
}

static bool is_pe(struct span pe)
{
    return span_starts_with(pe, "PE\0\0", 4);
}

enum status pe_file_machine(struct fs_file *file, uint16_t *machine)
{
    uint8_t  dos[DOS_BYTES], pe[PE_MACHINE + 2];
    uint32_t pe_start;

    *machine = PE_MACHINE_NONE;
    if (file->is_directory || file->bytes < sizeof dos)
        return STATUS_OK;
    TRY(fs_read(file, 0, dos, sizeof dos));
    pe_start = rd_le32(span_of(dos, sizeof dos), DOS_PE_START);
    if (!is_dos(span_of(dos, sizeof dos)) || !range_inside(pe_start, sizeof pe, file->bytes))
        return STATUS_OK;
    TRY(fs_read(file, pe_start, pe, sizeof pe));
    if (is_pe(span_of(pe, sizeof pe)))
        *machine = rd_le16(span_of(pe, sizeof pe), PE_MACHINE);
    return STATUS_OK;
}

enum status pe_machine(struct fs_volume *fs, const char *path, uint16_t *machine)
{
    struct fs_file file;
    enum status    st = fs_find(fs, path, &file);

    if (st == STATUS_FILE_NOT_FOUND) {
        *machine = PE_MACHINE_NONE;
        return STATUS_OK;
    }
    TRY(st);
    return pe_file_machine(&file, machine);
}

enum status pe_check_uefi_program(struct span image, uint16_t machine)
{
    uint32_t    pe_start = rd_le32(image, DOS_PE_START);
    struct span pe = span_sub(image, pe_start, pe_start < image.len ? image.len - pe_start : 0);
    size_t      section = PE_OPTIONAL + (size_t)rd_le16(pe, PE_OPTIONAL_BYTES);

    if (!is_dos(image) || !is_pe(pe) || rd_le16(pe, PE_MACHINE) != machine ||
        rd_le16(pe, PE_SUBSYSTEM) != PE_SUBSYSTEM_EFI_APPLICATION || rd_le16(pe, PE_SECTIONS) == 0)
        return STATUS_IMAGE_BAD;
    for (unsigned i = 0; i < rd_le16(pe, PE_SECTIONS); i++, section += SECTION_HEADER_BYTES) {
        uint32_t start = rd_le32(pe, section + SECTION_RAW_START), bytes = rd_le32(pe, section + SECTION_RAW_BYTES);

        if (!span_holds(pe, section, SECTION_HEADER_BYTES) || !range_inside(start, bytes, image.len))
            return STATUS_IMAGE_BAD;
    }
    return STATUS_OK;
}
