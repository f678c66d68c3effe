/* SPDX-License-Identifier: GPL-2.0-or-later */
/* console.c - SimpleTextOutput, SimpleTextInput and the serial line; see console.h. */
#include "console.h"

#include "common/ui/keys.h"
#include "common/base/mem.h"
#include "common/base/utf.h"
#include "firmware.h"
#include "serial.h"

#define PRINT_CHARS      80           /* handed to the firmware at a time */
#define UNITS_PER_SECOND 10000000u    /* timers count 100 ns */

/*
 * The character at *text, which is advanced; '?' for what is not UTF-8 or not in the basic plane, and for control
 * characters: names come from disks, and may not move the cursor nor break the lines that somebody reads.
 */
static CHAR16 next_char(const char **text)
{
    size_t   pos = 0;
    uint32_t c = utf8_next(span_of(*text, strlen(*text)), &pos);

    *text += c == NOT_UTF8 ? 1 : pos;
    return utf_is_control(c) || c > 0xffff ? '?' : (CHAR16)c;
}

/* As the firmware's consoles can show it: EDK II's serial terminals make another letter of the low byte of one beyond 0xFF. */
static CHAR16 shown(SIMPLE_TEXT_OUTPUT_INTERFACE *screen, CHAR16 letter)
{
    CHAR16 text[] = { letter, 0 };

    return letter > 0xff && screen && EFI_ERROR(screen->TestString(screen, text)) ? '?' : letter;
}

/*
 * `screen`: NULL: the serial line only.
 * `own`: the text is ours, and may move the cursor; what comes from disks may not.
 */
static void print(SIMPLE_TEXT_OUTPUT_INTERFACE *screen, const char *text, bool own)
{
    CHAR16  wide[PRINT_CHARS + 1];
    uint8_t bytes[PRINT_CHARS * UTF8_MAX_BYTES];

    while (*text) {
        size_t n = 0, count = 0;

        while (*text && n < PRINT_CHARS) {
            wide[n] = own ? (CHAR16)*text++ : next_char(&text);
            count += utf8_put(wide[n], bytes + count);
            wide[n] = shown(screen, wide[n]);
            n++;
        }
        wide[n] = 0;
        if (screen)
            screen->OutputString(screen, wide);
        serial_write((const char *)bytes, count);
    }
}

void console_text(const char *text)
{
    print(fw.system->ConOut, text, true);
}

static void print_line(struct log *log, const char *text)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *screen = log == &console_log ? fw.system->ConOut : NULL;

    print(screen, text, false);
    print(screen, "\r\n", true);
}

struct log console_log = { print_line };

void console_open_serial(const struct config *cfg, struct log_ring *ring)
{
    struct log  serial_log = { print_line };
    bool        was_open = serial_is_open();
    enum status st = serial_open(cfg);

    if (serial_is_open() && !was_open)
        log_ring_replay(ring, &serial_log);
    if (st != STATUS_OK)
        log_error(&ring->log, st, "serial");
}

void console_close_serial(void)
{
    serial_close();
}

void console_clear(void)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.system->ConOut;

    if (out)
        out->ClearScreen(out);
}

/* ---- keys */

static int key_of(const EFI_INPUT_KEY *key)
{
    switch (key->ScanCode) {
    case SCAN_NULL:      return key->UnicodeChar && key->UnicodeChar < 0x80 ? key->UnicodeChar : KEY_OTHER;
    case SCAN_UP:        return KEY_UP;
    case SCAN_DOWN:      return KEY_DOWN;
    case SCAN_PAGE_UP:   return KEY_PAGE_UP;
    case SCAN_PAGE_DOWN: return KEY_PAGE_DOWN;
    case SCAN_HOME:      return KEY_HOME;
    case SCAN_END:       return KEY_END;
    case SCAN_ESC:       return KEY_ESCAPE;
    default:             return KEY_OTHER;
    }
}

/* What is there now. */
static int next_key(void)
{
    SIMPLE_INPUT_INTERFACE *in = fw.system->ConIn;
    EFI_INPUT_KEY           pressed;

    if (in && !EFI_ERROR(in->ReadKeyStroke(in, &pressed)))
        return key_of(&pressed);
    return serial_key();
}

