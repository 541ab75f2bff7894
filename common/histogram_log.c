/* SPDX-License-Identifier: MIT */
#include "common/histogram_log.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/histogram_codec.h"

/* HdrHistogram_c reads lines of the header into 128 bytes. */
enum { COMMENT_SIZE_MAX = 120 };

static int comment_write(FILE *out, const char *comment)
{
    char line[COMMENT_SIZE_MAX + 1];
    size_t size = 0;

    while (size < COMMENT_SIZE_MAX && comment[size] != '\0') {
        char byte = comment[size];

        line[size++] = byte == '\n' || byte == '\r' ? ' ' : byte;
    }
    line[size] = '\0';
    /* Half a character of UTF-8 at the cut would be none. */
    while (comment[size] != '\0' && size > 0 && ((unsigned char)comment[size] & 0xc0) == 0x80)
        line[--size] = '\0';
    return fprintf(out, "#[%s]\n", line) < 0 ? -errno : 0;
}

int histogram_log_begin(FILE *out, double start_epoch_s, const char *comment)
{
    time_t seconds = (time_t)start_epoch_s;
    struct tm utc;
    char date[32] = "";

    if (gmtime_r(&seconds, &utc))
        strftime(date, sizeof date, ", %Y-%m-%dT%H:%M:%SZ", &utc);
    if (comment) {
        int error = comment_write(out, comment);
        if (error)
            return error;
    }
    if (fprintf(out,
                "#[Histogram log format version 1.3]\n"
                "#[StartTime: %.3f (seconds since epoch)%s]\n"
                "#[BaseTime: %.3f (seconds since epoch)]\n"
                "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                "\"Interval_Compressed_Histogram\"\n",
                start_epoch_s, date, start_epoch_s) < 0 ||
        fflush(out) != 0)
        return -errno;
    return 0;
}

static bool is_safe_in_tag(char byte)
{
    /* Not isalnum(): what it says of a byte depends on the locale. */
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || strchr("-_.:*()+/=@%", byte) != NULL;
}

static int tag_write(FILE *out, const char *tag)
{
    if (fputs("Tag=", out) == EOF)
        return -errno;
    for (; *tag != '\0'; tag++)
        if (fputc(is_safe_in_tag(*tag) ? *tag : '_', out) == EOF)
            return -errno;
    return fputc(',', out) == EOF ? -errno : 0;
}

int histogram_log_interval(FILE *out, const char *tag, double start_s, double length_s,
                           const struct histogram *histogram, double max_unit)
{
    char *text;
    int error;

    assert(max_unit > 0);
    error = histogram_encode(histogram, &text);
    if (error)
        return error;
    if (tag)
        error = tag_write(out, tag);
    if (!error && (fprintf(out, "%.3f,%.3f,%.3f,%s\n", start_s, length_s,
                           (double)histogram->max / max_unit, text) < 0 ||
                   fflush(out) != 0))
        error = -errno;
    free(text);
    return error;
}
