/* SPDX-License-Identifier: MIT */
/*
 * latency_choice.h: the latencies of a trial by the names people ask for them with.
 */
#ifndef MUELLE_ANALYSIS_LATENCY_CHOICE_H
#define MUELLE_ANALYSIS_LATENCY_CHOICE_H

#include "analysis/trial.h"

enum latency_choice {
    LATENCY_RESPONSE,
    LATENCY_SERVICE,
    LATENCY_WIRE,
    LATENCY_SEND_LAG,
    LATENCY_QUEUE_WAIT,
    LATENCY_HANDSHAKE,
    LATENCY_CHOICES,
};

/* "response" …, as a trial file has them; ends with NULL. */
extern const char *const latency_choice_names[LATENCY_CHOICES + 1];

const struct latency *latency_chosen(const struct trial *trial, enum latency_choice choice);

#endif
