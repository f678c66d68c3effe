/* SPDX-License-Identifier: GPL-2.0-or-later */
/* controllers.c - PCI controllers of disks without a driver; see controllers.h. */
#include "controllers.h"

#include "devpath.h"
#include "firmware.h"

#include <efipciio.h>

#define PCI_CLASS_BASE     0x0bu  /* in its configuration space */
#define PCI_MASS_STORAGE   0x01u

static EFI_GUID guid_pci_io = EFI_PCI_IO_PROTOCOL_GUID;

/* Vendor and device ID; false: it is no controller of disks. */
static bool is_storage(EFI_PCI_IO_PROTOCOL *pci, UINT16 id[2])
{
    UINT8 class = 0;

    return !EFI_ERROR(pci->Pci.Read(pci, EfiPciIoWidthUint8, PCI_CLASS_BASE, 1, &class)) && class == PCI_MASS_STORAGE &&
           !EFI_ERROR(pci->Pci.Read(pci, EfiPciIoWidthUint16, 0, 2, id));
}

/* A driver opens the controller that it manages. */
static bool has_driver(EFI_HANDLE controller)
{
    EFI_OPEN_PROTOCOL_INFORMATION_ENTRY *entries = NULL;
    UINTN                                count = 0;
    bool                                 found = false;

    if (EFI_ERROR(fw.boot->OpenProtocolInformation(controller, &guid_pci_io, &entries, &count)))
        return true;  /* nothing is known: nothing is said */
    for (UINTN i = 0; i < count; i++)
        found |= (entries[i].Attributes & EFI_OPEN_PROTOCOL_BY_DRIVER) != 0;
    if (entries)
        fw.boot->FreePool(entries);
    return found;
}

void controllers_without_driver(struct note_list *notes, struct arena *a)
{
    struct handle_list list = handles_with(&guid_pci_io);

    for (UINTN i = 0; i < list.count; i++) {
        UINT16 id[2];
        char   path[80];

        if (is_storage(protocol_on(list.handles[i], &guid_pci_io), id) && !has_driver(list.handles[i]))
            note_add(notes, a, STATUS_CONTROLLER_NO_DRIVER, "%s (PCI %04x:%04x)",
                     devpath_text(protocol_on(list.handles[i], &guid_device_path), path, sizeof path), id[0], id[1]);
    }
    handles_free(&list);
}
