/* SPDX-License-Identifier: MIT */
#include "analysis/statistics/comparison.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/statistics/estimate.h"
#include "analysis/statistics/holm.h"
#include "analysis/statistics/paired.h"
#include "analysis/statistics/two_samples.h"

/* (1.960 + 0.842)^2: 5 % two-sided, and a power of 80 %. */
static const double POWER_FACTOR = 7.85;

static bool is_positive(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!(values[i] > 0) || !isfinite(values[i]))
            return false;
    }
    return true;
}

/* What `samples` samples of a standard deviation of `deviation` need to see the logarithmic effect
 * on the right side of the border of the region. */
static size_t needed_for(double effect, double border, double deviation, size_t samples,
                         size_t count)
{
    double distance = fabs(fabs(effect) - border);
    double needed = ceil((double)samples * POWER_FACTOR * pow(deviation / distance, 2));
    double least = fmax((double)count + 1, TRIALS_TO_INFER);

    /* Exactly on the border, no number is enough: then, and for 0 / 0, the largest. */
    if (!(needed < COMPARISON_NEEDED_MAX))
        return COMPARISON_NEEDED_MAX;
    return (size_t)fmax(needed, least);
}

/* The verdict over the logarithmic effect and its interval. */
static void comparison_decide(struct comparison *out, double effect, double low, double high,
                              enum comparison_better better)
{
    double border = log1p(out->equivalence);

    out->ratio = exp(effect);
    out->low = exp(low);
    out->high = exp(high);
    out->p_adjusted = out->p;
    out->verdict = COMPARISON_UNDECIDED;
    if (out->coverage == 0)
        return;
    if (low > border)
        out->verdict = better == COMPARISON_MORE ? COMPARISON_FASTER : COMPARISON_SLOWER;
    else if (high < -border)
        out->verdict = better == COMPARISON_MORE ? COMPARISON_SLOWER : COMPARISON_FASTER;
    else if (low > -border && high < border)
        out->verdict = COMPARISON_EQUIVALENT;
}

/* Log ratios of the blocks. */
static int paired_ratios(const double *candidate, const double *baseline, size_t blocks,
                         struct paired *paired)
{
    double ratios[PAIRED_MAX];

    if (blocks > PAIRED_MAX)
        return -E2BIG;
    if (!is_positive(candidate, blocks) || !is_positive(baseline, blocks))
        return -EINVAL;
    for (size_t i = 0; i < blocks; i++)
        ratios[i] = log(candidate[i]) - log(baseline[i]);
    return paired_compare(ratios, blocks, paired);
}

int comparison_interleaved(const double *candidate, const double *baseline, size_t blocks,
                           enum comparison_better better, double equivalence,
                           struct comparison *out)
{
    struct paired paired;

    *out = (struct comparison){.is_interleaved = true, .count = blocks};
    if (!(equivalence >= 0) || !isfinite(equivalence))
        return -EINVAL;
    int error = paired_ratios(candidate, baseline, blocks, &paired);
    if (error < 0)
        return error;
    out->equivalence = equivalence;
    out->coverage = paired.coverage;
    out->p = paired.p;
    comparison_decide(out, paired.median, paired.low, paired.high, better);
    if (out->verdict == COMPARISON_UNDECIDED)
        out->needed = needed_for(paired.median, log1p(equivalence), paired.deviation, 1, blocks);
    return 0;
}

int comparison_separate(const double *candidate, size_t candidate_count, const double *baseline,
                        size_t baseline_count, enum comparison_better better, double equivalence,
                        struct comparison *out)
{
    double logarithms[2][TWO_SAMPLES_MAX];
    struct two_samples samples;

    *out = (struct comparison){.is_interleaved = false};
    if (candidate_count > TWO_SAMPLES_MAX || baseline_count > TWO_SAMPLES_MAX)
        return -E2BIG;
    if (!(equivalence >= 0) || !isfinite(equivalence) || !is_positive(candidate, candidate_count) ||
        !is_positive(baseline, baseline_count))
        return -EINVAL;
    for (size_t i = 0; i < candidate_count; i++)
        logarithms[0][i] = log(candidate[i]);
    for (size_t i = 0; i < baseline_count; i++)
        logarithms[1][i] = log(baseline[i]);
    int error = two_samples_compare(logarithms[0], candidate_count, logarithms[1], baseline_count,
                                    &samples);
    if (error < 0)
        return error;
    out->count = candidate_count < baseline_count ? candidate_count : baseline_count;
    out->equivalence = equivalence;
    out->coverage = out->count >= TRIALS_TO_INFER ? samples.shift_coverage : 0;
    out->p = samples.p;
    out->delta = samples.delta;
    out->delta_low = samples.delta_low;
    out->delta_high = samples.delta_high;
    comparison_decide(out, samples.shift, samples.shift_low, samples.shift_high, better);
    if (out->verdict == COMPARISON_UNDECIDED)
        out->needed =
            needed_for(samples.shift, log1p(equivalence), samples.deviation, 2, out->count);
    return 0;
}

int comparison_noise_floor(const double *first, const double *again, size_t blocks,
                           struct noise_floor *out)
{
    struct paired paired;
    int error = paired_ratios(again, first, blocks, &paired);

    *out = (struct noise_floor){0};
    if (error < 0)
        return error;
    out->ratio = exp(paired.median);
    out->low = exp(paired.low);
    out->high = exp(paired.high);
    out->coverage = paired.coverage;
    out->p = paired.p;
    double end = expm1(fmax(fabs(paired.low), fabs(paired.high)));
    out->equivalence = fmax(COMPARISON_EQUIVALENCE_MIN, end);
    out->differs = paired.coverage > 0 && (paired.low > 0 || paired.high < 0);
    return 0;
}

int comparison_adjust(struct comparison *comparisons, size_t count)
{
    if (count == 0)
        return 0;
    double *p = malloc(count * sizeof *p);
    if (!p)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        p[i] = comparisons[i].p;
    int error = holm_adjust(p, count, p);
    for (size_t i = 0; i < count && error == 0; i++)
        comparisons[i].p_adjusted = p[i];
    free(p);
    return error;
}

const char *comparison_verdict_text(enum comparison_verdict verdict)
{
    static const char *const texts[] = {
        [COMPARISON_UNDECIDED] = "undecided",
        [COMPARISON_FASTER] = "faster",
        [COMPARISON_SLOWER] = "slower",
        [COMPARISON_EQUIVALENT] = "equivalent",
    };

    return texts[verdict];
}

const char *comparison_caveat(const struct comparison *comparison)
{
    return comparison->is_interleaved ? "" : "not interleaved: weaker";
}
