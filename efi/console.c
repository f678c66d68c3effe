/* SPDX-License-Identifier: GPL-2.0-or-later */
/* console.c - SimpleTextOutput and SimpleTextInput; see console.h. */
#include "console.h"

#include "common/keys.h"
#include "firmware.h"

#define PRINT_CHARS      80           /* handed to the firmware at a time */
#define UNITS_PER_SECOND 10000000ull  /* timers count 100 ns */

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

/* `own`: the text is ours, and may move the cursor; what comes from disks may not. */
static void print(const char *text, bool own)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.system->ConOut;
    CHAR16                        wide[PRINT_CHARS + 1];

    while (out && *text) {
        size_t n = 0;

        while (*text && n < PRINT_CHARS)
            wide[n++] = own ? (CHAR16)*text++ : next_char(&text);
        wide[n] = 0;
        out->OutputString(out, wide);
    }
}

void console_text(const char *text)
{
    print(text, true);
}

static void print_line(struct log *log, const char *text)
{
    (void)log;
    print(text, false);
    print("\r\n", true);
}

struct log console_log = { print_line };

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

/* Wait until the key event or the timer fires; without a keyboard, for the timer. */
static int wait_key_or_timer(SIMPLE_INPUT_INTERFACE *in, EFI_EVENT timer)
{
    EFI_EVENT     events[2] = { timer, in ? in->WaitForKey : NULL };
    UINTN         fired = 0;
    EFI_INPUT_KEY key;

    for (;;) {
        if (EFI_ERROR(fw.boot->WaitForEvent(in ? 2 : 1, events, &fired)) || fired == 0)
            return KEY_NONE;
        /* A multiplexed console may signal a key that ReadKeyStroke then does not have. */
        if (!EFI_ERROR(in->ReadKeyStroke(in, &key)))
            return key_of(&key);
    }
}

int console_wait_key(uint32_t seconds)
{
    SIMPLE_INPUT_INTERFACE *in = fw.system->ConIn;
    EFI_INPUT_KEY           pressed;
    EFI_EVENT               timer;
    int                     key = KEY_NONE;

    if (in && !EFI_ERROR(in->ReadKeyStroke(in, &pressed)))
        return key_of(&pressed);
    if (seconds == 0 || EFI_ERROR(fw.boot->CreateEvent(EVT_TIMER, TPL_CALLBACK, NULL, NULL, &timer)))
        return KEY_NONE;
    if (!EFI_ERROR(fw.boot->SetTimer(timer, TimerRelative, seconds * UNITS_PER_SECOND)))
        key = wait_key_or_timer(in, timer);
    fw.boot->CloseEvent(timer);
    return key;
}

/* ---- the screen as cells */

#define MODE_80X25 0u  /* UEFI 2.10, 12.4: mode 0 is 80x25 on every console */

static UINTN mode_before;

void console_open_screen(void)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.system->ConOut;

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

    if (!out)
        return;
    out->SetAttribute(out, style_attribute(STYLE_TEXT));
    if (mode_before != MODE_80X25)
        out->SetMode(out, mode_before);
    out->ClearScreen(out);
    out->EnableCursor(out, TRUE);
    console_text("\r\n");
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

    for (unsigned row = 0; out && row < SCREEN_ROWS; row++)
        if (screen->changed & 1u << row)
            paint_row(out, screen, row);
}
