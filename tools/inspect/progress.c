/* SPDX-License-Identifier: GPL-2.0-or-later */
/* progress.c - see progress.h. Another thread writes: the one that reads may be stuck. */
#include "progress.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "shell.h"

#define PATIENCE_SECONDS 3   /* what is done by then is not spoken of */
#define COLUMNS          79
#define NAME_LETTERS     31  /* of its end, so that the line stays one */
#define NUMBER_LETTERS   11

static struct {
    atomic_flag           busy;   /* somebody writes, or looks at what is below */
    bool                  on;     /* between begin and end */
    bool                  shown;
    const char           *name;
    uint64_t              sector;
} now = { .busy = ATOMIC_FLAG_INIT };

static void lock(void)
{
    while (atomic_flag_test_and_set(&now.busy))
        host_pause();
}

static void unlock(void) { atomic_flag_clear(&now.busy); }

/* As much of a name as there is room for; from a whole letter of UTF-8 on. */
static const char *end_of(const char *name)
{
    size_t len = strlen(name);

    if (len > NAME_LETTERS)
        name += len - NAME_LETTERS;
    while (((unsigned char)*name & 0xc0u) == 0x80)
        name++;
    return name;
}

static void tick(unsigned seconds)
{
    lock();
    if (now.on && now.name && seconds >= PATIENCE_SECONDS) {
        const char *name = end_of(now.name);

        fprintf(stderr, "\rldmboot-inspect: reading %s", name == now.name ? "" : "...");
        shell_name(stderr, name);
        fprintf(stderr, ", sector %-*" PRIu64, (int)(NAME_LETTERS + NUMBER_LETTERS - strlen(name)), now.sector);
        fflush(stderr);
        now.shown = true;
    }
    unlock();
}

void progress_begin(void)
{
    if (!host_is_terminal(stderr))
        return;
    now.on = true;
    host_each_second(tick);
}

void progress_reading(const char *name, uint64_t sector)
{
    lock();
    now.name = name;
    now.sector = sector;
    unlock();
}

/* With the lock. Blanks, since the console of an older Windows knows nothing else. */
static void hide(void)
{
    if (now.shown)
        fprintf(stderr, "\r%*s\r", COLUMNS, "");
    fflush(stderr);
    now.shown = false;
}

void progress_hide(void)
{
    lock();
    hide();
    unlock();
}

void progress_end(void)
{
    lock();
    hide();
    now.on = false;
    unlock();
}
