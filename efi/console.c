/* SPDX-License-Identifier: GPL-2.0-or-later */
/* console.c - SimpleTextOutput and SimpleTextInput; see console.h. */
#include "console.h"

#include "firmware.h"

#define PRINT_CHARS      80           /* handed to the firmware at a time */
#define UNITS_PER_SECOND 10000000ull  /* timers count 100 ns */
#define STALE_KEYS_MAX   64           /* a stuck key must not hold us for ever */

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

static void print_line(struct log *log, const char *text)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.system->ConOut;
    static CHAR16                 line_end[] = L"\r\n";
    CHAR16                        wide[PRINT_CHARS + 1];

    (void)log;
    while (out && *text) {
        size_t n = 0;

        while (*text && n < PRINT_CHARS)
            wide[n++] = next_char(&text);
        wide[n] = 0;
        out->OutputString(out, wide);
    }
    if (out)
        out->OutputString(out, line_end);
}

struct log console_log = { print_line };

void console_clear(void)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.system->ConOut;

    if (out)
        out->ClearScreen(out);
}

void console_forget_keys(void)
{
    SIMPLE_INPUT_INTERFACE *in = fw.system->ConIn;
    EFI_INPUT_KEY           key;

    for (unsigned i = 0; in && i < STALE_KEYS_MAX && !EFI_ERROR(in->ReadKeyStroke(in, &key)); i++)
        ;
}

/* Wait until the key event or the timer fires; without a keyboard, for the timer. */
static int wait_key_or_timer(SIMPLE_INPUT_INTERFACE *in, EFI_EVENT timer)
{
    EFI_EVENT     events[2] = { timer, in ? in->WaitForKey : NULL };
    UINTN         fired = 0;
    EFI_INPUT_KEY key;

    for (;;) {
        if (EFI_ERROR(fw.boot->WaitForEvent(in ? 2 : 1, events, &fired)) || fired == 0)
            return ASK_NO_KEY;
        /* A multiplexed console may signal a key that ReadKeyStroke then does not have. */
        if (!EFI_ERROR(in->ReadKeyStroke(in, &key)))
            return key.UnicodeChar;
    }
}

int console_wait_key(uint32_t seconds)
{
    SIMPLE_INPUT_INTERFACE *in = fw.system->ConIn;
    EFI_EVENT               timer;
    int                     key = ASK_NO_KEY;

    if (EFI_ERROR(fw.boot->CreateEvent(EVT_TIMER, TPL_CALLBACK, NULL, NULL, &timer)))
        return ASK_NO_KEY;
    if (!EFI_ERROR(fw.boot->SetTimer(timer, TimerRelative, seconds * UNITS_PER_SECOND)))
        key = wait_key_or_timer(in, timer);
    fw.boot->CloseEvent(timer);
    return key;
}
