/* SPDX-License-Identifier: GPL-2.0-or-later */
/* menu.c - what keys do in the menu; see menu.h. What it looks like is in menu_draw.c. */
#include "menu.h"

#include "common/base/ascii.h"
#include "common/base/mem.h"
#include "common/settings/config.h"
#include "keys.h"
#include "menu_draw.h"

/* ---- moving */

/* `position` moved by the key within 0..last, `page` rows at a time; false for other keys. */
static bool move(size_t *position, size_t last, size_t page, int key)
{
    size_t p = *position;

    switch (key) {
    case KEY_UP:        p -= p > 0; break;
    case KEY_DOWN:      p += p < last; break;
    case KEY_PAGE_UP:   p -= p < page ? p : page; break;
    case KEY_PAGE_DOWN: p += last - p < page ? last - p : page; break;
    case KEY_HOME:      p = 0; break;
    case KEY_END:       p = last; break;
    default:            return false;
    }
    *position = p;
    return true;
}

/* Put the bar on a line, and the list so that the bar is in it. */
static void select_candidate(struct menu_state *m, size_t index)
{
    m->selected = index;
    if (index < m->first)
        m->first = index;
    else if (index >= m->first + menu_list_rows(m))
        m->first = index - menu_list_rows(m) + 1;
}

static void open_page(struct menu_state *m, enum menu_page page)
{
    m->page = page;
    m->top = 0;
    m->typed[0] = '\0';
}

/* The first line that can be at the top of a page of text. */
static size_t last_top(const struct menu_state *m)
{
    size_t lines = menu_text_lines(m);

    return lines > MENU_PAGE_ROWS ? lines - MENU_PAGE_ROWS : 0;
}

static void open_log(struct menu_state *m)
{
    open_page(m, MENU_PAGE_LOG);
    m->top = last_top(m);
}

/* ---- keys of each page */

/* Enter alone, held down or hit again and again while the machine starts, is no answer to a question. */
static bool is_answered(const struct menu_state *m)
{
    return m->content.plan->result != PLAN_ASK || m->moved;
}

/* Enter on a line of the list. */
static enum menu_answer choose(struct menu_state *m)
{
    const struct plan_candidate *c = menu_selected(m);

    if (!c)
        return MENU_STAY;
    switch (c->verdict) {
    case VERDICT_GOOD:
    case VERDICT_MARKED:
        if (is_answered(m))
            return MENU_START;
        m->hint = "Select a half first, with Up, Down or its number.";
        break;
    case VERDICT_STALE_ONLY:
        open_page(m, MENU_PAGE_WORD);
        break;
    case VERDICT_STALE:
        m->hint = "Not started: a better half of the same volume is connected.";
        break;
    case VERDICT_NEVER:
        m->hint = "This one cannot be started; the reason is above.";
        break;
    }
    return MENU_STAY;
}

/* True for a key that selects a line. */
static bool selection_key(struct menu_state *m, int key)
{
    size_t count = m->content.plan->candidate_count, position = m->selected;

    if (key >= '1' && key <= '9' && (size_t)(key - '1') < count)
        position = (size_t)(key - '1');
    else if (count == 0 || !move(&position, count - 1, menu_list_rows(m), key))
        return false;
    select_candidate(m, position);
    return true;
}

static enum menu_answer list_key(struct menu_state *m, int key)
{
    if (selection_key(m, key))
        m->moved = true;
    switch (key) {
    case KEY_ENTER: return choose(m);
    case 'r':       return MENU_RESCAN;
    case 'b':       return MENU_LEAVE;
    case 'd':
        if (m->content.plan->candidate_count > 0)
            open_page(m, MENU_PAGE_DETAILS);
        break;
    case 'l':
        open_log(m);
        break;
    case 'o':
        open_page(m, MENU_PAGE_OPTIONS);
        break;
    }
    return MENU_STAY;
}

/* ---- options */

static void toggle(struct store_options *o, enum store_option_id option)
{
    store_option_set(o, option, !store_option_on(o, option));
}

