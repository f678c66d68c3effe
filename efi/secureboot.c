/* SPDX-License-Identifier: GPL-2.0-or-later */
/* secureboot.c - state of Secure Boot, and its refusals in words; see secureboot.h. */
#include "secureboot.h"

#include "common/windows/revocation.h"
#include "firmware.h"

/* A one-byte variable of the specification's own; 0 when it is not there. */
static UINT8 global_flag(CHAR16 *name)
{
    static EFI_GUID global = EFI_GLOBAL_VARIABLE;
    UINT8           value = 0;
    UINTN           size = sizeof value;

    if (EFI_ERROR(fw.system->RuntimeServices->GetVariable(name, &global, NULL, &size, &value)))
        return 0;
    return value;
}

bool secure_boot_is_on(void)
{
    static CHAR16 name[] = L"SecureBoot";

    return global_flag(name) == 1;
}

const char *secure_boot_text(void)
{
    static CHAR16 setup_mode[] = L"SetupMode";

    if (secure_boot_is_on())
        return "Secure Boot on";
    return global_flag(setup_mode) == 1 ? "Secure Boot off (setup mode)" : "Secure Boot off";
}

/* The list of what is revoked; empty when it cannot be had. */
static struct span revocation_list(struct arena *a)
{
    /* EFI_IMAGE_SECURITY_DATABASE_GUID (UEFI specification 2.10, 32.6.1); gnu-efi does not have it everywhere. */
    static EFI_GUID database = { 0xd719b2cb, 0x3d3a, 0x4596, { 0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f } };
    static CHAR16   name[] = L"dbx";
    UINTN           size = 0;
    uint8_t        *list;

    if (fw.system->RuntimeServices->GetVariable(name, &database, NULL, &size, NULL) != EFI_BUFFER_TOO_SMALL)
        return span_of(NULL, 0);
    list = arena_alloc(a, size);
    if (!list || EFI_ERROR(fw.system->RuntimeServices->GetVariable(name, &database, NULL, &size, list)))
        return span_of(NULL, 0);
    return span_of(list, size);
}

static void explain_revoked(struct log *log, const char *image_name)
{
    log_error(log, STATUS_IMAGE_REVOKED, image_name);
    log_line(log, "  Enrolling a key does not help. An update of Windows brings a boot manager that is");
    log_line(log, "  signed with the certificate of 2023; for tonight, switch Secure Boot off in the set-up.");
}

void secure_boot_explain_refusal(struct log *log, const char *image_name, struct span image, struct arena *a)
{
    size_t mark = arena_mark(a);
    bool   revoked = revocation_names(revocation_list(a), image);

    arena_release(a, mark);
    if (revoked) {
        explain_revoked(log, image_name);
        return;
    }
    log_error(log, STATUS_IMAGE_REFUSED, image_name);
    log_line(log, "  Microsoft's boot manager needs Microsoft's certificate in this firmware's");
    log_line(log, "  list of keys (db); a program of your own needs yours there, or in shim's (MOK).");
    log_line(log, "  Behind shim it can also be shim that refused, by its own lists.");
    log_line(log, "  Enrol the key that is missing, or switch Secure Boot off in the set-up.");
}
