/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * candidate.h - judge one component: could it be started, should a person be asked
 * first, and how likely is its volume the right one.
 *
 * The rules themselves are in docs/how-it-chooses.md.
 */
#ifndef LDMBOOT_CANDIDATE_H
#define LDMBOOT_CANDIDATE_H

#include "facts.h"
#include "lookup.h"

/* How likely a volume is the system volume; lower is better (docs/how-it-chooses.md). */
enum plan_rank { RANK_LOADER_AND_FLAG, RANK_LOADER, RANK_WINDOWS, RANK_FLAG, RANK_MIRRORED, RANK_OTHER, RANK_NEVER };

/* May it be started? Only what is GOOD is ever started without a person. */
enum plan_verdict {
    VERDICT_GOOD,
    VERDICT_MARKED,      /* in doubt: when a person chooses it */
    VERDICT_STALE_ONLY,  /* its data is old, and no better half is connected: after a person typed the word shown */
    VERDICT_STALE,       /* its data is old, and a better half is connected: not at all */
    VERDICT_NEVER,       /* it cannot be started */
};

struct plan_candidate {
    const struct ldm_volume      *volume;
    const struct ldm_component   *component;
    const struct component_facts *facts;  /* NULL: never probed (disk missing, striped, ...) */
    enum plan_rank                rank;
    enum plan_verdict             verdict;
    enum boot_method              method;   /* how it would be started */
    enum status                   lost;     /* its loader is, and why none can be had for it (alone.h); OK otherwise */
    bool                          selected; /* matches the configuration, also when that asks for nothing */
    enum status                   code;   /* OK for what would be started; else why it is rejected */
    const char                   *text;   /* the reason in words, "" when OK */
    struct note_list              age;    /* of an old or disputed half: what is known of when it was written */
    const struct lookup          *lookup; /* how its loader finds things; NULL: no file says how */
    const struct component_facts *windows;         /* the half that Windows itself would come from; this one when not known */
    unsigned                      windows_number;  /* what Windows's kernel calls the partition of that half on its disk */
    unsigned                      number;          /* and of this one; 0: it finds none there */
    enum status                   number_doubt;    /* why that may end in 0x7B; OK: it finds Windows's own volume */
};

/*
 * Judge a component by itself and by the state of its group. `text` of the answer
 * is in the arena; `selected` is left for the caller.
 */
struct plan_candidate candidate_judge(const struct ldm_view *view, const struct boot_facts *facts,
                                      const struct ldm_component *component, struct arena *a);

/*
 * A connected disk of its group whose database cannot be read, and need not be: by the newest one that disk is failing,
 * and the halves of this volume that are on it are old. NULL: there is none.
 */
const struct ldm_disk *candidate_dying_disk(const struct ldm_view *view, const struct ldm_component *component);

/*
 * Is a disk connected that is a dynamic one by its table, but of whose PRIVHEAD no copy is left? One that does not even
 * answer for its sector 0 is a dead disk, and nothing to wait for.
 */
bool candidate_unknown_disk(const struct ldm_view *view);

/* Set code and text ("Volume3-01 on hd81: sentence"). */
void candidate_mark(struct plan_candidate *c, struct arena *a, enum status code);

/* "hd81", or the name the database has for it when the disk is not connected. */
const char *candidate_disk_name(const struct plan_candidate *c);

#endif
