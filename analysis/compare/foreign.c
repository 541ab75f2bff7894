/* SPDX-License-Identifier: MIT */
#include "analysis/compare/foreign.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/compare/foreign_parse.h"
#include "common/quantile_interval.h"

void foreign_percentile(struct foreign *out, double quantile, double value_ns)
{
    for (enum compared c = 0; c < COMPARED_METRICS; c++) {
        if (compared_quantile(c) > 0 && fabs(compared_quantile(c) - quantile) < 1e-9 &&
            isfinite(value_ns) && value_ns > 0)
            out->readings[c].value = value_ns;
    }
}

/* A percentile of fewer requests than it needs is no number, whoever computed it. */
static void drop_insufficient(struct foreign *out)
{
    for (enum compared c = 0; c < COMPARED_METRICS; c++) {
        if (compared_quantile(c) == 0 || isnan(out->readings[c].value))
            continue;
        uint64_t needs = quantile_needs(compared_quantile(c));
        if (out->count < (double)needs)
            out->readings[c] = (struct reading){.value = NAN, .needs = needs};
    }
}

static int read_any(const char *text, size_t size, struct foreign *out, char *problem,
                    size_t problem_size)
{
    const char *start = text + strspn(text, " \t\r\n");
    int found;

    if (*start == '{') {
        json_t *root = json_loadb(text, size, 0, NULL);

        /* Broken JSON could be anybody's: the reader of our own trials complains of it better. */
        found = root ? foreign_json(root, out) : 0;
        json_decref(root);
        return found;
    }
    /* wrk2 prints such a table behind its own lines: so wrk comes first. */
    found = foreign_wrk(text, out, problem, problem_size);
    return found ? found : foreign_hgrm(text, out, problem, problem_size);
}

int foreign_read(const char *text, size_t size, struct foreign *out, char *problem,
                 size_t problem_size)
{
    bool any = false;

    *out = (struct foreign){.count = NAN, .failed = NAN};
    for (enum compared c = 0; c < COMPARED_METRICS; c++)
        out->readings[c].value = NAN;
    int found = read_any(text, size, out, problem, problem_size);
    if (found != 1)
        return found;
    for (enum compared c = 0; c < COMPARED_METRICS; c++)
        any |= isfinite(out->readings[c].value);
    if (!any) {
        snprintf(problem, problem_size, "a result of %s without any number to compare", out->tool);
        return -1;
    }
    drop_insufficient(out);
    return 1;
}

char *foreign_missing(const struct foreign *foreign, char *text)
{
    size_t used = 0;

    text[0] = '\0';
    for (enum compared c = 0; c < COMPARED_METRICS; c++) {
        if (c != COMPARED_CPU_RATIO && isnan(foreign->readings[c].value))
            used += (size_t)snprintf(text + used, FOREIGN_TEXT_SIZE - used, "no %s, ",
                                     c == COMPARED_CPU ? "server CPU" : compared_name(c));
    }
    used += (size_t)snprintf(text + used, FOREIGN_TEXT_SIZE - used, "no check of the measurement");
    if (foreign->failed > 0)
        used += (size_t)snprintf(text + used, FOREIGN_TEXT_SIZE - used,
                                 "; %.0f failed requests are in its numbers", foreign->failed);
    snprintf(text + used, FOREIGN_TEXT_SIZE - used, "; %s", foreign->caveat);
    return text;
}
