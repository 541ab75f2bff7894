/* SPDX-License-Identifier: MIT */
#include "loadgen/record/resources.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "loadgen/record/process_tree.h"

/* Larger than any of the files that are read. */
enum { PROC_FILE_MAX = 4096 };

/* Reads `directory_fd`/`name` as a string; false when it is not there (any more). */
static bool read_at(int directory_fd, const char *name, char text[PROC_FILE_MAX])
{
    int fd = openat(directory_fd, name, O_RDONLY | O_CLOEXEC);
    ssize_t size;

    if (fd < 0)
        return false;
    size = read(fd, text, PROC_FILE_MAX - 1);
    close(fd);
    text[size > 0 ? size : 0] = '\0';
    return size > 0;
}

/* The number behind "\nNAME:" of a status file; 0 when it is not there. */
static uint64_t status_field(const char *status, const char *name)
{
    const char *found = strstr(status, name);

    return found ? strtoull(found + strlen(name), NULL, 10) : 0;
}

static void add_thread(int task_fd, const char *tid, struct resources_sample *sample)
{
    char text[PROC_FILE_MAX], path[64];

    snprintf(path, sizeof path, "%s/status", tid);
    if (!read_at(task_fd, path, text))
        return;
    sample->voluntary_switches += status_field(text, "\nvoluntary_ctxt_switches:");
    sample->involuntary_switches += status_field(text, "\nnonvoluntary_ctxt_switches:");
    snprintf(path, sizeof path, "%s/schedstat", tid);
    if (read_at(task_fd, path, text)) {
        /* Nanoseconds on a core, nanoseconds waiting for one, turns. */
        char *end;

        (void)strtoull(text, &end, 10);
        sample->run_queue_delay_ns += strtoull(end, NULL, 10);
        sample->has_run_queue_delay = true;
    }
}

static void add_threads_of(pid_t pid, struct resources_sample *sample)
{
    char path[64];
    DIR *directory;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    directory = opendir(path);
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] != '.')
            add_thread(dirfd(directory), entry->d_name, sample);
    }
    closedir(directory);
}

static void add_memory_of(pid_t pid, struct resources_sample *sample)
{
    char path[64], text[PROC_FILE_MAX];

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    if (read_at(AT_FDCWD, path, text))
        sample->pss_bytes += status_field(text, "\nPss:") * 1024;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    if (read_at(AT_FDCWD, path, text))
        sample->page_tables_bytes += status_field(text, "\nVmPTE:") * 1024;
}

int resources_sample_threads(pid_t pid, struct resources_sample *sample)
{
    uint64_t begin_ns = clock_now_ns();
    struct process_tree tree;
    int failed = process_tree_find(pid, &tree);

    if (failed < 0)
        return failed;
    for (size_t i = 0; i < tree.count; i++)
        add_threads_of(tree.pids[i], sample);
    sample->walked_ns = begin_ns + (clock_now_ns() - begin_ns) / 2;
    process_tree_release(&tree);
    return 0;
}

int resources_sample_memory(pid_t pid, struct resources_sample *sample)
{
    struct process_tree tree;
    int failed = process_tree_find(pid, &tree);

    if (failed < 0)
        return failed;
    for (size_t i = 0; i < tree.count; i++)
        add_memory_of(tree.pids[i], sample);
    process_tree_release(&tree);
    return 0;
}

/* What /proc/PID/stat tells of CPU time, in clock ticks. */
struct ticks {
    uint64_t user, system;
    uint64_t gone_user, gone_system; /* of children that have ended and were waited for */
};

/* False when the process has gone. */
static bool read_ticks(pid_t pid, struct ticks *ticks)
{
    char path[64], text[PROC_FILE_MAX];
    const char *after_name;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (!read_at(AT_FDCWD, path, text) || !(after_name = strrchr(text, ')')))
        return false;
    /* Fields 14 to 17; the name, field 2, may contain anything, so counting begins behind it. */
    return sscanf(after_name + 2,
                  "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64 " %" SCNu64
                  " %" SCNu64,
                  &ticks->user, &ticks->system, &ticks->gone_user, &ticks->gone_system) == 4;
}

static uint64_t ns_of_ticks(uint64_t ticks)
{
    return ticks * NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
}

/* False when it has gone. One that has ended and was not waited for yet has no clock any more, but
 * still its ticks. */
