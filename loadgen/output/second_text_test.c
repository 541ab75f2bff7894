/* SPDX-License-Identifier: MIT */
/* The lines of the stream are JSON, say what the second holds, and their histograms, decoded and
 * merged, are the run's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/histogram_codec.h"
#include "loadgen/output/second_text.h"

#define START UINT64_C(1000000000000)
#define END   (START + 3 * NS_PER_S)

struct scene {
    struct plan plan;
    struct recorder recorder;
    struct seconds seconds;
};

static void scene_init(struct scene *scene, enum loop_kind loop, unsigned classes)
{
    struct recorder_plan recording = {.classes = classes, .separate_service = loop != LOOP_CLOSED};

    memset(scene, 0, sizeof *scene);
    scene->plan.target = "127.0.0.1:4444";
    scene->plan.loop = loop;
    scene->plan.requests_mix.count = classes;
    for (unsigned i = 0; i < classes; i++)
        snprintf(scene->plan.requests_mix.classes[i].name, REQUEST_CLASS_NAME_SIZE,
                 "work:cpu=%ums,reply=9", i);
    assert_int_equal(recorder_init(&scene->recorder, &recording), 0);
    recorder_measure(&scene->recorder, START, END);
    assert_int_equal(seconds_init(&scene->seconds, &recording), 0);
    seconds_watch(&scene->seconds, &scene->recorder);
}

static void scene_release(struct scene *scene)
{
    seconds_release(&scene->seconds);
    recorder_release(&scene->recorder);
}

static void request(struct scene *scene, uint64_t sent_ns, uint64_t took_ns, enum request_end end,
                    unsigned class_index)
{
    recorder_sent(&scene->recorder, &(struct request_times){sent_ns, sent_ns, sent_ns});
    recorder_ended(&scene->recorder, &(struct request_result){.intended_ns = sent_ns,
                                                              .sent_ns = sent_ns,
                                                              .ended_ns = sent_ns + took_ns,
                                                              .class_index = class_index,
                                                              .end = end});
}

/* The line of the second that was taken last, parsed. */
static json_t *line_json(const struct scene *scene, uint64_t duration_ns)
{
    char *text;
    size_t size;
    json_t *object;

    assert_int_equal(second_stream_line(&scene->plan, &scene->seconds, duration_ns, &text, &size),
                     0);
    assert_int_equal(strlen(text), size);
    assert_ptr_equal(strchr(text, '\n'), text + size - 1); /* one line */
    object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(object);
    free(text);
    return object;
}

