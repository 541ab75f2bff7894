/* SPDX-License-Identifier: MIT */
/* muelle-loadgen: loads one server and says what it measured, and how far to trust it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/log.h"
#include "loadgen/capacity.h"
#include "loadgen/judge/threshold_lookup.h"
#include "loadgen/judge/verdict.h"
#include "loadgen/output/summary.h"
#include "loadgen/output/trial.h"
#include "loadgen/plan.h"
#include "loadgen/run.h"

enum { EXIT_INTERRUPTED = 130 };

/* Writes a document where the plan wants it. False after saying why it could not. */
static bool write_document(const struct plan *plan, const char *text)
{
    bool to_stdout = plan->output_path && strcmp(plan->output_path, "-") == 0;
    int failed;

    if (plan->print_json || to_stdout)
        puts(text);
    if (!plan->output_path || to_stdout)
        return true;
    failed = file_write(plan->output_path, text, strlen(text));
    if (failed < 0)
        log_error("--output %s: %s", plan->output_path, strerror(-failed));
    return failed == 0;
}

/* Whatever was written to it earlier and failed is not told by fflush() again. */
static bool flush_stdout(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    log_error("cannot write to standard output");
    return false;
}

/* --- one run ---------------------------------------------------------------------------------- */

static bool report(const struct plan *plan, const struct run_result *result,
                   const struct verdict *verdict, const struct threshold_verdict *thresholds)
{
    FILE *people = plan_uses_stdout(plan) ? stderr : stdout;
    char *text;
    bool written;
    int failed = trial_text(plan, result, verdict, thresholds, &text);

    if (failed < 0) {
        log_error("cannot make the trial's JSON: %s", strerror(-failed));
        return false;
    }
    written = write_document(plan, text);
    free(text);
    if (!plan->quiet && !plan->print_json)
        summary_print(people, plan, result, verdict);
    thresholds_print(plan->quiet ? stderr : people, thresholds);
    return flush_stdout() && written;
}

static int run_once(const struct plan *plan)
{
    static struct threshold_verdict thresholds;
    struct run_result result;
    struct verdict verdict;
    int status = EXIT_DONE;

    if (run_execute(plan, &result) < 0)
        return EXIT_FAILED;
    verdict_judge(plan, &result, &verdict);
    thresholds_judge(plan, &result, &thresholds);
    if (!report(plan, &result, &verdict, &thresholds) || result.output_failed < 0)
        status = EXIT_FAILED;
    else if (result.interrupted)
        status = EXIT_INTERRUPTED;
    else if (thresholds.missed > 0 || verdict.level == VERDICT_NOT_TRUSTED ||
             (plan->strict && verdict.level == VERDICT_CAUTION))
        status = EXIT_NOT_TRUSTED;
    run_result_release(&result);
    return status;
}

/* --- the capacity ----------------------------------------------------------------------------- */

static int find_capacity(const struct plan *plan)
{
    static struct capacity capacity;
    char *text;
    bool written;

    if (capacity_find(plan, &capacity) < 0)
        return EXIT_FAILED;
    if (capacity_text(plan, &capacity, &text) < 0) {
        log_error("out of memory");
        return EXIT_FAILED;
    }
    written = write_document(plan, text);
    free(text);
    if (!plan->quiet && !plan_uses_stdout(plan))
        capacity_print(stdout, plan, &capacity);
    if (!flush_stdout() || !written)
        return EXIT_FAILED;
    if (capacity.interrupted)
        return EXIT_INTERRUPTED;
    return capacity.answer.found ? EXIT_DONE : EXIT_NOT_TRUSTED;
}

int main(int argc, char **argv)
{
    static struct plan plan;
    int status;

    log_program("muelle-loadgen");
    plan_parse(argc, argv, &plan);
    status = plan.find_capacity ? find_capacity(&plan) : run_once(&plan);
    plan_release(&plan);
    return status;
}
