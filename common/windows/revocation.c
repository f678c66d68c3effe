/* SPDX-License-Identifier: GPL-2.0-or-later */
/* revocation.c - see revocation.h. */
#include "revocation.h"

#include "common/base/mem.h"

/* In the PE header, relative to "PE\0\0". */
#define PE_START         0x3c  /* in the file: where that is */
#define PE_OPTIONAL      24
#define PE_CHECKSUM      (PE_OPTIONAL + 64)
#define MAGIC_PE32_PLUS  0x20b
#define DIRECTORY_32     (PE_OPTIONAL + 96)
#define DIRECTORY_64     (PE_OPTIONAL + 112)
#define CERTIFICATES     4     /* entry of the directory */
#define DIRECTORY_BYTES  8

static const char pca_2011[] = "Microsoft Windows Production PCA 2011";

static void hash_part(struct sha256 *hash, struct span image, size_t from, size_t to)
{
    if (from < to)
        sha256_add(hash, span_sub(image, from, to - from));
}

/* All of the file but its checksum, the place of its signatures, and these; sections lie in the file's order. */
bool revocation_hash(struct span image, uint8_t out[SHA256_BYTES])
{
    size_t        pe = rd_le32(image, PE_START), directory, end;
    bool          plus = rd_le16(image, pe + PE_OPTIONAL) == MAGIC_PE32_PLUS;
    struct sha256 hash = sha256_begin();

    if (!span_starts_with(image, "MZ", 2) || !span_holds(image, pe, DIRECTORY_64 + 16 * DIRECTORY_BYTES) ||
        !span_starts_with(span_sub(image, pe, 4), "PE\0\0", 4))
        return false;
    directory = pe + (plus ? DIRECTORY_64 : DIRECTORY_32) + CERTIFICATES * DIRECTORY_BYTES;
    end = rd_le32(image, directory);
    if (end == 0 || end > image.len || end < directory + DIRECTORY_BYTES)
        end = image.len;
    hash_part(&hash, image, 0, pe + PE_CHECKSUM);
    hash_part(&hash, image, pe + PE_CHECKSUM + 4, directory);
    hash_part(&hash, image, directory + DIRECTORY_BYTES, end);
    sha256_end(&hash, out);
    return true;
}

static bool holds(struct span s, const void *what, size_t len)
{
    for (size_t i = 0; span_holds(s, i, len); i++)
        if (memcmp(s.data + i, what, len) == 0)
            return true;
    return false;
}

bool revocation_names(struct span list, struct span image)
{
    uint8_t hash[SHA256_BYTES];

    if (list.len == 0)
        return false;
    if (holds(list, pca_2011, sizeof pca_2011 - 1) && holds(image, pca_2011, sizeof pca_2011 - 1))
        return true;
    return revocation_hash(image, hash) && holds(list, hash, sizeof hash);
}