static json_int_t number(const json_t *object, const char *latency, const char *field)
{
    const json_t *value = json_object_get(json_object_get(object, latency), field);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static void test_a_line_says_what_the_second_holds(void **state)
{
    (void)state;
    struct scene scene;
    json_t *line;

    scene_init(&scene, LOOP_OPEN, 1);
    for (int i = 0; i < 100; i++)
        request(&scene, START + NS_PER_S + 10, 1000, REQUEST_OK, 0);
    request(&scene, START + NS_PER_S + 10, NS_PER_MS, REQUEST_WRONG, 0);
    recorder_finish(&scene.recorder);
    assert_true(seconds_next(&scene.seconds, true));
    assert_true(seconds_next(&scene.seconds, true));
    line = line_json(&scene, NS_PER_S / 4);

    assert_int_equal(json_integer_value(json_object_get(line, "second")), 1);
    assert_float_equal(json_real_value(json_object_get(line, "start_s")), 1.0, 0);
    assert_float_equal(json_real_value(json_object_get(line, "duration_s")), 0.25, 0);
    assert_int_equal(json_integer_value(json_object_get(line, "sent")), 101);
    assert_int_equal(json_integer_value(json_object_get(line, "ok")), 100);
    assert_int_equal(json_integer_value(json_object_get(line, "errors")), 1);
    assert_int_equal(number(line, "response", "count"), 100);
    assert_int_equal(number(line, "response", "p50_ns"), 1000);
    assert_int_equal(number(line, "service", "max_ns"), 1000);
    assert_int_equal(number(line, "send_lag", "count"), 101);
    assert_int_equal(number(line, "queue_wait", "count"), 0);
    assert_true(json_is_null(json_object_get(json_object_get(line, "wire"), "p99_ns")));
    assert_null(json_object_get(line, "classes"));
    json_decref(line);
    scene_release(&scene);
}

static void test_what_is_not_measured_is_not_there(void **state)
{
    (void)state;
    struct scene scene;
    json_t *line;

    scene_init(&scene, LOOP_CLOSED, 1);
    scene.plan.timestamps = TIMESTAMPS_OFF;
    recorder_finish(&scene.recorder);
    assert_true(seconds_next(&scene.seconds, true));
    line = line_json(&scene, NS_PER_S);
    assert_null(json_object_get(line, "wire"));
    assert_null(json_object_get(line, "send_lag"));
    assert_null(json_object_get(line, "queue_wait"));
    assert_int_equal(number(line, "service", "count"), 0);
    assert_true(json_is_null(json_object_get(json_object_get(line, "response"), "max_ns")));
    json_decref(line);
    scene_release(&scene);
}

static bool names_bound(const json_t *line, const char *field)
{
    const json_t *bounds = json_object_get(json_object_get(line, "response"), "lower_bounds");
    size_t i;
    json_t *name;

    assert_true(json_is_array(bounds));
    json_array_foreach(bounds, i, name)
    {
        if (strcmp(json_string_value(name), field) == 0)
            return true;
    }
    return false;
}

static void test_a_bound_is_named(void **state)
{
    (void)state;
    struct scene scene;
    json_t *line;

    scene_init(&scene, LOOP_CLOSED, 1);
    for (int i = 0; i < 95; i++)
        request(&scene, START + 10, 1000, REQUEST_OK, 0);
    for (int i = 0; i < 5; i++)
        request(&scene, START + 10, NS_PER_MS, REQUEST_TIMED_OUT, 0);
    recorder_finish(&scene.recorder);
    assert_true(seconds_next(&scene.seconds, true));
    line = line_json(&scene, NS_PER_S);
    assert_int_equal(number(line, "response", "at_least_count"), 5);
    assert_false(names_bound(line, "p50_ns"));
    assert_false(names_bound(line, "p90_ns"));
    assert_true(names_bound(line, "p99_ns"));
    assert_true(names_bound(line, "p999_ns"));
    assert_true(names_bound(line, "max_ns"));
    assert_false(names_bound(line, "p9999_ns"));
    json_decref(line);
    scene_release(&scene);
}

static void add_encoded(struct histogram *into, const json_t *latency)
{
    struct histogram decoded;
    const char *text = json_string_value(json_object_get(latency, "histogram"));

    assert_non_null(text);
    assert_int_equal(histogram_decode(text, &decoded), 0);
    assert_int_equal(histogram_merge(into, &decoded), 0);
    histogram_release(&decoded);
}

static void test_the_lines_merged_are_the_run(void **state)
{
    (void)state;
    struct scene scene;
    struct histogram all, of_class;
    const struct histogram *run;
    json_t *line;

    scene_init(&scene, LOOP_OPEN, 2);
    assert_int_equal(histogram_init_latency(&all), 0);
    assert_int_equal(histogram_init_latency(&of_class), 0);
    for (uint64_t i = 0; i < 5000; i++)
        request(&scene, START + i * NS_PER_MS / 2, 1000 + i * i % 900000007, REQUEST_OK, i % 3 > 0);
    recorder_finish(&scene.recorder);
    while (seconds_next(&scene.seconds, true)) {
        line = line_json(&scene, NS_PER_S);
        add_encoded(&all, json_object_get(line, "response"));
        const json_t *class = json_array_get(json_object_get(line, "classes"), 1);

        assert_string_equal(json_string_value(json_object_get(class, "name")),
                            "work:cpu=1ms,reply=9");
        add_encoded(&of_class, json_object_get(class, "response"));
        json_decref(line);
    }
    run = &recorder_latency(&scene.recorder, LATENCY_RESPONSE)->histogram;
    assert_int_equal(run->total_count, 5000);
    assert_memory_equal(all.counts, run->counts, run->counts_length * sizeof *run->counts);
    run = &recorder_latency(&scene.recorder, LATENCY_CLASS + 1)->histogram;
    assert_int_equal(run->total_count, 3333);
    assert_memory_equal(of_class.counts, run->counts, run->counts_length * sizeof *run->counts);
    histogram_release(&of_class);
    histogram_release(&all);
    scene_release(&scene);
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;

    for (; (text = strchr(text, '\n')); text++)
        lines++;
    return lines;
}

static void test_the_log_has_a_line_for_each_class(void **state)
{
    (void)state;
    struct scene scene;
    char *text;
    size_t size;

    scene_init(&scene, LOOP_OPEN, 2);
    request(&scene, START + NS_PER_S + 10, 2 * NS_PER_MS, REQUEST_OK, 1);
    recorder_finish(&scene.recorder);
    assert_true(seconds_next(&scene.seconds, true));
    assert_true(seconds_next(&scene.seconds, true));
    assert_int_equal(second_log_lines(&scene.plan, &scene.seconds, &text, &size), 0);
    assert_int_equal(strlen(text), size);
    assert_int_equal(count_lines(text), 2);
    assert_memory_equal(text, "Tag=work:cpu=0ms_reply=9,1.000,1.000,0.000,HIST", 47);
    assert_non_null(strstr(text, "\nTag=work:cpu=1ms_reply=9,1.000,1.000,2.000,HIST"));
    free(text);

    assert_int_equal(second_log_header(&scene.plan, 1.7e9, &text, &size), 0);
    assert_non_null(strstr(text, "127.0.0.1:4444"));
    assert_non_null(strstr(text, "StartTime: 1700000000"));
    free(text);
    scene_release(&scene);
}

static void test_one_class_is_tagged_as_well(void **state)
{
    (void)state;
    struct scene scene;
    char *text;
    size_t size;

    scene_init(&scene, LOOP_CLOSED, 1);
    request(&scene, START + 10, NS_PER_MS, REQUEST_OK, 0);
    recorder_finish(&scene.recorder);
    assert_true(seconds_next(&scene.seconds, true));
    assert_int_equal(second_log_lines(&scene.plan, &scene.seconds, &text, &size), 0);
    assert_int_equal(count_lines(text), 1);
    assert_memory_equal(text, "Tag=work:cpu=0ms_reply=9,0.000,1.000,1.000,HIST", 47);
    free(text);
    scene_release(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_says_what_the_second_holds),
        cmocka_unit_test(test_what_is_not_measured_is_not_there),
        cmocka_unit_test(test_a_bound_is_named),
        cmocka_unit_test(test_the_lines_merged_are_the_run),
        cmocka_unit_test(test_the_log_has_a_line_for_each_class),
        cmocka_unit_test(test_one_class_is_tagged_as_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
