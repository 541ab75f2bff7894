/* SPDX-License-Identifier: MIT */
#include "loadgen/environment.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <uv.h>

#include "common/version.h"
#include "loadgen/clock_cost.h"
#include "revision.h"

enum { TEXT_SIZE = 256 };

/* The first line of a small file of /proc or /sys; "unknown" when it cannot be read. */
static const char *first_line(const char *path, char text[TEXT_SIZE])
{
    FILE *file = fopen(path, "re");

    snprintf(text, TEXT_SIZE, "unknown");
    if (!file)
        return text;
    if (fgets(text, TEXT_SIZE, file))
        text[strcspn(text, "\n")] = '\0';
    fclose(file);
    return text;
}

static const char *processor(char text[TEXT_SIZE])
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[TEXT_SIZE];

    snprintf(text, TEXT_SIZE, "unknown");
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');

        if (strncmp(line, "model name", 10) == 0 && colon) {
            colon[strcspn(colon, "\n")] = '\0';
            snprintf(text, TEXT_SIZE, "%s", colon + 2);
            break;
        }
    }
    if (file)
        fclose(file);
    return text;
}

/* The cores this process may run on, as taskset writes them: "0-3,6". */
static const char *affinity(char text[TEXT_SIZE])
{
    cpu_set_t cores;
    size_t used = 0;

    text[0] = '\0';
    if (sched_getaffinity(0, sizeof cores, &cores) < 0)
        return text;
    for (size_t i = 0; i < CPU_SETSIZE && used < TEXT_SIZE - 16; i++) {
        size_t last = i;

        if (!CPU_ISSET(i, &cores))
            continue;
        while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, &cores))
            last++;
        used += (size_t)snprintf(text + used, TEXT_SIZE - used, last > i ? "%s%zu-%zu" : "%s%zu",
                                 used > 0 ? "," : "", i, last);
        i = last;
    }
    return text;
}

static json_int_t descriptors(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (json_int_t)limit.rlim_max : 0;
}

json_t *environment_json(void)
{
    char cpu[TEXT_SIZE], cores[TEXT_SIZE], clock[TEXT_SIZE], queue[TEXT_SIZE];
    struct clock_cost cost = clock_cost_measure();
    struct utsname kernel;
    double load = 0;

    uname(&kernel);
    if (getloadavg(&load, 1) < 1)
        load = 0;
    first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource", clock);
    first_line("/proc/sys/net/core/somaxconn", queue);
    return json_pack("{ss ss ss ss ss ss ss ss si ss sI ss sf sI sI si sf}", /**/
                     "muelle", MUELLE_VERSION,                               /**/
                     "revision", MUELLE_REVISION,                            /**/
                     "compiler", MUELLE_COMPILER,                            /**/
                     "build", MUELLE_BUILD,                                  /**/
                     "libuv", uv_version_string(),                           /**/
                     "kernel", kernel.release,                               /**/
                     "machine", kernel.machine,                              /**/
                     "cpu", processor(cpu),                                  /**/
                     "cores", (int)sysconf(_SC_NPROCESSORS_ONLN),            /**/
                     "affinity", affinity(cores),                            /**/
                     "memory_bytes",
                     (json_int_t)sysconf(_SC_PHYS_PAGES) * (json_int_t)sysconf(_SC_PAGESIZE),
                     "clocksource", clock, /**/
                     "clock_cost_ns", cost.read_ns, "clock_tick_ns", (json_int_t)cost.tick_ns,
                     "descriptors", descriptors(), /**/
                     "somaxconn", atoi(queue),     /**/
                     "load_average", load);
}
