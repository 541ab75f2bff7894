/* SPDX-License-Identifier: MIT */
/*
 * openmetrics.c: writes to a stream in memory, whose error flag remembers that memory ran out.
 */
#include "loadgen/output/openmetrics.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

enum {
    VALUE_SIZE = 32,
    WHOLE_END = 1000000, /* from here on a whole number may have an exponent */
};

static const char *const type_names[] = {
    [OPENMETRICS_UNKNOWN] = "unknown",     [OPENMETRICS_GAUGE] = "gauge",
    [OPENMETRICS_COUNTER] = "counter",     [OPENMETRICS_INFO] = "info",
    [OPENMETRICS_HISTOGRAM] = "histogram", [OPENMETRICS_SUMMARY] = "summary",
};

/* --- words ------------------------------------------------------------------------------------ */

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

/* [a-zA-Z_][a-zA-Z0-9_]*; `other` counts as a letter. */
static bool is_name(const char *name, char other)
{
    if (*name == '\0' || (*name >= '0' && *name <= '9'))
        return false;
    for (; *name != '\0'; name++)
        if (!is_letter(*name) && !(*name >= '0' && *name <= '9') && *name != other)
            return false;
    return true;
}

static bool ends_in(const char *name, const char *end)
{
    size_t name_size = strlen(name);
    size_t end_size = strlen(end);

    return name_size > end_size && strcmp(name + name_size - end_size, end) == 0;
}

static bool ends_in_unit(const char *name, const char *unit)
{
    return ends_in(name, unit) && name[strlen(name) - strlen(unit) - 1] == '_';
}

/* A family that ended so would take the samples of another. */
static bool has_sample_suffix(const char *name)
{
    static const char *const suffixes[] = {"_total", "_created", "_bucket", "_count",
                                           "_sum",   "_info",    "_gcount", "_gsum"};

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (ends_in(name, suffixes[i]))
            return true;
    return false;
}

