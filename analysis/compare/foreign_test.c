/* SPDX-License-Identifier: MIT */
/* Results of other tools, made up here in their formats. */
#include "analysis/compare/foreign.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_close(double value, double expected, double tolerance)
{
    assert_true(fabs(value - expected) <= tolerance);
}

static struct foreign result;
static char problem[256];

static int read_text(const char *text)
{
    problem[0] = '\0';
    return foreign_read(text, strlen(text), &result, problem, sizeof problem);
}

static void assert_reading(enum compared compared, double value)
{
    assert_close(result.readings[compared].value, value, value * 1e-9);
}

static void assert_missing(enum compared compared, uint64_t needs)
{
    assert_true(isnan(result.readings[compared].value));
    assert_int_equal(result.readings[compared].needs, needs);
}

static const char wrk_text[] = "Running 10s test @ http://127.0.0.1:8080/\n"
                               "  2 threads and 64 connections\n"
                               "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
                               "    Latency     1.20ms    2.00ms  40.00ms   95.00%\n"
                               "    Req/Sec    12.00k     1.00k   14.00k    70.00%\n"
                               "  Latency Distribution\n"
                               "     50%  812.00us\n"
                               "     75%    1.10ms\n"
                               "     90%    2.05ms\n"
                               "     99%    9.50ms\n"
                               "  240000 requests in 10.00s, 30.00MB read\n"
                               "  Socket errors: connect 0, read 2, write 0, timeout 5\n"
                               "  Non-2xx or 3xx responses: 3\n"
                               "Requests/sec:  23998.50\n"
                               "Transfer/sec:      3.00MB\n";

static void wrk_has_throughput_and_two_percentiles(void **state)
{
    (void)state;
    char text[FOREIGN_TEXT_SIZE];

    assert_int_equal(read_text(wrk_text), 1);
    assert_string_equal(result.tool, "wrk");
    assert_int_equal(result.connections, 64);
    assert_reading(COMPARED_THROUGHPUT, 23998.5);
    assert_reading(COMPARED_P50, 812e3);
    assert_reading(COMPARED_P99, 9.5e6);
    assert_missing(COMPARED_P999, 0);
    assert_missing(COMPARED_CPU, 0);
    assert_close(result.failed, 10, 0);
    foreign_missing(&result, text);
    assert_non_null(strstr(text, "no p99.9, no server CPU"));
    assert_non_null(strstr(text, "10 failed requests"));
    assert_non_null(strstr(text, "coordinated omission"));
}

static void wrk_without_latency_still_has_its_throughput(void **state)
{
    (void)state;
    assert_int_equal(read_text("  1 threads and 8 connections\n  Thread Stats   Avg\n"
                               "  100 requests in 1.00s\nRequests/sec:    100.00\n"),
                     1);
    assert_reading(COMPARED_THROUGHPUT, 100);
    assert_missing(COMPARED_P50, 0);
    assert_int_equal(read_text("  Thread Stats   Avg\nRequests/sec:    broken\n"), -1);
    assert_non_null(strstr(problem, "Requests/sec"));
}

static void wrk2_keeps_the_corrected_distribution(void **state)
{
    (void)state;
    assert_int_equal(read_text("  2 threads and 100 connections\n  Thread Stats   Avg\n"
                               "  Latency Distribution (HdrHistogram - Recorded Latency)\n"
                               " 50.000%    1.50ms\n 99.000%   20.00ms\n 99.900%    1.25s \n"
                               "----------------------------------------------------------\n"
                               "  Latency Distribution (HdrHistogram - Uncorrected Latency "
                               "(measured without taking delayed starts into account))\n"
                               " 50.000%    0.50ms\n 99.000%    2.00ms\n"
                               "  60000 requests in 30.00s\nRequests/sec:   2000.00\n"),
                     1);
    assert_string_equal(result.tool, "wrk2");
    assert_reading(COMPARED_THROUGHPUT, 2000);
    assert_reading(COMPARED_P50, 1.5e6);
    assert_reading(COMPARED_P99, 20e6);
    assert_reading(COMPARED_P999, 1.25e9);
    assert_close(result.count, 60000, 0);
}

static const char fortio_text[] =
    "{\"RunType\":\"HTTP\",\"RequestedQPS\":\"1000\",\"ActualQPS\":999.5,\"NumThreads\":16,"
    "\"DurationHistogram\":{\"Count\":5000,\"Percentiles\":[{\"Percentile\":50,\"Value\":0.001},"
    "{\"Percentile\":99,\"Value\":0.0125},{\"Percentile\":99.9,\"Value\":0.05}]},"
    "\"RetCodes\":{\"200\":4990,\"503\":8,\"-1\":2}}";

static void fortio_is_in_seconds(void **state)
{
    (void)state;
    assert_int_equal(read_text(fortio_text), 1);
    assert_string_equal(result.tool, "fortio");
    assert_int_equal(result.connections, 16);
    assert_reading(COMPARED_THROUGHPUT, 999.5);
    assert_reading(COMPARED_P50, 1e6);
    assert_reading(COMPARED_P99, 12.5e6);
    assert_reading(COMPARED_P999, 50e6);
    assert_close(result.failed, 10, 0);
}