static bool add_process(pid_t pid, struct resources_sample *sample)
{
    char path[64], text[PROC_FILE_MAX];
    struct timespec cpu;
    struct ticks ticks;
    clockid_t clock;
    bool has_clock = clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &cpu) == 0;

    if (sample->taken_ns == 0)
        sample->taken_ns = clock_now_ns();
    if (!read_ticks(pid, &ticks))
        return false;
    sample->cpu_ns += has_clock ? timespec_ns(cpu) : ns_of_ticks(ticks.user + ticks.system);
    sample->cpu_ns += ns_of_ticks(ticks.gone_user + ticks.gone_system);
    sample->user_ticks += ticks.user + ticks.gone_user;
    sample->system_ticks += ticks.system + ticks.gone_system;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    if (read_at(AT_FDCWD, path, text)) {
        sample->rss_bytes += status_field(text, "\nVmRSS:") * 1024;
        sample->threads += (unsigned)status_field(text, "\nThreads:");
        sample->processes++;
    }
    return true;
}

/* Adds the process and all that descend from it. False when that has to be done again: a child
 * ended meanwhile, and it cannot be told whether it was counted once, twice or not at all. */
static bool add_processes(pid_t pid, struct resources_sample *sample)
{
    struct ticks before = {0}, after = {0};
    struct process_tree tree;
    bool still_there = read_ticks(pid, &before) && add_process(pid, sample);

    if (!still_there || process_tree_find(pid, &tree) < 0)
        return true;
    for (size_t i = 1; i < tree.count; i++)
        (void)add_process(tree.pids[i], sample);
    process_tree_release(&tree);
    return !read_ticks(pid, &after) ||
           before.gone_user + before.gone_system == after.gone_user + after.gone_system;
}

int resources_sample_process(pid_t pid, struct resources_sample *sample)
{
    enum { TRIES = 5 };
    struct resources_sample processes;
    cpu_set_t cores;
    bool settled = false;

    for (int i = 0; i < TRIES && !settled; i++) {
        processes = (struct resources_sample){0};
        settled = add_processes(pid, &processes);
    }
    if (processes.processes == 0)
        return -ESRCH;
    sample->taken_ns = processes.taken_ns;
    sample->cpu_ns = processes.cpu_ns;
    sample->user_ticks = processes.user_ticks;
    sample->system_ticks = processes.system_ticks;
    sample->rss_bytes = processes.rss_bytes;
    sample->threads = processes.threads;
    sample->processes = processes.processes;
    sample->cores = sched_getaffinity(pid, sizeof cores, &cores) == 0
                        ? (unsigned)CPU_COUNT(&cores)
                        : (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    return 0;
}

static uint64_t difference(uint64_t after, uint64_t before)
{
    return after > before ? after - before : 0; /* threads ended in between */
}

/* What the threads counted between two walks, as much of it as belongs to the observed span. The
 * first walk comes before that span; when the second one begins the load is over, and with it the
 * counting. */
static uint64_t observed_part(const struct resources_sample *before,
                              const struct resources_sample *after, uint64_t counted)
{
    uint64_t observed_ns = difference(after->taken_ns, before->taken_ns);
    uint64_t walked_ns = difference(after->taken_ns, before->walked_ns);

    if (walked_ns <= observed_ns)
        return counted;
    return (uint64_t)((double)counted * (double)observed_ns / (double)walked_ns + 0.5);
}

struct resources resources_between(const struct resources_sample *before,
                                   const struct resources_sample *after)
{
    uint64_t cpu_ns = difference(after->cpu_ns, before->cpu_ns);
    uint64_t user = difference(after->user_ticks, before->user_ticks);
    uint64_t system = difference(after->system_ticks, before->system_ticks);
    double user_share = user + system > 0 ? (double)user / (double)(user + system) : 0.0;
    uint64_t user_ns = (uint64_t)((double)cpu_ns * user_share);

    return (struct resources){
        .observed_ns = difference(after->taken_ns, before->taken_ns),
        .cpu_user_ns = user_ns,
        .cpu_system_ns = cpu_ns - user_ns,
        .rss_bytes = after->rss_bytes,
        /* When the second walk begins the connections are closing. */
        .pss_bytes = before->pss_bytes,
        .page_tables_bytes = before->page_tables_bytes,
        .threads = after->threads,
        .processes = after->processes,
        .cores = after->cores,
        .voluntary_switches = observed_part(
            before, after, difference(after->voluntary_switches, before->voluntary_switches)),
        .involuntary_switches = observed_part(
            before, after, difference(after->involuntary_switches, before->involuntary_switches)),
        .has_run_queue_delay = before->has_run_queue_delay && after->has_run_queue_delay,
        .run_queue_delay_ns = observed_part(
            before, after, difference(after->run_queue_delay_ns, before->run_queue_delay_ns)),
    };
}

double resources_busy_share(const struct resources *resources)
{
    unsigned usable = resources->threads < resources->cores ? resources->threads : resources->cores;

    if (resources->observed_ns == 0 || usable == 0)
        return 0.0;
    return (double)(resources->cpu_user_ns + resources->cpu_system_ns) /
           ((double)resources->observed_ns * usable);
}
