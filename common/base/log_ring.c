/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log_ring.c - the last lines of a log; see log_ring.h. */
#include "log_ring.h"

static void keep_line(struct log *log, const char *text)
{
    struct log_ring *ring = (struct log_ring *)log;

    if (ring->lines)
        (void)text_format(ring->lines[ring->total++ % LOG_RING_LINES], LOG_RING_WIDTH, "%s", text);
    ring->next->line(ring->next, text);
}

void log_ring_init(struct log_ring *ring, struct log *next, struct arena *a)
{
    *ring = (struct log_ring){ { keep_line }, next, arena_array(a, LOG_RING_LINES, LOG_RING_WIDTH), 0 };
}

void log_ring_replay(const struct log_ring *ring, struct log *to)
{
    size_t first = ring->total > LOG_RING_LINES ? ring->total - LOG_RING_LINES : 0;

    for (size_t i = first; i < ring->total; i++)
        to->line(to, ring->lines[i % LOG_RING_LINES]);
}
