/* SPDX-License-Identifier: MIT */
/*
 * base64.c: strict on the way in. One byte string has one encoding here: bits left over in front of
 * the padding must be zero, so that two texts that differ never decode to the same bytes.
 */
#include "common/base64.h"

#include <errno.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_encoded_size(size_t size)
{
    return size / 3 * 4 + (size % 3 != 0 ? 4 : 0);
}

size_t base64_decoded_size_max(size_t size)
{
    return size / 4 * 3;
}

void base64_encode(struct bytes bytes, char *text)
{
    for (; bytes.size >= 3; bytes = bytes_after(bytes, 3)) {
        uint32_t group =
            (uint32_t)bytes.data[0] << 16 | (uint32_t)bytes.data[1] << 8 | bytes.data[2];

        *text++ = alphabet[group >> 18];
        *text++ = alphabet[group >> 12 & 63];
        *text++ = alphabet[group >> 6 & 63];
        *text++ = alphabet[group & 63];
    }
    if (bytes.size > 0) {
        uint32_t second = bytes.size == 2 ? bytes.data[1] : 0;
        uint32_t group = (uint32_t)bytes.data[0] << 16 | second << 8;

        *text++ = alphabet[group >> 18];
        *text++ = alphabet[group >> 12 & 63];
        *text++ = bytes.size == 2 ? alphabet[group >> 6 & 63] : '=';
        *text++ = '=';
    }
    *text = '\0';
}

/* The six bits `digit` stands for, or -1. */
static int digit_value(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    if (digit == '+')
        return 62;
    return digit == '/' ? 63 : -1;
}

static size_t padding_count(const char *text, size_t length)
{
    if (length == 0 || text[length - 1] != '=')
        return 0;
    return text[length - 2] == '=' ? 2 : 1;
}

ssize_t base64_decode(const char *text, struct space out)
{
    size_t length = strlen(text);
    uint32_t pending = 0;
    unsigned pending_bits = 0;
    size_t written = 0;

    if (length % 4 != 0)
        return -EINVAL;
    size_t padding = padding_count(text, length);
    if (base64_decoded_size_max(length) - padding > out.size)
        return -EINVAL;
    for (size_t i = 0; i < length - padding; i++) {
        int value = digit_value(text[i]);

        if (value < 0)
            return -EINVAL;
        pending = pending << 6 | (uint32_t)value;
        pending_bits += 6;
        if (pending_bits >= 8) {
            pending_bits -= 8;
            out.data[written++] = (uint8_t)(pending >> pending_bits);
            pending &= (UINT32_C(1) << pending_bits) - 1;
        }
    }
    return pending == 0 ? (ssize_t)written : -EINVAL;
}
