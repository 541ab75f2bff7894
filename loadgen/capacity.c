/* SPDX-License-Identifier: MIT */
#include "loadgen/capacity.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/quantile_interval.h"
#include "common/units.h"
#include "loadgen/judge/threshold_lookup.h"
#include "loadgen/judge/verdict.h"
#include "loadgen/output/summary_text.h"
#include "loadgen/run.h"

/* No server is loaded beyond this, whatever it could carry. */
static const double MAX_RATE_PER_S = 10e6;
/* The interval is no narrower than this, relatively: less than what trials of seconds can tell. */
static const double RESOLUTION = 0.05;
enum { TRIALS_PER_LEVEL = 3, TRIALS_MAX = 60 };
/* Where a low rate would need longer to show a high percentile. */
static const double TRIAL_MAX_S = 60;
/* A server that was approached from below has come to rest from the trial before. */
#define REST_NS (500 * NS_PER_MS)

/* --- one trial -------------------------------------------------------------------------------- */

/* As long as was asked, or as the goal's percentile takes samples at that rate: half as many again,
 * for those that are not independent. */
static uint64_t trial_duration_ns(const struct plan *plan, double rate_per_s)
{
    const struct threshold *goal = &plan->capacity_goal;
    double needed_s;

    if (goal->metric != THRESHOLD_LATENCY || goal->statistic != THRESHOLD_QUANTILE)
        return plan->duration_ns;
    needed_s = 1.5 * (double)quantile_needs(goal->quantile) / rate_per_s;
    if (needed_s > TRIAL_MAX_S)
        needed_s = TRIAL_MAX_S;
    return (uint64_t)fmax((double)plan->duration_ns, needed_s * (double)NS_PER_S);
}

/* The plan of one trial: that rate, and none of the outputs. */
static int plan_trial(const struct plan *plan, double rate_per_s, struct plan *trial)
{
    const char *problem;

    *trial = *plan;
    trial->rate_per_s = rate_per_s;
    trial->duration_ns = trial_duration_ns(plan, rate_per_s);
    trial->find_capacity = false;
    trial->quiet = true;
    trial->serve_metrics = false;
    trial->output_path = trial->hgrm_path = trial->hlog_path = trial->stream_path = NULL;
    trial->openmetrics_path = trial->dump_path = NULL;
    return arrival_parse(plan->arrival_text, rate_per_s, plan->duration_ns, &trial->arrival,
                         &problem);
}

static bool has_failed(const struct verdict *verdict, const char *code)
{
    for (unsigned i = 0; i < verdict->checks_count; i++) {
        const struct check *check = &verdict->checks[i];

        if (!check->passed && strcmp(check->code, code) == 0)
            return true;
    }
    return false;
}

/* Why the load was not carried, or NULL. */
static const char *why_not_carried(const struct verdict *verdict)
{
    static const struct {
        const char *code, *why;
    } reasons[] = {{"I2", "the offered load was not carried"},
                   {"I4", "too many requests failed"},
                   {"I5", "wrong answers"},
                   {"I10", "requests unaccounted for"}};

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (has_failed(verdict, reasons[i].code))
            return reasons[i].why;
    }
    return NULL;
}

/* Did the goal hold, under a load that was really carried? */
static bool judge_trial(const struct plan *trial, const struct run_result *result, char *why,
                        bool *generator_limited, bool *too_few)
{
    struct threshold_value value;
    struct verdict verdict;
    char sentence[THRESHOLD_SENTENCE_SIZE];
    const char *not_carried;

    verdict_judge(trial, result, &verdict);
    threshold_value_of(&trial->capacity_goal, trial, result, &value);
    *generator_limited = has_failed(&verdict, "I1") || has_failed(&verdict, "I11");
    not_carried = why_not_carried(&verdict);
    if (not_carried) {
        snprintf(why, CAPACITY_WHY_SIZE, "%s", not_carried);
        return false;
    }
    /* A value beyond the goal needs no larger sample to be a miss. */
    if (value.known && value.value > trial->capacity_goal.limit)
        value.insufficient = false;
    if (value.known && value.insufficient) {
        snprintf(why, CAPACITY_WHY_SIZE, "too few samples to tell: it takes %ju",
                 (uintmax_t)value.needs);
        *too_few = true;
        return false;
    }
    if (threshold_judge(&trial->capacity_goal, &value, sentence, sizeof sentence) == THRESHOLD_HELD)
        return true;
    char *goal = strstr(sentence, " (--find-capacity");

    if (goal)
        *goal = '\0'; /* it stands above the table */
    snprintf(why, CAPACITY_WHY_SIZE, "%.*s", CAPACITY_WHY_SIZE - 1, sentence);
    return false;
}

