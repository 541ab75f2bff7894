/* SPDX-License-Identifier: MIT */
/* Which request is made when, what is the right answer to it and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/load/request.h"

enum { PAYLOAD_MAX = 4096 };

static struct request_mix mix;

static void open_source(struct request_source *source, const char *text, uint64_t seed)
{
    const char *problem = "";

    if (request_mix_parse(text, &mix, &problem) < 0)
        fail_msg("%s: %s", text, problem);
    assert_int_equal(request_source_init(source, &mix, seed), 0);
}

/* --- which one -------------------------------------------------------------------------------- */

/* The sizes are in range and Pearson's statistic for the weights 5 : 90 : 1 : 4. */
static double chi_square_of_choices(const struct request_source *source, const double *weights)
{
    enum { DRAWS = 200000 };
    unsigned counts[4] = {0};
    double sum = 0;

    for (uint64_t key = 0; key < DRAWS; key++) {
        struct request request;

        request_source_choose(source, key, &request);
        assert_in_range(request.class_index, 0, 3);
        assert_in_range(request.size, mix.classes[request.class_index].kind.size.min,
                        mix.classes[request.class_index].kind.size.max);
        counts[request.class_index]++;
    }
    for (unsigned i = 0; i < 4; i++) {
        double expected = DRAWS * weights[i] / 100;

        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return sum;
}

static void test_classes_are_chosen_by_their_weights(void **state)
{
    (void)state;
    static const double right[] = {5, 90, 1, 4}, wrong[] = {5, 89.5, 1.5, 4};
    struct request_source source;

    open_source(&source, "5*echo:64,90*echo:uniform(16,4096),persona,4*work:cpu=1us", 21);
    /* 3 degrees of freedom, p = 0.001. */
    assert_true(chi_square_of_choices(&source, right) < 16.27);
    assert_true(chi_square_of_choices(&source, wrong) > 16.27);
    request_source_release(&source);
}

/* The threads of a run each have a source of their own. */
static void check_purity(const char *text)
{
    enum { KEYS = 1000 };
    struct request_source a, b, c;
    struct request of_a[KEYS];
    unsigned different = 0;

    open_source(&a, text, 5);
    open_source(&b, text, 5);
    open_source(&c, text, 6);
    for (unsigned key = 0; key < KEYS; key++)
        request_source_choose(&a, key, &of_a[key]);
    for (unsigned key = KEYS; key-- > 0;) {
        struct request request;

        request_source_choose(&b, key, &request);
        assert_int_equal(request.class_index, of_a[key].class_index);
        assert_int_equal(request.size, of_a[key].size);
        request_source_choose_of(&b, request.class_index, key, &request);
        assert_int_equal(request.class_index, of_a[key].class_index);
        assert_int_equal(request.size, of_a[key].size);
        request_source_choose(&c, key, &request);
        different += request.class_index != of_a[key].class_index || request.size != of_a[key].size;
    }
    assert_in_range(different, KEYS / 3, KEYS);
    request_source_release(&a);
    request_source_release(&b);
    request_source_release(&c);
}

static void test_a_choice_is_a_function_of_seed_and_key(void **state)
{
    (void)state;
    check_purity("echo:64,echo:100");
    check_purity("echo:uniform(16,4096)");
    check_purity("echo:zipf(1,1000,1.1)");
    check_purity("3*echo:uniform(16,4096),2*echo:zipf(1,1000,1.1),persona");
}

/* If the class said something about the size, the sizes of a class were not its distribution's. */
static void test_size_and_class_are_independent(void **state)
{
    (void)state;
    enum { KEYS = 100000 };
    struct request_source source;
    double sums[2] = {0};
    unsigned counts[2] = {0};

    open_source(&source, "echo:uniform(0,1000),echo:uniform(00,1000)", 8);
    for (unsigned key = 0; key < KEYS; key++) {
        struct request request;

        request_source_choose(&source, key, &request);
        counts[request.class_index]++;
        sums[request.class_index] += request.size;
    }
    /* Five standard errors: 289 / sqrt(50000) is 1.3. */
    for (unsigned i = 0; i < 2; i++) {
        double mean = sums[i] / counts[i];

        assert_true(mean > 493.5 && mean < 506.5);
    }
    request_source_release(&source);
}

static void test_a_choice_sets_class_and_size_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {"echo:100", "work:cpu=1us", "echo:100,echo:0100"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct request_source source;
        struct request request = {.sequence = 11, .connection_id = 7, .class_index = 9};

        open_source(&source, texts[i], 1);
        request_source_choose(&source, 3, &request);
        assert_int_equal(request.sequence, 11);
        assert_int_equal(request.connection_id, 7);
        assert_in_range(request.class_index, 0, mix.count - 1);
        assert_int_equal(request.size, mix.classes[0].kind.size.min);
        request.class_index = 9;
        request_source_choose_of(&source, mix.count - 1, 3, &request);
        assert_int_equal(request.sequence, 11);
        assert_int_equal(request.connection_id, 7);
        assert_int_equal(request.class_index, mix.count - 1);
        request_source_release(&source);
    }
}

