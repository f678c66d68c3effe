/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log_ring.h - the last lines of a log, kept to be read again in the menu.
 *
 * Everything that is printed goes through it.
 */
#ifndef LDMBOOT_LOG_RING_H
#define LDMBOOT_LOG_RING_H

#include "arena.h"
#include "log.h"

#define LOG_RING_LINES 256
#define LOG_RING_WIDTH LOG_LINE_SIZE

struct log_ring {
    struct log  log;    /* first member: `line` casts back */
    struct log *next;   /* where lines go on to */
    char      (*lines)[LOG_RING_WIDTH];
    size_t      total;  /* lines ever written; the last LOG_RING_LINES of them are kept */
};

/* Keep what is written to ring->log, and pass it on. Without memory for the lines it is only passed on. */
void log_ring_init(struct log_ring *ring, struct log *next, struct arena *a);

/* Write the kept lines to another log, oldest first. */
void log_ring_replay(const struct log_ring *ring, struct log *to);

#endif
