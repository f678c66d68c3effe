/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netcfg.c - the settings of a start from the network; see netcfg.h. */
#include "netcfg.h"

#include "common/settings/bootp.h"
#include "common/base/mem.h"
#include "firmware.h"

#define FETCH_MAX_BYTES     16384  /* more than ldmboot.cfg may have, so that a longer one is noticed, and begun to be read */
#define TFTP_FILE_NOT_FOUND 1      /* RFC 1350, appendix */

/* The answer that named the boot file: the boot server's, or that of the DHCP server, which can be two. */
static struct span answer(const EFI_PXE_BASE_CODE_MODE *mode)
{
    const EFI_PXE_BASE_CODE_PACKET *packet = mode->PxeReplyReceived ? &mode->PxeReply
                                             : mode->ProxyOfferReceived ? &mode->ProxyOffer : &mode->DhcpAck;

    return span_of(packet->Raw, sizeof packet->Raw);
}

static EFI_STATUS fetch(EFI_PXE_BASE_CODE_PROTOCOL *pxe, struct bootp_file *file, void *buffer, UINT64 *bytes)
{
    EFI_IP_ADDRESS server = { 0 };

    memcpy(&server, file->server, sizeof file->server);
    return pxe->Mtftp(pxe, EFI_PXE_BASE_CODE_TFTP_READ_FILE, buffer, FALSE, bytes, NULL, &server, (UINT8 *)file->name,
                      NULL, FALSE);
}

/*
 * The server has no such file, as iPXE says it and as EDK II does, which passes every refusal of the server on as
 * EFI_TFTP_ERROR and (OVMF 2022.11) leaves TftpError empty: without it, the usual reason is taken to be the one.
 */
static bool is_missing(EFI_STATUS st, const EFI_PXE_BASE_CODE_MODE *mode)
{
    if (st == EFI_TFTP_ERROR)
        return !mode->TftpErrorReceived || mode->TftpError.ErrorCode == TFTP_FILE_NOT_FOUND;
    return st == EFI_NOT_FOUND;
}

void netcfg_apply(struct arena *a, struct config *cfg, struct note_list *notes)
{
    static EFI_GUID             guid_pxe = EFI_PXE_BASE_CODE_PROTOCOL_GUID;
    EFI_PXE_BASE_CODE_PROTOCOL *pxe = protocol_on(fw.self ? fw.self->DeviceHandle : NULL, &guid_pxe);
    UINT64                      bytes = FETCH_MAX_BYTES;
    struct bootp_file           file;
    void                       *text;
    EFI_STATUS                  st;
    char                        name[32];

    if (!pxe || !pxe->Mode->Started || pxe->Mode->UsingIpv6 ||
        !bootp_file_beside(answer(pxe->Mode), "ldmboot.cfg", &file))
        return;
    text = arena_alloc(a, FETCH_MAX_BYTES);
    st = text ? fetch(pxe, &file, text, &bytes) : EFI_OUT_OF_RESOURCES;
    if (st == EFI_SUCCESS && bytes <= FETCH_MAX_BYTES)
        config_parse(span_of(text, (size_t)bytes), a, cfg, notes);
    else if (!is_missing(st, pxe->Mode))
        note_add(notes, a, STATUS_CONFIG_NOT_FETCHED, "ldmboot.cfg, %s", efi_status_text(st, name, sizeof name));
}
