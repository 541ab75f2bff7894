/* SPDX-License-Identifier: MIT */
/*
 * trial-quantiles: reads any quantile off a histogram that stands in a trial's JSON.
 *
 *     trial-quantiles TRIAL.json response 0.9 0.995      a value in nanoseconds for each, one a
 * line
 *
 * The trial itself holds a few percentiles only. A value above what the histogram tells apart is
 * printed as ">".
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/histogram_codec.h"
#include "common/log.h"

/* A number above 0 and up to 1, the whole of `text`. */
static bool parse_quantile(const char *text, double *quantile)
{
    char *end;

    *quantile = strtod(text, &end);
    return end != text && *end == '\0' && *quantile > 0 && *quantile <= 1;
}

static int print_quantiles(const struct histogram *histogram, char *const *quantiles)
{
    for (; *quantiles; quantiles++) {
        double quantile;

        if (!parse_quantile(*quantiles, &quantile)) {
            log_error("%s: expected a quantile above 0 and up to 1, such as 0.995", *quantiles);
            return EXIT_USAGE;
        }
        uint64_t value = histogram_quantile(histogram, quantile);

        if (value == UINT64_MAX)
            puts(">");
        else
            printf("%" PRIu64 "\n", value);
    }
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct histogram histogram;
    json_error_t problem;
    const char *text = NULL;
    int status;

    log_program("trial-quantiles");
    if (argc < 4) {
        log_error("expected TRIAL.json, the name of a latency and quantiles");
        return EXIT_USAGE;
    }
    json_t *trial = json_load_file(argv[1], 0, &problem);
    if (!trial) {
        log_error("%s: %s", argv[1], problem.text);
        return EXIT_FAILED;
    }
    json_unpack(trial, "{s:{s:{s:s}}}", "latency", argv[2], "histogram", &text);
    int failed = text ? histogram_decode(text, &histogram) : -EINVAL;
    if (failed < 0) {
        log_error("%s: no histogram of latency.%s", argv[1], argv[2]);
        status = EXIT_FAILED;
    } else if (histogram.total_count == 0) {
        log_error("%s: latency.%s is empty", argv[1], argv[2]);
        status = EXIT_FAILED;
        histogram_release(&histogram);
    } else {
        status = print_quantiles(&histogram, argv + 3);
        histogram_release(&histogram);
    }
    json_decref(trial);
    return status;
}
