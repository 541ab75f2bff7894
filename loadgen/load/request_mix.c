/* SPDX-License-Identifier: MIT */
#include "loadgen/load/request_mix.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"

enum { ERROR_REPLY_MAX = 1024 };

static const char PROBLEM_KIND[] =
    "expected echo:SIZE, persona or work:cpu=TIME,block=TIME,reply=SIZE, or a mix of them such as "
    "99*echo:64,1*work:cpu=20ms";
static const char PROBLEM_EMPTY[] =
    "a class is missing: a comma stands between two classes, not before or behind them";
static const char PROBLEM_WEIGHT[] =
    "a weight is a whole number from 1 to 1000000000, as in 99*echo:64";
static const char PROBLEM_COUNT[] = "a mix has at most 16 classes";
static const char PROBLEM_NAME[] = "a class is described by at most 63 characters";
static const char PROBLEM_TWICE[] = "a class stands there twice: write it once, with one weight";
static const char PROBLEM_WORK[] =
    "work takes cpu=TIME, block=TIME and reply=SIZE, each at most once and at least one of them, "
    "as in work:cpu=100us,reply=64";
static const char PROBLEM_TIME[] =
    "cpu and block take whole microseconds with their unit, up to 60s, such as 100us or 1.5ms";
static const char PROBLEM_REPLY[] =
    "reply takes a whole number of bytes up to 1GiB, such as 64 or 4KiB";

/* --- one class -------------------------------------------------------------------------------- */

static int parse_time(const char *text, uint32_t *time_us, const char **problem)
{
    uint64_t time_ns;

    *problem = PROBLEM_TIME;
    if (duration_parse(text, &time_ns) < 0 || time_ns > WORK_TIME_MAX_US * NS_PER_US ||
        time_ns % NS_PER_US != 0)
        return -EINVAL;
    *time_us = (uint32_t)(time_ns / NS_PER_US);
    return 0;
}

static int parse_reply(const char *text, uint32_t *size, const char **problem)
{
    uint64_t value;

    *problem = PROBLEM_REPLY;
    if (size_parse(text, &value) < 0 || value > SIZE_DISTRIBUTION_MAX)
        return -EINVAL;
    *size = (uint32_t)value;
    return 0;
}

/* "cpu=100us,block=1ms,reply=64", in any order. */
static int parse_work(const char *text, struct work *work, const char **problem)
{
    enum { CPU, BLOCK, REPLY };
    char *const names[] = {[CPU] = "cpu", [BLOCK] = "block", [REPLY] = "reply", NULL};
    char copy[REQUEST_CLASS_NAME_SIZE]; /* getsubopt(3) writes */
    char *next = copy;
    unsigned seen = 0;
    int failed = 0;

    *problem = PROBLEM_WORK;
    memcpy(copy, text, strlen(text) + 1);
    do {
        char *value = NULL;
        int option = getsubopt(&next, names, &value);

        *problem = PROBLEM_WORK;
        if (option < 0 || !value || (seen & 1U << option) != 0)
            return -EINVAL;
        seen |= 1U << option;
        if (option == CPU)
            failed = parse_time(value, &work->cpu_us, problem);
        else if (option == BLOCK)
            failed = parse_time(value, &work->block_us, problem);
        else
            failed = parse_reply(value, &work->reply_size, problem);
    } while (*next != '\0' && failed == 0);
    return failed;
}

static int parse_kind(const char *text, struct request_kind *kind, const char **problem)
{
    *kind = (struct request_kind){0};
    if (strcmp(text, "persona") == 0) {
        kind->operation = OPERATION_PERSONA;
        kind->size = size_distribution_fixed(REQUEST_PERSONA_SIZE);
        return 0;
    }
    if (strncmp(text, "echo:", 5) == 0) {
        kind->operation = OPERATION_ECHO;
        return size_distribution_parse(text + 5, &kind->size, problem);
    }
    if (strncmp(text, "work:", 5) == 0) {
        kind->operation = OPERATION_WORK;
        kind->size = size_distribution_fixed(WORK_FIXED_SIZE);
        return parse_work(text + 5, &kind->work, problem);
    }
    *problem = PROBLEM_KIND;
    return -EINVAL;
}

