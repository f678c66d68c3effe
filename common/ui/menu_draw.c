/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * menu_draw.c - what the menu looks like. All places on the screen are in the enum below.
 */
#include "menu_draw.h"

#include "common/base/div64.h"
#include "common/base/mem.h"
#include "details.h"
#include "report.h"

enum {
    ROW_TITLE = 0, ROW_MESSAGE = 2, MESSAGE_ROWS = 3,  /* a longer message moves the list down, and takes rows of it */
    ROW_HEAD = 6, ROW_LIST = 7,                  /* MENU_LIST_ROWS */
    ROW_REASON = 15, REASON_ROWS = 3,            /* a longer reason moves the disks down, and takes rows of them */
    ROW_DISKS = 18, DISK_ROWS = 4, DISK_ROWS_MIN = 1,
    ROW_PAGE = 2,                                /* MENU_PAGE_ROWS */
    ROW_AGE_END = 14,                            /* of what is known about an old half; below it goes on to the word */
    ROW_HINT = 22, ROW_KEYS = 23,
    MARGIN = 1, WIDTH = SCREEN_COLUMNS - 2 * MARGIN,
    COL_NUMBER = 1, COL_VOLUME = 4, COL_SIZE = 24, COL_HALF = 34, COL_DISK = 51, COL_STATE = 59, COL_START = 68,
    COL_DISK_SIZE = 9, COL_MAP = 20, MAP_CELLS = 40, COL_DISK_NAME = COL_MAP + MAP_CELLS + 2,
};

#define WARN_SECONDS 30u  /* from then on it is said that time runs out */
#define TEXT_MAX     640  /* subject, sentence and next step */

_Static_assert(ROW_LIST + MENU_LIST_ROWS < ROW_REASON && ROW_PAGE + MENU_PAGE_ROWS < ROW_HINT, "rows must not overlap");

/* A text over several rows; returns the rows used. */
static size_t put_wrapped(struct screen *s, size_t row, size_t rows, enum style style, const char *text)
{
    size_t used = 0;

    for (; *text && used < rows; used++) {
        size_t len = text_line_length(text, WIDTH);

        (void)screen_put_part(s, row + used, MARGIN, style, text, len);
        for (text += len; *text == ' ';)
            text++;
    }
    return used;
}

/* How many rows a text needs. */
static size_t rows_of(const char *text)
{
    size_t rows = 0;

    for (; *text; rows++)
        for (text += text_line_length(text, WIDTH); *text == ' ';)
            text++;
    return rows;
}

/* By how many rows a text is longer than its place, as far as its neighbour can do without rows. */
static size_t extra_rows(const char *text, size_t place, size_t spare)
{
    size_t rows = rows_of(text), extra = rows > place ? rows - place : 0;

    return extra < spare ? extra : spare;
}

static size_t extra_message_rows(const struct menu_state *m)
{
    return extra_rows(m->content.message, MESSAGE_ROWS, MENU_LIST_ROWS - MENU_LIST_ROWS_MIN);
}

size_t menu_list_rows(const struct menu_state *m)
{
    return MENU_LIST_ROWS - extra_message_rows(m);
}

static void draw_frame(struct screen *s, const char *title, const char *page, const char *keys)
{
    screen_fill(s, ROW_TITLE, 0, SCREEN_COLUMNS, STYLE_FRAME, ' ');
    (void)screen_put(s, ROW_TITLE, MARGIN, WIDTH, STYLE_FRAME, title);
    (void)screen_put(s, ROW_TITLE, SCREEN_COLUMNS - MARGIN - strlen(page), WIDTH, STYLE_FRAME, page);
    screen_fill(s, ROW_KEYS, 0, SCREEN_COLUMNS, STYLE_FRAME, ' ');
    (void)screen_put(s, ROW_KEYS, MARGIN, WIDTH, STYLE_FRAME, keys);
}

static void draw_hint(struct screen *s, const struct menu_state *m)
{
    char text[SCREEN_COLUMNS];

    if (m->seconds <= WARN_SECONDS)
        (void)text_format(text, sizeof text, "Without a key the next boot device gets its turn in %u s.", (unsigned)m->seconds);
    else
        (void)text_format(text, sizeof text, "%s", m->hint);
    (void)screen_put(s, ROW_HINT, MARGIN, WIDTH, STYLE_DOUBT, text);
}

