/* SPDX-License-Identifier: MIT */
/*
 * watch.h: the thread that watches a run: it starts the workers, leads them through the phases of
 * run.h and collects what they recorded.
 */
#ifndef MUELLE_LOADGEN_WATCH_H
#define MUELLE_LOADGEN_WATCH_H

#include "common/compiler.h"
#include "loadgen/engine/worker.h"
#include "loadgen/output/dump.h"
#include "loadgen/output/monitor.h"
#include "loadgen/run.h"
#include "loadgen/run_shared.h"

/* What the watching thread holds; lives as long as run_execute(). */
struct watch {
    struct run run;
    struct worker *workers;
    unsigned workers_count;
    struct monitor *monitor; /* of all attempts; not owned */
    struct dump *dump;       /* NULL: no --dump */
};

/* Starts the threads. 0, or -errno after saying why: then none runs and there is nothing to
 * release. `result` has its recorder already. */
int watch_init(struct watch *watch, const struct plan *plan, const struct socket_address *target,
               struct monitor *monitor, struct run_result *result) MUST_CHECK;

/* All phases, and the end of the threads; fills `result`. 0 or -errno; what the server is to blame
 * for was said. */
int watch_run(struct watch *watch, struct run_result *result) MUST_CHECK;

/* After watch_run(), whatever it returned. */
void watch_release(struct watch *watch, struct run_result *result);

/* What the threads recorded, and where the window really lay; `stopped_ns`: when the last phase
 * before the drain was over. The threads have ended. 0 or -errno. */
int watch_collect(struct watch *watch, uint64_t stopped_ns, struct run_result *result) MUST_CHECK;

static inline bool watch_is_stopped(const struct watch *watch)
{
    return atomic_load(&watch->run.stop);
}

#endif
