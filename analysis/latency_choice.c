/* SPDX-License-Identifier: MIT */
#include "analysis/latency_choice.h"

const char *const latency_choice_names[LATENCY_CHOICES + 1] = {
    [LATENCY_RESPONSE] = "response",
    [LATENCY_SERVICE] = "service",
    [LATENCY_WIRE] = "wire",
    [LATENCY_SEND_LAG] = "send_lag",
    [LATENCY_QUEUE_WAIT] = "queue_wait",
    [LATENCY_HANDSHAKE] = "handshake",
};

const struct latency *latency_chosen(const struct trial *trial, enum latency_choice choice)
{
    const struct latency *const latencies[LATENCY_CHOICES] = {
        [LATENCY_RESPONSE] = &trial->response,
        [LATENCY_SERVICE] = &trial->service,
        [LATENCY_WIRE] = &trial->wire,
        [LATENCY_SEND_LAG] = &trial->send_lag,
        [LATENCY_QUEUE_WAIT] = &trial->queue_wait,
        [LATENCY_HANDSHAKE] = &trial->handshake,
    };

    return latencies[choice];
}