/* Off, minimal, with networking, off. */
static void next_safe_mode(struct store_options *o)
{
    if (!store_option_given(o, STORE_SAFEBOOT))
        store_option_set(o, STORE_SAFEBOOT, SAFEBOOT_MINIMAL);
    else if (o->value[STORE_SAFEBOOT] == SAFEBOOT_MINIMAL)
        store_option_set(o, STORE_SAFEBOOT, SAFEBOOT_NETWORK);
    else
        o->given &= ~(1u << STORE_SAFEBOOT);
}

static void options_key(struct menu_state *m, int key)
{
    struct store_options *o = m->content.options;

    switch (key) {
    case '1': next_safe_mode(o); break;
    case '2': toggle(o, STORE_LAST_KNOWN_GOOD); break;
    case '3': toggle(o, STORE_ADVANCED_OPTIONS); break;
    case '4': o->found = !o->found && m->content.plan->found_store; break;
    case KEY_OTHER: break;
    default:  open_page(m, MENU_PAGE_LIST);
    }
}

static void text_page_key(struct menu_state *m, int key)
{
    if (!move(&m->top, last_top(m), MENU_PAGE_ROWS, key) && key != KEY_OTHER)
        open_page(m, MENU_PAGE_LIST);
}

static enum menu_answer word_key(struct menu_state *m, int key)
{
    size_t len = strlen(m->typed);

    if (key == KEY_BACKSPACE && len > 0) {
        m->typed[len - 1] = '\0';
    } else if (key >= ' ' && key < 0x7f && len + 1 < MENU_WORD_BYTES) {
        m->typed[len] = (char)key;
        m->typed[len + 1] = '\0';
    } else if (key == KEY_ESCAPE) {
        open_page(m, MENU_PAGE_LIST);
    } else if (key == KEY_ENTER) {
        if (ascii_equal(span_of(m->typed, len), MENU_WORD))
            return MENU_START;
        open_page(m, MENU_PAGE_LIST);
        m->hint = "Not started: that was not the word.";
    }
    return MENU_STAY;
}

static enum menu_answer key_on_page(struct menu_state *m, int key)
{
    if (m->page != MENU_PAGE_WORD && key >= 'A' && key <= 'Z')
        key = ascii_lower((uint8_t)key);
    switch (m->page) {
    case MENU_PAGE_LIST:
        return list_key(m, key);
    case MENU_PAGE_WORD:
        return word_key(m, key);
    case MENU_PAGE_DETAILS:
    case MENU_PAGE_LOG:
        text_page_key(m, key);
        break;
    case MENU_PAGE_OPTIONS:
        options_key(m, key);
        break;
    }
    return MENU_STAY;
}

/* ---- the interface */

/* After whatever happened: the one place that draws. */
static enum menu_answer show(struct menu *menu, enum menu_answer answer)
{
    menu_draw(&menu->state, &menu->screen);
    return answer;
}

const struct plan_candidate *menu_choice(const struct menu *menu)
{
    return menu_selected(&menu->state);
}

void menu_open(struct menu *menu, const struct menu_content *content, uint32_t seconds, uint32_t idle)
{
    *menu = (struct menu){ .state = { .content = *content, .seconds = seconds, .idle = idle, .hint = "" } };
    for (size_t i = 0; i < content->plan->candidate_count; i++)
        if (content->plan->candidates[i].component == content->plan->chosen.component)
            select_candidate(&menu->state, i);
    screen_forget(&menu->screen);
    (void)show(menu, MENU_STAY);
}

enum menu_answer menu_key(struct menu *menu, int key)
{
    menu->state.seconds = menu->state.idle;
    menu->state.hint = "";
    return show(menu, key_on_page(&menu->state, key));
}

enum menu_answer menu_second(struct menu *menu)
{
    if (menu->state.seconds == CONFIG_FOR_EVER)
        return MENU_STAY;
    if (menu->state.seconds <= 1)
        return MENU_LEAVE;
    menu->state.seconds--;
    return show(menu, MENU_STAY);
}
