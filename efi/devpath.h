/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devpath.h - EFI device paths: measure, compare, join, print.
 *
 * Facts: UEFI specification 2.10, chapter 10.3.
 */
#ifndef LDMBOOT_EFI_DEVPATH_H
#define LDMBOOT_EFI_DEVPATH_H

#include "common/base/arena.h"
#include "firmware.h"

#define DEVPATH_MAX_NODES 32    /* real ones have less than ten */
#define DEVPATH_MAX_BYTES 1024

/* Length of a hard drive node (UEFI specification, 10.3.5.1); the C structure is padded behind it. */
#define DEVPATH_HARDDRIVE_BYTES 42
_Static_assert(offsetof(HARDDRIVE_DEVICE_PATH, SignatureType) == DEVPATH_HARDDRIVE_BYTES - 1,
               "no padding inside the node");

/* Bytes of the nodes before the end node; 0 for a path that is NULL, malformed or absurdly long. */
size_t devpath_bytes(const EFI_DEVICE_PATH *path);

/* The last node before the end node; NULL when there is none. */
const EFI_DEVICE_PATH *devpath_last(const EFI_DEVICE_PATH *path);

/* True when `path` begins with all nodes of `head`. */
bool devpath_begins_with(const EFI_DEVICE_PATH *path, const EFI_DEVICE_PATH *head);

/* True when one of the nodes is this one. */
bool devpath_has_node(const EFI_DEVICE_PATH *path, const EFI_DEVICE_PATH *node);

/* `head` (may be NULL: nothing) followed by `node` and an end node, in arena memory; NULL: no memory. */
EFI_DEVICE_PATH *devpath_append(const EFI_DEVICE_PATH *head, const EFI_DEVICE_PATH *node, struct arena *a);

/* `head` followed by a file path node; `file` is ASCII with '\\'. NULL: no memory. */
EFI_DEVICE_PATH *devpath_append_file(const EFI_DEVICE_PATH *head, const char *file, struct arena *a);

/* The path in the firmware's words, cut to `size`; "" when it has no words. Returns `buf`. */
const char *devpath_text(const EFI_DEVICE_PATH *path, char *buf, size_t size);

#endif
