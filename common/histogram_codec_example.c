/* SPDX-License-Identifier: MIT */
/*
 * histogram_codec_example.c: encodings, and what another implementation should make of them.
 *
 * Without arguments, one JSON line for each of some histograms; with arguments, one for each
 * encoding given. `read` holds what our own decoder tells of the text, which every reader should
 * agree on to the last digit; `exact` what was known before encoding (the largest value, the mean),
 * which a text only carries to the resolution of a counter. `tables` are the .hgrm of it in units
 * of 1 and of 10^6; `log` an .hlog in which it comes twice with a tag, then the empty one without,
 * so that all intervals merged are twice the histogram.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/histogram_codec.h"
#include "common/histogram_log.h"
#include "common/histogram_text.h"
#include "common/log.h"

static const double percentiles[] = {1, 7, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100};

struct example {
    const char *name;
    uint64_t lowest, highest;
    unsigned digits;
    void (*fill)(struct histogram *histogram);
};

static double random_fraction(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return ((double)(*seed >> 11) + 1) * 0x1p-53;
}

static void fill_nothing(struct histogram *histogram)
{
    (void)histogram;
}

static void fill_zero(struct histogram *histogram)
{
    histogram_record(histogram, 0);
}

static void fill_one(struct histogram *histogram)
{
    histogram_record(histogram, 1234567);
}

static void fill_ends(struct histogram *histogram)
{
    histogram_record(histogram, histogram->lowest);
    histogram_record(histogram, histogram->highest);
}

/* Every percentile falls on a boundary between two values. */
static void fill_steps(struct histogram *histogram)
{
    for (uint64_t value = 1; value <= 1000; value++)
        histogram_record(histogram, value * histogram->lowest);
}

static void fill_exponential(struct histogram *histogram)
{
    uint64_t seed = 88172645463325252;

    for (unsigned i = 0; i < 200000; i++)
        histogram_record(histogram, (uint64_t)(-250e3 * log(random_fraction(&seed))));
}

static void fill_log_uniform(struct histogram *histogram)
{
    uint64_t seed = 2463534242;

    for (unsigned i = 0; i < 50000; i++)
        histogram_record(histogram,
                         (uint64_t)pow((double)histogram->highest, random_fraction(&seed)));
}

/* Large counters, and the bytes each of their lengths takes. */
static void fill_counts(struct histogram *histogram)
{
    for (unsigned bit = 0; bit < 31; bit++)
        histogram_record_many(histogram, 1000 + UINT64_C(37) * bit, (UINT64_C(1) << bit) - bit % 2);
}

static const struct example examples[] = {
    {"nothing", 1, HISTOGRAM_HIGHEST_NS, 3, fill_nothing},
    {"zero", 1, HISTOGRAM_HIGHEST_NS, 3, fill_zero},
    {"one", 1, HISTOGRAM_HIGHEST_NS, 3, fill_one},
    {"ends", 1, HISTOGRAM_HIGHEST_NS, 3, fill_ends},
    {"steps", 1, HISTOGRAM_HIGHEST_NS, 3, fill_steps},
    {"exponential", 1, HISTOGRAM_HIGHEST_NS, 3, fill_exponential},
    {"log-uniform", 1, HISTOGRAM_HIGHEST_NS, 3, fill_log_uniform},
    {"counts", 1, HISTOGRAM_HIGHEST_NS, 3, fill_counts},
    {"minute", 1, UINT64_C(60000000000), 3, fill_log_uniform},
    {"one digit", 1, HISTOGRAM_HIGHEST_NS, 1, fill_log_uniform},
    {"five digits", 1, 100000000, 5, fill_log_uniform},
    {"microseconds", 1000, HISTOGRAM_HIGHEST_NS, 3, fill_log_uniform},
    {"steps of 1024", 1024, HISTOGRAM_HIGHEST_NS, 2, fill_steps},
    {"widest", 1, (UINT64_C(1) << 53) - 1, 3, fill_log_uniform},
};

