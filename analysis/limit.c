/* SPDX-License-Identifier: MIT */
#include "analysis/limit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* As in the generator's verdict. */
static const double SATURATED = 0.95;

static bool has_reason(const struct cell *cell, const char *code)
{
    for (size_t i = 0; i < cell->trial_count; i++) {
        for (size_t j = 0; j < cell->trials[i]->reason_count; j++) {
            if (strcmp(cell->trials[i]->reasons[j].code, code) == 0)
                return true;
        }
    }
    return false;
}

/* Of a list of cores as the kernel writes it: "0", "0-3,8". 0: it is none. */
static unsigned count_cores(const char *list)
{
    unsigned count = 0;

    while (*list) {
        char *end;
        unsigned long first = strtoul(list, &end, 10);
        unsigned long last = first;

        if (end == list)
            return 0;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        if (last < first || last > 1 << 16 || (*end && *end != ','))
            return 0;
        count += (unsigned)(last - first) + 1;
        list = *end ? end + 1 : end;
    }
    return count;
}

/* Cores of the trial's server: as the campaign wrote beside the trial, in older ones as it planned
 * for the run. 0: not known. */
static unsigned server_cores(const struct summary *summary, const struct trial *trial)
{
    json_t *pinning = json_object_get(json_object_get(trial->document, "machine"), "pinning");

    if (!pinning)
        pinning = json_object_get(summary->run->manifest, "pinning");
    const char *list = json_string_value(json_object_get(pinning, "server"));
    return list ? count_cores(list) : 0;
}

/* Of the time of the server's cores, the share in which it had work: ran, or was ready to and
 * waited for the core. The least of the trials; NAN when not known. */
static double busy_share(const struct summary *summary, const struct cell *cell)
{
    double least = NAN;

    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct resources *server = &cell->trials[i]->server;
        double delay_s = isfinite(server->run_queue_delay_s) ? server->run_queue_delay_s : 0;
        unsigned cores = server_cores(summary, cell->trials[i]);

        if (cores == 0 || !server->measured || !(server->observed_s > 0))
            return NAN;
        least = fmin(least, (server->cpu_user_s + server->cpu_system_s + delay_s) /
                                (server->observed_s * cores));
    }
    return least;
}

enum limit cell_limit(const struct summary *summary, const struct cell *cell)
{
    double busy = busy_share(summary, cell);

    if (has_reason(cell, "I1"))
        return LIMIT_GENERATOR;
    if (has_reason(cell, "I6"))
        return LIMIT_KERNEL;
    if (cell->is_limited)
        return LIMIT_CLIENTS;
    if (isnan(busy))
        return LIMIT_UNKNOWN;
    if (busy >= SATURATED)
        return has_reason(cell, "C10") ? LIMIT_BOTH : LIMIT_SERVER;
    return LIMIT_NEITHER;
}

const char *limit_text(enum limit limit)
{
    static const char *const texts[] = {
        [LIMIT_UNKNOWN] = "not known",
        [LIMIT_SERVER] = "the server",
        [LIMIT_BOTH] = "the server, and the generator nearly",
        [LIMIT_GENERATOR] = "the generator",
        [LIMIT_KERNEL] = "the kernel",
        [LIMIT_CLIENTS] = "the clients it serves at once",
        [LIMIT_NEITHER] = "neither: waits",
    };
    return texts[limit];
}
