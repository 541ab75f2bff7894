/* SPDX-License-Identifier: MIT */
/*
 * render_test.c PROGRAM: muelle-report on made-up runs, as its users run it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis/document.h"
#include "analysis/synthetic.h"
#include "common/file.h"

enum { OUTPUT_SIZE = 1 << 16, FILE_SIZE_MAX = 16 << 20 };

static const char *program;
static char folder[] = "/tmp/render_test.XXXXXX";

struct outcome {
    int status;
    char out[OUTPUT_SIZE], err[OUTPUT_SIZE];
};

static void read_text(const char *name, char text[OUTPUT_SIZE])
{
    char *path = path_join(folder, name);
    char *data;
    size_t size;

    assert_int_equal(file_read(path, OUTPUT_SIZE - 1, &data, &size), 0);
    memcpy(text, data, size + 1);
    free(data);
    free(path);
}

/* Runs the program with `arguments` (words of a shell) in the test's folder. */
static struct outcome *run(const char *arguments)
{
    static struct outcome outcome;
    char *command;

    assert_true(
        asprintf(&command, "cd %s && %s %s >out 2>err </dev/null", folder, program, arguments) > 0);
    /* The shell is the user here. NOLINTNEXTLINE(cert-env33-c) */
    int status = system(command);
    assert_true(WIFEXITED(status));
    outcome.status = WEXITSTATUS(status);
    read_text("out", outcome.out);
    read_text("err", outcome.err);
    free(command);
    return &outcome;
}

static char *contents(const char *name, size_t *size)
{
    char *path = path_join(folder, name);
    char *data = NULL;
    int error = file_read(path, FILE_SIZE_MAX, &data, size);

    free(path);
    if (error)
        fail_msg("%s is missing", name);
    return data;
}

static bool exists(const char *name)
{
    char *path = path_join(folder, name);
    bool found = access(path, F_OK) == 0;

    free(path);
    return found;
}

