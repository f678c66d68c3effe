/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ask.c - countdown, question and farewell; see ask.h. */
#include "ask.h"

#include "report.h"

#define START_SECONDS 5u  /* docs/interfaces.md: timeout */
#define MAX_CHOICES   9u  /* one digit */

/* What a person may start: the marked ones too, with their reason. The one with this number, from 1; NULL: none. */
static const struct plan_candidate *choice(const struct boot_plan *plan, unsigned number)
{
    for (size_t i = 0; i < plan->candidate_count; i++)
        if (plan->candidates[i].facts && plan->candidates[i].verdict != VERDICT_NEVER && --number == 0)
            return &plan->candidates[i];
    return NULL;
}

static unsigned show_choices(struct log *log, const struct boot_plan *plan)
{
    unsigned                     n = 0;
    const struct plan_candidate *c;

    while (n < MAX_CHOICES && (c = choice(plan, n + 1)) != NULL) {
        if (n++ == 0)
            log_line(log, "What can be started:");
        log_line(log, "  %u  volume %s, half %s on %s", n, c->volume->name, c->component->name,
                 c->facts->disk->dev->name);
        if (c->code != STATUS_OK)
            log_line(log, "     %s", status_sentence(c->code));
    }
    return n;
}

/* Let the person choose. */
static bool ask_which(const struct ask_console *console, struct boot_plan *plan)
{
    unsigned n = show_choices(console->log, plan);
    int      key;

    if (n == 0)
        return false;
    log_line(console->log, "Press the number of what to start, any other key for the next boot device (%u s).",
             ASK_SECONDS);
    key = console->wait_key(ASK_SECONDS);
    if (key < '1' || (unsigned)(key - '0') > n)
        return false;
    plan->chosen = *choice(plan, (unsigned)(key - '0'));
    plan->result = PLAN_BOOT;
    return true;
}

/* The countdown: true to start what was chosen, by time or by the person. */
static bool confirm(const struct ask_console *console, const struct config *cfg, struct boot_plan *plan)
{
    uint32_t seconds = cfg->timeout_set ? cfg->timeout : START_SECONDS;

    if (seconds == 0)
        return true;
    log_line(console->log, "Starting in %u s; press a key for details and other choices.", seconds);
    if (console->wait_key(seconds) == ASK_NO_KEY)
        return true;
    report_plan(console->log, plan, true);
    return ask_which(console, plan);
}

bool ask_decide(const struct ask_console *console, const struct config *cfg, struct boot_plan *plan)
{
    switch (plan->result) {
    case PLAN_BOOT:
        return confirm(console, cfg, plan);
    case PLAN_ASK:
        return ask_which(console, plan);
    case PLAN_NONE:
        break;
    }
    return false;
}

bool ask_yes(const struct ask_console *console, const char *question)
{
    log_line(console->log, "%s", question);
    log_line(console->log, "Press 1 for yes, any other key for the next boot device (%u s).", ASK_SECONDS);
    return console->wait_key(ASK_SECONDS) == '1';
}

void ask_leave(const struct ask_console *console, const struct config *cfg)
{
    uint32_t seconds = cfg->timeout_set && cfg->timeout ? cfg->timeout : ASK_SECONDS;

    if (cfg->on_error == ON_ERROR_HALT) {
        log_line(console->log, "Stopped, as on-error = halt asks. Switch the machine off.");
        for (;;)
            (void)console->wait_key(ASK_SECONDS);
    }
    log_line(console->log, "The next boot device is tried after a key or %u s.", seconds);
    (void)console->wait_key(seconds);
}
