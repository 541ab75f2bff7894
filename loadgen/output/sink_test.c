/* SPDX-License-Identifier: MIT */
/* Readers who sleep, readers who go, disks that are full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loadgen/output/sink.h"

enum { LINE_SIZE = 1000 };

struct scene {
    char folder[32], path[64];
    struct sink sink;
    int reader; /* of the FIFO at `path`; -1: there is none */
    char line[LINE_SIZE];
};

static int setup(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    assert_non_null(scene);
    signal(SIGPIPE, SIG_IGN);
    strcpy(scene->folder, "/tmp/muelle-sink-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    snprintf(scene->path, sizeof scene->path, "%s/out", scene->folder);
    scene->reader = -1;
    memset(scene->line, 'x', LINE_SIZE);
    scene->line[LINE_SIZE - 1] = '\n';
    *state = scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;

    if (scene->reader >= 0)
        close(scene->reader);
    unlink(scene->path);
    rmdir(scene->folder);
    free(scene);
    return 0;
}

static void open_fifo(struct scene *scene)
{
    assert_int_equal(mkfifo(scene->path, 0600), 0);
    scene->reader = open(scene->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(scene->reader >= 0);
    assert_int_equal(sink_open(&scene->sink, "--stream", scene->path), 0);
}

static size_t read_all(int fd)
{
    char some[8192];
    size_t total = 0;
    ssize_t size;

    while ((size = read(fd, some, sizeof some)) > 0)
        total += (size_t)size;
    return total;
}

static void test_a_file_is_emptied_and_filled_at_once(void **state)
{
    struct scene *scene = *state;
    int fd = open(scene->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    char read_back[16] = "";

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "old, and longer", 15), 15);
    close(fd);
    assert_int_equal(sink_open(&scene->sink, "--hlog", scene->path), 0);
    sink_add(&scene->sink, "new\n", 4);

    fd = open(scene->path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, read_back, sizeof read_back), 4);
    assert_string_equal(read_back, "new\n");
    close(fd);
    assert_int_equal(sink_close(&scene->sink, 0), 0);
}

static void test_no_path_is_no_sink(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(sink_open(&scene->sink, "--hlog", NULL), 0);
    assert_false(sink_is_open(&scene->sink));
    sink_add(&scene->sink, scene->line, LINE_SIZE);
    sink_fail(&scene->sink, -EIO);
    sink_flush(&scene->sink);
    assert_false(sink_is_news(&scene->sink));
    assert_int_equal(sink_close(&scene->sink, 0), 0);
}

static void test_a_path_that_is_not_there(void **state)
{
    struct scene *scene = *state;

    snprintf(scene->path, sizeof scene->path, "%s/nowhere/out", scene->folder);
    assert_int_equal(sink_open(&scene->sink, "--hlog", scene->path), -ENOENT);
    assert_false(sink_is_open(&scene->sink));
}

static void test_a_sleeping_reader_gets_it_later(void **state)
{
    struct scene *scene = *state;
    size_t got;

    open_fifo(scene);
    for (int i = 0; i < 300; i++) /* several times what a pipe holds */
        sink_add(&scene->sink, scene->line, LINE_SIZE);
    assert_true(sink_is_open(&scene->sink));
    assert_true(buffer_size(&scene->sink.pending) > 0);

    got = read_all(scene->reader);
    assert_in_range(got, 1, 299 * LINE_SIZE);
    while (buffer_size(&scene->sink.pending) > 0) {
        sink_flush(&scene->sink);
        got += read_all(scene->reader);
    }
    got += read_all(scene->reader);
    assert_int_equal(got, 300 * LINE_SIZE);
    assert_int_equal(sink_close(&scene->sink, 0), 0);
}

static void test_who_never_reads_is_given_up(void **state)
{
    struct scene *scene = *state;

    open_fifo(scene);
    for (int i = 0; i < 300; i++)
        sink_add(&scene->sink, scene->line, LINE_SIZE);
    assert_int_equal(sink_close(&scene->sink, 10), -ETIMEDOUT);
}

static void test_what_is_kept_has_a_limit(void **state)
{
    struct scene *scene = *state;
    size_t large = SINK_PENDING_MAX / 4;
    char *text = calloc(1, large);

    assert_non_null(text);
    open_fifo(scene);
    for (int i = 0; i < 4; i++) {
        assert_true(sink_is_open(&scene->sink));
        sink_add(&scene->sink, text, large);
    }
    assert_true(sink_is_open(&scene->sink)); /* the pipe took some */
    sink_add(&scene->sink, text, large);
    assert_int_equal(scene->sink.failed, -ENOBUFS);
    assert_null(scene->sink.pending.data);
    assert_int_equal(sink_close(&scene->sink, 0), -ENOBUFS);
    free(text);
}

static void test_a_reader_who_has_gone_is_told_once(void **state)
{
    struct scene *scene = *state;

    open_fifo(scene);
    close(scene->reader);
    scene->reader = -1;
    sink_add(&scene->sink, scene->line, LINE_SIZE);
    assert_int_equal(scene->sink.failed, -EPIPE);
    assert_true(sink_is_news(&scene->sink));
    sink_tell(&scene->sink);
    assert_false(sink_is_news(&scene->sink));
    sink_add(&scene->sink, scene->line, LINE_SIZE);
    assert_int_equal(buffer_size(&scene->sink.pending), 0);
    assert_int_equal(sink_close(&scene->sink, 0), -EPIPE);
}

static void test_a_full_disk(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(sink_open(&scene->sink, "--hlog", "/dev/full"), 0);
    sink_add(&scene->sink, scene->line, LINE_SIZE);
    assert_false(sink_is_open(&scene->sink));
    assert_int_equal(sink_close(&scene->sink, 0), -ENOSPC);
}

static void test_a_fifo_that_nobody_reads(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(mkfifo(scene->path, 0600), 0);
    assert_int_equal(sink_open(&scene->sink, "--stream", scene->path), -ENXIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_file_is_emptied_and_filled_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_path_is_no_sink, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_path_that_is_not_there, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_sleeping_reader_gets_it_later, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_never_reads_is_given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_kept_has_a_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_reader_who_has_gone_is_told_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_full_disk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_fifo_that_nobody_reads, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
