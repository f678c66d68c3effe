/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nbd_posix.c - see nbd_posix.h.
 *
 * Facts: the NBD protocol (github.com/NetworkBlockDevice/nbd, doc/proto.md): newstyle negotiation with NBD_OPT_EXPORT_NAME,
 * after which every answer is a simple reply; NBD_CMD_READ.
 */
#include "nbd_posix.h"

#include <string.h>
#include <sys/socket.h>

#include "common/base/span.h"

#define GREETING       "NBDMAGICIHAVEOPT"
#define OPTION_NAME    "IHAVEOPT\0\0\0\1\0\0\0\0"  /* NBD_OPT_EXPORT_NAME, of no letters */
#define NO_ZEROES      2u                          /* flag: nothing behind the export's size and flags */
#define REQUEST_MAGIC  0x25609513u
#define REPLY_MAGIC    0x67446698u
#define REQUEST_BYTES  28
#define REPLY_BYTES    16
#define READ_MAX       (1u << 20)

/* No signal is handled here that would cut one of these short; what is sent is far less than a socket holds. */
static bool put(int connection, const void *data, size_t len)
{
    return send(connection, data, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool get(int connection, void *data, size_t len)
{
    return recv(connection, data, len, MSG_WAITALL) == (ssize_t)len;
}

static void store_be(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

static bool read_piece(int connection, uint64_t at, void *buf, uint32_t len)
{
    uint8_t request[REQUEST_BYTES] = { 0 }, reply[REPLY_BYTES];  /* no flags, command 0: read; the handle is 0 */

    store_be(request, REQUEST_MAGIC, 4);
    store_be(request + 16, at, 8);
    store_be(request + 24, len, 4);
    if (!put(connection, request, sizeof request) || !get(connection, reply, sizeof reply))
        return false;
    if (rd_be32(span_of(reply, sizeof reply), 0) != REPLY_MAGIC || rd_be32(span_of(reply, sizeof reply), 4) != 0)
        return false;  /* an error has no data behind it */
    return get(connection, buf, len);
}

static bool read_export(const struct host_file *file, uint64_t at, void *buf, size_t len)
{
    if (at > file->size || len > file->size - at)
        return false;
    for (size_t done = 0; done < len;) {
        size_t piece = len - done < READ_MAX ? len - done : READ_MAX;

        if (!read_piece((int)file->handle, at + done, (char *)buf + done, (uint32_t)piece))
            return false;
        done += piece;
    }
    return true;
}

bool nbd_open(struct host_file *file, int connection)
{
    uint8_t greeting[sizeof GREETING - 1 + 2], flags[4] = { 0, 0, 0, 1 | NO_ZEROES }, export[10];

    if (!get(connection, greeting, sizeof greeting) || memcmp(greeting, GREETING, sizeof GREETING - 1) != 0 ||
        !(greeting[sizeof greeting - 1] & NO_ZEROES))
        return false;
    if (!put(connection, flags, sizeof flags) || !put(connection, OPTION_NAME, sizeof OPTION_NAME - 1) ||
        !get(connection, export, sizeof export))
        return false;
    *file = (struct host_file){ .handle = connection, .granule = 1, .read = read_export,
                                .size = rd_be64(span_of(export, sizeof export), 0) };
    return true;
}
