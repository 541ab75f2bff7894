/* SPDX-License-Identifier: MIT */
/*
 * histogram_codec_test.c: round trips, the bytes of the format, and everything that can be wrong
 * with a text from elsewhere. That other implementations read ours is checked by
 * scripts/development/check-hdr-histogram.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/base64.h"
#include "common/histogram_codec.h"

enum {
    FRAME_SIZE = 8,
    HEADER_SIZE = 40,
    PAYLOAD_SIZE_MAX = 4096,
};

static void be32_put(uint8_t *to, uint32_t value)
{
    u32_store(to, __builtin_bswap32(value));
}

/* The inner layer of a histogram of 1 … 2047 at three digits, which has 2048 counters, with
 * `counts` behind the header. Bytes written. */
static size_t payload_make(uint8_t *payload, const uint8_t *counts, size_t counts_size)
{
    static const uint8_t header[HEADER_SIZE] = {
        0x1c, 0x84, 0x93, 0x13, 0, 0, 0, 0,    0, 0, 0, 0, 0, 0, 0, 3, /* … digits */
        0,    0,    0,    0,    0, 0, 0, 1,                            /* lowest */
        0,    0,    0,    0,    0, 0, 7, 0xff,                         /* highest */
        0x3f, 0xf0, 0,    0,    0, 0, 0, 0,                            /* 1.0 */
    };

    assert_true(HEADER_SIZE + counts_size <= PAYLOAD_SIZE_MAX);
    memcpy(payload, header, sizeof header);
    be32_put(payload + 4, (uint32_t)counts_size);
    if (counts_size > 0)
        memcpy(payload + sizeof header, counts, counts_size);
    return sizeof header + counts_size;
}

/* The text of an outer layer that says `cookie` and `length` around `compressed`. */
static char *text_of_frame(uint32_t cookie, uint32_t length, struct bytes compressed)
{
    uint8_t *frame = malloc(FRAME_SIZE + compressed.size);
    char *text = malloc(base64_encoded_size(FRAME_SIZE + compressed.size) + 1);

    assert_non_null(frame);
    assert_non_null(text);
    be32_put(frame, cookie);
    be32_put(frame + 4, length);
    if (compressed.size > 0)
        memcpy(frame + FRAME_SIZE, compressed.data, compressed.size);
    base64_encode((struct bytes){frame, FRAME_SIZE + compressed.size}, text);
    free(frame);
    return text;
}

static int decode_frame(uint32_t cookie, uint32_t length, struct bytes compressed)
{
    struct histogram histogram;
    char *text = text_of_frame(cookie, length, compressed);
    int error = histogram_decode(text, &histogram);

    free(text);
    if (!error)
        histogram_release(&histogram);
    return error;
}

/* Compresses and frames `payload` as it should be, then decodes it. */
static int decode_payload(struct bytes payload, struct histogram *histogram)
{
    uLongf size = compressBound((uLong)payload.size);
    uint8_t *compressed = malloc(size);

    assert_non_null(compressed);
    assert_int_equal(compress(compressed, &size, payload.data, (uLong)payload.size), Z_OK);
    char *text = text_of_frame(0x1c849314, (uint32_t)size, (struct bytes){compressed, size});
    int error = histogram_decode(text, histogram);
    free(text);
    free(compressed);
    return error;
}

static int decode_counts(const uint8_t *counts, size_t size, struct histogram *histogram)
{
    uint8_t payload[PAYLOAD_SIZE_MAX];
    size_t payload_size = payload_make(payload, counts, size);

    return decode_payload((struct bytes){payload, payload_size}, histogram);
}

static void assert_payload_refused(struct bytes payload)
{
    struct histogram histogram;

    assert_int_equal(decode_payload(payload, &histogram), -EINVAL);
}

/* The inner layer of an encoding; freed by the caller. */
static uint8_t *payload_of(const char *text, size_t *size)
{
    size_t frame_size_max = base64_decoded_size_max(strlen(text));
    uint8_t *frame = malloc(frame_size_max);
    uint8_t *payload = malloc(PAYLOAD_SIZE_MAX);
    uLongf payload_size = PAYLOAD_SIZE_MAX;

    assert_non_null(frame);
    assert_non_null(payload);
    ssize_t frame_size = base64_decode(text, (struct space){frame, frame_size_max});
    assert_true(frame_size > FRAME_SIZE);
    assert_int_equal(
        uncompress(payload, &payload_size, frame + FRAME_SIZE, (uLong)frame_size - FRAME_SIZE),
        Z_OK);
    free(frame);
    *size = payload_size;
    return payload;
}

