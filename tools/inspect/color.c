/* SPDX-License-Identifier: GPL-2.0-or-later */
/* color.c - see color.h. Colors by ECMA-48's SGR, the lines as common/ui/report.c writes them. */
#include "color.h"

#include <stdlib.h>
#include <string.h>

#include "common/ldm/view.h"
#include "host.h"
#include "shell.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"
#define NUMBER_LETTERS 9  /* LDM-0123: */

bool color_parse(const char *word, enum color_when *out)
{
    static const char *const words[] = { [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never" };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i]) == 0) {
            *out = (enum color_when)i;
            return true;
        }
    return false;
}

bool color_wanted(enum color_when when, FILE *out)
{
    const char *no_color = getenv("NO_COLOR");

    if (when != COLOR_AUTO)
        return when == COLOR_ALWAYS;
    return !(no_color && *no_color) && host_has_colors(out);
}

/* What a state looks like; NULL: `word` is none. */
static const char *color_of_state(const char *word, size_t len)
{
    for (int i = COMPONENT_ACTIVE; i <= COMPONENT_UNKNOWN; i++) {
        const char *name = ldm_component_state_name((enum component_state)i);

        if (strlen(name) == len && memcmp(name, word, len) == 0)
            return i == COMPONENT_ACTIVE ? GREEN : i == COMPONENT_RESYNC ? YELLOW : RED;
    }
    return NULL;
}

/* Where the part of the line begins that has a color, how long it is, and which. */
static const char *find_part(const char *text, size_t *start, size_t *len)
{
    const char *color = NULL;

    *start = 0;
    *len = NUMBER_LETTERS;
    if (strncmp(text, "LDM-", 4) == 0 && strlen(text) > NUMBER_LETTERS && text[NUMBER_LETTERS - 1] == ':')
        return YELLOW;
    if (strncmp(text, "    ", 4) != 0 || text[4] == ' ')  /* the line of a half: its name, its state */
        return NULL;
    for (*start = 4 + strcspn(text + 4, " "); !color && text[*start]; *start += color ? 0 : *len) {
        *start += strspn(text + *start, " ");
        *len = strcspn(text + *start, " ");
        color = color_of_state(text + *start, *len);
    }
    return color;
}

void color_line(FILE *out, const char *text, bool colors)
{
    size_t      start, len;
    const char *color = colors ? find_part(text, &start, &len) : NULL;

    if (color) {
        shell_part(out, text, start);
        fputs(color, out);
        shell_part(out, text + start, len);
        fputs(PLAIN, out);
        text += start + len;
    }
    shell_name(out, text);
    fputc('\n', out);
}
