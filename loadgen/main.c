/* SPDX-License-Identifier: MIT */
/* muelle-loadgen: loads one server and says what it measured, and how far to trust it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/log.h"
#include "loadgen/plan.h"
#include "loadgen/run.h"
#include "loadgen/summary.h"
#include "loadgen/trial.h"
#include "loadgen/verdict.h"

enum { EXIT_INTERRUPTED = 130 };

/* 0, or EXIT_FAILED after saying why. */
static int report(const struct plan *plan, const struct run_result *result,
                  const struct verdict *verdict)
{
    char *text;
    int failed = trial_text(plan, result, verdict, &text);

    if (failed < 0) {
        log_error("cannot make the trial's JSON: %s", strerror(-failed));
        return EXIT_FAILED;
    }
    if (plan->output_path && (failed = file_write(plan->output_path, text, strlen(text))) < 0)
        log_error("--output %s: %s", plan->output_path, strerror(-failed));
    if (plan->print_json)
        puts(text);
    else if (!plan->quiet)
        summary_print(stdout, plan, result, verdict);
    free(text);
    /* Whatever was written earlier and failed is not told by fflush() again. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        log_error("cannot write to standard output");
        failed = -1;
    }
    return failed < 0 ? EXIT_FAILED : EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct plan plan;
    struct run_result result;
    struct verdict verdict;
    int status;

    log_program("muelle-loadgen");
    plan_parse(argc, argv, &plan);
    if (run_execute(&plan, &result) < 0) {
        plan_release(&plan);
        return EXIT_FAILED;
    }
    verdict_judge(&plan, &result, &verdict);
    status = report(&plan, &result, &verdict);
    if (status == EXIT_DONE && result.interrupted)
        status = EXIT_INTERRUPTED;
    else if (status == EXIT_DONE && verdict.level == VERDICT_NOT_TRUSTED)
        status = EXIT_NOT_TRUSTED;
    run_result_release(&result);
    plan_release(&plan);
    return status;
}
