/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ask.c - countdown, menu and farewell; see ask.h. */
#include "ask.h"

#include "keys.h"
#include "report.h"

#define START_SECONDS   5u   /* docs/interfaces.md: timeout */
#define STALE_KEYS_MAX  64   /* a stuck key must not hold us for ever */
#define MESSAGE_BYTES   640  /* the decision, subject, sentence and next step */
#define COUNTDOWN_BYTES 80
#define COUNTED_SECONDS 10u  /* fewer are counted aloud */

void ask_forget_keys(const struct ask_console *console)
{
    for (unsigned i = 0; i < STALE_KEYS_MAX && console->wait_key(0) != KEY_NONE; i++)
        ;
}

bool ask_keep_waiting(const struct ask_console *console, const char *disk, uint32_t seconds)
{
    log_line(console->log, "%s did not answer for %u s. Waiting for it again, at most %u s more ...", disk,
             (unsigned)seconds, (unsigned)seconds);
    log_line(console->log, "(a key goes on without it)");
    return console->wait_key(1) == KEY_NONE;
}

/* ---- waiting */

static uint32_t question_seconds(const struct ask_console *console, const struct config *cfg)
{
    if (cfg->question_timeout_set)
        return cfg->question_timeout;
    return console->attended() ? CONFIG_FOR_EVER : ASK_SECONDS;
}

/* After a key somebody reads and thinks: not less than that, however short the time for the first one. */
static uint32_t idle_seconds(const struct ask_console *console, const struct config *cfg)
{
    uint32_t seconds = question_seconds(console, cfg);

    return seconds > MENU_IDLE_SECONDS ? seconds : MENU_IDLE_SECONDS;
}

/* A key, or KEY_NONE after `seconds`, which may be for ever. */
static int wait_for_key(const struct ask_console *console, uint32_t seconds)
{
    int key = KEY_NONE;

    for (uint32_t left = seconds; key == KEY_NONE && left > 0; left -= seconds != CONFIG_FOR_EVER)
        key = console->wait_key(1);
    return key;
}

/* "" or " or 30 s": how long. */
static const char *or_seconds(char text[COUNTDOWN_BYTES], uint32_t seconds)
{
    text[0] = '\0';
    if (seconds != CONFIG_FOR_EVER)
        (void)text_format(text, COUNTDOWN_BYTES, " or %u s", (unsigned)seconds);
    return text;
}

/* ---- the menu */

static enum ask_answer take_choice(const struct ask_scene *scene)
{
    const struct plan_candidate *choice = menu_choice(scene->menu);

    if (scene->plan->result != PLAN_BOOT || choice->component != scene->plan->chosen.component)
        report_choice(scene->console->log, choice);
    scene->plan->chosen = *choice;
    scene->plan->method = scene->plan->chosen.method;
    scene->plan->result = PLAN_BOOT;
    return ASK_START;
}

/* Keys and seconds until there is an answer. */
static enum menu_answer run_menu(const struct ask_scene *scene)
{
    struct menu     *m = scene->menu;
    enum menu_answer answer = MENU_STAY;

    while (answer == MENU_STAY) {
        int key;

        scene->console->paint(&m->screen);
        m->screen.changed = 0;
        key = scene->console->wait_key(1);
        answer = key == KEY_NONE ? menu_second(m) : menu_key(m, key);
    }
    return answer;
}

/* `seconds`: for the first key. */
static enum ask_answer ask_menu(const struct ask_scene *scene, const char *message, uint32_t seconds)
{
    struct menu_content content = { scene->title, message, scene->view, scene->plan, scene->ring,
                                    &scene->plan->store };
    enum menu_answer    answer;

    ask_forget_keys(scene->console);
    menu_open(scene->menu, &content, seconds, idle_seconds(scene->console, scene->cfg));
    scene->console->open_screen();
    answer = run_menu(scene);
    scene->console->close_screen();
    if (answer == MENU_START)
        return take_choice(scene);
    if (answer == MENU_RESCAN)
        return ASK_RESCAN;
    /* The screen was cleared, and what it said is what the next person needs. */
    log_line(scene->console->log, "%s", message);
    log_line(scene->console->log, "Nothing was started; the firmware's next boot device gets its turn.");
    return ASK_LEAVE;
}

/* ---- the countdown */

