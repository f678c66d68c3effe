/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fatfiles.c - see fatfiles.h. */
#include "fatfiles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void fat_files(const struct fatimage_file *files, size_t count, struct arena *a, struct memory_device *on, struct fs_volume *out)
{
    size_t bytes;
    void  *volume;

    assert_int_equal(fatimage_size(files, count, &bytes), STATUS_OK);
    volume = arena_alloc(a, bytes);
    assert_non_null(volume);
    assert_int_equal(fatimage_build(files, count, 1, volume, bytes), STATUS_OK);
    memory_device_init(on, "memory", volume, bytes);
    assert_int_equal(fs_open(&on->dev, volume, a, out), STATUS_OK);
}
