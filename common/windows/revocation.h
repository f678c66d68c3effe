/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * revocation.h - is a program on the firmware's list of what Secure Boot must never start (dbx)?
 *
 * Facts: UEFI specification 2.10, 32.4.1 (signature lists: an entry is a SHA-256 of a program or a whole certificate);
 * Microsoft's Windows Authenticode Portable Executable Signature Format (what the hash leaves out).
 */
#ifndef LDMBOOT_REVOCATION_H
#define LDMBOOT_REVOCATION_H

#include "common/base/sha256.h"
#include "common/base/span.h"

/* The hash that a PE program is signed by and revoked by. False: not a program. */
bool revocation_hash(struct span image, uint8_t out[SHA256_BYTES]);

/* Does the list name this program by its hash, or by Microsoft's certificate of 2011 when that is in both? */
bool revocation_names(struct span list, struct span image);

#endif
