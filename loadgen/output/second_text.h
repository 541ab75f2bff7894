/* SPDX-License-Identifier: MIT */
/*
 * second_text.h: one second of a run as a line of --stream and as lines of --hlog.
 *
 * A line of the stream is one JSON object without line breaks, so the stream is NDJSON:
 *
 *     {"second":0,"start_s":0,"duration_s":1,"sent":…,"ok":…,"errors":…,
 *      "response":LATENCY,"service":LATENCY,"send_lag":LATENCY,"queue_wait":LATENCY,
 *      "wire":LATENCY,"classes":[{"name":"echo:64","response":LATENCY},…]}
 *     LATENCY = {"count":…,"p50_ns":…,"p90_ns":…,"p99_ns":…,"p999_ns":…,"max_ns":…,
 *                "lower_bounds":["max_ns"],"at_least_count":…,"above_count":…,"histogram":"…"}
 *
 * It says what happened in that second: latencies are of the requests that ended in it and were
 * intended in the measured window (send_lag and queue_wait: that were sent in it). `duration_s` is
 * how much of it lies within that window: less than 1 in a last second, 0 in the drain, when there
 * are no counts any more. A field that is not measured with such a load is not there; a percentile
 * of nothing is null, and one named in `lower_bounds` is only known to be at least that. The
 * histogram is that of common/histogram_codec.h. All but `second` are as in the trial's JSON.
 */
#ifndef MUELLE_LOADGEN_SECOND_TEXT_H
#define MUELLE_LOADGEN_SECOND_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"
#include "loadgen/plan.h"
#include "loadgen/record/seconds.h"

/* The second that was taken last, which lies `duration_ns` within the measured window. *text ends
 * in a line break and is the caller's to free. 0, -ENOMEM, or an error of histogram_encode(). */
int second_stream_line(const struct plan *plan, const struct seconds *seconds, uint64_t duration_ns,
                       char **text, size_t *size) MUST_CHECK;

/* The response time of the second that was taken last, a line for each class, tagged with it. As
 * above. */
int second_log_lines(const struct plan *plan, const struct seconds *seconds, char **text,
                     size_t *size) MUST_CHECK;

/* What stands above them; `start_epoch_s` is when the first second began, in UTC since 1970. */
int second_log_header(const struct plan *plan, double start_epoch_s, char **text,
                      size_t *size) MUST_CHECK;

#endif
