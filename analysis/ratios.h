/* SPDX-License-Identifier: MIT */
/*
 * ratios.h: every model of a run held against one of them, level by level and block by block.
 *
 * The baseline is the manifest's, else the first model. Of a merged run on several machines only
 * the models on the machine of the baseline are compared: it is the first. What is not trusted is
 * compared, too, for drawings show it in grey; the machine's noise is taken from what is trusted
 * alone.
 */
#ifndef MUELLE_ANALYSIS_RATIOS_H
#define MUELLE_ANALYSIS_RATIOS_H

#include "analysis/compare/pair.h"
#include "analysis/summary.h"

/* Owns everything but the run's texts. */
struct ratios {
    const struct summary *summary;
    size_t baseline; /* the model */
    struct side side;
    struct notes notes;
    struct pairs pairs;
};

/* Which model the others are held against. */
size_t ratios_baseline(const struct summary *summary);

/* 0 or -errno; release in both cases, before the summary. */
int ratios_init(struct ratios *ratios, const struct summary *summary) MUST_CHECK;
void ratios_release(struct ratios *ratios);

/* The cell's metric over that of the baseline at its level; NULL when there is no such number. */
const struct pair_metric *ratios_of(const struct ratios *ratios, const struct cell *cell,
                                    enum compared compared);
/* Neither the cell nor the baseline's at its level is without trust. */
bool ratios_are_trusted(const struct ratios *ratios, const struct cell *cell);

#endif
