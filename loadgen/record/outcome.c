/* SPDX-License-Identifier: MIT */
#include "loadgen/record/outcome.h"

#include <errno.h>

const char *const outcome_names[OUTCOMES_COUNT] = {
    [REQUEST_OK] = "ok",
    [REQUEST_WRONG] = "wrong",
    [REQUEST_FAILED] = "failed",
    [REQUEST_TIMED_OUT] = "timed_out",
    [REQUEST_IN_FLIGHT] = "in_flight",
    [REQUEST_UNSENT] = "unsent",
    [REQUEST_ENDS_COUNT + FAILURE_REFUSED] = "refused",
    [REQUEST_ENDS_COUNT + FAILURE_RESET] = "reset",
    [REQUEST_ENDS_COUNT + FAILURE_CLOSED] = "closed",
    [REQUEST_ENDS_COUNT + FAILURE_BROKEN_FRAME] = "broken_frame",
    [REQUEST_ENDS_COUNT + FAILURE_ERROR_REPLY] = "error_reply",
    [REQUEST_ENDS_COUNT + FAILURE_UNREACHABLE] = "unreachable",
    [REQUEST_ENDS_COUNT + FAILURE_NO_DESCRIPTOR] = "no_descriptor",
    [REQUEST_ENDS_COUNT + FAILURE_NO_PORT] = "no_port",
    [REQUEST_ENDS_COUNT + FAILURE_CONNECT_TIMED_OUT] = "connect_timed_out",
    [REQUEST_ENDS_COUNT + FAILURE_HANDSHAKE_TIMED_OUT] = "handshake_timed_out",
    [REQUEST_ENDS_COUNT + FAILURE_HANDSHAKE_REFUSED] = "handshake_refused",
    [REQUEST_ENDS_COUNT + FAILURE_HANDSHAKE_BROKEN] = "handshake_broken",
    [REQUEST_ENDS_COUNT + FAILURE_OTHER] = "other",
};

enum failure failure_of_error(int error)
{
    switch (-error) {
    case ECONNREFUSED:
    case ENOENT: /* of a Unix socket */
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

enum failure failures_most(const uint64_t errors[FAILURES_COUNT])
{
    enum failure most = FAILURES_COUNT;

    for (int i = 0; i < FAILURES_COUNT; i++) {
        if (errors[i] > 0 && (most == FAILURES_COUNT || errors[i] > errors[most]))
            most = (enum failure)i;
    }
    return most;
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
    into->intended += from->intended;
    into->unsent += from->unsent;
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
    into->recycled += from->recycled;
    into->reconnected += from->reconnected;
    into->retried += from->retried;
    failures_add(into->errors, from->errors);
}

bool request_counts_are_conserved(const struct request_counts *counts)
{
    return counts->intended == counts->sent + counts->unsent &&
           counts->sent == counts->ok + counts->wrong + counts->timed_out + counts->in_flight +
                               failures_total(counts->errors);
}
