/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serial.c - Serial I/O of a port that is not the firmware's console; see serial.h. */
#include "serial.h"

#include "common/base/checked.h"
#include "common/ui/keys.h"
#include "devpath.h"

#define PORT_TIMEOUT_US 1000000u  /* for one character */
#define BYTES_PER_POLL  16u       /* a port that is never empty must not hold us */
#define ESCAPE_POLLS    (SERIAL_POLLS_PER_SECOND / 6)  /* the rest of a key's sequence comes at once, also at 1200 baud */
#define PNP_UART        EISA_PNP_ID(0x0501)            /* ACPI's name for a PC's COM port; COM1 has the number 0 */

static EFI_GUID guid_serial_io = EFI_SERIAL_IO_PROTOCOL_GUID;

/* EDK II's mark of the devices that its console is made of (MdeModulePkg, ConsoleOutDevice.h). */
static EFI_GUID guid_console_out_device = { 0xd3b36f2c, 0xd551, 0x11d4, { 0x9a, 0x46, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d } };

static EFI_SERIAL_IO_PROTOCOL *port;         /* NULL: none is open */
static EFI_HANDLE              port_handle;
static struct key_decoder      decoder;
static unsigned                silence;      /* polls since the last byte */

/*
 * Is the firmware's console on this port? A terminal driver on it does not tell: it also comes to ports that the console
 * is not sent to, when everything gets connected.
 */
static bool is_console(EFI_HANDLE handle)
{
    const EFI_DEVICE_PATH *path = protocol_on(handle, &guid_device_path);
    struct handle_list     list = handles_with(&guid_console_out_device);
    bool                   found = devpath_begins_with(protocol_on(fw.system->ConsoleOutHandle, &guid_device_path), path);

    for (UINTN i = 0; i < list.count && !found; i++)
        found = devpath_begins_with(protocol_on(list.handles[i], &guid_device_path), path);
    handles_free(&list);
    return found;
}

/* 1 to 4, also by the customary addresses; 0: another address, which says nothing here. */
static unsigned com_number(const struct config *cfg)
{
    static const uint16_t customary[] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };

    if (cfg->serial == SERIAL_COM)
        return cfg->serial_port;
    for (unsigned i = 0; i < ARRAY_LEN(customary); i++)
        if (cfg->serial_port == customary[i])
            return i + 1;
    return 0;
}

/* Alone, so that a terminal driver leaves the port and no connecting brings it back: it would take our keys. */
static bool take(EFI_HANDLE handle, const struct config *cfg)
{
    void *interface = NULL;

    if (EFI_ERROR(fw.boot->OpenProtocol(handle, &guid_serial_io, &interface, fw.image, NULL, EFI_OPEN_PROTOCOL_EXCLUSIVE)))
        return false;
    port_handle = handle;
    port = interface;
    port->Reset(port);
    /* Refused: the port goes on as it is. No flow control: a cable without those wires would stop us. */
    port->SetAttributes(port, cfg->serial_baud, 0, PORT_TIMEOUT_US, NoParity, 8, OneStopBit);
    port->SetControl(port, EFI_SERIAL_DATA_TERMINAL_READY | EFI_SERIAL_REQUEST_TO_SEND);
    return true;
}

static enum status open_com(const struct handle_list *ports, const struct config *cfg)
{
    ACPI_HID_DEVICE_PATH com = { { ACPI_DEVICE_PATH, ACPI_DP, { sizeof com, 0 } }, PNP_UART, com_number(cfg) - 1u };

    for (UINTN i = 0; i < ports->count; i++)
        if (devpath_has_node(protocol_on(ports->handles[i], &guid_device_path), &com.Header) &&
            (is_console(ports->handles[i]) || take(ports->handles[i], cfg)))
            return STATUS_OK;
    return STATUS_SERIAL_NO_PORT;
}

/* The first one, if the firmware's console is on none. */
static void open_first(const struct handle_list *ports, const struct config *cfg)
{
    for (UINTN i = 0; i < ports->count; i++)
        if (is_console(ports->handles[i]))
            return;
    for (UINTN i = 0; i < ports->count && !port; i++)
        (void)take(ports->handles[i], cfg);
}

enum status serial_open(const struct config *cfg)
{
    struct handle_list ports;
    enum status        st = STATUS_OK;

    if (port || cfg->serial == SERIAL_OFF)
        return STATUS_OK;
    ports = handles_with(&guid_serial_io);
    if (cfg->serial == SERIAL_AUTO)
        open_first(&ports, cfg);
    else
        st = open_com(&ports, cfg);
    handles_free(&ports);
    return st;
}

bool serial_is_open(void)
{
    return port != NULL;
}

void serial_close(void)
{
    if (port)
        fw.boot->CloseProtocol(port_handle, &guid_serial_io, fw.image, NULL);
    port = NULL;
}

void serial_write(const char *bytes, size_t count)
{
    UINTN sent = count;

    if (port && EFI_ERROR(port->Write(port, &sent, (void *)(uintptr_t)bytes)))
        serial_close();
}

static bool has_byte(void)
{
    UINT32 state = 0;

    return port && !EFI_ERROR(port->GetControl(port, &state)) && !(state & EFI_SERIAL_INPUT_BUFFER_EMPTY);
}

int serial_key(void)
{
    int key = KEY_NONE;

    for (unsigned i = 0; i < BYTES_PER_POLL && key == KEY_NONE && has_byte(); i++) {
        UINT8 byte = 0;
        UINTN count = 1;

        if (EFI_ERROR(port->Read(port, &count, &byte)))
            serial_close();
        silence = 0;
        key = key_decode(&decoder, byte & 0x7f);
    }
    if (key == KEY_NONE && key_decode_pending(&decoder) && ++silence >= ESCAPE_POLLS)
        key = key_decode_end(&decoder);
    return key;
}