/* Reads "99*" from the front of the `*size` characters at `*text` and moves behind it; 1 when there
 * is no weight. */
static int parse_weight(const char **text, size_t *size, uint64_t *weight)
{
    const char *star = memchr(*text, '*', *size);

    *weight = 1;
    if (!star)
        return 0;
    *weight = 0;
    for (const char *digit = *text; digit < star; digit++) {
        if (*digit < '0' || *digit > '9')
            return -EINVAL;
        *weight = *weight * 10 + (uint64_t)(*digit - '0');
        if (*weight > REQUEST_WEIGHT_MAX)
            return -EINVAL;
    }
    *size -= (size_t)(star + 1 - *text);
    *text = star + 1;
    return *weight > 0 ? 0 : -EINVAL;
}

/* The `size` characters at `text`: "1*work:cpu=20ms". */
static int parse_class(const char *text, size_t size, struct request_class *class,
                       const char **problem)
{
    *problem = PROBLEM_WEIGHT;
    if (parse_weight(&text, &size, &class->weight) < 0)
        return -EINVAL;
    *problem = PROBLEM_EMPTY;
    if (size == 0)
        return -EINVAL;
    *problem = PROBLEM_NAME;
    if (size >= sizeof class->name)
        return -EINVAL;
    memcpy(class->name, text, size);
    class->name[size] = '\0';
    return parse_kind(class->name, &class->kind, problem);
}

/* --- the mix ---------------------------------------------------------------------------------- */

/* "cpu=…": an option of the class before the comma, not a class. */
static bool is_option(const char *text)
{
    size_t length = 0;

    while (text[length] >= 'a' && text[length] <= 'z')
        length++;
    return text[length] == '=';
}

/* Characters up to the comma that ends the class, or to the end. */
static size_t class_length(const char *text)
{
    unsigned depth = 0;
    size_t length = 0;

    for (; text[length] != '\0'; length++) {
        if (text[length] == '(')
            depth++;
        else if (text[length] == ')' && depth > 0)
            depth--;
        else if (text[length] == ',' && depth == 0 &&
                 (length == 0 || !is_option(text + length + 1)))
            break;
    }
    return length;
}

int request_mix_parse(const char *text, struct request_mix *mix, const char **problem)
{
    *mix = (struct request_mix){0};
    *problem = PROBLEM_KIND;
    if (*text == '\0')
        return -EINVAL;
    for (;;) {
        struct request_class *class = &mix->classes[mix->count];
        size_t length = class_length(text);
        struct request_class parsed;

        *problem = PROBLEM_COUNT;
        if (mix->count == REQUEST_CLASSES_MAX)
            return -EINVAL;
        if (parse_class(text, length, &parsed, problem) < 0)
            return -EINVAL;
        *problem = PROBLEM_TWICE;
        if (request_mix_find(mix, parsed.name) >= 0)
            return -EINVAL;
        *class = parsed;
        mix->count++;
        mix->total_weight += parsed.weight;
        text += length;
        if (*text == '\0')
            return 0;
        text++;
    }
}

size_t request_mix_size_max(const struct request_mix *mix)
{
    size_t size = 0;

    for (unsigned i = 0; i < mix->count; i++) {
        if (mix->classes[i].kind.size.max > size)
            size = mix->classes[i].kind.size.max;
    }
    return size;
}

size_t request_mix_reply_max(const struct request_mix *mix)
{
    size_t size = ERROR_REPLY_MAX;

    for (unsigned i = 0; i < mix->count; i++) {
        const struct request_kind *kind = &mix->classes[i].kind;
        size_t reply_size =
            kind->operation == OPERATION_WORK ? kind->work.reply_size : kind->size.max;

        if (reply_size > size)
            size = reply_size;
    }
    return size;
}

int request_mix_find(const struct request_mix *mix, const char *name)
{
    for (unsigned i = 0; i < mix->count; i++) {
        if (strcmp(mix->classes[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}
