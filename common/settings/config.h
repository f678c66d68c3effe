/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config.h - ldmboot.cfg (interfaces.md): what the person who made the stick wants. */
#ifndef LDMBOOT_CONFIG_H
#define LDMBOOT_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/log.h"
#include "common/base/span.h"
#include "store_options.h"

#define CONFIG_MAX_BYTES 4096
#define CONFIG_VALUE_MAX 128
#define CONFIG_PLACE_MAX 40
#define CONFIG_FOR_EVER  0xffffffffu  /* seconds that do not end */

enum serial_mode { SERIAL_AUTO, SERIAL_OFF, SERIAL_COM, SERIAL_PORT };
enum connect_mode { CONNECT_ALL, CONNECT_NONE };
enum on_error { ON_ERROR_NEXT, ON_ERROR_MENU, ON_ERROR_HALT };

struct config {
    bool             timeout_set;             /* else 5 s */
    uint32_t         timeout;                 /* seconds; 0: none */
    char             volume[CONFIG_VALUE_MAX];     /* "" when not given */
    char             disk[CONFIG_VALUE_MAX];
    char             component[CONFIG_VALUE_MAX];
    char             volume_place[CONFIG_PLACE_MAX];  /* where these were said: "ldmboot.cfg line 3" */
    char             disk_place[CONFIG_PLACE_MAX];
    char             component_place[CONFIG_PLACE_MAX];
    enum serial_mode serial;
    uint16_t         serial_port;             /* COM number 1..4, or an I/O port, by mode */
    uint32_t         serial_baud;             /* 115200 by default */
    bool             verbose;
    enum connect_mode connect;
    enum on_error    on_error;
    bool             question_timeout_set;    /* else by whether somebody is there (ask.h) */
    uint32_t         question_timeout;        /* seconds, or CONFIG_FOR_EVER */
    struct store_options store;               /* for a boot store that is made here */
};

/* All defaults. */
struct config config_default(void);

/*
 * Apply a configuration text to `cfg`. Whatever is wrong becomes a note with its
 * line number and the default, or the earlier good value, stays; never fails.
 * text: UTF-8, BOM allowed, LF, CRLF or CR; the line that CONFIG_MAX_BYTES ends in, and what is behind it, is not
 * read, and said.
 */
void config_parse(struct span text, struct arena *a, struct config *cfg, struct note_list *notes);

/*
 * Apply one "key=value" of a command line, after the file: it wins over the file's
 * value. Whatever is wrong becomes a note; never fails.
 */
void config_apply_option(struct span setting, struct arena *a, struct config *cfg, struct note_list *notes);

/*
 * Apply a whole command line as boot loaders pass it to a kernel: words between blanks, up to a NUL or `max` bytes;
 * "quotes" hold blanks together and are left out. BOOT_IMAGE= and initrd=, which loaders add, and
 * words without "=" are passed over.
 */
void config_apply_command_line(const char *text, size_t max, struct arena *a, struct config *cfg, struct note_list *notes);

#endif
