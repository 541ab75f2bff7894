/* SPDX-License-Identifier: MIT */
/*
 * foreign_text.c: results that are printed text: wrk's, wrk2's, and HdrHistogram's table.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/compare/foreign_parse.h"

/* The next line of *text into `line`, cut at `size`; false at the end. */
static bool next_line(const char **text, char *line, size_t size)
{
    if (**text == '\0')
        return false;
    size_t length = strcspn(*text, "\n");
    snprintf(line, size, "%.*s", (int)(length < size ? length : size - 1), *text);
    *text += length + ((*text)[length] == '\n');
    return true;
}

/* "1.24ms", "635.91us", "1.50s", "2.00m": what wrk makes of a time. NAN for anything else. */
static double wrk_duration_ns(const char *text)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
    char *end;
    double value = strtod(text, &end);

    if (end == text || !isfinite(value))
        return NAN;
    size_t length = strcspn(end, " \t\r");
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strlen(units[i].unit) == length && strncmp(end, units[i].unit, length) == 0)
            return value * units[i].ns;
    }
    return NAN;
}

/* "     50%  250.00us", wrk2's " 50.000%    1.24ms". */
static void wrk_percentile(const char *line, struct foreign *out)
{
    char *end;
    double percent = strtod(line, &end);

    if (end == line || *end != '%')
        return;
    foreign_percentile(out, percent / 100, wrk_duration_ns(end + 1));
}

/* "  Socket errors: connect 0, read 3, write 0, timeout 12", "  Non-2xx or 3xx responses: 3". */
static void wrk_failures(const char *line, struct foreign *out)
{
    unsigned long long a, b, c, d;

    if (sscanf(line, " Socket errors: connect %llu, read %llu, write %llu, timeout %llu", &a, &b,
               &c, &d) == 4)
        out->failed += (double)a + (double)b + (double)c + (double)d;
    else if (sscanf(line, " Non-2xx or 3xx responses: %llu", &a) == 1)
        out->failed += (double)a;
}

int foreign_wrk(const char *text, struct foreign *out, char *problem, size_t problem_size)
{
    unsigned long long threads, connections, requests;
    bool is_other = false; /* a distribution that is not the latency */
    double rate = NAN;
    char line[256];

    if (!strstr(text, "Requests/sec:") || !strstr(text, "Thread Stats"))
        return 0;
    out->tool = "wrk";
    out->caveat = "a closed loop: a stalled server is asked less, and its stalls are counted once "
                  "(coordinated omission)";
    out->failed = 0;
    while (next_line(&text, line, sizeof line)) {
        if (strstr(line, "HdrHistogram - Recorded Latency")) {
            out->tool = "wrk2";
            out->caveat = "latency from when a request was due, at the rate it was asked for";
        } else if (strstr(line, "Uncorrected Latency")) {
            is_other = true;
        }
        if (sscanf(line, " %llu threads and %llu connections", &threads, &connections) == 2)
            out->connections = connections;
        else if (sscanf(line, " %llu requests in", &requests) == 1)
            out->count = (double)requests;
        else
            sscanf(line, "Requests/sec: %lf", &rate);
        if (!is_other)
            wrk_percentile(line, out);
        wrk_failures(line, out);
    }
    if (!(rate > 0) || !isfinite(rate)) {
        snprintf(problem, problem_size, "the text of wrk, but its Requests/sec is no rate");
        return -1;
    }
    out->readings[COMPARED_THROUGHPUT].value = rate;
    return 1;
}

enum { ROWS_MAX = 100000 };

struct row {
    double value, percentile, count;
};

/* "  1.234 0.990000000000  100  100.00": false for a line that is no row. */
static bool row_read(const char *line, struct row *row)
{
    return sscanf(line, " %lf %lf %lf", &row->value, &row->percentile, &row->count) == 3 &&
           isfinite(row->value) && row->value >= 0 && row->percentile >= 0 &&
           row->percentile <= 1 && row->count >= 0;
}

/* The first row that has as many values below or at it as the percentile takes. */
static void hgrm_percentiles(const struct row *rows, size_t count, struct foreign *out)
{
    for (enum compared c = 0; c < COMPARED_METRICS; c++) {
        double rank = ceil(compared_quantile(c) * out->count - 1e-6);
        size_t i = 0;

        while (i + 1 < count && rows[i].count < rank)
            i++;
        foreign_percentile(out, compared_quantile(c), rows[i].value * 1e6);
    }
}

int foreign_hgrm(const char *text, struct foreign *out, char *problem, size_t problem_size)
{
    struct row *rows = NULL;
    size_t count = 0;
    char line[256];
    struct row row;

    const char *heading = strstr(text, "1/(1-Percentile)");
    if (!heading || !strstr(text, "Value") || !strstr(text, "TotalCount"))
        return 0;
    out->tool = "hgrm";
    out->caveat = "the table does not name its unit: taken for milliseconds; between two of its "
                  "rows the upper stands";
    text = heading + strlen("1/(1-Percentile)");
    while (next_line(&text, line, sizeof line) && line[0] != '#' && count < ROWS_MAX) {
        if (!row_read(line, &row))
            continue;
        struct row *more = reallocarray(rows, count + 1, sizeof *rows);
        if (!more)
            break;
        rows = more;
        rows[count++] = row;
    }
    /* Only the last row has all values: without it, the table was cut off. */
    bool is_whole = count > 0 && rows[count - 1].percentile == 1 && rows[count - 1].count > 0;
    if (is_whole) {
        out->count = rows[count - 1].count;
        hgrm_percentiles(rows, count, out);
    } else {
        snprintf(problem, problem_size, "a table of percentiles that does not reach 100 %%");
    }
    free(rows);
    return is_whole ? 1 : -1;
}