static bool key_came;

bool console_attended(void)
{
    static EFI_GUID gop = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
    void           *found;

    return key_came || !EFI_ERROR(fw.boot->LocateProtocol(&gop, NULL, &found));
}

/* Asking again and again, because a serial line has no event to wait for. */
int console_wait_key(uint32_t seconds)
{
    UINT64    polls = (UINT64)seconds * SERIAL_POLLS_PER_SECOND;
    EFI_EVENT timer;
    UINTN     fired;
    int       key = next_key();

    key_came |= key != KEY_NONE;
    if (key != KEY_NONE || polls == 0 || EFI_ERROR(fw.boot->CreateEvent(EVT_TIMER, TPL_CALLBACK, NULL, NULL, &timer)))
        return key;
    if (EFI_ERROR(fw.boot->SetTimer(timer, TimerPeriodic, UNITS_PER_SECOND / SERIAL_POLLS_PER_SECOND)))
        polls = 0;  /* nothing to wait for */
    for (; key == KEY_NONE && polls > 0 && !EFI_ERROR(fw.boot->WaitForEvent(1, &timer, &fired)); polls--)
        key = next_key();
    fw.boot->CloseEvent(timer);
    key_came |= key != KEY_NONE;
    return key;
}

/* ---- the screen as cells */

#define MODE_80X25 0u  /* UEFI 2.10, 12.4: mode 0 is 80x25 on every console */

static UINTN mode_before;

/* The line end is for who reads the serial line as lines: the next one begins with what is said next. */
static void clear_serial(void)
{
    static const char clear[] = VT100_CLEAR "\r\n";

    serial_write(clear, sizeof clear - 1);
}

void console_open_screen(void)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.system->ConOut;

    clear_serial();
    if (!out)
        return;
    mode_before = (UINTN)out->Mode->Mode;
    out->SetMode(out, MODE_80X25);
    out->EnableCursor(out, FALSE);
    out->ClearScreen(out);
}

void console_close_screen(void)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.system->ConOut;

    clear_serial();
    if (!out)
        return;
    out->SetAttribute(out, style_attribute(STYLE_TEXT));
    if (mode_before != MODE_80X25)
        out->SetMode(out, mode_before);
    out->ClearScreen(out);
    out->EnableCursor(out, TRUE);
    print(out, "\r\n", true);
}

static CHAR16 cell_char(SIMPLE_TEXT_OUTPUT_INTERFACE *out, struct cell cell)
{
    static const CHAR16 glyphs[GLYPH_COUNT] = { ' ', BLOCKELEMENT_FULL_BLOCK, BOXDRAW_DOUBLE_HORIZONTAL,
                                                 BLOCKELEMENT_LIGHT_SHADE };

    return cell.ch < GLYPH_COUNT ? glyphs[cell.ch] : shown(out, (CHAR16)cell.ch);
}

static void paint_row(SIMPLE_TEXT_OUTPUT_INTERFACE *out, const struct screen *screen, unsigned row)
{
    const struct cell *cells = screen->shown[row];
    CHAR16             text[SCREEN_COLUMNS + 1];

    out->SetCursorPosition(out, 0, row);
    for (unsigned column = 0; column < SCREEN_COLUMNS;) {
        uint16_t style = cells[column].style;
        unsigned n = 0;

        while (column < SCREEN_COLUMNS && cells[column].style == style)
            text[n++] = cell_char(out, cells[column++]);
        text[n] = 0;
        out->SetAttribute(out, style_attribute(style));
        out->OutputString(out, text);
    }
}

void console_paint(const struct screen *screen)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.system->ConOut;
    char                          text[SCREEN_VT100_BYTES];

    for (unsigned row = 0; row < SCREEN_ROWS; row++) {
        if (!(screen->changed & 1u << row))
            continue;
        if (out)
            paint_row(out, screen, row);
        serial_write(text, screen_vt100_row(screen, row, text));
    }
}
