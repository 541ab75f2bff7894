/* SPDX-License-Identifier: MIT */
/*
 * base64.h: RFC 4648 base64, standard alphabet, padded, no line breaks.
 */
#ifndef MUELLE_COMMON_BASE64_H
#define MUELLE_COMMON_BASE64_H

#include <stddef.h>
#include <sys/types.h>

#include "common/bytes.h"
#include "common/compiler.h"

/* Characters of the encoding of `size` bytes, the terminating NUL not counted. */
size_t base64_encoded_size(size_t size);
/* Most bytes that `size` characters can decode to. */
size_t base64_decoded_size_max(size_t size);

/* `text` has base64_encoded_size(bytes.size) + 1 places; the result is NUL-terminated. */
void base64_encode(struct bytes bytes, char *text);

/* Bytes written, or -EINVAL for anything that is not padded base64 or does not fit. */
ssize_t base64_decode(const char *text, struct space out) MUST_CHECK;

#endif
