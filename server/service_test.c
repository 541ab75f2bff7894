/* SPDX-License-Identifier: MIT */
/*
 * What a request costs. Replies are encoded flush against a page that must not be touched, in
 * exactly the space that was promised to be enough.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/guard_page.h"
#include "protocol/native.h"
#include "protocol/payload.h"
#include "server/service.h"
#include "server/stop.h"

enum { PAYLOAD_MAX = 10000 };

static struct service service;
static struct guard_page guard;

/* Executes and decodes; the reply points into the guarded memory. */
static struct message execute(unsigned operation, const void *payload, size_t size, bool *is_error)
{
    struct message request = {operation, {payload, size}}, reply = {0};
    struct space out = guard_page_space(&guard, service_reply_size_max(&service, &request));
    size_t made = service_execute(&service, &request, out, is_error);

    assert_true(made <= out.size);
    assert_int_equal(
        service.protocol->decode_reply((struct bytes){out.data, made}, PAYLOAD_MAX, &reply), made);
    assert_int_equal(reply.operation, *is_error ? OPERATION_ERROR : operation);
    return reply;
}

static void test_echo_is_the_same_bytes_of_any_size(void **state)
{
    (void)state;
    static const size_t SIZES[] = {0, 1, 100, 127, 128, 129, PAYLOAD_MAX};
    uint8_t payload[PAYLOAD_MAX];
    bool is_error;

    memset(payload, 'e', sizeof payload);
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        struct message reply = execute(OPERATION_ECHO, payload, SIZES[i], &is_error);

        assert_false(is_error);
        assert_int_equal(reply.payload.size, SIZES[i]);
        assert_memory_equal(reply.payload.data, payload, SIZES[i]);
    }
}

static void test_persona_is_decoded_checked_and_encoded(void **state)
{
    (void)state;
    uint8_t nombre[PAYLOAD_MAX - PERSONA_FIXED_SIZE], payload[PAYLOAD_MAX];
    static const size_t SIZES[] = {0, 1, 3, 200, sizeof nombre};
    bool is_error;

    memset(nombre, 'n', sizeof nombre);
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        struct persona persona = {12345678, 42, 987654321, {nombre, SIZES[i]}};
        ssize_t size = persona_encode(&persona, (struct space){payload, sizeof payload});
        struct message reply;

        assert_true(size > 0);
        reply = execute(OPERATION_PERSONA, payload, (size_t)size, &is_error);
        assert_false(is_error);
        assert_int_equal(reply.payload.size, size);
        assert_memory_equal(reply.payload.data, payload, (size_t)size);
        execute(OPERATION_PERSONA, payload, (size_t)size - 1, &is_error);
        assert_true(is_error);
    }
}

static struct message execute_work(struct work work, bool *is_error)
{
    uint8_t payload[WORK_FIXED_SIZE];

    assert_int_equal(work_encode(&work, (struct space){payload, sizeof payload}), sizeof payload);
    return execute(OPERATION_WORK, payload, sizeof payload, is_error);
}

static void test_work_replies_with_as_much_as_was_asked_for(void **state)
{
    (void)state;
    static const uint32_t SIZES[] = {0, 1, 7, 8, 9, 128, PAYLOAD_MAX};
    bool is_error;

    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        struct message reply = execute_work((struct work){10, 0, SIZES[i]}, &is_error);

        assert_false(is_error);
        assert_int_equal(reply.payload.size, SIZES[i]);
        for (size_t k = WORK_CHECKSUM_SIZE; k < SIZES[i]; k++)
            assert_int_equal(reply.payload.data[k], 0);
    }
    execute_work((struct work){0, 0, PAYLOAD_MAX + 1}, &is_error);
    assert_true(is_error);
    execute_work((struct work){WORK_TIME_MAX_US + 1, 0, 0}, &is_error);
    assert_true(is_error);
    execute_work((struct work){0, WORK_TIME_MAX_US + 1, 0}, &is_error);
    assert_true(is_error);
}

static uint64_t cpu_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return timespec_ns(now);
}

