/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.c - read ldmboot.cfg and command-line settings.
 *
 * The keys and their values are an interface (docs/man/ldmboot.cfg.5); a mistake in the file never stops a boot, it
 * becomes a note.
 */
#include "config.h"

#include "common/base/ascii.h"
#include "common/base/checked.h"
#include "common/base/mem.h"

#define TIMEOUT_MAX_SECONDS 86400u
#define COMMAND_WORD_MAX    (2 * CONFIG_VALUE_MAX)  /* longer ones are no valid setting */
#define BAUD_BASE           115200u  /* a PC UART's clock over 16: rates are this divided by a whole number */

struct config config_default(void)
{
    return (struct config){ .serial = SERIAL_AUTO, .serial_baud = BAUD_BASE };
}

/* ---- values: each setter answers false, and changes nothing, when the value makes no sense */

/* Decimal, or hexadecimal after 0x. */
static bool parse_number(struct span s, uint32_t max, uint32_t *out)
{
    bool hex = s.len > 2 && rd_u8(s, 0) == '0' && ascii_lower(rd_u8(s, 1)) == 'x';

    if (hex)
        return ascii_number(span_from(s, 2), 16, max, out);
    return s.len > 0 && ascii_number(s, 10, max, out);
}

/* Index of the value in a list of words, or -1. */
static int find_word(struct span value, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ascii_equal(value, words[i]))
            return (int)i;
    return -1;
}

static bool set_name(char out[CONFIG_VALUE_MAX], struct span value)
{
    if (value.len == 0 || value.len >= CONFIG_VALUE_MAX)
        return false;
    for (size_t i = 0; i < value.len; i++)
        if (rd_u8(value, i) < ' ' || rd_u8(value, i) == 0x7f)
            return false;
    (void)span_copy(value, 0, out, value.len);
    out[value.len] = '\0';
    return true;
}

static bool set_volume(struct config *cfg, struct span value)    { return set_name(cfg->volume, value); }
static bool set_disk(struct config *cfg, struct span value)      { return set_name(cfg->disk, value); }
static bool set_component(struct config *cfg, struct span value) { return set_name(cfg->component, value); }

static bool set_timeout(struct config *cfg, struct span value)
{
    if (!parse_number(value, TIMEOUT_MAX_SECONDS, &cfg->timeout))
        return false;
    cfg->timeout_set = true;
    return true;
}

/* At least a second: 0 could be meant as "at once" or as "never". */
static bool set_question_timeout(struct config *cfg, struct span value)
{
    uint32_t seconds = CONFIG_FOR_EVER;

    if (!ascii_equal(value, "never") && (!parse_number(value, TIMEOUT_MAX_SECONDS, &seconds) || seconds == 0))
        return false;
    cfg->question_timeout = seconds;
    cfg->question_timeout_set = true;
    return true;
}

static bool set_verbose(struct config *cfg, struct span value)
{
    static const char *const words[] = { "no", "yes" };
    int                      word = find_word(value, words, ARRAY_LEN(words));

    if (word >= 0)
        cfg->verbose = word == 1;
    return word >= 0;
}

static bool set_connect(struct config *cfg, struct span value)
{
    static const char *const words[] = { [CONNECT_ALL] = "all", [CONNECT_NONE] = "none" };
    int                      word = find_word(value, words, ARRAY_LEN(words));

    if (word >= 0)
        cfg->connect = (enum connect_mode)word;
    return word >= 0;
}

/* BIOS: the boot store for Windows whose own one is lost. */
static bool set_store(struct config *cfg, struct span value)
{
    static const char *const words[] = { "made", "found" };
    int                      word = find_word(value, words, ARRAY_LEN(words));

    if (word >= 0)
        cfg->store.found = word == 1;
    return word >= 0;
}

static bool set_on_error(struct config *cfg, struct span value)
{
    static const char *const words[] = { [ON_ERROR_NEXT] = "next", [ON_ERROR_MENU] = "menu", [ON_ERROR_HALT] = "halt" };
    int                      word = find_word(value, words, ARRAY_LEN(words));

    if (word >= 0)
        cfg->on_error = (enum on_error)word;
    return word >= 0;
}

