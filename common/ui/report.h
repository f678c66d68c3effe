/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - the view and the plan in words: the same lines on the BIOS screen,
 * the EFI console, the serial line and ldmboot-inspect's text output.
 *
 * Facts: interfaces.md.
 */
#ifndef LDMBOOT_REPORT_H
#define LDMBOOT_REPORT_H

#include "common/decide/plan.h"

/* "ldmboot <version> (BIOS|UEFI ...)" and what it does and does not do. */
void report_banner(struct log *log, const char *version, const char *platform);

/*
 * Disks, groups, volumes, components with state and reasons; fits 80 columns. Without `all`, the
 * many volumes that a group can have on disks which are not connected are counted in one line.
 * What report_plan will say of a disk is left to it (NULL: there is no plan).
 */
void report_view(struct log *log, const struct ldm_view *view, const struct boot_facts *facts,
                 const struct boot_plan *plan, bool all);

/* "Windows's kernel: partition 2 of hd81." - for Windows's own volume, and for the loader's when it is another one. */
void report_kernel(struct log *log, const struct plan_candidate *c);

/* What a person who chose this half has not been told yet: where Windows will look, and what its loader is shown. */
void report_choice(struct log *log, const struct plan_candidate *c);

/* The decision, its reason, notes; with `explain`, every candidate that was rejected and why. */
void report_plan(struct log *log, const struct boot_plan *plan, bool explain);

#define REPORT_BOOT_LINE_BYTES 2048  /* two names of 255 bytes, each byte as %XX, and the rest */

/*
 * The LDM-BOOT line (interfaces.md), without the line end. `drive` is the
 * firmware's number before remapping, or -1 for "-" (UEFI).
 * Returns false when it does not fit.
 */
bool report_boot_line(const struct boot_plan *plan, int drive, char *buf, size_t size);

/* Small texts, for the menu too. */
#define REPORT_SIZE_TEXT 16
const char *report_size(uint64_t sectors, char out[REPORT_SIZE_TEXT]);  /* "47 MB", "465 GB": to recognise a disk by */
const char *report_table(enum disk_table table);
const char *report_fs(enum fs_kind kind);                               /* ", NTFS"; "" when unknown */
const char *report_loader(const struct component_facts *f);             /* ", NTLDR"; "" when the root was not read */

#endif
