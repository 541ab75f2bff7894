/* SPDX-License-Identifier: MIT */
/*
 * service.h: what a request costs, the same for every model.
 *
 * Executes one decoded request on the calling thread and encodes the reply where it will be sent
 * from. `work` burns CPU in a loop calibrated once at start (never by watching a clock, which
 * would hide the time a preempted thread loses), then blocks the thread like a disk or a database
 * driver would; both end early when the server stops, because no request may hold up a stop.
 */
#ifndef MUELLE_SERVER_SERVICE_H
#define MUELLE_SERVER_SERVICE_H

#include <stdbool.h>

#include "protocol/protocol.h"

/* Read-only once initialised: shared by all threads. */
struct service {
    const struct protocol *protocol;
    size_t payload_max; /* of requests and replies */
    double steps_per_us;
    int stop_fd; /* not owned */
};

/* Calibrates: takes about 10 ms. */
void service_init(struct service *service, const struct protocol *protocol, size_t payload_max,
                  int stop_fd);

/* Bytes of space the encoded reply to `request` needs, at most. */
size_t service_reply_size_max(const struct service *service, const struct message *request);

/* Whether executing `request` would block the thread, as opposed to keep it busy. */
bool service_blocks(const struct service *service, const struct message *request);

/* Executes `request`: blocks as long as the request asks for. `out` has at least
 * service_reply_size_max() bytes and does not overlap the request. Returns the size of the encoded
 * reply. *is_error tells that it is an error reply. */
size_t service_execute(const struct service *service, const struct message *request,
                       struct space out, bool *is_error);

/* Encodes an error reply that answers no request, before a close. Returns its size, at most
 * SERVICE_ERROR_SIZE_MAX. */
enum { SERVICE_ERROR_SIZE_MAX = 128 };
size_t service_error(const struct service *service, uint32_t code, struct space out);

#endif
