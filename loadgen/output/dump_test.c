/* SPDX-License-Identifier: MIT */
/*
 * dump_test.c: what stands in the file, to the byte, and what is said of what does not.
 *
 * A FIFO that this program reads from, or not, is a file that keeps up, or not, as the case needs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "loadgen/output/dump.h"

#define HEADER "intended_s,sent_s,received_s,class,connection,outcome\n"

enum { FILE_SIZE_MAX = 64 << 20 };

static const char *const classes[] = {"echo:64", "echo:uniform(1,9)", "say \"a\"\nb"};
static const char *const outcomes[] = {"ok", "timed_out"};
static const struct dump_names names = {classes, 3, outcomes, 2};

struct fixture {
    char folder[32], path[48];
    struct dump *dump;
    struct dump_result result;
};

static struct fixture fixture;

static int setup(void **state)
{
    (void)state;
    strcpy(fixture.folder, "/tmp/dump_test.XXXXXX");
    if (!mkdtemp(fixture.folder))
        return -1;
    snprintf(fixture.path, sizeof fixture.path, "%s/dump.csv", fixture.folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(fixture.path);
    return rmdir(fixture.folder);
}

static void put(unsigned channel, struct dump_record record)
{
    dump_put(dump_channel(fixture.dump, channel), &record);
}

static void assert_file(const char *expected)
{
    char *text;
    size_t size;

    assert_int_equal(file_read(fixture.path, FILE_SIZE_MAX, &text, &size), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void assert_result(uint64_t written, uint64_t lost, int failed)
{
    assert_int_equal(fixture.result.written, written);
    assert_int_equal(fixture.result.lost, lost);
    assert_int_equal(fixture.result.failed, failed);
}

/* --- files ------------------------------------------------------------------------------------ */

static void test_a_record_is_a_row(void **state)
{
    (void)state;
    assert_int_equal(dump_open(fixture.path, 2, &names, &fixture.dump), 0);
    put(0, (struct dump_record){5000000000, 5000000100, 6000000000, 7, 0, 0});
    put(0, (struct dump_record){6000000000, 6000000000, 0, UINT32_MAX - 1, 1, 1});
    put(0, (struct dump_record){4000000000, 0, 0, DUMP_NO_CONNECTION, 2, 1});
    dump_set_epoch(fixture.dump, 5000000000);
    dump_close(fixture.dump, &fixture.result);
    assert_result(3, 0, 0);
    assert_file(HEADER "0.000000000,0.000000100,1.000000000,echo:64,7,ok\n"
                       "1.000000000,1.000000000,,\"echo:uniform(1,9)\",4294967294,timed_out\n"
                       "-1.000000000,,,\"say \"\"a\"\"\nb\",,timed_out\n");
}

static void test_without_records_there_is_a_header(void **state)
{
    (void)state;
    assert_int_equal(file_write(fixture.path, HEADER HEADER, strlen(HEADER HEADER)), 0);
    assert_int_equal(dump_open(fixture.path, 1, &names, &fixture.dump), 0);
    dump_close(fixture.dump, &fixture.result);
    assert_result(0, 0, 0);
    assert_file(HEADER);
}

static void test_without_an_epoch_the_clock_s_own_zero_is_taken(void **state)
{
    (void)state;
    assert_int_equal(dump_open(fixture.path, 1, &names, &fixture.dump), 0);
    put(0, (struct dump_record){1, 2, 3, 4, 0, 0});
    dump_close(fixture.dump, &fixture.result);
    assert_result(1, 0, 0);
    assert_file(HEADER "0.000000001,0.000000002,0.000000003,echo:64,4,ok\n");
}

/* The writer may not take anything before it knows the epoch, so what is lost is known exactly. */
static void test_what_does_not_fit_is_lost_and_counted(void **state)
{
    (void)state;
    assert_int_equal(dump_open(fixture.path, 2, &names, &fixture.dump), 0);
    for (uint32_t i = 0; i < DUMP_RING_LENGTH + 10; i++)
        put(0, (struct dump_record){1, 2, 3, i, 0, 0});
    for (uint32_t i = 0; i < DUMP_RING_LENGTH; i++)
        put(1, (struct dump_record){1, 2, 3, i, 0, 0});
    dump_set_epoch(fixture.dump, 0);
    dump_close(fixture.dump, &fixture.result);
    assert_result(UINT64_C(2) * DUMP_RING_LENGTH, 10, 0);
}

/* A ring that was full has room again as soon as the writer has taken what was in it. */
static void test_room_that_is_given_back_is_used(void **state)
{
    (void)state;
    assert_int_equal(dump_open(fixture.path, 1, &names, &fixture.dump), 0);
    struct dump_channel *channel = dump_channel(fixture.dump, 0);
    for (uint32_t i = 0; i < DUMP_RING_LENGTH; i++)
        put(0, (struct dump_record){1, 2, 3, i, 0, 0});
    dump_set_epoch(fixture.dump, 0);
    while (atomic_load(&channel->taken_count) < DUMP_RING_LENGTH)
        sched_yield();
    for (uint32_t i = 0; i < DUMP_RING_LENGTH; i++)
        put(0, (struct dump_record){1, 2, 3, i, 0, 0});
    dump_close(fixture.dump, &fixture.result);
    assert_result(UINT64_C(2) * DUMP_RING_LENGTH, 0, 0);
}

