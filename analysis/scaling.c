/* SPDX-License-Identifier: MIT */
#include "analysis/scaling.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the bootstrap: any will do, as long as it stays the same. */
enum { SCALING_SEED = 1 };

bool scaling_applies(const struct summary *summary)
{
    static const char *const concurrencies[] = {"connections", "workers", "cores"};
    bool is_concurrency = false;

    for (size_t i = 0; i < sizeof concurrencies / sizeof concurrencies[0]; i++)
        is_concurrency |= strcmp(summary->varies, concurrencies[i]) == 0;
    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        if (summary->cells[i].is_open)
            return false;
    }
    return is_concurrency && summary->level_kind == LEVEL_COUNT &&
           summary->level_count >= SCALING_LEVELS_MIN && summary->levels[0].value > 0;
}

double scaling_clients(const struct summary *summary, size_t level)
{
    return summary->levels[level].value;
}

/* The law is about the same work done by more clients. */
static bool is_used(const struct cell *cell)
{
    return cell->trial_count > 0 && cell->trust != TRUST_NONE && !cell->is_limited &&
           cell->metrics[METRIC_THROUGHPUT].estimate.low > 0;
}

/* The throughput of a block at a level; 0 when it has none. Without labels the trials of a level
 * are counted. */
static double throughput_in(const struct cell *cell, unsigned block)
{
    bool is_labelled = cell->trials[0]->block > 0;

    for (size_t i = 0; i < cell->trial_count; i++) {
        if (is_labelled ? cell->trials[i]->block == block : i + 1 == block)
            return cell->trials[i]->throughput_per_s;
    }
    return 0;
}

/* Block by block into `throughputs`, as usl_of_blocks() wants them. Returns how many blocks have
 * all levels. */
static size_t collect_blocks(const struct cell *const *cells, size_t levels, double *throughputs)
{
    unsigned last = 0;
    size_t blocks = 0;

    for (size_t i = 0; levels > 0 && i < cells[0]->trial_count; i++) {
        unsigned block = cells[0]->trials[i]->block;

        last = block > last ? block : last;
    }
    if (last == 0 && levels > 0)
        last = (unsigned)cells[0]->trial_count;
    for (unsigned block = 1; block <= last && blocks < USL_BLOCKS_MAX; block++) {
        double *row = throughputs + blocks * levels;
        size_t level = 0;

        while (level < levels && (row[level] = throughput_in(cells[level], block)) > 0)
            level++;
        blocks += level == levels;
    }
    return blocks;
}

static int fit_model(struct scaling_fit *fit, const struct summary *summary, size_t model,
                     double *throughputs)
{
    const struct cell *cells[LEVELS_MAX];
    double clients[LEVELS_MAX];
    size_t levels = 0;

    *fit = (struct scaling_fit){.usl.verdict = USL_TOO_FEW};
    for (size_t level = 0; level < summary->level_count; level++) {
        const struct cell *cell = summary_cell(summary, level, model);

        fit->left_out += cell->trial_count > 0 && !is_used(cell);
        if (!is_used(cell))
            continue;
        clients[levels] = scaling_clients(summary, level);
        cells[levels++] = cell;
    }
    if (levels == 0)
        return 0;
    fit->levels = levels;
    fit->first = clients[0];
    fit->last = clients[levels - 1];
    fit->blocks = collect_blocks(cells, levels, throughputs);
    if (fit->blocks == 0)
        return 0;
    int error = usl_of_blocks(clients, levels, throughputs, fit->blocks, SCALING_SEED, &fit->usl);
    return error == -ENOMEM ? error : 0;
}

int scaling_init(struct scaling *scaling, const struct summary *summary)
{
    double *throughputs = malloc(sizeof *throughputs * LEVELS_MAX * USL_BLOCKS_MAX);
    int error = throughputs ? 0 : -ENOMEM;

    *scaling = (struct scaling){0};
    for (size_t model = 0; model < summary->model_count && !error; model++) {
        error = fit_model(&scaling->fits[model], summary, model, throughputs);
        scaling->shown += scaling_is_shown(&scaling->fits[model]);
    }
    free(throughputs);
    return error;
}

bool scaling_is_shown(const struct scaling_fit *fit)
{
    return fit->blocks > 0 && fit->usl.verdict == USL_SHOWN;
}

static bool reaches_zero(const struct bootstrap *number)
{
    return number->coverage > 0 && number->low <= 0;
}

/* What a fit that may be shown does not say. */
static size_t limits_text(const struct scaling_fit *fit, char *text)
{
    const struct usl *usl = &fit->usl;
    size_t used = 0;

    if (usl->fit.sigma_at_zero || usl->fit.kappa_at_zero)
        used += (size_t)snprintf(text, SCALING_TEXT_SIZE,
                                 "%s would have been negative: fitted with 0. ",
                                 !usl->fit.kappa_at_zero   ? "\xCF\x83"
                                 : !usl->fit.sigma_at_zero ? "\xCE\xBA"
                                                           : "\xCF\x83 and \xCE\xBA");
    if (!usl->fit.sigma_at_zero && reaches_zero(&usl->sigma))
        used += (size_t)snprintf(text + used, SCALING_TEXT_SIZE - used,
                                 "Contention was not shown: \xCF\x83 may be 0. ");
    if (!usl->fit.kappa_at_zero && reaches_zero(&usl->kappa))
        used += (size_t)snprintf(text + used, SCALING_TEXT_SIZE - used,
                                 "Coherency was not shown: \xCE\xBA may be 0. ");
    if (!usl->has_peak)
        used += (size_t)snprintf(text + used, SCALING_TEXT_SIZE - used,
                                 "No peak in the range was shown. ");
    return used;
}

char *scaling_text(const struct scaling_fit *fit, char *text)
{
    const struct usl *usl = &fit->usl;
    size_t used = 0;

    text[0] = '\0';
    if (fit->levels > 0 && fit->blocks == 0)
        used = (size_t)snprintf(text, SCALING_TEXT_SIZE, "No fit: no block has all levels. ");
    else if (usl->verdict == USL_TOO_FEW)
        used = (size_t)snprintf(text, SCALING_TEXT_SIZE,
                                "No fit: three numbers from %zu level%s say nothing, it takes %d. ",
                                fit->levels, fit->levels == 1 ? "" : "s", USL_LEVELS_MIN);
    else if (usl->verdict == USL_NO_FIT)
        used = (size_t)snprintf(text, SCALING_TEXT_SIZE, "No fit: none has a positive \xCE\xBB. ");
    else if (usl->verdict == USL_POOR_FIT)
        used = (size_t)snprintf(
            text, SCALING_TEXT_SIZE,
            "No fit: the law misses a level by %.0f %%, so it is not what limits here. ",
            100 * usl->fit.residual_max);
    else if (usl->verdict == USL_ONE_SIDED)
        used = (size_t)snprintf(
            text, SCALING_TEXT_SIZE,
            "No fit: it takes %d levels on either side of the knee, which would be at %.3g. ",
            USL_LEVELS_EACH_SIDE, usl->fit.knee);
    else
        used = limits_text(fit, text);
    if (fit->left_out > 0)
        snprintf(text + used, SCALING_TEXT_SIZE - used,
                 "Left out: %zu level%s, not trusted or not all served.", fit->left_out,
                 fit->left_out == 1 ? "" : "s");
    else if (used > 0)
        text[used - 1] = '\0'; /* the space between sentences */
    return text;
}