/* ---- the list */

struct verdict {
    const char *text;
    enum style  style;
};

static struct verdict verdict_of(const struct plan_candidate *c)
{
    switch (c->verdict) {
    case VERDICT_GOOD:
        return (struct verdict){ c->code == STATUS_SPARE_HALF ? "yes, spare" : "yes", STYLE_GOOD };
    case VERDICT_MARKED:
        return (struct verdict){ "in doubt", STYLE_DOUBT };
    case VERDICT_STALE_ONLY:
        return (struct verdict){ "out of date", STYLE_DOUBT };
    case VERDICT_STALE:
        return (struct verdict){ "no, older", STYLE_TEXT };
    case VERDICT_NEVER:
        break;
    }
    return (struct verdict){ "no", STYLE_TEXT };
}

static const char *disk_name(const struct ldm_component *c)
{
    const char *name = ldm_component_disk_name(c);

    return name ? name : "?";
}

static void draw_candidate(struct screen *s, const struct menu_state *m, size_t row, size_t index)
{
    const struct plan_candidate *c = &m->content.plan->candidates[index];
    struct verdict               verdict = verdict_of(c);
    char                         text[REPORT_SIZE_TEXT];
    size_t                       used;

    if (index < 9)
        screen_fill(s, row, COL_NUMBER, 1, STYLE_TEXT, (char)('1' + index));
    used = screen_put_name(s, row, COL_VOLUME, COL_SIZE - COL_VOLUME - 4, STYLE_TEXT, c->volume->name);
    (void)screen_put(s, row, COL_VOLUME + used + 1, 3, STYLE_TEXT, c->volume->hint);
    (void)report_size(c->volume->sectors, text);
    (void)screen_put(s, row, COL_HALF - 2 - strlen(text), sizeof text, STYLE_TEXT, text);
    (void)screen_put_name(s, row, COL_HALF, COL_DISK - COL_HALF - 1, STYLE_TEXT, c->component->name);
    (void)screen_put(s, row, COL_DISK, COL_STATE - COL_DISK - 1, STYLE_TEXT, disk_name(c->component));
    (void)screen_put(s, row, COL_STATE, COL_START - COL_STATE, STYLE_TEXT, ldm_component_state_name(c->component->state));
    (void)screen_put(s, row, COL_START, WIDTH, verdict.style, verdict.text);
    if (index == m->selected)
        screen_paint(s, row, 0, SCREEN_COLUMNS, STYLE_SELECTED);
}

static void draw_head(struct screen *s, size_t row)
{
    static const struct {
        uint8_t     column;
        const char *text;
    } heads[] = { { COL_VOLUME, "Volume" }, { COL_HALF - 6, "Size" }, { COL_HALF, "Half" }, { COL_DISK, "Disk" },
                  { COL_STATE, "State" }, { COL_START, "Can start" } };

    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        (void)screen_put(s, row, heads[i].column, WIDTH, STYLE_HEAD, heads[i].text);
}

static void draw_list(struct screen *s, const struct menu_state *m)
{
    size_t count = m->content.plan->candidate_count, rows = menu_list_rows(m), down = extra_message_rows(m);
    char   more[SCREEN_COLUMNS];

    if (count == 0) {
        (void)screen_put(s, ROW_HEAD + down, MARGIN, WIDTH, STYLE_HEAD, "No volume was found.");
        return;
    }
    draw_head(s, ROW_HEAD + down);
    for (size_t i = 0; i < rows && m->first + i < count; i++)
        draw_candidate(s, m, ROW_LIST + down + i, m->first + i);
    if (count > rows) {
        (void)text_format(more, sizeof more, "%zu of %zu", m->selected + 1, count);
        (void)screen_put(s, ROW_LIST + MENU_LIST_ROWS, COL_VOLUME, WIDTH, STYLE_TEXT, more);
    }
}

