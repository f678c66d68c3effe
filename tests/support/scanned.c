/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scanned.c - run ldm_scan() over test disks; see scanned.h. */
#include "scanned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX_DISKS   32
#define ARENA_BYTES (4u << 20)

static void collect_line(struct log *log, const char *text)
{
    struct scanned *s = (struct scanned *)log;
    size_t          used = strlen(s->text);

    assert_true(used + strlen(text) + 2 <= sizeof s->text);
    strcpy(s->text + used, text);
    strcat(s->text, "\n");
}

struct scanned *scan_memdisks(struct memdisk *const *disks, size_t n)
{
    struct scanned      *s = calloc(1, sizeof *s);
    struct block_device *devices[MAX_DISKS];

    assert_true(n <= MAX_DISKS);
    for (size_t i = 0; i < n; i++)
        devices[i] = &disks[i]->dev;
    s->log.line = collect_line;
    s->arena = arena_of(malloc(ARENA_BYTES), ARENA_BYTES);
    assert_int_equal(ldm_scan(devices, n, &s->log, &s->arena, &s->view), STATUS_OK);
    assert_int_equal(s->arena.size, ARENA_BYTES);  /* scratch was given back */
    return s;
}

struct scanned *scan_memdisk(struct memdisk *disk)
{
    return scan_memdisks(&disk, 1);
}

void scanned_free(struct scanned *s)
{
    free(s->arena.base);
    free(s);
}

struct ldm_volume *view_volume(const struct scanned *s, const char *name)
{
    for (size_t g = 0; g < s->view.group_count; g++)
        for (size_t i = 0; i < s->view.groups[g].volume_count; i++)
            if (strcmp(s->view.groups[g].volumes[i].name, name) == 0)
                return &s->view.groups[g].volumes[i];
    fail_msg("no volume %s", name);
    return NULL;
}

struct ldm_component *view_component(const struct scanned *s, const char *name)
{
    for (size_t g = 0; g < s->view.group_count; g++)
        for (size_t i = 0; i < s->view.groups[g].component_count; i++)
            if (strcmp(s->view.groups[g].components[i].name, name) == 0)
                return &s->view.groups[g].components[i];
    fail_msg("no component %s", name);
    return NULL;
}

bool has_note(const struct note_list *list, enum status code)
{
    for (const struct note *n = list->first; n; n = n->next)
        if (n->code == code)
            return true;
    return false;
}
