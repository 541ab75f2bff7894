/* SPDX-License-Identifier: MIT */
/* What a trace file may hold, and what is said about the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "loadgen/load/arrival_trace.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* Loads a file of these bytes. */
static int load(struct arrival_trace *trace, const char *bytes, size_t size, size_t entries_max)
{
    char path[] = "/tmp/arrival_test.XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    close(fd);
    int failed = arrival_trace_load(trace, path, entries_max);

    unlink(path);
    return failed;
}

static void traces_load(void **state)
{
    static const char text[] = "# made by hand\n"
                               "\n"
                               "time_s,class\r\n"
                               "0\n"
                               "0.000000001,read\n"
                               "0.25,write\r\n"
                               "# between\n"
                               "0.25,\n"
                               "0.25,\"echo:64, often\"\n"
                               "1e0,read\n"
                               "1.00000000049,r\n"
                               ".15e1\n"
                               "1000000,write";
    static const struct arrival_trace_entry entries[] = {
        {0, -1},       {1, 0},        {250000000, 1},   {250000000, -1},         {250000000, 2},
        {NS_PER_S, 0}, {NS_PER_S, 3}, {1500000000, -1}, {1000000 * NS_PER_S, 1},
    };
    struct arrival_trace trace;

    (void)state;
    assert_int_equal(load(&trace, text, sizeof text - 1, COUNT_OF(entries)), 0);
    assert_int_equal(trace.entries_count, COUNT_OF(entries));
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        assert_int_equal(trace.entries[i].at_ns, entries[i].at_ns);
        assert_int_equal(trace.entries[i].class_index, entries[i].class_index);
    }
    assert_int_equal(trace.names_count, 4);
    assert_string_equal(trace.names[0], "read");
    assert_string_equal(trace.names[1], "write");
    assert_string_equal(trace.names[2], "echo:64, often");
    assert_string_equal(trace.names[3], "r");

    assert_int_equal(arrival_trace_count_before(&trace, 0), 0);
    assert_int_equal(arrival_trace_count_before(&trace, 1), 1);
    assert_int_equal(arrival_trace_count_before(&trace, 250000000), 2);
    assert_int_equal(arrival_trace_count_before(&trace, 250000001), 5);
    assert_int_equal(arrival_trace_count_before(&trace, UINT64_MAX), COUNT_OF(entries));
    arrival_trace_release(&trace);
}

static void many_lines_load(void **state)
{
    enum { LINES = 5000 };
    static char text[LINES * sizeof "0.0000,x"];
    size_t length = 0;
    struct arrival_trace trace;

    (void)state;
    for (int i = 0; i < LINES; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "0.%04d\n", i);
    assert_int_equal(load(&trace, text, length, LINES), 0);
    assert_int_equal(trace.entries_count, LINES);
    for (size_t i = 0; i < LINES; i++)
        assert_int_equal(trace.entries[i].at_ns, i * 100 * NS_PER_US);
    arrival_trace_release(&trace);
    assert_int_equal(load(&trace, text, length, LINES - 1), -EINVAL);
    assert_string_equal(trace.problem, "line 5000: expected at most 4999 arrivals");
    assert_null(trace.entries);
}

#define OF_LINE  "expected SECONDS or SECONDS,CLASS, the seconds from 0 to 1000000"
#define OF_CLASS "expected one class name, in quotes when it has a comma"
#define NAME_60  "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz12345678"

