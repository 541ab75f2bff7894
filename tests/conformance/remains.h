/* SPDX-License-Identifier: MIT */
/*
 * remains.h: what a process holds, before and after, to find what was left behind.
 */
#ifndef MUELLE_TESTS_CONFORMANCE_REMAINS_H
#define MUELLE_TESTS_CONFORMANCE_REMAINS_H

#include <stdbool.h>
#include <stddef.h>

/* More is open when a case has 200 clients, but not at the two moments compared here. */
enum { REMAINS_FD_MAX = 1024 };

struct remains {
    bool is_open[REMAINS_FD_MAX];
    size_t threads_count;
};

/* What this process holds now. */
void remains_take(struct remains *remains);

/* Says on stderr what this process holds beyond `before`, a line each; false when there is
 * anything. A thread that was joined may take a moment to leave /proc: that is waited for. */
bool remains_are_gone(const struct remains *before);

#endif
