/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mirror.c - the usual mirror, scanned; see mirror.h. */
#include "mirror.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DISK_SECTORS 20000

struct mirror *mirror_new(void)
{
    struct mirror *m = calloc(1, sizeof *m);

    m->disks = 2;
    for (unsigned i = 0; i < 2; i++) {
        m->disk[i] = memdisk_new(i ? "hd81" : "hd80", 512, DISK_SECTORS);
        ldmdisk_mirror(&m->image[i], m->disk[i], false, i + 1);
    }
    return m;
}

void mirror_free(struct mirror *m)
{
    if (m->s)
        scanned_free(m->s);
    for (unsigned i = 0; i < m->disks; i++)
        memdisk_free(m->disk[i]);
    free(m);
}

void mirror_add_disk(struct mirror *m, const char *guid, unsigned like)
{
    m->disks = 3;
    m->disk[2] = memdisk_new("hd82", 512, DISK_SECTORS);
    m->image[2] = m->image[like];
    m->image[2].disk = m->disk[2];
    m->image[2].disk_guid = guid;
}

void mirror_scan(struct mirror *m, unsigned first, unsigned count)
{
    for (unsigned i = 0; i < m->disks; i++)
        ldmdisk_write(&m->image[i]);
    if (m->s)
        scanned_free(m->s);
    m->s = scan_memdisks(m->disk + first, count);
}

void mirror_remove(struct mirror *m, uint64_t id)
{
    for (unsigned i = 0; i < m->disks; i++)
        ldmdisk_remove(&m->image[i], id);
}

void assert_marked(const struct scanned *s, const char *name, enum component_state component_state, enum status code)
{
    const struct ldm_component *c = view_component(s, name);

    assert_false(c->usable);
    assert_int_equal(c->state, component_state);
    assert_true(has_note(&c->reasons, code));
}

void assert_only_mark(const struct scanned *s, const char *name, enum component_state component_state, enum status code)
{
    assert_marked(s, name, component_state, code);
    assert_int_equal(view_component(s, name)->reasons.count, 1);
    assert_true(view_component(s, name)->present);
}
