/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sbat.c - the .sbat section: which generation of which program this is, so
 * that shim can refuse a vulnerable one by number.
 *
 * Facts: SBAT.md of the shim project: component, generation, vendor, package, version, URL. The text ends at the section's padding of zeros.
 */
__attribute__((section(".sbat"), used)) static const char sbat[] =
    "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"
    "ldmboot,1,ldmboot,ldmboot," LDMBOOT_VERSION "," LDMBOOT_URL "\n";
