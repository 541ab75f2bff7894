/* SPDX-License-Identifier: MIT */
/*
 * echoes.h: many echoes of one client, no two of them with the same bytes, so that a reply that is
 * out of order, of another client or torn is recognised.
 */
#ifndef MUELLE_TESTS_CONFORMANCE_ECHOES_H
#define MUELLE_TESTS_CONFORMANCE_ECHOES_H

#include "tests/conformance/client.h"

struct echoes {
    unsigned seed; /* another one, another content */
    size_t count;
    size_t size; /* of each payload */
};

/* The content of number `index`, echoes->size bytes of it. */
void echo_fill(const struct echoes *echoes, size_t index, uint8_t *payload);

/* Appends all of them, encoded as requests. */
void echoes_encode(const struct echoes *echoes, const struct protocol *protocol,
                   struct buffer *requests);

/* The next reply of the client is the answer to number `index`. */
void client_expect_echo(struct client *client, const struct echoes *echoes, size_t index);
void client_expect_echoes(struct client *client, const struct echoes *echoes);

/* Says `requests` (echoes, encoded) and hears the replies at the same time: however much it is, no
 * side waits for the other. */
void client_exchange(struct client *client, struct bytes requests, const struct echoes *echoes);

#endif