static void check_round_trip(const struct histogram *histogram)
{
    struct histogram back;
    char *text;
    char *again;
    uint64_t last = 0;

    assert_int_equal(histogram_encode(histogram, &text), 0);
    assert_int_equal(histogram_decode(text, &back), 0);
    assert_true(histogram_same_layout(histogram, &back));
    assert_memory_equal(histogram->counts, back.counts,
                        histogram->counts_length * sizeof *histogram->counts);
    assert_int_equal(back.total_count, histogram->total_count - histogram->above_count);
    assert_int_equal(back.above_count, 0);
    for (size_t i = 0; i < back.counts_length; i++)
        if (back.counts[i] > 0)
            last = histogram_index_highest(&back, i);
    assert_int_equal(back.max, last);
    if (back.total_count > 0 && histogram->above_count == 0) {
        size_t first = histogram_index(histogram, histogram->min);

        assert_int_equal(back.min, histogram_index_lowest(&back, first));
        assert_true(fabs(back.sum - histogram->sum) <=
                    histogram->sum / pow(10, histogram->digits) +
                        (double)histogram->lowest * (double)back.total_count);
    }
    assert_int_equal(histogram_encode(&back, &again), 0);
    assert_string_equal(again, text);
    free(again);
    free(text);
    histogram_release(&back);
}

static void record_spread(struct histogram *histogram, size_t count)
{
    uint64_t value = 12345;

    for (size_t i = 0; i < count; i++) {
        value = value * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        histogram_record_many(histogram, (value >> 12) >> (value >> 58), 1 + (value >> 20) % 300);
    }
}

static void counts_come_back(void **state)
{
    static const struct {
        uint64_t lowest, highest;
        unsigned digits;
    } layouts[] = {
        {HISTOGRAM_LOWEST_NS, HISTOGRAM_HIGHEST_NS, HISTOGRAM_DIGITS},
        {1, (UINT64_C(1) << 53) - 1, 2},
        {1000, 60000000, 3},
        {1, 2, 1},
        {7, UINT64_C(1000000000), 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        struct histogram histogram;

        assert_int_equal(
            histogram_init(&histogram, layouts[i].lowest, layouts[i].highest, layouts[i].digits),
            0);
        check_round_trip(&histogram);
        histogram_record(&histogram, 0);
        check_round_trip(&histogram);
        histogram_record(&histogram, histogram.highest);
        check_round_trip(&histogram);
        record_spread(&histogram, 500);
        check_round_trip(&histogram);
        histogram_release(&histogram);
    }
}

/* Every length of a number, up to the largest counter there can be. */
static void counters_of_every_size_come_back(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 63; bit++) {
        struct histogram histogram;

        assert_int_equal(histogram_init(&histogram, 1, 2047, 3), 0);
        histogram_record_many(&histogram, 3, UINT64_C(1) << bit);
        histogram_record_many(&histogram, 5, (UINT64_C(1) << bit) - 1);
        check_round_trip(&histogram);
        histogram_clear(&histogram);
        histogram_record_many(&histogram, 9, (UINT64_C(1) << 63) - 1);
        check_round_trip(&histogram);
        histogram_release(&histogram);
    }
}

static void refuses_a_counter_the_format_cannot_hold(void **state)
{
    struct histogram histogram;
    char *text;

    (void)state;
    assert_int_equal(histogram_init(&histogram, 1, 2047, 3), 0);
    histogram_record_many(&histogram, 9, UINT64_C(1) << 63);
    assert_int_equal(histogram_encode(&histogram, &text), -EOVERFLOW);
    histogram_release(&histogram);
}

