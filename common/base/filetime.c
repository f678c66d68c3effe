/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetime.c - see filetime.h. */
#include "filetime.h"

#include <stdbool.h>

#include "div64.h"
#include "log.h"

#define TICKS_PER_SECOND  10000000u
#define SECONDS_PER_DAY   86400u
#define FIRST_YEAR        1601u
#define LAST_YEAR         9999u
#define DAYS_PER_400      146097u  /* years 1601 to 2000 and every 400 after them: 97 leap years */

static bool is_leap(uint32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint32_t days_in_year(uint32_t year)
{
    return is_leap(year) ? 366 : 365;
}

static uint32_t days_in_month(uint32_t month, uint32_t year)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return month == 1 && is_leap(year) ? 29 : days[month];
}

const char *filetime_text(uint64_t filetime, char out[FILETIME_TEXT])
{
    uint32_t second, day, year, month = 0;
    uint64_t days = div_u64(div_u64(filetime, TICKS_PER_SECOND, NULL), SECONDS_PER_DAY, &second);

    year = FIRST_YEAR + 400 * (uint32_t)div_u64(days, DAYS_PER_400, &day);
    for (; day >= days_in_year(year); year++)
        day -= days_in_year(year);
    for (; day >= days_in_month(month, year); month++)
        day -= days_in_month(month, year);
    if (filetime == 0 || year > LAST_YEAR)
        (void)text_format(out, FILETIME_TEXT, "an unknown time");
    else
        (void)text_format(out, FILETIME_TEXT, "%04u-%02u-%02u %02u:%02u UTC", (unsigned)year, (unsigned)month + 1,
                          (unsigned)day + 1, (unsigned)(second / 3600), (unsigned)(second / 60 % 60));
    return out;
}
