/* SPDX-License-Identifier: GPL-2.0-or-later */
/* console.c - SimpleTextOutput, SimpleTextInput and the serial line; see console.h. */
#include "console.h"

#include "common/keys.h"
#include "firmware.h"
#include "serial.h"

#define PRINT_CHARS      80           /* handed to the firmware at a time */
#define UTF8_MAX         3            /* bytes per character of the basic plane */
#define UNITS_PER_SECOND 10000000u    /* timers count 100 ns */

/* Length of the UTF-8 character that starts with `lead`; 1 for a byte that starts none. */
static size_t utf8_length(unsigned char lead)
{
    if (lead < 0xc2 || lead >= 0xf8)
        return 1;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* Names come from disks: no control characters to the terminal, nor to who reads lines from it. */
static bool is_printable(uint32_t c)
{
    return c >= ' ' && (c < 0x7f || c > 0x9f) && c <= 0xffff;
}

/* The character at *text, which is advanced; '?' for what is not UTF-8, not in the basic plane, or no text. */
static CHAR16 next_char(const char **text)
{
    static const unsigned char lead_bits[5] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    const unsigned char       *p = (const unsigned char *)*text;
    size_t                     len = utf8_length(*p);
    uint32_t                   c = *p & lead_bits[len];

    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            *text += 1;
            return '?';
        }
        c = c << 6 | (p[i] & 0x3f);
    }
    *text += len;
    return *p < 0x80 || len > 1 ? (CHAR16)(is_printable(c) ? c : '?') : '?';
}

/*
 * `screen`: NULL: the serial line only.
 * `own`: the text is ours, and may move the cursor; what comes from disks may not.
 */
static void print(SIMPLE_TEXT_OUTPUT_INTERFACE *screen, const char *text, bool own)
{
    CHAR16 wide[PRINT_CHARS + 1];
    char   bytes[PRINT_CHARS * UTF8_MAX];

    while (*text) {
        size_t n = 0, count = 0;

        while (*text && n < PRINT_CHARS) {
            const char *from = text;
            CHAR16      c = own ? (CHAR16)*text++ : next_char(&text);

            wide[n++] = c;
            if (c < 0x80)
                bytes[count++] = (char)c;
            else
                while (from < text)
                    bytes[count++] = *from++;
        }
        wide[n] = 0;
        if (screen)
            screen->OutputString(screen, wide);
        serial_write(bytes, count);
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

/* Asking again and again, because a serial line has no event to wait for. */
int console_wait_key(uint32_t seconds)
{
    UINT64    polls = (UINT64)seconds * SERIAL_POLLS_PER_SECOND;
    EFI_EVENT timer;
    UINTN     fired;
    int       key = next_key();

    if (key != KEY_NONE || polls == 0 || EFI_ERROR(fw.boot->CreateEvent(EVT_TIMER, TPL_CALLBACK, NULL, NULL, &timer)))
        return key;
    if (EFI_ERROR(fw.boot->SetTimer(timer, TimerPeriodic, UNITS_PER_SECOND / SERIAL_POLLS_PER_SECOND)))
        polls = 0;  /* nothing to wait for */
    for (; key == KEY_NONE && polls > 0 && !EFI_ERROR(fw.boot->WaitForEvent(1, &timer, &fired)); polls--)
        key = next_key();
    fw.boot->CloseEvent(timer);
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

static CHAR16 cell_char(struct cell cell)
{
    static const CHAR16 glyphs[GLYPH_COUNT] = { ' ', BLOCKELEMENT_FULL_BLOCK, BOXDRAW_DOUBLE_HORIZONTAL,
                                                 BLOCKELEMENT_LIGHT_SHADE };

    return (uint8_t)cell.ch < GLYPH_COUNT ? glyphs[(uint8_t)cell.ch] : (CHAR16)cell.ch;
}

static void paint_row(SIMPLE_TEXT_OUTPUT_INTERFACE *out, const struct screen *screen, unsigned row)
{
    const struct cell *cells = screen->shown[row];
    CHAR16             text[SCREEN_COLUMNS + 1];

    out->SetCursorPosition(out, 0, row);
    for (unsigned column = 0; column < SCREEN_COLUMNS;) {
        uint8_t  style = cells[column].style;
        unsigned n = 0;

        while (column < SCREEN_COLUMNS && cells[column].style == style)
            text[n++] = cell_char(cells[column++]);
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
