/* SPDX-License-Identifier: MIT */
/*
 * gnuplot_test.c: with small scripts in gnuplot's place: one that works, fails, hangs, is not
 * there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/document.h"
#include "analysis/gnuplot.h"
#include "analysis/synthetic.h"
#include "common/clock.h"

static char folder[] = "/tmp/gnuplot_test.XXXXXX";

static int folder_make(void **state)
{
    (void)state;
    return mkdtemp(folder) && setenv("PATH", folder, 1) == 0 ? 0 : -1;
}

static int folder_remove(void **state)
{
    (void)state;
    return rmdir(folder);
}

/* Runs `body` as the program "gnuplot" for at most `limit_ms`. */
static int run(const char *body, uint64_t limit_ms, char complaint[GNUPLOT_COMPLAINT_SIZE])
{
    char *path = path_join(folder, "gnuplot");

    assert_non_null(path);
    if (body) {
        assert_int_equal(synthetic_write(folder, "gnuplot", body), 0);
        assert_int_equal(chmod(path, 0755), 0);
    }
    complaint[0] = '\0';
    int error = gnuplot_run(folder, "x.gp", clock_now_ns() + limit_ms * NS_PER_MS, complaint);
    unlink(path);
    free(path);
    return error;
}

static void runs_in_the_folder_with_the_script(void **state)
{
    char complaint[GNUPLOT_COMPLAINT_SIZE];

    (void)state;
    assert_int_equal(run("#!/bin/sh\ntest -f ./gnuplot && test \"$4\" = x.gp\n", 10000, complaint),
                     0);
}

static void says_when_there_is_none(void **state)
{
    char complaint[GNUPLOT_COMPLAINT_SIZE];

    (void)state;
    assert_int_equal(run(NULL, 10000, complaint), -ENOENT);
    assert_string_equal(complaint, "gnuplot is not installed");
}

static void repeats_the_last_complaint(void **state)
{
    char complaint[GNUPLOT_COMPLAINT_SIZE];

    (void)state;
    assert_int_equal(run("#!/bin/sh\nprintf 'plot x\\n     ^\\nline 7: \\033 wrong\\n\\n' >&2\n"
                         "exit 1\n",
                         10000, complaint),
                     -EIO);
    assert_string_equal(complaint, "gnuplot: line 7: ? wrong");
}

static void a_long_complaint_does_not_block(void **state)
{
    char complaint[GNUPLOT_COMPLAINT_SIZE];

    (void)state;
    assert_int_equal(run("#!/bin/sh\ni=0\nwhile [ $i -lt 4000 ]; do i=$((i+1));\n"
                         "echo 'warning: a long line of no interest at all to anybody' >&2; done\n",
                         30000, complaint),
                     0);
}

static void one_that_hangs_is_killed(void **state)
{
    char complaint[GNUPLOT_COMPLAINT_SIZE];

    (void)state;
    assert_int_equal(run("#!/bin/sh\n/bin/sleep 1000\n", 200, complaint), -ETIMEDOUT);
    assert_string_equal(complaint, "gnuplot did not finish in time");
    /* Also one that closed its stderr. */
    assert_int_equal(run("#!/bin/sh\nexec 2>&-\n/bin/sleep 1000\n", 200, complaint), -ETIMEDOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_in_the_folder_with_the_script),
        cmocka_unit_test(says_when_there_is_none),
        cmocka_unit_test(repeats_the_last_complaint),
        cmocka_unit_test(a_long_complaint_does_not_block),
        cmocka_unit_test(one_that_hangs_is_killed),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
