/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootp.c - a DHCP server's answer; see bootp.h. */
#include "bootp.h"

#include "common/base/mem.h"

#define SERVER      20   /* siaddr */
#define FILE_FIELD  108
#define FILE_BYTES  128
#define OPTIONS     240
#define OPTION_PAD  0
#define OPTION_FILE 67
#define OPTION_END  255

/* The value of an option; an empty span when it is not there. */
static struct span find_option(struct span answer, uint8_t wanted)
{
    struct cursor c = cursor_of(answer);

    cur_skip(&c, OPTIONS);
    while (!c.bad) {
        uint8_t     code = (uint8_t)cur_be(&c, 1);
        struct span value;

        if (code == OPTION_PAD)
            continue;
        if (code == OPTION_END)
            break;
        value = cur_bytes(&c, (size_t)cur_be(&c, 1));
        if (code == wanted)
            return value;
    }
    return span_of(answer.data, 0);
}

/* A server may send the name as an option when the firmware asks for it (dnsmasq does), else it is in its field. */
static struct span boot_file(struct span answer)
{
    struct span file = find_option(answer, OPTION_FILE);

    return file.len > 0 ? file : span_sub(answer, FILE_FIELD, FILE_BYTES);
}

/* How much of the path is the folder, with its last slash. */
static size_t folder_length(struct span path)
{
    size_t len = 0;

    for (size_t i = 0; i < path.len && rd_u8(path, i); i++)
        if (rd_u8(path, i) == '/' || rd_u8(path, i) == '\\')
            len = i + 1;
    return len;
}

bool bootp_file_beside(struct span answer, const char *name, struct bootp_file *out)
{
    struct span path = boot_file(answer);
    size_t      folder = folder_length(path), name_size = strlen(name) + 1;

    if (rd_be32(answer, SERVER) == 0 || name_size > sizeof out->name || folder > sizeof out->name - name_size)
        return false;
    (void)span_copy(answer, SERVER, out->server, sizeof out->server);
    (void)span_copy(path, 0, out->name, folder);
    memcpy(out->name + folder, name, name_size);
    return true;
}
