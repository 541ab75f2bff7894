/* SPDX-License-Identifier: MIT */
/*
 * stop.h: how a server is told to stop: a descriptor that becomes readable, and stays so.
 *
 * Every place where anybody waits can wait for it too, so stopping needs no flag, no signal to a
 * thread and no timeout. SIGINT and SIGTERM make it readable; a second signal ends the process at
 * once, for those who cannot wait for clients to be drained.
 */
#ifndef MUELLE_SERVER_STOP_H
#define MUELLE_SERVER_STOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/compiler.h"

/* The descriptor, owned by the caller: close(2) it after the run. -errno on failure. */
int stop_open(void) MUST_CHECK;

/* Makes `stop_fd` readable for good; safe in a signal handler. */
void stop_request(int stop_fd);

/* Does not block. */
bool stop_is_requested(int stop_fd);

/* Blocks for `duration_ns`, or until the stop; true when it was the stop. */
bool stop_wait(int stop_fd, uint64_t duration_ns);

/* From now on SIGINT and SIGTERM request the stop, and SIGPIPE is ignored. */
void stop_on_signals(int stop_fd);

/* Threads started with `attributes` leave SIGINT, SIGTERM and SIGUSR1 to the thread that runs the
 * model. It lets no signal through while it starts a thread, and one that comes just then would be
 * given to a thread that waits for its client: it would take it when its turn comes, and under
 * ThreadSanitizer not before its client says something. 0, or an error number. */
int stop_leave_signals(pthread_attr_t *attributes) MUST_CHECK;

/* In a worker process: the signals that end a server are its parent's business, which passes them
 * on by the stop descriptor that both have. */
void stop_ignore_signals(void);

#endif