/* True when a key was pressed before the time was up. Only the last seconds are counted aloud. */
static bool count_down(const struct ask_console *console, uint32_t seconds)
{
    char text[COUNTDOWN_BYTES];
    bool key = false;

    (void)text_format(text, sizeof text, "Starting in %u s; press any key for the menu.", (unsigned)seconds);
    console->text(text);
    for (uint32_t left = seconds; left > 0 && !key; left--) {
        (void)text_format(text, sizeof text, " %u", (unsigned)left);
        if (left < seconds && left < COUNTED_SECONDS)
            console->text(text);
        key = console->wait_key(1) != KEY_NONE;
    }
    console->text("\r\n");
    return key;
}

static enum ask_answer confirm(const struct ask_scene *scene)
{
    uint32_t seconds = scene->cfg->timeout_set ? scene->cfg->timeout : START_SECONDS;

    if (seconds == 0 || !count_down(scene->console, seconds))
        return ASK_START;
    return ask_menu(scene, "A key stopped the countdown. Nothing starts by itself now.", idle_seconds(scene->console, scene->cfg));
}

/* ---- when nothing starts by itself */

/* It has been said why. */
static enum ask_answer give_up(const struct ask_scene *scene, const char *why)
{
    uint32_t seconds = question_seconds(scene->console, scene->cfg);
    char     until[COUNTDOWN_BYTES];
    int      key;

    if (scene->cfg->on_error == ON_ERROR_MENU)
        return ask_menu(scene, why, seconds);
    if (scene->cfg->on_error == ON_ERROR_HALT)
        ask_leave(scene->console, scene->cfg);
    ask_forget_keys(scene->console);
    log_line(scene->console->log, "The next boot device is tried after a key%s; m opens the menu.", or_seconds(until, seconds));
    key = wait_for_key(scene->console, seconds);
    return key == 'm' || key == 'M' ? ask_menu(scene, why, idle_seconds(scene->console, scene->cfg)) : ASK_LEAVE;
}

static const char *error_text(char text[MESSAGE_BYTES], const char *before, enum status code, const char *what)
{
    const char *next = status_next_step(code);

    (void)text_format(text, MESSAGE_BYTES, "%s%sLDM-%04u: %s%s%s.", before, *before ? " " : "", (unsigned)code, what,
                      *next ? "; " : "", next);
    return text;
}

/* The plan's reason to start nothing by itself. */
static const char *reason_text(char text[MESSAGE_BYTES], const struct boot_plan *plan)
{
    for (const struct note *n = plan->notes.first; n; n = n->next)
        if (n->code == plan->reason)
            return error_text(text, plan->why, n->code, note_brief(n->code, n->text));
    return plan->why;
}

enum ask_answer ask_about_plan(const struct ask_scene *scene)
{
    char text[MESSAGE_BYTES];

    switch (scene->plan->result) {
    case PLAN_BOOT:
        return confirm(scene);
    case PLAN_ASK:
        return ask_menu(scene, reason_text(text, scene->plan), question_seconds(scene->console, scene->cfg));
    case PLAN_NONE:
        break;
    }
    return give_up(scene, reason_text(text, scene->plan));
}

enum ask_answer ask_after_error(const struct ask_scene *scene, enum status code, const char *subject)
{
    char what[MESSAGE_BYTES], text[MESSAGE_BYTES];

    (void)text_format(what, sizeof what, "%s: %s", subject, status_sentence(code));
    return give_up(scene, error_text(text, "", code, what));
}

bool ask_yes(const struct ask_console *console, const struct config *cfg, const char *question)
{
    uint32_t seconds = question_seconds(console, cfg);
    char     until[COUNTDOWN_BYTES];

    ask_forget_keys(console);
    log_line(console->log, "%s", question);
    log_line(console->log, "Press 1 for yes; the next boot device is tried after any other key%s.", or_seconds(until, seconds));
    return wait_for_key(console, seconds) == '1';
}

void ask_leave(const struct ask_console *console, const struct config *cfg)
{
    uint32_t seconds = question_seconds(console, cfg);
    char     until[COUNTDOWN_BYTES];

    if (cfg->on_error == ON_ERROR_HALT) {
        log_line(console->log, "Stopped, as on-error = halt asks. Switch the machine off.");
        for (;;)
            (void)console->wait_key(ASK_SECONDS);
    }
    ask_forget_keys(console);
    log_line(console->log, "The next boot device is tried after a key%s.", or_seconds(until, seconds));
    (void)wait_for_key(console, seconds);
}
