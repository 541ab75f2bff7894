/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"

enum { ROUND_TRIP_SIZE_MAX = 300 };

/* RFC 4648, section 10, and the two digits that its examples lack. */
static const struct {
    const char *bytes;
    const char *text;
} examples[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/"},
};

static void encodes_the_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        size_t size = strlen(examples[i].bytes);
        char text[16];

        assert_int_equal(base64_encoded_size(size), strlen(examples[i].text));
        base64_encode((struct bytes){(const uint8_t *)examples[i].bytes, size}, text);
        assert_string_equal(text, examples[i].text);
    }
}

static void decodes_the_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        uint8_t bytes[16];
        ssize_t size = base64_decode(examples[i].text, (struct space){bytes, sizeof bytes});

        assert_int_equal(size, strlen(examples[i].bytes));
        assert_memory_equal(bytes, examples[i].bytes, (size_t)size);
        assert_true((size_t)size <= base64_decoded_size_max(strlen(examples[i].text)));
    }
}

/* Exactly as much memory as is promised to be enough, for the sanitizer to watch. */
static void every_size_comes_back(void **state)
{
    uint8_t bytes[ROUND_TRIP_SIZE_MAX];

    (void)state;
    for (size_t size = 0; size <= sizeof bytes; size++) {
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)(i * 151 + size * 7);
        char *text = malloc(base64_encoded_size(size) + 1);
        uint8_t *back = malloc(size + 1);

        assert_non_null(text);
        assert_non_null(back);
        base64_encode((struct bytes){bytes, size}, text);
        assert_int_equal(strlen(text), base64_encoded_size(size));
        assert_int_equal(base64_decode(text, (struct space){back, size}), size);
        assert_memory_equal(back, bytes, size);
        free(back);
        free(text);
    }
}

static void refuses_what_is_not_base64(void **state)
{
    static const char *const texts[] = {
        "Z",    "Zg",   "Zg=",      "=",          "==",   "===",  "====", "Z===",    "Zg==Zg==",
        "Zm=v", "=m9v", "Zm9v====", "Zm9vYg==\n", "Zm 9", "Zm9-", "Zm9_", "Zm9\x80", "Zm9v Zm9v",
        "Zh==", "Zm9=", "Zm9vYmF=", "Zm9*",       "Zm9@", "Zm9[", "Zm9`", "Zm9{",    "Zm9:",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint8_t bytes[32];

        assert_int_equal(base64_decode(texts[i], (struct space){bytes, sizeof bytes}), -EINVAL);
    }
}

static void refuses_what_does_not_fit(void **state)
{
    uint8_t bytes[6] = {0};

    (void)state;
    assert_int_equal(base64_decode("Zm9vYmFy", (struct space){bytes, 5}), -EINVAL);
    assert_int_equal(bytes[5], 0);
    assert_int_equal(base64_decode("Zm9vYmE=", (struct space){bytes, 5}), 5);
    assert_int_equal(base64_decode("Zg==", (struct space){bytes, 0}), -EINVAL);
    assert_int_equal(base64_decode("", (struct space){bytes, 0}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_the_examples),      cmocka_unit_test(decodes_the_examples),
        cmocka_unit_test(every_size_comes_back),     cmocka_unit_test(refuses_what_is_not_base64),
        cmocka_unit_test(refuses_what_does_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