static void write_trial(const char *name, struct synthetic_trial trial)
{
    if (trial.duration_s <= 0)
        trial.duration_s = 1;
    if (trial.latency_us <= 0)
        trial.latency_us = 100;
    if (trial.throughput_per_s <= 0)
        trial.throughput_per_s = 4000;
    trial.cpu_us = 8;
    trial.rss_mib = 3;
    char *text = synthetic_trial_text(&trial);
    assert_int_equal(synthetic_write(folder, name, text), 0);
    free(text);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

/* The run that most tests look at, rendered once; what it printed is kept. */
static struct outcome usual;

static int folder_make(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    char *path = path_join(folder, "run");
    int error = synthetic_run(path, 3, 0.2, 0);
    free(path);
    usual = *run("render run");
    return error;
}

static int folder_remove(void **state)
{
    (void)state;
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void writes_every_file(void **state)
{
    static const char *const charts[] = {"throughput",  "latency-p50",   "latency-p99",
                                         "percentiles", "handshake-p50", "handshake-p99",
                                         "cpu",         "memory",        "time",
                                         "hockey-p50",  "hockey-p99",    "ratio-throughput",
                                         "ratio-cpu"};
    static const char *const suffixes[] = {"tsv", "gp", "svg", "png"};
    static const char *const others[] = {"index.html", "report.md", "summary.tsv", "trials.csv",
                                         "windows.csv"};
    char name[128];

    (void)state;
    assert_int_equal(usual.status, 0);
    assert_string_equal(usual.err, "");
    for (size_t i = 0; i < sizeof charts / sizeof charts[0]; i++) {
        for (size_t j = 0; j < 4; j++) {
            snprintf(name, sizeof name, "run/report/%s.%s", charts[i], suffixes[j]);
            if (!exists(name))
                fail_msg("%s is missing", name);
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        snprintf(name, sizeof name, "run/report/%s", others[i]);
        assert_true(exists(name));
    }
    assert_non_null(strstr(usual.out, "thread-per-client"));
    assert_non_null(strstr(usual.out, "200 of 1,000"));
    assert_non_null(strstr(usual.out, "NOT TRUSTED"));
    assert_non_null(strstr(usual.out, "C8"));
    const char *last = "\nrun/report/index.html\n";
    assert_string_equal(usual.out + strlen(usual.out) - strlen(last), last);
}

static void the_page_is_whole_and_small(void **state)
{
    size_t size;

    (void)state;
    char *page = contents("run/report/index.html", &size);
    assert_true(size < 3000000);
    assert_null(strstr(page, "{{"));
    assert_null(strstr(page, "http://"));
    assert_null(strstr(page, "https://"));
    assert_null(strstr(page, "GNUPLOT"));
    assert_non_null(strstr(page, "\"format\":\"muelle-report/1\""));
    free(page);
}

static void same_trials_same_bytes(void **state)
{
    struct dirent **names;
    char name[600];

    (void)state;
    assert_int_equal(run("render run/ --output again")->status, 0);
    char *path = path_join(folder, "again");
    int count = scandir(path, &names, NULL, alphasort);
    free(path);
    assert_true(count > 40);
    for (int i = 0; i < count; i++) {
        size_t size_one;
        size_t size_two;

        if (names[i]->d_name[0] != '.') {
            snprintf(name, sizeof name, "run/report/%s", names[i]->d_name);
            char *one = contents(name, &size_one);
            snprintf(name, sizeof name, "again/%s", names[i]->d_name);
            char *two = contents(name, &size_two);
            if (size_one != size_two || memcmp(one, two, size_one) != 0)
                fail_msg("%s differs", names[i]->d_name);
            free(one);
            free(two);
        }
        free(names[i]);
    }
    free(names);
}

static void a_script_draws_its_chart_again(void **state)
{
    size_t size_before;
    size_t size_after;
    char *command;

    (void)state;
    char *before = contents("run/report/throughput.svg", &size_before);
    assert_true(asprintf(&command,
                         "cd %s/run/report && rm throughput.svg throughput.png && "
                         "gnuplot throughput.gp && test -s throughput.png",
                         folder) > 0);
    /* NOLINTNEXTLINE(cert-env33-c) */
    assert_int_equal(system(command), 0);
    free(command);
    char *after = contents("run/report/throughput.svg", &size_after);
    assert_int_equal(size_before, size_after);
    assert_memory_equal(before, after, size_before);
    free(before);
    free(after);
}

static void hostile_labels_stay_text(void **state)
{
    static const char hostile[] =
        "<script>alert(1)</script>'\"`touch pwned`\n$(touch pwned)\t\033[2J";
    size_t size;

    (void)state;
    write_trial("hostile/trials/1.json", (struct synthetic_trial){.model = hostile,
                                                                  .connections = 10,
                                                                  .trust = TRUST_CAUTION,
                                                                  .code = "C1",
                                                                  .text = "</script>{{js}}"});
    struct outcome *outcome = run("render hostile");
    assert_int_equal(outcome->status, 0);
    assert_null(strchr(outcome->out, '\033'));
    char *page = contents("hostile/report/index.html", &size);
    assert_null(strstr(page, "<script>alert"));
    assert_non_null(strstr(page, "&lt;script&gt;alert(1)"));
    assert_null(strstr(page, "\"</script>{{js}}"));
    free(page);
    char *drawing = contents("hostile/report/throughput.svg", &size);
    assert_null(strstr(drawing, "<script>alert"));
    free(drawing);
    assert_false(exists("pwned") || exists("hostile/report/pwned"));
}

static void broken_files_are_named_and_skipped(void **state)
{
    size_t size;

    (void)state;
    write_trial("skips/trials/1.json", (struct synthetic_trial){.model = "a", .connections = 10});
    assert_int_equal(synthetic_write(folder, "skips/trials/9998-broken.json", "{\"format\":"), 0);
    assert_int_equal(synthetic_write(folder, "skips/trials/9999-other.json", "{}"), 0);
    assert_int_equal(synthetic_write(folder, "skips/manifest.json", "nonsense"), 0);
    struct outcome *outcome = run("render skips");
    assert_int_equal(outcome->status, 0);
    assert_non_null(strstr(outcome->err, "9998-broken.json"));
    assert_non_null(strstr(outcome->err, "9999-other.json"));
    assert_non_null(strstr(outcome->err, "manifest.json"));
    char *page = contents("skips/report/index.html", &size);
    assert_non_null(strstr(page, "9998-broken.json"));
    free(page);
}

static int count_lines(const char *text)
{
    int count = 0;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static void refuses_in_one_line(void **state)
{
    static const struct {
        const char *arguments;
        int status;
    } refused[] = {
        {"render absent", 1},
        {"render empty", 1},
        {"render out", 1},
        {"render broken", 1},
    };

    (void)state;
    assert_int_equal(synthetic_write(folder, "empty/trials/nothing.txt", ""), 0);
    assert_int_equal(synthetic_write(folder, "broken/trial.json", "{}"), 0);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct outcome *outcome = run(refused[i].arguments);

        assert_int_equal(outcome->status, refused[i].status);
        assert_int_equal(count_lines(outcome->err), 1);
        assert_string_equal(outcome->out, "");
    }
}

static void wrong_usage_is_status_2(void **state)
{
    static const char *const wrong[] = {
        "", "paint", "render", "render --colour run", "render --output",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(run(wrong[i])->status, 2);
    assert_int_equal(run("--help")->status, 0);
    assert_int_equal(run("render --help")->status, 0);
    assert_int_equal(run("--version")->status, 0);
}

static void without_gnuplot_the_tables_stay(void **state)
{
    size_t size;

    (void)state;
    const char *usual_path = getenv("PATH");
    char *path = strdup(usual_path ? usual_path : "/usr/bin:/bin");
    setenv("PATH", "/nowhere", 1);
    struct outcome *outcome = run("render run");
    setenv("PATH", path, 1);
    free(path);
    assert_int_equal(outcome->status, 0);
    assert_non_null(strstr(outcome->err, "gnuplot is not installed"));
    assert_true(exists("run/report/throughput.gp"));
    assert_false(exists("run/report/throughput.svg")); /* not the one of before */
    char *page = contents("run/report/index.html", &size);
    assert_non_null(strstr(page, "gnuplot is not installed"));
    assert_non_null(strstr(page, "27,")); /* the table */
    assert_non_null(strstr(page, "<details open>\n<summary>As a table</summary>"));
    assert_non_null(strstr(page, "three numbers from 5 levels say nothing"));
    free(page);
}

static void a_bad_run_does_not_keep_the_good_one(void **state)
{
    (void)state;
    struct outcome *outcome = run("render --quiet absent run");
    assert_int_equal(outcome->status, 1);
    assert_string_equal(outcome->out, "run/report/index.html\n");
}

static void bounds_and_incomplete_trials_are_told(void **state)
{
    (void)state;
    write_trial("bounds/trials/1.json",
                (struct synthetic_trial){.model = "a", .connections = 10, .timed_out = 400});
    write_trial("bounds/trials/2.json",
                (struct synthetic_trial){.model = "b", .connections = 10, .incomplete = true});
    struct outcome *outcome = run("render bounds");
    assert_int_equal(outcome->status, 0);
    assert_non_null(strstr(outcome->out, ">5.00 s"));
    assert_non_null(strstr(outcome->err, "1 trial did not complete"));
    assert_null(strstr(outcome->out, "\n b "));
}

/* What nobody observed and what is too small for its percentile are sentences, not charts. */
static void little_data_is_still_a_report(void **state)
{
    size_t size;

    (void)state;
    write_trial("little/trials/1.json",
                (struct synthetic_trial){
                    .model = "a", .connections = 1, .throughput_per_s = 3, .unobserved = true});
    assert_int_equal(run("render little")->status, 0);
    assert_true(exists("little/report/throughput.svg"));
    assert_false(exists("little/report/memory.svg"));
    char *page = contents("little/report/index.html", &size);
    assert_non_null(strstr(page, "needs 368"));
    assert_non_null(strstr(page, "The server was not observed"));
    free(page);

    write_trial("never/trials/1.json",
                (struct synthetic_trial){.model = "a", .connections = 1, .incomplete = true});
    struct outcome *outcome = run("render never");
    assert_int_equal(outcome->status, 0);
    assert_non_null(strstr(outcome->out, "no trial was completed"));
}

static void an_open_loop_is_told_as_one(void **state)
{
    size_t size;

    (void)state;
    write_trial("open/trials/1.json",
                (struct synthetic_trial){
                    .model = "a", .connections = 10, .rate_per_s = 4000, .throughput_per_s = 4000});
    struct outcome *outcome = run("render open");
    assert_int_equal(outcome->status, 0);
    assert_non_null(strstr(outcome->out, "echo:64, open loop, 4,000/s poisson"));
    assert_non_null(strstr(outcome->out, "service p99"));
    char *page = contents("open/report/index.html", &size);
    assert_non_null(strstr(page, "<dt>Open loop</dt>"));
    assert_null(strstr(page, "<dt>Closed loop</dt>"));
    assert_null(strstr(page, "share a rank"));
    assert_non_null(strstr(page, "Service<br>p99"));
    assert_non_null(strstr(page, "Wire<br>p50"));
    free(page);
    char *script = contents("open/report/latency-p99.gp", &size);
    assert_non_null(strstr(script, "response time p99"));
    assert_non_null(strstr(script, "open loop, 4,000/s poisson"));
    free(script);
    char *windows = contents("open/report/windows.csv", &size);
    assert_non_null(strstr(windows, "duration_s,sent,ok,"));
    free(windows);
}

/* A fifth of what was due was never sent: nobody knows how long it would have taken. */
static void a_response_that_never_came_ends_the_curve(void **state)
{
    size_t size;

    (void)state;
    write_trial("overload/trials/1.json",
                (struct synthetic_trial){
                    .model = "a", .connections = 10, .rate_per_s = 5000, .throughput_per_s = 4000});
    assert_int_equal(run("render overload")->status, 0);
    char *curve = contents("overload/report/percentiles.tsv", &size);
    assert_non_null(strstr(curve, "\t80\t"));
    assert_null(strstr(curve, "\t90"));
    free(curve);
}

static void the_format_before_is_still_drawn(void **state)
{
    size_t size;

    (void)state;
    write_trial("older/trials/1.json",
                (struct synthetic_trial){.model = "a", .connections = 10, .is_older = true});
    struct outcome *outcome = run("render older");
    assert_int_equal(outcome->status, 0);
    assert_null(strstr(outcome->err, "skipped"));
    assert_null(strstr(outcome->out, "service p99"));
    assert_true(exists("older/report/latency-p99.svg"));
    char *page = contents("older/report/index.html", &size);
    assert_non_null(strstr(page, "<dt>Closed loop</dt>"));
    assert_null(strstr(page, "<dt>Open loop</dt>"));
    assert_null(strstr(page, "Service<br>p99"));
    assert_null(strstr(page, "Wire<br>p50"));
    assert_null(strstr(page, "{{"));
    free(page);
    char *windows = contents("older/report/windows.csv", &size);
    assert_non_null(strstr(windows, ",0,1,,"));
    free(windows);
}

/* 4,000 requests that are worth 1,000: their curve goes as far as 1,000 carry, to 99.63 %. */
static void a_clumped_sample_ends_its_curve_earlier(void **state)
{
    size_t size;

    (void)state;
    write_trial("clumped/trials/1.json",
                (struct synthetic_trial){.model = "a", .connections = 10, .dispersion = 4});
    struct outcome *outcome = run("render clumped");
    assert_int_equal(outcome->status, 0);
    assert_non_null(strstr(outcome->out, "needs 3,688"));
    char *curve = contents("clumped/report/percentiles.tsv", &size);
    assert_non_null(strstr(curve, "\t99.6"));
    assert_null(strstr(curve, "\t99.7"));
    assert_null(strstr(curve, "\t99.9"));
    free(curve);
}

/* A trial of a campaign that varies what blocks, with all that a server counts. */
static void write_full(const char *run_name, const char *model, const char *level, unsigned number)
{
    static const double requests[] = {900, 700, 300, 100};
    char name[128];

    snprintf(name, sizeof name, "%s/trials/%04u.json", run_name, number);
    write_trial(name, (struct synthetic_trial){.model = model,
                                               .connections = 64,
                                               .block = number % 3 + 1,
                                               .duration_s = 0.2,
                                               .throughput_per_s = 2000 + number % 977,
                                               .latency_us = 5000,
                                               .varies = "blocking-percent",
                                               .level = level,
                                               .light_latency_us = 100 + number % 89,
                                               .pss_mib = 2,
                                               .page_tables_mib = 0.5,
                                               .worker_requests = requests,
                                               .workers = 4});
}

/* As large as a campaign over the whole catalogue. */
static void many_models_fit_on_a_page(void **state)
{
    static const char *const levels[] = {"0", "5"};
    static const char *const charts[] = {
        "throughput", "light-p99", "heat-light-p99", "balance", "memory-connection", "cpu", "time"};
    unsigned number = 0;
    char name[128];
    size_t size;

    (void)state;
    for (unsigned model = 0; model < 28; model++) {
        for (unsigned trial = 0; trial < 6; trial++) {
            snprintf(name, sizeof name, "a-model-of-a-long-name-%u", model);
            write_full("many", name, levels[trial / 3], number++);
        }
    }
    struct outcome *outcome = run("render many");
    assert_int_equal(outcome->status, 0);
    assert_null(strstr(outcome->err, "gnuplot"));
    assert_non_null(strstr(outcome->out, "share of blocking requests"));
    for (size_t i = 0; i < sizeof charts / sizeof charts[0]; i++) {
        snprintf(name, sizeof name, "many/report/%s.svg", charts[i]);
        if (!exists(name))
            fail_msg("%s is missing", name);
    }
    assert_false(exists("many/report/churn.svg"));
    char *page = contents("many/report/index.html", &size);
    assert_true(size < 3000000);
    assert_null(strstr(page, "{{"));
    assert_non_null(strstr(page, "Share of blocking requests"));
    assert_non_null(strstr(page, "<ol class=\"findings\">"));
    assert_non_null(strstr(page, "infer nothing"));
    assert_non_null(strstr(page, "The limit was"));
    assert_non_null(strstr(page, "<li data-series=\"28\">"));
    assert_non_null(strstr(page, "'var(--m28)'"));
    free(page);
    char *rows = contents("many/report/throughput.tsv", &size);
    assert_int_equal(count_lines(rows), 1 + 28 * 2);
    free(rows);
}

static void one_level_is_drawn_in_rows(void **state)
{
    size_t size;

    (void)state;
    write_trial("churn/trials/1.json", (struct synthetic_trial){.model = "a",
                                                                .connections = 32,
                                                                .requests_per_connection = 1,
                                                                .varies = "connections",
                                                                .level = "32"});
    assert_int_equal(synthetic_write(folder, "churn/report/throughput.svg", "of before"), 0);
    assert_int_equal(run("render churn")->status, 0);
    assert_true(exists("churn/report/churn.svg"));
    assert_true(exists("churn/report/cpu-connection.svg"));
    assert_false(exists("churn/report/throughput.svg")); /* it would be the same */
    char *script = contents("churn/report/churn.gp", &size);
    assert_non_null(strstr(script, "Connections a second at 32 connections"));
    free(script);
}

/* A level is text of others, too. */
static void hostile_levels_stay_text(void **state)
{
    static const char *const levels[] = {"<script>alert(2)</script>", "`touch pwned`%s'\"\n"};
    char name[64];
    size_t size;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "levels/trials/%u.json", i);
        write_trial(name, (struct synthetic_trial){.model = "a",
                                                   .connections = 10,
                                                   .block = i / 2 + 1,
                                                   .varies = "`touch pwned`<script>",
                                                   .level = levels[i % 2]});
    }
    struct outcome *outcome = run("render levels");
    assert_int_equal(outcome->status, 0);
    assert_null(strstr(outcome->err, "gnuplot"));
    assert_true(exists("levels/report/throughput.svg"));
    char *page = contents("levels/report/index.html", &size);
    assert_null(strstr(page, "<script>alert"));
    assert_null(strstr(page, "`<script>"));
    free(page);
    assert_false(exists("pwned") || exists("levels/report/pwned"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_every_file),
        cmocka_unit_test(the_page_is_whole_and_small),
        cmocka_unit_test(same_trials_same_bytes),
        cmocka_unit_test(a_script_draws_its_chart_again),
        cmocka_unit_test(hostile_labels_stay_text),
        cmocka_unit_test(broken_files_are_named_and_skipped),
        cmocka_unit_test(refuses_in_one_line),
        cmocka_unit_test(wrong_usage_is_status_2),
        cmocka_unit_test(a_bad_run_does_not_keep_the_good_one),
        cmocka_unit_test(bounds_and_incomplete_trials_are_told),
        cmocka_unit_test(little_data_is_still_a_report),
        cmocka_unit_test(an_open_loop_is_told_as_one),
        cmocka_unit_test(a_response_that_never_came_ends_the_curve),
        cmocka_unit_test(the_format_before_is_still_drawn),
        cmocka_unit_test(a_clumped_sample_ends_its_curve_earlier),
        cmocka_unit_test(many_models_fit_on_a_page),
        cmocka_unit_test(one_level_is_drawn_in_rows),
        cmocka_unit_test(hostile_levels_stay_text),
        cmocka_unit_test(without_gnuplot_the_tables_stay),
    };

    if (argc != 2)
        return 2;
    program = argv[1];
    /* Drawings are a part of what is asserted here. NOLINTNEXTLINE(cert-env33-c) */
    if (system("command -v gnuplot >/dev/null") != 0)
        return 77;
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
