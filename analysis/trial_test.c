/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/metric.h"
#include "analysis/synthetic.h"

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

static int parse(const char *text, struct trial *trial, char problem[160])
{
    problem[0] = '\0';
    return trial_parse(text, strlen(text), "0001-epoll.json", trial, problem, 160);
}

static void reads_a_whole_trial(void **state)
{
    char *text = synthetic_trial_text(&usual);
    struct trial trial;
    char problem[160];

    (void)state;
    assert_int_equal(parse(text, &trial, problem), 0);
    assert_string_equal(trial.model, "epoll");
    assert_string_equal(trial.experiment, "connections");
    assert_int_equal(trial.block, 2);
    assert_int_equal(trial.connections, 10);
    assert_true(trial.complete);
    assert_int_equal(trial.ok, 5000);
    assert_int_equal(trial.service.count, 5000);
    assert_true(trial.service.value_ns[PERCENTILE_50] > 150e3);
    assert_true(trial.server.measured);
    assert_int_equal(trial.trust, TRUST_CAUTION);
    assert_int_equal(trial.reason_count, 1);
    assert_string_equal(trial.reasons[0].code, "C6");
    assert_int_equal(trial.window_count, 1);

    struct histogram merged;
    assert_int_equal(histogram_init_latency(&merged), 0);
    assert_int_equal(latency_merge(&trial.service, &merged), 0);
    assert_int_equal(latency_merge(&trial.service, &merged), 0);
    assert_int_equal(merged.total_count, 10000);
    histogram_release(&merged);
    trial_release(&trial);
    free(text);
}

static struct trial parsed(const struct synthetic_trial *synthetic)
{
    char *text = synthetic_trial_text(synthetic);
    struct trial trial;
    char problem[160];

    assert_int_equal(parse(text, &trial, problem), 0);
    free(text);
    return trial;
}

static void reads_an_open_loop(void **state)
{
    struct synthetic_trial open = usual;

    (void)state;
    open.rate_per_s = 6000;
    open.arrival = "burst:on=1s,off=1s";
    struct trial trial = parsed(&open);
    assert_int_equal(trial.loop, LOOP_OPEN);
    assert_true(trial_has_own_response(&trial));
    assert_true(trial.rate_per_s == 6000);
    assert_string_equal(trial.arrival, "burst:on=1s,off=1s");
    assert_string_equal(trial.think, "");
    assert_int_equal(trial.pipeline, 1);
    assert_int_equal(trial.intended, 6000);
    assert_int_equal(trial.unsent, 1000);
    assert_int_equal(trial.sent, 5000);
    assert_int_equal(trial.response.count, 6000);
    assert_int_equal(trial.service.count, 5000);
    assert_int_equal(trial.send_lag.count + trial.queue_wait.count, 5000);
    assert_int_equal(trial.wire.count, 500);
    assert_true(trial.windows[0].sent > 0);
    assert_true(metric_read(METRIC_RESPONSE_P50, &trial).value >
                metric_read(METRIC_SERVICE_P50, &trial).value);
    assert_true(metric_read(METRIC_RESPONSE_P99, &trial).at_least);
    assert_false(metric_read(METRIC_SERVICE_P99, &trial).at_least);
    assert_true(metric_read(METRIC_WIRE_P50, &trial).value > 0);
    trial_release(&trial);
}

static void reads_a_closed_loop_that_thinks(void **state)
{
    struct synthetic_trial thinking = usual;

    (void)state;
    thinking.think = "exp(5ms)";
    struct trial trial = parsed(&thinking);
    assert_int_equal(trial.loop, LOOP_THINK);
    assert_string_equal(trial.think, "exp(5ms)");
    assert_true(trial_has_own_response(&trial));
    assert_true(isnan(trial.rate_per_s));
    trial_release(&trial);
}

