/* SPDX-License-Identifier: GPL-2.0-or-later */
/* onefile.c - see onefile.h. */
#include "onefile.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/span.h"

void onefile_named(struct onefile *t, uint64_t reference)
{
    uint8_t       *r = nb_record(&t->v, 5, NB_IN_USE | NB_DIRECTORY, 0), value[256];
    struct nb_node n;

    nb_index_root(value, 4096);
    n = nb_node_begin(value + 16);
    nb_entry(&n, 0, "file", NULL);
    wr_le64(value + 16 + 16, reference);
    nb_node_end(&n, NULL);
    nb_resident(r, NB_ROOT, "$I30", value, 16 + n.len);
    nb_seal(r, ONEFILE_CLUSTER);
}

void onefile_begin(struct onefile *t)
{
    struct nb_stream mft = nb_one_run(ONEFILE_MFT_LCN, ONEFILE_RECORDS, ONEFILE_RECORDS * ONEFILE_CLUSTER);
    uint8_t         *r;

    t->md = memdisk_new("volume", 512, ONEFILE_CLUSTERS * ONEFILE_CLUSTER / 512);
    t->v = (struct nb_volume){ t->md->data,     ONEFILE_CLUSTERS * ONEFILE_CLUSTER, ONEFILE_CLUSTER, ONEFILE_CLUSTER,
                               ONEFILE_MFT_LCN, ONEFILE_RECORDS,                    0 };
    nb_format(&t->v);
    r = nb_record(&t->v, 0, NB_IN_USE, 0);
    nb_in_clusters(r, NB_DATA, "", &mft);
    nb_seal(r, ONEFILE_CLUSTER);
    r = nb_record(&t->v, ONEFILE_RECORD, NB_IN_USE, 0);
    nb_resident(r, NB_DATA, "", "x", 1);
    nb_seal(r, ONEFILE_CLUSTER);
    onefile_named(t, (uint64_t)1 << 48 | ONEFILE_RECORD);
}

void onefile_end(struct onefile *t)
{
    memdisk_free(t->md);
}

enum status onefile_try_open(struct onefile *t)
{
    uint8_t sector[512];

    memcpy(sector, t->md->data, sizeof sector);
    redzone_open(t->memory, sizeof t->memory);  /* it was an arena before */
    memset(t->memory, 0xee, sizeof t->memory);
    t->arena = arena_of(t->memory, sizeof t->memory);
    return fs_open(&t->md->dev, sector, &t->arena, &t->fs);
}

void onefile_open(struct onefile *t)
{
    if (onefile_try_open(t) != STATUS_OK)
        abort();
}
