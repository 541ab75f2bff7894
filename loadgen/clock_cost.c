/* SPDX-License-Identifier: MIT */
#include "loadgen/clock_cost.h"

#include "common/clock.h"

enum { READINGS = 10000 };

struct clock_cost clock_cost_measure(void)
{
    uint64_t begin_ns = clock_now_ns(), last_ns = begin_ns, tick_ns = UINT64_MAX;

    for (int i = 0; i < READINGS; i++) {
        uint64_t now_ns = clock_now_ns();

        if (now_ns != last_ns && now_ns - last_ns < tick_ns)
            tick_ns = now_ns - last_ns;
        last_ns = now_ns;
    }
    return (struct clock_cost){.read_ns = (double)(last_ns - begin_ns) / READINGS,
                               .tick_ns = tick_ns};
}
