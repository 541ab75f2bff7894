/* SPDX-License-Identifier: MIT */
#include "loadgen/output/dump_format.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

enum { DECIMALS = 9 };

char *dump_format_number(uint64_t number, char *to)
{
    char digits[DUMP_NUMBER_SIZE_MAX];
    char *first = digits + sizeof digits;

    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    size_t size = (size_t)(digits + sizeof digits - first);
    memcpy(to, first, size);
    return to + size;
}

char *dump_format_instant(uint64_t time_ns, uint64_t epoch_ns, char *to)
{
    if (time_ns == 0)
        return to;
    if (time_ns < epoch_ns)
        *to++ = '-';
    uint64_t distance_ns = time_ns < epoch_ns ? epoch_ns - time_ns : time_ns - epoch_ns;
    to = dump_format_number(distance_ns / NS_PER_S, to);
    *to++ = '.';
    uint32_t fraction = (uint32_t)(distance_ns % NS_PER_S);
    for (int i = DECIMALS - 1; i >= 0; i--) {
        to[i] = (char)('0' + fraction % 10);
        fraction /= 10;
    }
    return to + DECIMALS;
}

char *dump_format_field(const char *text)
{
    if (!strpbrk(text, "\",\r\n"))
        return strdup(text);
    char *field = malloc(2 * strlen(text) + 3);
    if (!field)
        return NULL;
    char *to = field;

    *to++ = '"';
    for (; *text != '\0'; text++) {
        if (*text == '"')
            *to++ = '"';
        *to++ = *text;
    }
    *to++ = '"';
    *to = '\0';
    return field;
}