/* By hand: ZigZag doubles a count; a run of n is 2n - 1; 300 * 2 = 0x258 is d8 04. */
static void writes_the_bytes_of_the_format(void **state)
{
    static const uint8_t counts[] = {0x02, 0x00, 0x7e, 0x03, 0x80, 0x01,
                                     0xd8, 0x04, 0xb7, 0x01, 0x0a};
    struct histogram histogram;
    uint8_t expected[PAYLOAD_SIZE_MAX];
    size_t size;
    char *text;

    (void)state;
    assert_int_equal(histogram_init(&histogram, 1, 2047, 3), 0);
    histogram_record(&histogram, 0);
    histogram_record_many(&histogram, 2, 63); /* after one empty counter */
    histogram_record_many(&histogram, 5, 64); /* after two */
    histogram_record_many(&histogram, 6, 300);
    histogram_record_many(&histogram, 99, 5); /* after 92 */
    assert_int_equal(histogram_encode(&histogram, &text), 0);
    /* What every V2 log line begins with: the cookie, in base64. */
    assert_memory_equal(text, "HISTFAAA", 8);
    uint8_t *payload = payload_of(text, &size);
    assert_int_equal(size, payload_make(expected, counts, sizeof counts));
    assert_memory_equal(payload, expected, size);
    free(payload);
    free(text);
    histogram_release(&histogram);
}

static void an_empty_histogram_is_one_empty_counter(void **state)
{
    static const uint8_t counts[] = {0};
    struct histogram histogram;
    uint8_t expected[PAYLOAD_SIZE_MAX];
    size_t size;
    char *text;

    (void)state;
    assert_int_equal(histogram_init(&histogram, 1, 2047, 3), 0);
    histogram_record(&histogram, 2048); /* above, which has no place in the encoding */
    assert_int_equal(histogram_encode(&histogram, &text), 0);
    uint8_t *payload = payload_of(text, &size);
    assert_int_equal(size, payload_make(expected, counts, sizeof counts));
    assert_memory_equal(payload, expected, size);
    free(payload);
    histogram_release(&histogram);
    assert_int_equal(histogram_decode(text, &histogram), 0);
    assert_int_equal(histogram.total_count, 0);
    assert_int_equal(histogram.min, UINT64_MAX);
    assert_int_equal(histogram.max, 0);
    free(text);
    histogram_release(&histogram);
}

/* What other writers do and ours does not. */
static void accepts_other_spellings(void **state)
{
    static const uint8_t trailing[] = {0x04, 0x01, 0x00, 0x84, 0x00, 0xf7, 0x1f}; /* 4 + 2044 */
    struct histogram histogram;
    uint8_t payload[PAYLOAD_SIZE_MAX];

    (void)state;
    assert_int_equal(decode_counts(trailing, sizeof trailing, &histogram), 0);
    assert_int_equal(histogram.counts[0], 2);
    assert_int_equal(histogram.counts[3], 2);
    assert_int_equal(histogram.total_count, 4);
    assert_int_equal(histogram.max, 3);
    histogram_release(&histogram);

    assert_int_equal(decode_counts(NULL, 0, &histogram), 0);
    assert_int_equal(histogram.total_count, 0);
    histogram_release(&histogram);

    /* hdr-histogram-js: an offset of 1 and a ratio of the integer 1. */
    size_t size = payload_make(payload, trailing, sizeof trailing);
    payload[11] = 1;
    memset(payload + 32, 0, 8);
    payload[39] = 1;
    assert_int_equal(decode_payload((struct bytes){payload, size}, &histogram), 0);
    assert_int_equal(histogram.counts[3], 2);
    histogram_release(&histogram);
}

static void refuses_bad_counts(void **state)
{
    static const struct {
        uint8_t bytes[24];
        size_t size;
    } examples[] = {
        {{0x80}, 1},                                                 /* cut short */
        {{0x02, 0xff}, 2},                                           /* the same, later */
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 8},       /* one byte missing */
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 9}, /* a run of 2^63 */
        {{0x81, 0x20}, 2},                                           /* a run of 2049 */
        {{0xff, 0x1f, 0x02}, 3},                                     /* 2048, then a count */
        {{0x02, 0xff, 0x1f}, 3},                                     /* 1 + 2048 */
        {{0xfd, 0x1f, 0x02, 0x00}, 4},                               /* 2047 + 1 + 1 */
        {{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,      /* the total exceeds */
          0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x04},
         19}, /* 64 bits */
    };
    struct histogram histogram;

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        assert_int_equal(decode_counts(examples[i].bytes, examples[i].size, &histogram), -EINVAL);
}

