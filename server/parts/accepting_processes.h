/* SPDX-License-Identifier: MIT */
/*
 * accepting_processes.h: the parent of workers that wait in accept(2) on one listener.
 *
 * It replaces those that die, refuses whom nobody takes from the listen queue (overflow.h), and at
 * the stop ends their waiting.
 */
#ifndef MUELLE_SERVER_PARTS_ACCEPTING_PROCESSES_H
#define MUELLE_SERVER_PARTS_ACCEPTING_PROCESSES_H

#include "server/parts/processes.h"

/* A model's whole run: server_workers() processes do work(), which ends when
 * server_accept_waiting() says so. `shared` is for them; memory that all of them write has to be
 * mapped to be shared. 0, or -errno when not even one could be started. */
int accepting_processes_run(struct server *server, int (*work)(struct process *process),
                            void *shared) MUST_CHECK;

#endif