static void print_read(const char *name, const char *text, const struct histogram *histogram)
{
    printf("{\"name\": \"%s\", \"text\": \"%s\", \"read\": {\"count\": %" PRIu64
           ", \"mean\": %.17g, \"standard_deviation\": %.17g, \"counts_length\": %zu, "
           "\"percentiles\": {",
           name, text, histogram->total_count, histogram_mean(histogram),
           histogram_standard_deviation(histogram), histogram->counts_length);
    for (size_t i = 0; i < sizeof percentiles / sizeof percentiles[0]; i++)
        printf("%s\"%g\": %" PRIu64, i == 0 ? "" : ", ", percentiles[i],
               histogram_quantile(histogram, percentiles[i] / 100));
    printf("}, \"counts\": [");
    const char *separator = "";
    for (size_t i = 0; i < histogram->counts_length; i++) {
        if (histogram->counts[i] == 0)
            continue;
        printf("%s[%zu, %" PRIu64 "]", separator, i, histogram->counts[i]);
        separator = ", ";
    }
    printf("]}");
}

/* Text of many lines as a string of JSON. */
static void print_string(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            printf("\\n");
        else if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else
            putchar(*text);
    }
    putchar('"');
}

static int table_write(FILE *out, struct histogram *histogram, double unit)
{
    return histogram_write_percentiles(out, histogram, unit, HISTOGRAM_TICKS_PER_HALF);
}

/* `histogram` is empty afterwards. */
static int log_write(FILE *out, struct histogram *histogram, double unit)
{
    int error = histogram_log_begin(out, 1441812279.5, "an example");

    for (int i = 0; i < 2 && !error; i++)
        error = histogram_log_interval(out, "twice, in two", i, 0.998, histogram, unit);
    histogram_clear(histogram);
    return error ? error : histogram_log_interval(out, NULL, 2, 0.25, histogram, unit);
}

static int print_written(int (*write)(FILE *out, struct histogram *histogram, double unit),
                         struct histogram *histogram, double unit)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return -ENOMEM;
    int error = write(out, histogram, unit);
    if (fclose(out) != 0 && !error)
        error = -ENOMEM;
    if (!error)
        print_string(text);
    free(text);
    return error;
}

static int example_print(const struct example *example)
{
    struct histogram histogram;
    struct histogram back;
    char *text;
    int error = histogram_init(&histogram, example->lowest, example->highest, example->digits);

    if (error)
        return error;
    example->fill(&histogram);
    error = histogram_encode(&histogram, &text);
    if (error)
        goto release_histogram;
    error = histogram_decode(text, &back);
    if (error)
        goto free_text;
    print_read(example->name, text, &back);
    printf(", \"exact\": {\"max\": %" PRIu64 ", \"mean\": %.17g}, \"tables\": {\"1\": ",
           histogram.max, histogram_mean(&histogram));
    error = print_written(table_write, &histogram, 1);
    printf(", \"1e6\": ");
    if (!error)
        error = print_written(table_write, &histogram, 1e6);
    printf("}, \"log\": ");
    if (!error)
        error = print_written(log_write, &histogram, 1e6);
    printf("}\n");
    histogram_release(&back);
free_text:
    free(text);
release_histogram:
    histogram_release(&histogram);
    return error;
}

static int encoding_print(const char *text)
{
    struct histogram histogram;
    int error = histogram_decode(text, &histogram);

    if (error)
        return error;
    print_read("given", text, &histogram);
    printf("}\n");
    histogram_release(&histogram);
    return 0;
}

int main(int argc, char **argv)
{
    int error = 0;

    log_program("histogram_codec_example");
    if (argc > 1)
        for (int i = 1; i < argc && !error; i++)
            error = encoding_print(argv[i]);
    else
        for (size_t i = 0; i < sizeof examples / sizeof examples[0] && !error; i++)
            error = example_print(&examples[i]);
    if (error) {
        log_error("%s", strerror(-error));
        return EXIT_FAILED;
    }
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}
