/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slots.h - the four entries of sector 0 as it is shown: which are the real ones and keep their place,
 * which are free, and which volume each of them shows.
 *
 * What Windows's loaders count in the shown table is what its kernel later counts in the real one: so an entry that the
 * kernel numbers stays in its slot, and nothing is put before it (docs/windows-boot.md, "The number rule").
 */
#ifndef LDMBOOT_SLOTS_H
#define LDMBOOT_SLOTS_H

#include "facts.h"

enum slot_kind {
    SLOT_FREE,    /* empty; whatever is put here moves no other number */
    SLOT_HELD,    /* empty in the real table, before an entry that is in use: it must stay so */
    SLOT_FILLER,  /* made up: it only has to be counted */
    SLOT_COVER,   /* a real entry that no volume of interest starts at: its place is kept, as by a filler */
    SLOT_REAL,    /* a real entry of another kind than LDM's: shown as it is */
    SLOT_NAMED,   /* likewise, and a boot store names it: the last to give way */
    SLOT_VOLUME   /* a volume of this disk */
};

struct slot {
    enum slot_kind                kind;
    const struct component_facts *volume;  /* SLOT_VOLUME */
    struct mbr_entry              entry;   /* SLOT_REAL, SLOT_NAMED */
};

struct slots {
    struct slot at[MBR_ENTRIES];  /* all zero: all free */
};

/* The slots of the real table of the loader's disk; no volume is in one yet. */
struct slots slots_of_table(const struct component_facts *loader);

/* The real entry that begins at this sector, if there is one, is named by a boot store. */
void slots_name(struct slots *s, uint64_t lba);

/* Is it a real entry, shown as it is? */
bool slot_is_real(const struct slot *slot);

/* Show a volume that has an entry in the real table, with the kernel's number for it. False: beyond four entries. */
bool slots_put_real(struct slots *s, const struct component_facts *volume);

/*
 * Show a volume as number `number`, fillers before it where nothing is; `over`: also in the place of a real entry of
 * LDM's. False: that number is taken, or beyond four.
 */
bool slots_put_at(struct slots *s, const struct component_facts *volume, unsigned number, bool over);

/* Show a volume wherever there is room, at last in the place of a real entry. False: four volumes are shown. */
bool slots_put(struct slots *s, const struct component_facts *volume);

/*
 * The slot for an entry of our own, of which only has to be true that it moves no other number: a free one, the last,
 * else one that only has to be counted, at last that of a real entry. MBR_ENTRIES: four volumes are shown.
 */
size_t slots_spare(const struct slots *s);

/* The number that a loader counts for the volume in the table as shown; 0: it is not shown. */
unsigned slots_number(const struct slots *s, const struct component_facts *volume);

#endif
