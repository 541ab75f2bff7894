/* SPDX-License-Identifier: MIT */
/*
 * histogram_codec.c: three layers, each checked before the next is opened.
 *
 *     base64    be32 cookie · be32 L · L bytes
 *     zlib      be32 cookie · be32 P · be32 offset · be32 digits ·
 *               be64 lowest · be64 highest · be64 ratio · P bytes         (40 + P)
 *     numbers   2 * count, or 2 * run - 1 for a run of empty counters: 7 bits a byte, the low ones
 *               first, the top bit says that more follow; a ninth byte has 8 bits and is the last
 *
 * The layout in the inner header bounds P, and P bounds what is inflated: a text can make the
 * decoder use no more memory than the largest layout takes, whatever it expands to.
 *
 * `offset` is how far a shifted histogram turned its array; the counters are written unturned, so
 * readers have no use for it (hdr-histogram-js writes a 1).
 */
#include "common/histogram_codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/base64.h"
#include "common/bytes.h"

enum {
    COOKIE_COMPRESSED = 0x1c849314,
    COOKIE = 0x1c849313,
    FRAME_SIZE = 8,
    HEADER_SIZE = 40,
    NUMBER_SIZE_MAX = 9,
};

/* 1.0 as IEEE 754 has it; some writers (hdr-histogram-js among them) put the integer 1 instead.
 * Any other ratio scales the values of a histogram of doubles, which ours are not. */
static const uint64_t ratio_one = UINT64_C(0x3FF0000000000000);
static const uint64_t ratio_one_integer = 1;

/* A counter that a signed 64-bit number cannot hold. */
static const uint64_t count_end = UINT64_C(1) << 63;

static void be32_store(uint8_t *to, uint32_t value)
{
    u32_store(to, __builtin_bswap32(value));
}

static uint32_t be32_load(const uint8_t *from)
{
    return __builtin_bswap32(u32_load(from));
}

static void be64_store(uint8_t *to, uint64_t value)
{
    be32_store(to, (uint32_t)(value >> 32));
    be32_store(to + 4, (uint32_t)value);
}

static uint64_t be64_load(const uint8_t *from)
{
    return (uint64_t)be32_load(from) << 32 | be32_load(from + 4);
}

static size_t number_write(uint8_t *to, uint64_t number)
{
    size_t size = 0;

    while (number >= 0x80 && size < NUMBER_SIZE_MAX - 1) {
        to[size++] = (uint8_t)(number | 0x80);
        number >>= 7;
    }
    to[size++] = (uint8_t)number;
    return size;
}

static int number_read(struct bytes *from, uint64_t *number)
{
    *number = 0;
    for (unsigned i = 0; i < NUMBER_SIZE_MAX; i++) {
        if (from->size == 0)
            return -EINVAL;
        uint64_t byte = from->data[0];
        *from = bytes_after(*from, 1);
        if (byte < 0x80 || i == NUMBER_SIZE_MAX - 1) {
            *number |= byte << (7 * i);
            return 0;
        }
        *number |= (byte & 0x7f) << (7 * i);
    }
    return -EINVAL;
}

/* One more than the index of the last counter in use; at least 1, as every implementation writes
 * the counter of 0 of an empty histogram. */
static size_t counts_used(const struct histogram *histogram)
{
    size_t used = histogram->counts_length;

    while (used > 1 && histogram->counts[used - 1] == 0)
        used--;
    return used;
}

/* Bytes written, or -EOVERFLOW. A lone empty counter is the number 0, as HdrHistogram writes it. */
static ssize_t counts_write(const struct histogram *histogram, size_t used, uint8_t *to)
{
    size_t size = 0;
    size_t run = 0;

    for (size_t i = 0; i < used; i++) {
        uint64_t count = histogram->counts[i];

        if (count >= count_end)
            return -EOVERFLOW;
        if (count == 0) {
            run++;
            continue;
        }
        if (run > 0)
            size += number_write(to + size, run > 1 ? 2 * run - 1 : 0);
        run = 0;
        size += number_write(to + size, 2 * count);
    }
    if (run > 0)
        size += number_write(to + size, 0);
    return (ssize_t)size;
}

static void header_write(const struct histogram *histogram, size_t counts_size, uint8_t *to)
{
    be32_store(to, COOKIE);
    be32_store(to + 4, (uint32_t)counts_size);
    be32_store(to + 8, 0);
    be32_store(to + 12, histogram->digits);
    be64_store(to + 16, histogram->lowest);
    be64_store(to + 24, histogram->highest);
    be64_store(to + 32, ratio_one);
}

/* Compresses, frames and encodes the inner layer. */
static int text_from_payload(struct bytes payload, char **text)
{
    uLongf size = compressBound((uLong)payload.size);
    uint8_t *frame = malloc(FRAME_SIZE + size);

    if (!frame)
        return -ENOMEM;
    /* Room is enough and the level is valid, so memory is all that it can lack. */
    if (compress(frame + FRAME_SIZE, &size, payload.data, (uLong)payload.size) != Z_OK) {
        free(frame);
        return -ENOMEM;
    }
    be32_store(frame, COOKIE_COMPRESSED);
    be32_store(frame + 4, (uint32_t)size);
    *text = malloc(base64_encoded_size(FRAME_SIZE + size) + 1);
    if (*text)
        base64_encode((struct bytes){frame, FRAME_SIZE + size}, *text);
    free(frame);
    return *text ? 0 : -ENOMEM;
}

