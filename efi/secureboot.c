/* SPDX-License-Identifier: GPL-2.0-or-later */
/* secureboot.c - state of Secure Boot, and its refusals in words; see secureboot.h. */
#include "secureboot.h"

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

void secure_boot_explain_refusal(struct log *log, const char *image_name)
{
    log_error(log, STATUS_IMAGE_REFUSED, image_name);
    log_line(log, "  Microsoft's boot manager needs Microsoft's certificate in this firmware's");
    log_line(log, "  list of keys (db); a program of your own needs yours there, or in shim's (MOK).");
    log_line(log, "  Enrol the key that is missing, or switch Secure Boot off in the set-up.");
}
