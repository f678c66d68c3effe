/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_menu.c - any keys on any list of halves: what starts may be started, and an old half only after its word.
 *
 *   byte 0     the plan's result, bits 0 and 1; a boot store to be offered, bit 2; number of halves, bits 3 to 7
 *   then       for each half: what may be done with it and its rank (1 byte), length of its name (1, its low 5 bits), name
 *   then       keys: a byte each; 0xe0 is a second without one, 0xe8 to 0xef are cursor keys, 0xf0 and more the whole word
 */
#include <string.h>

#include "common/settings/config.h"
#include "common/ui/keys.h"
#include "common/ui/menu.h"
#include "screens.h"
#include "tests/support/fakeview.h"

#define HALVES     FV_MAX
#define VOLUMES    4u  /* a volume has four at most (fakeview.h) */
#define NAME_BYTES 32
#define MOST_KEYS  12  /* a picture is drawn for each; they reach any page, and the word is one of them */
#define A_SECOND   0xe0u
#define CURSOR     0xe8u
#define THE_WORD   0xf0u

/* What a person did, told apart from what the menu makes of it. */
struct person {
    char   typed[MENU_WORD_BYTES];  /* since the menu asked for the word */
    size_t length;
    bool   selected;                /* a key that selects a line was pressed in the list */
};

static struct fakeview       fv;
static struct plan_candidate candidates[HALVES];
static char                  names[HALVES][NAME_BYTES];
static struct boot_plan      plan;
static struct menu           menu;

static struct span read_half(struct span in, size_t i)
{
    static const enum plan_rank ranks[] = { RANK_LOADER_AND_FLAG, RANK_LOADER, RANK_WINDOWS, RANK_NEVER };
    size_t                len = rd_u8(in, 1) % NAME_BYTES;
    unsigned              how = rd_u8(in, 0);
    struct ldm_component *c = fv_component(&fv, &fv.volumes[i % VOLUMES], names[i]);

    in = span_from(in, in.len < 2 ? in.len : 2);
    len = len < in.len ? len : in.len;
    memset(names[i], 0, sizeof names[i]);
    if (len)
        memcpy(names[i], in.data, len);
    fv_extent(&fv, c, i % 3, 100 + 1000 * i, 1000);
    candidates[i] = (struct plan_candidate){
        .volume = c->volume, .component = c, .verdict = (enum plan_verdict)(how % 5u), .rank = ranks[how / 5u % 4u],
        .code = how % 5u == VERDICT_GOOD ? STATUS_OK : STATUS_DATABASE_OLD, .text = how % 5u == VERDICT_GOOD ? "" : names[i],
    };
    return span_from(in, len);
}

static struct span read_plan(struct span in)
{
    unsigned first = rd_u8(in, 0);
    size_t   count = (first >> 3) % (HALVES + 1);

    in = span_from(in, in.len < 1 ? in.len : 1);
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    fv_disk(&fv, "hd81");
    fv_disk(&fv, NULL);
    for (size_t i = 0; i < VOLUMES; i++)
        (void)fv_volume(&fv, i ? "Data" : "Volume1", VOLUME_MIRRORED, 0, 1000);
    for (size_t i = 0; i < count; i++)
        in = read_half(in, i);
    fv_finish(&fv);
    for (size_t i = 0; i < count; i++) {
        candidates[i].facts = fv_facts(&fv, candidates[i].component);
        if (!candidates[i].facts) {  /* its disk is not there: no plan would start it (check_places() of fuzz_plan.c) */
            candidates[i].verdict = VERDICT_NEVER;
            candidates[i].code = STATUS_DATABASE_OLD;
            candidates[i].text = names[i];
        }
    }
    plan = (struct boot_plan){ .result = (enum plan_result)(first % 3u), .why = "", .candidates = candidates,
                               .candidate_count = count, .found_store = first & 4u ? "the stick" : NULL };
    plan.reason = plan.result == PLAN_BOOT ? STATUS_OK : STATUS_SEVERAL_VOLUMES;
    if (count)
        plan.chosen = candidates[0];
    return in;
}

static bool is_selection(int key)
{
    return (key >= KEY_UP && key <= KEY_END) || (key >= '1' && key <= '9');
}

/* The person's side of a key that was pressed on this page. */
static void note_key(struct person *p, enum menu_page page, int key)
{
    if (page == MENU_PAGE_LIST && is_selection(key))
        p->selected = true;
    if (page != MENU_PAGE_WORD)
        p->length = 0;
    else if (key == KEY_BACKSPACE)
        p->length -= p->length > 0;
    else if (key >= ' ' && key < 0x7f && p->length < sizeof p->typed - 1)
        p->typed[p->length++] = (char)key;
}

static bool typed_the_word(const struct person *p)
{
    if (p->length != strlen(MENU_WORD))
        return false;
    for (size_t i = 0; i < p->length; i++)
        if ((p->typed[i] & ~0x20) != MENU_WORD[i])
            return false;
    return true;
}

static void check_answer(const struct person *p, enum menu_page page, int key, enum menu_answer answer)
{
    const struct plan_candidate *c = menu_choice(&menu);

    switch (answer) {
    case MENU_STAY:
        return;
    case MENU_RESCAN:
        require(page == MENU_PAGE_LIST && (key | 0x20) == 'r');
        return;
    case MENU_LEAVE:
        require(page == MENU_PAGE_LIST && (key | 0x20) == 'b');
        return;
    case MENU_START:
        break;
    }
    require(c && key == KEY_ENTER);
    if (page == MENU_PAGE_WORD)
        require(c->verdict == VERDICT_STALE_ONLY && typed_the_word(p));
    else
        require(page == MENU_PAGE_LIST && (c->verdict == VERDICT_GOOD || c->verdict == VERDICT_MARKED) &&
                (plan.result != PLAN_ASK || p->selected));
}

static void press(struct person *p, int key)
{
    enum menu_page page = menu.state.page;

    note_key(p, page, key);
    check_answer(p, page, key, menu_key(&menu, key));
    require(menu.state.selected < plan.candidate_count || plan.candidate_count == 0);
}

static void press_byte(struct person *p, uint8_t byte)
{
    if (byte >= THE_WORD)
        for (const char *letter = MENU_WORD; *letter; letter++)
            press(p, *letter | (byte & 1 ? 0x20 : 0));
    else if (byte == A_SECOND)
        require(menu_second(&menu) != MENU_START);
    else
        press(p, byte >= CURSOR ? KEY_UP + (byte & 7) : byte);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct log_ring ring;
    struct store_options   options = { 0 };
    struct menu_content    content = { "ldmboot", "why", &fv.view, &plan, &ring, &options };
    struct person          person = { .length = 0 };
    struct span            keys = read_plan(span_of(data, size));

    menu_open(&menu, &content, 3, 600);
    for (size_t i = 0; i < keys.len && i < MOST_KEYS; i++) {
        press_byte(&person, rd_u8(keys, i));
        check_changes(&menu.screen);
    }
    check_screen(&menu.screen);
    return 0;
}