/* --- the right answer ------------------------------------------------------------------------- */

static void check_wrong(struct request_source *source, struct request request,
                        const struct message *reply)
{
    assert_false(request_source_verify(source, &request, reply));
}

/* The right answer to an echo or a persona is the request itself, and nothing else is. */
static void check_reflected(struct request_source *source, struct request request)
{
    struct message made = request_source_make(source, &request);
    uint8_t copy[PAYLOAD_MAX];
    struct message reply = {made.operation, {copy, made.payload.size}};
    struct request other = request;

    assert_int_equal(made.operation, mix.classes[request.class_index].kind.operation);
    assert_int_equal(made.payload.size, request.size);
    memcpy(copy, made.payload.data, made.payload.size);

    /* What was made in between does not matter. */
    other.sequence += 5;
    (void)request_source_make(source, &other);
    assert_true(request_source_verify(source, &request, &reply));
    if (request.size >= 12) {
        check_wrong(source, other, &reply);
        other = request;
        other.connection_id++;
        check_wrong(source, other, &reply);
    }
    for (size_t i = 0; i < request.size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            copy[i] ^= (uint8_t)(1U << bit);
            check_wrong(source, request, &reply);
            copy[i] ^= (uint8_t)(1U << bit);
        }
    }
    reply.payload.size++;
    check_wrong(source, request, &reply);
    if (request.size > 0) {
        reply.payload.size = request.size - 1;
        check_wrong(source, request, &reply);
    }
    reply.payload.size = request.size;
    for (reply.operation = 0; reply.operation < 256; reply.operation++)
        assert_true(request_source_verify(source, &request, &reply) ==
                    (reply.operation == made.operation));
}

static void test_only_the_right_answer_is_right(void **state)
{
    (void)state;
    static const char *const texts[] = {"echo:0",  "echo:1",    "echo:11", "echo:12",
                                        "echo:64", "echo:1000", "persona"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct request_source source;
        struct request request = {.sequence = 11, .connection_id = 7};

        open_source(&source, texts[i], 42);
        request_source_choose(&source, 0, &request);
        check_reflected(&source, request);
        request_source_release(&source);
    }
}

static void test_only_the_right_answer_of_a_mix_is_right(void **state)
{
    (void)state;
    struct request_source source;

    open_source(&source, "echo:zipf(5,300,0.1),persona,echo:uniform(0,100)", 42);
    for (unsigned key = 0; key < 60; key++) {
        struct request request = {.sequence = UINT64_MAX - key, .connection_id = UINT32_MAX - key};

        request_source_choose(&source, key, &request);
        check_reflected(&source, request);
    }
    request_source_release(&source);
}

/* An answer to one class's request is none to another's, though connection and number agree. */
static void test_the_answer_of_another_class_is_wrong(void **state)
{
    (void)state;
    struct request_source source;
    uint8_t copy[PAYLOAD_MAX];

    open_source(&source, "echo:25,persona,echo:64,work:cpu=1us,reply=25", 42);
    for (unsigned asked = 0; asked < mix.count; asked++) {
        struct request request = {.sequence = 11, .connection_id = 7};

        request_source_choose_of(&source, asked, 0, &request);
        struct message made = request_source_make(&source, &request);
        struct message reply = {made.operation, {copy, made.payload.size}};

        memcpy(copy, made.payload.data, made.payload.size);
        for (unsigned i = 0; i < mix.count; i++) {
            struct request other = request;

            if (i == asked)
                continue;
            request_source_choose_of(&source, i, 0, &other);
            check_wrong(&source, other, &reply);
        }
    }
    request_source_release(&source);
}

