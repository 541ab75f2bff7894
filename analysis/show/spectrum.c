/* SPDX-License-Identifier: MIT */
#include "analysis/show/spectrum.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/axis.h"
#include "analysis/escape.h"
#include "common/histogram_codec.h"

enum { DOTS_WIDE = 2, DOTS_HIGH = 4, LABEL_WIDTH = 9 };

struct canvas {
    size_t columns, rows;
    unsigned char cells[SPECTRUM_ROWS_MAX][SPECTRUM_COLUMNS_MAX]; /* the dots of each, as bits */
};

/* x from the left, y from below. */
static void canvas_dot(struct canvas *canvas, size_t x, size_t y)
{
    /* Bits of U+2800: the dots were numbered when there were six, the lowest two came later. */
    static const unsigned char bits[DOTS_WIDE][DOTS_HIGH] = {{0x40, 0x04, 0x02, 0x01},
                                                             {0x80, 0x20, 0x10, 0x08}};
    size_t row = canvas->rows - 1 - y / DOTS_HIGH;

    canvas->cells[row][x / DOTS_WIDE] |= bits[x % DOTS_WIDE][y % DOTS_HIGH];
}

static void canvas_write_row(const struct canvas *canvas, size_t row, FILE *out)
{
    size_t used = canvas->columns;

    while (used > 0 && canvas->cells[row][used - 1] == 0)
        used--;
    for (size_t column = 0; column < used; column++) {
        unsigned char dots = canvas->cells[row][column];

        if (dots)
            fprintf(out, "\xE2%c%c", 0xA0 + (dots >> 6), 0x80 + (dots & 0x3F));
        else
            fputc(' ', out);
    }
    fputc('\n', out);
}

struct curve {
    struct canvas canvas;
    struct histogram histogram;
    double carried; /* the quantile it ends at */
    uint64_t count;
    struct axis x, y;
};

static double curve_value(const struct curve *curve, double quantile)
{
    double rank = ceil(quantile * (double)curve->count);

    return (double)histogram_value_at_rank(&curve->histogram, (uint64_t)fmax(rank, 1));
}

static size_t dot_of(const struct axis *axis, double at, size_t dots)
{
    double place = log(at / axis->low) / log(axis->high / axis->low);

    return (size_t)lround(fmin(fmax(place, 0), 1) * (double)(dots - 1));
}

static void curve_trace(struct curve *curve)
{
    size_t width = curve->canvas.columns * DOTS_WIDE;
    size_t height = curve->canvas.rows * DOTS_HIGH;
    size_t last = dot_of(&curve->x, 1 / (1 - curve->carried), width);
    size_t previous = 0;

    for (size_t x = 0; x <= last; x++) {
        double inverse = pow(curve->x.high, (double)x / (double)(width - 1));
        double value = curve_value(curve, fmin(1 - 1 / inverse, curve->carried));
        size_t y = dot_of(&curve->y, fmax(value, 1), height);

        /* From where it was, so that a jump is a line. */
        for (size_t i = x > 0 && previous + 1 < y ? previous + 1 : y; i <= y; i++)
            canvas_dot(&curve->canvas, x, i);
        previous = y;
    }
}

/* The tick that belongs to this row, "" when none does. */
static const char *row_label(const struct curve *curve, size_t row)
{
    size_t height = curve->canvas.rows * DOTS_HIGH;

    for (size_t i = 0; i < curve->y.tick_count; i++) {
        size_t y = dot_of(&curve->y, curve->y.ticks[i].at, height);

        if (curve->canvas.rows - 1 - y / DOTS_HIGH == row)
            return curve->y.ticks[i].text;
    }
    return "";
}

static void write_axis(const struct curve *curve, FILE *out)
{
    size_t used = 0;

    fprintf(out, "%*s \xE2\x94\x94", LABEL_WIDTH, "");
    for (size_t i = 0; i < curve->canvas.columns; i++)
        fputs("\xE2\x94\x80", out);
    fprintf(out, "\n%*s", LABEL_WIDTH + 2, "");
    for (size_t i = 0; i < curve->x.tick_count; i++) {
        const char *text = curve->x.ticks[i].text;
        size_t at = dot_of(&curve->x, curve->x.ticks[i].at, curve->canvas.columns);
        size_t width = escape_width(text);

        /* Under its place, but not into the one before or beyond the end. */
        at = at >= width / 2 ? at - width / 2 : 0;
        at = at + width > curve->canvas.columns ? curve->canvas.columns - width : at;
        if (width == 0 || (used > 0 && at <= used))
            continue;
        fprintf(out, "%*s%s", (int)(at - used), "", text);
        used = at + width;
    }
    fputc('\n', out);
}

static void curve_write(const struct curve *curve, FILE *out)
{
    const char *above = "";

    for (size_t row = 0; row < curve->canvas.rows; row++) {
        const char *label = row_label(curve, row);

        /* Two ticks in one row, or one in two, are said once. */
        if (strcmp(label, above) == 0)
            label = "";
        else
            above = label;
        fprintf(out, "%*s%s %s", (int)(LABEL_WIDTH - escape_width(label)), "", label,
                *label ? "\xE2\x94\xA4" : "\xE2\x94\x82");
        canvas_write_row(&curve->canvas, row, out);
    }
    write_axis(curve, out);
}

int spectrum_write(FILE *out, const struct latency *latency, size_t columns, size_t rows)
{
    struct curve curve = {.canvas = {.columns = columns, .rows = rows},
                          .carried = latency_carried(latency),
                          .count = latency->count};

    assert(columns >= 10 && columns <= SPECTRUM_COLUMNS_MAX && rows > 0 &&
           rows <= SPECTRUM_ROWS_MAX);
    if (curve.carried < 0.5) {
        fputs("  not enough requests for a curve\n", out);
        return 0;
    }
    int error = histogram_decode(latency->histogram, &curve.histogram);
    if (error)
        return error;
    curve.x = axis_percentiles(fmax(10, 1 / (1 - curve.carried)));
    double low = fmax(curve_value(&curve, 0), 1);
    curve.y = axis_log(UNIT_DURATION, low, fmax(curve_value(&curve, curve.carried), low));
    curve_trace(&curve);
    curve_write(&curve, out);
    histogram_release(&curve.histogram);
    return 0;
}
