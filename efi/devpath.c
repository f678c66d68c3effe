/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devpath.c - EFI device paths; see devpath.h. */
#include "devpath.h"

#include "common/base/mem.h"

#define END_NODE_BYTES sizeof(EFI_DEVICE_PATH)

static const EFI_DEVICE_PATH end_node = { END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, { END_NODE_BYTES, 0 } };

static const EFI_DEVICE_PATH *node_at(const EFI_DEVICE_PATH *path, size_t offset)
{
    return (const EFI_DEVICE_PATH *)((const uint8_t *)path + offset);
}

static size_t node_bytes(const EFI_DEVICE_PATH *node)
{
    return (size_t)node->Length[0] | (size_t)node->Length[1] << 8;
}

static bool is_end(const EFI_DEVICE_PATH *node)
{
    return (node->Type & 0x7f) == END_DEVICE_PATH_TYPE;
}

size_t devpath_bytes(const EFI_DEVICE_PATH *path)
{
    size_t offset = 0;

    if (!path)
        return 0;
    for (unsigned i = 0; i < DEVPATH_MAX_NODES; i++) {
        const EFI_DEVICE_PATH *node = node_at(path, offset);

        if (is_end(node))
            return offset;
        if (node_bytes(node) < END_NODE_BYTES || node_bytes(node) > DEVPATH_MAX_BYTES - offset)
            return 0;
        offset += node_bytes(node);
    }
    return 0;
}

const EFI_DEVICE_PATH *devpath_last(const EFI_DEVICE_PATH *path)
{
    size_t                 bytes = devpath_bytes(path), offset = 0;
    const EFI_DEVICE_PATH *last = NULL;

    while (offset < bytes) {
        last = node_at(path, offset);
        offset += node_bytes(last);
    }
    return last;
}

bool devpath_begins_with(const EFI_DEVICE_PATH *path, const EFI_DEVICE_PATH *head)
{
    size_t bytes = devpath_bytes(head);

    return bytes > 0 && devpath_bytes(path) >= bytes && memcmp(path, head, bytes) == 0;
}

bool devpath_has_node(const EFI_DEVICE_PATH *path, const EFI_DEVICE_PATH *node)
{
    size_t bytes = devpath_bytes(path), offset = 0;

    while (offset < bytes && memcmp(node_at(path, offset), node, node_bytes(node)) != 0)
        offset += node_bytes(node_at(path, offset));
    return offset < bytes;
}

EFI_DEVICE_PATH *devpath_append(const EFI_DEVICE_PATH *head, const EFI_DEVICE_PATH *node, struct arena *a)
{
    size_t   head_bytes = devpath_bytes(head);
    uint8_t *out = arena_alloc(a, head_bytes + node_bytes(node) + END_NODE_BYTES);

    if (!out)
        return NULL;
    if (head_bytes)
        memcpy(out, head, head_bytes);
    memcpy(out + head_bytes, node, node_bytes(node));
    memcpy(out + head_bytes + node_bytes(node), &end_node, END_NODE_BYTES);
    return (EFI_DEVICE_PATH *)(void *)out;
}

EFI_DEVICE_PATH *devpath_append_file(const EFI_DEVICE_PATH *head, const char *file, struct arena *a)
{
    size_t           name_bytes = (strlen(file) + 1) * sizeof(CHAR16), bytes = sizeof(EFI_DEVICE_PATH) + name_bytes;
    size_t           mark = arena_mark(a);
    EFI_DEVICE_PATH *node = arena_alloc(a, bytes), *path;
    uint8_t         *name;

    if (!node)
        return NULL;
    name = (uint8_t *)(node + 1);
    *node = (EFI_DEVICE_PATH){ MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, { (UINT8)bytes, (UINT8)(bytes >> 8) } };
    for (size_t i = 0; file[i]; i++)
        name[i * sizeof(CHAR16)] = (uint8_t)file[i];
    path = devpath_append(head, node, a);
    if (!path)
        arena_release(a, mark);
    return path;
}

/* EFI_DEVICE_PATH_TO_TEXT_PROTOCOL, UEFI specification 10.6.2: gnu-efi has no declaration that suits both builds. */
struct path_to_text {
    void *node_to_text;
    CHAR16 *(EFIAPI *path_to_text)(const EFI_DEVICE_PATH *path, BOOLEAN display_only, BOOLEAN shortcuts);
};

const char *devpath_text(const EFI_DEVICE_PATH *path, char *buf, size_t size)
{
    static EFI_GUID guid = { 0x8b843e20, 0x8132, 0x4852, { 0x90, 0xcc, 0x55, 0x1a, 0x4e, 0x4a, 0x7f, 0x1c } };
    void           *interface = NULL;
    CHAR16         *text = NULL;
    size_t          n = 0;

    if (path && !EFI_ERROR(fw.boot->LocateProtocol(&guid, NULL, &interface)))
        text = ((struct path_to_text *)interface)->path_to_text(path, FALSE, FALSE);
    for (; text && text[n] && n + 1 < size; n++)
        buf[n] = text[n] < 0x80 ? (char)text[n] : '?';
    buf[n] = '\0';
    if (text)
        fw.boot->FreePool(text);
    return buf;
}
