/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console.c - screen (INT 10h), keyboard (INT 16h) and UART.
 *
 * Facts: Ralf Brown's interrupt list; National Semiconductor PC16550D data sheet.
 */
#include "console.h"

#include <stdbool.h>
#include <stddef.h>

#include "common/base/mem.h"
#include "common/base/utf.h"
#include "common/ui/keys.h"
#include "clock.h"
#include "memory.h"
#include "realmode.h"
#include "spcr.h"

/* UART registers, from the base port. */
enum { UART_DATA = 0, UART_INTERRUPTS = 1, UART_FIFO = 2, UART_LINE = 3, UART_MODEM = 4,
       UART_LINE_STATUS = 5, UART_MODEM_STATUS = 6, UART_SCRATCH = 7 };
#define LINE_8N1          0x03
#define LINE_DIVISOR      0x80
#define FIFO_ON           0x07
#define MODEM_DTR_RTS     0x03
#define MODEM_LOOP        0x1a  /* loopback with RTS and OUT2: CTS and DCD come back */
#define MODEM_LOOP_ANSWER 0x90
#define STATUS_DATA_READY 0x01
#define STATUS_CAN_SEND   0x20
#define UART_CLOCK        115200u
#define PORT_8514A        0x2e8  /* also the customary address of COM4 */
#define VIDEO_ROM         0xc0000
#define ROM_MAGIC         0xaa55

/* Longer than a character takes at 1200 baud, on any machine: a port read is about a microsecond or more. */
#define SEND_POLLS        20000u
#define MAX_LOST          16u  /* characters that the port did not take: it is dead, and is not waited for any more */

/* Polls of the keyboard, each of which takes many microseconds: longer than any clock stands still, and about a second. */
#define POLLS_OF_NO_CLOCK 0x80000u
#define POLLS_PER_SECOND  0x8000u
#define ESCAPE_MS         165u /* the rest of a key's sequence comes at once, also at 1200 baud */
#define UART_FIFO_BYTES   16u  /* read at once; a port that is never empty must not hold us */

static uint16_t uart;         /* base port; 0: none */
static unsigned uart_lost;    /* characters, in all */
static bool     uart_chosen;  /* console_open_serial() was called */
static char     early[2048];  /* what was printed before that */
static size_t   early_len;

static bool screen_is_line;   /* the BIOS sends what INT 10h prints to a serial line (and there may be no screen) */

static struct key_decoder decoder;  /* of the serial line */

static void uart_send(char c)
{
    unsigned polls = SEND_POLLS;

    while (!(in8((uint16_t)(uart + UART_LINE_STATUS)) & STATUS_CAN_SEND))
        if (--polls == 0) {
            if (++uart_lost == MAX_LOST)
                uart = 0;
            return;
        }
    out8(uart, (uint8_t)c);
}

static void put_serial(char c)
{
    if (uart)
        uart_send(c);
    else if (!uart_chosen && early_len < sizeof early)
        early[early_len++] = c;
}

/* A call for the screen, unless that is a line which a UART of ours is to have for itself. */
static void video(struct rm_regs *regs)
{
    if (!screen_is_line || !uart)
        rm_int(0x10, regs);
}

static void put_screen(char c)
{
    struct rm_regs regs = { .eax = 0x0e00u | (uint8_t)c, .ebx = 7 };

    video(&regs);
}

static void put(char c)
{
    put_screen(c);
    put_serial(c);
}

void console_put(const char *text)
{
    for (; *text; text++)
        put(*text);
}