/* Why the selected one can be started, or cannot, and what to do about it. Returns the rows that it takes from the disks. */
static size_t draw_reason(struct screen *s, const struct menu_state *m)
{
    const struct plan_candidate *c = menu_selected(m);
    const char                  *next = c ? status_next_step(c->code) : "";
    char                         text[TEXT_MAX];
    size_t                       extra;

    if (!c)
        return 0;
    if (c->code == STATUS_OK)
        (void)text_format(text, sizeof text, "%s on %s: a good half%s%s%s%s.", c->component->name, disk_name(c->component),
                          report_fs(c->facts->fs), report_loader(c->facts), c->number_doubt ? "; " : "",
                          c->number_doubt ? status_sentence(c->number_doubt) : "");
    else
        (void)text_format(text, sizeof text, "LDM-%04u: %s%s%s.", (unsigned)c->code,
                          note_brief(c->code, c->text), *next ? "; " : "", next);
    extra = extra_rows(text, REASON_ROWS, DISK_ROWS - DISK_ROWS_MIN);
    (void)put_wrapped(s, ROW_REASON, REASON_ROWS + extra, STYLE_TEXT, text);
    return extra;
}

/* ---- where the volumes lie */

/* What an extent looks like on its disk's bar. */
struct mark {
    enum style style;
    char       glyph;
    char       number;  /* in its first cell: its number in the list; `glyph` when it has none */
};

static struct mark mark_of(const struct menu_state *m, const struct ldm_component *component)
{
    const struct plan_candidate *candidates = m->content.plan->candidates;
    struct mark                  mark = { STYLE_MAP_OTHER, GLYPH_SHADE, GLYPH_SHADE };

    for (size_t i = 0; i < m->content.plan->candidate_count; i++) {
        if (candidates[i].component != component)
            continue;
        if (i == m->selected)
            mark = (struct mark){ STYLE_MAP_SELECTED, GLYPH_FULL, GLYPH_FULL };
        if (i < 9)
            mark.number = (char)('1' + i);
    }
    return mark;
}

static void draw_extent(struct screen *s, size_t row, const struct ldm_extent *x, uint64_t sectors_per_cell, struct mark mark)
{
    bool first = true;

    for (size_t i = 0; i < MAP_CELLS; i++) {
        uint64_t start = i * sectors_per_cell;

        if (start + sectors_per_cell <= x->lba || x->lba + x->sectors <= start)
            continue;
        if (first && mark.number != mark.glyph)
            screen_fill(s, row, COL_MAP + i, 1, STYLE_MAP_NUMBER, mark.number);
        else
            screen_fill(s, row, COL_MAP + i, 1, mark.style, mark.glyph);
        first = false;
    }
}

/* Those of the selected half, or all others: it is drawn last, on top of what shares a cell with it. */
static void draw_extents(struct screen *s, const struct menu_state *m, size_t row, const struct ldm_disk *disk,
                         uint64_t sectors_per_cell, bool of_selected)
{
    const struct plan_candidate *choice = menu_selected(m);

    for (size_t c = 0; c < disk->group->component_count; c++) {
        const struct ldm_component *component = &disk->group->components[c];

        if ((choice && component == choice->component) != of_selected)
            continue;
        for (size_t i = 0; i < component->extent_count; i++)
            if (component->extents[i].disk && component->extents[i].partition->disk == disk->record)  /* copies too */
                draw_extent(s, row, &component->extents[i], sectors_per_cell, mark_of(m, component));
    }
}

