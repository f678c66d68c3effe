/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hive.h - registry hives (files that begin with "regf"): a writer for small
 * ones of our own, and a bounded reader for those found on disks.
 *
 * A boot store is such a hive.
 * Facts: the published format descriptions made for forensic tools ("Windows registry file format specification", M.
 * Suhanov; libhivex), checked against hivex. Nothing in a hive covers its cells with a checksum: only the base block
 * has one.
 */
#ifndef LDMBOOT_HIVE_H
#define LDMBOOT_HIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/span.h"
#include "common/base/status.h"

enum hive_type { HIVE_SZ = 1, HIVE_BINARY = 3, HIVE_DWORD = 4, HIVE_MULTI_SZ = 7 };

/* ---- reading ---- */

struct hive {
    struct span file;   /* base block and bins */
    uint32_t    root;   /* cell of the root key */
    bool        dirty;  /* written to and not finished: a log file beside it may be newer */
    size_t      steps;  /* items of lists that may be looked at yet, see hive_open() */
};

typedef uint32_t hive_key;  /* a key: the offset of its cell, only good with its hive */

struct hive_value {
    uint32_t    type;    /* enum hive_type, or what the hive says */
    struct span data;    /* inside the hive's own bytes */
    size_t      offset;  /* of the data in the hive's file: what a patch of it needs */
    size_t      length_offset;  /* of the u32 that holds the data's length, likewise */
};

/*
 * Look at a hive that is wholly in memory; `file` stays in use.
 * HIVE_NOT_ONE: no base block with a right checksum; HIVE_DAMAGED: no root key.
 *
 * A hive whose keys share their lists can have a million ways through a few KiB. So there is a limit to the items of lists
 * that are looked at, as many as the file has bytes: some twenty times what a boot store takes to be read whole.
 */
NODISCARD enum status hive_open(struct span file, struct hive *out);

/*
 * Find a key by its path from `from` ('\\' between names, ASCII, any case; "" is `from` itself).
 * HIVE_NO_KEY when there is none; HIVE_DAMAGED when the way to it cannot be read.
 */
NODISCARD enum status hive_find_key(struct hive *h, hive_key from, const char *path, hive_key *out);

/* How many subkeys a key has, and the one at `index`, in the hive's order. HIVE_NO_KEY past the end. */
size_t hive_subkey_count(const struct hive *h, hive_key key);
NODISCARD enum status hive_subkey(struct hive *h, hive_key key, size_t index, hive_key *out);

/* The name of a key as text; characters outside ASCII become '?', what does not fit is cut. Returns `out`. */
const char *hive_key_name(const struct hive *h, hive_key key, char *out, size_t size);

/* Were there more items to look at than a hive can have? Then what was not found may be there all the same. */
bool hive_is_exhausted(const struct hive *h);

/* A value by its name (ASCII, any case). HIVE_NO_KEY, HIVE_DAMAGED. Data over 16,344 bytes is HIVE_DAMAGED. */
NODISCARD enum status hive_find_value(struct hive *h, hive_key key, const char *name, struct hive_value *out);

/*
 * The value at `index` of a key, in the hive's order. HIVE_NO_KEY past the end; HIVE_DAMAGED: this one, not those behind it, or
 * more of them than any hive has.
 */
NODISCARD enum status hive_value_at(const struct hive *h, hive_key key, size_t index, struct hive_value *out);

/* ---- writing ---- */

struct hive_node;  /* a key being made */

/* Errors are kept: make everything, then ask hive_write(). */
struct hive_builder {
    struct arena     *arena;
    struct hive_node *root;
    enum status       status;
};

/* An empty hive with a root key of this name. */
struct hive_builder hive_begin(struct arena *a, const char *root_name);

/*
 * Add the subkey `name` (ASCII, at most 255 characters, kept, not copied); sorted in as the
 * format wants. The one that is there when there is one. NULL parents are let through.
 */
struct hive_node *hive_add_key(struct hive_builder *b, struct hive_node *parent, const char *name);

/* Add a value to a key; `name` is kept, the data copied, at most 16,344 bytes. */
void hive_add_value(struct hive_builder *b, struct hive_node *key, const char *name, enum hive_type type,
                    struct span data);
void hive_add_dword(struct hive_builder *b, struct hive_node *key, const char *name, uint32_t number);

/* A REG_SZ, or a REG_MULTI_SZ of one string, from ASCII text. */
void hive_add_text(struct hive_builder *b, struct hive_node *key, const char *name, enum hive_type type,
                   const char *text);

/* Write the hive into arena memory: a multiple of 4096 bytes, the same for the same input. NO_MEMORY or OK. */
NODISCARD enum status hive_write(struct hive_builder *b, struct span *out);

#endif
