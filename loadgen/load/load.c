/* SPDX-License-Identifier: MIT */
#include "loadgen/load/load.h"

#include "common/random.h"

void load_init(struct load *load, const struct plan *plan, struct recorder *recorder,
               const struct request_source *source)
{
    *load = (struct load){.plan = plan,
                          .recorder = recorder,
                          .source = source,
                          .requests_left = UINT64_MAX,
                          .due_ns = UINT64_MAX,
                          .arrival_ns = UINT64_MAX,
                          /* Rounded up: with none, nothing could be sent. */
                          .queue_limit = (plan->queue_limit + plan->threads - 1) / plan->threads};
}

static bool is_open(const struct load *load)
{
    return load->plan->loop == LOOP_OPEN;
}

/* The instant of the schedule's next arrival; UINT64_MAX: there is none. */
static uint64_t next_arrival_ns(const struct load *load, struct schedule *schedule, struct due *due)
{
    if (!schedule_next(schedule, due) || due->at_ns >= UINT64_MAX - load->origin_ns)
        return UINT64_MAX;
    return load->origin_ns + due->at_ns;
}

void load_begin(struct load *load, unsigned index, uint64_t now_ns)
{
    const struct plan *plan = load->plan;
    struct due first;

    load->sending = true;
    if (!is_open(load))
        return;
    load->origin_ns = now_ns;
    schedule_init(&load->schedule, &plan->arrival, plan->seed, index, plan->threads);
    load->arrivals = load->schedule;
    load->due_ns = next_arrival_ns(load, &load->schedule, &load->due);
    load->arrival_ns = next_arrival_ns(load, &load->arrivals, &first);
}

/* May one more that is intended at that instant be sent? Takes it from what is left. */
static bool load_allows(struct load *load, uint64_t intended_ns)
{
    if (!load->sending || intended_ns >= load->recorder->measure_end_ns)
        return false;
    if (intended_ns < load->recorder->measure_start_ns)
        return true;
    if (load->requests_left == 0)
        return false;
    load->requests_left--;
    return true;
}

/* --- closed loop ------------------------------------------------------------------------------ */

bool load_next_closed(struct load *load, uint64_t intended_ns, uint32_t connection_id,
                      uint64_t sequence, struct intent *intent)
{
    if (!load_allows(load, intended_ns)) {
        load->sending = false;
        return false;
    }
    recorder_intended(load->recorder, intended_ns);
    intent->intended_ns = intended_ns;
    if (load->source->is_constant)
        request_source_choose(load->source, 0, &intent->what);
    else
        request_source_choose(load->source, random_mix(connection_id, sequence), &intent->what);
    return true;
}

/* --- open loop -------------------------------------------------------------------------------- */

static void load_choose(const struct load *load, const struct due *due, struct request *what)
{
    if (due->class_index >= 0)
        request_source_choose_of(
            load->source, (unsigned)load->plan->trace_classes[due->class_index], due->number, what);
    else
        request_source_choose(load->source, due->number, what);
}

static void load_take_due(struct load *load, struct intent *intent)
{
    intent->intended_ns = load->due_ns;
    load_choose(load, &load->due, &intent->what);
    load->taken++;
    load->due_ns = next_arrival_ns(load, &load->schedule, &load->due);
}

bool load_next_due(struct load *load, uint64_t now_ns, struct intent *intent)
{
    if (load->due_ns > now_ns)
        return false;
    if (!load->sending)
        return false;
    if (load->due_ns >= load->recorder->measure_end_ns) {
        load->due_ns = UINT64_MAX; /* nobody need wake up for it again */
        return false;
    }
    load_follow(load, load->due_ns);
    if (load_queue_length(load) == 0) {
        load->due_ns = UINT64_MAX; /* as many as were asked for have arrived */
        return false;
    }
    load_take_due(load, intent);
    return true;
}

/* The one that has waited longest will not be sent any more. */
static void load_give_up(struct load *load, uint64_t now_ns)
{
    struct intent intent;

    load_take_due(load, &intent);
    if (load->dump)
        dump_put(load->dump, &(struct dump_record){.intended_ns = intent.intended_ns,
                                                   .connection = DUMP_NO_CONNECTION,
                                                   .class_index = intent.what.class_index,
                                                   .outcome = REQUEST_UNSENT});
    recorder_unsent(load->recorder, intent.intended_ns, intent.what.class_index, now_ns);
}

void load_follow(struct load *load, uint64_t now_ns)
{
    uint64_t end_ns = load->recorder->measure_end_ns;
    struct due ignored;

    if (!is_open(load) || !load->sending)
        return;
    while (load->arrival_ns <= now_ns && load->arrival_ns < end_ns) {
        if (!load_allows(load, load->arrival_ns)) {
            load->arrival_ns = UINT64_MAX;
            break;
        }
        recorder_intended(load->recorder, load->arrival_ns);
        load->arrived++;
        load->arrival_ns = next_arrival_ns(load, &load->arrivals, &ignored);
    }
    while (load_queue_length(load) > load->queue_limit && load->due_ns <= now_ns)
        load_give_up(load, now_ns);
    if (load_queue_length(load) > load->queue_longest)
        load->queue_longest = load_queue_length(load);
}

bool load_is_over(const struct load *load, uint64_t now_ns)
{
    return !load->sending || now_ns >= load->recorder->measure_end_ns ||
           (is_open(load) && load->due_ns == UINT64_MAX) ||
           (load->requests_left == 0 && now_ns >= load->recorder->measure_start_ns);
}

bool load_is_empty(const struct load *load, uint64_t now_ns)
{
    return !load->sending || !is_open(load) || load->due_ns > now_ns ||
           load->due_ns >= load->recorder->measure_end_ns;
}

void load_stop(struct load *load, uint64_t now_ns)
{
    uint64_t end_ns = load->recorder->measure_end_ns;

    load_follow(load, now_ns);
    if (is_open(load)) {
        while (load->due_ns <= now_ns && load->due_ns < end_ns && load_queue_length(load) > 0)
            load_give_up(load, now_ns);
    }
    load->sending = false;
}