static void bad_lines_are_named(void **state)
{
    static const struct {
        const char *text, *problem;
    } examples[] = {
        {"", "expected a file with an arrival at least"},
        {"\n\r\n# nothing\n", "expected a file with an arrival at least"},
        {"time_s\n", "expected a file with an arrival at least"},
        {"1\nx\n", "line 2: " OF_LINE},
        {"-1\n", "line 1: " OF_LINE},
        {"-0\n", "line 1: " OF_LINE},
        {"+1\n", "line 1: " OF_LINE},
        {" 1\n", "line 1: " OF_LINE},
        {"1 \n", "line 1: " OF_LINE},
        {"1 2\n", "line 1: " OF_LINE},
        {"1;read\n", "line 1: " OF_LINE},
        {",read\n", "line 1: " OF_LINE},
        {".\n", "line 1: " OF_LINE},
        {"e5\n", "line 1: " OF_LINE},
        {"1e\n", "line 1: " OF_LINE},
        {"1-2\n", "line 1: " OF_LINE},
        {"1.2.3\n", "line 1: " OF_LINE},
        {"0x10\n", "line 1: " OF_LINE},
        {"nan\n", "line 1: " OF_LINE},
        {"inf\n", "line 1: " OF_LINE},
        {"1e999\n", "line 1: " OF_LINE},
        {"1000000.1\n", "line 1: " OF_LINE},
        {"1700000000.5\n", "line 1: " OF_LINE},
        {"12s\n", "line 1: " OF_LINE},
        {"seconds\n1\n", "line 1: " OF_LINE},
        {"time_s,kind\n1\n", "line 1: " OF_LINE},
        {"1\ntime_s\n", "line 2: " OF_LINE},
        {"time_s\ntime_s\n1\n", "line 2: " OF_LINE},
        {"1\n#\n\n2\n1.999999999\n",
         "line 5: expected a time not before that of the arrival above it"},
        {"1,read,2\n", "line 1: " OF_CLASS},
        {"1,read,\n", "line 1: " OF_CLASS},
        {"1,\"\n", "line 1: " OF_CLASS},
        {"1,\"\"\n", "line 1: " OF_CLASS},
        {"1,\"read\n", "line 1: " OF_CLASS},
        {"1,\"read\",2\n", "line 1: " OF_CLASS},
        {"1,\"re\"ad\"\n", "line 1: " OF_CLASS},
        {"1,re\"ad\n", "line 1: " OF_CLASS},
        {"1," NAME_60 "1234\n", "line 1: expected a class name of at most 63 characters"},
        {"1,a\n1,b\n1,c\n1,d\n1,e\n1,f\n1,g\n1,h\n1,i\n1,j\n1,k\n1,l\n1,m\n1,n\n1,o\n1,p\n1,a\n"
         "1,q\n",
         "line 18: expected at most 16 different classes"},
    };
    struct arrival_trace trace;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        if (load(&trace, examples[i].text, strlen(examples[i].text), 100) != -EINVAL)
            fail_msg("'%s' is taken", examples[i].text);
        assert_string_equal(trace.problem, examples[i].problem);
        assert_null(trace.entries);
        assert_int_equal(trace.entries_count, 0);
    }
}

static void limits_of_a_line(void **state)
{
    char line[1100];
    struct arrival_trace trace;

    (void)state;
    assert_int_equal(load(&trace, "1," NAME_60 "123\n", 66, 1), 0);
    assert_string_equal(trace.names[0], NAME_60 "123");
    arrival_trace_release(&trace);

    memset(line, '0', sizeof line);
    line[1023] = '\n';
    assert_int_equal(load(&trace, line, 1024, 1), 0);
    assert_int_equal(trace.entries_count, 1);
    arrival_trace_release(&trace);
    line[1023] = '0';
    line[1024] = '\n';
    assert_int_equal(load(&trace, line, 1025, 1), -EINVAL);
    assert_string_equal(trace.problem, "line 1: expected text of at most 1023 characters");
    /* A NUL would hide what follows it. */
    assert_int_equal(load(&trace, "1\n2\0x\n", 6, 2), -EINVAL);
    assert_string_equal(trace.problem, "line 2: expected text of at most 1023 characters");
    assert_int_equal(load(&trace, "1\0", 2, 2), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traces_load),
        cmocka_unit_test(many_lines_load),
        cmocka_unit_test(bad_lines_are_named),
        cmocka_unit_test(limits_of_a_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
