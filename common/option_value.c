/* SPDX-License-Identifier: MIT */
#include "common/option_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/units.h"

uint64_t option_count(const char *option, const char *text, uint64_t min, uint64_t max)
{
    uint64_t value;

    if (count_parse(text, &value) == 0 && value >= min && value <= max)
        return value;
    log_error("%s %s: expected a whole number from %ju to %ju", option, text, (uintmax_t)min,
              (uintmax_t)max);
    exit(EXIT_USAGE);
}

uint64_t option_duration(const char *option, const char *text, uint64_t min_ns)
{
    uint64_t duration_ns;

    if (duration_parse(text, &duration_ns) == 0 && duration_ns >= min_ns &&
        duration_ns <= NS_PER_S * 3600 * 24)
        return duration_ns;
    log_error("%s %s: expected a time with its unit (ns us ms s m h) from %s to 24h, such as 250ms,"
              " 10s or 2m",
              option, text,
              min_ns == 0   ? "0s"
              : min_ns == 1 ? "1ns"
                            : "1ms");
    exit(EXIT_USAGE);
}

double option_rate(const char *option, const char *text)
{
    double rate_per_s;

    if (rate_parse(text, &rate_per_s) == 0)
        return rate_per_s;
    log_error("%s %s: expected a rate above 0 and up to 1000M/s, such as 3900/s or 20k/s", option,
              text);
    exit(EXIT_USAGE);
}

int option_choice(const char *option, const char *text, const char *const *names)
{
    char all[128] = "";

    for (int i = 0; names[i]; i++) {
        if (strcmp(text, names[i]) == 0)
            return i;
        strncat(all, i == 0 ? "" : names[i + 1] ? ", " : " or ", sizeof all - strlen(all) - 1);
        strncat(all, names[i], sizeof all - strlen(all) - 1);
    }
    log_error("%s %s: expected %s", option, text, all);
    exit(EXIT_USAGE);
}
