/* SPDX-License-Identifier: MIT */
#include "analysis/compare/forest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/assets.h"
#include "analysis/axis.h"
#include "analysis/compare/compare_text.h"
#include "analysis/document.h"
#include "analysis/escape.h"
#include "analysis/gnuplot.h"
#include "common/clock.h"
#include "common/log.h"

enum {
    ROWS_MAX = 150, /* more are no picture: they are in compare.tsv */
    DRAWING_SECONDS_MAX = 30,
    LABEL_WIDTH_MAX = 60,
};

/* What all rows together need. */
struct extent {
    size_t rows, skipped;
    double low, high; /* of the ratios */
    size_t label_width;
};

/* "p99 at 100", and whose where there are several. */
static char *label_text(const struct pairs *pairs, const struct pair *pair, enum compared compared)
{
    enum pair_names names = pairs_names(pairs);
    char *text;
    int length =
        asprintf(&text, "%s%s%s%s%s%s%s", compared_name(compared), *pair->level ? " at " : "",
                 pair->level, names == PAIR_NAMES_NONE ? "" : ", ",
                 names == PAIR_NAMES_NONE ? "" : pair->models[CANDIDATE],
                 names == PAIR_NAMES_BOTH ? " / " : "",
                 names == PAIR_NAMES_BOTH ? pair->models[BASELINE] : "");

    return length < 0 ? NULL : text;
}

static void write_row(FILE *out, const struct pairs *pairs, const struct pair *pair,
                      enum compared compared, struct extent *extent)
{
    const struct pair_metric *metric = &pair->metrics[compared];
    const struct comparison *comparison = &metric->comparison;
    char *label = label_text(pairs, pair, compared);
    char verdict[COMPARE_VERDICT_SIZE];

    fprintf(out, "%zu\t%.8g\t%.8g\t%.8g\t%.8g\t%.8g\t%d\t", extent->rows + 1, comparison->ratio,
            comparison->low, comparison->high, 1 / (1 + comparison->equivalence),
            1 + comparison->equivalence, (int)comparison->verdict);
    escape_tsv(out, label ? label : "");
    fprintf(out, "\t%.3f (%.3f\xE2\x80\x93%.3f) ", comparison->ratio, comparison->low,
            comparison->high);
    escape_tsv(out, compare_verdict_text(compared, metric, verdict));
    fputc('\n', out);
    extent->rows++;
    extent->low = fmin(extent->low, fmin(comparison->low, 1 / (1 + comparison->equivalence)));
    extent->high = fmax(extent->high, fmax(comparison->high, 1 + comparison->equivalence));
    size_t width = label ? escape_width(label) : 0;
    extent->label_width = width > extent->label_width ? width : extent->label_width;
    free(label);
}

static void write_rows(FILE *out, const struct pairs *pairs, struct extent *extent)
{
    fputs("row\tratio\tlow\thigh\tregion_low\tregion_high\tverdict\tlabel\ttext\n", out);
    for (size_t p = 0; p < pairs->count; p++) {
        for (enum compared c = 0; c < COMPARED_METRICS; c++) {
            if (pairs->list[p].metrics[c].missing)
                continue;
            if (extent->rows < ROWS_MAX)
                write_row(out, pairs, &pairs->list[p], c, extent);
            else
                extent->skipped++;
        }
    }
}

static void write_script(FILE *out, const struct pairs *pairs, const struct extent *extent)
{
    char heading[GNUPLOT_TEXT_MAX];
    struct axis axis = axis_ratio(extent->low, extent->high);

    if (pairs_names(pairs) == PAIR_NAMES_NONE)
        snprintf(heading, sizeof heading, "%.80s against %.80s", pairs->list[0].models[CANDIDATE],
                 pairs->list[0].models[BASELINE]);
    else
        snprintf(heading, sizeof heading, "%.80s against %.80s", pairs->sides[CANDIDATE]->path,
                 pairs->sides[BASELINE]->path);
    fputs("# SPDX-License-Identifier: MIT\n"
          "# Made by muelle-report. `gnuplot forest.gp` draws forest.svg and forest.png again.\n\n"
          "reset\nheading = ",
          out);
    escape_gnuplot(out, heading, GNUPLOT_TEXT_MAX);
    fprintf(out, "\nsubheading = '%s; bars: 95 %% intervals; grey: counts as equivalent'\n",
            pairs->is_interleaved ? "one campaign, paired by block"
                                  : "separate sessions, not interleaved: weaker");
    fprintf(out, "footnote = '%s'\n", extent->skipped > 0 ? "more rows are in compare.tsv" : "");
    fputs("ticks = '", out);
    for (size_t i = 0; i < axis.tick_count; i++)
        fprintf(out, "%s%s", i ? " " : "", axis.ticks[i].text);
    fprintf(out, "'; rows = %zu; low = %.8g; high = %.8g; label_width = %zu\n\n%s", extent->rows,
            axis.low, axis.high,
            extent->label_width < LABEL_WIDTH_MAX ? extent->label_width : LABEL_WIDTH_MAX,
            asset_forest_gp);
}

static int save(const char *folder, const char *name, const struct pairs *pairs,
                struct extent *extent)
{
    struct document document;
    int error = document_open(&document);

    if (error)
        return error;
    if (strcmp(name, "forest.tsv") == 0)
        write_rows(document.out, pairs, extent);
    else
        write_script(document.out, pairs, extent);
    return document_save(&document, folder, name);
}

int forest_draw(const struct pairs *pairs, const char *folder)
{
    struct extent extent = {.low = 1, .high = 1};
    char complaint[GNUPLOT_COMPLAINT_SIZE];
    int error = save(folder, "forest.tsv", pairs, &extent);

    if (!error)
        error = save(folder, "forest.gp", pairs, &extent);
    if (error)
        return error;
    uint64_t deadline_ns = clock_now_ns() + DRAWING_SECONDS_MAX * NS_PER_S;
    if (gnuplot_run(folder, "forest.gp", deadline_ns, complaint) < 0)
        log_warning("forest: %s", complaint);
    return 0;
}