static void refuses_bad_headers(void **state)
{
    static const struct {
        size_t offset;
        uint8_t value;
    } changes[] = {
        {0, 0},     {3, 0x14},  {3, 0x03},                 /* the cookie */
        {4, 0xff},  {7, 0},     {7, 2},    {7, 4}, {6, 1}, /* P, which is 3 */
        {15, 0},    {15, 6},    {12, 1},                   /* digits */
        {23, 0},    {16, 0x80}, {22, 8},                   /* lowest */
        {24, 0x80}, {25, 0x20}, {30, 0},                   /* highest … */
        {32, 0x40}, {33, 0},    {39, 1},                   /* ratio */
    };
    static const uint8_t counts[] = {0x02, 0x04, 0x06};
    uint8_t payload[PAYLOAD_SIZE_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        size_t size = payload_make(payload, counts, sizeof counts);

        payload[changes[i].offset] = changes[i].value;
        /* A highest of 0xff alone is a layout, if a small one: of 1 it is none. */
        if (changes[i].offset == 30)
            payload[31] = 1;
        assert_payload_refused((struct bytes){payload, size});
    }
    for (size_t size = 0; size < HEADER_SIZE + sizeof counts; size++) {
        payload_make(payload, counts, sizeof counts);
        assert_payload_refused((struct bytes){payload, size});
    }
}

static void refuses_bad_frames(void **state)
{
    uint8_t payload[PAYLOAD_SIZE_MAX];
    uint8_t compressed[PAYLOAD_SIZE_MAX];
    uLongf size = sizeof compressed - 1;
    size_t payload_size = payload_make(payload, (const uint8_t *)"\x02", 1);

    (void)state;
    assert_int_equal(compress(compressed, &size, payload, payload_size), Z_OK);
    compressed[size] = 0;
    uint32_t length = (uint32_t)size;
    struct bytes whole = {compressed, size};
    assert_int_equal(decode_frame(0x1c849314, length, whole), 0);
    assert_int_equal(decode_frame(0x1c849313, length, whole), -EINVAL);
    assert_int_equal(decode_frame(0x1c849304, length, whole), -EINVAL);
    assert_int_equal(decode_frame(0x1c849302, length, whole), -EINVAL);
    assert_int_equal(decode_frame(0, length, whole), -EINVAL);
    assert_int_equal(decode_frame(0x1c849314, length + 1, whole), -EINVAL);
    assert_int_equal(decode_frame(0x1c849314, length - 1, whole), -EINVAL);
    assert_int_equal(decode_frame(0x1c849314, UINT32_MAX, whole), -EINVAL);
    assert_int_equal(decode_frame(0x1c849314, 0, (struct bytes){NULL, 0}), -EINVAL);
    /* A byte behind the stream, counted in L. */
    assert_int_equal(decode_frame(0x1c849314, length + 1, (struct bytes){compressed, size + 1}),
                     -EINVAL);
    /* Every cut of the stream, counted in L. */
    for (uint32_t cut = 0; cut < length; cut++)
        assert_int_equal(decode_frame(0x1c849314, cut, (struct bytes){compressed, cut}), -EINVAL);
}

static void refuses_texts_that_are_something_else(void **state)
{
    static const char *const texts[] = {"",
                                        "=",
                                        "HIST",
                                        "HISTFAAA",
                                        "HISTFAAAAAA=",
                                        "not base64!",
                                        "HISTFAAAACB42pNpmSzMwMDAxAABzFBKQw==",
                                        "\xff\xfe"};
    struct histogram histogram;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(histogram_decode(texts[i], &histogram), -EINVAL);
}

/* 64 MiB of zeros behind a header that promises what its layout can hold: the stream has to end
 * there. */