static bool set_serial_device(struct config *cfg, struct span value)
{
    static const char *const words[] = { "com1", "com2", "com3", "com4" };
    int                      com = find_word(value, words, ARRAY_LEN(words));
    uint32_t                 port = 0;

    if (ascii_equal(value, "auto")) {
        cfg->serial = SERIAL_AUTO;
    } else if (ascii_equal(value, "off")) {
        cfg->serial = SERIAL_OFF;
    } else if (com >= 0) {
        cfg->serial = SERIAL_COM;
        cfg->serial_port = (uint16_t)(com + 1);
    } else if (parse_number(value, 0xfff8, &port) && port > 0) {
        cfg->serial = SERIAL_PORT;
        cfg->serial_port = (uint16_t)port;
    } else {
        return false;
    }
    return true;
}

/* auto | off | com1..com4 | port, optionally followed by ",baud". */
static bool set_serial(struct config *cfg, struct span value)
{
    struct config next = *cfg;
    struct span   device, rate;
    bool          has_rate = ascii_split(value, ",", &device, &rate);
    uint32_t      baud = 0;

    if (!set_serial_device(&next, ascii_trim(device)))
        return false;
    next.serial_baud = BAUD_BASE;
    if (has_rate) {
        if (!parse_number(ascii_trim(rate), BAUD_BASE, &baud) || baud == 0 || BAUD_BASE % baud != 0)
            return false;
        next.serial_baud = baud;
    }
    *cfg = next;
    return true;
}

static const struct key {
    const char *name;
    bool (*set)(struct config *cfg, struct span value);
} keys[] = {
    { "timeout", set_timeout },     { "volume", set_volume },   { "disk", set_disk },
    { "component", set_component }, { "serial", set_serial },   { "verbose", set_verbose },
    { "store", set_store },
    { "connect", set_connect },     { "on-error", set_on_error }, { "question-timeout", set_question_timeout },
};

/* ---- settings and lines */

_Static_assert(ARRAY_LEN(keys) + STORE_OPTION_COUNT <= 32, "struct parser: a bit for every key");

#define KEY_SHOWN  32  /* characters of an unknown key that are repeated in its warning */

struct parser {
    struct config    *cfg;
    struct arena     *arena;
    struct note_list *notes;
    uint32_t          seen;               /* bit i: keys[i] was given in this source; then the store's options */
    char              where[CONFIG_PLACE_MAX];  /* "ldmboot.cfg line 3" */
};

/* A key as the warning repeats it: what a terminal might act on is left out. */
static void shown_key(struct span key, char out[KEY_SHOWN + 1])
{
    size_t n = 0;

    for (; n < key.len && n < KEY_SHOWN; n++) {
        uint8_t c = rd_u8(key, n);

        out[n] = c >= ' ' && c < 0x7f ? (char)c : '?';
    }
    out[n] = '\0';
}

static void note_setting(struct parser *p, enum status code, struct span key)
{
    char shown[KEY_SHOWN + 1];

    shown_key(key, shown);
    note_add(p->notes, p->arena, code, "%s, \"%s\"", p->where, shown);
}

/* Of what can turn out not to be there. */
static void remember_place(struct parser *p, bool (*set)(struct config *cfg, struct span value))
{
    char *place = set == set_volume ? p->cfg->volume_place : set == set_disk ? p->cfg->disk_place :
                  set == set_component ? p->cfg->component_place : NULL;

    if (place)
        memcpy(place, p->where, CONFIG_PLACE_MAX);
}

/* Index of a key: those of the list above, then the store's options. */
static size_t find_key(struct span key)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (ascii_equal(key, keys[i].name))
            return i;
    return ARRAY_LEN(keys) + store_option_find(key);
}

static bool set_key(struct parser *p, size_t i, struct span value)
{
    if (i >= ARRAY_LEN(keys))
        return store_option_parse(&p->cfg->store, i - ARRAY_LEN(keys), value);
    if (!keys[i].set(p->cfg, value))
        return false;
    remember_place(p, keys[i].set);
    return true;
}

static void apply_value(struct parser *p, struct span key, struct span value)
{
    size_t i = find_key(key);

    if (i == ARRAY_LEN(keys) + STORE_OPTION_COUNT) {
        note_setting(p, STATUS_CONFIG_UNKNOWN_KEY, key);
        return;
    }
    if (p->seen & 1u << i)
        note_setting(p, STATUS_CONFIG_DUPLICATE, key);
    p->seen |= 1u << i;
    if (!set_key(p, i, value))
        note_setting(p, STATUS_CONFIG_BAD_VALUE, key);
}

