/* SPDX-License-Identifier: MIT */
#include "analysis/show/sparkline.h"

#include <math.h>

static void write_bar(FILE *out, double share)
{
    static const char *const bars[] = {
        "\xE2\x96\x81", "\xE2\x96\x82", "\xE2\x96\x83", "\xE2\x96\x84",
        "\xE2\x96\x85", "\xE2\x96\x86", "\xE2\x96\x87", "\xE2\x96\x88",
    };

    fputs(bars[(size_t)fmin(fmax(share, 0) * 8, 7)], out);
}

/* The largest of values[from … to), NAN when none is finite. */
static double largest(const double *values, size_t from, size_t to)
{
    double found = NAN;

    for (size_t i = from; i < to; i++) {
        if (isfinite(values[i]) && !(values[i] <= found))
            found = values[i];
    }
    return found;
}

void sparkline_write(FILE *out, const double *values, size_t count, size_t width)
{
    double highest = largest(values, 0, count);
    size_t bars = count < width ? count : width;

    for (size_t i = 0; i < bars; i++) {
        double value = largest(values, i * count / bars, (i + 1) * count / bars);

        if (isnan(value))
            fputc(' ', out);
        else
            write_bar(out, highest > 0 ? value / highest : 0);
    }
}
