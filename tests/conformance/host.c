/* SPDX-License-Identifier: MIT */
#include "tests/conformance/host.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/stop.h"
#include "tests/conformance/check.h"
#include "tests/conformance/remains.h"

/* The model's promise is a second and a little; this only tells late from never. */
#define STOP_TIME_NS (UINT64_C(5) * SLOWDOWN * NS_PER_S)

/* Where the child reports: right after the three standard descriptors, and the last one open. */
enum { REPORT_FD = 3 };

struct report {
    uint64_t returned_ns; /* when the run returned */
    uint64_t totals[COUNTERS_COUNT];
};

/* --- leaks ------------------------------------------------------------------------------------ */

/* The process that runs the model, in it and in its workers. */
static pid_t model_pid;

/* LeakSanitizer asks this at the end of a process. To look for leaks takes it long, and hundreds of
 * workers that all end at the stop would take longer than they have for it: so it looks at the
 * model's own process and at one in sixteen of its workers, which all do the same. */
int __lsan_is_turned_off(void); // NOLINT(bugprone-reserved-identifier): the name is its own
int __lsan_is_turned_off(void)  // NOLINT(bugprone-reserved-identifier)
{
    return model_pid > 0 && getpid() != model_pid && getpid() % 16 != 0;
}

/* --- the child -------------------------------------------------------------------------------- */

static void report_write(const void *report, size_t size)
{
    if (write(REPORT_FD, report, size) != (ssize_t)size)
        _exit(1);
}

static void tell_port(const struct server *server)
{
    report_write(&server->port, sizeof server->port);
}

static void limit_descriptors(unsigned descriptors_free)
{
    struct rlimit limit;

    if (descriptors_free == 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = REPORT_FD + 1 + descriptors_free;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit: %s", strerror(errno));
}

static void unlimit_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void *nothing(void *argument)
{
    return argument;
}

/* With the first thread of a process ThreadSanitizer starts one of its own, which stays. */
static void start_first_thread(void)
{
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, nothing, NULL) == 0, "pthread_create");
    pthread_join(thread, NULL);
}

_Noreturn static void host_child(const struct server_config *config, unsigned descriptors_free)
{
    static struct server server;
    struct remains before;
    struct report report;

    model_pid = getpid();
    start_first_thread();
    remains_take(&before);
    limit_descriptors(descriptors_free);
    if (server_open(&server, config) < 0)
        exit(1);
    server.on_ready = tell_port;
    stop_on_signals(server.stop_fd);
    int failed = config->model->run(&server);

    report.returned_ns = clock_now_ns();
    counters_sum(&server.counters, report.totals);
    server_close(&server);
    unlimit_descriptors();
    if (failed < 0)
        fprintf(stderr, "the run failed: %s\n", strerror(-failed));
    bool clean = remains_are_gone(&before);

    report_write(&report, sizeof report);
    /* Not _exit(2): whatever a sanitizer has to say, it says now. */
    exit(failed == 0 && clean ? 0 : 1);
}

/* --- the parent ------------------------------------------------------------------------------- */

static void host_hear(struct host *host, void *report, size_t size, const char *what)
{
    struct pollfd waited = {.fd = host->report_fd, .events = POLLIN};
    int ready = poll(&waited, 1, WAIT_MS);

    CHECK(ready == 1, "the server did not %s within %d s", what, WAIT_MS / 1000);
    CHECK(read(host->report_fd, report, size) == (ssize_t)size, "the server ended and did not %s",
          what);
}

void host_start(struct host *host, const struct server_config *config, unsigned descriptors_free)
{
    int fds[2];

    CHECK(pipe(fds) == 0, "pipe: %s", strerror(errno));
    *host = (struct host){.config = config, .report_fd = fds[0], .pid = fork()};
    CHECK(host->pid >= 0, "fork: %s", strerror(errno));
    if (host->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(fds[1], REPORT_FD);
        close_range(REPORT_FD + 1, ~0U, 0);
        host_child(config, descriptors_free);
    }
    close(fds[1]);
    host_hear(host, &host->port, sizeof host->port, "get ready");
}

void host_stop_begin(struct host *host)
{
    host->stop_ns = clock_now_ns();
    CHECK(kill(host->pid, SIGTERM) == 0, "kill: %s", strerror(errno));
}

