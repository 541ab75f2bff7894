/* SPDX-License-Identifier: MIT */
/*
 * page.h: the report as one HTML page that needs nothing but itself.
 *
 * The page is a template (page/page.html) with named slots; each slot is a function that writes
 * one part. Everything that did not come from this program's own source is escaped there.
 */
#ifndef MUELLE_ANALYSIS_PAGE_H
#define MUELLE_ANALYSIS_PAGE_H

#include "analysis/chart.h"
#include "analysis/findings.h"
#include "analysis/result.h"
#include "analysis/verdict.h"

struct page {
    const struct summary *summary;
    const struct verdict *verdict;
    const struct findings *findings;
    const struct figures *figures;
    const struct result *result; /* made by page_save() */
};

/* Writes folder/index.html. 0 or -errno, told on stderr. */
int page_save(const struct page *page, const char *folder) MUST_CHECK;

/* The slots that are tables and figures (page_table.c, page_why.c, page_figure.c). */
void page_write_summary(FILE *out, const struct page *page);
void page_write_legend(FILE *out, const struct page *page);
void page_write_findings(FILE *out, const struct page *page);
void page_write_why(FILE *out, const struct page *page);
void page_write_trials(FILE *out, const struct page *page);
void page_write_machine(FILE *out, const struct page *page);
/* Within the last: of which runs a merged report was made (page_runs.c). */
void page_write_runs(FILE *out, const struct page *page);
void page_write_series(FILE *out, const struct page *page);
void page_write_figures(FILE *out, const struct page *page);

#endif