static void draw_disk(struct screen *s, const struct menu_state *m, size_t row, const struct ldm_disk *disk)
{
    uint64_t sectors = blk_sectors(disk->dev);
    char     text[REPORT_SIZE_TEXT];

    (void)screen_put(s, row, MARGIN, COL_DISK_SIZE - MARGIN - 1, STYLE_TEXT, disk->dev->name);
    (void)report_size(sectors, text);
    (void)screen_put(s, row, COL_MAP - 2 - strlen(text), sizeof text, STYLE_TEXT, text);
    if (!disk->group) {
        (void)screen_put(s, row, COL_MAP, WIDTH, STYLE_TEXT, status_sentence(disk->status));
        return;
    }
    screen_fill(s, row, COL_MAP, MAP_CELLS, STYLE_FAINT, GLYPH_LIGHT);
    sectors = div_u64(sectors, MAP_CELLS, NULL) + 1;
    draw_extents(s, m, row, disk, sectors, false);
    draw_extents(s, m, row, disk, sectors, true);
    if (disk->dev->given_up != STATUS_OK)
        (void)screen_put(s, row, COL_DISK_NAME, WIDTH, STYLE_DOUBT, "given up");
    else
        (void)screen_put_name(s, row, COL_DISK_NAME, SCREEN_COLUMNS - COL_DISK_NAME, STYLE_TEXT,
                              disk->record ? disk->record->name : "unlisted");
}

/* As many disks as there is room for, that of the selected half among them. */
static void draw_disks(struct screen *s, const struct menu_state *m, size_t down)
{
    const struct ldm_view       *view = m->content.view;
    const struct plan_candidate *c = menu_selected(m);
    const struct ldm_disk       *wanted = c && c->component->extent_count ? c->component->extents[0].disk : NULL;
    size_t                       first = 0, rows = DISK_ROWS - down;

    for (size_t i = rows; wanted && i < view->disk_count; i++)
        if (&view->disks[i] == wanted)
            first = i - rows + 1;
    for (size_t i = 0; i < rows && first + i < view->disk_count; i++)
        draw_disk(s, m, ROW_DISKS + down + i, &view->disks[first + i]);
}

static void draw_list_page(struct screen *s, const struct menu_state *m)
{
    draw_frame(s, m->content.title, "disks are only read", "Up Down 1-9  Enter start  d details  o options  l log  r rescan  b next device");
    (void)put_wrapped(s, ROW_MESSAGE, MESSAGE_ROWS + extra_message_rows(m), STYLE_TEXT, m->content.message);
    draw_list(s, m);
    draw_disks(s, m, draw_reason(s, m));
}

/* ---- pages of text */

/* A log whose lines, wrapped, are those of the page. */
struct page {
    struct log     log;     /* first member: `line` casts back */
    struct screen *screen;  /* NULL: they are only counted */
    size_t         top;     /* the first one that is shown */
    size_t         lines;   /* so far */
};

static void page_row(struct page *p, const char *text, size_t len)
{
    if (p->screen && p->lines >= p->top && p->lines < p->top + MENU_PAGE_ROWS)
        (void)screen_put_part(p->screen, ROW_PAGE + p->lines - p->top, MARGIN, STYLE_TEXT, text, len);
    p->lines++;
}

static void page_line(struct log *log, const char *text)
{
    do {
        size_t len = text_line_length(text, WIDTH);

        page_row((struct page *)log, text, len);
        for (text += len; *text == ' ';)
            text++;
    } while (*text);
}

/* Write the page that is open; returns its lines. */
static size_t write_page(struct screen *s, const struct menu_state *m)
{
    struct page page = { { page_line }, s, m->top, 0 };

    if (m->page == MENU_PAGE_LOG)
        log_ring_replay(m->content.ring, &page.log);
    else
        details_write(&page.log, m->content.plan, menu_selected(m));
    return page.lines;
}

size_t menu_text_lines(const struct menu_state *m)
{
    return write_page(NULL, m);
}

static void draw_text_page(struct screen *s, const struct menu_state *m)
{
    size_t lines = write_page(s, m), end = m->top + MENU_PAGE_ROWS;
    char   where[SCREEN_COLUMNS];

    (void)text_format(where, sizeof where, "%s, lines %zu-%zu of %zu", m->page == MENU_PAGE_LOG ? "log" : "details",
                      lines ? m->top + 1 : 0, end < lines ? end : lines, lines);
    draw_frame(s, m->content.title, where, "Up Down PgUp PgDn Home End scroll   any other key back to the list");
}

/* ---- options */

static const char *safe_mode(const struct store_options *o)
{
    static const char *const modes[] = { "yes", "yes, with networking", "yes, for a domain controller" };

    return store_option_given(o, STORE_SAFEBOOT) ? modes[o->value[STORE_SAFEBOOT]] : "no";
}