/* The upper half of code page 437, which a PC's character generator has (Unicode's mapping table of it): its letters. */
static const uint16_t cp437_letters[] = {
    0xc7, 0xfc, 0xe9, 0xe2, 0xe4, 0xe0, 0xe5, 0xe7, 0xea, 0xeb, 0xe8, 0xef, 0xee, 0xec, 0xc4, 0xc5,
    0xc9, 0xe6, 0xc6, 0xf4, 0xf6, 0xf2, 0xfb, 0xf9, 0xff, 0xd6, 0xdc, 0xa2, 0xa3, 0xa5, 0x20a7, 0x192,
    0xe1, 0xed, 0xf3, 0xfa, 0xf1, 0xd1, 0xaa, 0xba, 0xbf, 0x2310, 0xac, 0xbd, 0xbc, 0xa1, 0xab, 0xbb,
};
static const struct { uint16_t letter; uint8_t code; } cp437_others[] = {
    { 0x3b1, 0xe0 }, { 0xdf, 0xe1 }, { 0x393, 0xe2 }, { 0x3c0, 0xe3 }, { 0x3a3, 0xe4 }, { 0x3c3, 0xe5 }, { 0xb5, 0xe6 },
    { 0x3c4, 0xe7 }, { 0x3a6, 0xe8 }, { 0x398, 0xe9 }, { 0x3a9, 0xea }, { 0x3b4, 0xeb }, { 0x3c6, 0xed }, { 0x3b5, 0xee },
    { 0xb1, 0xf1 }, { 0xf7, 0xf6 }, { 0xb0, 0xf8 }, { 0xb7, 0xfa }, { 0xb2, 0xfd }, { 0xa0, 0xff },
};

/* A letter as the screen has it, else '?'. */
static char screen_code(uint32_t letter)
{
    if (letter >= ' ' && letter < 0x7f)
        return (char)letter;
    for (size_t i = 0; i < sizeof cp437_letters / sizeof cp437_letters[0]; i++)
        if (cp437_letters[i] == letter)
            return (char)(0x80 + i);
    for (size_t i = 0; i < sizeof cp437_others / sizeof cp437_others[0]; i++)
        if (cp437_others[i].letter == letter)
            return (char)cp437_others[i].code;
    return '?';
}

/* The end of the word at `pos` and of the spaces before it. */
static size_t word_end(struct span text, size_t pos)
{
    while (pos < text.len && text.data[pos] == ' ')
        pos++;
    while (pos < text.len && text.data[pos] != ' ')
        pos++;
    return pos;
}

/* Names come from disks: no control characters to a terminal. */
static char printable(char c)
{
    return (uint8_t)c < ' ' || c == 0x7f ? '?' : c;
}

static void put_screen_line_end(void)
{
    put_screen('\r');
    put_screen('\n');
}

/* Whole words: the screen breaks a line anywhere. */
static void screen_line(const char *bytes)
{
    struct span text = span_of(bytes, strlen(bytes));
    size_t      column = 0;

    for (size_t pos = 0; pos < text.len;) {
        size_t end = word_end(text, pos), letters = utf8_letters(span_sub(text, pos, end - pos));

        if (column > 0 && column + letters >= SCREEN_COLUMNS) {
            put_screen_line_end();
            column = 0;
            for (; pos < end && text.data[pos] == ' '; letters--)
                pos++;
        }
        column += letters;
        while (pos < end)
            put_screen(screen_code(utf8_letter(text, &pos)));
    }
    put_screen_line_end();
}

static void line(struct log *log, const char *text)
{
    (void)log;
    screen_line(text);
    for (; *text; text++)
        put_serial(printable(*text));
    put_serial('\r');
    put_serial('\n');
}

struct log *console_log(void)
{
    static struct log log = { line };

    return &log;
}

/* Some UARTs have no scratch register (8250), some virtual ones no loopback: either will do. */
static bool uart_is_there(uint16_t port)
{
    uint16_t scratch = (uint16_t)(port + UART_SCRATCH), modem = (uint16_t)(port + UART_MODEM);
    bool     found;

    out8(scratch, 0x5a);
    found = in8(scratch) == 0x5a;
    out8(scratch, 0xa5);
    found = found && in8(scratch) == 0xa5;
    if (!found) {
        uint8_t before = in8(modem);

        out8(modem, MODEM_LOOP);
        found = (in8((uint16_t)(port + UART_MODEM_STATUS)) & 0xf0) == MODEM_LOOP_ANSWER;
        out8(modem, before);
    }
    return found && in8((uint16_t)(port + UART_LINE_STATUS)) != 0xff;
}

/* The COM ports that the BIOS found, then the customary addresses. */
static uint16_t com_port(unsigned number)
{
    static const uint16_t customary[] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };
    uint16_t              port = peek16(BDA_COM_PORTS + 2 * (number - 1));

    return port ? port : customary[number - 1];
}

static const uint8_t *physical(uint32_t address, uint32_t bytes)
{
    return bytes <= UINT32_MAX - address ? (const uint8_t *)low_memory(address) : NULL;
}