static double achieved_rate(const struct run_result *result)
{
    double measured_s = (double)result->measured_ns / (double)NS_PER_S;

    return measured_s > 0 ? (double)result->total.received_ok / measured_s : 0.0;
}

static int run_trial(const struct plan *plan, double rate_per_s, struct capacity *capacity)
{
    unsigned number = capacity->search.trials_count;
    struct plan trial;
    struct run_result result;
    bool held;
    int failed = plan_trial(plan, rate_per_s, &trial);

    if (failed < 0)
        return failed;
    failed = run_execute(&trial, &result);
    if (failed == 0) {
        capacity->interrupted = result.interrupted;
        held = judge_trial(&trial, &result, capacity->why[number],
                           &capacity->generator_limited[number], &capacity->too_few);
        if (!result.interrupted)
            capacity_search_report(&capacity->search, held, achieved_rate(&result));
        run_result_release(&result);
    }
    arrival_release(&trial.arrival);
    return failed;
}

/* --- the search ------------------------------------------------------------------------------- */

/* What a search usually takes: for the estimate alone. */
enum { TRIALS_USUAL = 30 };

static void show_progress(const struct plan *plan, const struct capacity *capacity,
                          double rate_per_s)
{
    static const char *const phases[] = {[CAPACITY_BRACKET] = "searching",
                                         [CAPACITY_CONFIRM_LOW] = "confirming what held",
                                         [CAPACITY_CONFIRM_HIGH] = "confirming what did not",
                                         [CAPACITY_OVERLOAD] = "overloading",
                                         [CAPACITY_DESCEND] = "from above",
                                         [CAPACITY_OVER] = "over"};
    const struct capacity_search *search = &capacity->search;
    unsigned left = search->trials_count < TRIALS_USUAL ? TRIALS_USUAL - search->trials_count : 1;
    uint64_t trial_ns = plan->warmup_ns + plan->duration_ns + REST_NS;
    char rate[UNITS_TEXT_SIZE], time[UNITS_TEXT_SIZE];

    if (!plan->quiet)
        fprintf(stderr, "trial %u: %s/s, %s, about %s left\n", search->trials_count + 1,
                count_format(rate_per_s, rate), phases[search->phase],
                duration_format(left * trial_ns, time));
}

/* Every miss that bounds the answer was the generator's, not the server's. */
static bool answer_is_bound(const struct capacity *capacity)
{
    const struct capacity_search *search = &capacity->search;
    bool any = false;

    for (unsigned i = 0; i < search->trials_count; i++) {
        const struct capacity_trial *trial = &search->trials[i];

        if (trial->held || trial->rate_per_s > capacity->answer.high)
            continue;
        if (!capacity->generator_limited[i])
            return false;
        any = true;
    }
    return any;
}

int capacity_find(const struct plan *plan, struct capacity *capacity)
{
    struct capacity_options options = {.first_rate = plan->rate_per_s,
                                       .max_rate = MAX_RATE_PER_S,
                                       .resolution = RESOLUTION,
                                       .trials_per_level = TRIALS_PER_LEVEL,
                                       .trials_max = TRIALS_MAX};
    struct timespec rest = timespec_from_ns(REST_NS);
    enum capacity_approach approach;
    double rate_per_s;
    int failed = 0;

    memset(capacity, 0, sizeof *capacity);
    capacity_search_init(&capacity->search, &options);
    while (failed == 0 && !capacity->interrupted &&
           capacity_search_next(&capacity->search, &rate_per_s, &approach)) {
        if (approach == CAPACITY_FROM_BELOW && capacity->search.trials_count > 0)
            nanosleep(&rest, NULL);
        show_progress(plan, capacity, rate_per_s);
        failed = run_trial(plan, rate_per_s, capacity);
    }
    capacity->answer = capacity_search_answer(&capacity->search);
    capacity->is_bound = answer_is_bound(capacity);
    return failed;
}

/* --- the report ------------------------------------------------------------------------------- */

/* Where the outcome of a trial stands in its line. */
enum { OUTCOME_COLUMN = 40 };

static const char *rate_text(double rate_per_s, char *text)
{
    return count_format(rate_per_s, text);
}