/* Bytes of the character of UTF-8 at `text`; 0 when there is none. */
static size_t character_size(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    unsigned char second_min = 0x80;
    unsigned char second_max = 0xbf;
    size_t size;

    if (byte[0] < 0x80)
        return 1;
    if (byte[0] >= 0xc2 && byte[0] <= 0xdf)
        size = 2;
    else if (byte[0] >= 0xe0 && byte[0] <= 0xef)
        size = 3;
    else if (byte[0] >= 0xf0 && byte[0] <= 0xf4)
        size = 4;
    else
        return 0;
    /* No overlong form, no surrogate, nothing past U+10FFFF. */
    if (byte[0] == 0xe0)
        second_min = 0xa0;
    else if (byte[0] == 0xed)
        second_max = 0x9f;
    else if (byte[0] == 0xf0)
        second_min = 0x90;
    else if (byte[0] == 0xf4)
        second_max = 0x8f;
    if (byte[1] < second_min || byte[1] > second_max)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

/* Text of a label or of a help line, with the three characters that have a meaning escaped. */
static void text_write(struct openmetrics *metrics, const char *text)
{
    while (*text != '\0') {
        size_t size = character_size(text);

        if (size == 0)
            fputc('?', metrics->out);
        else if (*text == '\n')
            fputs("\\n", metrics->out);
        else if (*text == '"' || *text == '\\')
            fprintf(metrics->out, "\\%c", *text);
        else
            fwrite(text, 1, size, metrics->out);
        text += size > 0 ? size : 1;
    }
}

/* The shortest decimal that reads as the same double, with a point or an exponent: 0.001, 10.0,
 * 1e+06, as the format wants bounds and quantiles written. */
static const char *value_text(double value, char text[VALUE_SIZE])
{
    if (isnan(value))
        return "NaN";
    if (isinf(value))
        return value > 0 ? "+Inf" : "-Inf";
    if (value == trunc(value) && fabs(value) < WHOLE_END) {
        snprintf(text, VALUE_SIZE, "%.1f", value);
        return text;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, VALUE_SIZE, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    if (!strpbrk(text, ".e"))
        snprintf(text, VALUE_SIZE, "%.1f", value);
    return text;
}

/* --- samples ---------------------------------------------------------------------------------- */

/* "family_suffix{labels,name="value"} ", up to where the number stands. `own` is the label that the
 * type adds, or NULL. */
static void sample_begin(struct openmetrics *metrics, const char *suffix,
                         const struct openmetrics_label *labels, size_t labels_count,
                         const struct openmetrics_label *own)
{
    const char *separator = "{";

    fprintf(metrics->out, "%s%s", metrics->family, suffix);
    for (size_t i = 0; i < labels_count; i++) {
        assert(is_name(labels[i].name, '_'));
        fprintf(metrics->out, "%s%s=\"", separator, labels[i].name);
        text_write(metrics, labels[i].value);
        fputc('"', metrics->out);
        separator = ",";
    }
    if (own)
        fprintf(metrics->out, "%s%s=\"%s\"", separator, own->name, own->value);
    fputs(labels_count > 0 || own ? "} " : " ", metrics->out);
}

static const char *sample_suffix(const struct openmetrics *metrics)
{
    assert(metrics->family);
    assert(metrics->type != OPENMETRICS_HISTOGRAM && metrics->type != OPENMETRICS_SUMMARY);
    if (metrics->type == OPENMETRICS_COUNTER)
        return "_total";
    return metrics->type == OPENMETRICS_INFO ? "_info" : "";
}

void openmetrics_sample(struct openmetrics *metrics, const struct openmetrics_label *labels,
                        size_t labels_count, double value)
{
    char text[VALUE_SIZE];

    assert(metrics->type != OPENMETRICS_COUNTER || value >= 0);
    assert(metrics->type != OPENMETRICS_INFO || value == 1);
    sample_begin(metrics, sample_suffix(metrics), labels, labels_count, NULL);
    fprintf(metrics->out, "%s\n", value_text(value, text));
}

void openmetrics_sample_integer(struct openmetrics *metrics, const struct openmetrics_label *labels,
                                size_t labels_count, uint64_t value)
{
    assert(metrics->type != OPENMETRICS_INFO || value == 1);
    sample_begin(metrics, sample_suffix(metrics), labels, labels_count, NULL);
    fprintf(metrics->out, "%" PRIu64 "\n", value);
}

static void sum_and_count(struct openmetrics *metrics, const struct openmetrics_label *labels,
                          size_t labels_count, const struct histogram *histogram)
{
    char text[VALUE_SIZE];

    sample_begin(metrics, "_sum", labels, labels_count, NULL);
    fprintf(metrics->out, "%s\n", value_text(histogram->sum / (double)NS_PER_S, text));
    sample_begin(metrics, "_count", labels, labels_count, NULL);
    fprintf(metrics->out, "%" PRIu64 "\n", histogram->total_count);
}

/* Bounds are decimal seconds: 0.001 s may be a hair below 10^6 ns in binary. */
static uint64_t bound_ns(double bound_s)
{
    return (uint64_t)llround(bound_s * (double)NS_PER_S);
}

void openmetrics_histogram(struct openmetrics *metrics, const struct openmetrics_label *labels,
                           size_t labels_count, const struct histogram *histogram,
                           const double *bounds_s, size_t bounds_count)
{
    struct openmetrics_label le = {.name = "le"};
    double before_s = 0;
    char text[VALUE_SIZE];

    assert(metrics->family && metrics->type == OPENMETRICS_HISTOGRAM);
    for (size_t i = 0; i < bounds_count; i++) {
        assert(bounds_s[i] > before_s && bounds_s[i] < 1e9);
        before_s = bounds_s[i];
        le.value = value_text(bounds_s[i], text);
        sample_begin(metrics, "_bucket", labels, labels_count, &le);
        fprintf(metrics->out, "%" PRIu64 "\n",
                histogram_count_at_or_below(histogram, bound_ns(bounds_s[i])));
    }
    le.value = "+Inf";
    sample_begin(metrics, "_bucket", labels, labels_count, &le);
    fprintf(metrics->out, "%" PRIu64 "\n", histogram->total_count);
    sum_and_count(metrics, labels, labels_count, histogram);
}

static double quantile_s(const struct histogram *histogram, double quantile)
{
    uint64_t value_ns = histogram_quantile(histogram, quantile);

    if (histogram->total_count == 0)
        return NAN;
    return value_ns == UINT64_MAX ? INFINITY : (double)value_ns / (double)NS_PER_S;
}

void openmetrics_summary(struct openmetrics *metrics, const struct openmetrics_label *labels,
                         size_t labels_count, const struct histogram *histogram,
                         const double *quantiles, size_t quantiles_count)
{
    char text[VALUE_SIZE];

    assert(metrics->family && metrics->type == OPENMETRICS_SUMMARY);
    for (size_t i = 0; i < quantiles_count; i++) {
        assert(quantiles[i] >= 0 && quantiles[i] <= 1);
        struct openmetrics_label quantile = {"quantile", value_text(quantiles[i], text)};
        sample_begin(metrics, "", labels, labels_count, &quantile);
        fprintf(metrics->out, "%s\n", value_text(quantile_s(histogram, quantiles[i]), text));
    }
    sum_and_count(metrics, labels, labels_count, histogram);
}

/* --- the text --------------------------------------------------------------------------------- */

int openmetrics_init(struct openmetrics *metrics)
{
    *metrics = (struct openmetrics){0};
    metrics->out = open_memstream(&metrics->text, &metrics->size);
    return metrics->out ? 0 : -ENOMEM;
}

void openmetrics_family(struct openmetrics *metrics, const char *name, enum openmetrics_type type,
                        const char *unit, const char *help)
{
    assert(is_name(name, ':') && !has_sample_suffix(name));
    assert(!unit || (ends_in_unit(name, unit) && type != OPENMETRICS_INFO));
    metrics->family = name;
    metrics->type = type;
    fprintf(metrics->out, "# TYPE %s %s\n", name, type_names[type]);
    if (unit)
        fprintf(metrics->out, "# UNIT %s %s\n", name, unit);
    fprintf(metrics->out, "# HELP %s ", name);
    text_write(metrics, help);
    fputc('\n', metrics->out);
}

int openmetrics_finish(struct openmetrics *metrics, char **text, size_t *size)
{
    fputs("# EOF\n", metrics->out);
    bool failed = ferror(metrics->out) != 0;
    /* The buffer and its size are only sure to be there once the stream is closed. */
    failed = fclose(metrics->out) != 0 || failed;
    metrics->out = NULL;
    if (failed) {
        free(metrics->text);
        return -ENOMEM;
    }
    *text = metrics->text;
    *size = metrics->size;
    return 0;
}