/* Connections and requests are told apart by each bit of their numbers. */
static void check_numbers(const char *text)
{
    struct request_source source;
    uint8_t copy[PAYLOAD_MAX];
    struct request request = {.sequence = 11, .connection_id = 7};
    struct request other;

    open_source(&source, text, 42);
    request_source_choose(&source, 0, &request);
    struct message made = request_source_make(&source, &request);
    struct message reply = {made.operation, {copy, made.payload.size}};

    memcpy(copy, made.payload.data, made.payload.size);
    for (unsigned bit = 0; bit < 64; bit++) {
        other = request;
        other.sequence ^= UINT64_C(1) << bit;
        check_wrong(&source, other, &reply);
    }
    for (unsigned bit = 0; bit < 32; bit++) {
        other = request;
        other.connection_id ^= 1U << bit;
        check_wrong(&source, other, &reply);
    }
    /* After a hundred requests a persona has the same age, but another passport. */
    other = request;
    other.sequence += 100;
    check_wrong(&source, other, &reply);
    request_source_release(&source);
}

static void test_every_bit_of_the_numbers_counts(void **state)
{
    (void)state;
    check_numbers("echo:12");
    check_numbers("echo:64");
    check_numbers("persona");
}

static void test_work_asks_for_what_its_class_says(void **state)
{
    (void)state;
    struct request_source source;

    open_source(&source, "work:cpu=1us,reply=64,work:block=2us,echo:64", 1);
    for (unsigned i = 0; i < 2; i++) {
        struct request request = {.sequence = 1, .connection_id = 1};
        struct work work;

        request_source_choose_of(&source, i, 0, &request);
        struct message made = request_source_make(&source, &request);

        assert_int_equal(made.operation, OPERATION_WORK);
        assert_int_equal(made.payload.size, request.size);
        assert_int_equal(work_decode(made.payload, 64, &work), 0);
        assert_int_equal(work.cpu_us, i == 0 ? 1 : 0);
        assert_int_equal(work.block_us, i == 0 ? 0 : 2);
        assert_int_equal(work.reply_size, i == 0 ? 64 : 0);
    }
    request_source_release(&source);
}

/* Of `size` bytes, the first WORK_CHECKSUM_SIZE may be anything and the rest is zero. */
static void check_work(const char *text, size_t size)
{
    struct request_source source;
    struct request request = {.sequence = 1, .connection_id = 1};
    uint8_t payload[128] = {0};
    struct message reply = {OPERATION_WORK, {payload, size}};

    open_source(&source, text, 1);
    request_source_choose(&source, 0, &request);
    assert_true(request_source_verify(&source, &request, &reply));
    for (size_t i = 0; i < size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            payload[i] ^= (uint8_t)(1U << bit);
            assert_true(request_source_verify(&source, &request, &reply) ==
                        (i < WORK_CHECKSUM_SIZE));
            payload[i] ^= (uint8_t)(1U << bit);
        }
    }
    /* All alike is not all zero. */
    memset(payload, 0x55, sizeof payload);
    assert_true(request_source_verify(&source, &request, &reply) == (size <= WORK_CHECKSUM_SIZE));
    memset(payload, 0, sizeof payload);
    for (reply.payload.size = 0; reply.payload.size <= sizeof payload; reply.payload.size++)
        assert_true(request_source_verify(&source, &request, &reply) ==
                    (reply.payload.size == size));
    request_source_release(&source);
}

static void test_work_is_judged_by_its_size_and_its_zeros(void **state)
{
    (void)state;
    check_work("work:cpu=1us", 0);
    check_work("work:reply=5", 5);
    check_work("work:reply=8", 8);
    check_work("work:reply=9", 9);
    check_work("work:reply=10", 10);
    check_work("work:reply=100", 100);
}

static void test_the_filling_is_a_function_of_the_seed(void **state)
{
    (void)state;
    struct request_source a, b, c;

    open_source(&a, "echo:256", 5);
    open_source(&b, "echo:256", 5);
    open_source(&c, "echo:256", 6);
    assert_memory_equal(a.echo, b.echo, 256);
    assert_memory_not_equal(a.echo, c.echo, 256);
    request_source_release(&a);
    request_source_release(&b);
    request_source_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes_are_chosen_by_their_weights),
        cmocka_unit_test(test_a_choice_is_a_function_of_seed_and_key),
        cmocka_unit_test(test_size_and_class_are_independent),
        cmocka_unit_test(test_a_choice_sets_class_and_size_alone),
        cmocka_unit_test(test_only_the_right_answer_is_right),
        cmocka_unit_test(test_only_the_right_answer_of_a_mix_is_right),
        cmocka_unit_test(test_the_answer_of_another_class_is_wrong),
        cmocka_unit_test(test_every_bit_of_the_numbers_counts),
        cmocka_unit_test(test_work_asks_for_what_its_class_says),
        cmocka_unit_test(test_work_is_judged_by_its_size_and_its_zeros),
        cmocka_unit_test(test_the_filling_is_a_function_of_the_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