/* All it has is read; what it lacks is told as not measured. */
static void reads_the_format_before(void **state)
{
    struct synthetic_trial older = usual;

    (void)state;
    older.is_older = true;
    struct trial trial = parsed(&older);
    assert_int_equal(trial.loop, LOOP_CLOSED);
    assert_false(trial_has_own_response(&trial));
    assert_false(trial.warmup_auto);
    assert_true(isnan(trial.rate_per_s));
    assert_string_equal(trial.arrival, "");
    assert_int_equal(trial.pipeline, 1);
    assert_int_equal(trial.intended, trial.sent);
    assert_int_equal(trial.unsent, 0);
    assert_true(isnan(trial.windows[0].sent));
    assert_true(trial.response.effective_count[PERCENTILE_99] == 5000);
    for (enum metric m = METRIC_RESPONSE_P50; m <= METRIC_RESPONSE_P999; m++)
        assert_true(metric_read(m, &trial).value ==
                    metric_read(METRIC_SERVICE_P50 + (m - METRIC_RESPONSE_P50), &trial).value);
    assert_true(isnan(metric_read(METRIC_WIRE_P50, &trial).value));
    assert_int_equal(metric_read(METRIC_WIRE_P50, &trial).needs, 0);
    assert_true(isnan(metric_read(METRIC_SEND_LAG_P99, &trial).value));
    trial_release(&trial);
}