/* The fastest of a few rounds: a machine that is busy elsewhere makes rounds slower only. */
static void test_work_burns_about_what_was_asked_for_and_gives_its_checksum(void **state)
{
    (void)state;
    enum { CPU_US = 5000 };
    uint64_t best_ns = UINT64_MAX, checksum = 0;
    bool is_error;

    for (int round = 0; round < 10; round++) {
        uint64_t start_ns = cpu_now_ns();
        struct message reply = execute_work((struct work){CPU_US, 0, 8}, &is_error);
        uint64_t taken_ns = cpu_now_ns() - start_ns;

        best_ns = taken_ns < best_ns ? taken_ns : best_ns;
        assert_true(round == 0 || u64_load(reply.payload.data) == checksum);
        checksum = u64_load(reply.payload.data);
    }
    assert_true(checksum != 0 && checksum != CPU_US);
    /* Wide: processors change their clock between the calibration and now. */
    assert_in_range(best_ns, CPU_US * NS_PER_US / 4, CPU_US * NS_PER_US * 4);
}

static void test_work_blocks_without_burning(void **state)
{
    (void)state;
    uint64_t start_ns = clock_now_ns(), start_cpu_ns = cpu_now_ns();
    bool is_error;

    execute_work((struct work){0, 50000, 8}, &is_error);
    assert_true(clock_now_ns() - start_ns >= 50 * NS_PER_MS);
    assert_true(cpu_now_ns() - start_cpu_ns < 25 * NS_PER_MS);
}

static void test_who_blocks_is_known_beforehand(void **state)
{
    (void)state;
    static const struct {
        struct work work;
        unsigned operation;
        bool blocks;
    } REQUESTS[] = {
        {{0, 1, 8}, OPERATION_WORK, true},
        {{7, 1, 8}, OPERATION_WORK, true},
        {{7, 0, 8}, OPERATION_WORK, false},
        {{0, 1, 8}, OPERATION_ECHO, false},
        {{0, 1, PAYLOAD_MAX + 1}, OPERATION_WORK, false}, /* is answered with an error at once */
    };

    for (size_t i = 0; i < sizeof REQUESTS / sizeof *REQUESTS; i++) {
        uint8_t payload[WORK_FIXED_SIZE];
        struct message request = {REQUESTS[i].operation, {payload, sizeof payload}};

        assert_int_equal(work_encode(&REQUESTS[i].work, (struct space){payload, sizeof payload}),
                         sizeof payload);
        assert_int_equal(service_blocks(&service, &request), REQUESTS[i].blocks);
    }
}

static void test_a_stop_ends_all_work_early(void **state)
{
    (void)state;
    int stop_fd = service.stop_fd;
    uint64_t start_ns = clock_now_ns();
    bool is_error;

    service.stop_fd = stop_open();
    assert_true(service.stop_fd >= 0);
    stop_request(service.stop_fd);
    execute_work((struct work){WORK_TIME_MAX_US, WORK_TIME_MAX_US, 8}, &is_error);
    assert_false(is_error);
    /* A batch of them too: what waits when the stop comes must not add up. */
    for (int i = 0; i < 5000; i++)
        execute_work((struct work){900, 900, 8}, &is_error);
    assert_true(clock_now_ns() - start_ns < 2 * NS_PER_S);
    close(service.stop_fd);
    service.stop_fd = stop_fd;
}

static int setup(void **state)
{
    (void)state;
    int stop_fd = stop_open();

    if (stop_fd < 0)
        return -1;
    service_init(&service, &protocol_native, PAYLOAD_MAX, stop_fd);
    guard_page_init(&guard, (size_t)2 * PAYLOAD_MAX);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(service.stop_fd);
    guard_page_release(&guard);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo_is_the_same_bytes_of_any_size),
        cmocka_unit_test(test_persona_is_decoded_checked_and_encoded),
        cmocka_unit_test(test_work_replies_with_as_much_as_was_asked_for),
        cmocka_unit_test(test_work_burns_about_what_was_asked_for_and_gives_its_checksum),
        cmocka_unit_test(test_work_blocks_without_burning),
        cmocka_unit_test(test_who_blocks_is_known_beforehand),
        cmocka_unit_test(test_a_stop_ends_all_work_early),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
