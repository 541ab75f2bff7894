/* SPDX-License-Identifier: MIT */
#include "loadgen/run_shared.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

void run_wake(const struct run *run)
{
    uint64_t one = 1;
    ssize_t ignored = write(run->wake_fd, &one, sizeof one);
    (void)ignored; /* a full counter wakes as well */
}

/* --- signals ---------------------------------------------------------------------------------- */

static struct run *_Atomic interrupted_run;
static atomic_bool came_between; /* a signal found no run: it is meant for the next one */

/* The first one ends the load in good order, the second one does not wait for what is in flight. */
static void on_signal(int number)
{
    int saved_errno = errno;
    struct run *run = atomic_load(&interrupted_run);

    (void)number;
    if (run) {
        if (atomic_exchange(&run->stop, true))
            atomic_store(&run->end_at_once, true);
        run_wake(run);
    } else {
        atomic_store(&came_between, true);
    }
    errno = saved_errno;
}

void run_catch_signals(struct run *run)
{
    struct sigaction interrupt = {.sa_handler = on_signal,
                                  .sa_flags = run ? SA_RESTART : SA_RESTART | (int)SA_RESETHAND};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    atomic_store(&interrupted_run, run);
    sigemptyset(&interrupt.sa_mask);
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGTERM, &interrupt, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    if (run && atomic_exchange(&came_between, false)) {
        atomic_store(&run->stop, true);
        run_wake(run);
    }
}
