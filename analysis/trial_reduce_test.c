/* SPDX-License-Identifier: MIT */
/*
 * trial_reduce_test.c: however much a trial says, what is kept of it is its histograms and little
 * else, and everything that was read from it is still there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/metric.h"
#include "analysis/synthetic.h"
#include "analysis/trial_reduce.h"

/* Of the document, as text, beside the histograms. */
enum { REST_SIZE_MAX = 4000 };

static const struct synthetic_trial usual = {
    .model = "epoll",
    .connections = 10,
    .block = 2,
    .duration_s = 1,
    .throughput_per_s = 5000,
    .latency_us = 200,
    .rss_mib = 4,
    .cpu_us = 8,
    .trust = TRUST_CAUTION,
    .code = "C6",
    .text = "A closed loop under-counts stalls.",
};

/* The usual trial, with a thousand windows and workers instead of one, and two classes of which one
 * is work. Freed by the caller. */
static char *long_trial_text(void)
{
    char *text = synthetic_trial_text(&usual);
    json_t *root = json_loads(text, 0, NULL);
    json_t *windows = json_object_get(root, "windows");
    json_t *workers = json_array();
    json_t *classes = json_array();
    json_t *response = json_object_get(json_object_get(root, "latency"), "response");

    free(text);
    for (int i = 0; i < 1000; i++) {
        json_array_append_new(windows, json_deep_copy(json_array_get(windows, 0)));
        json_array_append_new(workers, json_pack("{ss si}", "role", "loop", "requests", i));
    }
    json_object_set_new(json_object_get(root, "server"), "counters",
                        json_pack("{so}", "workers", workers));
    json_array_append_new(classes, json_pack("{ss si sO}", "name", "work:block=5ms", "weight", 1,
                                             "response", response));
    json_array_append_new(
        classes, json_pack("{ss si sO}", "name", "echo:64", "weight", 99, "response", response));
    json_object_set_new(root, "classes", classes);
    text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

static struct trial parsed(const char *text)
{
    struct trial trial;
    char problem[160] = "";

    assert_int_equal(trial_parse(text, strlen(text), "0001.json", &trial, problem, sizeof problem),
                     0);
    return trial;
}

static void only_the_histograms_weigh(void **state)
{
    char *text = long_trial_text();
    struct trial trial = parsed(text);

    (void)state;
    trial_reduce(&trial, NULL);
    assert_true(trial.is_reduced);
    /* Those of seven latencies, none longer than these two: what else there was is gone. */
    size_t longest = strlen(trial.response.histogram) + strlen(trial.handshake.histogram);
    size_t size = json_dumpb(trial.document, NULL, 0, JSON_COMPACT);
    assert_true(strlen(text) > 100000);
    assert_true(size < REST_SIZE_MAX + 7 * longest);
    trial_release(&trial);
    free(text);
}

static void nothing_that_was_read_is_lost(void **state)
{
    char *text = long_trial_text();
    struct trial whole = parsed(text);
    struct trial trial = parsed(text);

    (void)state;
    trial_reduce(&trial, NULL);
    for (enum metric metric = 0; metric < METRICS; metric++) {
        struct reading before = metric_read(metric, &whole);
        struct reading after = metric_read(metric, &trial);

        assert_memory_equal(&before.value, &after.value, sizeof before.value);
    }
    assert_string_equal(trial.model, whole.model);
    assert_string_equal(trial.experiment, whole.experiment);
    assert_string_equal(trial.started_utc, whole.started_utc);
    assert_string_equal(trial.request, whole.request);
    assert_string_equal(trial.light_class, "echo:64");
    assert_string_equal(trial.light.histogram, whole.light.histogram);
    assert_string_equal(trial.wire.histogram, whole.wire.histogram);
    assert_string_equal(trial.reasons[0].text, whole.reasons[0].text);
    assert_int_equal(trial.window_count, 1001);
    assert_int_equal(trial.counted.worker_count, 1000);
    trial_release(&whole);
    trial_release(&trial);
    free(text);
}

static void trials_of_one_machine_share_it(void **state)
{
    char *text = synthetic_trial_text(&usual);
    struct trial first = parsed(text);
    struct trial second = parsed(text);

    (void)state;
    trial_reduce(&first, NULL);
    trial_reduce(&second, &first);
    json_t *environment = json_object_get(second.document, "environment");
    assert_non_null(environment);
    assert_ptr_equal(environment, json_object_get(first.document, "environment"));
    /* Whoever goes first takes nothing from the other. */
    trial_release(&first);
    assert_true(json_is_object(json_object_get(second.document, "environment")));
    trial_release(&second);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_histograms_weigh),
        cmocka_unit_test(nothing_that_was_read_is_lost),
        cmocka_unit_test(trials_of_one_machine_share_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