static void test_a_file_that_cannot_be_opened_is_an_error(void **state)
{
    char path[64];

    (void)state;
    snprintf(path, sizeof path, "%s/not/there", fixture.folder);
    assert_int_equal(dump_open(path, 1, &names, &fixture.dump), -ENOENT);
    assert_int_equal(dump_open(fixture.folder, 1, &names, &fixture.dump), -EISDIR);
    assert_int_equal(mkfifo(fixture.path, 0600), 0);
    assert_int_equal(dump_open(fixture.path, 1, &names, &fixture.dump), -ENXIO);
}

static void test_a_full_disk_is_told_and_ends_nothing(void **state)
{
    (void)state;
    assert_int_equal(dump_open("/dev/full", 1, &names, &fixture.dump), 0);
    dump_set_epoch(fixture.dump, 0);
    for (uint32_t i = 0; i < 3 * DUMP_RING_LENGTH; i++)
        put(0, (struct dump_record){1, 2, 3, i, 0, 0});
    dump_close(fixture.dump, &fixture.result);
    assert_result(0, UINT64_C(3) * DUMP_RING_LENGTH, -ENOSPC);
}

static void test_a_dash_is_standard_output(void **state)
{
    struct stat status;

    (void)state;
    fflush(stdout);
    int before = dup(STDOUT_FILENO);
    int file = open(fixture.path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(before >= 0 && file >= 0);
    assert_int_equal(dup2(file, STDOUT_FILENO), STDOUT_FILENO);
    int opened = dump_open("-", 1, &names, &fixture.dump);
    if (opened == 0) {
        put(0, (struct dump_record){1, 2, 3, 4, 0, 0});
        dump_close(fixture.dump, &fixture.result);
    }
    int is_still_open = fstat(STDOUT_FILENO, &status);
    dup2(before, STDOUT_FILENO);
    close(before);
    close(file);
    assert_int_equal(opened, 0);
    assert_int_equal(is_still_open, 0);
    assert_result(1, 0, 0);
    assert_file(HEADER "0.000000001,0.000000002,0.000000003,echo:64,4,ok\n");
}

/* --- pipes ------------------------------------------------------------------------------------ */

/* Opens the FIFO for reading, which does not wait for a writer. */
static int fifo_open(void)
{
    assert_int_equal(mkfifo(fixture.path, 0600), 0);
    int fd = open(fixture.path, O_RDONLY | O_NONBLOCK);
    assert_true(fd >= 0);
    assert_int_equal(dump_open(fixture.path, 1, &names, &fixture.dump), 0);
    dump_set_epoch(fixture.dump, 0);
    return fd;
}

/* Whole lines that can be read from `fd` until it ends or has nothing more. */
static uint64_t lines_read(int fd)
{
    static char block[1 << 16];
    uint64_t lines = 0;
    ssize_t size;

    while ((size = read(fd, block, sizeof block)) > 0)
        for (ssize_t i = 0; i < size; i++)
            lines += block[i] == '\n';
    return lines;
}

static void *reader_main(void *argument)
{
    int fd = *(int *)argument;
    uint64_t *lines = malloc(sizeof *lines);

    if (lines)
        *lines = lines_read(fd);
    return lines;
}

/* More than the pipe, the block and the ring hold, while nobody reads; then somebody does. */
static void test_a_pipe_that_stalls_loses_what_it_says(void **state)
{
    enum { RECORDS = 3 * DUMP_RING_LENGTH };
    pthread_t reader;
    uint64_t *lines;

    (void)state;
    int fd = fifo_open();
    for (uint32_t i = 0; i < RECORDS; i++)
        put(0, (struct dump_record){1, 2, 3, i, 0, 0});
    assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
    assert_int_equal(pthread_create(&reader, NULL, reader_main, &fd), 0);
    dump_close(fixture.dump, &fixture.result);
    pthread_join(reader, (void **)&lines);
    close(fd);

    assert_non_null(lines);
    assert_int_equal(fixture.result.failed, 0);
    assert_int_equal(fixture.result.written, *lines - 1);
    assert_int_equal(fixture.result.written + fixture.result.lost, RECORDS);
    assert_true(fixture.result.lost > 0);
    assert_true(fixture.result.written >= DUMP_RING_LENGTH);
    free(lines);
}

static void test_a_reader_who_sleeps_is_given_up(void **state)
{
    enum { RECORDS = 10000 };

    (void)state;
    int fd = fifo_open();
    for (uint32_t i = 0; i < RECORDS; i++)
        put(0, (struct dump_record){1, 2, 3, i, 2, 0}); /* a line break in each */
    dump_close(fixture.dump, &fixture.result);
    uint64_t rows = (lines_read(fd) - 1) / 2;
    close(fd);

    assert_true(rows > 0);
    assert_result(rows, RECORDS - rows, -ETIMEDOUT);
}

static void test_a_reader_who_leaves_is_an_error(void **state)
{
    (void)state;
    int fd = fifo_open();
    close(fd);
    put(0, (struct dump_record){1, 2, 3, 4, 0, 0});
    dump_close(fixture.dump, &fixture.result);
    assert_int_equal(fixture.result.written + fixture.result.lost, 1);
    assert_int_equal(fixture.result.failed, -EPIPE);
}

/* --- threads ---------------------------------------------------------------------------------- */

enum { PRODUCERS = 2, RECORDS_EACH = 300000 };

static void *producer_main(void *argument)
{
    struct dump_channel *channel = argument;

    for (uint32_t i = 0; i < RECORDS_EACH; i++) {
        struct dump_record record = {i + 1, UINT64_C(2) * (i + 1), UINT64_C(3) * (i + 1), i, 0, 0};
        if (channel != dump_channel(fixture.dump, 0))
            record.class_index = 1;
        dump_put(channel, &record);
    }
    return NULL;
}

/* The nanoseconds of the instant "0.nnnnnnnnn," at *row, which moves behind it. */
static unsigned long instant_read(const char **row)
{
    char *end;

    assert_memory_equal(*row, "0.", 2);
    unsigned long time_ns = strtoul(*row + 2, &end, 10);
    assert_ptr_equal(end, *row + 11);
    assert_int_equal(*end, ',');
    *row = end + 1;
    return time_ns;
}

/* A row is as its producer put it, and rows of one producer are in order. */
static void rows_check(const char *row, uint64_t rows_of[PRODUCERS])
{
    static const char *const class_of[PRODUCERS] = {"echo:64,", "\"echo:uniform(1,9)\","};
    unsigned long next[PRODUCERS] = {0};

    while (*row != '\0') {
        unsigned long intended = instant_read(&row);
        unsigned long sent = instant_read(&row);
        unsigned long received = instant_read(&row);
        int producer = *row == '"';
        char *end;

        assert_memory_equal(row, class_of[producer], strlen(class_of[producer]));
        unsigned long connection = strtoul(row + strlen(class_of[producer]), &end, 10);
        assert_memory_equal(end, ",ok\n", 4);
        assert_true(connection >= next[producer]);
        assert_int_equal(intended, connection + 1);
        assert_int_equal(sent, 2 * (connection + 1));
        assert_int_equal(received, 3 * (connection + 1));
        next[producer] = connection + 1;
        rows_of[producer]++;
        row = end + 4;
    }
}

static void test_two_producers_do_not_disturb_each_other(void **state)
{
    pthread_t producers[PRODUCERS];
    uint64_t rows_of[PRODUCERS] = {0};
    char *text;
    size_t size;

    (void)state;
    assert_int_equal(dump_open(fixture.path, PRODUCERS, &names, &fixture.dump), 0);
    dump_set_epoch(fixture.dump, 0);
    for (unsigned i = 0; i < PRODUCERS; i++)
        assert_int_equal(
            pthread_create(&producers[i], NULL, producer_main, dump_channel(fixture.dump, i)), 0);
    for (unsigned i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i], NULL);
    dump_close(fixture.dump, &fixture.result);

    assert_int_equal(fixture.result.failed, 0);
    assert_int_equal(fixture.result.written + fixture.result.lost, PRODUCERS * RECORDS_EACH);
    assert_int_equal(file_read(fixture.path, FILE_SIZE_MAX, &text, &size), 0);
    rows_check(text + strlen(HEADER), rows_of);
    free(text);
    assert_int_equal(rows_of[0] + rows_of[1], fixture.result.written);
    /* What is lost is lost for want of room only. */
    assert_true(rows_of[0] >= DUMP_RING_LENGTH && rows_of[1] >= DUMP_RING_LENGTH);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_record_is_a_row),
        TEST(test_without_records_there_is_a_header),
        TEST(test_without_an_epoch_the_clock_s_own_zero_is_taken),
        TEST(test_what_does_not_fit_is_lost_and_counted),
        TEST(test_room_that_is_given_back_is_used),
        TEST(test_a_file_that_cannot_be_opened_is_an_error),
        TEST(test_a_full_disk_is_told_and_ends_nothing),
        TEST(test_a_dash_is_standard_output),
        TEST(test_a_pipe_that_stalls_loses_what_it_says),
        TEST(test_a_reader_who_sleeps_is_given_up),
        TEST(test_a_reader_who_leaves_is_an_error),
        TEST(test_two_producers_do_not_disturb_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
