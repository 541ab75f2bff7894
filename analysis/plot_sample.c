/* SPDX-License-Identifier: MIT */
/*
 * plot_sample.c: the charts that show one level in depth: all its requests by percentile, all its
 * seconds.
 */
#include <math.h>
#include <string.h>

#include "analysis/assets.h"
#include "analysis/escape.h"
#include "analysis/plot.h"
#include "common/quantile_interval.h"

/* Steps of a percentile curve on each halving of what is left above it: smooth at any size. */
enum { STEPS_PER_HALF = 10 };

/* The response times of all trials of a cell. */
struct sample {
    struct histogram histogram;
    uint64_t count; /* those that no counter holds included */
    double carried; /* the quantile its curve goes up to */
};

/* A percentile that the requests do not carry, for some were slow together, ends the curve where
 * as many independent ones would. */
static double carried_by(const struct cell *cell, uint64_t count)
{
    double carried = quantile_carried((double)count);

    for (enum percentile p = 0; p < PERCENTILE_MAX; p++) {
        double effective = 0;

        for (size_t i = 0; i < cell->trial_count; i++)
            effective += cell->trials[i]->response.effective_count[p];
        if (effective < (double)quantile_needs(percentile_fraction(p)))
            carried = fmin(carried, quantile_carried(effective));
    }
    return carried;
}

/* 0 or -errno. */
static int sample_collect(struct sample *sample, const struct cell *cell)
{
    uint64_t unknown = 0;

    histogram_clear(&sample->histogram);
    sample->count = 0;
    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct latency *response = &cell->trials[i]->response;
        int error = latency_merge(response, &sample->histogram);

        if (error)
            return error;
        sample->count += response->count;
        unknown += response->at_least_count + response->above_count;
    }
    /* Those that lasted longer than recorded may be anywhere above: the curve ends below them. */
    sample->carried = carried_by(cell, sample->count);
    if (unknown > 0)
        sample->carried = fmin(sample->carried, 1 - (double)unknown / (double)sample->count);
    return 0;
}

static void write_curve(struct plot *plot, FILE *data, const struct cell *cell,
                        const struct sample *sample)
{
    const char *model = plot->summary->models[cell->model];
    bool last = false;

    for (int step = 0; !last; step++) {
        int halvings = step / STEPS_PER_HALF;
        double part = 1 - (double)(step % STEPS_PER_HALF) / (2 * STEPS_PER_HALF);
        double quantile = 1 - pow(0.5, halvings) * part;

        last = quantile >= sample->carried;
        if (last)
            quantile = sample->carried;
        uint64_t rank = (uint64_t)ceil(quantile * (double)sample->count);
        double value = (double)histogram_value_at_rank(&sample->histogram, rank ? rank : 1);
        fprintf(data, "%zu\t%.8g\t%.8g\t%.10g\t", cell->model + 1, 1 / (1 - quantile),
                100 * quantile, value);
        escape_tsv(data, model);
        fputc('\n', data);
        plot->row_count++;
        plot->x_high = fmax(plot->x_high, 1 / (1 - quantile));
        plot->y.low = fmin(plot->y.low, value);
        plot->y.high = fmax(plot->y.high, value);
    }
    plot->has_line[cell->model] = true;
}

int plot_percentiles(struct plot *plot, FILE *data)
{
    const struct summary *summary = plot->summary;
    size_t level = plot_common_level(summary);
    char phrase[NUMBER_TEXT_SIZE];
    struct sample sample;

    int error = histogram_init_latency(&sample.histogram);
    if (error)
        return error;
    fputs("series\tinverse_of_rest\tpercentile\tvalue_ns\tmodel\n", data);
    plot->body = asset_percentiles_gp;
    plot->x_high = 10;
    plot->y.low = INFINITY;
    for (size_t model = 0; model < summary->model_count && !error; model++) {
        const struct cell *cell = summary_cell(summary, level, model);

        if (cell->trial_count == 0 || cell->trust == TRUST_NONE)
            continue;
        error = sample_collect(&sample, cell);
        if (!error && sample.carried >= 0.5)
            write_curve(plot, data, cell, &sample);
        plot->any_limited |= cell->is_limited;
    }
    histogram_release(&sample.histogram);
    plot_choose_lines(plot, level, METRIC_RESPONSE_P99);
    plot->x = axis_percentiles(plot->x_high);
    if (plot->row_count > 0)
        plot->y = axis_log(UNIT_DURATION, fmax(plot->y.low, 1), fmax(plot->y.high, 1));
    snprintf(plot->x_text, sizeof plot->x_text, "percentile (each nine as wide as the last)");
    snprintf(plot->title, sizeof plot->title, "Latency by percentile at %s",
             summary_level_text(summary, level, phrase));
    plot_set_conditions(plot, "all requests of a model's trials together");
    return error;
}