void host_stop_end(struct host *host, uint64_t *totals)
{
    struct report report;
    int status;

    host_hear(host, &report, sizeof report, "stop");
    close(host->report_fd);
    CHECK(waitpid(host->pid, &status, 0) == host->pid, "waitpid: %s", strerror(errno));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0,
          "the server ended with status %#x; what it says about it is above", (unsigned)status);
    host->stop_taken_ns = report.returned_ns - host->stop_ns;
    CHECK(host->stop_taken_ns < STOP_TIME_NS, "the run took %ju ms to stop",
          (uintmax_t)(host->stop_taken_ns / NS_PER_MS));

    const uint64_t *counted = report.totals;

    CHECK(counted[COUNTER_ACCEPTS] == counted[COUNTER_REJECTS] + counted[COUNTER_CLOSES],
          "accepts %ju, rejects %ju, closes %ju", (uintmax_t)counted[COUNTER_ACCEPTS],
          (uintmax_t)counted[COUNTER_REJECTS], (uintmax_t)counted[COUNTER_CLOSES]);
    if (totals)
        memcpy(totals, counted, sizeof report.totals);
}

/* --- its processes ---------------------------------------------------------------------------- */

enum { PROCESSES_MAX = 1024 };

/* Of a process that may just have ended: then 0. */
static pid_t parent_of(const char *pid)
{
    char path[64], line[512];
    long parent = 0;
    FILE *stat;

    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    stat = fopen(path, "re");
    if (!stat)
        return 0;
    /* The name in brackets may contain anything; after it come the state, a letter, and this. */
    const char *name_end = fgets(line, sizeof line, stat) ? strrchr(line, ')') : NULL;

    if (name_end && strlen(name_end) > 4 && name_end[2] != 'Z')
        parent = strtol(name_end + 4, NULL, 10);
    fclose(stat);
    return (pid_t)parent;
}

size_t host_workers(const struct host *host, pid_t *workers, size_t max)
{
    DIR *directory = opendir("/proc");
    size_t count = 0;

    CHECK(directory, "/proc: %s", strerror(errno));
    for (struct dirent *entry; (entry = readdir(directory));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid <= 0 || parent_of(entry->d_name) != host->pid)
            continue;
        if (count < max)
            workers[count] = pid;
        count++;
    }
    closedir(directory);
    return count;
}

/* The server's process and after it those of its workers, if it has any: how many. */
static size_t host_processes(const struct host *host, pid_t *pids)
{
    size_t workers = 0;

    pids[0] = host->pid;
    if (host->config->model->forks)
        workers = host_workers(host, pids + 1, PROCESSES_MAX - 1);
    CHECK(workers < PROCESSES_MAX, "%zu worker processes", workers);
    return 1 + workers;
}

/* 0 when it has just ended. */
static uint64_t process_cpu_ns(pid_t pid)
{
    struct timespec time;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) < 0)
        return 0;
    return timespec_ns(time);
}

uint64_t host_cpu_ns(const struct host *host)
{
    pid_t pids[PROCESSES_MAX];
    size_t count = host_processes(host, pids);
    uint64_t cpu_ns = 0;

    CHECK(process_cpu_ns(host->pid) > 0, "the server's CPU clock cannot be read");
    for (size_t i = 0; i < count; i++)
        cpu_ns += process_cpu_ns(pids[i]);
    return cpu_ns;
}

/* 0 when it has just ended. */
static uint64_t process_memory(pid_t pid, const char *field)
{
    char path[64], line[256];
    uint64_t kilobytes = 0;
    FILE *status;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    status = fopen(path, "re");
    if (!status)
        return 0;
    while (kilobytes == 0 && fgets(line, sizeof line, status)) {
        size_t size = strlen(field);

        if (strncmp(line, field, size) == 0 && line[size] == ':')
            kilobytes = strtoull(line + size + 1, NULL, 10);
    }
    fclose(status);
    return kilobytes * 1024;
}

uint64_t host_memory(const struct host *host, const char *field)
{
    pid_t pids[PROCESSES_MAX];
    size_t count = host_processes(host, pids);
    uint64_t largest = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t size = process_memory(pids[i], field);

        largest = size > largest ? size : largest;
    }
    CHECK(largest > 0, "there is no %s in /proc/%d/status", field, (int)host->pid);
    return largest;
}