static void draw_option(struct screen *s, size_t index, const char *name, const char *value)
{
    size_t row = ROW_HEAD + 2 * index;

    screen_fill(s, row, COL_NUMBER, 1, STYLE_HEAD, (char)('1' + index));
    (void)screen_put(s, row, COL_VOLUME, WIDTH, STYLE_TEXT, name);
    (void)screen_put(s, row, COL_HALF, WIDTH, STYLE_HEAD, value);
}

/* Only a store, or boot.ini, that is made says them. */
static bool makes_its_store(const struct plan_candidate *c)
{
    return c && (c->method == METHOD_BIOS_RAM || c->method == METHOD_BIOS_STICK || c->method == METHOD_UEFI_RAM);
}

static void draw_options_page(struct screen *s, const struct menu_state *m)
{
    const struct store_options *o = m->content.options;
    const char                 *found = m->content.plan->found_store;
    char                        text[SCREEN_COLUMNS];

    draw_frame(s, m->content.title, "for this start only", "1-4 change   any other key back to the list");
    (void)put_wrapped(s, ROW_MESSAGE, MESSAGE_ROWS, STYLE_TEXT, !makes_its_store(menu_selected(m)) ?
                      "The selected half starts from the boot store, or boot.ini, that it has: these are not used then. For Safe "
                      "Mode press F8 as soon as Windows's boot files take over." : o->found ?
                      "The boot store that was found is used as it is, but for its devices: 1 to 3 are not in it." :
                      "What the boot store, or boot.ini, that is made for this start says besides.");
    draw_option(s, 0, "Safe Mode", safe_mode(o));
    draw_option(s, 1, "Last known good", store_option_on(o, STORE_LAST_KNOWN_GOOD) ? "yes" : "no");
    draw_option(s, 2, "Advanced options page", store_option_on(o, STORE_ADVANCED_OPTIONS) ? "yes" : "no");
    if (found)
        (void)text_format(text, sizeof text, "%s %s", o->found ? "that of" : "made here; another one is on", found);
    draw_option(s, 3, "Boot store", found ? text : o->found ? "one that is found, and there is none" : "made here");
}

/* ---- the word */

static void draw_word_page(struct screen *s, const struct menu_state *m)
{
    const struct plan_candidate *c = menu_selected(m);
    char                         text[TEXT_MAX];
    size_t                       row = ROW_MESSAGE;

    draw_frame(s, m->content.title, "an old half", "Enter start, if the word is right   Esc back to the list");
    (void)text_format(text, sizeof text, "%s of volume %s is out of date.", c->component->name, c->volume->name);
    row += put_wrapped(s, row, 2, STYLE_HEAD, text) + 1;
    (void)text_format(text, sizeof text, "LDM-%04u: %s.", (unsigned)c->code, note_brief(c->code, c->text));
    row += put_wrapped(s, row, 4, STYLE_TEXT, text);
    for (const struct note *n = c->age.first; n && row < ROW_AGE_END; n = n->next)
        row += put_wrapped(s, row, 2, STYLE_TEXT, note_brief(n->code, n->text));
    row++;
    row += put_wrapped(s, row, 4, STYLE_TEXT,
                       "Windows would start with the files as they were when this half was dropped from its mirror. Whatever "
                       "was written since is not on it, and what is written now parts the two halves for good.") + 1;
    (void)text_format(text, sizeof text, "To start it all the same, type %s and press Enter: %s_", MENU_WORD, m->typed);
    (void)put_wrapped(s, row, 1, STYLE_HEAD, text);
}

void menu_draw(const struct menu_state *m, struct screen *s)
{
    screen_begin(s);
    switch (m->page) {
    case MENU_PAGE_LIST:
        draw_list_page(s, m);
        break;
    case MENU_PAGE_WORD:
        draw_word_page(s, m);
        break;
    case MENU_PAGE_OPTIONS:
        draw_options_page(s, m);
        break;
    case MENU_PAGE_DETAILS:
    case MENU_PAGE_LOG:
        draw_text_page(s, m);
        break;
    }
    draw_hint(s, m);
    screen_end(s);
}
