/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loaderfiles.c - see loaderfiles.h. */
#include "loaderfiles.h"

#include "common/windows/bcd.h"

#define STORE_MAX_BYTES (1u << 20)  /* Windows's are 24 to 64 KiB */
#define SYSTEM32        "\\system32"
#define NT_KERNEL       SYSTEM32 "\\ntoskrnl.exe"

/* ---- places */

/* Where `len` bytes of a file lie. */
static struct file_bytes locate(struct fs_file *file, uint64_t off, size_t len)
{
    struct file_bytes at = { .pieces = 0 }, nowhere = at;

    while (len > 0) {
        uint64_t sector, left;
        uint32_t in_sector;
        size_t   n = len;

        if (at.pieces == FILE_MAX_PIECES || fs_locate(file, off, &sector, &in_sector, &left) != STATUS_OK || left == 0)
            return nowhere;
        if (n > SECTOR_BYTES - in_sector)
            n = SECTOR_BYTES - in_sector;
        if (n > left)
            n = (size_t)left;
        at.piece[at.pieces].sector = sector;
        at.piece[at.pieces].offset = (uint16_t)in_sector;
        at.piece[at.pieces++].len = (uint16_t)n;
        off += n;
        len -= n;
    }
    return at;
}

/* ---- boot.ini */

/* NTLDR reads no more than its menu holds; the text is looked at where it was borrowed, the lines are kept. */
static enum status take_lines(struct fs_file *file, struct span text, struct bootini *parsed, struct arena *a,
                              struct loader_files *out)
{
    bootini_parse(text, parsed);
    out->lines = arena_array(a, parsed->count, sizeof *out->lines);
    if (!out->lines)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < parsed->count; i++) {
        out->lines[i].entry = parsed->entries[i];
        if (parsed->entries[i].text_len)
            out->lines[i].at = locate(file, parsed->entries[i].text_offset, parsed->entries[i].text_len);
    }
    out->line_count = parsed->count;
    out->default_implied = parsed->default_implied;
    out->default_empty = parsed->default_empty;
    out->has_bootini = true;
    return STATUS_OK;
}

static enum status read_bootini(struct fs_volume *fs, struct arena *a, struct loader_files *out)
{
    size_t          end = arena_end(a), len;
    struct bootini *parsed;
    struct fs_file  file;
    uint8_t        *text;
    enum status     st;

    TRY(fs_find(fs, "\\boot.ini", &file));
    len = file.bytes < BOOTINI_MAX_BYTES ? (size_t)file.bytes : BOOTINI_MAX_BYTES;
    parsed = arena_borrow(a, sizeof *parsed);
    text = parsed ? arena_borrow(a, len) : NULL;
    st = text ? fs_read(&file, 0, text, len) : STATUS_NO_MEMORY;
    if (st == STATUS_OK)
        st = take_lines(&file, span_of(text, len), parsed, a, out);
    arena_give_back(a, end);
    return st;
}

/* ---- the boot store */

/* The names in the store's bytes, and where each lies in the volume. */
static enum status take_names(struct fs_file *file, struct span store, struct arena *a, struct loader_files *out,
                              bool *dirty)
{
    struct bcd_name found[STORE_MAX_NAMES];
    size_t          count;

    TRY(bcd_list_names(store, found, STORE_MAX_NAMES, &count, dirty));
    out->names_cut = count > STORE_MAX_NAMES;
    if (out->names_cut)
        count = STORE_MAX_NAMES;
    out->names = arena_array(a, count, sizeof *out->names);
    if (!out->names)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        out->names[i] = (struct store_name){ found[i].signature, found[i].offset,
                                             locate(file, found[i].signature_offset, sizeof found[i].signature),
                                             locate(file, found[i].offset_offset, sizeof found[i].offset) };
    out->name_count = count;
    out->has_store = true;
    out->store_fits = store.len <= STORE_TAKEN_MAX && bcd_can_retarget(store, BCD_WINLOAD_EXE) == STATUS_OK;
    return STATUS_OK;
}

static enum status read_store(struct fs_volume *fs, struct arena *a, struct loader_files *out, bool *dirty)
{
    struct fs_file file;
    size_t         end = arena_end(a);
    uint8_t       *bytes;
    enum status    st;

    TRY(fs_find(fs, BCD_SYSTEM_STORE, &file));
    if (file.is_directory || file.bytes == 0 || file.bytes > STORE_MAX_BYTES)
        return STATUS_HIVE_NOT_ONE;
    bytes = arena_borrow(a, (size_t)file.bytes);
    if (!bytes)
        return STATUS_NO_MEMORY;
    st = fs_read(&file, 0, bytes, (size_t)file.bytes);
    if (st == STATUS_OK)
        st = take_names(&file, span_of(bytes, (size_t)file.bytes), a, out, dirty);
    arena_give_back(a, end);
    return st;
}

void loader_files_read(struct fs_volume *fs, unsigned which, const char *subject, struct arena *a,
                       struct loader_files *out, struct note_list *notes)
{
    bool dirty = false;

    if ((which & LOADER_FILE_BOOTINI) && read_bootini(fs, a, out) != STATUS_OK)
        note_add(notes, a, STATUS_BOOTINI_UNREAD, "%s", subject);
    if ((which & LOADER_FILE_STORE) && read_store(fs, a, out, &dirty) != STATUS_OK)
        note_add(notes, a, STATUS_STORE_UNREAD, "%s", subject);
    if (dirty)
        note_add(notes, a, STATUS_STORE_DIRTY, "%s", subject);
}

/* ---- Windows itself */

static bool has(struct fs_volume *fs, const char *path, bool directory)
{
    struct fs_file file;

    return fs_find(fs, path, &file) == STATUS_OK && file.is_directory == directory;
}

bool loader_files_has_winload(struct fs_volume *fs)
{
    return has(fs, BCD_WINLOAD_EXE, false);
}

const char *loader_files_nt_folder(struct fs_volume *fs)
{
    if (has(fs, "\\WINDOWS" NT_KERNEL, false))
        return "\\WINDOWS";
    return has(fs, "\\WINNT" NT_KERNEL, false) ? "\\WINNT" : NULL;
}

bool loader_files_has_folder(struct fs_volume *fs, const struct bootini_entry *entry)
{
    char path[BOOTINI_DIRECTORY_MAX + sizeof SYSTEM32];

    if (entry->directory[0] == '\0')
        return false;
    (void)text_format(path, sizeof path, "%s%s", entry->directory, SYSTEM32);
    return has(fs, path, true);
}
