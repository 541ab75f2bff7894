/* SPDX-License-Identifier: MIT */
/*
 * arrival.h: when a request had come to the server's machine, which may be long before the server
 * got to read it: a server whose latency is known counts from here, so that what keeps it from
 * reading makes no reply late.
 */
#ifndef MUELLE_TESTS_TRUTH_ARRIVAL_H
#define MUELLE_TESTS_TRUTH_ARRIVAL_H

#include <stdint.h>
#include <sys/types.h>

#include "common/bytes.h"

/* Has the kernel stamp what comes in on that socket (SO_TIMESTAMPNS). A Unix socket has no stamps:
 * what it brings has arrived when it is read. */
void arrival_stamp(int fd);

/* As recv() without waiting. *arrived_ns, where something was read: when the last of it had
 * arrived, on CLOCK_MONOTONIC. */
ssize_t arrival_read(int fd, struct space space, uint64_t *arrived_ns);

#endif
