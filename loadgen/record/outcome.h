/* SPDX-License-Identifier: MIT */
/*
 * outcome.h: how a request or a connection can end, and the counts of it.
 *
 * Conservation, checked in every run: intended = sent + unsent, and
 * sent = ok + wrong + errors + timed out + in flight.
 */
#ifndef MUELLE_LOADGEN_OUTCOME_H
#define MUELLE_LOADGEN_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

/* Why a connection failed, or a request on it; the names are in results/README.md. */
enum failure {
    FAILURE_REFUSED,      /* nobody listens there */
    FAILURE_RESET,        /* the peer reset the connection */
    FAILURE_CLOSED,       /* the peer closed before the whole reply had come */
    FAILURE_BROKEN_FRAME, /* bytes that are no reply, or that nobody asked for */
    FAILURE_ERROR_REPLY,  /* the server answered with an error frame */
    FAILURE_UNREACHABLE,
    FAILURE_NO_DESCRIPTOR, /* ours have run out */
    FAILURE_NO_PORT,       /* the ports of our address have run out */
    FAILURE_CONNECT_TIMED_OUT,
    FAILURE_HANDSHAKE_TIMED_OUT,
    FAILURE_HANDSHAKE_REFUSED, /* when it was established before, and lost */
    FAILURE_HANDSHAKE_BROKEN,  /* the answer to the greeting was neither OK nor ERROR */
    FAILURE_OTHER,
    FAILURES_COUNT,
};

/* What a libuv error (negative errno) on a connection means. */
enum failure failure_of_error(int error);

/* How a request ended. */
enum request_end {
    REQUEST_OK,
    REQUEST_WRONG,
    REQUEST_FAILED, /* for a reason that is an enum failure */
    REQUEST_TIMED_OUT,
    REQUEST_IN_FLIGHT, /* when the run ended */
    REQUEST_UNSENT,    /* it never began */
    REQUEST_ENDS_COUNT,
};

/* Both in one number, for tables of names: a failure stands for REQUEST_FAILED. */
enum { OUTCOMES_COUNT = REQUEST_ENDS_COUNT + FAILURES_COUNT };
extern const char *const outcome_names[OUTCOMES_COUNT];
static inline const char *failure_name(enum failure failure)
{
    return outcome_names[REQUEST_ENDS_COUNT + (int)failure];
}
static inline uint8_t outcome_index(enum request_end end, enum failure failure)
{
    return (uint8_t)(end == REQUEST_FAILED ? REQUEST_ENDS_COUNT + (int)failure : (int)end);
}

struct request_counts {
    uint64_t intended; /* counted where arrivals come from, not where they go */
    uint64_t unsent;   /* no connection was free for them until the end, or the queue was full */
    uint64_t sent, ok, wrong, timed_out, in_flight;
    uint64_t errors[FAILURES_COUNT];
};

struct connection_counts {
    uint64_t asked, established, lost, refused, failed;
    uint64_t recycled;    /* closed as planned, after so many requests */
    uint64_t reconnected; /* established once more, after either */
    uint64_t retried;     /* attempts after one that failed */
    uint64_t errors[FAILURES_COUNT];
};

/* The kind there is most of; FAILURES_COUNT: there is none. */
enum failure failures_most(const uint64_t errors[FAILURES_COUNT]);
uint64_t failures_total(const uint64_t errors[FAILURES_COUNT]);
void request_counts_add(struct request_counts *into, const struct request_counts *from);
void connection_counts_add(struct connection_counts *into, const struct connection_counts *from);
bool request_counts_are_conserved(const struct request_counts *counts);

#endif