/* Sets the member at `path` ("latency.service.count") to the JSON `value`; NULL removes it. */
static char *changed(const char *path, const char *value)
{
    char *text = synthetic_trial_text(&usual);
    json_t *root = json_loads(text, 0, NULL);
    json_t *object = root;
    char *copy = strdup(path);
    char *rest = copy;
    char *name = strsep(&rest, ".");

    free(text);
    for (; rest; name = strsep(&rest, "."))
        object = json_object_get(object, name);
    assert_true(json_is_object(object));
    if (value)
        json_object_set_new(object, name, json_loads(value, JSON_DECODE_ANY, NULL));
    else
        json_object_del(object, name);
    free(copy);
    text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

static void refuses_what_is_not_the_format(void **state)
{
    static const struct {
        const char *path, *value, *says;
    } broken[] = {
        {"format", "\"muelle-trial/3\"", "format"},
        {"format", NULL, "format is missing"},
        {"config", "[]", "config is something else"},
        {"config.connections", "0", "connections is 0"},
        {"config.connections", "-1", "connections"},
        {"config.connections", "1.5", "connections"},
        {"labels", "null", "labels"},
        {"labels.model", "7", "model"},
        {"labels.block", "\"one\"", "block"},
        {"labels.block", "\"-1\"", "block"},
        {"complete", "\"yes\"", "complete"},
        {"measured.sent", "1", "accounted for"},
        {"measured.errors", "{\"reset\": -3}", "errors"},
        {"throughput_per_s", "-1", "throughput_per_s"},
        {"throughput_per_s", "\"fast\"", "throughput_per_s"},
        {"latency", "{}", "latency.handshake"},
        {"latency.service.count", "7", "holds 5000 values"},
        {"latency.service.histogram", "\"HISTF\"", "cannot be read"},
        {"latency.service.histogram", "\"\"", "cannot be read"},
        {"latency.service.p99_ns", "1", "below the percentile before it"},
        {"latency.service.p99_ns", "null", "p99_ns is null"},
        {"latency.service.p99_ns", "true", "p99_ns"},
        {"latency.response", "null", "latency.response: count"},
        {"latency.wire", NULL, "latency.wire: count"},
        {"latency.send_lag.histogram", "\"\"", "latency.send_lag: the histogram cannot"},
        {"latency.response.effective_counts", NULL, "effective_counts is missing"},
        {"latency.response.effective_counts.p99_ns", "5001", "p99_ns is above count"},
        {"latency.response.effective_counts.p99_ns", "null", "p99_ns"},
        {"config.loop", "\"ajar\"", "loop is none of"},
        {"config.loop", "\"\"", "loop is none of"},
        {"config.rate_per_s", "\"fast\"", "rate_per_s"},
        {"config.arrival", "7", "arrival"},
        {"config.think", "7", "think"},
        {"config.pipeline", "null", "pipeline"},
        {"config.warmup_auto", "\"auto\"", "warmup_auto"},
        {"measured.intended", NULL, "intended is missing"},
        {"measured.unsent", "1", "5000 requests were intended but 5001 sent or given up"},
        {"server", NULL, "server: missing"},
        {"server.rss_bytes", "null", "rss_bytes"},
        {"client", "null", "client"},
        {"verdict.level", "\"FINE\"", "level"},
        {"verdict.reasons", "[{\"code\":\"X1\",\"value\":1,\"text\":\"t\"}]", "code"},
        {"verdict.reasons", "[{\"code\":\"\",\"value\":1,\"text\":\"t\"}]", "code"},
        {"verdict.reasons", "[7]", "code"},
        {"windows", "[{\"start_s\": 0}]", "windows"},
        {"windows", "[{\"start_s\": 0, \"duration_s\": 1, \"ok\": 1}]", "windows: sent"},
        {"windows", "{}", "windows"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        char *text = changed(broken[i].path, broken[i].value);
        struct trial trial;
        char problem[160];

        assert_int_equal(parse(text, &trial, problem), -1);
        if (!strstr(problem, broken[i].says))
            fail_msg("%s = %s: \"%s\" does not say \"%s\"", broken[i].path,
                     broken[i].value ? broken[i].value : "nothing", problem, broken[i].says);
        free(text);
    }
}

static void refuses_what_is_not_json(void **state)
{
    static const char *const texts[] = {
        "",
        "null",
        "[]",
        "{",
        "{\"format\":\"muelle-trial/1\",\"format\":\"muelle-trial/1\"}",
        "{\"format\":\"\xFF\"}",
        "{\"format\":1e999}",
        "{\"format\":99999999999999999999}",
    };
    struct trial trial;
    char problem[160];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(parse(texts[i], &trial, problem), -1);
        assert_true(*problem);
    }
    char *deep = malloc(200001);
    memset(deep, '[', 200000);
    deep[200000] = '\0';
    assert_int_equal(parse(deep, &trial, problem), -1);
    free(deep);
}

/* Servers of before counted less, and had no labels of levels. */
static void what_an_older_server_did_not_count_is_missing(void **state)
{
    char *text = changed("server.counters", "{\"requests\": 10, \"wakeups\": 5}");
    struct trial trial;
    char problem[160];

    (void)state;
    assert_int_equal(parse(text, &trial, problem), 0);
    free(text);
    assert_true(trial.counted.measured);
    assert_true(metric_read(METRIC_WAKEUPS, &trial).value == 0.5);
    assert_true(isnan(metric_read(METRIC_IO_CALLS, &trial).value));
    assert_true(isnan(metric_read(METRIC_HANDOFFS, &trial).value));
    assert_true(isnan(metric_read(METRIC_BALANCE, &trial).value));
    assert_true(isnan(metric_read(METRIC_USER_MEMORY_CONNECTION, &trial).value));
    assert_string_equal(trial.varies, "connections");
    assert_string_equal(trial.level, "10");
    trial_release(&trial);
}

static void refuses_every_shorter_file(void **state)
{
    char *text = synthetic_trial_text(&usual);
    size_t size = strlen(text);
    struct trial trial;
    char problem[160];

    (void)state;
    for (size_t cut = 0; cut < size; cut += 61)
        assert_int_equal(trial_parse(text, cut, "x.json", &trial, problem, sizeof problem), -1);
    free(text);
}

static void takes_what_later_versions_add(void **state)
{
    char *text = changed("config.novelty", "{\"a\":[1]}");
    struct trial trial;
    char problem[160];

    (void)state;
    assert_int_equal(parse(text, &trial, problem), 0);
    trial_release(&trial);
    free(text);
}

static void without_labels_it_is_a_server(void **state)
{
    char *text = changed("labels", "{}");
    struct trial trial;
    char problem[160];

    (void)state;
    assert_int_equal(parse(text, &trial, problem), 0);
    assert_string_equal(trial.model, "server");
    assert_int_equal(trial.block, 0);
    trial_release(&trial);
    free(text);
}

static bool is_missing(enum metric metric, const struct trial *trial)
{
    return isnan(metric_read(metric, trial).value) != 0;
}

static void small_samples_have_no_high_percentiles(void **state)
{
    struct synthetic_trial small = usual;
    struct trial trial;
    char problem[160];

    (void)state;
    small.throughput_per_s = 367;
    small.unobserved = true;
    char *text = synthetic_trial_text(&small);
    assert_int_equal(parse(text, &trial, problem), 0);
    assert_false(is_missing(METRIC_RESPONSE_P50, &trial));
    assert_true(is_missing(METRIC_RESPONSE_P99, &trial));
    assert_int_equal(metric_read(METRIC_RESPONSE_P99, &trial).needs, 368);
    assert_int_equal(metric_read(METRIC_RESPONSE_P999, &trial).needs, 3688);
    assert_true(is_missing(METRIC_CPU, &trial));
    assert_int_equal(metric_read(METRIC_CPU, &trial).needs, 0);
    trial_release(&trial);
    free(text);
}

/* 5,000 requests of which slow ones come four at a time are worth 1,250. */
static void clumped_requests_carry_less(void **state)
{
    struct synthetic_trial clumped = usual;

    (void)state;
    struct trial trial = parsed(&clumped);
    assert_false(is_missing(METRIC_RESPONSE_P999, &trial));
    trial_release(&trial);
    clumped.dispersion = 4;
    trial = parsed(&clumped);
    assert_true(trial.response.effective_count[PERCENTILE_999] == 1250);
    assert_false(is_missing(METRIC_RESPONSE_P99, &trial));
    assert_true(is_missing(METRIC_RESPONSE_P999, &trial));
    assert_int_equal(metric_read(METRIC_RESPONSE_P999, &trial).needs, 3688);
    trial_release(&trial);
}

/* What is not known at p99 is not known beyond. */
static void a_percentile_needs_those_below_it(void **state)
{
    char *text = changed("latency.response.effective_counts.p99_ns", "367.9");
    struct trial trial;
    char problem[160];

    (void)state;
    assert_int_equal(parse(text, &trial, problem), 0);
    assert_false(is_missing(METRIC_RESPONSE_P50, &trial));
    assert_int_equal(metric_read(METRIC_RESPONSE_P99, &trial).needs, 368);
    assert_int_equal(metric_read(METRIC_RESPONSE_P999, &trial).needs, 3688);
    assert_false(is_missing(METRIC_SERVICE_P999, &trial));
    trial_release(&trial);
    free(text);
}

static void timeouts_make_percentiles_bounds(void **state)
{
    struct synthetic_trial slow = usual;
    struct trial trial;
    char problem[160];

    (void)state;
    slow.timed_out = 100;
    char *text = synthetic_trial_text(&slow);
    assert_int_equal(parse(text, &trial, problem), 0);
    assert_false(metric_read(METRIC_RESPONSE_P50, &trial).at_least);
    assert_true(metric_read(METRIC_RESPONSE_P99, &trial).at_least);
    assert_int_equal(trial.service.at_least_count, 100);
    trial_release(&trial);
    free(text);
}

static void cpu_time_is_cut_in_its_parts(void **state)
{
    char *text = synthetic_trial_text(&usual);
    struct trial trial;
    char problem[160];

    (void)state;
    assert_int_equal(parse(text, &trial, problem), 0);
    assert_true(fabs(metric_read(METRIC_CPU, &trial).value - 8000) < 1e-6);
    assert_true(fabs(metric_read(METRIC_CPU_USER, &trial).value - 1600) < 1e-6);
    assert_true(fabs(metric_read(METRIC_CPU_SYSTEM, &trial).value - 6400) < 1e-6);
    assert_true(fabs(metric_read(METRIC_SWITCHES, &trial).value - 0.9) < 1e-9);
    trial_release(&trial);
    free(text);
}

static void cpu_times_are_divided_on_one_core_only(void **state)
{
    static const struct {
        const char *machine;
        bool is_known;
    } cases[] = {
        {"{\"pinning\": {\"server\": \"1\", \"client\": \"1\"}}", true},
        {"{\"pinning\": {\"server\": \"0\", \"client\": \"1\"}}", false},
        {"{\"pinning\": {\"server\": 1, \"client\": 1}}", false},
        {"{}", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = changed("machine", cases[i].machine);
        struct trial trial;
        char problem[160];

        assert_int_equal(parse(text, &trial, problem), 0);
        trial.client.cpu_us_per_request = 10;
        assert_true(is_missing(METRIC_CPU_RATIO, &trial) != cases[i].is_known);
        if (cases[i].is_known)
            assert_true(fabs(metric_read(METRIC_CPU_RATIO, &trial).value - 0.8) < 1e-9);
        trial_release(&trial);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_whole_trial),
        cmocka_unit_test(reads_an_open_loop),
        cmocka_unit_test(reads_a_closed_loop_that_thinks),
        cmocka_unit_test(reads_the_format_before),
        cmocka_unit_test(refuses_what_is_not_the_format),
        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(what_an_older_server_did_not_count_is_missing),
        cmocka_unit_test(refuses_every_shorter_file),
        cmocka_unit_test(takes_what_later_versions_add),
        cmocka_unit_test(without_labels_it_is_a_server),
        cmocka_unit_test(small_samples_have_no_high_percentiles),
        cmocka_unit_test(clumped_requests_carry_less),
        cmocka_unit_test(a_percentile_needs_those_below_it),
        cmocka_unit_test(timeouts_make_percentiles_bounds),
        cmocka_unit_test(cpu_time_is_cut_in_its_parts),
        cmocka_unit_test(cpu_times_are_divided_on_one_core_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