int histogram_encode(const struct histogram *histogram, char **text)
{
    size_t used = counts_used(histogram);
    uint8_t *payload = malloc(HEADER_SIZE + NUMBER_SIZE_MAX * used);

    if (!payload)
        return -ENOMEM;
    ssize_t result = counts_write(histogram, used, payload + HEADER_SIZE);
    if (result >= 0) {
        size_t counts_size = (size_t)result;
        header_write(histogram, counts_size, payload);
        result = text_from_payload((struct bytes){payload, HEADER_SIZE + counts_size}, text);
    }
    free(payload);
    return (int)result;
}

/* Fills the counters and what follows from them. */
static int counts_read(struct bytes from, struct histogram *histogram)
{
    size_t index = 0;

    while (from.size > 0) {
        size_t left = histogram->counts_length - index;
        uint64_t number;
        int error = number_read(&from, &number);

        if (error)
            return error;
        uint64_t places = number & 1 ? (number >> 1) + 1 : 1;
        uint64_t count = number & 1 ? 0 : number >> 1;
        if (places > left ||
            __builtin_add_overflow(histogram->total_count, count, &histogram->total_count))
            return -EINVAL;
        if (count > 0) {
            histogram->counts[index] = count;
            if (histogram->min == UINT64_MAX)
                histogram->min = histogram_index_lowest(histogram, index);
            histogram->max = histogram_index_highest(histogram, index);
            histogram->sum += (double)count * (double)histogram_index_middle(histogram, index);
        }
        index += places;
    }
    return 0;
}

/* Initialises `histogram` as the inner header says; *counts_size becomes the P that follows it. */
static int header_read(const uint8_t *header, struct histogram *histogram, size_t *counts_size)
{
    uint64_t ratio = be64_load(header + 32);

    if (be32_load(header) != COOKIE || (ratio != ratio_one && ratio != ratio_one_integer))
        return -EINVAL;
    int error = histogram_init(histogram, be64_load(header + 16), be64_load(header + 24),
                               be32_load(header + 12));
    if (error)
        return error;
    *counts_size = be32_load(header + 4);
    if (*counts_size > NUMBER_SIZE_MAX * histogram->counts_length) {
        histogram_release(histogram);
        return -EINVAL;
    }
    return 0;
}

/* Inflates until `size` bytes are out or the input is used up. */
static int inflate_into(z_stream *stream, uint8_t *to, size_t size, bool *ended)
{
    stream->next_out = to;
    stream->avail_out = (uInt)size;
    int status = inflate(stream, Z_SYNC_FLUSH);
    *ended = status == Z_STREAM_END;
    if (status == Z_MEM_ERROR)
        return -ENOMEM;
    return status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR ? 0 : -EINVAL;
}

static int counts_inflate(z_stream *stream, size_t size, struct histogram *histogram)
{
    bool ended;
    /* One byte more than there may be: a stream that fills it is longer than it said. */
    uint8_t *counts = malloc(size + 1);

    if (!counts)
        return -ENOMEM;
    int error = inflate_into(stream, counts, size + 1, &ended);
    if (!error && (!ended || stream->avail_out != 1 || stream->avail_in != 0))
        error = -EINVAL;
    if (!error)
        error = counts_read((struct bytes){counts, size}, histogram);
    free(counts);
    return error;
}

static int payload_decode(struct bytes compressed, struct histogram *histogram)
{
    z_stream stream = {.next_in = (z_const Bytef *)compressed.data,
                       .avail_in = (uInt)compressed.size};
    uint8_t header[HEADER_SIZE];
    size_t counts_size;
    bool ended;

    if (inflateInit(&stream) != Z_OK)
        return -ENOMEM;
    int error = inflate_into(&stream, header, sizeof header, &ended);
    if (!error && stream.avail_out > 0)
        error = -EINVAL;
    if (!error)
        error = header_read(header, histogram, &counts_size);
    if (!error) {
        error = counts_inflate(&stream, counts_size, histogram);
        if (error)
            histogram_release(histogram);
    }
    inflateEnd(&stream);
    return error;
}

int histogram_decode(const char *text, struct histogram *histogram)
{
    size_t size_max = base64_decoded_size_max(strlen(text));
    uint8_t *frame = malloc(size_max + 1);

    if (!frame)
        return -ENOMEM;
    int error = -EINVAL;
    ssize_t size = base64_decode(text, (struct space){frame, size_max});
    if (size >= FRAME_SIZE && be32_load(frame) == COOKIE_COMPRESSED &&
        be32_load(frame + 4) == (size_t)size - FRAME_SIZE)
        error = payload_decode((struct bytes){frame + FRAME_SIZE, (size_t)size - FRAME_SIZE},
                               histogram);
    free(frame);
    return error;
}
