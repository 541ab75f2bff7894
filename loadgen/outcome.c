/* SPDX-License-Identifier: MIT */
#include "loadgen/outcome.h"

#include <errno.h>

const char *const failure_names[FAILURES_COUNT] = {
    [FAILURE_REFUSED] = "refused",
    [FAILURE_RESET] = "reset",
    [FAILURE_CLOSED] = "closed",
    [FAILURE_BROKEN_FRAME] = "broken_frame",
    [FAILURE_ERROR_REPLY] = "error_reply",
    [FAILURE_UNREACHABLE] = "unreachable",
    [FAILURE_NO_DESCRIPTOR] = "no_descriptor",
    [FAILURE_NO_PORT] = "no_port",
    [FAILURE_CONNECT_TIMED_OUT] = "connect_timed_out",
    [FAILURE_HANDSHAKE_TIMED_OUT] = "handshake_timed_out",
    [FAILURE_HANDSHAKE_REFUSED] = "handshake_refused",
    [FAILURE_HANDSHAKE_BROKEN] = "handshake_broken",
    [FAILURE_OTHER] = "other",
};

enum failure failure_of_error(int error)
{
    switch (-error) {
    case ECONNREFUSED:
        return FAILURE_REFUSED;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
        return FAILURE_RESET;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EACCES:
    case EPERM:
        return FAILURE_UNREACHABLE;
    case EMFILE:
    case ENFILE:
        return FAILURE_NO_DESCRIPTOR;
    case EADDRNOTAVAIL:
    case EADDRINUSE:
        return FAILURE_NO_PORT;
    case ETIMEDOUT:
        return FAILURE_CONNECT_TIMED_OUT;
    default:
        return FAILURE_OTHER;
    }
}

uint64_t failures_total(const uint64_t errors[FAILURES_COUNT])
{
    uint64_t total = 0;

    for (int i = 0; i < FAILURES_COUNT; i++)
        total += errors[i];
    return total;
}

static void failures_add(uint64_t into[FAILURES_COUNT], const uint64_t from[FAILURES_COUNT])
{
    for (int i = 0; i < FAILURES_COUNT; i++)
        into[i] += from[i];
}

void request_counts_add(struct request_counts *into, const struct request_counts *from)
{
    into->sent += from->sent;
    into->ok += from->ok;
    into->wrong += from->wrong;
    into->timed_out += from->timed_out;
    into->in_flight += from->in_flight;
    failures_add(into->errors, from->errors);
}

void connection_counts_add(struct connection_counts *into, const struct connection_counts *from)
{
    into->asked += from->asked;
    into->established += from->established;
    into->lost += from->lost;
    into->refused += from->refused;
    into->failed += from->failed;
    into->reconnected += from->reconnected;
    failures_add(into->errors, from->errors);
}

bool request_counts_are_conserved(const struct request_counts *counts)
{
    return counts->sent == counts->ok + counts->wrong + counts->timed_out + counts->in_flight +
                               failures_total(counts->errors);
}
