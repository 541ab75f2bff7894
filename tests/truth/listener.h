/* SPDX-License-Identifier: MIT */
/*
 * listener.h: the socket clients come to, TCP on loopback or Unix.
 */
#ifndef MUELLE_TESTS_TRUTH_LISTENER_H
#define MUELLE_TESTS_TRUTH_LISTENER_H

#include "common/compiler.h"
#include "tests/truth/options.h"

/* A non-blocking listening socket, which the caller closes, or -1 after one line on stderr. Prints
 * "listening …", so everything else has to be ready. */
int listener_open(const struct options *options) MUST_CHECK;

/* Closes it, and removes a Unix socket's file. */
void listener_close(int fd, const struct options *options);

#endif