static void a_bomb_is_not_unpacked(void **state)
{
    enum { BOMB_SIZE = 64 << 20 };
    uint8_t header[PAYLOAD_SIZE_MAX];
    uint8_t *bomb = calloc(1, BOMB_SIZE);

    (void)state;
    assert_non_null(bomb);
    payload_make(header, NULL, 0);
    memcpy(bomb, header, HEADER_SIZE);
    be32_put(bomb + 4, 2048);
    assert_payload_refused((struct bytes){bomb, BOMB_SIZE});
    be32_put(bomb + 4, 9 * 2048);
    assert_payload_refused((struct bytes){bomb, BOMB_SIZE});
    /* Here P is true, and more than 2048 counters can take. */
    be32_put(bomb + 4, BOMB_SIZE - HEADER_SIZE);
    assert_payload_refused((struct bytes){bomb, BOMB_SIZE});
    free(bomb);
}

/* Whatever it makes of it, the decoder neither crashes nor leaks, and what it accepts holds
 * together. */
static void decode_damaged(const char *text)
{
    struct histogram histogram;
    uint64_t total = 0;
    int error = histogram_decode(text, &histogram);

    if (error) {
        assert_int_equal(error, -EINVAL);
        return;
    }
    for (size_t i = 0; i < histogram.counts_length; i++)
        total += histogram.counts[i];
    assert_int_equal(total, histogram.total_count);
    assert_true(histogram_quantile(&histogram, 0.5) <= histogram.max);
    histogram_release(&histogram);
}

static char *encoding_make(size_t values)
{
    struct histogram histogram;
    char *text;

    assert_int_equal(histogram_init(&histogram, 1, 100000, 2), 0);
    record_spread(&histogram, values);
    assert_int_equal(histogram_encode(&histogram, &text), 0);
    histogram_release(&histogram);
    return text;
}

static void survives_damage_to_the_text(void **state)
{
    static const char others[] = "Ab9+/= \n\x80\xff";
    char *text = encoding_make(200);
    size_t length = strlen(text);

    (void)state;
    for (size_t i = 0; i < length; i++) {
        char before = text[i];

        for (size_t j = 0; j < sizeof others; j++) { /* the NUL included: a cut */
            text[i] = others[j];
            decode_damaged(text);
        }
        for (unsigned bit = 0; bit < 8; bit++) {
            text[i] = (char)(before ^ 1 << bit);
            decode_damaged(text);
        }
        text[i] = before;
    }
    free(text);
}

/* Below base64 and zlib, whose checksum would hide the counters from most damage. */
static void survives_damage_to_the_payload(void **state)
{
    char *text = encoding_make(100);
    size_t size;
    uint8_t *payload = payload_of(text, &size);
    struct histogram histogram;

    (void)state;
    for (size_t i = 0; i < size; i++) {
        uint8_t before = payload[i];

        for (unsigned change = 1; change <= 0xff; change += change < 8 ? 1 : 13) {
            payload[i] = (uint8_t)(before ^ change);
            int error = decode_payload((struct bytes){payload, size}, &histogram);

            assert_true(error == 0 || error == -EINVAL);
            if (!error)
                histogram_release(&histogram);
        }
        payload[i] = before;
        /* A cut that its header confirms, so that the last number is what is cut. */
        if (i >= HEADER_SIZE) {
            be32_put(payload + 4, (uint32_t)(i - HEADER_SIZE));
            int error = decode_payload((struct bytes){payload, i}, &histogram);

            assert_true(error == 0 || error == -EINVAL);
            if (!error)
                histogram_release(&histogram);
            be32_put(payload + 4, (uint32_t)(size - HEADER_SIZE));
        }
    }
    free(payload);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_come_back),
        cmocka_unit_test(counters_of_every_size_come_back),
        cmocka_unit_test(refuses_a_counter_the_format_cannot_hold),
        cmocka_unit_test(writes_the_bytes_of_the_format),
        cmocka_unit_test(an_empty_histogram_is_one_empty_counter),
        cmocka_unit_test(accepts_other_spellings),
        cmocka_unit_test(refuses_bad_counts),
        cmocka_unit_test(refuses_bad_headers),
        cmocka_unit_test(refuses_bad_frames),
        cmocka_unit_test(refuses_texts_that_are_something_else),
        cmocka_unit_test(a_bomb_is_not_unpacked),
        cmocka_unit_test(survives_damage_to_the_text),
        cmocka_unit_test(survives_damage_to_the_payload),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
