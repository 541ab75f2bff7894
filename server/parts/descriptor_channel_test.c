/* SPDX-License-Identifier: MIT */
/* Descriptors given away: the same open file, in order, to another process, and none is lost. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/parts/descriptor_channel.h"

/* Gives away the writing end of a new pipe; returns the reading end. */
static int give_pipe(const struct descriptor_channel *channel)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(descriptor_channel_give(channel, ends[1]), 0);
    close(ends[1]);
    return ends[0];
}

/* Nobody has the other end of the pipe open. */
static bool is_at_end(int reading_fd)
{
    struct pollfd end = {.fd = reading_fd, .events = POLLIN};

    return poll(&end, 1, 0) == 1 && end.revents == POLLHUP;
}

static void test_what_arrives_is_the_same_open_file(void **state)
{
    (void)state;
    struct descriptor_channel channel;
    char heard[8];

    assert_int_equal(descriptor_channel_open(&channel), 0);
    int first = give_pipe(&channel), second = give_pipe(&channel);
    int first_taken = descriptor_channel_take(&channel);
    int second_taken = descriptor_channel_take(&channel);

    assert_true(first_taken >= 0 && second_taken >= 0);
    assert_true(fcntl(first_taken, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(first_taken, "1", 1), 1);
    assert_int_equal(write(second_taken, "22", 2), 2);
    assert_int_equal(read(first, heard, sizeof heard), 1);
    assert_int_equal(read(second, heard, sizeof heard), 2);
    close(first_taken);
    close(second_taken);
    assert_true(is_at_end(first) && is_at_end(second));
    close(first);
    close(second);
    descriptor_channel_close(&channel);
}

static void test_the_end_comes_after_all_that_was_given(void **state)
{
    (void)state;
    struct descriptor_channel channel;

    assert_int_equal(descriptor_channel_open(&channel), 0);
    assert_int_equal(descriptor_channel_take_back(&channel), -EAGAIN);
    int reading = give_pipe(&channel);

    descriptor_channel_end(&channel);
    assert_int_equal(descriptor_channel_give(&channel, reading), -EPIPE);
    int taken = descriptor_channel_take(&channel);

    assert_true(taken >= 0);
    assert_int_equal(descriptor_channel_take(&channel), -ECANCELED);
    assert_int_equal(descriptor_channel_take_back(&channel), -ECANCELED);
    close(taken);
    close(reading);
    descriptor_channel_close(&channel);
}

static void test_what_a_dead_process_did_not_take_is_taken_back(void **state)
{
    (void)state;
    struct descriptor_channel channel;
    int status;

    assert_int_equal(descriptor_channel_open(&channel), 0);
    int first = give_pipe(&channel), second = give_pipe(&channel);
    pid_t pid = fork();

    if (pid == 0) {
        int taken = descriptor_channel_take(&channel);

        raise(taken >= 0 ? SIGKILL : SIGABRT);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(is_at_end(first));
    assert_false(is_at_end(second));
    int taken = descriptor_channel_take_back(&channel);

    assert_true(taken >= 0);
    close(taken);
    assert_true(is_at_end(second));
    assert_int_equal(descriptor_channel_take_back(&channel), -EAGAIN);
    close(first);
    close(second);
    descriptor_channel_close(&channel);
}

static void test_closing_closes_what_is_inside(void **state)
{
    (void)state;
    struct descriptor_channel channel;

    assert_int_equal(descriptor_channel_open(&channel), 0);
    int reading = give_pipe(&channel);

    descriptor_channel_close(&channel);
    assert_true(is_at_end(reading));
    close(reading);
}

static void test_giving_never_blocks(void **state)
{
    (void)state;
    struct descriptor_channel channel;
    int failed = 0, given = 0, taken;

    assert_int_equal(descriptor_channel_open(&channel), 0);
    while ((failed = descriptor_channel_give(&channel, channel.giving_fd)) == 0)
        given++;
    assert_true(failed == -EAGAIN || failed == -ETOOMANYREFS);
    assert_true(given > 0);
    while ((taken = descriptor_channel_take_back(&channel)) >= 0) {
        close(taken);
        given--;
    }
    assert_int_equal(given, 0);
    descriptor_channel_close(&channel);
}

static void test_without_room_it_is_lost_and_said_so(void **state)
{
    (void)state;
    struct descriptor_channel channel;
    struct rlimit limit, none;

    assert_int_equal(descriptor_channel_open(&channel), 0);
    int reading = give_pipe(&channel);

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int taken = descriptor_channel_take(&channel);

    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(taken, -EMFILE);
    assert_true(is_at_end(reading));
    close(reading);
    descriptor_channel_close(&channel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_arrives_is_the_same_open_file),
        cmocka_unit_test(test_the_end_comes_after_all_that_was_given),
        cmocka_unit_test(test_what_a_dead_process_did_not_take_is_taken_back),
        cmocka_unit_test(test_closing_closes_what_is_inside),
        cmocka_unit_test(test_giving_never_blocks),
        cmocka_unit_test(test_without_room_it_is_lost_and_said_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