/*
 * What the firmware names for its console, then the ports that the BIOS found, then the customary addresses. Not 2E8h
 * among these: that may be a register of an 8514/A, and looking for a UART writes.
 */
static uint16_t first_uart(void)
{
    uint16_t console = spcr_port(physical);

    if (console && uart_is_there(console))
        return console;
    for (unsigned number = 1; number <= 4; number++)
        if ((com_port(number) != PORT_8514A || peek16(BDA_COM_PORTS + 2 * (number - 1))) &&
            uart_is_there(com_port(number)))
            return com_port(number);
    return 0;
}

/*
 * Does a ROM that is not the video ROM's serve INT 10h, and answer as a screen would? Then it is the BIOS's console on a
 * serial line (SeaBIOS's sercon, sgabios, "console redirection" of servers). A BIOS without screen and
 * line has a handler that answers nothing.
 */
static bool is_redirected(void)
{
    uint32_t vector = peek32(0x10 * 4), handler = (vector >> 16 << 4) + (vector & 0xffff);
    uint32_t video_end = peek16(VIDEO_ROM) == ROM_MAGIC ? VIDEO_ROM + peek8(VIDEO_ROM + 2) * 512u : VIDEO_ROM;
    struct rm_regs mode = { .eax = 0x0f00 };

    if (handler < video_end)
        return false;
    rm_int(0x10, &mode);
    return (mode.eax & 0x7f) <= 3 && (mode.eax >> 8 & 0xff) >= 40;
}

static uint16_t configured_uart(const struct config *cfg)
{
    uint16_t port;

    switch (cfg->serial) {
    case SERIAL_OFF:
        return 0;
    case SERIAL_AUTO:
        return screen_is_line ? 0 : first_uart();  /* one text on a line, not two over each other */
    case SERIAL_COM:
        port = com_port(((cfg->serial_port - 1u) & 3) + 1);
        break;
    default:
        port = cfg->serial_port;
        break;
    }
    return uart_is_there(port) ? port : 0;
}

static void uart_set_up(uint16_t port, uint32_t baud)
{
    uint32_t divisor = baud && baud <= UART_CLOCK ? UART_CLOCK / baud : 1;

    out8((uint16_t)(port + UART_INTERRUPTS), 0);
    out8((uint16_t)(port + UART_LINE), LINE_DIVISOR);
    out8(port, (uint8_t)divisor);
    out8((uint16_t)(port + UART_INTERRUPTS), (uint8_t)(divisor >> 8));
    out8((uint16_t)(port + UART_LINE), LINE_8N1);
    out8((uint16_t)(port + UART_FIFO), FIFO_ON);
    out8((uint16_t)(port + UART_MODEM), MODEM_DTR_RTS);
}

void console_open_serial(const struct config *cfg)
{
    uart_chosen = true;
    screen_is_line = is_redirected();
    if (screen_is_line)
        early_len = 0;  /* it was said there */
    uart = configured_uart(cfg);
    if (!uart)
        return;
    uart_set_up(uart, cfg->serial_baud);
    for (size_t i = 0; i < early_len; i++)
        uart_send(early[i]);
}

/* ---- keys */

/* Keys without a character, by scan code (Ralf Brown, INT 16h). */
static int special_key(uint8_t scan)
{
    switch (scan) {
    case 0x47: return KEY_HOME;
    case 0x48: return KEY_UP;
    case 0x49: return KEY_PAGE_UP;
    case 0x4f: return KEY_END;
    case 0x50: return KEY_DOWN;
    case 0x51: return KEY_PAGE_DOWN;
    default:   return KEY_OTHER;
    }
}

static int keyboard_key(void)
{
    struct rm_regs regs = { .eax = 0x0100 };
    uint8_t        character;

    rm_int(0x16, &regs);
    if (regs.flags & RM_ZERO)
        return KEY_NONE;
    regs = (struct rm_regs){ .eax = 0 };
    rm_int(0x16, &regs);
    character = (uint8_t)regs.eax;
    return character == 0 || character == 0xe0 ? special_key((uint8_t)(regs.eax >> 8)) : character;
}

static bool serial_has_byte(void)
{
    uint8_t status = uart ? in8((uint16_t)(uart + UART_LINE_STATUS)) : 0;

    return status != 0xff && (status & STATUS_DATA_READY);
}

