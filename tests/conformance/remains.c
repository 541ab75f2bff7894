/* SPDX-License-Identifier: MIT */
#include "tests/conformance/remains.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"

static size_t count_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    size_t count = 0;

    if (!tasks)
        return 0;
    for (struct dirent *entry; (entry = readdir(tasks));)
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

static void find_open(bool *is_open)
{
    DIR *directory = opendir("/proc/self/fd");

    memset(is_open, 0, REMAINS_FD_MAX * sizeof *is_open);
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        char *end;
        unsigned long fd = strtoul(entry->d_name, &end, 10);

        if (end != entry->d_name && fd < REMAINS_FD_MAX && fd != (unsigned long)dirfd(directory))
            is_open[fd] = true;
    }
    closedir(directory);
}

void remains_take(struct remains *remains)
{
    remains->threads_count = count_threads();
    find_open(remains->is_open);
}

static bool threads_are_gone(size_t before)
{
    uint64_t deadline_ns = clock_now_ns() + 2 * NS_PER_S;

    while (count_threads() > before) {
        if (clock_now_ns() > deadline_ns) {
            fprintf(stderr, "left behind: %zu threads\n", count_threads() - before);
            return false;
        }
        poll(NULL, 0, 1);
    }
    return true;
}

static bool descriptors_are_gone(const bool *before)
{
    bool now[REMAINS_FD_MAX], gone = true;

    find_open(now);
    for (int fd = 0; fd < REMAINS_FD_MAX; fd++) {
        char link[64], target[256] = "?";

        if (!now[fd] || before[fd])
            continue;
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t size = readlink(link, target, sizeof target - 1);
        if (size > 0)
            target[size] = '\0';
        fprintf(stderr, "left behind: descriptor %d, %s\n", fd, target);
        gone = false;
    }
    return gone;
}

static bool children_are_gone(void)
{
    pid_t child = waitpid(-1, NULL, WNOHANG);

    if (child < 0 && errno == ECHILD)
        return true;
    fprintf(stderr, "left behind: a child process%s\n", child > 0 ? ", not waited for" : "");
    return false;
}

bool remains_are_gone(const struct remains *before)
{
    bool threads = threads_are_gone(before->threads_count);
    bool descriptors = descriptors_are_gone(before->is_open);

    return children_are_gone() && threads && descriptors;
}
