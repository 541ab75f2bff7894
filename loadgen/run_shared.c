/* SPDX-License-Identifier: MIT */
#include "loadgen/run_shared.h"

#include <unistd.h>

void run_wake(const struct run *run)
{
    uint64_t one = 1;
    ssize_t ignored = write(run->wake_fd, &one, sizeof one);
    (void)ignored; /* a full counter wakes as well */
}
