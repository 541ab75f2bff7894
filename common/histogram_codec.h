/* SPDX-License-Identifier: MIT */
/*
 * histogram_codec.h: histograms as text that every HdrHistogram implementation reads.
 *
 * The V2 compressed encoding: base64( be32 cookie 0x1c849314 · be32 L · zlib stream of L bytes ),
 * the stream holding a header of 40 bytes and the counters as ZigZag LEB128 numbers of 64 bits (a
 * negative number is a run of zeros). It carries counters only: the exact minimum, maximum and sum
 * come back to the resolution of a counter, and values above the highest have no place in it (write
 * `above_count` beside it).
 */
#ifndef MUELLE_COMMON_HISTOGRAM_CODEC_H
#define MUELLE_COMMON_HISTOGRAM_CODEC_H

#include "common/compiler.h"
#include "common/histogram.h"

/* *text becomes a NUL-terminated string the caller frees. 0, -ENOMEM, or -EOVERFLOW when a counter
 * has reached 2^63. (JavaScript readers of 32-bit counters want less than 2^31.) */
int histogram_encode(const struct histogram *histogram, char **text) MUST_CHECK;

/* Initialises *histogram with the layout and counts in `text`; the caller releases it. -EINVAL when
 * the text is not base64, not V2, cut short, larger than its layout allows, scaled, or of a layout
 * histogram_init() refuses; -ENOMEM. On an error *histogram needs no release. */
int histogram_decode(const char *text, struct histogram *histogram) MUST_CHECK;

#endif
