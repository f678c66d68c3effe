/* SPDX-License-Identifier: GPL-2.0-or-later */
/* document.h - the JSON document of ldmboot-inspect (docs/interfaces.md, schema 1). */
#ifndef LDMBOOT_INSPECT_DOCUMENT_H
#define LDMBOOT_INSPECT_DOCUMENT_H

#include <stdio.h>

#include "common/decide/plan.h"

/* Write view and plan to `out`: every key always there, what is unknown null. */
void document_write(FILE *out, const struct ldm_view *view, const struct boot_facts *facts,
                    const struct boot_plan *plan);

#endif