static int serial_key(void)
{
    int key = KEY_NONE;

    for (unsigned i = 0; i < UART_FIFO_BYTES && key == KEY_NONE && serial_has_byte(); i++)
        key = key_decode(&decoder, in8(uart) & 0x7f);
    return key;
}

static bool key_came;

/* VGA and later say which display is there (AH=1Ah); a BIOS with an older card, or without one, has the columns in its data. */
bool console_attended(void)
{
    struct rm_regs regs = { .eax = 0x1a00 };

    if (key_came)
        return true;
    rm_int(0x10, &regs);
    return (uint8_t)regs.eax == 0x1a ? (uint8_t)regs.ebx != 0 : peek16(BDA_COLUMNS) != 0;
}

static int any_key(void)
{
    int key = keyboard_key();

    if (key == KEY_NONE)
        key = serial_key();
    key_came |= key != KEY_NONE;
    return key;
}

/* Neither clock of this machine goes: so many polls of the keyboard, and that is said once. */
static int wait_without_clock(uint32_t seconds)
{
    static bool said;

    if (!said)
        log_error(console_log(), STATUS_NO_CLOCK, "this machine");
    said = true;
    for (uint32_t polls = seconds * POLLS_PER_SECOND; polls > 0; polls--) {
        int key = any_key();

        if (key != KEY_NONE)
            return key;
    }
    return key_decode_pending(&decoder) ? key_decode_end(&decoder) : KEY_NONE;
}

/* Every wait ends by the clock that goes, and without one by counting. */
int console_wait_key(uint32_t seconds)
{
    static bool no_clock;
    uint32_t    start = clock_ms(), last = start, polls = 0, pending = 0;

    while (!no_clock) {
        int      key = any_key();
        uint32_t now = clock_ms();

        if (key != KEY_NONE || now - start >= seconds * 1000)
            return key;
        polls = now == last ? polls + 1 : 0;
        pending = key_decode_pending(&decoder) ? pending + (now - last) : 0;
        if (pending >= ESCAPE_MS)
            return key_decode_end(&decoder);
        last = now;
        no_clock = polls >= POLLS_OF_NO_CLOCK;
    }
    return wait_without_clock(seconds);
}

/* ---- the screen as cells */

void console_reset_screen(void)
{
    struct rm_regs regs = { .eax = 0x0003 };

    video(&regs);
}

/* Screen and terminal. The line end is for who reads the serial line as lines: the next one begins with what is said next. */
static void clear(void)
{
    console_reset_screen();
    for (const char *p = VT100_CLEAR "\r\n"; *p; p++)
        put_serial(*p);
}

void console_open_screen(void)
{
    struct rm_regs no_cursor = { .eax = 0x0100, .ecx = 0x2000 };

    clear();
    video(&no_cursor);
}

void console_close_screen(void)
{
    clear();
}

/* In the code page of a PC's character generator. */
static uint8_t cell_code(struct cell cell)
{
    static const uint8_t glyphs[GLYPH_COUNT] = { ' ', 0xdb, 0xb1, 0xb0 };

    return cell.ch < GLYPH_COUNT ? glyphs[cell.ch] : (uint8_t)screen_code(cell.ch);
}

/* `count` times the same cell. */
static void paint_run(unsigned row, unsigned column, struct cell cell, unsigned count)
{
    struct rm_regs move = { .eax = 0x0200, .edx = row << 8 | column };
    struct rm_regs write = { .eax = 0x0900u | cell_code(cell), .ebx = style_attribute(cell.style), .ecx = count };

    video(&move);
    video(&write);
}

static void paint_row(const struct screen *screen, unsigned row)
{
    const struct cell *cells = screen->shown[row];
    char               text[SCREEN_VT100_BYTES];

    for (unsigned column = 0, end; column < SCREEN_COLUMNS; column = end) {
        for (end = column + 1; end < SCREEN_COLUMNS && cells[end].ch == cells[column].ch &&
             cells[end].style == cells[column].style;)
            end++;
        paint_run(row, column, cells[column], end - column);
    }
    (void)screen_vt100_row(screen, row, text);
    for (const char *p = text; *p; p++)
        put_serial(*p);
}

void console_paint(const struct screen *screen)
{
    for (unsigned row = 0; row < SCREEN_ROWS; row++)
        if (screen->changed & 1u << row)
            paint_row(screen, row);
}