static void oha_is_in_seconds_and_null_is_missing(void **state)
{
    (void)state;
    assert_int_equal(
        read_text("{\"summary\":{\"successRate\":1,\"requestsPerSec\":1234.5},"
                  "\"latencyPercentiles\":{\"p50\":0.002,\"p99\":0.0105,\"p99.9\":null},"
                  "\"statusCodeDistribution\":{\"200\":9990,\"500\":4},"
                  "\"errorDistribution\":{\"aborted due to deadline\":6}}"),
        1);
    assert_string_equal(result.tool, "oha");
    assert_int_equal(result.connections, 0);
    assert_reading(COMPARED_THROUGHPUT, 1234.5);
    assert_reading(COMPARED_P50, 2e6);
    assert_reading(COMPARED_P99, 10.5e6);
    assert_missing(COMPARED_P999, 0);
    assert_close(result.count, 9994, 0);
    assert_close(result.failed, 10, 0);
}

static void k6_is_in_milliseconds_in_both_of_its_shapes(void **state)
{
    (void)state;
    assert_int_equal(read_text("{\"metrics\":{\"http_reqs\":{\"count\":8000,\"rate\":800.25},"
                               "\"http_req_duration\":{\"avg\":2,\"med\":1.5,\"p(95)\":4},"
                               "\"http_req_failed\":{\"value\":0.01}},\"root_group\":{}}"),
                     1);
    assert_string_equal(result.tool, "k6");
    assert_reading(COMPARED_THROUGHPUT, 800.25);
    assert_reading(COMPARED_P50, 1.5e6);
    assert_missing(COMPARED_P99, 0);
    assert_close(result.failed, 80, 0);

    assert_int_equal(
        read_text("{\"metrics\":{\"http_reqs\":{\"type\":\"counter\",\"values\":{\"count\":8000,"
                  "\"rate\":800.25}},\"http_req_duration\":{\"type\":\"trend\",\"values\":{"
                  "\"med\":1.5,\"p(99)\":9.25,\"p(99.9)\":20}},"
                  "\"http_req_failed\":{\"values\":{\"rate\":0}}}}"),
        1);
    assert_reading(COMPARED_P99, 9.25e6);
    assert_reading(COMPARED_P999, 20e6);
}

static void hgrm_gives_the_row_that_reaches_the_percentile(void **state)
{
    (void)state;
    assert_int_equal(read_text("       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
                               "       1.000 0.000000000000         10           1.00\n"
                               "       2.000 0.500000000000       5000           2.00\n"
                               "       8.000 0.987500000000       9899          80.00\n"
                               "       9.000 0.990625000000       9910         106.67\n"
                               "      30.000 1.000000000000      10000\n"
                               "#[Mean    =        2.100, StdDeviation   =        1.000]\n"),
                     1);
    assert_string_equal(result.tool, "hgrm");
    assert_missing(COMPARED_THROUGHPUT, 0);
    assert_reading(COMPARED_P50, 2e6);
    assert_reading(COMPARED_P99, 9e6);
    assert_reading(COMPARED_P999, 30e6);
    assert_close(result.count, 10000, 0);
}

static void a_percentile_needs_its_requests_wherever_it_comes_from(void **state)
{
    (void)state;
    assert_int_equal(read_text("Value Percentile TotalCount 1/(1-Percentile)\n"
                               "1.0 0.5 150 2.00\n5.0 1.0 300\n"),
                     1);
    assert_reading(COMPARED_P50, 1e6);
    assert_missing(COMPARED_P99, 368);
    assert_missing(COMPARED_P999, 3688);
}

static void broken_and_other_files_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(read_text("Value Percentile TotalCount 1/(1-Percentile)\n1.0 0.5 150 2.0\n"),
                     -1);
    assert_non_null(strstr(problem, "does not reach 100 %"));
    assert_int_equal(read_text("Value Percentile TotalCount 1/(1-Percentile)\n"), -1);
    assert_int_equal(read_text("{\"ActualQPS\":\"many\",\"DurationHistogram\":{}}"), -1);
    assert_non_null(strstr(problem, "without any number"));
    assert_int_equal(read_text("{\"format\":\"muelle-trial/2\"}"), 0);
    assert_int_equal(read_text("{\"metrics\":[1,2]}"), 0);
    assert_int_equal(read_text("{broken"), 0);
    assert_int_equal(read_text("[]"), 0);
    assert_int_equal(read_text(""), 0);
}

/* Every beginning of a result is read without harm, and never as more than it is. */
static void cut_off_results_do_no_harm(void **state)
{
    (void)state;
    const char *texts[] = {wrk_text, fortio_text};

    for (size_t t = 0; t < 2; t++) {
        for (size_t size = 0; size < strlen(texts[t]); size++) {
            char *text = test_malloc(size + 1);

            memcpy(text, texts[t], size);
            text[size] = '\0';
            int found = foreign_read(text, size, &result, problem, sizeof problem);
            assert_true(t == 0 ? found <= 1 : found == 0);
            test_free(text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrk_has_throughput_and_two_percentiles),
        cmocka_unit_test(wrk_without_latency_still_has_its_throughput),
        cmocka_unit_test(wrk2_keeps_the_corrected_distribution),
        cmocka_unit_test(fortio_is_in_seconds),
        cmocka_unit_test(oha_is_in_seconds_and_null_is_missing),
        cmocka_unit_test(k6_is_in_milliseconds_in_both_of_its_shapes),
        cmocka_unit_test(hgrm_gives_the_row_that_reaches_the_percentile),
        cmocka_unit_test(a_percentile_needs_its_requests_wherever_it_comes_from),
        cmocka_unit_test(broken_and_other_files_are_told_apart),
        cmocka_unit_test(cut_off_results_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