static void write_windows(struct plot *plot, FILE *data, const struct cell *cell,
                          const struct trial *trial)
{
    for (size_t i = 0; i < trial->window_count; i++) {
        const struct window *window = &trial->windows[i];
        double throughput = window->duration_s > 0 ? (double)window->ok / window->duration_s : NAN;
        double middle = window->start_s + window->duration_s / 2;

        if (!isfinite(throughput))
            continue;
        fprintf(data, "%zu\t%u\t%.6g\t%.10g\t%d\t", cell->model + 1, trial->block, middle,
                throughput, trial->trust != TRUST_NONE);
        escape_tsv(data, plot->summary->models[cell->model]);
        fputc('\n', data);
        plot->row_count++;
        plot->x_high = fmax(plot->x_high, window->start_s + window->duration_s);
        plot->y.high = fmax(plot->y.high, throughput);
        plot->any_untrusted |= trial->trust == TRUST_NONE;
        plot->has_line[cell->model] = true;
    }
}

/* More points are a quarter of a megabyte of SVG, twice in the page, and hide each other. */
enum { SECONDS_DRAWN_MAX = 6000 };

/* Every how many trials of a level are drawn; said in the chart's reading. */
static size_t choose_step(struct plot *plot, size_t level)
{
    size_t seconds = 0;

    for (size_t model = 0; model < plot->summary->model_count; model++) {
        const struct cell *cell = summary_cell(plot->summary, level, model);

        for (size_t i = 0; i < cell->trial_count; i++)
            seconds += cell->trials[i]->window_count;
    }
    size_t step = seconds / SECONDS_DRAWN_MAX + 1;
    size_t used = strlen(plot->reading);
    if (step > 1)
        snprintf(plot->reading + used, sizeof plot->reading - used,
                 " Drawn is one trial in %zu of each model; windows.csv has them all.", step);
    return step;
}

int plot_time(struct plot *plot, FILE *data)
{
    const struct summary *summary = plot->summary;
    size_t level = plot_common_level(summary);
    size_t step = choose_step(plot, level);
    char phrase[NUMBER_TEXT_SIZE];

    plot->body = asset_time_gp;
    fputs("series\tblock\tsecond\tthroughput_per_s\ttrusted\tmodel\n", data);
    for (size_t model = 0; model < summary->model_count; model++) {
        const struct cell *cell = summary_cell(summary, level, model);

        for (size_t i = 0; i < cell->trial_count; i += step) {
            if (i > 0 || plot->row_count > 0)
                fputc('\n', data); /* lifts the pen */
            write_windows(plot, data, cell, cell->trials[i]);
        }
        plot->any_limited |= cell->trial_count > 0 && cell->is_limited;
    }
    plot->x = axis_linear(UNIT_COUNT, plot->x_high);
    plot->y = axis_linear(UNIT_RATE, plot->y.high);
    plot_choose_lines(plot, level, METRIC_THROUGHPUT);
    snprintf(plot->x_text, sizeof plot->x_text, "seconds since the measurement began");
    snprintf(plot->title, sizeof plot->title, "Throughput over time at %s",
             summary_level_text(summary, level, phrase));
    plot_set_conditions(plot,
                        step > 1 ? "each second of some trials" : "each second of each trial");
    return 0;
}
