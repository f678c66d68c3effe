/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * select.h - which volumes and components the configuration means.
 *
 * Rule (docs/man/ldmboot.cfg.5): a GUID exactly, else a name ignoring case, else a drive letter "C:" (of a disk: the
 * connected one that holds that volume); several matches are for a person to settle.
 */
#ifndef LDMBOOT_SELECT_H
#define LDMBOOT_SELECT_H

#include "common/settings/config.h"
#include "common/ldm/view.h"

/* How a text names an object; a better way of naming hides the weaker ones. */
enum match { MATCH_NONE, MATCH_LETTER, MATCH_NAME, MATCH_GUID };

struct selection {
    const struct config *cfg;
    enum match           volume, disk;  /* the best way in which the text names something in the view */
    bool                 by_volume;     /* volume or component is given: the person knows which volume */
    bool                 given;         /* anything is given */
    bool                 ambiguous;     /* one of the texts names several objects */
};

struct selection selection_make(const struct ldm_view *view, const struct config *cfg);
bool             selection_has(const struct selection *sel, const struct ldm_component *component);

#endif