static void print_answer(FILE *out, const struct plan *plan, const struct capacity *capacity)
{
    const struct capacity_answer *answer = &capacity->answer;
    char text[3][UNITS_TEXT_SIZE];

    if (!answer->found) {
        fprintf(out, "\n  capacity     not found: %s\n",
                capacity->interrupted ? "interrupted" : answer->why_not);
        if (capacity->too_few)
            fprintf(out, "               some trials were too short to tell: give a longer "
                         "--duration or a higher --rate\n");
        return;
    }
    fprintf(out, "\n  capacity     %s%s/s with %s  (95%% interval %s/s to %s%s)\n",
            answer->above_max || capacity->is_bound ? "at least " : "",
            rate_text(answer->rate_per_s, text[0]), plan->capacity_goal.text,
            rate_text(answer->low, text[1]),
            answer->high < MAX_RATE_PER_S ? rate_text(answer->high, text[2]) : "unknown",
            answer->high < MAX_RATE_PER_S ? "/s" : "");
    if (capacity->is_bound)
        fprintf(out,
                "               the generator was the limit at the upper end: add --threads or "
                "cores\n");
    if (answer->from_above_known && answer->from_above > 0)
        fprintf(out,
                "               approached from above, after an overload, it carries %s/s: %s\n",
                rate_text(answer->from_above, text[0]),
                answer->hysteresis ? "less, so it does not recover at once (hysteresis)"
                                   : "no hysteresis");
    else if (answer->from_above_known)
        fprintf(out,
                "               approached from above, after an overload, no rate held again\n");
    if (answer->trials_ran_out || capacity->interrupted)
        fprintf(out, "               the search was not finished%s\n",
                capacity->interrupted ? ": interrupted" : "");
}

void capacity_print(FILE *out, const struct plan *plan, const struct capacity *capacity)
{
    const struct capacity_search *search = &capacity->search;
    char text[2][UNITS_TEXT_SIZE];

    fprintf(out, "%s  %s, %u connection%s on %u thread%s\n", plan->target, plan->protocol->name,
            plan->connections, summary_plural(plan->connections), plan->threads,
            summary_plural(plan->threads));
    fprintf(out, "open loop, %s, %s; the largest rate with %s\n\n", plan->arrival_text,
            plan->request_text, plan->capacity_goal.text);
    fprintf(out, "  trial     offered    achieved  from   outcome\n");
    for (unsigned i = 0; i < search->trials_count; i++) {
        const struct capacity_trial *trial = &search->trials[i];

        fprintf(out, "  %5u  %8s/s  %8s/s  %-5s  ", i + 1, rate_text(trial->rate_per_s, text[0]),
                rate_text(trial->achieved_rate, text[1]),
                trial->approach == CAPACITY_FROM_BELOW ? "below" : "above");
        summary_wrapped(out, OUTCOME_COLUMN, trial->held ? "held" : capacity->why[i]);
        if (!trial->held && capacity->generator_limited[i])
            fprintf(out, "%*s(the generator was at its limit)\n", OUTCOME_COLUMN, "");
    }
    print_answer(out, plan, capacity);
}

static json_t *rate_json(double rate_per_s)
{
    return rate_per_s > 0 && rate_per_s <= MAX_RATE_PER_S ? json_real(rate_per_s) : json_null();
}

static json_t *trials_json(const struct capacity *capacity)
{
    json_t *trials = json_array();

    for (unsigned i = 0; i < capacity->search.trials_count; i++) {
        const struct capacity_trial *trial = &capacity->search.trials[i];

        json_array_append_new(
            trials, json_pack("{sf sf ss sb sb so}", "rate_per_s", trial->rate_per_s,
                              "achieved_per_s", trial->achieved_rate, "approach",
                              trial->approach == CAPACITY_FROM_BELOW ? "below" : "above", "held",
                              trial->held, "generator_limited", capacity->generator_limited[i],
                              "why", trial->held ? json_null() : json_string(capacity->why[i])));
    }
    return trials;
}

int capacity_text(const struct plan *plan, const struct capacity *capacity, char **text)
{
    const struct capacity_answer *answer = &capacity->answer;
    json_t *document = json_pack(
        "{ss ss ss ss sI sI so so so sb sb so sb sb so}", "format", "muelle-capacity/1", /**/
        "goal", plan->capacity_goal.text,                                                /**/
        "target", plan->target,                                                          /**/
        "arrival", plan->arrival_text,                                                   /**/
        "connections", (json_int_t)plan->connections,                                    /**/
        "seed", (json_int_t)plan->seed,                                                  /**/
        "rate_per_s", answer->found ? rate_json(answer->rate_per_s) : json_null(),       /**/
        "low_per_s", rate_json(answer->low),                                             /**/
        "high_per_s", rate_json(answer->high),                                           /**/
        "generator_limited", capacity->is_bound,                                         /**/
        "finished", !answer->trials_ran_out && !capacity->interrupted,                   /**/
        "from_above_per_s", rate_json(answer->from_above),                               /**/
        "hysteresis", answer->hysteresis,                                                /**/
        "at_least", answer->above_max || capacity->is_bound,                             /**/
        "trials", trials_json(capacity));

    *text = document ? json_dumps(document, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(document);
    return *text ? 0 : -ENOMEM;
}