static void apply_setting(struct parser *p, struct span text)
{
    struct span key, value;
    bool        pair = ascii_split(text, "=", &key, &value);

    key = ascii_trim(key);
    value = ascii_trim(value);
    if (!pair) {
        note_setting(p, STATUS_CONFIG_NO_EQUALS, key);
        return;
    }
    apply_value(p, key, value);
}

/* A # begins a comment at the start of a line or after a blank: a name like "C#" stays whole. */
static struct span without_comment(struct span line)
{
    for (size_t i = 0; i < line.len; i++)
        if (rd_u8(line, i) == '#' && (i == 0 || ascii_is_space(rd_u8(line, i - 1))))
            return span_sub(line, 0, i);
    return line;
}

/* Lines end with LF, CRLF or CR, whatever PC they were written on. */
static struct span next_line(struct cursor *text)
{
    struct span line = ascii_next(text, "\r\n");

    if (rd_u8(text->s, text->pos - 1) == '\r' && rd_u8(text->s, text->pos) == '\n')
        cur_skip(text, 1);
    return line;
}

/* The whole lines in the first CONFIG_MAX_BYTES of a longer text: half a line could be another setting. */
static struct span whole_lines(struct span text)
{
    size_t len = CONFIG_MAX_BYTES;

    while (len > 0 && rd_u8(text, len) != '\n' && rd_u8(text, len) != '\r')
        len--;
    return span_sub(text, 0, len);
}

static bool is_utf16(struct span text)
{
    return span_starts_with(text, "\xff\xfe", 2) || span_starts_with(text, "\xfe\xff", 2);
}

void config_parse(struct span text, struct arena *a, struct config *cfg, struct note_list *notes)
{
    struct parser p = { .cfg = cfg, .arena = a, .notes = notes };
    struct cursor lines;

    if (is_utf16(text)) {
        note_add(notes, a, STATUS_CONFIG_NOT_UTF8, "ldmboot.cfg");
        return;
    }
    if (text.len > CONFIG_MAX_BYTES) {
        note_add(notes, a, STATUS_CONFIG_TOO_LONG, "ldmboot.cfg");
        text = whole_lines(text);
    }
    if (span_starts_with(text, "\xef\xbb\xbf", 3))
        text = span_from(text, 3);

    lines = cursor_of(text);
    for (unsigned number = 1; lines.pos < text.len; number++) {
        struct span line = ascii_trim(without_comment(next_line(&lines)));

        (void)text_format(p.where, sizeof p.where, "ldmboot.cfg line %u", number);
        if (line.len > 0)
            apply_setting(&p, line);
    }
}

void config_apply_option(struct span setting, struct arena *a, struct config *cfg, struct note_list *notes)
{
    struct parser p = { .cfg = cfg, .arena = a, .notes = notes, .where = "command line" };

    apply_setting(&p, ascii_trim(setting));
}

/* The next word of a command line, from *pos on, without its quotes; false at the end. A word longer than `out` is cut. */
static bool next_word(struct span line, size_t *pos, char out[COMMAND_WORD_MAX], struct span *word)
{
    size_t i = *pos, n = 0;
    bool   quoted = false;

    while (i < line.len && ascii_is_space(rd_u8(line, i)))
        i++;
    if (i >= line.len)
        return false;
    for (; i < line.len && (quoted || !ascii_is_space(rd_u8(line, i))); i++) {
        uint8_t c = rd_u8(line, i);

        if (c == '"')
            quoted = !quoted;
        else if (n < COMMAND_WORD_MAX)
            out[n++] = (char)c;
    }
    *pos = i;
    *word = span_of(out, n);
    return true;
}

static bool is_setting(struct span word)
{
    struct span key, value;

    if (span_starts_with(word, "BOOT_IMAGE=", 11) || span_starts_with(word, "initrd=", 7))
        return false;
    return ascii_split(word, "=", &key, &value);
}

void config_apply_command_line(const char *text, size_t max, struct arena *a, struct config *cfg, struct note_list *notes)
{
    struct span line = span_of(text, 0), word = line;
    char        buffer[COMMAND_WORD_MAX];
    size_t      pos = 0;

    while (line.len < max && text[line.len])
        line.len++;
    while (next_word(line, &pos, buffer, &word))
        if (is_setting(word))
            config_apply_option(word, a, cfg, notes);
}
